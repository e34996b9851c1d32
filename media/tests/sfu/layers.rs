//! Simulcast: who gets which layer, and how the change looks to the receiver.

use crate::{
    client::{Got, Wish, origin, picture_number},
    stage::{Stage, participant, room},
};
use vitrina_media::{Layer, Options, Role, Source, Track};

fn layers(got: &[&Got]) -> Vec<u8> {
    let mut layers: Vec<_> = got.iter().map(|got| origin(&got.payload).1).collect();
    layers.dedup();
    layers
}

fn one_stream(got: &[&Got]) {
    let (mut got, first) = (got.to_vec(), got[0].sequence);
    // What was had again came late.
    got.sort_by_key(|one| one.sequence.wrapping_sub(first));
    for two in got.windows(2) {
        assert_eq!(two[1].sequence, two[0].sequence.wrapping_add(1));
        assert_eq!(picture_number(&two[1].payload), picture_number(&two[0].payload).wrapping_add(1) & 0x7fff);
        assert!(two[1].timestamp.wrapping_sub(two[0].timestamp).cast_signed() > 0, "time goes on");
        if origin(&two[0].payload).1 != origin(&two[1].payload).1 {
            assert_eq!(two[1].payload[6] & 1, 0, "a change is a whole picture");
        }
    }
}

#[test]
fn a_receiver_that_shows_it_small_gets_the_small_layer_as_one_stream() {
    let mut stage = Stage::new(Options::default());
    let sender = stage.join(room(1), 1, Role::Shopper, Wish { layers: vec!["q", "h", "f"], ..Wish::call() });
    let receiver = stage.join(room(1), 2, Role::Customer, Wish::watching());
    let camera = Track { from: participant(1), source: Source::Camera };
    stage.until("the best layer", |stage| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == 2));
    stage.wait(stage.sfu.limit(room(1), participant(2), camera, Layer(0)));
    stage.until("the small one", |stage| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == 0));
    stage.wait(stage.sfu.limit(room(1), participant(2), camera, Layer(2)));
    stage.until("the best again", |stage| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == 2));
    let got = stage.clients[receiver].got_on(1);
    assert!(layers(&got).ends_with(&[2, 0, 2]) || layers(&got).ends_with(&[2, 0, 1, 2]), "{:?}", layers(&got));
    one_stream(&got);
    assert!(!stage.clients[sender].key_frames.is_empty());
}

#[test]
fn a_narrow_way_gets_a_smaller_layer() {
    let mut stage = Stage::new(Options::default());
    let sender = stage.join(room(1), 1, Role::Shopper, Wish { layers: vec!["q", "h", "f"], ..Wish::call() });
    // 80, 200 and 1,200 kbit/s.
    stage.clients[sender].sizes = [200, 500, 3_000 / 3];
    let receiver = stage.join(room(1), 2, Role::Customer, Wish::watching());
    stage.until("the best layer", |stage| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == 2));
    stage.clients[receiver].narrow = Some(200_000.0);
    stage.until("a smaller one", |stage| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 < 2));
}

#[test]
fn each_receiver_has_its_own_layer() {
    let mut stage = Stage::new(Options::default());
    stage.join(room(1), 1, Role::Shopper, Wish { layers: vec!["q", "h", "f"], ..Wish::call() });
    let small = stage.join(room(1), 2, Role::Customer, Wish::watching());
    let large = stage.join(room(1), 3, Role::Customer, Wish::watching());
    let camera = Track { from: participant(1), source: Source::Camera };
    // It is told before there is a picture, and holds when it comes.
    stage.wait(stage.sfu.limit(room(1), participant(2), camera, Layer(0)));
    stage.until("pictures", |stage| [small, large].iter().all(|client| stage.clients[*client].got_on(1).len() > 10));
    let is_on =
        |stage: &Stage, client: usize, layer: u8| stage.clients[client].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == layer);
    stage.until("each its own", |stage| is_on(stage, small, 0) && is_on(stage, large, 2));
    assert_eq!(layers(&stage.clients[small].got_on(1)), [0]);
}
