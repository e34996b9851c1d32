//! Reading events.

use super::{connect, error::failed};
use crate::{Environment, LogError, Position, Recorded, StreamId, Version, chain::Hash, envelope::intern};
use chrono::{DateTime, Utc};
use deadpool_postgres::Pool;
use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;
use vitrina_domain::{actor::Actor, stream::Category};

const READ: &str = "SELECT position, version, account, category, stream_id, event_type, schema_version, event_id, command_id, correlation_id, \
     causation_id, actor, reason, environment, occurred_at, recorded_at, payload::text, hash \
     FROM log.events WHERE position > $1 ORDER BY position LIMIT $2";
const READ_STREAM: &str = "SELECT position, version, account, category, stream_id, event_type, schema_version, event_id, command_id, \
     correlation_id, causation_id, actor, reason, environment, occurred_at, recorded_at, payload::text, hash \
     FROM log.events WHERE version > $4 AND stream_key = \
     (SELECT stream_key FROM log.streams WHERE account = $1 AND category = $2 AND stream_id = $3) ORDER BY version LIMIT $5";
const RECORDED_AT: &str = "SELECT recorded_at FROM log.events WHERE position = $1";

async fn query(pool: &Pool, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, LogError> {
    let client = connect::get(pool).await?;
    let statement = client.prepare_cached(sql).await.map_err(|e| failed(&e))?;
    client.query(&statement, parameters).await.map_err(|e| failed(&e))
}

/// Events after a position.
pub async fn read(pool: &Pool, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(pool, READ, &[&after.0, &limit]).await?.iter().map(recorded).collect()
}

/// Events of a stream after a version.
pub async fn read_stream(pool: &Pool, stream: StreamId, after: Version, limit: usize) -> Result<Vec<Recorded>, LogError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(pool, READ_STREAM, &[&stream.account.0, &stream.category.as_str(), &stream.id, &after.0, &limit]).await?;
    rows.iter().map(recorded).collect()
}

/// Recorded times never go back, so a binary search over positions finds the instant without an index of its own.
pub async fn position_at(pool: &Pool, instant: DateTime<Utc>) -> Result<Position, LogError> {
    let (mut low, mut high) = (0, super::look::head(pool).await?.0);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let rows = query(pool, RECORDED_AT, &[&middle]).await?;
        let hole = || LogError::Damaged { position: Position(middle), what: "the event is not there".to_owned() };
        let recorded_at: i64 = rows.first().ok_or_else(hole)?.get(0);
        if recorded_at <= instant.timestamp_micros() {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(Position(low))
}

fn recorded(row: &Row) -> Result<Recorded, LogError> {
    let position = Position(row.get(0));
    let damaged = |what: &str| LogError::Damaged { position, what: what.to_owned() };
    let instant = |column: usize| DateTime::from_timestamp_micros(row.get(column)).ok_or_else(|| damaged("a time is no instant"));
    let (kind, name) = row.get::<_, &str>(11).split_once(':').ok_or_else(|| damaged("the actor has no kind"))?;
    Ok(Recorded {
        position,
        version: Version(row.get(1)),
        stream: StreamId {
            account: row.get::<_, Uuid>(2).into(),
            category: Category::from_stored(row.get(3)).ok_or_else(|| damaged("the category is unknown"))?,
            id: row.get(4),
        },
        event_type: intern(row.get(5)),
        schema_version: u16::try_from(row.get::<_, i16>(6)).map_err(|_| damaged("the schema version is negative"))?,
        event_id: row.get::<_, Uuid>(7).into(),
        command_id: row.get::<_, Uuid>(8).into(),
        correlation_id: row.get::<_, Uuid>(9).into(),
        causation_id: row.get::<_, Option<Uuid>>(10).map(Into::into),
        actor: Actor::from_stored(kind, name).ok_or_else(|| damaged("the actor is unknown"))?,
        reason: row.get(12),
        environment: Environment::from_stored(row.get(13)).ok_or_else(|| damaged("the environment is unknown"))?,
        occurred_at: instant(14)?,
        recorded_at: instant(15)?,
        payload: row.get(16),
        hash: Hash::try_from(row.get::<_, &[u8]>(17)).map_err(|_| damaged("the hash is not 32 bytes long"))?,
    })
}
