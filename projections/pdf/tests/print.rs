//! Documents printed, and read again by the programs that people have: text taken back, pages counted, rules for readers by ear kept.

use std::{path::PathBuf, process::Command};
use vitrina_domain::{
    account::{Brand, Colour},
    locale::Locale,
};
use vitrina_pdf::Printer;
use vitrina_projections::chart::{Datum, Look, Picture, Theme, line};
use vitrina_projections::document::{Align, Block, Column, Document, Fact, Section, Speech, Table, Voice};

/// What customers and shoppers write, in all the ways that have broken pages elsewhere.
const SAID: [&str; 12] = [
    "¡Hola! ¿Qué tal? Me gustaría ver el vestido de niña en azul marengo, talla única. ¿Cuánto cuesta el envío a Logroño?",
    "Olá, bom dia! Não consigo encontrar a promoção — «coração», pão, avô, à vista, exceção.",
    "Bon dia! El col·lega de la botiga diu que l’ïndex és a la pàgina 3; això és plaça, Lluç, açò.",
    "Perfecto 👍🏽 gracias 😊🎉 ¡un abrazo! 👩‍👩‍👧‍👦 🇪🇸 🇧🇷 ❤️ 1️⃣",
    "你好，我想看看这条裙子的颜色。可以寄到香港吗？謝謝！",
    "こんにちは。送料はいくらですか？ｶﾀｶﾅ 한국어도 됩니다. 감사합니다",
    "مرحبا، أريد أن أشتري هذا الفستان. السعر 45.50 € من فضلك؟",
    "שלום, מה המחיר? The mixed line: עברית and English 123.",
    "#eval(1+1) *no bold* $x^2$ @ref <label> \\ / // /* `raw` [link] ~ -- --- <script>alert(1)</script> &amp;",
    "Línea 1\nLínea 2\n\nLínea 4 con\ttabulador y espacios    múltiples.",
    "H̸̡̪̯ͨ͊̽̅̾ȩ̬̩̾͛ͪ̈́̀́͘ nulo\u{0}bell\u{7} esc\u{1b} zwsp\u{200b}rlo\u{202e}txet\u{202c} हिन्दी สวัสดี fin",
    "Ok.",
];

fn fonts() -> Vec<PathBuf> {
    vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fonts")]
}

fn speech(index: usize, text: String) -> Block {
    let voice = [Voice::Customer, Voice::House, Voice::Private, Voice::System][index % 4];
    let who = ["Núria Ibáñez", "Begoña", "Begoña", "Mensaje automático"][index % 4];
    let details = if index % 7 == 3 { vec![format!("SHA-256 {}", "0123456789abcdef".repeat(4))] } else { vec![] };
    Block::Speech(Speech { voice, who: who.into(), at: format!("17:{:02}:{:02}", index / 60 % 60, index % 60), text, details })
}

/// A line with a gap, so that there is a bit of every shape but a column.
fn chart() -> Picture {
    let datum = |(day, value): (usize, Option<f64>)| Datum { label: format!("{}/11", day + 1), value, word: String::new() };
    let data: Vec<Datum> = [Some(10.0), Some(-20.0), None, Some(55.5), Some(100.0)].into_iter().enumerate().map(datum).collect();
    let brand = Brand { color: Colour::new(0x1f, 0x6f, 0x5c) };
    let look = Look { title: "NPS por día".into(), description: "Cinco días.".into(), theme: Theme::Light, brand };
    line(&data, -100.0, 100.0, look)
}

fn document(messages: usize) -> Document {
    let mut talk = vec![Block::Heading("22 de noviembre de 2026".into())];
    for index in 0..messages {
        let text = match index % 14 {
            12 => "M".repeat(300),
            13 => format!("https://tienda.example/ca/producte/{}?utm_source=xat", "a1b2c3d4e5f6".repeat(12)),
            other => SAID[other].to_owned(),
        };
        talk.push(speech(index, text));
        if index % 9 == 4 {
            talk.push(Block::Event { at: "17:10:00".into(), text: "Begoña añadió 2 × Lámpara «Sol» al carrito".into() });
        }
    }
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    let column = |title: &str, width, align| Column { title: title.into(), width, align };
    let cart = Table {
        columns: vec![column("Producto", 4.0, Align::Start), column("Cantidad", 1.0, Align::End), column("Importe", 2.0, Align::End)],
        rows: vec![
            vec!["Lámpara de pie «Sol», latón envejecido".into(), "2".into(), "398,00 EUR".into()],
            vec!["Bombilla".into(), "10".into(), "45,50 EUR".into()],
            vec!["Total".into(), String::new(), "443,50 EUR".into()],
        ],
    };
    Document {
        locale: Locale::Es,
        brand: Brand { color: Colour::new(0x1f, 0x6f, 0x5c) },
        shop: "La Lámpara".into(),
        kind: "Transcripción".into(),
        title: "Videollamada con Núria Ibáñez".into(),
        subtitle: "22 de noviembre de 2026 · todas las horas en Europe/Madrid (UTC+01:00)".into(),
        foot: "Registro 0190, hasta el asiento 4711".into(),
        page: "página",
        sections: vec![
            Section {
                title: "Datos".into(),
                blocks: vec![Block::Facts(vec![fact("Inicio", "17:04:09"), fact("Nota", &"Prefiere latón. ".repeat(20))])],
            },
            Section { title: "Lo que se dijo y se hizo".into(), blocks: talk },
            Section { title: "Carrito".into(), blocks: vec![Block::Table(cart)] },
            Section { title: "Cifras".into(), blocks: vec![Block::Chart(chart())] },
        ],
    }
}

/// Runs one of poppler's tools over the file; it is part of what the tests need (tests/run).
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> String {
    use std::io::Write;
    let mut child = Command::new(tool)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{tool} is missing (Debian: poppler-utils): {error}"));
    let mut stdin = child.stdin.take().expect("its input");
    let pdf = pdf.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&pdf)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it wrote");
    assert!(output.status.success(), "{tool} refuses the file");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The letters in order, without white: lines break where the page does.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{c}')).collect()
}

#[test]
fn the_same_document_gives_the_same_bytes_from_one_printer_and_from_another() {
    let document = document(40);
    let printer = Printer::new(&fonts());
    let first = printer.print(&document).expect("a file");
    assert_eq!(first, printer.print(&document).expect("a file"));
    assert_eq!(first, Printer::new(&fonts()).print(&document).expect("a file"));
    if let Some(path) = std::env::var_os("KEEP_PDF") {
        std::fs::write(path, first).expect("kept to be looked at");
    }
}

#[test]
fn every_text_of_a_document_can_be_taken_back_in_every_script() {
    let document = document(28);
    let pdf = Printer::new(&fonts()).print(&document).expect("a file");
    let found = letters(&poppler("pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], &pdf));
    let of_one_direction = |text: &str| !text.chars().any(|c| ('\u{590}'..='\u{6ff}').contains(&c));
    for text in document.texts().into_iter().filter(|text| of_one_direction(text)) {
        // A text that goes on on the next page has a foot in its middle: its halves are looked for.
        let wanted = letters(&vitrina_projections::document::plain(text));
        let is_there = found.contains(&wanted)
            || (1..wanted.len()).filter(|at| wanted.is_char_boundary(*at)).any(|at| {
                let (head, tail) = wanted.split_at(at);
                found.contains(head) && found.contains(tail) && head.len().min(tail.len()) > 8
            });
        assert!(is_there, "{text:?} is not in the file");
    }
    for word in ["مرحبا", "الفستان", "שלום", "המחיר", "עברית", "English"] {
        assert!(found.contains(word), "{word} is not in the file");
    }
}

#[test]
fn a_document_is_tagged_has_bookmarks_and_keeps_the_rules_for_readers_by_ear() {
    let pdf = Printer::new(&fonts()).print(&document(28)).expect("a file");
    let info = poppler("pdfinfo", &["-"], &pdf);
    let of = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap_or_default().to_owned();
    assert_eq!(of("Tagged:"), "yes", "{info}");
    assert_eq!(of("Title:"), "Videollamada con Núria Ibáñez", "{info}");
    assert_eq!(of("JavaScript:"), "no", "{info}");
    assert!(of("Page size:").contains("A4"), "{info}");
    assert!(poppler("pdfinfo", &["-meta", "-"], &pdf).contains("pdfuaid:part"), "the promise of PDF/UA-1");
    let tree = poppler("pdfinfo", &["-struct-text", "-"], &pdf);
    for element in ["H1", "H2", "H3", "Table", "TH", "TD", "LBody", "Sect", "Figure"] {
        assert!(tree.contains(element), "{element} is not in the tree");
    }
    let fonts = poppler("pdffonts", &["-"], &pdf);
    for line in fonts.lines().skip(2).filter(|line| !line.contains("Type 3")) {
        assert!(line.contains(" yes yes yes"), "a font is not embedded, or its text cannot be taken back: {line}");
    }
}

#[test]
fn the_foot_is_whole_on_every_page_however_long_its_language_and_its_numbers_are() {
    let id = "01a2f0c3-9bd4-7e5f-8a6b-1c2d3e4f5a6b";
    let feet = [
        format!("Record {id}, up to entry {} of 23 November 2026, 17:52:23", i64::MAX),
        format!("Registro {id}, até o lançamento {} de 23 de novembro de 2026, 17:52:23", i64::MAX),
        format!("Registre {id}, fins a l’assentament {} del 23 de novembre de 2026, 17:52:23", i64::MAX),
    ];
    for foot in feet {
        let document = Document { foot: foot.clone(), page: "pàgina", ..document(140) };
        let pdf = Printer::new(&[]).print(&document).expect("a file");
        let text = poppler("pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], &pdf);
        let pages: Vec<&str> = text.split_terminator('\u{c}').collect();
        assert!(pages.len() > 9, "numbers of two digits, too: {}", pages.len());
        for (index, page) in pages.iter().enumerate() {
            let number = format!("pàgina {} / {}", index + 1, pages.len());
            assert!(letters(page).contains(&letters(&foot)) && page.contains(&number), "page {} has another foot: {page}", index + 1);
        }
        // Nothing of it is beyond the edge, where paper ends and `pdftotext` does not.
        let cut = poppler("pdftotext", &["-raw", "-x", "0", "-y", "780", "-W", "595", "-H", "55", "-enc", "UTF-8", "-", "-"], &pdf);
        assert_eq!(letters(&cut).matches(&letters(&foot)).count(), pages.len(), "{cut}");
    }
}

#[test]
fn a_script_without_a_font_cannot_be_seen_and_can_still_be_taken_back() {
    let mut document = document(0);
    document.sections[0].blocks.push(Block::Text("漢字かな交じり文".into()));
    let pdf = Printer::new(&[]).print(&document).expect("a file");
    let found = letters(&poppler("pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], &pdf));
    assert!(found.contains("漢字かな交じり文"), "{found}");
}

#[test]
fn a_printer_says_for_which_scripts_it_has_no_font() {
    let (none, some) = (Printer::new(&[]), Printer::new(&fonts()));
    for script in ["Chinese", "Japanese", "Korean"] {
        assert!(none.unknown_scripts().contains(&script), "{script}: {:?}", none.unknown_scripts());
    }
    assert!(!some.unknown_scripts().contains(&"Chinese"), "{:?}", some.unknown_scripts());
    assert!(!none.unknown_scripts().contains(&"Latin") && !none.unknown_scripts().contains(&"Arabic"));
}

#[test]
fn a_letter_without_a_font_takes_its_place_and_what_follows_stays_where_it_is() {
    let mut document = document(0);
    let lines = ["talla 中.png", "talla 中 azul", "大 x 小 y", "café こ, カ; 한 fin"];
    document.sections[0].blocks.extend(lines.map(|line| Block::Text(line.into())));
    let pdf = Printer::new(&[]).print(&document).expect("a file");
    let text = poppler("pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], &pdf);
    if let Some(path) = std::env::var_os("KEEP_PDF") {
        std::fs::write(path, &pdf).expect("kept to be looked at");
    }
    for line in lines {
        assert!(text.lines().any(|found| found == line), "{line:?} with its white is not in {text}");
    }
    // No letter's box lies over the next one's.
    let boxes = poppler("pdftotext", &["-bbox", "-enc", "UTF-8", "-", "-"], &pdf);
    let edge = |word: &str, name: &str| -> f32 {
        let line = boxes.lines().find(|line| line.contains(&format!(">{word}<"))).unwrap_or_else(|| panic!("{word} is not in {boxes}"));
        let value = line.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"')).expect("an edge").0;
        value.parse().expect("a number")
    };
    for (letter, next) in [("大", "x"), ("小", "y")] {
        assert!(edge(letter, "xMax") < edge(next, "xMin"), "{letter} covers {next}: {boxes}");
    }
}

#[test]
fn a_word_longer_than_a_page_and_an_empty_document_make_files() {
    let printer = Printer::new(&[]);
    let mut long = document(1);
    long.sections[1].blocks.push(speech(0, "x".repeat(20_000)));
    let pages = poppler("pdfinfo", &["-"], &printer.print(&long).expect("a file"));
    assert!(!pages.contains("Pages:           1\n"), "{pages}");
    let empty = Document { sections: vec![], title: String::new(), shop: String::new(), ..document(0) };
    assert!(poppler("pdfinfo", &["-"], &printer.print(&empty).expect("a file")).contains("Pages:           1\n"));
}

#[test]
fn a_table_says_its_headings_again_on_every_page_that_it_goes_on_to_and_no_row_is_cut() {
    let mut document = document(0);
    let Some(Block::Table(table)) = document.sections[2].blocks.first_mut() else { panic!("the cart is a table") };
    let row = |n: usize| {
        vec![format!("Pieza{n:03} de latón, {}", "con pantalla de lino y cable de tela ".repeat(n % 4)), n.to_string(), "1,00 EUR".into()]
    };
    table.rows = (0..120).map(row).collect();
    let pdf = Printer::new(&fonts()).print(&document).expect("a file");
    let text = poppler("pdftotext", &["-layout", "-enc", "UTF-8", "-", "-"], &pdf);
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| page.contains("Pieza")).collect();
    assert!(pages.len() > 3, "{}", pages.len());
    for page in &pages {
        assert_eq!((page.matches("Producto").count(), page.matches("Cantidad").count()), (1, 1), "{page}");
        assert!(page.find("Producto") < page.find("Pieza"), "{page}");
    }
    // By ear they are told once.
    let tree = poppler("pdfinfo", &["-struct-text", "-"], &pdf);
    assert_eq!(tree.matches("Producto").count(), 1);
    assert_eq!((0..120).filter(|n| tree.contains(&format!("Pieza{n:03}"))).count(), 120);
}
