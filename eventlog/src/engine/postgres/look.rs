//! What is known of a batch's keys: one statement, so one snapshot, so one head.

use super::{connect, error::failed};
use crate::{
    LogError, Position, Version,
    append::Committed,
    chain::{GENESIS, Hash},
    engine::Keys,
    sequence::{Head, Known, StreamState},
};
use chrono::DateTime;
use deadpool_postgres::{GenericClient, Pool};
use tokio_postgres::Row;
use uuid::Uuid;

const HEAD: &str = "SELECT position FROM log.head WHERE one = 1";

/// Rows of five kinds under one set of columns; `i` is the index of the key that a row answers.
const LOOK: &str = "
SELECT 0 AS kind, 0::bigint AS i, h.position AS a, h.streams AS b, h.recorded_at AS c, 0::bigint AS d,
       NULL::bytea AS x, NULL::bytea AS y, h.last_event AS u
FROM log.head h WHERE one = 1
UNION ALL
SELECT 1, k.i, s.stream_key, s.version, 0, 0, NULL, NULL, s.last_event
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) WITH ORDINALITY AS k(account, category, stream_id, i)
JOIN log.streams s ON s.account = k.account AND s.category = k.category AND s.stream_id = k.stream_id
UNION ALL
SELECT 2, k.i, c.first_position, c.last_position, c.version, c.recorded_at, c.fingerprint, c.result, NULL
FROM unnest($4::uuid[], $5::uuid[]) WITH ORDINALITY AS k(account, command_id, i)
JOIN log.commands c ON c.account = k.account AND c.command_id = k.command_id
UNION ALL
SELECT 3, k.i, 0, 0, 0, 0, NULL, NULL, c.holder
FROM unnest($6::uuid[], $7::text[], $8::bytea[]) WITH ORDINALITY AS k(account, scope, name, i)
JOIN log.claims c ON c.account = k.account AND c.scope = k.scope AND c.name = k.name
UNION ALL
SELECT 4, k.i, 0, 0, 0, 0, c.hash, NULL, NULL
FROM unnest($9::uuid[]) WITH ORDINALITY AS k(account, i)
JOIN log.chains c ON c.account = k.account";

/// Position of the last event.
pub async fn head(pool: &Pool) -> Result<Position, LogError> {
    let client = connect::get(pool).await?;
    let statement = client.prepare_cached(HEAD).await.map_err(|e| failed(&e))?;
    let row = client.query_one(&statement, &[]).await.map_err(|e| failed(&e))?;
    Ok(Position(row.get(0)))
}

/// What is known of these keys.
pub async fn look(client: &impl GenericClient, keys: &Keys) -> Result<Known, LogError> {
    let streams = &keys.streams;
    let statement = client.prepare_cached(LOOK).await.map_err(|e| failed(&e))?;
    let rows = client
        .query(
            &statement,
            &[
                &streams.iter().map(|s| s.account.0).collect::<Vec<_>>(),
                &streams.iter().map(|s| s.category.as_str()).collect::<Vec<_>>(),
                &streams.iter().map(|s| s.id).collect::<Vec<_>>(),
                &keys.commands.iter().map(|(account, _)| account.0).collect::<Vec<_>>(),
                &keys.commands.iter().map(|(_, command)| command.0).collect::<Vec<_>>(),
                &keys.claims.iter().map(|c| c.account.0).collect::<Vec<_>>(),
                &keys.claims.iter().map(|c| c.scope).collect::<Vec<_>>(),
                &keys.claims.iter().map(|c| c.name.as_slice()).collect::<Vec<_>>(),
                &keys.chains.iter().map(|a| a.0).collect::<Vec<_>>(),
            ],
        )
        .await
        .map_err(|e| failed(&e))?;
    let mut known = Known {
        streams: streams.iter().map(|s| (*s, StreamState::default())).collect(),
        claims: keys.claims.iter().map(|c| (c.clone(), None)).collect(),
        chains: keys.chains.iter().map(|a| (*a, GENESIS)).collect(),
        ..Known::default()
    };
    for row in rows {
        take(&mut known, keys, &row);
    }
    Ok(known)
}

fn take(known: &mut Known, keys: &Keys, row: &Row) {
    let (kind, ordinality): (i32, i64) = (row.get(0), row.get(1));
    let (a, b, c, d): (i64, i64, i64, i64) = (row.get(2), row.get(3), row.get(4), row.get(5));
    // Ordinality counts from one; the head has none.
    let index = usize::try_from(ordinality - 1).unwrap_or_default();
    let bytes = |column: usize| row.get::<_, Option<&[u8]>>(column).unwrap_or_default();
    let time = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
    match kind {
        0 => known.head = Head { position: Position(a), streams: b, recorded_at: time(c), last_event: row.get::<_, Uuid>(8).into() },
        1 => {
            let last = row.get::<_, Option<Uuid>>(8).map(Into::into);
            known.streams.insert(keys.streams[index], StreamState { key: a, version: Version(b), last });
        }
        2 => {
            let committed = Committed {
                first_position: Position(a),
                position: Position(b),
                version: Version(c),
                recorded_at: time(d),
                fingerprint: bytes(6).try_into().unwrap_or_default(),
                result: bytes(7).to_vec(),
                replayed: true,
            };
            known.commands.insert(keys.commands[index], committed);
        }
        3 => drop(known.claims.insert(keys.claims[index].clone(), row.get(8))),
        _ => drop(known.chains.insert(keys.chains[index], Hash::try_from(bytes(6)).unwrap_or(GENESIS))),
    }
}
