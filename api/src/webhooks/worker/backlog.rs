//! What waits to be tried again: in the notebook, with no more in memory than which events they are.

use crate::webhooks::notes::{self, Of, Waiting};
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
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
    streams: HashMap<Uuid, BTreeSet<i64>>,
    waiting: usize,
    /// Of no event after this one there is a note, neither that it waits nor that it could not be told.
    noted_upto: i64,
    /// Those that were taken up and have not ended.
    under_way: HashSet<i64>,
    /// Those of which it is known what came, and not written yet: of them the notebook shows what was before.
    ended: HashSet<i64>,
    /// And those of which it is being written.
    writing: HashSet<i64>,
    /// Something was put here that is due as soon as it is written.
    hurries: bool,
    look_at: Instant,
}

impl Backlog {
    pub(super) async fn load(notebook: &Notebook, of: Of) -> Result<Self> {
        let mut backlog = Self {
            streams: HashMap::new(),
            waiting: 0,
            noted_upto: notes::noted_upto(notebook, of).await?,
            under_way: HashSet::new(),
            ended: HashSet::new(),
            writing: HashSet::new(),
            hurries: false,
            look_at: Instant::now(),
        };
        backlog.look_again(notebook, of).await?;
        Ok(backlog)
    }

    /// Takes in what waits by what was written without it: dead letters that are recovered.
    pub(super) async fn look_again(&mut self, notebook: &Notebook, of: Of) -> Result<()> {
        for (stream, position) in notes::scheduled(notebook, of).await? {
            if !self.is_taken_up(position) {
                self.add(stream, position);
            }
        }
        self.look_soon();
        Ok(())
    }

    /// Whether more can wait.
    pub(super) fn has_room(&self) -> bool {
        self.waiting < WAITING_MAX
    }

    /// Whether something of this stream waits.
    pub(super) fn holds(&self, stream: Uuid) -> bool {
        self.streams.contains_key(&stream)
    }

    /// Whether this one waits.
    pub(super) fn contains(&self, stream: Uuid, position: i64) -> bool {
        self.streams.get(&stream).is_some_and(|positions| positions.contains(&position))
    }

    /// Whether the notebook shows of this one what is so no more.
    fn is_taken_up(&self, position: i64) -> bool {
        [&self.under_way, &self.ended, &self.writing].into_iter().any(|positions| positions.contains(&position))
    }

    /// Whether there may be a note of this event.
    pub(super) fn may_know(&self, position: i64) -> bool {
        position <= self.noted_upto
    }

    /// This one waits.
    pub(super) fn add(&mut self, stream: Uuid, position: i64) {
        self.noted_upto = self.noted_upto.max(position);
        self.waiting += usize::from(self.streams.entry(stream).or_default().insert(position));
    }

    /// This one waits no more: it was told, or could not be told at all.
    pub(super) fn remove(&mut self, stream: Uuid, position: i64) {
        self.noted_upto = self.noted_upto.max(position);
        let Some(positions) = self.streams.get_mut(&stream) else { return };
        self.waiting -= usize::from(positions.remove(&position));
        if positions.is_empty() {
            self.streams.remove(&stream);
        }
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
        let mut due = notes::due(notebook, of, now, room + self.taken_up(), order).await?;
        due.retain(|waiting| !self.is_taken_up(waiting.position));
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

    fn taken_up(&self) -> usize {
        self.under_way.len() + self.ended.len() + self.writing.len()
    }

    /// It is known what came of this one; it is written with the next notes.
    pub(super) fn end(&mut self, position: i64) {
        self.under_way.remove(&position);
        self.ended.insert(position);
    }

    /// What was put here is looked for as soon as it is written.
    pub(super) fn hurry(&mut self) {
        self.hurries = true;
    }

    /// The notes so far are being written.
    pub(super) fn is_being_written(&mut self) {
        self.writing = std::mem::take(&mut self.ended);
    }

    /// They are written.
    pub(super) fn is_written(&mut self) {
        // Others of their streams come next.
        if !std::mem::take(&mut self.writing).is_empty() | std::mem::take(&mut self.hurries) {
            self.look_soon();
        }
    }
}
