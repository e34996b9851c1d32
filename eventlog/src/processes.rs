//! Who serves this log: the processes that live, each known by an id that its connections carry.
//!
//! Where there can be several, each raises a count every second and looks at those of the others. One whose count stood still
//! while the others looked several times is dead for all: it is struck out, and should it only have slept, it finds itself
//! struck out and begins a new life under a new id. No clocks are compared, and while the database is away nobody dies.

use crate::{EventLog, LogError, Position};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use uuid::Uuid;
use vitrina_domain::connection::ProcessId;

/// Between two beats.
pub(crate) const BEAT_EVERY: Duration = Duration::from_secs(1);
/// Looks at a count that stands still, after which its process is dead: longer than a busy machine or a fail-over of a pool
/// keeps a living one from counting, and short enough that the grace of a lost customer begins within seconds.
const LOOKS_MAX: u32 = 5;
/// Processes that are gone and remembered: more than end while somebody could still ask for the time.
const GONE_MAX: usize = 256;

/// A process and how often it has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Which process.
    pub process: ProcessId,
    /// Its count.
    pub count: i64,
}

/// The list of processes that an engine keeps, where there can be several.
pub trait Roll: Send + Sync + 'static {
    /// Enters a process.
    fn enter(&self, process: ProcessId) -> BoxFuture<'_, Result<(), LogError>>;

    /// Counts for a process, and answers with all; without it, when it was struck out.
    fn beat(&self, process: ProcessId) -> BoxFuture<'_, Result<Vec<Beat>, LogError>>;

    /// Strikes out a process, unless it has counted on since. Whether it is out.
    fn strike(&self, beat: Beat) -> BoxFuture<'_, Result<bool, LogError>>;

    /// Takes out a process that ends.
    fn leave(&self, process: ProcessId) -> BoxFuture<'_, Result<(), LogError>>;
}

/// Who lives, as it was last looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// The processes, this one among them.
    pub processes: BTreeSet<ProcessId>,
    /// Those that this process saw live and that do no more, with the time at which they were last seen to count, by the clock of
    /// this process.
    pub gone: BTreeMap<ProcessId, DateTime<Utc>>,
    /// The log stood here before the look: whoever wrote up to here was in the list by then.
    pub as_of: Position,
}

/// This process among those that serve the log, until it is told to leave.
pub struct Processes {
    own: watch::Receiver<ProcessId>,
    living: watch::Receiver<Option<Living>>,
    roll: Option<Arc<dyn Roll>>,
    counting: Option<JoinHandle<()>>,
}

impl Processes {
    /// Enters this process. Within the runtime that outlives it.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away.
    pub async fn enter(log: &EventLog) -> Result<Self, LogError> {
        let process = draw();
        let roll = log.roll();
        let Some(shared) = roll.clone() else {
            // Whoever else served this log is gone, since it can be opened by one only.
            let living = Living { processes: [process].into(), gone: BTreeMap::new(), as_of: Position(i64::MAX) };
            let (own, living) = (watch::channel(process).1, watch::channel(Some(living)).1);
            return Ok(Self { own, living, roll, counting: None });
        };
        shared.enter(process).await?;
        let ((own_teller, own), (teller, living)) = (watch::channel(process), watch::channel(None));
        let count = Count { log: log.clone(), roll: shared, known: Known::default(), looks: 0, own: own_teller, living: teller };
        Ok(Self { own, living, roll, counting: Some(tokio::spawn(count.run())) })
    }

    /// The id of this process; another one after it was taken for dead.
    pub fn own(&self) -> watch::Receiver<ProcessId> {
        self.own.clone()
    }

    /// Who lives, looked at every second where there can be others; nothing while this process has not looked for long enough.
    pub fn living(&self) -> watch::Receiver<Option<Living>> {
        self.living.clone()
    }

    /// Leaves: the others need not wait to find out. Whoever cannot say so is found out.
    pub async fn leave(mut self) {
        if let Some(counting) = self.counting.take() {
            counting.abort();
            // It was cancelled, which is what is wanted.
            let _ = counting.await;
        }
        let process = *self.own.borrow();
        if let Some(roll) = self.roll.take()
            && let Err(error) = roll.leave(process).await
        {
            tracing::debug!(%error, "this process leaves without saying so");
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        if let Some(counting) = &self.counting {
            counting.abort();
        }
    }
}

/// A new id. Of a UUID's last bits, which are random.
fn draw() -> ProcessId {
    ProcessId::new(Uuid::now_v7().as_u64_pair().1)
}

/// The task that counts.
struct Count {
    log: EventLog,
    roll: Arc<dyn Roll>,
    known: Known,
    /// Looks since this process entered. When the list itself was lost, all need some time to be in it again.
    looks: u32,
    own: watch::Sender<ProcessId>,
    living: watch::Sender<Option<Living>>,
}

impl Count {
    async fn run(mut self) {
        let mut ticks = interval(BEAT_EVERY);
        // After a pause the others get their time anew.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.once().await {
                tracing::debug!(%error, "who else serves is looked at again");
            }
        }
    }

    /// Counts once, and looks who lives.
    async fn once(&mut self) -> Result<(), LogError> {
        let as_of = self.log.head();
        let own = *self.own.borrow();
        let beats = self.roll.beat(own).await?;
        if beats.iter().all(|beat| beat.process != own) {
            let new = draw();
            self.roll.enter(new).await?;
            tracing::warn!(process = %own, %new, "this process was taken for dead: it did not count for seconds");
            self.own.send_replace(new);
            self.looks = 0;
            return Ok(());
        }
        let (mut processes, dead) = self.known.look(&beats, own, Utc::now());
        for beat in dead {
            if self.roll.strike(beat).await? {
                tracing::info!(process = %beat.process, "another process is dead");
            } else {
                processes.insert(beat.process);
            }
        }
        self.looks = self.looks.saturating_add(1);
        if self.looks > LOOKS_MAX {
            self.living.send_replace(Some(Living { processes, gone: self.known.gone.clone(), as_of }));
        }
        Ok(())
    }
}

/// The others as they were last seen.
#[derive(Debug, Default)]
struct Known {
    lives: HashMap<ProcessId, Seen>,
    gone: BTreeMap<ProcessId, DateTime<Utc>>,
}

/// A count, how often it was seen to stand still since, and when it was first seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    count: i64,
    looks: u32,
    at: DateTime<Utc>,
}

impl Known {
    /// Takes a look: who lives, and who does no more.
    fn look(&mut self, beats: &[Beat], own: ProcessId, now: DateTime<Utc>) -> (BTreeSet<ProcessId>, Vec<Beat>) {
        let still = |beat: &Beat| match self.lives.get(&beat.process) {
            Some(seen) if seen.count == beat.count => Seen { looks: seen.looks + 1, ..*seen },
            _ => Seen { count: beat.count, looks: 0, at: now },
        };
        let seen: Vec<(Beat, Seen)> = beats.iter().map(|beat| (*beat, still(beat))).collect();
        let (dead, living): (Vec<_>, Vec<_>) = seen.into_iter().partition(|(beat, seen)| beat.process != own && seen.looks >= LOOKS_MAX);
        let lives = living.iter().map(|(beat, seen)| (beat.process, *seen)).collect();
        let before = std::mem::replace(&mut self.lives, lives);
        // Also those that another process has struck out.
        for (process, seen) in before.into_iter().filter(|(process, _)| !self.lives.contains_key(process)) {
            self.gone.insert(process, seen.at);
        }
        self.gone.retain(|process, _| !self.lives.contains_key(process));
        while self.gone.len() > GONE_MAX {
            let first = self.gone.iter().min_by_key(|(_, at)| **at).map(|(process, _)| *process);
            first.map(|process| self.gone.remove(&process));
        }
        (living.into_iter().map(|(beat, _)| beat.process).collect(), dead.into_iter().map(|(beat, _)| beat).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: ProcessId = ProcessId::new(1);
    const OTHER: ProcessId = ProcessId::new(2);

    /// The nth second.
    fn at(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(n)
    }

    fn beats(count: i64) -> [Beat; 2] {
        [Beat { process: OWN, count: 0 }, Beat { process: OTHER, count }]
    }

    #[test]
    fn who_counts_lives_and_who_stands_still_for_some_looks_does_not() {
        let mut known = Known::default();
        for count in 0..20 {
            assert_eq!(known.look(&beats(count), OWN, at(count)), ([OWN, OTHER].into(), vec![]));
        }
        for look in 1..i64::from(LOOKS_MAX) {
            assert_eq!(known.look(&beats(19), OWN, at(19 + look)), ([OWN, OTHER].into(), vec![]));
        }
        assert_eq!(known.look(&beats(19), OWN, at(60)), ([OWN].into(), vec![Beat { process: OTHER, count: 19 }]));
        assert_eq!(known.gone, [(OTHER, at(19))].into());
    }

    #[test]
    fn who_was_struck_out_by_another_is_gone_since_it_was_last_seen_and_not_once_it_is_back() {
        let mut known = Known::default();
        known.look(&beats(3), OWN, at(3));
        known.look(&beats(3)[..1], OWN, at(9));
        assert_eq!(known.gone, [(OTHER, at(3))].into());
        known.look(&beats(4), OWN, at(10));
        assert_eq!(known.gone, BTreeMap::new());
    }

    #[test]
    fn one_late_count_is_enough_to_live() {
        let mut known = Known::default();
        for round in 0..100 {
            let count = round / i64::from(LOOKS_MAX);
            assert_eq!(known.look(&beats(count), OWN, at(round)).1, []);
        }
    }
}
