//! Many come and go, and nothing is left behind. Alone in its process, since it counts what the process has.
#![allow(missing_docs, clippy::unwrap_used, dead_code, unused_imports)]

#[path = "sfu/client/mod.rs"]
mod client;
#[path = "sfu/stage.rs"]
mod stage;

use client::Wish;
use stage::{Stage, room};
use vitrina_media::{LeaveReason, Options, Role, What};

/// Kilobytes, descriptors and threads of this process.
fn used() -> (usize, usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let number =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    (number("VmRSS:"), std::fs::read_dir("/proc/self/fd").unwrap().count(), number("Threads:"))
}

#[test]
fn two_hundred_join_and_leave() {
    let mut stage = Stage::new(Options::default());
    let mut after_warm_up = None;
    for round in 0..50 {
        for n in 0..4 {
            stage.join(room(round), round * 10 + n, Role::Shopper, Wish::call());
        }
        stage.until("media", |stage| stage.clients.iter().all(|client| client.got_on(1).len() > 3));
        stage.wait(stage.sfu.close(room(round)));
        stage.until("the end", |stage| (0..4).all(|n| stage.was_told(round * 10 + n, &What::Left(LeaveReason::RoomClosed))));
        stage.clients.clear();
        if round == 9 {
            after_warm_up = Some(used());
        }
    }
    let ((before, descriptors, threads), (after, descriptors_after, threads_after)) = (after_warm_up.unwrap(), used());
    eprintln!("{before} kB, {descriptors} descriptors, {threads} threads; after 160 more {after} kB, {descriptors_after}, {threads_after}");
    assert_eq!((descriptors_after, threads_after), (descriptors, threads));
    assert!(after < before + 4_000, "{before} kB grew to {after} kB");
}
