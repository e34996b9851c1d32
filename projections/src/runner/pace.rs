//! How a long work goes on beside a server: it tells how far it is, hears whether it is still wanted, and rests while others are busy.

use super::order::{Listener, Pace, Progress, Stage};
use crate::error::{Error, Result};
use std::time::{Duration, Instant};
use vitrina_eventlog::{EventLog, Position};

/// Longest rest at a time: a step that waited for its database is not paid for with as long a wait again.
const REST_MAX: Duration = Duration::from_millis(100);
/// Events that are folded at a time beside others: some milliseconds of one core.
const GENTLE_EVENTS: usize = 200;

/// A work that goes on step by step.
pub(super) struct Walk<'l> {
    listener: Listener<'l>,
    pace: Pace,
    log: EventLog,
    head: Position,
    since: Instant,
}

impl<'l> Walk<'l> {
    pub fn new(listener: Listener<'l>, pace: Pace, log: EventLog) -> Self {
        Self { listener, pace, head: log.head(), log, since: Instant::now() }
    }

    /// Events that are folded in one step.
    pub fn step_events(&self) -> usize {
        if self.pace == Pace::Gentle { GENTLE_EVENTS } else { usize::MAX }
    }

    /// From now on nothing is waited for: whoever rests while others write as fast as it reads never arrives.
    pub fn hurry(&mut self) {
        self.pace = Pace::Full;
    }

    /// Tells how far it is.
    ///
    /// # Errors
    /// [`Error::GivenUp`] when it is no longer wanted.
    pub fn tell(&mut self, stage: Stage, position: Position, head: Position) -> Result<()> {
        if (self.listener)(Progress { stage, position, head }).is_break() { Err(Error::GivenUp) } else { Ok(()) }
    }

    /// The same after a step, and rests as long as that took if somebody has written meanwhile.
    ///
    /// # Errors
    /// As [`Self::tell`].
    pub async fn on(&mut self, stage: Stage, position: Position, head: Position) -> Result<()> {
        self.tell(stage, position, head)?;
        let (worked, newest) = (self.since.elapsed(), self.log.head());
        if self.pace == Pace::Gentle && newest != self.head {
            tokio::time::sleep(worked.min(REST_MAX)).await;
        }
        (self.head, self.since) = (newest, Instant::now());
        Ok(())
    }
}
