//! Reading on and on: first what was written before, then what is being written, without gap or double.

use crate::{EventLog, LogError, Position, Recorded, Version};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::watch;
use vitrina_domain::{ids::AccountId, stream::Category};

/// Which events a subscription hands out. An empty filter lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this account's.
    pub account: Option<AccountId>,
    /// Only of these categories.
    pub categories: Option<BTreeSet<Category>>,
    /// Only of these types.
    pub types: Option<BTreeSet<&'static str>>,
}

impl Filter {
    /// Whether the event passes.
    pub fn passes(&self, event: &Recorded) -> bool {
        self.account.is_none_or(|account| event.stream.account == account)
            && self.categories.as_ref().is_none_or(|all| all.contains(&event.stream.category))
            && self.types.as_ref().is_none_or(|all| all.contains(event.event_type.as_ref()))
    }
}

/// Events in order, and how far the reading has come (which is further than the last event when a filter held some
/// back).
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// What passed the filter, in order of position.
    pub events: Vec<Arc<Recorded>>,
    /// Everything up to here has been read.
    pub upto: Position,
}

/// A reader with a place in the log.
pub struct Subscription {
    log: EventLog,
    head: watch::Receiver<Position>,
    after: Position,
    filter: Filter,
}

impl Subscription {
    pub(crate) fn new(log: EventLog, after: Position, filter: Filter) -> Self {
        let head = log.watch();
        Self { log, head, after, filter }
    }

    /// Everything up to here has been handed out.
    pub fn position(&self) -> Position {
        self.after
    }

    /// What comes next: reads at most `limit` events, and waits for the first one when there is none yet. May answer with
    /// no event but a new position, when the filter held all back. Cancel-safe: a dropped call has handed out nothing.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away: call again. [`LogError::Damaged`] when the log has a gap:
    /// nothing after it is handed out. [`LogError::Closed`] after the log was closed.
    pub async fn next(&mut self, limit: usize) -> Result<Batch, LogError> {
        let after = self.after;
        self.head.wait_for(|head| *head > after).await.map_err(|_| LogError::Closed)?;
        let read = self.log.read(after, limit).await?;
        contiguous(after, &read)?;
        // Also by a process that opens none of it now: it has keys in memory.
        self.log.heed(&read);
        let Some(last) = read.last() else {
            return Err(LogError::Damaged { position: after.next(), what: "an announced event is not there".to_owned() });
        };
        self.after = last.position;
        let events = read.into_iter().filter(|event| self.filter.passes(event)).collect();
        Ok(Batch { events, upto: self.after })
    }
}

/// Positions are dense (G1): a reader that sees a hole must stop, not pass over it.
pub(crate) fn contiguous(after: Position, events: &[Arc<Recorded>]) -> Result<(), LogError> {
    let mut expected = after.next();
    for event in events {
        if event.position != expected || event.version == Version::ZERO {
            return Err(LogError::Damaged { position: expected, what: format!("found position {} instead", event.position) });
        }
        expected = expected.next();
    }
    Ok(())
}
