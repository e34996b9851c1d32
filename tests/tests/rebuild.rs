//! Read models are made anew from the log: at rest, beside a serving process under load, and after their files were deleted.
//! Row by row they are what they were.

use serde_json::json;
use vitrina_tests::{
    engine::{Engine, Place},
    ledger::{self, fold_to_the_head},
    server::{Ended, Server, run_to_the_end},
    traffic,
    walk::{Shop, Visit},
};

/// A place with some history, no server on it.
fn with_history(engine: Engine) -> Place {
    let place = engine.place("rebuild");
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let mut shopper = shop.hire("sofia@example.com");
    let mut last = 0;
    for nps in [10, 3] {
        let mut visit = shop.live_visit(&mut shopper);
        visit.customer.post(&visit.messages(), &json!({ "body": "Hello" })).expect(201);
        shopper.client.post(&format!("/v1/calls/{}/end", visit.call_id), &json!({})).expect(200);
        let rated = visit.customer.post(&format!("/v1/calls/{}/rating", visit.call_id), &json!({ "nps": nps })).expect(201);
        last = vitrina_tests::walk::position(&rated);
    }
    shop.owner.get(&format!("/v1/queue?at_least={last}")).expect(200);
    server.stop();
    place
}

#[test]
fn what_is_made_anew_equals_what_was_there() {
    for engine in Engine::ALL {
        let place = with_history(engine);
        let again = place.copy("again");
        let ended = run_to_the_end(&again, &["rebuild", "all"], &[]);
        assert!(ended.status.success(), "{engine}: {}", ended.printed);
        ledger::assert_same_read_models(&place, &again);
    }
}

#[test]
fn read_models_that_were_deleted_come_back_with_the_next_start() {
    for engine in Engine::ALL {
        let place = with_history(engine);
        let bare = place.copy_of_the_log("bare");
        fold_to_the_head(&bare);
        ledger::assert_same_read_models(&place, &bare);
    }
}

#[test]
fn a_rebuild_of_deleted_read_models_comes_to_the_end_of_the_log() {
    for engine in Engine::ALL {
        let place = with_history(engine);
        let bare = place.copy_of_the_log("bare");
        let ended = run_to_the_end(&bare, &["rebuild", "all"], &[]);
        assert!(ended.status.success(), "{engine}: {}", ended.printed);
        ledger::assert_same_read_models(&place, &bare);
    }
}

#[test]
fn a_rebuild_by_the_serving_process_loses_nothing_that_happens_meanwhile() {
    for engine in Engine::ALL {
        under_load(engine, |place, name, address| run_to_the_end(place, &["rebuild", name], &[("VITRINA_LISTEN", address)]));
    }
}

#[test]
fn a_rebuild_by_another_process_loses_nothing_that_happens_meanwhile() {
    // At its own address, so that it does not find the one that serves.
    under_load(Engine::Postgres, |place, name, _| run_to_the_end(place, &["rebuild", name], &[]));
}

fn under_load(engine: Engine, rebuild: impl Fn(&Place, &str, &str) -> Ended) {
    let place = with_history(engine);
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let mut shopper = shop.hire("marta@example.com");
    let visits: Vec<Visit> = (0..4).map(|_| shop.live_visit(&mut shopper)).collect();
    let known = traffic::until(server.address(), &visits, || {
        for name in ["messages", "calls", "all"] {
            let ended = rebuild(&place, name, server.address());
            assert!(ended.status.success(), "{engine}, {name}: {}", ended.printed);
        }
    });
    assert!(known.open.is_empty(), "{engine}: refused meanwhile: {:?}", known.open);
    traffic::settle(&server, &visits, &known);
    assert!(server.stop().success());
    ledger::assert_log_is_whole(&place);
    ledger::assert_read_models_equal_a_fold(&place);
}

#[test]
fn a_rebuild_of_something_that_does_not_exist_is_refused() {
    let place = with_history(Engine::Sqlite);
    let ended = run_to_the_end(&place, &["rebuild", "weather"], &[]);
    assert!(!ended.status.success());
    assert!(ended.printed.contains("weather"), "{}", ended.printed);
}
