//! One file: the tracks of a participant that belong together, written as they come.

use super::{
    name::Name,
    recorder::{Closed, Holds, Take},
    tap::Piece,
    track::{Timed, Track},
    webm::{CLUSTER_MS_MAX, Frame, Writer},
};
use crate::core::{
    codec::Codec,
    room::{ParticipantId, Source},
};
use std::{
    collections::BTreeMap,
    io::Result,
    path::PathBuf,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// What happened to the file by the frames that were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// Its first frame.
    Opened(Duration),
    /// On, or nowhere.
    On,
}

/// A file in the making; there is none on the disk before its first frame.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) file: Uuid,
    participant: ParticipantId,
    holds: Holds,
    tracks: BTreeMap<Source, Track>,
    begin: Option<Instant>,
    writer: Option<(Writer, PathBuf)>,
}

impl Recording {
    pub(super) fn new(file: Uuid, participant: ParticipantId, holds: Holds) -> Self {
        Self { file, participant, holds, tracks: BTreeMap::new(), begin: None, writer: None }
    }

    /// Takes a packet in, and writes what is whole by it.
    pub(super) fn packet(&mut self, take: &Take, piece: Piece) -> Result<Went> {
        // WebM has no H.264.
        if piece.codec == Codec::H264 {
            return Ok(Went::On);
        }
        let (source, now) = (piece.source, piece.at);
        let track = self.tracks.entry(source).or_insert_with(|| Track::of(piece.codec));
        track.push(piece);
        let mut frames = Vec::new();
        track.pop(now, &mut self.begin, &mut frames);
        self.write(take, frames)
    }

    /// Gives up what was waited for too long, and puts on the disk what was held for long enough.
    pub(super) fn sweep(&mut self, take: &Take, now: Instant) -> Result<Went> {
        let mut frames = Vec::new();
        for track in self.tracks.values_mut() {
            track.pop(now, &mut self.begin, &mut frames);
        }
        let went = self.write(take, frames)?;
        if let (Some((writer, _)), Some(begin)) = (&mut self.writer, self.begin) {
            let time = now.saturating_duration_since(begin).as_millis();
            if writer.open_since().is_some_and(|since| time > u128::from(since + CLUSTER_MS_MAX)) {
                writer.flush()?;
            }
        }
        Ok(went)
    }

    /// Writes what is left and finishes the file; `None` when there never was a frame.
    pub(super) fn close(mut self, take: &Take) -> Result<(Went, Option<Closed>)> {
        let mut frames = Vec::new();
        for track in self.tracks.values_mut() {
            track.drain(&mut self.begin, &mut frames);
        }
        let went = self.write(take, frames)?;
        let Some((writer, path)) = self.writer else { return Ok((went, None)) };
        let index = writer.finish()?;
        Ok((went, Some(Closed::of(path, &index))))
    }

    fn write(&mut self, take: &Take, frames: Vec<Timed>) -> Result<Went> {
        let mut went = Went::On;
        for Timed { track, ms, kind, data } in frames {
            let writer = match &mut self.writer {
                Some((writer, _)) => writer,
                none => {
                    let begin = self.begin.expect("the first frame sets it");
                    let offset = take.since_start(begin);
                    let name = Name { file: self.file, participant: self.participant, holds: self.holds, offset };
                    let path = take.folder.join(name.to_string());
                    went = Went::Opened(offset);
                    &mut none.insert((Writer::create(&path, self.holds.tracks())?, path)).0
                }
            };
            writer.frame(Frame { track, ms, kind, data: &data })?;
        }
        Ok(went)
    }
}
