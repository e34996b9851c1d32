//! The server ends in the middle of a call, by a word or by force; the record knows, once, and the people come back.

use crate::{
    come_late, guest::Guest, history, is_a_new_session, is_broken_off, killed_and_back, opened, participants, present, record, talk_for,
};
use vitrina_tests::{
    engine::{Engine, Place},
    server::Server,
};

#[test]
fn a_server_that_stops_says_so_in_the_record() {
    let place = Engine::Sqlite.place("media-stop");
    let (server, mut shop, mut shopper) = opened(&place);
    let visit = shop.live_visit(&mut shopper);
    let (customers, shoppers) = (Guest::join(&visit.customer, &visit.call_id), Guest::join(&shopper.client, &visit.call_id));
    record(&mut shop.owner, &visit, "both are there", |record| present(record) == 2);
    server.stop();
    drop((customers, shoppers));
    let server = Server::start(&place);
    let mut shop = shop.moved_to(&server);
    let record = record(&mut shop.owner, &visit, "nobody is there", |record| present(record) == 0);
    assert!(participants(&record).iter().all(|one| one["reason"] == "server_shutdown" && one["corrected"] == false), "{record:#}");
    server.stop();
}

#[test]
fn kill_9_in_a_call_is_mended_once_and_the_people_come_back_on_sqlite() {
    killed(&Engine::Sqlite.place("media-kill"));
}

#[test]
fn kill_9_in_a_call_is_mended_once_and_the_people_come_back_on_postgresql() {
    killed(&Engine::Postgres.place("media-kill"));
}

fn killed(place: &Place) {
    let (server, mut shop, mut shopper) = opened(place);
    let visit = shop.live_visit(&mut shopper);
    let (customers, shoppers) = (Guest::join(&visit.customer, &visit.call_id), Guest::join(&shopper.client, &visit.call_id));
    customers.must_see_more();
    record(&mut shop.owner, &visit, "all four tracks are there", |record| {
        present(record) == 2 && participants(record).iter().all(|one| one["tracks"].as_array().is_some_and(|tracks| tracks.len() == 2))
    });
    let before = talk_for(1, &mut shop.owner, &visit);
    let late = come_late(&shopper.client, &mut shop.owner, &visit, &before);
    let last = late.participant;
    let (server, mut shop) = killed_and_back(place, server, &shop, vec![customers, shoppers, late]);
    let mended = record(&mut shop.owner, &visit, "nobody is there", |record| present(record) == 0);
    is_broken_off(&mended, &before, last);
    history(&mut shop.owner, &visit, "media.", &[("media.participant_left", 3), ("media.session_closed", 1)]);

    let (customer, shoppers) = (visit.customer.moved_to(server.address()), shopper.client.moved_to(server.address()));
    let (customers, shoppers) = (Guest::join(&customer, &visit.call_id), Guest::join(&shoppers, &visit.call_id));
    customers.must_see_more();
    shoppers.must_see_more();
    let back = record(&mut shop.owner, &visit, "both are back", |record| present(record) == 2);
    is_a_new_session(&back);
    assert_eq!(participants(&back).len(), 5);
    server.stop();
}
