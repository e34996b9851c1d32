//! One track of a participant: from its packets to frames with a time.

use super::{
    clock::Clock,
    pictures::{Picture, Pictures},
    reorder::{Next, Reorder},
    tap::Piece,
    units::Units,
    webm,
};
use crate::core::{
    codec::Codec,
    layers::{LAYERS_MAX, Layer},
};
use std::time::{Duration, Instant};

/// How long the layer in hand may be silent before a lower one takes its place.
const SILENT_MAX: Duration = Duration::from_secs(1);

/// A frame to be written.
#[derive(Debug)]
pub(super) struct Timed {
    pub(super) track: webm::Track,
    /// Since the file's begin.
    pub(super) ms: u64,
    pub(super) kind: webm::Kind,
    pub(super) data: Vec<u8>,
    /// What a decoder has to be told before it.
    pub(super) private: Option<Vec<u8>>,
}

/// A track.
#[derive(Debug)]
pub(super) enum Track {
    /// A voice.
    Sound {
        /// In order.
        reorder: Reorder,
        /// When.
        clock: Clock,
    },
    /// A face or a screen, in one or more layers, of which one is written at a time.
    Pictures {
        /// By layer.
        lanes: Box<[Lane; LAYERS_MAX]>,
        /// The one in hand, and when its last frame came.
        chosen: Option<(usize, Instant)>,
        /// When.
        clock: Clock,
    },
}

/// A layer.
#[derive(Debug)]
pub(super) struct Lane {
    reorder: Reorder,
    collects: Collects,
}

/// How packets become pictures.
#[derive(Debug)]
enum Collects {
    Vp8(Pictures),
    H264(Units),
}

impl Lane {
    fn of(codec: Codec) -> Self {
        let collects = if codec == Codec::H264 { Collects::H264(Units::default()) } else { Collects::Vp8(Pictures::default()) };
        Self { reorder: Reorder::default(), collects }
    }
}

impl Collects {
    fn take(&mut self, next: Next) -> Option<Picture> {
        match self {
            Self::Vp8(pictures) => pictures.take(next),
            Self::H264(units) => units.take(next),
        }
    }
}

impl Track {
    /// The track of a packet like this.
    pub(super) fn of(codec: Codec) -> Self {
        match codec {
            Codec::Opus => Self::Sound { reorder: Reorder::default(), clock: Clock::new(48_000) },
            Codec::Vp8 | Codec::H264 => {
                Self::Pictures { lanes: Box::new(std::array::from_fn(|_| Lane::of(codec))), chosen: None, clock: Clock::new(90_000) }
            }
        }
    }

    /// Takes a packet in.
    pub(super) fn push(&mut self, piece: Piece) {
        match self {
            Self::Sound { reorder, .. } => reorder.push(piece),
            Self::Pictures { lanes, .. } => {
                let Layer(layer) = piece.layer;
                if let Some(lane) = lanes.get_mut(usize::from(layer)) {
                    lane.reorder.push(piece);
                }
            }
        }
    }

    /// The frames that are whole by now; `begin` is the file's, or becomes it by the first of them.
    pub(super) fn pop(&mut self, now: Instant, begin: &mut Option<Instant>, frames: &mut Vec<Timed>) {
        match self {
            Self::Sound { reorder, clock } => {
                while let Some(next) = reorder.pop(now) {
                    sound(clock, next, begin, frames);
                }
            }
            Self::Pictures { lanes, chosen, clock } => {
                for (layer, lane) in lanes.iter_mut().enumerate() {
                    while let Some(next) = lane.reorder.pop(now) {
                        if let Some(picture) = lane.collects.take(next) {
                            write(clock, chosen, layer, picture, begin, frames);
                        }
                    }
                }
            }
        }
    }

    /// The frames that are left at the end.
    pub(super) fn drain(&mut self, begin: &mut Option<Instant>, frames: &mut Vec<Timed>) {
        match self {
            Self::Sound { reorder, clock } => reorder.drain().into_iter().for_each(|next| sound(clock, next, begin, frames)),
            Self::Pictures { lanes, chosen, clock } => {
                for (layer, lane) in lanes.iter_mut().enumerate() {
                    for next in lane.reorder.drain() {
                        if let Some(picture) = lane.collects.take(next) {
                            write(clock, chosen, layer, picture, begin, frames);
                        }
                    }
                }
            }
        }
    }
}

fn sound(clock: &mut Clock, next: Next, begin: &mut Option<Instant>, frames: &mut Vec<Timed>) {
    let Next::Packet(piece) = next else { return };
    if piece.payload.is_empty() {
        return;
    }
    let ms = clock.ms(piece.timestamp, since(begin, piece.at));
    frames.push(Timed { track: webm::Track::Sound, ms, kind: webm::Kind::Key(None), data: piece.payload.to_vec(), private: None });
}

fn write(
    clock: &mut Clock,
    chosen: &mut Option<(usize, Instant)>,
    layer: usize,
    picture: Picture,
    begin: &mut Option<Instant>,
    frames: &mut Vec<Timed>,
) {
    let Picture { timestamp, at, key, data, private } = picture;
    match *chosen {
        Some((current, _)) if current == layer => {}
        Some((current, last)) if key.is_some() && (layer > current || at.saturating_duration_since(last) > SILENT_MAX) => clock.restart(),
        None if key.is_some() => {}
        _ => return,
    }
    *chosen = Some((layer, at));
    let ms = clock.ms(timestamp, since(begin, at));
    let kind = key.map_or(webm::Kind::Delta, webm::Kind::Key);
    frames.push(Timed { track: webm::Track::Pictures, ms, kind, data, private });
}

fn since(begin: &mut Option<Instant>, at: Instant) -> Duration {
    at.saturating_duration_since(*begin.get_or_insert(at))
}
