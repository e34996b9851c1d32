//! Several processes on one PostgreSQL, each a node: a call's media stays where it began, who asks elsewhere is told where that is, and a
//! node that dies is replaced by the others.

use crate::{
    come_late,
    guest::{self, Guest},
    history, is_a_new_session, is_broken_off, opened, present, record, talk_for,
};
use uuid::Uuid;
use vitrina_tests::{engine::Engine, http::Client, server::Server};

#[test]
fn who_asks_another_node_is_sent_to_the_calls_own_and_when_that_dies_the_others_take_over() {
    let place = Engine::Postgres.place("media-nodes");
    let (first, shop, mut shopper) = opened(&place);
    let second = Server::start(&place);
    let mut shop_at_second = shop.moved_to(&second);
    let visit = { shop }.live_visit(&mut shopper);
    let customers = Guest::join(&visit.customer, &visit.call_id);

    record(&mut shop_at_second.owner, &visit, "the customer is there", |record| present(record) == 1);
    let mut there = shopper.client.moved_to(second.address());
    let url = sent_on(&mut there, &visit.call_id, customers.participant);
    assert_eq!(url, format!("http://{}", first.address()));
    let shoppers = Guest::join(&shopper.client.moved_to(url.trim_start_matches("http://")), &visit.call_id);
    customers.must_see_more();
    shoppers.must_see_more();
    let before = talk_for(1, &mut shop_at_second.owner, &visit);
    assert_eq!(before["sessions"][0]["node_url"], url);
    let late = come_late(&shopper.client.moved_to(first.address()), &mut shop_at_second.owner, &visit, &before);

    let port = first.port();
    first.kill();
    customers.vanish();
    shoppers.vanish();
    let last = late.participant;
    late.vanish();
    let mended = record(&mut shop_at_second.owner, &visit, "nobody is there", |record| {
        present(record) == 0 && record["sessions"][0]["closed_at"].is_string()
    });
    is_broken_off(&mended, &before, last);

    let customer = visit.customer.moved_to(second.address());
    let (customers, shoppers) = (Guest::join(&customer, &visit.call_id), Guest::join(&there, &visit.call_id));
    customers.must_see_more();
    shoppers.must_see_more();
    is_a_new_session(&record(&mut shop_at_second.owner, &visit, "both are back", |record| present(record) == 2));
    // The dead one comes back and finds nothing that is its own; who asks it is sent on.
    let first = Server::start_at(&place, port, &[]);
    let url = sent_on(&mut shopper.client, &visit.call_id, shoppers.participant);
    assert_eq!(url, format!("http://{}", second.address()));
    customers.must_see_more();
    let kinds = [("media.session_opened", 2), ("media.session_closed", 1), ("media.participant_joined", 5), ("media.participant_left", 3)];
    history(&mut shop_at_second.owner, &visit, "media.", &kinds);
    first.stop();
    second.stop();
}

/// Asks, in every way, for the media of a call that is at another node; where it is.
fn sent_on(client: &mut Client, call: &str, participant: Uuid) -> String {
    let sdp = guest::offer().sdp;
    let presence = format!("/v1/calls/{call}/media/{participant}");
    let body = [("Content-Type", "application/sdp")];
    let answers = [
        guest::post(client, call, Uuid::now_v7(), &sdp),
        client.send("PATCH", &presence, &body, Some(sdp.as_bytes())),
        client.put(&format!("{presence}/tracks/microphone"), &serde_json::json!({ "state": "muted" })),
        client.get(&presence),
        client.delete(&presence),
    ];
    let urls = answers.map(|answer| {
        assert_eq!(answer.problem(409), "media_elsewhere");
        answer.json()["node_url"].as_str().expect("the problem names the node").to_owned()
    });
    assert!(urls.iter().all(|url| *url == urls[0]), "{urls:?}");
    let [url, ..] = urls;
    url
}
