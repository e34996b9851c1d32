//! `export-pdf`: a transcript of 200 messages as PDF, from the value to the bytes, against WeasyPrint printing the HTML of the same
//! transcript. Both are warm: fonts are read, modules are imported. `ratio` is how many times as fast ours is.
//!
//! No engine is involved, so the line is printed once. WeasyPrint comes from PyPI into a folder of its own (tests/bench/run).

use crate::{
    bench::{
        Size,
        measure::{Figure, median},
    },
    engine::Engine,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{hint::black_box, io::Write, path::PathBuf, process::Command, time::Instant};
use uuid::Uuid;
use vitrina_domain::{account::Brand, conversation::Audience, locale::Locale};
use vitrina_pdf::Printer;
use vitrina_projections::{
    document::{Manner, html},
    transcript::{Entry, Part, Person, Shop, Transcript, What, Who, document::document},
};

/// Messages of the transcript.
const MESSAGES: usize = 200;
/// Prints the file `argv[1]` `argv[2]` times and tells the milliseconds of each, one a line; the first is not counted.
const WEASYPRINT: &str = "import sys, time, weasyprint
page = open(sys.argv[1], encoding='utf-8').read()
for turn in range(int(sys.argv[2]) + 1):
    began = time.perf_counter()
    pdf = weasyprint.HTML(string=page).write_pdf(pdf_tags=True)
    if turn: print((time.perf_counter() - began) * 1000)
sys.stderr.write('  WeasyPrint %s: %d bytes\\n' % (weasyprint.__version__, len(pdf)))
";

/// What is said, in the languages of the product and some others.
const SAID: [&str; 8] = [
    "¡Hola! ¿Qué tal? Me gustaría ver la lámpara de pie en latón envejecido. ¿Cuánto cuesta el envío a Logroño?",
    "Olá, bom dia! Não consigo encontrar a promoção — «coração», pão, avô, à vista, exceção.",
    "Bon dia! El col·lega de la botiga diu que l’ïndex és a la pàgina 3; això és plaça, Lluç, açò.",
    "Perfecto 👍 gracias 😊🎉 ¡un abrazo!",
    "مرحبا، أريد أن أشتري هذا المصباح. السعر 45.50 € من فضلك؟",
    "שלום, מה המחיר? The mixed line: עברית and English 123.",
    "Le explico: el bolso está hecho a mano en Ubrique, con piel de vacuno curtida de forma vegetal. Tiene dos compartimentos, un bolsillo con cremallera y una correa ajustable. La garantía es de dos años y la devolución es gratuita durante treinta días naturales.",
    "Ok.",
];

/// Prints one line: milliseconds of both.
///
/// # Panics
/// When WeasyPrint is not there (`VITRINA_BENCH_PYTHON` names a Python that has it) or cannot print.
pub fn run(engine: Engine, size: Size) {
    if engine != Engine::ALL[0] {
        return;
    }
    let rounds = size.pick(15, 1);
    let transcript = transcript(MESSAGES);
    let manner = Manner { locale: Locale::Es, zone: "Europe/Madrid".parse().expect("a zone") };
    let printer = Printer::new(&[]);
    let mut ours = Vec::new();
    let mut bytes = 0;
    for round in 0..=rounds {
        let began = Instant::now();
        bytes = black_box(printer.print(&document(black_box(&transcript), manner)).expect("it prints")).len();
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        if round > 0 {
            ours.push(ms);
        }
    }
    eprintln!("  ours: {bytes} bytes");
    let theirs = weasyprint(&html(&document(&transcript, manner)), size.pick(3, 1));
    let (ours, theirs) = (median(ours), median(theirs));
    let mut figure = Figure::new("export-pdf", engine, ours, theirs, "ms");
    figure.engine = "none";
    figure.ratio = (theirs / ours * 10.0).round() / 10.0;
    figure.print();
}

fn weasyprint(page: &str, rounds: usize) -> Vec<f64> {
    let python = std::env::var_os("VITRINA_BENCH_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let path = std::env::temp_dir().join(format!("vitrina-export-pdf-{}.html", std::process::id()));
    std::fs::File::create(&path).and_then(|mut file| file.write_all(page.as_bytes())).expect("a place for a page");
    let told = Command::new(python).args(["-c", WEASYPRINT]).arg(&path).arg(rounds.to_string()).output().expect("Python is there");
    let _ = std::fs::remove_file(&path);
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "WeasyPrint did not print: {errors}");
    eprint!("{}", errors.lines().filter(|line| line.starts_with("  ")).map(|line| format!("{line}\n")).collect::<String>());
    String::from_utf8_lossy(&told.stdout).lines().filter_map(|line| line.parse().ok()).collect()
}

/// A chat of so many messages.
fn transcript(messages: usize) -> Transcript {
    let began: DateTime<Utc> = "2026-11-22T16:00:00Z".parse().expect("an instant");
    let who = |part, name: &str| Who { part, id: Some(Uuid::from_u128(part as u128 + 1)), name: Some(name.to_owned()) };
    let (customer, shopper) = (who(Part::Customer, "Núria Ibáñez"), who(Part::Shopper, "Begoña Ruiz"));
    let entry = |index: usize| Entry {
        position: index as i64 + 1,
        at: began + TimeDelta::seconds(index as i64 * 23),
        who: if index.is_multiple_of(2) { customer.clone() } else { shopper.clone() },
        what: What::Message {
            id: Uuid::from_u128(index as u128),
            text: Some(SAID[index % SAID.len()].to_owned()),
            private: false,
            template: None,
        },
    };
    let person = |who: &Who| Person {
        who: who.clone(),
        email: None,
        phone: None,
        address: None,
        company: None,
        external_id: None,
        from: began,
        to: None,
    };
    Transcript {
        conversation_id: Uuid::from_u128(7),
        shop: Shop { name: "La Lámpara".to_owned(), color: Brand::default().color },
        audience: Audience::Staff,
        recorded_to: messages as i64,
        recorded_at: began,
        call: None,
        channel: "web".to_owned(),
        language: Some("ca".to_owned()),
        country: Some("ES".to_owned()),
        department: None,
        opened_at: began,
        closed_at: None,
        outcome: None,
        tags: vec![],
        note: None,
        messages,
        people: vec![person(&customer), person(&shopper)],
        entries: (0..messages).map(entry).collect(),
        products: vec![],
        cart: vec![],
        cart_totals: vec![],
        rating: None,
    }
}
