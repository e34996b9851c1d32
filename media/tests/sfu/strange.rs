//! Strange packets and strange offers: nobody else is harmed.

use crate::{
    client::{Client, Wish, origin},
    stage::{Stage, participant, room},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::{net::UdpSocket, time::Duration};
use str0m::format::Codec;
use vitrina_media::{LeaveReason, Options, Role, What};

fn any_datagram() -> impl Strategy<Value = Vec<u8>> {
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

/// One of these with a few bytes changed, cut off, or with another's end.
fn spoiled(seen: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let one = prop::sample::select(seen);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (one.clone(), one, changes, any::<prop::sample::Index>(), 0_u8..4).prop_map(|(mut bytes, other, changes, cut, how)| {
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let cut = cut.index(bytes.len());
        match how {
            0 => bytes.truncate(cut),
            1 => bytes.splice(cut.., other.into_iter().skip(cut)).for_each(drop),
            _ => {}
        }
        bytes
    })
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() })
}

/// Two of room 1 in a call, who send this mark.
const MARK: u8 = 77;

fn victims(stage: &mut Stage) -> [usize; 2] {
    let both = [(1, Role::Shopper), (2, Role::Customer)].map(|(n, role)| stage.join(room(1), n, role, Wish::call()));
    both.iter().for_each(|client| stage.clients[*client].mark = MARK);
    stage.until("media", |stage| both.iter().all(|client| stage.clients[*client].got_on(1).len() > 10));
    both
}

/// Their media goes on, all of it is their own, none of them is out; and the node takes others in.
fn are_unharmed(stage: &mut Stage, victims: [usize; 2]) {
    let before = victims.map(|victim| stage.clients[victim].got.len());
    stage.until("media goes on", |stage| (0..2).all(|at| stage.clients[victims[at]].got.len() > before[at] + 100));
    for victim in victims {
        let client = &stage.clients[victim];
        assert!(
            client.got_on(0).iter().all(|got| got.payload[0] == MARK) && client.got_on(1).iter().all(|got| origin(&got.payload).0 == MARK)
        );
    }
    assert!(!stage.told.iter().any(|fact| matches!(fact.what, What::Left(_)) && fact.room == room(1)), "nobody of the other room is out");
    let late = stage.join(room(99), 99, Role::Customer, Wish::call());
    stage.until("another comes", |stage| stage.clients[late].is_connected && stage.was_told(99, &What::Connected));
}

#[test]
fn strange_packets_harm_nobody() {
    let mut stage = Stage::new(Options { shards: 2, ..Options::default() });
    let victims = victims(&mut stage);
    // The one who sends them is a participant of another room on the same thread, whose address is known.
    let bad = stage.join(room(3), 3, Role::Customer, Wish::call());
    stage.until("the bad one's words", |stage| stage.clients[bad].is_connected && stage.clients[bad].sent.len() > 100);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = stage.sfu.address();
    let client = &stage.clients[bad];
    let words = spoiled(client.sent.clone());
    runner(1_500)
        .run(&prop_oneof![any_datagram(), words], |datagram| {
            stranger.send_to(&datagram, address).unwrap();
            client.send_raw(&datagram, address);
            Ok(())
        })
        .unwrap();
    are_unharmed(&mut stage, victims);
}

#[test]
fn handshakes_and_media_spoiled_on_the_way_harm_nobody_else() {
    let mut stage = Stage::new(Options::default());
    let victims = victims(&mut stage);
    for n in 16..40 {
        let bad = stage.join(room(2 + n / 8), n, Role::Customer, Wish::call());
        stage.clients[bad].spoils = Some(n as u64);
    }
    stage.until("some are connected all the same", |stage| stage.clients.iter().filter(|client| client.is_connected).count() > 4);
    are_unharmed(&mut stage, victims);
}

#[test]
fn what_somebody_says_under_its_keys_harms_nobody_of_another_room() {
    let mut stage = Stage::new(Options::default());
    let victims = victims(&mut stage);
    let codecs = vec![Codec::Vp8, Codec::H264];
    let bad = stage.join(room(2), 3, Role::Shopper, Wish { layers: vec!["q", "h", "f"], codecs: codecs.clone(), ..Wish::call() });
    let coarse = stage.join(room(2), 4, Role::Customer, Wish { codecs: vec![Codec::H264], ..Wish::call() });
    let other = stage.join(room(2), 5, Role::Customer, Wish { codecs, sends: false, ..Wish::call() });
    stage.until("connected", |stage| [bad, coarse, other].iter().all(|client| stage.clients[*client].is_connected));
    // Descriptors and units of every kind, cut anywhere: their first byte says which.
    let payload = (any::<u8>(), prop::collection::vec(any::<u8>(), 0..80)).prop_map(|(first, rest)| [&[first][..], &rest].concat());
    let payloads = prop::collection::vec(payload, 400).new_tree(&mut runner(1)).unwrap().current();
    for client in [bad, coarse] {
        stage.clients[client].payloads = payloads.clone();
        stage.clients[client].pace = Duration::from_millis(4);
    }
    stage.until("all is said", |stage| [bad, coarse].iter().all(|client| stage.clients[*client].payloads.is_empty()));
    are_unharmed(&mut stage, victims);
    assert!(!stage.told.iter().any(|fact| matches!(fact.what, What::Left(_))), "nor its own: strange media is no reason to be out");
}

#[test]
fn offers_cut_and_mixed_are_answered_or_refused() {
    let stage = Stage::new(Options { rooms_max: 100_000, ..Options::default() });
    let offer = Client::new(Wish::call(), &stage.sfu).offer;
    let cuts = prop::collection::vec((0..offer.len(), 0_usize..60, "[ -~\\r\\n]{0,8}"), 1..6);
    runner(300)
        .run(&(any::<u128>(), cuts), |(n, cuts)| {
            let mut text = offer.clone();
            for (from, length, with) in cuts {
                let from = from.min(text.len());
                let to = (from + length).min(text.len());
                text.replace_range(from..to, &with);
            }
            let answer = stage.offer(room(n), n, Role::Customer, text);
            if answer.is_ok() {
                stage.wait(stage.sfu.leave(room(n), participant(n), LeaveReason::ClientInitiated));
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
