//! People meet in a call: over the HTTP form, over a live socket, once and again.

use crate::{
    WITHIN,
    guest::{self, Guest},
    history, of, opened, participants, present, record, talk_for,
};
use serde_json::{Value, json};
use str0m::format::Codec;
use uuid::Uuid;
use vitrina_tests::{engine::Engine, patience, socket::Socket, walk};

#[test]
fn two_meet_speak_mute_leave_and_the_record_knows_every_step_once() {
    let (server, mut shop, mut shopper) = opened(&Engine::Sqlite.place("media"));
    let visit = shop.live_visit(&mut shopper);
    let mut customers = Guest::join(&visit.customer, &visit.call_id);
    let shoppers = Guest::join(&shopper.client, &visit.call_id);
    customers.must_see_more();
    shoppers.must_see_more();
    let both = record(&mut shop.owner, &visit, "both are there", |record| present(record) == 2);
    assert!(both["both_connected_at"].is_string());
    assert_eq!((of(&both, &customers)["role"].as_str(), of(&both, &customers)["device"].as_str()), (Some("customer"), Some("desktop")));
    assert_eq!(of(&both, &shoppers)["who"], json!(shopper.id));

    let muted = customers.turn("microphone", "muted").expect(200);
    let path = format!("/v1/calls/{}/media?at_least={}", visit.call_id, walk::position(&muted));
    let now = shop.owner.get(&path).expect(200).json();
    let tracks = of(&now, &customers)["tracks"].as_array().expect("tracks").clone();
    assert!(tracks.iter().any(|track| track["source"] == "microphone" && track["is_muted"] == true), "{tracks:?}");
    assert_eq!(customers.turn("screen", "muted").problem(422), "invalid_field");

    shoppers.must_see_more();
    let live = talk_for(1, &mut shop.owner, &visit);
    assert!(live["intervals"][0]["to"].is_null(), "it goes on: {live:#}");
    assert_eq!(live["billable_seconds"], live["live_seconds"]);

    let left = customers.participant.to_string();
    customers.leave().expect(204);
    shopper.client.post(&format!("/v1/calls/{}/end", visit.call_id), &json!({})).expect(200);
    let over =
        record(&mut shop.owner, &visit, "nobody is there", |record| present(record) == 0 && record["sessions"][0]["closed_at"].is_string());
    let reason = |id: &str| participants(&over).iter().find(|one| one["id"] == id).map(|one| one["reason"].clone());
    assert_eq!(reason(&left), Some(json!("client_initiated")));
    assert_eq!(reason(&shoppers.participant.to_string()), Some(json!("room_closed")));
    let kinds = [
        ("media.session_opened", 1),
        ("media.participant_joined", 2),
        ("media.participant_left", 2),
        ("media.mic_muted", 1),
        ("media.session_closed", 1),
        ("media.track_published", 4),
    ];
    history(&mut shop.owner, &visit, "media.", &kinds);
    let again = guest::post(&mut shopper.client, &visit.call_id, Uuid::now_v7(), &guest::offer().sdp);
    assert_eq!(again.problem(409), "illegal_transition");
    server.stop();
}

#[test]
fn a_repeated_offer_gets_the_same_answer_and_one_presence_comes_of_it() {
    let (server, mut shop, mut shopper) = opened(&Engine::Sqlite.place("media-again"));
    let visit = shop.live_visit(&mut shopper);
    let (mut client, participant, offered) = (visit.customer.moved_to(server.address()), Uuid::now_v7(), guest::offer());
    let first = guest::post(&mut client, &visit.call_id, participant, &offered.sdp).expect(201);
    let second = guest::post(&mut client, &visit.call_id, participant, &offered.sdp).expect(201);
    assert_eq!(first.text(), second.text());
    // Another offer before it is connected counts instead of the first.
    let offered = guest::offer();
    let second = guest::post(&mut client, &visit.call_id, participant, &offered.sdp).expect(201);
    assert_ne!(first.text(), second.text());
    let location = second.header("location").expect("a place").to_owned();
    let guest = Guest::connect(client, participant, location.clone(), offered, &second.text());
    record(&mut shop.owner, &visit, "the customer is there", |record| present(record) == 1);
    assert_eq!(participants(&shop.owner.get(&format!("/v1/calls/{}/media", visit.call_id)).json()).len(), 1);
    // It is the customer's own: nobody else ends it, or comes under its id.
    assert_eq!(shopper.client.delete(&location).problem(404), "not_found");
    assert_eq!(guest::post(&mut shopper.client, &visit.call_id, participant, &guest::offer().sdp).status, 404);
    let mut client = visit.customer.moved_to(server.address());
    let again = guest::post(&mut client, &visit.call_id, participant, &guest::offer().sdp);
    assert_eq!(again.problem(400), "invalid_parameter", "one who is connected has come");
    guest.vanish();
    server.stop();
}

#[test]
fn who_has_no_live_connection_reads_that_another_offer_is_asked_for() {
    let (server, mut shop, mut shopper) = opened(&Engine::Sqlite.place("media-wants"));
    let visit = shop.live_visit(&mut shopper);
    let (mut client, participant) = (visit.customer.moved_to(server.address()), Uuid::now_v7());
    let first = guest::post(&mut client, &visit.call_id, participant, &guest::offer_in(&[Codec::Vp8, Codec::H264]).sdp).expect(201);
    let place = first.header("location").expect("who joins is told where").to_owned();
    let before = client.get(&place).expect(200).json();
    assert!(before["wants"].is_null() && before["lines"].as_array().is_some_and(|lines| lines.len() == 2), "{before:#}");
    // One comes who takes nothing else.
    let other = guest::post(&mut shopper.client, &visit.call_id, Uuid::now_v7(), &guest::offer_in(&[Codec::H264]).sdp).expect(201);
    let mut told = |wants: Value| {
        patience::wait_for(WITHIN, || Some(client.get(&place).expect(200).json()).filter(|now| now["wants"] == wants)).expect("it is told")
    };
    let asked = told(json!("offer"));
    assert!(asked["revision"].as_u64() > before["revision"].as_u64(), "{asked:#}");
    shopper.client.delete(other.header("location").expect("a place")).expect(204);
    told(Value::Null);
    server.stop();
}

#[test]
fn who_vanishes_has_left_when_nothing_is_heard_any_more_and_comes_back_as_another_presence() {
    let (server, mut shop, mut shopper) = opened(&Engine::Sqlite.place("media-gone"));
    let visit = shop.live_visit(&mut shopper);
    let shoppers = Guest::join(&shopper.client, &visit.call_id);
    let customers = Guest::join(&visit.customer, &visit.call_id);
    customers.must_see_more();
    let gone = customers.participant.to_string();
    record(&mut shop.owner, &visit, "both are there", |record| present(record) == 2);
    customers.vanish();
    let record_without = record(&mut shop.owner, &visit, "the customer is gone", |record| present(record) == 1);
    let left = participants(&record_without).iter().find(|one| one["id"] == gone).expect("who was there is in the record").clone();
    assert!(["connection_timeout", "media_failure"].contains(&left["reason"].as_str().unwrap_or_default()), "{left}");
    let back = Guest::join(&visit.customer, &visit.call_id);
    back.must_see_more();
    shoppers.must_see_more();
    let both = record(&mut shop.owner, &visit, "both are there again", |record| present(record) == 2);
    assert_eq!(participants(&both).len(), 3);
    server.stop();
}

#[test]
fn a_live_socket_joins_and_is_told_who_is_on_which_line_and_so_is_the_one_that_takes_its_place() {
    let (server, mut shop, mut shopper) = opened(&Engine::Sqlite.place("media-live"));
    let visit = shop.live_visit(&mut shopper);
    let mut socket = Socket::open(server.address(), &visit.token);
    let (participant, offered) = (Uuid::now_v7(), guest::offer());
    socket.say(&json!({ "type": "offer", "call": visit.call_id, "participant": participant, "sdp": offered.sdp }));
    let answer = socket.next_of("answer");
    assert_eq!((answer["call"].as_str(), answer["participant"].as_str()), (Some(&*visit.call_id), Some(&*participant.to_string())));
    let client = visit.customer.moved_to(server.address());
    let sdp = answer["sdp"].as_str().expect("an answer has SDP").to_owned();
    let customers = Guest::connect(client, participant, String::new(), offered, &sdp);
    let shoppers = Guest::join(&shopper.client, &visit.call_id);
    customers.must_see_more();
    let mut on_lines = Vec::new();
    while on_lines.len() < 2 {
        let said = socket.next_of("lines");
        let lines = said["lines"].as_array().expect("lines").clone();
        on_lines = lines.into_iter().filter(|line| line["participant"] == shoppers.participant.to_string()).collect();
    }
    assert!(on_lines.iter().all(|line| line["mid"].is_string()));
    socket.say(&json!({ "type": "media", "call": visit.call_id, "participant": participant, "track": "camera", "state": "off" }));
    record(&mut shop.owner, &visit, "the camera is off", |record| {
        participants(record).iter().any(|one| {
            one["tracks"].as_array().is_some_and(|all| all.iter().any(|track| track["source"] == "camera" && track["is_muted"] == true))
        })
    });
    socket.say(&json!({ "type": "offer", "call": Uuid::now_v7(), "participant": participant, "sdp": "v=0" }));
    assert_eq!(socket.next_of("error")["problem"]["code"], "not_found");
    let of_lines = json!({ "type": "lines", "call": visit.call_id, "participant": participant });
    // The connection was lost, and the media goes on: another one is told from now on.
    let mut socket = Socket::open(server.address(), &visit.token);
    socket.say(&of_lines);
    let now = socket.next_of("lines");
    assert_eq!(now["lines"].as_array().map(|lines| lines.iter().filter(|line| !line["participant"].is_null()).count()), Some(2), "{now:#}");
    let mut foreign = Socket::open(server.address(), shopper.client.token().expect("the shopper is signed in"));
    foreign.say(&of_lines);
    let refused = foreign.next_of("error");
    assert_eq!((&refused["problem"]["code"], &refused["asked"]), (&json!("not_found"), &json!("lines")), "only one's own");
    shoppers.leave().expect(204);
    while !socket.next_of("lines")["lines"].as_array().is_some_and(|lines| lines.iter().all(|line| line["participant"].is_null())) {}
    socket.say(&json!({ "type": "leave", "call": visit.call_id, "participant": participant }));
    record(&mut shop.owner, &visit, "the customer has left", |record| present(record) == 0);
    server.stop();
}
