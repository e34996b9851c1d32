//! Who is there, when a process dies and cannot tell that its sockets died with it: the others tell, or the next one does,
//! once, as if the sockets had been lost one by one.

use serde_json::{Value, json};
use std::{process::Command, time::Duration};
use vitrina_tests::{
    engine::Engine,
    patience::wait_for,
    server::Server,
    socket::{Came, Socket},
    walk::{Shop, Shopper, Visit, sign_in},
};

/// Longest wait for what must happen within seconds.
const WITHIN: Duration = Duration::from_secs(60);
/// A grace that a test can wait for, and one that it does not.
const SHORT_S: u32 = 1;
const LONG_S: u32 = 600;

fn open(server: &Server, grace_s: u32) -> Shop {
    let mut shop = Shop::open(server);
    shop.owner.patch("/v1/account", &json!({ "routing": { "reconnect_grace_s": grace_s } })).expect(200);
    shop
}

/// What is in the log about this stream, of these types, as the owner sees it: who, what.
fn told(server: &Server, shop: &Shop, id: &str, types: &[&str]) -> Vec<(String, Value)> {
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow("all", "account", None, Some(0));
    let mut told = Vec::new();
    loop {
        match socket.receive() {
            Came::Said(said) if said["type"] == "caught_up" => return told,
            Came::Said(said) if said["type"] == "event" => {
                let event_type = said["event"].as_str().unwrap_or_default().to_owned();
                if said["stream"]["id"] == id && types.contains(&event_type.as_str()) {
                    told.push((event_type, said["actor"].clone()));
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

fn names(told: &[(String, Value)]) -> Vec<&str> {
    told.iter().map(|(name, _)| name.as_str()).collect()
}

fn wait_told(server: &Server, shop: &Shop, id: &str, types: &[&str]) {
    let all = || types.iter().all(|one| !told(server, shop, id, &[one]).is_empty()).then_some(());
    wait_for(WITHIN, all).unwrap_or_else(|| panic!("{types:?} of {id} is not told"));
}

/// The customer's socket, once it is known to be there.
fn comes(server: &Server, shop: &Shop, visit: &Visit) -> Socket {
    let mut socket = Socket::open(server.address(), &visit.token);
    // From where the visit stands: another process may have heard of it only now.
    socket.follow("call", "call", Some(&visit.call_id), Some(visit.position));
    socket.next_of("caught_up");
    wait_told(server, shop, &visit.call_id, &["call.customer_connected"]);
    socket
}

/// The shopper's socket, once it is known to be there.
fn works(server: &Server, shop: &mut Shop, email: &str) -> (Shopper, Socket) {
    let shopper = shop.hire(email);
    let token = sign_in(&mut shop.nobody, email, vitrina_tests::walk::SHOPPER_PASSWORD);
    let mut socket = Socket::open(server.address(), &token);
    socket.follow_live("work", "work", None);
    wait_told(server, shop, &shopper.id, &["shopper.connected"]);
    (shopper, socket)
}

#[test]
fn after_a_kill_the_next_process_tells_once_who_was_lost_and_the_grace_runs() {
    for engine in Engine::ALL {
        let place = engine.place("killed");
        let server = Server::start(&place);
        let mut shop = open(&server, SHORT_S);
        let visit = shop.visit();
        let (shopper, _work) = works(&server, &mut shop, "sofia@example.com");
        let _socket = comes(&server, &shop, &visit);
        server.kill();

        let server = Server::start(&place);
        let shop = shop.moved_to(&server);
        let of_call = ["call.customer_connected", "call.customer_disconnected", "call.cancelled"];
        let of_shopper = ["shopper.connected", "shopper.disconnected", "shopper.status_changed"];
        wait_told(&server, &shop, &visit.call_id, &of_call);
        let is_offline = || (names(&told(&server, &shop, &shopper.id, &of_shopper)).len() == 4).then_some(());
        wait_for(WITHIN, is_offline).expect("the shopper is offline");
        server.kill();

        // One more life changes nothing.
        let server = Server::start(&place);
        let shop = shop.moved_to(&server);
        let call = told(&server, &shop, &visit.call_id, &of_call);
        assert_eq!(names(&call), of_call, "{engine}");
        assert_eq!(call[1].1, json!({"kind": "system", "id": "presence"}), "{engine}");
        let of_shopper = ["shopper.status_changed", "shopper.connected", "shopper.disconnected", "shopper.status_changed"];
        assert_eq!(names(&told(&server, &shop, &shopper.id, &of_shopper)), of_shopper, "{engine}");
        assert!(server.stop().success(), "{engine}");
    }
}

#[test]
fn a_process_that_dies_is_noticed_by_another_and_only_its_own_sockets_are_lost() {
    let place = Engine::Postgres.place("dies");
    let (stays, dies) = (Server::start(&place), Server::start(&place));
    let mut shop = open(&stays, LONG_S);
    let (here, there) = (shop.visit(), shop.visit());
    let mut socket = comes(&stays, &shop, &here);
    let _lost = comes(&dies, &shop, &there);
    dies.kill();
    wait_told(&stays, &shop, &there.call_id, &["call.customer_disconnected"]);
    assert_eq!(told(&stays, &shop, &here.call_id, &["call.customer_disconnected"]), []);
    socket.expect_quiet();
    // The customer comes back, to the other process.
    let back = told(&stays, &shop, &there.call_id, &["call.customer_connected"]).len();
    let mut again = Socket::open(stays.address(), &there.token);
    again.follow_live("call", "call", Some(&there.call_id));
    let came = || (told(&stays, &shop, &there.call_id, &["call.customer_connected"]).len() == back + 1).then_some(());
    wait_for(WITHIN, came).expect("the customer is back");
    assert!(stays.stop().success());
}

#[test]
fn a_process_that_only_slept_says_that_its_sockets_are_there() {
    let place = Engine::Postgres.place("slept");
    let (awake, sleeper) = (Server::start(&place), Server::start(&place));
    let mut shop = open(&awake, LONG_S);
    let visit = shop.visit();
    let mut socket = comes(&sleeper, &shop, &visit);
    signal(&sleeper, "-STOP");
    wait_told(&awake, &shop, &visit.call_id, &["call.customer_disconnected"]);
    signal(&sleeper, "-CONT");
    let expected = ["call.customer_connected", "call.customer_disconnected", "call.customer_connected"];
    let of_call = ["call.customer_connected", "call.customer_disconnected"];
    let came_back = || (names(&told(&awake, &shop, &visit.call_id, &of_call)) == expected).then_some(());
    wait_for(WITHIN, came_back).expect("the sleeper tells that the customer is there");
    socket.expect_quiet();
    drop(socket);
    let left = || (told(&awake, &shop, &visit.call_id, &of_call).len() == 4).then_some(());
    wait_for(WITHIN, left).expect("the loss of the socket is told, under its new name");
    assert!(sleeper.stop().success() && awake.stop().success());
}

fn signal(server: &Server, name: &str) {
    let sent = Command::new("kill").args([name, &server.pid().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}
