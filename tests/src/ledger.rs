//! Holds a log against its guarantees and against what a server acknowledged, and read models against a fold of the log.
//! Looks at the stored rows themselves: what the server says about itself is no proof.

use crate::{
    engine::{Place, Store},
    patience::wait_for,
    postgres::Row,
    server::Server,
};
use std::{collections::BTreeMap, time::Duration};

/// No log of these suites takes longer to fold, in a debug build.
const FOLD_WITHIN: Duration = Duration::from_secs(120);

/// What a caller was told about one command.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// Position of its last event.
    pub position: i64,
    /// Version of its stream.
    pub version: i64,
}

/// Asserts the guarantees that can be seen in the rows: positions dense from 1, versions dense in each stream, times that
/// never go back, every command written once. Gives the head.
///
/// # Panics
/// When one does not hold.
pub fn assert_log_is_whole(place: &Place) -> i64 {
    // Each look is one statement, so that it sees one moment also while others write.
    let bounds = "SELECT coalesce(max(position), 0), count(*), coalesce(min(position), 1) FROM events";
    let bounds: Vec<i64> = place.query(Store::Log, bounds)[0].iter().flatten().filter_map(|text| text.parse().ok()).collect();
    let head = bounds[0];
    assert_eq!(bounds, [head, head, 1], "positions have gaps (last, count, first)");

    let nothing = |what: &str, sql: &str| {
        let rows = place.query(Store::Log, &format!("{sql} LIMIT 5"));
        assert!(rows.is_empty(), "{what}: {rows:?}");
    };
    nothing(
        "versions of a stream are not dense",
        "SELECT stream_key, count(*), min(version), max(version) FROM events
         GROUP BY stream_key HAVING count(*) <> max(version) OR min(version) <> 1 OR count(DISTINCT version) <> count(*)",
    );
    nothing(
        "a stream's version is not that of its last event",
        "SELECT s.stream_key, s.version FROM streams s
         WHERE s.version <> (SELECT max(e.version) FROM events e WHERE e.stream_key = s.stream_key)",
    );
    nothing("an event's id is there twice", "SELECT event_id FROM events GROUP BY event_id HAVING count(*) > 1");
    nothing(
        "time goes back",
        "SELECT b.position FROM events a JOIN events b ON b.position = a.position + 1 WHERE b.recorded_at < a.recorded_at",
    );
    nothing(
        "a command's events are not those that its row names",
        "SELECT e.command_id, count(*), min(e.position), max(e.position) FROM events e
         LEFT JOIN commands c ON c.account = e.account AND c.command_id = e.command_id
         GROUP BY e.account, e.command_id, c.first_position, c.last_position
         HAVING c.first_position IS NULL OR min(e.position) <> c.first_position OR max(e.position) <> c.last_position
             OR count(*) <> c.last_position - c.first_position + 1",
    );
    head
}

/// Asserts that every acknowledged command stands in the log exactly once, where its caller was told.
///
/// # Panics
/// When one is missing, elsewhere, or there twice.
pub fn assert_written_once(place: &Place, acknowledged: &[Acknowledged]) {
    let rows = place.query(Store::Log, "SELECT last_position, version FROM commands");
    let numbers = |row: &Row, column: usize| row[column].as_ref().and_then(|text| text.parse::<i64>().ok());
    let stored: BTreeMap<_, _> = rows.iter().map(|row| (numbers(row, 0), numbers(row, 1))).collect();
    assert_eq!(stored.len(), rows.len(), "two commands end at one position");
    let mut positions: Vec<i64> = acknowledged.iter().map(|ack| ack.position).collect();
    positions.sort_unstable();
    positions.dedup();
    assert_eq!(positions.len(), acknowledged.len(), "two commands were acknowledged at one position");
    for ack in acknowledged {
        let found = stored.get(&Some(ack.position));
        assert_eq!(found, Some(&Some(ack.version)), "acknowledged at position {} and not there", ack.position);
    }
}

/// Asserts that every read model holds, row by row, what a fold of the whole log gives. No server may run on `place`, and
/// its read models must have come to the head.
///
/// # Panics
/// When a row differs, showing it.
pub fn assert_read_models_equal_a_fold(place: &Place) {
    let folded = place.copy_of_the_log("fold");
    fold_to_the_head(&folded);
    assert_same_read_models(place, &folded);
}

/// Lets a server on a place bring its read models to the head of the log.
///
/// # Panics
/// When it does not come there.
pub fn fold_to_the_head(place: &Place) {
    let server = Server::start(place);
    let mut client = server.client();
    let at_head = || {
        let ready = client.get("/health/ready").expect(200).json();
        (ready["applied"] == ready["head"]).then_some(())
    };
    assert!(wait_for(FOLD_WITHIN, at_head).is_some(), "the read models do not come to the head of the log");
    server.stop();
}

/// Asserts that two places have the same read models, row by row.
///
/// # Panics
/// When a row differs, showing it.
pub fn assert_same_read_models(live: &Place, folded: &Place) {
    let models = read_models(live);
    assert!(!models.is_empty(), "there are no read models");
    assert_eq!(models, read_models(folded));
    let mut rows_seen = 0;
    for model in &models {
        let (ours, theirs) = (live.rows(Store::Views, model), folded.rows(Store::Views, model));
        let differing = ours.iter().zip(&theirs).find(|(one, other)| one != other);
        assert_eq!(differing, None, "`{model}` is not a fold of the log (live, folded)");
        assert_eq!(ours.len(), theirs.len(), "`{model}` is not a fold of the log: its number of rows (live, folded)");
        rows_seen += ours.len();
    }
    assert!(rows_seen > 0, "read models without a row prove nothing");
}

/// The names that queries use: views over the physical tables, whose names carry a version.
pub fn read_models(place: &Place) -> Vec<String> {
    place.views(Store::Views)
}
