//! WebM (a subset of Matroska, RFC 9559), as much of it as a recording of VP8 and Opus takes, and of Matroska what H.264 takes.
//!
//! A file is only ever appended to, whole clusters at a time, so that one that was cut off plays. What is known at the end
//! only (duration, index, sizes) has holes in the header that are filled when the file is finished, now or after a crash.

mod element;
mod finish;
mod header;
mod scan;
mod writer;

pub(super) use scan::repair;
pub(super) use writer::{CLUSTER_MS_MAX, Frame, Kind, Writer};

/// Ticks are milliseconds.
pub(in crate::record) const TICK_NS: u64 = 1_000_000;

/// What kind of file it is, by how its pictures are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// VP8, or none.
    WebM,
    /// H.264.
    Matroska,
}

impl Form {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::WebM, Self::Matroska];

    /// How names of such files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::WebM => "webm",
            Self::Matroska => "mkv",
        }
    }

    /// What such files are to a browser.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::WebM => "video/webm",
            Self::Matroska => "video/x-matroska",
        }
    }
}

/// The tracks that a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Track {
    /// VP8 or H.264.
    Pictures,
    /// Opus.
    Sound,
}

impl Track {
    /// Its number in the file.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Pictures => 1,
            Self::Sound => 2,
        }
    }
}

/// Where a player can jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue {
    /// The cluster's time.
    pub(super) ms: u64,
    /// Its first byte, from the begin of the segment's data.
    pub(super) at: u64,
}

/// What is known of the clusters of a file, as they were written or as they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// Clusters that begin with a key frame.
    pub(super) cues: Vec<Cue>,
    /// Clusters without pictures before the first picture, where a player jumps to when there is no picture at all.
    pub(super) quiet_cues: Vec<Cue>,
    /// The end of the last cluster, from the begin of the file.
    pub(super) end: u64,
    /// The time of the last frame.
    pub(super) last_ms: u64,
    /// Pictures.
    pub(super) pictures: u64,
    /// Pieces of sound.
    pub(super) sounds: u64,
    /// Of the first key frame, where it is known.
    pub(super) size: Option<(u16, u16)>,
}
