//! What the tables beside the events say, against the events. Each statement goes through whole tables: it is for a check that
//! somebody asked for, without the time limit of other reads.

use super::{connect, error::failed};
use crate::{LogError, Position, trail::live::Difference};
use deadpool_postgres::Pool;

/// Each answers with a position, which may be absent, and what is wrong there; a hundred of a kind at most.
const STATEMENTS: [&str; 9] = [
    "SELECT m.position, 'table head: it says that the log ends at position ' || h.position
     FROM log.head h, (SELECT COALESCE(MAX(position), 0) AS position FROM log.events) m WHERE h.position <> m.position LIMIT 100",
    "SELECT e.position, 'table head: it is of another last event' FROM log.head h JOIN log.events e ON e.position = h.position
     WHERE e.event_id <> h.last_event OR e.recorded_at <> h.recorded_at LIMIT 100",
    "SELECT NULL::bigint, 'table head: it counts ' || h.streams || ' streams, and ' || s.streams || ' are there'
     FROM log.head h, (SELECT COUNT(*) AS streams FROM log.streams) s WHERE h.streams <> s.streams LIMIT 100",
    "SELECT e.position, 'table streams: the stream of this event is not there, or is another one'
     FROM log.events e LEFT JOIN log.streams s ON s.stream_key = e.stream_key
     WHERE s.stream_key IS NULL OR s.account <> e.account OR s.category <> e.category OR s.stream_id <> e.stream_id LIMIT 100",
    "SELECT e.position, 'table streams: ' || s.category || '-' || s.stream_id || ' is said to have version ' || s.version
         || ', and ' || COALESCE(e.events, 0) || ' events are there'
     FROM log.streams s LEFT JOIN
         (SELECT stream_key, MAX(version) AS version, COUNT(*) AS events, MAX(position) AS position FROM log.events GROUP BY stream_key) e
         ON e.stream_key = s.stream_key
     WHERE e.stream_key IS NULL OR e.version <> s.version OR e.events <> s.version LIMIT 100",
    "SELECT e.position, 'table streams: its last event is said to be another one'
     FROM log.streams s JOIN log.events e ON e.stream_key = s.stream_key AND e.version = s.version
     WHERE e.event_id <> s.last_event LIMIT 100",
    "SELECT e.position, 'table chains: the last hash of the account is said to be another one'
     FROM (SELECT account, MAX(position) AS position FROM log.events GROUP BY account) l
     JOIN log.events e ON e.position = l.position LEFT JOIN log.chains c ON c.account = l.account
     WHERE c.hash IS NULL OR c.hash <> e.hash LIMIT 100",
    "SELECT e.position, 'table commands: the command of this event is not there, or wrote other events'
     FROM log.events e LEFT JOIN log.commands c ON c.account = e.account AND c.command_id = e.command_id
     WHERE c.command_id IS NULL OR e.position NOT BETWEEN c.first_position AND c.last_position LIMIT 100",
    "SELECT c.first_position, 'table commands: it has a command that wrote no event here'
     FROM log.commands c LEFT JOIN log.events e ON e.position = c.first_position AND e.command_id = c.command_id
     WHERE e.position IS NULL LIMIT 100",
];

/// All that differs.
pub async fn differences(pool: &Pool) -> Result<Vec<Difference>, LogError> {
    let client = connect::get(pool).await?;
    client.batch_execute("SET statement_timeout = 0").await.map_err(|e| failed(&e))?;
    let mut found = Vec::new();
    for statement in STATEMENTS {
        let rows = client.query(statement, &[]).await.map_err(|e| failed(&e))?;
        found.extend(rows.iter().map(|row| Difference { position: row.get::<_, Option<i64>>(0).map(Position), what: row.get(1) }));
    }
    Ok(found)
}
