//! People meet: they see and hear each other, a third comes, one leaves and comes back.

use crate::{
    client::{Wish, origin, picture_number},
    stage::{Stage, participant, room},
};
use std::time::Duration;
use str0m::media::{Direction, MediaKind};
use vitrina_media::{Layer, LeaveReason, Options, Role, Source, Track, What};

fn numbers_go_on(got: &[&crate::client::Got]) {
    let mut sequences: Vec<_> = got.iter().map(|got| got.sequence).collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), got.len(), "no packet twice");
    assert_eq!(usize::from(sequences.last().unwrap() - sequences[0]) + 1, got.len(), "no gap");
}

#[test]
fn one_connects_without_waiting_for_a_lost_first_flight() {
    let mut stage = Stage::new(Options::default());
    // The best of three: the machine may be busy.
    let took = (1..=3).map(|n| {
        let alone = stage.join(room(n), n, Role::Shopper, Wish::call());
        stage.until("connected", |stage| stage.clients[alone].connected.is_some() && stage.was_told(n, &What::Connected));
        stage.clients[alone].connected.unwrap()
    });
    let took = took.min().unwrap();
    // A first flight that is dropped comes again after a second.
    assert!(took < Duration::from_millis(900), "{took:?}");
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
fn one_leaves_and_comes_back_as_another_presence() {
    let mut stage = Stage::new(Options::default());
    let one = stage.join(room(1), 1, Role::Shopper, Wish::call());
    let other = stage.join(room(1), 2, Role::Customer, Wish::call());
    stage.clients[other].mark = 2;
    stage.until("media", |stage| stage.clients[one].got_on(1).len() > 20);
    stage.wait(stage.sfu.leave(room(1), participant(2), LeaveReason::ClientInitiated));
    stage.until("the fact", |stage| stage.was_told(2, &What::Left(LeaveReason::ClientInitiated)));
    assert_eq!(stage.times(2, &What::Unpublished(Source::Camera)), 1);
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
    stage.act(Duration::from_secs(3));
    assert!(stage.clients[sender].connected.is_some());
    let client = &stage.clients[receiver];
    // When the sender made the last packet of a line, by the sender's clock, against when it came: the same for both.
    let delay = |line: usize, ticks_per_second: f64| {
        let last = *client.got_on(line).last().unwrap();
        let (ntp, timestamp) = client.said[&last.ssrc];
        let made_after = f64::from(last.timestamp.wrapping_sub(timestamp) as i32) / ticks_per_second;
        let came_after = last.at.duration_since(ntp).map_or_else(|error| -error.duration().as_secs_f64(), |after| after.as_secs_f64());
        came_after - made_after
    };
    let (sound, pictures) = (delay(0, 48_000.0), delay(1, 90_000.0));
    assert!((sound - pictures).abs() < 0.1, "sound {sound}, pictures {pictures}");
}
