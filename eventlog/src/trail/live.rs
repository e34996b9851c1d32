//! Checking the log where it is kept: every event as it stands in the tables, and the tables that are derived from the events.

use super::{
    Source,
    chains::Chains,
    fault::{Fault, What},
    line::Line,
    witness::Witness,
};
use crate::{LogError, Position, Recorded, chain::stored_actor};
use futures_util::future::BoxFuture;
use std::borrow::Cow;

/// Events of one read.
const PAGE: usize = 1_000;
/// Rows in a row that may be unreadable before the database is taken to be so.
const UNREAD_MAX: usize = 100;

/// Something that a table says and the events do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it shows, if at one place.
    pub position: Option<Position>,
    /// What it is.
    pub what: String,
}

/// The log's tables, for looking into.
pub trait Tables: Source {
    /// What the tables say that the events do not.
    fn differences(&self) -> BoxFuture<'_, Result<Vec<Difference>, LogError>>;
}

/// Follows all events up to the head, then compares the tables. `progress` is told of every page.
///
/// # Errors
/// When the database is away.
pub async fn check(tables: &dyn Tables, witness: &mut Witness, mut progress: impl FnMut(Position, Position)) -> Result<Chains, LogError> {
    let (mut chains, mut after, upto) = (Chains::of_all(), Position::ZERO, tables.head().await?);
    let (mut limit, mut unread) = (PAGE, 0);
    while after < upto {
        let page = match tables.read(after, limit).await {
            Ok(page) => page,
            // Which of the page it is, shows when they are read one by one.
            Err(LogError::Damaged { .. } | LogError::Database(_)) if limit > 1 => {
                limit = 1;
                continue;
            }
            Err(LogError::Damaged { position, what }) => {
                chains.unreadable(None, Some(position), format!("what can be read: {what}"), None);
                (after, limit) = (position, PAGE);
                continue;
            }
            // A row that cannot even be read as one, such as an id of another length. One after the other: that is the database.
            Err(LogError::Database(what)) if unread < UNREAD_MAX => {
                let position = after.next();
                chains.unreadable(None, Some(position), format!("a row of the table's types ({what})"), None);
                (after, limit, unread) = (position, PAGE, unread + 1);
                continue;
            }
            Err(error) => return Err(error),
        };
        unread = 0;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in page.iter().filter(|event| event.position <= upto) {
            take(event, witness, &mut chains);
        }
        progress(after, upto);
    }
    if chains.end.0 < upto && chains.faults.count == 0 {
        let what = What::Hole { from: chains.end.0.next(), to: upto };
        chains.faults.add(Fault { line: None, position: Some(upto), event: None, what });
    }
    witness.end(&mut chains);
    for Difference { position, what } in tables.differences().await? {
        chains.faults.add(Fault { line: None, position, event: None, what: What::Table(what) });
    }
    Ok(chains)
}

fn take(event: &Recorded, witness: &mut Witness, chains: &mut Chains) {
    let line = Line {
        position: event.position,
        stream: event.stream,
        version: event.version,
        event_type: Cow::Borrowed(&event.event_type),
        schema_version: event.schema_version,
        event_id: event.event_id.0,
        command_id: event.command_id.0,
        correlation_id: event.correlation_id.0,
        causation_id: event.causation_id.map(|id| id.0),
        actor: Cow::Owned(stored_actor(&event.actor)),
        reason: event.reason.as_deref().map(Cow::Borrowed),
        environment: event.environment,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        payload: &event.payload,
        hash: event.hash,
    };
    if chains.take(None, &line) {
        witness.see(&line, None, chains);
    }
}
