//! A way through the log: how far it was read, and how far everything was told or noted.

use super::Job;
use crate::webhooks::payload::Rendered;
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};
use tokio::task::JoinHandle;
use vitrina_eventlog::LogError;

/// What an endpoint is told of a part of the log, and how far was read for it.
pub(super) type Read = Result<(Vec<Arc<Rendered>>, i64), LogError>;

/// A way through the log.
pub(super) struct Lane {
    /// Everything up to here was read.
    pub read: i64,
    /// What was read and is to be sent.
    pub queue: VecDeque<Job>,
    /// What comes after it, read while that is sent.
    pub ahead: Option<JoinHandle<Read>>,
    open: BTreeSet<i64>,
}

impl Lane {
    pub(super) fn new(after: i64) -> Self {
        Self { read: after, queue: VecDeque::new(), ahead: None, open: BTreeSet::new() }
    }

    /// Takes what was read.
    pub(super) fn take(&mut self, jobs: Vec<Job>, upto: i64) {
        self.open.extend(jobs.iter().map(|job| job.event.position));
        self.queue.extend(jobs);
        self.read = upto;
    }

    /// There is nothing to be read up to here.
    pub(super) fn pass(&mut self, upto: i64) {
        if upto > self.read {
            (self.read, self.ahead) = (upto, None);
        }
    }

    /// Nothing more is to be done about it here.
    pub(super) fn settle(&mut self, position: i64) {
        self.open.remove(&position);
    }

    /// Everything up to here is settled.
    pub(super) fn settled(&self) -> i64 {
        self.open.first().map_or(self.read, |first| first - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_moves_on_over_what_is_settled_and_no_further() {
        let mut lane = Lane::new(10);
        lane.open.extend([12, 15, 17]);
        lane.read = 20;
        assert_eq!(lane.settled(), 11);
        lane.settle(15);
        assert_eq!(lane.settled(), 11);
        lane.settle(12);
        assert_eq!(lane.settled(), 16);
        lane.settle(17);
        assert_eq!(lane.settled(), 20);
    }
}
