//! What is sent next: what is due of what waits, what happens, and what is told again.

use super::{Job, Lane, Origin, Worker, lane::Read, notes::UNWRITTEN_MAX};
use crate::webhooks::{notes::Waiting, payload::Rendered};
use chrono::Utc;
use std::sync::Arc;
use tokio::time::Instant;
use vitrina_eventlog::{LogError, Position, Recorded};

/// Events that are read at once.
const READ_MAX: usize = 512;
/// Times that it is read before others have their turn: an endpoint may want next to nothing of what happens.
const READS_MAX: usize = 8;
/// Events that are held back behind others of their streams.
const HELD_MAX: usize = 256;
/// Of them behind one: a slow stream leaves room for others.
const BEHIND_MAX: usize = 32;
/// One in so many is told again while there is also something new.
const REPLAYS_EACH: u32 = 4;

impl Worker {
    /// Sends what there is and may be sent. Whether there is more to be looked at now.
    pub(super) async fn fill(&mut self, newest: i64) -> Result<bool, LogError> {
        let mut room = self.room();
        if room == 0 {
            return Ok(false);
        }
        while let Some(job) = self.ready.pop_front() {
            self.launch(job);
            room = self.room();
            if room == 0 {
                return Ok(false);
            }
        }
        let order = self.webhook.spec.ordered_by;
        let due = self.backlog.due(&self.state.webhooks.notes, self.of, Utc::now(), room, order).await;
        for waiting in due.map_err(|error| LogError::Unavailable(error.chain()))? {
            match self.again(&waiting).await? {
                Some(job) => self.start(job),
                // The log has no such event: nothing will ever be told of it.
                None => self.forget(waiting.stream, waiting.position),
            }
        }
        for _ in 0..READS_MAX {
            // Also while there is much to be told again.
            self.read_live(newest).await?;
            while self.room() > 0 && self.held < HELD_MAX {
                let Some(job) = self.next() else { break };
                self.start(job);
            }
            if self.room() == 0 || self.held >= HELD_MAX || !self.read(newest).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn room(&mut self) -> usize {
        if self.changes.len() >= UNWRITTEN_MAX { 0 } else { self.pace.room(self.sending.len(), Instant::now()) }
    }

    /// What was read, new or again.
    fn next(&mut self) -> Option<Job> {
        self.turn = self.turn.wrapping_add(1);
        let replayed = self.replay.as_mut().map(|(_, lane)| lane);
        match replayed {
            Some(lane) if self.turn.is_multiple_of(REPLAYS_EACH) || self.live.queue.is_empty() => {
                lane.queue.pop_front().or_else(|| self.live.queue.pop_front())
            }
            _ => self.live.queue.pop_front(),
        }
    }

    /// Reads on where there is nothing to be sent; whether there was something to read.
    async fn read(&mut self, newest: i64) -> Result<bool, LogError> {
        let has_read = self.read_live(newest).await?;
        let Some((replay, _)) = &self.replay else { return Ok(has_read) };
        let upto = replay.upto;
        Ok(self.read_on(Origin::Replay, upto, upto).await? || has_read)
    }

    async fn read_live(&mut self, newest: i64) -> Result<bool, LogError> {
        self.read_on(Origin::Live, i64::MAX, newest).await
    }

    /// Reads on in a lane once all of it that was read is sent, up to `end`; nothing where it has come to `newest`. Whether there was
    /// something to read.
    async fn read_on(&mut self, origin: Origin, end: i64, newest: i64) -> Result<bool, LogError> {
        let has_room = self.backlog.has_room();
        let Some(lane) = self.lane(origin).filter(|lane| lane.queue.is_empty() && lane.read < newest && has_room) else {
            return Ok(false);
        };
        let after = lane.read;
        let ahead = match lane.ahead.take() {
            // One that broke off has read nothing.
            Some(ahead) => ahead.await.ok(),
            None => None,
        };
        let (rendered, upto) = match ahead {
            Some(read) => read?,
            None => self.reading(after, end).await?,
        };
        // While these are sent the next are read: nothing stands still for it.
        let ahead = (upto > after && upto < newest.min(end)).then(|| tokio::spawn(self.reading(upto, end)));
        let first_at = Utc::now();
        // The place is behind what was noted by the time of a crash.
        let waits = |event: &Rendered| origin == Origin::Live && self.backlog.contains(event.stream, event.position);
        let told = rendered.into_iter().filter(|event| !waits(event));
        let jobs = told.map(|event| Job { event, origin, attempts: 0, first_at }).collect();
        if let Some(lane) = self.lane(origin) {
            lane.take(jobs, upto);
            lane.ahead = ahead;
        }
        Ok(upto > after)
    }

    /// Reads what the endpoint is told of what comes after a position.
    fn reading(&self, after: i64, end: i64) -> impl Future<Output = Read> + Send + 'static {
        let (state, of, spec) = (self.state.clone(), self.of, self.webhook.spec.clone());
        async move {
            let hooks = &state.webhooks;
            let batch = hooks.feed.after(&state.log, of.account, after, READ_MAX).await?;
            let is_wanted = |event: &Arc<Recorded>| {
                let is_own = event.stream.id == of.webhook.0;
                event.position.0 <= end && !is_own && spec.wants(event.stream.category, &event.event_type)
            };
            let wanted: Vec<_> = batch.events.into_iter().filter(is_wanted).collect();
            let mut rendered = hooks.renderer.render(&state, &wanted).await?;
            if !spec.conditions.is_empty() {
                rendered.retain(|event| spec.holds(&event.value()));
            }
            Ok((rendered, batch.upto.min(end)))
        }
    }

    /// What was read ahead is read again: it is about an endpoint or a person as they were.
    pub(super) fn read_anew(&mut self) {
        let replayed = self.replay.iter_mut().map(|(_, lane)| lane);
        for lane in replayed.chain([&mut self.live]) {
            lane.ahead = None;
        }
    }

    /// One that waited.
    async fn again(&self, waiting: &Waiting) -> Result<Option<Job>, LogError> {
        let read = self.state.log.read(Position(waiting.position - 1), 1).await?;
        let own: Vec<_> = read.into_iter().filter(|event| event.stream.account == self.of.account).collect();
        let event = self.state.webhooks.renderer.render(&self.state, &own).await?.pop();
        Ok(event.map(|event| Job { event, origin: Origin::Waiting, attempts: waiting.attempts, first_at: waiting.first_at }))
    }

    /// Sends one, or holds it back behind another of its stream.
    fn start(&mut self, job: Job) {
        let stream = job.event.stream;
        if self.is_ordered() {
            if job.origin != Origin::Waiting && self.backlog.holds(stream) {
                return self.put_behind(&job, Utc::now());
            }
            if let Some(behind) = self.busy.get_mut(&stream) {
                if behind.len() >= BEHIND_MAX && job.origin != Origin::Waiting {
                    return self.put_behind(&job, Utc::now());
                }
                self.held += 1;
                return behind.push_back(job);
            }
            self.busy.insert(stream, Default::default());
        }
        self.launch(job);
    }

    /// The lane that it came on.
    pub(super) fn lane(&mut self, origin: Origin) -> Option<&mut Lane> {
        match origin {
            Origin::Live => Some(&mut self.live),
            Origin::Replay => self.replay.as_mut().map(|(_, lane)| lane),
            Origin::Waiting => None,
        }
    }
}
