//! Read models are made anew from the log: at rest, beside a serving process under load, and after their files were deleted.
//! Row by row they are what they were; a row that another hand has changed is noticed while the server runs.

use serde_json::{Value, json};
use std::time::Duration;
use vitrina_tests::{
    engine::{Engine, Place, Store},
    ledger::{self, fold_to_the_head},
    patience,
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

#[test]
fn a_replay_finds_the_row_that_another_hand_has_changed_and_puts_it_right_when_told_to() {
    for engine in Engine::ALL {
        let place = with_history(engine);
        let tables = place.tables(Store::Views);
        let ratings = tables.iter().find(|table| table.starts_with("ratings_v")).expect("the ratings are there");
        place.query(Store::Views, &format!("UPDATE {ratings} SET nps = 9 WHERE nps = 3"));
        let server = Server::start(&place);
        // By the server, and where two processes may, by one beside it.
        let beside = if engine == Engine::Postgres { vec![] } else { vec![("VITRINA_LISTEN", server.address())] };
        let found = run_to_the_end(&place, &["replay", "--model", "ratings"], &beside);
        assert_eq!(found.status.code(), Some(3), "{engine}: {}", found.printed);
        assert!(found.printed.contains(", nps\n    old 9\n    new 3\n"), "{engine}: {}", found.printed);
        let switched = run_to_the_end(&place, &["replay", "--switch", "--json"], &[("VITRINA_LISTEN", server.address())]);
        assert!(switched.status.success(), "{engine}: {}", switched.printed);
        assert!(switched.printed.contains("\"differing\": 1,"), "{engine}: {}", switched.printed);
        server.stop();
        let again = run_to_the_end(&place, &["replay", "--abort"], &[]);
        assert!(again.status.success(), "{engine}: {}", again.printed);
        ledger::assert_read_models_equal_a_fold(&place);
    }
}

/// Longest wait for some rounds of checks, which come each second.
const CHECKED_WITHIN: Duration = Duration::from_secs(60);

/// Waits for this many rounds of checks of this server, and tells what they found: alarms in the audit, and figures that differ now.
fn checked(shop: &mut Shop, rounds: u32) -> (Vec<Value>, u32) {
    let figure = |text: &str, name: &str| {
        let lines = text.lines().filter(|line| line.starts_with(name)).filter_map(|line| line.rsplit(' ').next());
        lines.filter_map(|number| number.parse::<f64>().ok()).sum::<f64>() as u32
    };
    let metrics = patience::wait_for(CHECKED_WITHIN, || {
        let text = shop.nobody.get("/metrics").expect(200).text();
        (figure(&text, "vitrina_integrity_rounds_total") >= rounds).then_some(text)
    });
    let breaches = figure(&metrics.expect("rounds of checks go on"), "vitrina_integrity_breaches{");
    let audit = shop.owner.get("/v1/audit?limit=200").expect(200).json();
    let items = audit["items"].as_array().expect("a list").iter();
    (items.filter(|item| item["type"] == "integrity.invariant_broken").map(|item| item["data"].clone()).collect(), breaches)
}

#[test]
fn figures_that_another_hand_has_changed_raise_one_alarm_each() {
    for engine in Engine::ALL {
        let place = with_history(engine);
        let every_second = [("VITRINA_INTEGRITY_CHECK_S", "1")];
        let server = Server::start_with(&place, &every_second);
        let mut shop = Shop::open(&server);
        assert_eq!(checked(&mut shop, 2), (vec![], 0), "{engine}: nothing differs yet");
        server.stop();

        let tables = place.tables(Store::Views);
        let facts = tables.iter().find(|table| table.starts_with("report_facts_v")).expect("the facts are there");
        place.query(Store::Views, &format!("DELETE FROM {facts} WHERE measure = 'nps' AND value = 3"));
        let last = format!("(SELECT MAX(anchor) FROM {facts} WHERE measure = 'call_duration')");
        place.query(Store::Views, &format!("UPDATE {facts} SET value = 7 WHERE measure = 'call_duration' AND anchor = {last}"));

        for _ in 0..2 {
            let server = Server::start_with(&place, &every_second);
            let mut shop = shop.moved_to(&server);
            let (mut alarms, breaches) = checked(&mut shop, 3);
            alarms.sort_by_key(|alarm| alarm["invariant"].to_string());
            let told: Vec<_> = alarms.iter().map(|alarm| [&alarm["invariant"], &alarm["expected"], &alarm["found"]]).collect();
            let expected = [[json!("plan_seconds"), json!(0), json!(7)], [json!("shopper_sums"), json!(1), json!(0)]];
            assert_eq!(told, expected.each_ref().map(|alarm| alarm.each_ref()), "{engine}: one alarm each, however often it is looked");
            assert_eq!(alarms[1]["subject"], "nps_detractors", "{engine}");
            assert_eq!(breaches, 2, "{engine}");
            server.stop();
        }
    }
}
