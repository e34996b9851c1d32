//! The recorder with packets of our own making, and its files read back by a reader of its own.

mod reader;

use super::*;
use crate::core::{
    codec::Codec,
    layers::Layer,
    room::{ParticipantId, Source},
};
use bytes::Bytes;
use reader::{Block, File};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A piece of sound with this number.
pub(super) fn piece(sequence: u16, at: Instant) -> Piece {
    Piece {
        participant: ParticipantId(Uuid::from_u128(1)),
        source: Source::Microphone,
        stream: 1,
        layer: Layer(0),
        codec: Codec::Opus,
        sequence,
        timestamp: u32::from(sequence) * 960,
        marker: false,
        payload: Bytes::from_static(&[0xf8, 0xff, 0xfe]),
        at,
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(std::env::temp_dir().join(format!("vitrina-record-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A sender of pictures and sound, by its own clock.
struct Sender {
    participant: ParticipantId,
    begin: Instant,
    sequence: [u16; 4],
}

impl Sender {
    fn new(n: u128, begin: Instant) -> Self {
        Self { participant: ParticipantId(Uuid::from_u128(n)), begin, sequence: [65_500, 7, 99, 1_000] }
    }

    fn next(&mut self, stream: usize) -> u16 {
        self.sequence[stream] = self.sequence[stream].wrapping_add(1);
        self.sequence[stream]
    }

    /// A frame in three packets, as Chromium sends it.
    fn picture(&mut self, ms: u64, layer: u8, key: bool) -> Vec<Piece> {
        let parts: [&[u8]; 3] = if key {
            [&[0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, layer], b"second", b"third"]
        } else {
            [&[0x11, 0x02, 0x00, layer], b"second", b"third"]
        };
        let stream = usize::from(layer);
        let whole = parts.iter().enumerate().map(|(index, part)| {
            let begins = if index == 0 { 0x90 } else { 0x80 };
            let mut payload = vec![begins, 0x80, 0x80, 0x01];
            payload.extend_from_slice(part);
            let timestamp = u32::try_from(ms * 90).unwrap().wrapping_add(4_294_900_000).wrapping_add(u32::from(layer) * 7_000_000);
            (index == 2, timestamp, payload)
        });
        let whole: Vec<_> = whole.collect();
        let piece = |sender: &mut Self, (marker, timestamp, payload): (bool, u32, Vec<u8>)| Piece {
            participant: sender.participant,
            source: Source::Camera,
            stream: 1 + u32::from(layer),
            layer: Layer(layer),
            codec: Codec::Vp8,
            sequence: sender.next(stream),
            timestamp,
            marker,
            payload: payload.into(),
            at: sender.begin + Duration::from_millis(ms),
        };
        whole.into_iter().map(|part| piece(self, part)).collect()
    }

    fn sound(&mut self, ms: u64) -> Piece {
        let timestamp = u32::try_from(ms * 48).unwrap();
        let (participant, sequence) = (self.participant, self.next(3));
        Piece { participant, sequence, timestamp, ..piece(0, self.begin + Duration::from_millis(ms)) }
    }

    /// So many milliseconds of 25 pictures and 50 sounds a second, a key frame every two seconds.
    fn talk(&mut self, from: u64, to: u64) -> Vec<Piece> {
        let mut all = Vec::new();
        for ms in (from..to).step_by(20) {
            if ms % 40 == 0 {
                all.extend(self.picture(ms, 0, ms % 2_000 == 0));
            }
            all.push(self.sound(ms));
        }
        all
    }
}

/// A recorder with one take, 1.5 s after the call's start.
struct Studio {
    folder: Folder,
    recorder: Recorder,
    ending: Option<Ending>,
    told: mpsc::Receiver<Told>,
    take: Uuid,
    tap: Tap,
    begin: Instant,
}

impl Studio {
    fn open() -> Self {
        let (folder, begin, take) = (Folder::new(), Instant::now(), Uuid::from_u128(77));
        let (tell, told) = mpsc::channel(64);
        let (recorder, ending) = Recorder::start(tell).unwrap();
        let tap = recorder.open(Take { id: take, folder: folder.0.clone(), epoch: (begin, Duration::from_millis(1_500)) });
        Self { folder, recorder, ending: Some(ending), told, take, tap, begin }
    }

    fn hear(&self, pieces: impl IntoIterator<Item = Piece>) {
        pieces.into_iter().for_each(|piece| self.tap.packet(piece));
    }

    fn told(&mut self) -> What {
        self.told.blocking_recv().expect("the recorder runs").what
    }

    fn close(mut self) -> (Vec<Told>, Folder) {
        self.recorder.close(self.take);
        self.recorder.end();
        self.ending.take().expect("it is ended once").wait();
        drop(self.recorder);
        let mut all = Vec::new();
        while let Some(told) = self.told.blocking_recv() {
            all.push(told);
        }
        (all, self.folder)
    }
}

fn closed(told: &Told) -> Closed {
    match &told.what {
        What::Closed(closed) => closed.clone(),
        other => panic!("{other:?}"),
    }
}

fn pictures(file: &File) -> Vec<&Block> {
    file.blocks.iter().filter(|block| block.track == 1).collect()
}

fn sounds(file: &File) -> Vec<&Block> {
    file.blocks.iter().filter(|block| block.track == 2).collect()
}

#[test]
fn what_was_sent_is_in_the_file_with_its_times_and_can_be_jumped_about_in() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin + Duration::from_millis(500));
    studio.hear(sender.talk(0, 5_000));
    let (told, _folder) = studio.close();
    assert_eq!(told[0].what, What::Opened { offset: Duration::from_millis(2_000) });
    let closed = closed(&told[1]);
    assert_eq!((closed.pictures, closed.sounds, closed.duration), (125, 250, Duration::from_millis(4_980)));
    let file = reader::read(&closed.path);
    assert_eq!((file.duration_ms, file.size), (Some(4_980.0), Some((320, 240))));
    assert_eq!(pictures(&file).iter().map(|block| block.ms).collect::<Vec<_>>(), (0..5_000).step_by(40).collect::<Vec<_>>());
    assert_eq!(sounds(&file).iter().map(|block| block.ms).collect::<Vec<_>>(), (0..5_000).step_by(20).collect::<Vec<_>>());
    assert!(pictures(&file)[0].data.ends_with(b"secondthird"), "the descriptors are gone");
    assert_eq!(file.cues, [0, 2_000, 4_000], "a player jumps to key frames");
}

#[test]
fn packets_that_come_late_or_twice_are_in_their_place_and_a_loss_costs_pictures_up_to_the_next_key_frame() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin);
    let mut pieces = sender.talk(0, 4_000);
    for pair in pieces.chunks_exact_mut(7) {
        pair.swap(2, 5);
    }
    let twice = pieces[40].clone();
    pieces.insert(44, twice);
    // A piece of the picture at 1,000 ms never comes.
    let lost = pieces.iter().position(|piece| piece.at == sender.begin + Duration::from_secs(1) && piece.codec == Codec::Vp8).unwrap();
    pieces.remove(lost);
    studio.hear(pieces);
    let (told, _folder) = studio.close();
    let file = reader::read(&closed(&told[1]).path);
    let expected: Vec<u64> = (0..1_000).step_by(40).chain((2_000..4_000).step_by(40)).collect();
    assert_eq!(pictures(&file).iter().map(|block| block.ms).collect::<Vec<_>>(), expected);
    assert_eq!(sounds(&file).len(), 200, "sound goes on");
}

#[test]
fn of_layers_the_best_that_comes_is_written_and_time_goes_on_over_a_change() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin);
    let mut pieces = Vec::new();
    for ms in (0..6_000).step_by(40) {
        pieces.extend(sender.picture(ms, 0, ms % 2_000 == 0));
        // The upper layer is there from the first second to the third.
        if (1_000..3_000).contains(&ms) {
            pieces.extend(sender.picture(ms, 1, ms == 1_000));
        }
    }
    studio.hear(pieces);
    let (told, _folder) = studio.close();
    let file = reader::read(&closed(&told[1]).path);
    let layers: Vec<(u64, u8)> = pictures(&file).iter().map(|block| (block.ms, block.data[if block.key { 10 } else { 3 }])).collect();
    // Both come at a second; the upper one takes the lower one's place.
    assert!(layers.iter().all(|(ms, layer)| *layer == u8::from((1_001..3_000).contains(ms))), "{layers:?}");
    let gap = layers.windows(2).map(|pair| pair[1].0 - pair[0].0).max();
    assert_eq!(gap, Some(1_040), "the lower layer is taken at its next key frame");
}

#[test]
fn each_presence_and_each_screen_has_a_file_of_its_own() {
    let mut studio = Studio::open();
    let (mut ana, mut marta) = (Sender::new(1, studio.begin), Sender::new(2, studio.begin));
    studio.hear(ana.talk(0, 200));
    studio.hear(marta.talk(0, 200));
    assert_eq!([studio.told(), studio.told()], [0, 0].map(|_| What::Opened { offset: Duration::from_millis(1_500) }));
    studio.recorder.leave(studio.take, ana.participant);
    assert!(matches!(studio.told(), What::Closed(_)));
    // Packets that were still on their way make no new file.
    studio.hear(ana.talk(200, 400));
    let screen = marta.picture(400, 0, true).into_iter().map(|piece| Piece { source: Source::Screen, ..piece });
    studio.hear(screen);
    let (told, _folder) = studio.close();
    let ends: Vec<_> = told.iter().filter(|told| matches!(told.what, What::Closed(_))).collect();
    assert_eq!(ends.iter().filter(|told| told.participant == marta.participant).count(), 2);
    assert_eq!(ends.len(), 2);
    let screen = ends.iter().find(|told| told.holds == Holds::Screen).unwrap();
    assert_eq!(closed(screen).pictures, 1);
}

#[test]
fn a_voice_without_a_face_is_a_file_without_pictures() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin);
    studio.hear((0..6_000).step_by(20).map(|ms| sender.sound(ms)).collect::<Vec<_>>());
    let (told, _folder) = studio.close();
    let file = reader::read(&closed(&told[1]).path);
    assert_eq!((file.tracks.as_slice(), file.blocks.len()), (&[2][..], 300));
    assert_eq!(file.cues, [0, 2_000, 4_000]);
}

#[test]
fn pictures_in_h264_are_a_matroska_file_and_another_codec_is_another_file() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin);
    // Sound comes first, and waits for what the pictures are.
    let mut pieces = vec![sender.sound(0)];
    let sequence = [0x67, 0x42, 0xc0, 0x1e, 0x8c, 0x8d, 0x40, 0x50, 0x1e, 0xd0, 0x0f, 0x08, 0x84, 0x6a];
    let parameters = [&[0x78, 0, 14][..], &sequence, &[0, 2, 0x68, 0xce]].concat();
    for ms in (20..3_000).step_by(20) {
        let is_key = ms % 1_000 == 20;
        let parts: &[&[u8]] = if is_key { &[&parameters, &[0x7c, 0x85, 1], &[0x7c, 0x45, 2]] } else { &[&[0x41, 9]] };
        for (at, part) in parts.iter().enumerate() {
            let (timestamp, marker, payload) = (u32::try_from(ms * 90).unwrap(), at + 1 == parts.len(), part.to_vec().into());
            let (participant, at) = (sender.participant, sender.begin + Duration::from_millis(ms));
            let sequence = sender.next(0);
            pieces.push(Piece {
                participant,
                source: Source::Camera,
                stream: 1,
                layer: Layer(0),
                codec: Codec::H264,
                sequence,
                timestamp,
                marker,
                payload,
                at,
            });
        }
        pieces.push(sender.sound(ms));
    }
    pieces.extend(sender.talk(4_000, 5_000));
    studio.hear(pieces);
    let (told, folder) = studio.close();
    assert_eq!(told.len(), 4, "two files, each opened and closed: {told:?}");
    let first = closed(&told[1]);
    assert_eq!((first.path.extension().unwrap().to_str(), first.pictures, first.sounds), (Some("mkv"), 149, 150));
    let file = reader::read(&first.path);
    assert_eq!((file.size, file.cues.as_slice()), (Some((640, 480)), &[20, 1_020, 2_020][..]));
    let whole = pictures(&file)[0].data.clone();
    assert_eq!(whole, [&[0, 0, 0, 14][..], &sequence, &[0, 0, 0, 2, 0x68, 0xce, 0, 0, 0, 3, 0x65, 1, 2]].concat());
    let private = [&[1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 14][..], &sequence, &[1, 0, 2, 0x68, 0xce]].concat();
    assert_eq!(file.private, Some(private));
    let second = closed(&told[3]);
    assert_eq!((second.path.extension().unwrap().to_str(), second.pictures), (Some("webm"), 25));
    // And what a crash leaves of it is repaired.
    let name =
        Name { form: Form::Matroska, file: Uuid::from_u128(5), ..Name::parse(first.path.file_name().unwrap().to_str().unwrap()).unwrap() };
    let length = std::fs::metadata(&first.path).unwrap().len() as usize;
    let path = cut(&first.path, length - length / 3, &name, &folder.0);
    let repaired = repair(&path, &name).unwrap().unwrap();
    assert!(repaired.pictures > 0 && repaired.pictures < 149);
    let again = reader::read(&path);
    assert_eq!((again.size, again.private), (file.size, file.private));
}

#[test]
fn a_recorder_that_is_behind_drops_and_counts_and_nobody_waits() {
    let queue = std::sync::Arc::new(queue::Queue::default());
    let tap = Tap::new(Uuid::nil(), std::sync::Arc::clone(&queue));
    for sequence in 0..10_000 {
        tap.packet(piece(sequence, Instant::now()));
    }
    assert_eq!(tap.dropped(), 10_000 - queue::WAITING_MAX as u64);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_ends_no_thread() {
    let folder = Folder::new();
    std::fs::write(&folder.0, "a file where the folder should be").unwrap();
    let (tell, mut told) = mpsc::channel(8);
    let (recorder, ending) = Recorder::start(tell).unwrap();
    let begin = Instant::now();
    let tap = recorder.open(Take { id: Uuid::nil(), folder: folder.0.clone(), epoch: (begin, Duration::ZERO) });
    Sender::new(1, begin).talk(0, 200).into_iter().for_each(|piece| tap.packet(piece));
    assert!(matches!(told.blocking_recv().unwrap().what, What::Failed(_)));
    recorder.end();
    ending.wait();
    assert!(told.blocking_recv().is_none(), "it is told once");
    std::fs::remove_file(&folder.0).unwrap();
}

/// A recording that was cut off at some byte, as a crash leaves it.
fn cut(whole: &Path, at: usize, name: &Name, folder: &Path) -> PathBuf {
    let path = folder.join(name.to_string());
    std::fs::write(&path, &std::fs::read(whole).unwrap()[..at]).unwrap();
    path
}

#[test]
fn wherever_a_crash_cuts_a_file_off_it_is_repaired_up_to_its_last_whole_cluster() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin);
    studio.hear(sender.talk(0, 9_000));
    let (told, folder) = studio.close();
    let whole = closed(&told[1]);
    let reference = reader::read(&whole.path);
    let mut name = Name::parse(whole.path.file_name().unwrap().to_str().unwrap()).unwrap();
    let bytes = std::fs::metadata(&whole.path).unwrap().len();
    let mut kept = Vec::new();
    for at in (400..usize::try_from(bytes).unwrap()).step_by(97).chain([usize::try_from(bytes).unwrap()]) {
        name.file = Uuid::from_u128(at as u128);
        let path = cut(&whole.path, at, &name, &folder.0);
        let Some(repaired) = repair(&path, &name).unwrap() else { continue };
        let file = reader::read(&path);
        assert_eq!(file.blocks, reference.blocks[..file.blocks.len()], "cut at {at}");
        assert_eq!(file.duration_ms, Some(repaired.duration.as_millis() as f64));
        assert_eq!(repaired.pictures + repaired.sounds, file.blocks.len() as u64);
        assert_eq!(file.cues, reference.cues[..file.cues.len()]);
        let once = std::fs::read(&path).unwrap();
        assert_eq!(repair(&path, &name).unwrap().unwrap(), repaired);
        assert!(std::fs::read(&path).unwrap() == once, "a second repair changes nothing");
        kept.push(file.blocks.len());
    }
    assert!(kept.windows(2).all(|pair| pair[0] <= pair[1]), "the later the cut, the more is kept");
    assert_eq!(kept.last(), Some(&reference.blocks.len()));
    assert_eq!(std::fs::read(&whole.path).unwrap().len() as u64, bytes);
}

#[test]
fn what_is_no_recording_is_left_as_it_is() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).unwrap();
    let name =
        Name { file: Uuid::nil(), participant: ParticipantId(Uuid::nil()), holds: Holds::Person, form: Form::WebM, offset: Duration::ZERO };
    let path = folder.0.join(name.to_string());
    for foreign in [vec![], vec![0; 4_000], b"no recording".to_vec()] {
        std::fs::write(&path, &foreign).unwrap();
        assert!(repair(&path, &name).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), foreign);
    }
}

/// What Chromium's own encoders made of its fake camera and microphone: 320 by 240, three seconds. Each frame is a head of ten
/// bytes (1 for a picture and 2 for sound, whether it is a key frame, milliseconds, length) and its data.
const CHROMIUM: &[u8] = include_bytes!("tests/chromium.frames");

/// A frame of Chromium's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Real {
    track: u64,
    key: bool,
    ms: u64,
    data: &'static [u8],
}

fn chromium() -> Vec<Real> {
    let (mut rest, mut frames) = (CHROMIUM, Vec::new());
    while let Some((head, after)) = rest.split_at_checked(10) {
        let number = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
        let (data, after) = after.split_at(number(6) as usize);
        frames.push(Real { track: head[0].into(), key: head[1] == 1, ms: number(2).into(), data });
        rest = after;
    }
    frames
}

/// The frame as packets of at most so many bytes (RFC 7741 section 4.2, RFC 7587).
fn packets(frame: &Real, sender: &mut Sender, bytes_max: usize) -> Vec<Piece> {
    let at = sender.begin + Duration::from_millis(frame.ms);
    if frame.track == 2 {
        return vec![Piece { payload: Bytes::from_static(frame.data), at, ..sender.sound(frame.ms) }];
    }
    let parts: Vec<_> = frame.data.chunks(bytes_max).collect();
    let count = parts.len();
    let piece = |(index, part): (usize, &&[u8])| {
        let mut payload = vec![if index == 0 { 0x10 } else { 0 }];
        payload.extend_from_slice(part);
        Piece {
            participant: sender.participant,
            source: Source::Camera,
            stream: 1,
            layer: Layer(0),
            codec: Codec::Vp8,
            sequence: sender.next(0),
            timestamp: u32::try_from(frame.ms * 90).unwrap().wrapping_add(4_294_900_000),
            marker: index + 1 == count,
            payload: payload.into(),
            at,
        }
    };
    parts.iter().enumerate().map(piece).collect()
}

#[test]
fn what_chromium_encoded_is_in_the_file_bit_by_bit() {
    let studio = Studio::open();
    let mut sender = Sender::new(1, studio.begin);
    let frames = chromium();
    let begin = frames.iter().map(|frame| frame.ms).min().unwrap();
    for frame in &frames {
        studio.hear(packets(frame, &mut sender, 300));
    }
    let (told, _folder) = studio.close();
    let path = closed(&told[1]).path;
    if let Some(copy) = std::env::var_os("VITRINA_TEST_RECORDING") {
        std::fs::copy(&path, copy).unwrap();
    }
    let file = reader::read(&path);
    assert_eq!(file.size, Some((320, 240)));
    assert!(frames.len() > 80 && frames.iter().filter(|frame| frame.track == 1).count() > 30);
    for track in [1, 2] {
        let sent: Vec<_> = frames.iter().filter(|frame| frame.track == track).collect();
        let kept: Vec<_> = file.blocks.iter().filter(|block| block.track == track).collect();
        assert_eq!(sent.len(), kept.len());
        for (sent, kept) in sent.into_iter().zip(kept) {
            assert!(sent.data == kept.data && sent.key == kept.key, "at {}", sent.ms);
            assert!((sent.ms - begin).abs_diff(kept.ms) <= 1, "{} and {}", sent.ms - begin, kept.ms);
        }
    }
}
