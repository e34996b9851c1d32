//! Whoever comes later, reads slowly, follows through another process or outlives the server has everything once.

use super::{all_history, shop, write};
use serde_json::json;
use vitrina_tests::{
    engine::{Engine, Place},
    http::Client,
    server::Server,
    socket::{Came, Socket, positions},
    walk::{Shop, position},
};

#[test]
fn who_comes_later_catches_up_and_goes_on_without_gap_or_double() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let path = visit.messages();
    for n in 0..150 {
        write(&mut visit.customer, &path, &format!("before {n}"));
    }

    // Messages come in all the while the socket catches up.
    let address = server.address().to_owned();
    let token = visit.token.clone();
    let writer = std::thread::spawn(move || {
        let mut client = Client::new(&address).with_token(&token);
        (0..150).map(|n| position(&client.post(&path, &json!({ "body": format!("while {n}") })).expect(201))).last().unwrap()
    });
    let mut sockets: Vec<_> = ["conversation", "account", "work"]
        .into_iter()
        .map(|topic| {
            let mut socket = Socket::open(server.address(), &shop.token);
            let key = match topic {
                "conversation" => Some(visit.conversation_id.as_str()),
                "work" => Some(shopper.id.as_str()),
                _ => None,
            };
            socket.follow(topic, topic, key, Some(visit.position));
            socket
        })
        .collect();
    let last = writer.join().unwrap();
    let wanted: Vec<i64> = all_history(&mut shop.owner, &format!("/v1/conversations/{}", visit.conversation_id), last)
        .into_iter()
        .filter(|at| *at > visit.position)
        .collect();
    for socket in &mut sockets {
        let mut seen = Vec::new();
        while seen.last() != Some(&last) {
            match socket.receive() {
                Came::Said(said) if said["type"] == "event" && said["stream"]["category"] == "conversation" => {
                    seen.push(said["position"].as_i64().unwrap());
                }
                Came::Said(_) => {}
                closed => panic!("{closed:?}"),
            }
        }
        assert_eq!(seen, wanted);
    }
    server.stop();
}

#[test]
fn a_slow_reader_is_told_to_resume_and_loses_nothing() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow("slow", "conversation", Some(&visit.conversation_id), Some(visit.position));
    socket.next_of("caught_up");
    // More than the kernel's buffers and the queue hold, while nobody reads.
    let body = json!({ "body": "x".repeat(9_000) });
    let path = visit.messages();
    let mut last = visit.position;
    for _ in 0..1_500 {
        last = position(&visit.customer.post(&path, &body).expect(201));
    }
    let (mut seen, mut resumed) = (Vec::new(), 0);
    while seen.last() != Some(&last) {
        match socket.receive() {
            Came::Said(said) if said["type"] == "event" => seen.push(said["position"].as_i64().unwrap()),
            Came::Said(said) if said["type"] == "resume" => {
                assert_eq!((&said["id"], &said["reason"]), (&json!("slow"), &json!("slow")));
                resumed += 1;
                socket.follow("slow", "conversation", Some(&visit.conversation_id), said["after"].as_i64());
            }
            Came::Said(_) => {}
            closed => panic!("{closed:?}"),
        }
    }
    assert!(resumed > 0, "the reader was never too slow");
    let wanted = all_history(&mut shop.owner, &format!("/v1/conversations/{}", visit.conversation_id), last);
    assert_eq!(seen, wanted.into_iter().filter(|at| *at > visit.position).collect::<Vec<_>>());
    server.stop();
}

#[test]
fn two_processes_on_one_database_show_each_others_events_signals_and_cuts() {
    let place = Engine::Postgres.place("live_two");
    let first = Server::start(&place);
    let second = Server::start(&place);
    let mut shop = Shop::open(&first);
    let mut shopper = shop.hire("sofia@example.com");
    let visit = shop.live_visit(&mut shopper);
    let mut here = Socket::open(first.address(), &visit.token);
    let mut there = Socket::open(second.address(), shopper.client.token().unwrap());
    here.follow_live("chat", "conversation", Some(&visit.conversation_id));
    there.follow("chat", "conversation", Some(&visit.conversation_id), Some(visit.position));
    there.next_of("caught_up");
    let mut remote = shopper.client.moved_to(second.address());
    for n in 0..20 {
        write(&mut shopper.client, &visit.messages(), &format!("first {n}"));
        write(&mut remote, &visit.messages(), &format!("second {n}"));
    }
    let last = write(&mut remote, &visit.messages(), "last");
    let wanted: Vec<i64> = all_history(&mut shop.owner, &format!("/v1/conversations/{}", visit.conversation_id), last)
        .into_iter()
        .filter(|at| *at > visit.position)
        .collect();
    assert_eq!(positions(&here.events_upto(last)), wanted);
    assert_eq!(positions(&there.events_upto(last)), wanted);

    here.say(&json!({"type": "signal", "topic": "conversation", "key": visit.conversation_id, "signal": "typing"}));
    assert_eq!(there.next_of("signal")["signal"], "typing");
    shopper.client.delete("/v1/sessions/current").expect(200);
    assert_eq!(there.next_of("revoked"), json!({"type": "revoked"}));
    assert_eq!(there.closed(), 4401);
    first.stop();
    second.stop();
}

#[test]
fn the_end_of_the_server_is_told_and_a_client_goes_on_where_it_was() {
    let place: Place = Engine::Sqlite.place("live_stop");
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let visit = shop.visit();
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow_live("call", "call", Some(&visit.call_id));
    let reader = std::thread::spawn(move || socket.closed());
    server.stop();
    assert_eq!(reader.join().unwrap(), 1001);

    let server = Server::start(&place);
    let mut shop = shop.moved_to(&server);
    let call = format!("/v1/calls/{}", visit.call_id);
    let cancelled = position(&shop.owner.post(&format!("{call}/cancel"), &json!({})).expect(200));
    let wanted: Vec<_> = all_history(&mut shop.owner, &call, cancelled).into_iter().filter(|at| *at > visit.position).collect();
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow("call", "call", Some(&visit.call_id), Some(visit.position));
    assert_eq!(positions(&socket.events_upto(*wanted.last().unwrap())), wanted);
    server.stop();
}
