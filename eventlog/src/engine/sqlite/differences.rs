//! What the tables beside the events say, against the events. Each statement goes through whole tables: it is for a check that
//! somebody asked for, on a connection of its own.

use super::failed;
use crate::{LogError, Position, trail::live::Difference};
use rusqlite::Connection;

/// Differences of one kind that are told.
macro_rules! at_most {
    () => {
        " LIMIT 100"
    };
}

/// Each answers with a position, which may be absent, and what is wrong there.
const STATEMENTS: [&str; 9] = [
    concat!(
        "SELECT m.position, 'table log_head: it says that the log ends at position ' || h.position \
         FROM log_head h, (SELECT COALESCE(MAX(position), 0) AS position FROM events) m WHERE h.position <> m.position",
        at_most!()
    ),
    concat!(
        "SELECT e.position, 'table log_head: it is of another last event' FROM log_head h JOIN events e ON e.position = h.position \
         WHERE e.event_id <> h.last_event OR e.recorded_at <> h.recorded_at",
        at_most!()
    ),
    concat!(
        "SELECT NULL, 'table log_head: it counts ' || h.streams || ' streams, and ' || s.streams || ' are there' \
         FROM log_head h, (SELECT COUNT(*) AS streams FROM streams) s WHERE h.streams <> s.streams",
        at_most!()
    ),
    concat!(
        "SELECT e.position, 'table streams: the stream of this event is not there, or is another one' \
         FROM events e LEFT JOIN streams s ON s.stream_key = e.stream_key \
         WHERE s.stream_key IS NULL OR s.account <> e.account OR s.category <> e.category OR s.stream_id <> e.stream_id",
        at_most!()
    ),
    concat!(
        "SELECT e.position, 'table streams: ' || s.category || '-' || lower(hex(s.stream_id)) || ' is said to have version ' || s.version \
             || ', and ' || COALESCE(e.events, 0) || ' events are there' \
         FROM streams s LEFT JOIN \
             (SELECT stream_key, MAX(version) AS version, COUNT(*) AS events, MAX(position) AS position FROM events GROUP BY stream_key) e \
             ON e.stream_key = s.stream_key \
         WHERE e.stream_key IS NULL OR e.version <> s.version OR e.events <> s.version",
        at_most!()
    ),
    concat!(
        "SELECT e.position, 'table streams: its last event is said to be another one' \
         FROM streams s JOIN events e ON e.stream_key = s.stream_key AND e.version = s.version WHERE e.event_id <> s.last_event",
        at_most!()
    ),
    concat!(
        "SELECT e.position, 'table chains: the last hash of the account is said to be another one' \
         FROM (SELECT account, MAX(position) AS position FROM events GROUP BY account) l \
         JOIN events e ON e.position = l.position LEFT JOIN chains c ON c.account = l.account WHERE c.hash IS NULL OR c.hash <> e.hash",
        at_most!()
    ),
    concat!(
        "SELECT e.position, 'table commands: the command of this event is not there, or wrote other events' \
         FROM events e LEFT JOIN commands c ON c.account = e.account AND c.command_id = e.command_id \
         WHERE c.command_id IS NULL OR e.position NOT BETWEEN c.first_position AND c.last_position",
        at_most!()
    ),
    concat!(
        "SELECT c.first_position, 'table commands: it has a command that wrote no event here' \
         FROM commands c LEFT JOIN events e ON e.position = c.first_position AND e.command_id = c.command_id WHERE e.position IS NULL",
        at_most!()
    ),
];

/// All that differs.
pub fn differences(connection: &Connection) -> Result<Vec<Difference>, LogError> {
    let mut found = Vec::new();
    for statement in STATEMENTS {
        let mut statement = connection.prepare(statement).map_err(|e| failed(&e))?;
        let rows = statement
            .query_map([], |row| Ok(Difference { position: row.get::<_, Option<i64>>(0)?.map(Position), what: row.get(1)? }))
            .map_err(|e| failed(&e))?;
        for row in rows {
            found.push(row.map_err(|e| failed(&e))?);
        }
    }
    // Tables against their indexes, and pages against each other.
    let mut statement = connection.prepare("PRAGMA integrity_check").map_err(|e| failed(&e))?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(|e| failed(&e))?;
    for row in rows {
        let row = row.map_err(|e| failed(&e))?;
        if row != "ok" {
            found.push(Difference { position: None, what: format!("the file: {row}") });
        }
    }
    Ok(found)
}
