//! One file: the tracks of a participant that belong together, written as they come.

use super::{
    name::Name,
    recorder::{Closed, Holds, Take},
    tap::Piece,
    track::{Timed, Track},
    webm::{CLUSTER_MS_MAX, Form, Frame, Writer},
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

/// For how long sound waits for a packet of pictures, by which the form of the file goes; then there may be none.
const FORM_WITHIN: Duration = Duration::from_secs(1);

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
    /// How its pictures are coded, by which the form of the file goes.
    coded: Option<Codec>,
    /// What came before that was known.
    waiting: Vec<Timed>,
    writer: Option<(Writer, PathBuf)>,
}

impl Recording {
    pub(super) fn new(file: Uuid, participant: ParticipantId, holds: Holds) -> Self {
        Self { file, participant, holds, tracks: BTreeMap::new(), begin: None, coded: None, waiting: Vec::new(), writer: None }
    }

    /// Takes a packet in, and writes what is whole by it.
    pub(super) fn packet(&mut self, take: &Take, piece: Piece) -> Result<Went> {
        let (source, now) = (piece.source, piece.at);
        if piece.codec != Codec::Opus {
            self.coded.get_or_insert(piece.codec);
        }
        let track = self.tracks.entry(source).or_insert_with(|| Track::of(piece.codec));
        track.push(piece);
        let mut frames = Vec::new();
        track.pop(now, &mut self.begin, &mut frames);
        self.write(take, frames, now)
    }

    /// Whether a packet of this codec has its place in this file: its pictures are all coded alike.
    pub(super) fn takes(&self, codec: Codec) -> bool {
        codec == Codec::Opus || self.coded.is_none_or(|coded| coded == codec)
    }

    /// Gives up what was waited for too long, and puts on the disk what was held for long enough.
    pub(super) fn sweep(&mut self, take: &Take, now: Instant) -> Result<Went> {
        let mut frames = Vec::new();
        for track in self.tracks.values_mut() {
            track.pop(now, &mut self.begin, &mut frames);
        }
        let went = self.write(take, frames, now)?;
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
        // Nobody comes any more to say how pictures are coded.
        self.coded.get_or_insert(Codec::Vp8);
        let went = self.write(take, frames, Instant::now())?;
        let Some((writer, path)) = self.writer else { return Ok((went, None)) };
        let index = writer.finish()?;
        Ok((went, Some(Closed::of(path, &index))))
    }

    fn write(&mut self, take: &Take, frames: Vec<Timed>, now: Instant) -> Result<Went> {
        self.waiting.extend(frames);
        let Some(begin) = self.begin else { return Ok(Went::On) };
        if self.writer.is_none() && now.saturating_duration_since(begin) >= FORM_WITHIN {
            self.coded.get_or_insert(Codec::Vp8);
        }
        let Some(coded) = self.coded.filter(|_| !self.waiting.is_empty()) else { return Ok(Went::On) };
        let mut went = Went::On;
        for Timed { track, ms, kind, data, private } in std::mem::take(&mut self.waiting) {
            let writer = match &mut self.writer {
                Some((writer, _)) => writer,
                none => {
                    let form = if coded == Codec::H264 { Form::Matroska } else { Form::WebM };
                    let offset = take.since_start(begin);
                    let name = Name { file: self.file, participant: self.participant, holds: self.holds, form, offset };
                    let path = take.folder.join(name.to_string());
                    went = Went::Opened(offset);
                    &mut none.insert((Writer::create(&path, self.holds.tracks(), form)?, path)).0
                }
            };
            writer.frame(Frame { track, ms, kind, data: &data, private: private.as_deref() })?;
        }
        Ok(went)
    }
}
