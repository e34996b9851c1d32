//! How a long work goes on beside a server: it tells how far it is, hears whether it is still wanted, and rests while others are busy.

use super::order::{Listener, Pace, Progress, Stage};
use crate::error::{Error, Result};
use std::time::{Duration, Instant};
use vitrina_eventlog::{EventLog, Position};

/// Rests for each step, as long as that took: with commands coming in all the time the work has a sixth of one core, so that on two of
/// them a command seldom meets it at all.
const RESTS: u32 = 5;
/// Longest rest at a time: a step that waited for its database is not paid for with as long a wait again.
const REST_MAX: Duration = Duration::from_millis(150);
/// At full pace: as much as is read at once.
const FULL: Step = Step { events: usize::MAX, rows: 500 };
/// While nobody writes: some milliseconds, within which somebody who begins to is noticed.
const QUIET: Step = Step { events: 200, rows: 500 };
/// Beside others: what a command meets then is less than a millisecond of one core, and of the writer of the read models, for which the live
/// ones wait.
const BUSY: Step = Step { events: 10, rows: 50 };
/// How long after somebody has written it is reckoned that they go on.
const BUSY_FOR: Duration = Duration::from_millis(250);

/// How much is done at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Events that are folded.
    pub events: usize,
    /// Rows of each of two tables that are compared.
    pub rows: usize,
}

/// A work that goes on step by step.
pub(super) struct Walk<'l> {
    listener: Listener<'l>,
    pace: Pace,
    log: EventLog,
    head: Position,
    since: Instant,
    /// When it was noticed last that somebody had written.
    written: Option<Instant>,
}

impl<'l> Walk<'l> {
    pub fn new(listener: Listener<'l>, pace: Pace, log: EventLog) -> Self {
        Self { listener, pace, head: log.head(), log, since: Instant::now(), written: None }
    }

    /// How much the next step is.
    pub fn step(&self) -> Step {
        match self.pace {
            Pace::Full => FULL,
            Pace::Gentle if self.is_busy() => BUSY,
            Pace::Gentle => QUIET,
        }
    }

    /// Whether others are at work.
    fn is_busy(&self) -> bool {
        self.written.is_some_and(|at| at.elapsed() < BUSY_FOR)
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

    /// The same after a step, and rests [`RESTS`] times as long as that took while others write.
    ///
    /// # Errors
    /// As [`Self::tell`].
    pub async fn on(&mut self, stage: Stage, position: Position, head: Position) -> Result<()> {
        self.tell(stage, position, head)?;
        let (worked, newest) = (self.since.elapsed(), self.log.head());
        if newest != self.head {
            self.written = Some(Instant::now());
        }
        if self.pace == Pace::Gentle && self.is_busy() {
            tokio::time::sleep((worked * RESTS).min(REST_MAX)).await;
        }
        (self.head, self.since) = (newest, Instant::now());
        Ok(())
    }
}
