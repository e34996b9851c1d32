//! The newest events of this process's own appends, so that a subscriber that keeps up costs no read of the database.

use crate::{Position, Recorded};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// How many events are kept: some batches of the largest size, a few megabytes.
const CAPACITY: usize = 8192;

/// A gapless run of events that ends at the newest one written here.
#[derive(Default)]
pub struct Recent {
    run: Mutex<VecDeque<Arc<Recorded>>>,
}

impl Recent {
    /// Adds a committed batch; starts anew when another process has written in between.
    pub fn push(&self, events: impl Iterator<Item = Recorded>) {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            if run.back().is_some_and(|last| last.position.next() != event.position) {
                run.clear();
            }
            if run.len() == CAPACITY {
                run.pop_front();
            }
            run.push_back(Arc::new(event));
        }
    }

    /// Events after the position, at most `limit`; `None` when the first of them is not kept here.
    pub fn after(&self, position: Position, limit: usize) -> Option<Vec<Arc<Recorded>>> {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let first = run.front()?.position;
        let skip = usize::try_from(position.next().0 - first.0).ok()?;
        (skip < run.len()).then(|| run.iter().skip(skip).take(limit).cloned().collect())
    }
}
