//! `growth_…`: median time of a command, a read of the queue and of a chat's history, and the time to start, with 2 M events
//! in the log. Limit: the same with 10 k events, in turn with it.

use crate::{
    bench::{
        Scene, Size,
        history::Shop,
        measure::{Figure, in_turn, median_ms},
        served::{self, Served, message_of},
        store,
    },
    engine::{Engine, Place},
    load::{self, Repeated, Until},
    server::Server,
    walk::Visit,
};
use std::time::Instant;
use vitrina_domain::ids::{AccountId, ShopperId};

/// A place with a past, and what can be asked there.
struct Grown {
    place: Place,
    visit: Visit,
    owner_token: String,
}

/// Runs it and prints four lines.
pub fn run(engine: Engine, size: Size) {
    let (few, many) = size.pick((10_000, 2_000_000), (500, 1_500));
    let (rounds, requests) = size.pick((5, 400), (1, 10));
    let scene = Scene::new(engine);
    let (small, large) = (grow(scene.place("small"), few), grow(scene.place("large"), many));

    let (of_large, of_small) = in_turn(rounds, || start_ms(&large.place), || start_ms(&small.place));
    Figure::new("growth_start", engine, of_large, of_small, "ms").print();

    let servers = [served::start_again(&large.place), served::start_again(&small.place)];
    let compare = |name: &'static str, request: fn(&Grown) -> Repeated| {
        let ask = |server: &Server, grown: &Grown| {
            let answers = load::run(server.address(), vec![request(grown)], Until::Count(requests)).all_good();
            median_ms(&answers.micros)
        };
        let (of_large, of_small) = in_turn(rounds, || ask(&servers[0], &large), || ask(&servers[1], &small));
        Figure::new(name, engine, of_large, of_small, "ms").print();
    };
    compare("growth_queue", |grown| Repeated::get("/v1/queue", &grown.owner_token));
    compare("growth_history", |grown| Repeated::get(&format!("{}?limit=50", grown.visit.messages()), &grown.visit.token));
    compare("growth_command", |grown| message_of(&grown.visit));
}

/// Opens a shop, gives it a past, and lets the read models come to its end.
fn grow(place: Place, events: i64) -> Grown {
    let served = Served::start(&place);
    let (account, shopper) = served.ids();
    let owner_token = served.owner_token();
    served.stop();
    let shop = Shop {
        account: AccountId(account.parse().expect("an account's id is a UUID")),
        shopper: ShopperId(shopper.parse().expect("a shopper's id is a UUID")),
    };
    let begun = Instant::now();
    store::runtime().block_on(async {
        let log = store::open(&place).await;
        shop.write(&log, events).await;
        log.close().await;
    });
    eprintln!("  {events} events written in {:.0?}", begun.elapsed());
    let begun = Instant::now();
    // Ready means: the read models are at the head. Then a few customers wait, and one has a chat of ordinary length.
    let visit = visit_with_history(&place, &owner_token);
    eprintln!("  read models at the head after {:.0?}", begun.elapsed());
    Grown { place, visit, owner_token }
}

fn visit_with_history(place: &Place, owner_token: &str) -> Visit {
    const WAITING: usize = 20;
    const MESSAGES: u32 = 60;
    let server = served::start_again(place);
    let mut shop =
        crate::walk::Shop { owner: server.client().with_token(owner_token), token: owner_token.to_owned(), nobody: server.client() };
    let mut shopper = shop.hire("marta@example.com");
    for _ in 0..WAITING {
        shop.visit();
    }
    let visit = shop.live_visit(&mut shopper);
    load::run(server.address(), vec![message_of(&visit)], Until::Count(MESSAGES)).all_good();
    server.stop();
    visit
}

/// From the start of the process to its first good answer of readiness.
fn start_ms(place: &Place) -> f64 {
    let begun = Instant::now();
    let server = served::start_again(place);
    let elapsed = begun.elapsed();
    server.stop();
    elapsed.as_secs_f64() * 1000.0
}
