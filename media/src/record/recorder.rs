//! The recorder's thread: packets in, files out, and word of what happened to them.

use super::{
    file::{Recording, Went},
    queue::{Busy, Heard, Queue},
    tap::{Piece, Tap},
    webm::{self, Index},
};
use crate::core::room::{ParticipantId, Source};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io::Result,
    path::PathBuf,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

/// How often what is held back for too long is looked for.
const SWEEP_EVERY: Duration = Duration::from_millis(500);

/// One stretch of a call that is recorded, from switching on to switching off.
#[derive(Debug, Clone)]
pub struct Take {
    /// The take's own id.
    pub id: Uuid,
    /// Where its files are written; made when missing.
    pub folder: PathBuf,
    /// An instant, and how long after the call's start it was: all files of a call share the call's time line.
    pub epoch: (Instant, Duration),
}

impl Take {
    /// How long after the call's start this was.
    pub(super) fn since_start(&self, at: Instant) -> Duration {
        let (instant, since) = self.epoch;
        match at.checked_duration_since(instant) {
            Some(later) => since + later,
            None => since.saturating_sub(instant.duration_since(at)),
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holds {
    /// Voice and face of a participant.
    Person,
    /// The screen that a participant shows.
    Screen,
}

impl Holds {
    /// Where a track of this source belongs.
    pub const fn of(source: Source) -> Self {
        match source {
            Source::Microphone | Source::Camera => Self::Person,
            Source::Screen => Self::Screen,
        }
    }

    pub(super) const fn tracks(self) -> &'static [webm::Track] {
        match self {
            Self::Person => &[webm::Track::Pictures, webm::Track::Sound],
            Self::Screen => &[webm::Track::Pictures],
        }
    }
}

/// Something that happened to a file of a take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The take that it belongs to.
    pub take: Uuid,
    /// Where that take's files are written.
    pub folder: PathBuf,
    /// The file: a new id for each.
    pub file: Uuid,
    /// Whose.
    pub participant: ParticipantId,
    /// What it holds.
    pub holds: Holds,
    /// What happened.
    pub what: What,
}

/// What happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The first frame came, so long after the call's start.
    Opened {
        /// Since the call's start.
        offset: Duration,
    },
    /// It is whole and lies there.
    Closed(Closed),
    /// It could not be written on; why, for the log. What was written before lies where it was.
    Failed(String),
}

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Where it lies.
    pub path: PathBuf,
    /// From its begin to its last frame.
    pub duration: Duration,
    /// Pictures in it.
    pub pictures: u64,
    /// Pieces of sound in it.
    pub sounds: u64,
}

impl Closed {
    pub(super) fn of(path: PathBuf, index: &Index) -> Self {
        let duration = Duration::from_millis(index.last_ms);
        Self { path, duration, pictures: index.pictures, sounds: index.sounds }
    }
}

/// The thread that writes, from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    queue: Arc<Queue>,
}

/// The end of the thread.
#[derive(Debug)]
pub struct Ending(JoinHandle<()>);

impl Recorder {
    /// Starts the thread; what happens to files is told to `told`, and is waited for, so nothing of it is lost.
    ///
    /// # Errors
    /// What the system says that has no thread for us.
    pub fn start(told: Sender<Told>) -> Result<(Self, Ending)> {
        let queue = Arc::new(Queue::default());
        let theirs = Arc::clone(&queue);
        let body = move || Thread { queue: theirs, told, takes: HashMap::new() }.run();
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(body)?;
        Ok((Self { queue }, Ending(thread)))
    }

    /// Begins a take; what comes by the tap belongs to it.
    pub fn open(&self, take: Take) -> Tap {
        let tap = Tap::new(take.id, Arc::clone(&self.queue));
        self.queue.tell(Heard::Open(take));
        tap
    }

    /// A participant of the take has gone: their files are finished.
    pub fn leave(&self, take: Uuid, participant: ParticipantId) {
        self.queue.tell(Heard::Leave(take, participant));
    }

    /// Ends a take: all its files are finished.
    pub fn close(&self, take: Uuid) {
        self.queue.tell(Heard::Close(take));
    }

    /// Ends all takes, and the thread.
    pub fn end(&self) {
        self.queue.tell(Heard::End);
    }
}

impl Ending {
    /// Waits until the thread has written everything; a blocking call.
    pub fn wait(self) {
        // What it would say is in the log already.
        let _ = self.0.join();
    }
}

struct Thread {
    queue: Arc<Queue>,
    told: Sender<Told>,
    takes: HashMap<Uuid, Open>,
}

struct Open {
    take: Take,
    files: HashMap<(ParticipantId, Holds), Recording>,
    /// Of whom nothing more is written: they left, or the disk is full.
    over: HashSet<(ParticipantId, Holds)>,
}

impl Thread {
    fn run(mut self) {
        let mut spare = VecDeque::new();
        let mut swept = Instant::now();
        loop {
            let busy = if self.takes.is_empty() { Busy::Idle } else { Busy::Recording };
            let mut waiting = self.queue.take(spare, busy);
            for heard in waiting.drain(..) {
                match heard {
                    Heard::Packet(take, piece) => self.packet(take, piece),
                    Heard::Open(take) => self.open(take),
                    Heard::Leave(take, participant) => self.leave(take, participant),
                    Heard::Close(take) => self.close(take),
                    Heard::End => {
                        let all: Vec<_> = self.takes.keys().copied().collect();
                        all.into_iter().for_each(|take| self.close(take));
                        return;
                    }
                }
            }
            spare = waiting;
            if swept.elapsed() >= SWEEP_EVERY {
                swept = Instant::now();
                self.takes.values_mut().for_each(|open| open.sweep(swept, &self.told));
            }
        }
    }

    fn open(&mut self, take: Take) {
        if let Err(error) = std::fs::create_dir_all(&take.folder) {
            // The files will fail, and say so one by one.
            tracing::error!(folder = %take.folder.display(), %error, "no folder for a recording");
        }
        self.takes.insert(take.id, Open { take, files: HashMap::new(), over: HashSet::new() });
    }

    fn packet(&mut self, take: Uuid, piece: Piece) {
        if let Some(open) = self.takes.get_mut(&take) {
            open.packet(piece, &self.told);
        }
    }

    fn leave(&mut self, take: Uuid, participant: ParticipantId) {
        let Some(open) = self.takes.get_mut(&take) else { return };
        for holds in [Holds::Person, Holds::Screen] {
            open.finish((participant, holds), &self.told);
        }
    }

    fn close(&mut self, take: Uuid) {
        let Some(mut open) = self.takes.remove(&take) else { return };
        let files: Vec<_> = open.files.keys().copied().collect();
        files.into_iter().for_each(|file| open.finish(file, &self.told));
    }
}

impl Open {
    fn packet(&mut self, piece: Piece, told: &Sender<Told>) {
        let whose = (piece.participant, Holds::of(piece.source));
        if self.over.contains(&whose) {
            return;
        }
        if self.files.get(&whose).is_some_and(|recording| !recording.takes(piece.codec)) {
            // Pictures are coded in another way from now on: they are another file.
            self.end(whose, told);
        }
        let recording = self.files.entry(whose).or_insert_with(|| Recording::new(Uuid::now_v7(), whose.0, whose.1));
        let went = recording.packet(&self.take, piece);
        self.settle(whose, went, told);
    }

    fn sweep(&mut self, now: Instant, told: &Sender<Told>) {
        let all: Vec<_> = self.files.keys().copied().collect();
        for whose in all {
            let Some(recording) = self.files.get_mut(&whose) else { continue };
            let went = recording.sweep(&self.take, now);
            self.settle(whose, went, told);
        }
    }

    fn settle(&mut self, whose: (ParticipantId, Holds), went: Result<Went>, told: &Sender<Told>) {
        let file = self.files[&whose].file;
        match went {
            Ok(Went::On) => {}
            Ok(Went::Opened(offset)) => self.tell(file, whose, What::Opened { offset }, told),
            Err(error) => {
                self.files.remove(&whose);
                self.over.insert(whose);
                self.tell(file, whose, What::Failed(error.to_string()), told);
            }
        }
    }

    fn finish(&mut self, whose: (ParticipantId, Holds), told: &Sender<Told>) {
        self.over.insert(whose);
        self.end(whose, told);
    }

    fn end(&mut self, whose: (ParticipantId, Holds), told: &Sender<Told>) {
        let Some(recording) = self.files.remove(&whose) else { return };
        let file = recording.file;
        match recording.close(&self.take) {
            Ok((went, closed)) => {
                if let Went::Opened(offset) = went {
                    self.tell(file, whose, What::Opened { offset }, told);
                }
                if let Some(closed) = closed {
                    self.tell(file, whose, What::Closed(closed), told);
                }
            }
            Err(error) => self.tell(file, whose, What::Failed(error.to_string()), told),
        }
    }

    fn tell(&self, file: Uuid, (participant, holds): (ParticipantId, Holds), what: What, told: &Sender<Told>) {
        let told_now = Told { take: self.take.id, folder: self.take.folder.clone(), file, participant, holds, what };
        if told.blocking_send(told_now).is_err() {
            tracing::warn!(%file, "nobody hears what happens to a recording; the next start will find its file");
        }
    }
}
