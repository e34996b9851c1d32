//! Strange packets and strange offers: nobody else is harmed.

use crate::{
    client::{Client, Wish},
    stage::{Stage, participant, room},
};
use proptest::prelude::*;
use std::net::UdpSocket;
use vitrina_media::{LeaveReason, Options, Role, What};

fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let any_bytes = prop::collection::vec(any::<u8>(), 0..1_400);
    let first = prop::sample::select(vec![0_u8, 1, 20, 22, 25, 63, 128, 144, 176, 191, 255]);
    let second = prop::sample::select(vec![0_u8, 1, 96, 111, 200, 201, 205, 206, 224, 253, 254]);
    (any_bytes, first, second).prop_map(|(mut bytes, first, second)| {
        if bytes.len() > 1 {
            (bytes[0], bytes[1]) = (first, second);
        }
        bytes
    })
}

#[test]
fn strange_packets_harm_nobody() {
    let mut stage = Stage::new(Options { shards: 2, ..Options::default() });
    let victim = stage.join(room(1), 1, Role::Shopper, Wish::call());
    stage.join(room(1), 2, Role::Customer, Wish::call());
    // The one who sends them is a participant of another room on the same thread, whose address is known.
    let bad = stage.join(room(3), 3, Role::Customer, Wish::call());
    stage.until("media", |stage| stage.clients[victim].got_on(1).len() > 10 && stage.clients[bad].is_connected);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = stage.sfu.address();
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() });
    let client = &stage.clients[bad];
    runner
        .run(&datagram(), |datagram| {
            stranger.send_to(&datagram, address).unwrap();
            client.send_raw(&datagram, address);
            Ok(())
        })
        .unwrap();
    let before = stage.clients[victim].got.len();
    stage.until("media goes on", |stage| stage.clients[victim].got.len() > before + 100);
    assert!(!stage.told.iter().any(|fact| matches!(fact.what, What::Left(_)) && fact.room == room(1)), "nobody of the other room is out");
}

#[test]
fn offers_cut_and_mixed_are_answered_or_refused() {
    let stage = Stage::new(Options { rooms_max: 100_000, ..Options::default() });
    let offer = Client::new(Wish::call(), &stage.sfu).offer;
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
    let cuts = prop::collection::vec((0..offer.len(), 0_usize..60, "[ -~\\r\\n]{0,8}"), 1..6);
    runner
        .run(&(any::<u128>(), cuts), |(n, cuts)| {
            let mut text = offer.clone();
            for (from, length, with) in cuts {
                let from = from.min(text.len());
                let to = (from + length).min(text.len());
                text.replace_range(from..to, &with);
            }
            let answer = stage.offer(room(n), n, Role::Customer, text);
            if answer.is_ok() {
                stage.wait(stage.sfu.leave(room(n), participant(n), LeaveReason::ParticipantRemoved));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_check_from_anothers_address_takes_nothing_from_the_other() {
    let mut stage = Stage::new(Options::default());
    let victim = stage.join(room(1), 1, Role::Shopper, Wish::call());
    let other = stage.join(room(1), 2, Role::Customer, Wish::call());
    let bad = stage.join(room(2), 3, Role::Customer, Wish::call());
    stage.until("media", |stage| stage.clients[other].got.len() > 50 && stage.clients[bad].is_connected);
    let (address, check) = (stage.sfu.address(), stage.clients[bad].check.clone());
    // The victim's next check would mend what the other's broke, so there is none.
    stage.clients[victim].holds_checks = true;
    stage.clients[victim].send_raw(&check, address);
    let before = (stage.clients[other].got.len(), stage.clients[victim].got.len());
    stage.until("media goes on", |stage| stage.clients[other].got.len() > before.0 + 50 && stage.clients[victim].got.len() > before.1 + 50);
}
