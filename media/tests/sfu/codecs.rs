//! Who codes pictures how: VP8 where everybody takes it, H.264 where somebody takes nothing else.

use crate::{
    client::{Client, Got, Wish, origin},
    stage::{Stage, participant, room},
};
use str0m::format::Codec;
use vitrina_media::{Fact, Layer, Options, Role, Source, Track, Wants, What};

fn only_h264() -> Wish {
    Wish { codecs: vec![Codec::H264], ..Wish::call() }
}

fn both() -> Wish {
    Wish { codecs: vec![Codec::H264, Codec::Vp8], ..Wish::call() }
}

/// As a decoder would see it: it begins with a whole picture, and nothing is missing.
fn is_one_stream_of_h264(got: &[&Got], mark: u8) {
    assert_eq!(got[0].payload[0], 0x78, "the first picture is whole");
    for got in got {
        assert!([0x78, 0x41].contains(&got.payload[0]));
        assert_eq!(origin(&got.payload).0, mark);
    }
    let mut sequences: Vec<_> = got.iter().map(|one| one.sequence.wrapping_sub(got[0].sequence)).collect();
    sequences.sort_unstable();
    assert!(sequences.windows(2).all(|two| two[1] == two[0] + 1));
}

fn sees(client: &Client, pictures: usize) -> bool {
    client.got_on(1).len() > pictures
}

#[test]
fn two_who_take_nothing_but_h264_see_each_other() {
    let mut stage = Stage::new(Options::default());
    for (n, role) in [(1, Role::Shopper), (2, Role::Customer)] {
        let client = stage.join(room(1), n, role, only_h264());
        stage.clients[client].mark = n as u8;
    }
    stage.until("pictures", |stage| stage.clients.iter().all(|client| sees(client, 50)));
    is_one_stream_of_h264(&stage.clients[0].got_on(1), 2);
    is_one_stream_of_h264(&stage.clients[1].got_on(1), 1);
}

#[test]
fn two_who_take_both_speak_vp8_whatever_they_name_first() {
    let mut stage = Stage::new(Options::default());
    for n in 1..=2 {
        stage.join(room(1), n, Role::Shopper, both());
    }
    stage.until("pictures", |stage| stage.clients.iter().all(|client| sees(client, 20)));
    for client in &stage.clients {
        assert!(client.got_on(1).iter().all(|got| got.payload[0] == 0x90), "descriptors of VP8");
    }
}

#[test]
fn who_comes_to_one_that_takes_nothing_but_h264_speaks_it() {
    let mut stage = Stage::new(Options::default());
    stage.join(room(1), 1, Role::Customer, only_h264());
    stage.join(room(1), 2, Role::Shopper, both());
    stage.clients[1].mark = 2;
    stage.until("pictures", |stage| stage.clients.iter().all(|client| sees(client, 20)));
    is_one_stream_of_h264(&stage.clients[0].got_on(1), 2);
}

#[test]
fn one_who_spoke_vp8_is_asked_for_another_offer_when_such_a_one_comes() {
    let mut stage = Stage::new(Options::default());
    let first = stage.join(room(1), 1, Role::Shopper, both());
    let other = stage.join(room(1), 2, Role::Shopper, both());
    stage.until("VP8", |stage| sees(&stage.clients[other], 5));
    let last = stage.join(room(1), 3, Role::Customer, only_h264());
    stage.clients[first].mark = 1;
    let is_asked =
        |fact: &Fact, n| fact.participant == participant(n) && matches!(&fact.what, What::Lines(layout) if layout.wants == Wants::Offer);
    stage.until("both are asked", |stage| [1, 2].into_iter().all(|n| stage.told.iter().any(|fact| is_asked(fact, n))));
    for (client, n) in [(first, 1), (other, 2)] {
        let offer = stage.clients[client].offer_again(|api| drop(api.ice_restart(true)));
        let answer = stage.wait(stage.sfu.renegotiate(room(1), participant(n), offer)).unwrap();
        assert_eq!(answer.layout.wants, Wants::Nothing);
        stage.clients[client].accept(&answer.sdp);
    }
    stage.until("H.264 everywhere", |stage| {
        [other, last].iter().all(|client| stage.clients[*client].got_on(1).last().is_some_and(|got| got.payload[0] == 0x41))
    });
    is_one_stream_of_h264(&stage.clients[last].got_on(1), 1);
}

#[test]
fn layers_of_h264_are_chosen_from_like_others_and_losses_are_had_again() {
    let mut stage = Stage::new(Options::default());
    stage.join(room(1), 1, Role::Shopper, Wish { layers: vec!["q", "h", "f"], ..only_h264() });
    let receiver = stage.join(room(1), 2, Role::Customer, Wish { sends: false, ..only_h264() });
    stage.clients[receiver].loses_in = 11;
    let camera = Track { from: participant(1), source: Source::Camera };
    let is_on = |stage: &Stage, layer: u8| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == layer);
    stage.until("the best layer", |stage| is_on(stage, 2));
    stage.wait(stage.sfu.limit(room(1), participant(2), camera, Layer(0)));
    stage.until("the small one", |stage| is_on(stage, 0));
    let mut got = stage.clients[receiver].got_on(1);
    let first = got[0].sequence;
    got.sort_by_key(|one| one.sequence.wrapping_sub(first));
    for two in got.windows(2).filter(|two| two[1].sequence == two[0].sequence.wrapping_add(1)) {
        assert!(origin(&two[0].payload).1 == origin(&two[1].payload).1 || two[1].payload[0] == 0x78, "a change is a whole picture");
    }
}
