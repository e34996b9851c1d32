//! People meet: they see and hear each other, a third comes, one leaves and comes back.

use crate::{
    client::{Client, Got, Wish, origin, picture_number},
    stage::{Stage, participant, room},
};
use std::{collections::BTreeSet, time::Duration};
use str0m::media::{Direction, MediaKind};
use vitrina_media::{JoinError, Layer, LeaveReason, Options, Role, Source, Track, What};

fn numbers_go_on(got: &[&crate::client::Got]) {
    let mut sequences: Vec<_> = got.iter().map(|got| got.sequence).collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), got.len(), "no packet twice");
    assert_eq!(usize::from(sequences.last().unwrap() - sequences[0]) + 1, got.len(), "no gap");
}

#[test]
fn one_whose_handshake_begins_early_is_connected_by_its_first_words() {
    let mut stage = Stage::new(Options::default());
    let alone = stage.join(room(1), 1, Role::Shopper, Wish::call());
    // Were the first flight dropped, there would be no other.
    stage.clients[alone].says_hello_once = true;
    stage.until("connected", |stage| stage.clients[alone].is_connected && stage.was_told(1, &What::Connected));
}

#[test]
fn two_see_and_hear_each_other() {
    let mut stage = Stage::new(Options::default());
    let one = stage.join(room(1), 1, Role::Shopper, Wish::call());
    let other = stage.join(room(1), 2, Role::Customer, Wish::call());
    stage.clients[one].mark = 11;
    stage.clients[other].mark = 22;
    stage.until("media", |stage| stage.clients.iter().all(|client| client.got_on(0).len() > 50 && client.got_on(1).len() > 50));
    for (client, mark) in [(one, 22), (other, 11)] {
        let client = &stage.clients[client];
        let (sound, pictures) = (client.got_on(0), client.got_on(1));
        assert!(sound.iter().all(|got| got.payload[0] == mark));
        assert!(pictures.iter().all(|got| origin(&got.payload).0 == mark));
        assert_eq!(pictures[0].payload[6] & 1, 0, "the first picture is whole");
        numbers_go_on(&sound);
        numbers_go_on(&pictures);
        assert!(pictures.windows(2).all(|two| picture_number(&two[1].payload) == picture_number(&two[0].payload) + 1));
    }
    for (n, source) in [(1, Source::Microphone), (1, Source::Camera), (2, Source::Microphone), (2, Source::Camera)] {
        assert_eq!(stage.times(n, &What::Published(source)), 1);
    }
    stage.wait(stage.sfu.close(room(1)));
    stage.until("the end", |stage| [1, 2].into_iter().all(|n| stage.was_told(n, &What::Left(LeaveReason::RoomClosed))));
    assert_eq!(stage.times(1, &What::Left(LeaveReason::RoomClosed)), 1);
}

#[test]
fn a_third_is_told_of_on_lines_of_its_own() {
    let mut stage = Stage::new(Options::default());
    let more = [(MediaKind::Audio, Direction::RecvOnly), (MediaKind::Video, Direction::RecvOnly), (MediaKind::Video, Direction::RecvOnly)];
    for n in 1..=3 {
        // A line for the screen comes third; then a pair for the third person.
        let lines = [(MediaKind::Video, Direction::RecvOnly)].into_iter().chain(more[..2].iter().copied()).collect::<Vec<_>>();
        let client = stage.join(room(1), n, Role::Shopper, Wish::call().with_lines(&lines));
        stage.clients[client].mark = n as u8;
    }
    stage.until("all see all", |stage| stage.clients.iter().all(|client| [0, 1, 3, 4].iter().all(|line| client.got_on(*line).len() > 20)));
    let lines = stage.told.iter().rev().find_map(|fact| match &fact.what {
        What::Lines(layout) if fact.participant == participant(1) => Some(layout.lines.clone()),
        _ => None,
    });
    for line in lines.unwrap() {
        let (Some(mid), Some(track)) = (line.mid, line.track) else { continue };
        let client = &stage.clients[0];
        let at = client.mids.iter().position(|one| **one == *mid).unwrap();
        let mark = track.from.0.as_u128() as u8;
        let got = client.got_on(at);
        let last = got.last().unwrap();
        let found = if track.source == Source::Microphone { last.payload[0] } else { origin(&last.payload).0 };
        assert_eq!(found, mark, "who is on line {mid}");
    }
}

#[test]
fn eight_see_and_hear_each_other_and_a_ninth_finds_the_room_full() {
    let mut stage = Stage::new(Options::default());
    let pair = [(MediaKind::Audio, Direction::RecvOnly), (MediaKind::Video, Direction::RecvOnly)];
    // A line for the screen, and a pair for each of the others but the first.
    let lines: Vec<_> = [(MediaKind::Video, Direction::RecvOnly)].into_iter().chain([pair; 6].into_iter().flatten()).collect();
    for n in 1..=8 {
        let role = if n == 1 { Role::Shopper } else { Role::Customer };
        let client = stage.join(room(1), n, role, Wish::call().with_lines(&lines));
        (stage.clients[client].mark, stage.clients[client].pace) = (n as u8, Duration::from_millis(200));
    }
    let from = |client: &Client, is_sound: bool| -> BTreeSet<u8> {
        let is_of = |got: &&Got| (client.kind(got.mid) == MediaKind::Audio) == is_sound;
        client.got.iter().filter(is_of).map(|got| if is_sound { got.payload[0] } else { origin(&got.payload).0 }).collect()
    };
    stage.until("all see and hear all", |stage| {
        stage.clients.iter().all(|client| [true, false].into_iter().all(|is_sound| from(client, is_sound).len() >= 7))
    });
    for (client, n) in stage.clients.iter().zip(1_u8..) {
        let others: BTreeSet<_> = (1..=8).filter(|other| *other != n).collect();
        assert_eq!((from(client, true), from(client, false)), (others.clone(), others), "everybody but oneself");
    }
    let ninth = Client::new(Wish::call(), &stage.sfu).offer;
    assert_eq!(stage.offer(room(1), 9, Role::Customer, ninth.clone()), Err(JoinError::RoomFull));
    // Until somebody goes.
    stage.wait(stage.sfu.leave(room(1), participant(8), LeaveReason::ClientInitiated));
    stage.offer(room(1), 9, Role::Customer, ninth).unwrap();
}

#[test]
fn one_leaves_and_comes_back_as_another_presence() {
    let mut stage = Stage::new(Options::default());
    let one = stage.join(room(1), 1, Role::Shopper, Wish::call());
    let other = stage.join(room(1), 2, Role::Customer, Wish::call());
    stage.clients[other].mark = 2;
    stage.until("media", |stage| stage.clients[one].got_on(1).len() > 20);
    stage.wait(stage.sfu.leave(room(1), participant(2), LeaveReason::ClientInitiated));
    stage.until("the fact", |stage| stage.was_told(2, &What::Left(LeaveReason::ClientInitiated)));
    // Leaving ends the tracks; nothing is told of each.
    assert_eq!(stage.times(2, &What::Unpublished(Source::Camera)), 0);
    stage.clients[other].is_silent = true;
    let back = stage.join(room(1), 3, Role::Customer, Wish::call());
    stage.clients[back].mark = 3;
    stage.until("the other again", |stage| stage.clients[one].got_on(1).iter().filter(|got| origin(&got.payload).0 == 3).count() > 20);
    let got = stage.clients[one].got_on(1);
    // To the receiver it is one stream that goes on.
    assert!(got.iter().all(|one| one.ssrc == got[0].ssrc));
    numbers_go_on(&got);
    let first = got.iter().position(|got| origin(&got.payload).0 == 3).unwrap();
    assert_eq!(got[first].payload[6] & 1, 0, "it begins with a whole picture");
    assert_eq!(picture_number(&got[first].payload), picture_number(&got[first - 1].payload) + 1);
    let lines = stage.told.iter().rev().find_map(|fact| match &fact.what {
        What::Lines(layout) if fact.participant == participant(1) => Some(layout.lines.clone()),
        _ => None,
    });
    assert_eq!(lines.unwrap()[1].track, Some(Track { from: participant(3), source: Source::Camera }));
}

#[test]
fn sound_and_pictures_of_one_sender_are_told_the_same_time() {
    let mut stage = Stage::new(Options::default());
    let sender = stage.join(room(1), 1, Role::Shopper, Wish { layers: vec!["q", "h", "f"], ..Wish::call() });
    let receiver = stage.join(room(1), 2, Role::Customer, Wish::watching());
    stage.until("reports of both", |stage| stage.clients[receiver].said.len() == 2);
    // The report is of the layer that is shown: another one goes on from it.
    let camera = Track { from: participant(1), source: Source::Camera };
    stage.wait(stage.sfu.limit(room(1), participant(2), camera, Layer(0)));
    stage.until("the small layer", |stage| stage.clients[receiver].got_on(1).last().is_some_and(|got| origin(&got.payload).1 == 0));
    for _ in 0..2 {
        let before = stage.clients[receiver].said.clone();
        let is_new = |stage: &mut Stage| stage.clients[receiver].said.iter().all(|(ssrc, said)| before[ssrc] != *said);
        stage.until("further reports of both", is_new);
    }
    assert!(stage.clients[sender].is_connected);
    let (sound, pictures) = (stage.clients[receiver].clock_of(0, 48_000.0), stage.clients[receiver].clock_of(1, 90_000.0));
    assert!((sound - pictures).abs() < 0.02, "the same number was made at the same time: sound {sound}, pictures {pictures}");
}
