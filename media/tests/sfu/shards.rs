//! Several threads on one port: whatever comes to the wrong one goes to the right one, once.

use crate::{
    client::Wish,
    stage::{Stage, room},
};
use vitrina_media::{Options, Role, Sfu};

/// Any record of a handshake.
const RECORD: [u8; 14] = [22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0];

#[test]
fn what_is_for_nobody_any_more_does_not_circle_between_threads() {
    let mut stage = Stage::new(Options { shards: 2, ..Options::default() });
    let one = stage.join(room(0), 1, Role::Shopper, Wish::call());
    let other = stage.join(room(1), 2, Role::Shopper, Wish::call());
    stage.until("connected", |stage| [one, other].iter().all(|client| stage.clients[*client].is_connected));
    // Both are at one address, as after a call that was given up for another.
    let (check, address) = (stage.clients[other].check.clone(), stage.sfu.address());
    stage.clients[one].send_raw(&check, address);
    stage.clients[one].is_silent = true;
    for n in [0, 1] {
        stage.wait(stage.sfu.close(room(n)));
    }
    let late = stage.clients.remove(one);
    late.send_raw(&RECORD, address);
    stage.clients.clear();
    let before = stage.sfu.counts().handed;
    // By the time that others are in a call, whatever circles has gone around many times.
    let pair = [0, 1].map(|n| stage.join(room(n), 10 + n, Role::Shopper, Wish::watching()));
    stage.until("connected", |stage| pair.iter().all(|client| stage.clients[*client].is_connected));
    stage.wait(stage.sfu.end());
    let (handed, steps) = (stage.sfu.counts().handed - before, 1_000);
    assert!(handed < steps, "{handed} datagrams were handed over for two clients and one record");
}

#[test]
fn a_check_that_came_over_a_connection_is_answered_over_no_other() {
    let mut stage = Stage::new(Options { tcp: Some(([127, 0, 0, 1], 0).into()), shards: 2, ..Options::default() });
    let tcp = || Wish { tcp: true, ..Wish::call() };
    let sender = stage.join(room(0), 1, Role::Shopper, tcp());
    let others = [2, 3, 4, 5].map(|n| stage.join(room(1), n, Role::Shopper, tcp()));
    stage.until("connected", |stage| stage.clients.iter().all(|client| client.is_connected));
    let check = stage.clients[others[0]].check.clone();
    for _ in 0..20 {
        stage.clients[sender].send_framed(&check);
    }
    let before = stage.clients[others[0]].got.len() + stage.clients[sender].answers.len();
    stage.until("media", |stage| stage.clients[others[0]].got.len() + stage.clients[sender].answers.len() > before + 100);
    for client in &stage.clients {
        assert!(!client.answers.is_empty());
        assert!(client.answers.iter().all(|answer| client.checks.contains(answer)), "an answer to another's check");
    }
}

#[test]
fn two_nodes_do_not_share_a_port() {
    for shards in [1, 3] {
        let (tell, _facts) = tokio::sync::mpsc::channel(8);
        let first = Sfu::start(Options { shards, ..Options::default() }, tell.clone()).unwrap();
        let second = Sfu::start(Options { udp: first.address(), shards, ..Options::default() }, tell);
        assert!(matches!(second, Err(vitrina_media::StartError::Listen { .. })));
    }
}
