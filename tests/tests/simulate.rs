//! A simulated day through the real API, its books held against what the server says: on both engines, and with two
//! processes on one database of which one after the other is killed.
//!
//! `VITRINA_SIMULATED_CALLS` says how many customers come to the days on which shoppers take their calls; those on which calls are
//! offered stay short. On short days of their own people are also in their calls' media.

use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use vitrina_tests::{
    engine::{Engine, Place},
    patience,
    server::{self, Ended, OWNER_PASSWORD, Server},
    walk::Shop,
};

/// Customers when nobody says another number: enough that everything of the plan happens once.
const FEW: &str = "60";
/// Customers on the days with media: enough that a colleague comes, a screen is shared, somebody comes back, and somebody cannot
/// come at first.
const FEW_WITH_MEDIA: &str = "12";
/// How long a server lives between two kills.
const LIVES: Duration = Duration::from_secs(3);

#[test]
fn the_books_of_a_day_on_which_shoppers_take_their_calls_are_equal_on_sqlite() {
    one_server(&Engine::Sqlite.place("simulate-pull"), "pull");
}

#[test]
fn the_books_of_a_day_on_which_shoppers_take_their_calls_are_equal_on_postgresql() {
    one_server(&Engine::Postgres.place("simulate-pull"), "pull");
}

#[test]
fn the_books_of_a_day_on_which_calls_are_offered_are_equal_on_sqlite() {
    one_server(&Engine::Sqlite.place("simulate-push"), "push");
}

#[test]
fn the_books_of_a_day_on_which_calls_are_offered_are_equal_on_postgresql() {
    one_server(&Engine::Postgres.place("simulate-push"), "push");
}

#[test]
fn the_books_are_equal_though_one_of_two_servers_is_killed_again_and_again() {
    let place = Engine::Postgres.place("simulate-killed");
    let ports = [server::free_port(), server::free_port()];
    let start = |port: u16| Server::start_at(&place, port, &[]);
    let mut servers = ports.map(start).map(Some);
    let over = AtomicBool::new(false);
    let kills = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut kills = 0;
            while patience::wait_for(LIVES, || over.load(Ordering::Relaxed).then_some(())).is_none() {
                let victim = kills % 2;
                servers[victim].take().expect("it was started again").kill();
                kills += 1;
                servers[victim] = Some(start(ports[victim]));
            }
            kills
        });
        let urls = ports.map(|port| format!("http://127.0.0.1:{port}")).join(",");
        // Also when it panics: the killer is waited for.
        let day = Day { is_over: &over };
        let ended = simulate(&place, &urls, "pull");
        drop(day);
        let kills = killer.join().expect("killing does not panic");
        assert_equal(&ended);
        kills
    });
    println!("{kills} kills");
}

/// While it is there the day goes on.
struct Day<'a> {
    is_over: &'a AtomicBool,
}

impl Drop for Day<'_> {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn everybody_got_what_the_others_sent_and_the_record_of_media_is_theirs_on_sqlite() {
    with_media(&Engine::Sqlite.place("simulate-media"), "pull");
}

#[test]
fn everybody_got_what_the_others_sent_and_the_record_of_media_is_theirs_on_postgresql() {
    with_media(&Engine::Postgres.place("simulate-media"), "push");
}

/// Needs a program that was built with the feature media-day, as tests/run builds it.
fn with_media(place: &Place, mode: &str) {
    let server = Server::start(place);
    let url = format!("http://{}", server.address());
    let day = ["--calls", FEW_WITH_MEDIA, "--shoppers", "6", "--seed", "7", "--appointments", "0", "--mode", mode, "--with-media"];
    let arguments = [&["simulate", "--url", &url, "--password", OWNER_PASSWORD][..], &day].concat();
    let ended = server::run_to_the_end(place, &arguments, &[]);
    assert_equal(&ended);
    assert!(ended.printed.contains("media in ") && !ended.printed.contains(" 0 packets"), "{}", ended.printed);
    assert!(server.stop().success(), "the server drains and ends well");
}

fn one_server(place: &Place, mode: &str) {
    let server = Server::start(place);
    let ended = simulate(place, &format!("http://{}", server.address()), mode);
    assert_equal(&ended);
    assert!(ended.printed.contains(&format!("({mode})")), "{}", ended.printed);
    let rules = Shop::open(&server).owner.get("/v1/account").expect(200).json()["routing"].take();
    assert_eq!((&rules["mode"], &rules["no_show_s"]), (&json!("pull"), &json!(900)), "the shop's own rules hold again");
    assert!(server.stop().success(), "the server drains and ends well");
}

fn simulate(place: &Place, urls: &str, mode: &str) -> Ended {
    let asked_for = std::env::var("VITRINA_SIMULATED_CALLS").ok().filter(|_| mode == "pull");
    let calls = asked_for.unwrap_or_else(|| FEW.to_owned());
    let arguments = ["simulate", "--url", urls, "--password", OWNER_PASSWORD, "--calls", &calls, "--mode", mode];
    server::run_to_the_end(place, &arguments, &[])
}

#[track_caller]
fn assert_equal(ended: &Ended) {
    println!("{}", ended.printed);
    assert!(ended.status.success(), "{}", ended.printed);
    assert!(ended.printed.contains("The books are equal"), "{}", ended.printed);
}
