//! What waits to be tried again: in the notebook, with no more in memory than how much it is and of which streams.

use crate::webhooks::notes::{self, Of, Waiting};
use chrono::{DateTime, Utc};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;
use vitrina_domain::webhook::OrderedBy;
use vitrina_projections::{Result, sql::notebook::Notebook};

/// Events of one endpoint that wait, at most. What happens further stays in the log, where it needs no note, and is read when there is room.
pub(super) const WAITING_MAX: usize = 10_000;
/// How often it is looked for what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What waits.
pub(super) struct Backlog {
    streams: HashMap<Uuid, usize>,
    waiting: usize,
    /// Those that are under way, or whose end is not written yet: the notebook still shows them as due.
    under_way: HashSet<i64>,
    ended: Vec<i64>,
    writing: Vec<i64>,
    look_at: Instant,
}

impl Backlog {
    pub(super) async fn load(notebook: &Notebook, of: Of) -> Result<Self> {
        let count = |n: i64| usize::try_from(n).unwrap_or_default();
        let streams: HashMap<Uuid, usize> = notes::streams(notebook, of).await?.into_iter().map(|(stream, n)| (stream, count(n))).collect();
        let waiting = streams.values().sum();
        Ok(Self { streams, waiting, under_way: HashSet::new(), ended: Vec::new(), writing: Vec::new(), look_at: Instant::now() })
    }

    /// Whether more can wait.
    pub(super) fn has_room(&self) -> bool {
        self.waiting < WAITING_MAX
    }

    /// Whether something of this stream waits.
    pub(super) fn holds(&self, stream: Uuid) -> bool {
        self.streams.contains_key(&stream)
    }

    /// One more of this stream waits.
    pub(super) fn add(&mut self, stream: Uuid) {
        self.waiting += 1;
        *self.streams.entry(stream).or_default() += 1;
    }

    /// One of this stream waits no more.
    pub(super) fn remove(&mut self, stream: Uuid) {
        self.waiting = self.waiting.saturating_sub(1);
        if let Some(count) = self.streams.get_mut(&stream) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.streams.remove(&stream);
            }
        }
    }

    /// Whoever counted otherwise counts anew.
    pub(super) fn recount(&mut self, other: Self) {
        (self.streams, self.waiting, self.look_at) = (other.streams, other.waiting, other.look_at);
    }

    /// What is due now, and not under way.
    pub(super) async fn due(
        &mut self,
        notebook: &Notebook,
        of: Of,
        now: DateTime<Utc>,
        room: usize,
        order: OrderedBy,
    ) -> Result<Vec<Waiting>> {
        if self.waiting == 0 || room == 0 || Instant::now() < self.look_at {
            return Ok(Vec::new());
        }
        let mut due = notes::due(notebook, of, now, room + self.under_way.len(), order).await?;
        due.retain(|waiting| !self.under_way.contains(&waiting.position));
        due.truncate(room);
        if due.len() < room {
            self.look_at = Instant::now() + LOOK_EVERY;
        }
        self.under_way.extend(due.iter().map(|waiting| waiting.position));
        Ok(due)
    }

    /// It is looked at once, since something has ended that others waited for.
    pub(super) fn look_soon(&mut self) {
        self.look_at = Instant::now();
    }

    /// When it is looked next.
    pub(super) fn look_at(&self) -> Option<Instant> {
        (self.waiting > 0).then_some(self.look_at)
    }

    /// One that was under way has ended; it is written with the next notes.
    pub(super) fn end(&mut self, position: i64) {
        self.ended.push(position);
    }

    /// The notes so far are being written.
    pub(super) fn is_being_written(&mut self) {
        self.writing.append(&mut self.ended);
    }

    /// They are written.
    pub(super) fn is_written(&mut self) {
        if !self.writing.is_empty() {
            // Others of their streams come next.
            self.look_soon();
        }
        for position in self.writing.drain(..) {
            self.under_way.remove(&position);
        }
    }
}
