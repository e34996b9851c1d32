//! How a long work goes on beside a server: it tells how far it is, hears whether it is still wanted, and rests while others are busy.

use super::order::{Listener, Pace, Progress, Stage};
use crate::error::{Error, Result};
use std::time::{Duration, Instant};
use vitrina_eventlog::{EventLog, Position};

/// Rests for each step, as long as that took: with commands coming in all the time the work has a quarter of one core, so that on two of
/// them a command seldom meets it at all.
const RESTS: u32 = 3;
/// Longest rest at a time: a step that waited for its database is not paid for with as long a wait again.
const REST_MAX: Duration = Duration::from_millis(150);
/// Events that are folded at a time while nobody writes: some milliseconds, within which somebody who begins to is noticed.
const QUIET_EVENTS: usize = 200;
/// Events that are folded at a time beside others: what a command meets then is a millisecond or two of one core, and of the writer of the
/// read models, for which the live ones wait.
const BUSY_EVENTS: usize = 50;
/// How long after somebody has written it is reckoned that they go on.
const BUSY_FOR: Duration = Duration::from_millis(250);

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

    /// Events that are folded in one step.
    pub fn step_events(&self) -> usize {
        match self.pace {
            Pace::Full => usize::MAX,
            Pace::Gentle if self.is_busy() => BUSY_EVENTS,
            Pace::Gentle => QUIET_EVENTS,
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
