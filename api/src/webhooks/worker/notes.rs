//! When what a worker knows is written: little by little while there is much of it, together with other workers'.

use super::Worker;
use crate::webhooks::notes;
use std::time::Duration;
use tokio::{task::JoinHandle, time::Instant};
use vitrina_eventlog::LogError;

/// Between two writings of one endpoint's attempts.
const WRITE_EVERY: Duration = Duration::from_millis(50);
/// Between two writings of nothing but the place in the log: what is repeated after a crash was told to nobody.
const MOVE_EVERY: Duration = Duration::from_secs(2);
/// Notes that wait, at most, before nothing more is sent.
pub(super) const UNWRITTEN_MAX: usize = 2_000;
/// Notes that are written at once: who is told fast does not come to stand before it is time.
const WRITTEN_AT_ONCE: usize = UNWRITTEN_MAX / 2;

/// The writing that is under way.
pub(super) struct Writing {
    under_way: Option<JoinHandle<bool>>,
    begun: Instant,
    /// What is noted next lets more wait than is known here.
    looks: bool,
    /// What is being written does.
    is_looking: bool,
    /// A replay has ended: there may be a next one.
    is_replayed: bool,
}

impl Default for Writing {
    fn default() -> Self {
        Self { under_way: None, begun: Instant::now(), looks: false, is_looking: false, is_replayed: false }
    }
}

/// What there is to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dirty {
    Clean,
    /// The place.
    Moved,
    /// What was tried, or waits.
    Noted,
    /// Much of that.
    Full,
}

impl Writing {
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Waits for it; whether this process still holds the endpoint. Cancel-safe.
    pub(super) async fn done(&mut self) -> bool {
        let Some(writing) = &mut self.under_way else { return true };
        // What panicked wrote nothing: whoever holds the endpoint next begins where it was.
        let held = writing.await.unwrap_or(false);
        self.under_way = None;
        held
    }

    /// When it is time to write.
    pub(super) fn due(&self, dirty: Dirty) -> Option<Instant> {
        match dirty {
            _ if self.is_under_way() => None,
            Dirty::Clean => None,
            Dirty::Moved => Some(self.begun + MOVE_EVERY),
            Dirty::Noted => Some(self.begun + WRITE_EVERY),
            Dirty::Full => Some(self.begun),
        }
    }

    /// It is looked at what waits once this is written.
    pub(super) fn look_after(&mut self) {
        self.looks = true;
    }
}

impl Worker {
    pub(super) fn is_dirty(&self) -> Dirty {
        let replayed = self.replay.as_ref().is_some_and(|(replay, lane)| lane.settled() > replay.position);
        match () {
            () if self.changes.len() >= WRITTEN_AT_ONCE => Dirty::Full,
            () if self.changes.len() > 0 || replayed => Dirty::Noted,
            () if self.live.settled() > self.place.position => Dirty::Moved,
            () => Dirty::Clean,
        }
    }

    /// Writes when it is time.
    pub(super) fn note(&mut self) {
        if self.writing.due(self.is_dirty()).is_some_and(|due| due <= Instant::now()) {
            self.write_all();
        }
    }

    /// Writes what there is.
    pub(super) fn write_all(&mut self) {
        if self.is_dirty() == Dirty::Clean || self.writing.is_under_way() {
            return;
        }
        self.place.position = self.place.position.max(self.live.settled());
        if let Some((mut replay, lane)) = self.replay.take() {
            replay.position = lane.settled();
            if replay.position >= replay.upto {
                self.changes.replayed(self.of, replay.version);
                self.writing.is_replayed = true;
            } else {
                self.changes.replay(self.of, replay);
                self.replay = Some((replay, lane));
            }
        }
        self.backlog.is_being_written();
        self.writing.is_looking |= std::mem::take(&mut self.writing.looks);
        let group = std::mem::take(&mut self.changes).group(self.of, self.own, self.place);
        let book = self.state.webhooks.book.clone();
        self.writing.begun = Instant::now();
        self.writing.under_way = Some(tokio::spawn(async move { book.write(group).await }));
    }

    /// What follows from what is written.
    pub(super) async fn noted(&mut self) -> Result<(), LogError> {
        self.backlog.is_written();
        let away = |error: vitrina_projections::Error| LogError::Unavailable(error.chain());
        let notebook = &self.state.webhooks.notes;
        if std::mem::take(&mut self.writing.is_looking) {
            self.backlog.look_again(notebook, self.of).await.map_err(away)?;
        }
        if std::mem::take(&mut self.writing.is_replayed) && self.replay.is_none() {
            let next = notes::replay(notebook, self.of).await.map_err(away)?;
            self.replay = next.map(|replay| (replay, super::Lane::new(replay.position)));
        }
        Ok(())
    }
}
