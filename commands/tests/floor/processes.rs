//! The server processes of a day, and the clock that they share.

use crate::engines::Place;
use chrono::{DateTime, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use vitrina_commands::{
    Executor,
    process::{Manager, Snapshot},
};
use vitrina_domain::floor::Floor;
use vitrina_eventlog::EventLog;

/// A server process: its way to the log, its memory, and its managers.
pub struct Process {
    pub log: EventLog,
    pub executor: Executor,
    pub manager: Manager,
}

/// What the shared clock says.
pub fn now(clock: &AtomicI64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(clock.load(Ordering::Relaxed)).expect("an instant")
}

async fn open(place: &Place, clock: &Arc<AtomicI64>) -> EventLog {
    let clock = Arc::clone(clock);
    place.open_at(move || now(&clock)).await
}

/// Two processes: in memory they share the log, on a database each has a way of its own to it.
pub async fn processes(place: &Place, clock: &Arc<AtomicI64>, kept: &Snapshot) -> Vec<Process> {
    let one = open(place, clock).await;
    let other = if matches!(place, Place::Memory(_)) { one.clone() } else { open(place, clock).await };
    [one, other].iter().map(|log| process(log, kept, now(clock))).collect()
}

/// A process that begins with what was kept.
pub fn process(log: &EventLog, kept: &Snapshot, at: DateTime<Utc>) -> Process {
    let executor = Executor::new(log.clone());
    let floor = Floor::with(kept.places.iter().cloned(), kept.position.0, at);
    Process { log: log.clone(), manager: Manager::new(executor.clone(), floor), executor }
}
