//! What everybody may see of ratings (PRODUCT.md L14, L15): the faces that the shop does not hide, of real customers, and
//! never a word of what they wrote.

use super::query::{Selection, tallies};
use crate::{
    error::Result,
    sql::{Store, Value, sql},
    table::{Field, take},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use vitrina_domain::{
    ids::{AccountId, ShopperId},
    metrics::{csat::Faces, range::Range},
    report::Measure,
    survey::Face,
};
use vitrina_eventlog::{Environment, Position};

/// A face that a customer chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feedback {
    /// When.
    pub at: DateTime<Utc>,
    /// Which one.
    pub face: Face,
    /// To whom it is credited.
    pub shopper: Option<ShopperId>,
}

/// $1 account, $2 measure, $3 and $4 period, $5 position, $6 environment: one range of the key.
const PUBLIC: &str = " FROM report_facts WHERE account_id = $1 AND measure = $2 AND anchor >= $3 AND anchor < $4
       AND from_position <= $5 AND to_position > $5 AND environment = $6";

const BY_CHANNEL: &str = sql!("SELECT channel, value, COUNT(*)", PUBLIC, " AND channel IS NOT NULL GROUP BY channel, value");

/// Walked backwards, as far as it takes.
const LATEST: &str =
    sql!("SELECT anchor, value, shopper_id", PUBLIC, " AND channel = $7 ORDER BY anchor DESC, stream_id DESC, part DESC LIMIT $8");

pub(crate) const STATEMENTS: &[&str] = &[BY_CHANNEL, LATEST];

const TABLE: &str = "report_facts";

fn args(account: AccountId, range: Range, as_of: Position) -> Vec<Value> {
    vec![
        account.to_value(),
        Measure::FacePublic.to_value(),
        range.from.to_value(),
        range.to.to_value(),
        Value::Int(as_of.0),
        Environment::Production.to_value(),
    ]
}

fn count(faces: &mut Faces, score: i64, count: i64) {
    let count = u64::try_from(count).unwrap_or_default();
    match Face::of_score(score) {
        Some(Face::Satisfied) => faces.satisfied += count,
        Some(Face::Neutral) => faces.neutral += count,
        Some(Face::Dissatisfied) => faces.dissatisfied += count,
        None => {}
    }
}

/// How often each face was chosen in each channel.
///
/// # Errors
/// When the database is away.
pub async fn faces_by_channel(store: &Store, account: AccountId, range: Range, as_of: Position) -> Result<BTreeMap<String, Faces>> {
    let mut channels = BTreeMap::<String, Faces>::new();
    for row in store.query(BY_CHANNEL, args(account, range, as_of)).await? {
        let values = &mut row.into_iter();
        let faces = channels.entry(take(values, TABLE, "channel")?).or_default();
        count(faces, take(values, TABLE, "value")?, take(values, TABLE, "count")?);
    }
    Ok(channels)
}

/// How often each face was chosen in a channel, by the shopper to whom it is credited.
///
/// # Errors
/// When the database is away.
pub async fn faces_by_shopper(
    store: &Store,
    account: AccountId,
    channel: &str,
    range: Range,
    as_of: Position,
) -> Result<BTreeMap<Option<ShopperId>, Faces>> {
    let (environment, channel) = (Some(Environment::Production), Some(channel.to_owned()));
    let selection = Selection { channel, ..Selection::of(range, environment, as_of) };
    let mut shoppers = BTreeMap::<_, Faces>::new();
    for tally in tallies(store, account, Measure::FacePublic, &selection).await? {
        count(shoppers.entry(tally.shopper).or_default(), tally.value, tally.count);
    }
    Ok(shoppers)
}

/// The newest faces of a channel, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn latest_faces(
    store: &Store,
    account: AccountId,
    channel: &str,
    range: Range,
    as_of: Position,
    limit: u32,
) -> Result<Vec<Feedback>> {
    let mut args = args(account, range, as_of);
    args.extend([Value::Text(channel.to_owned()), Value::Int(limit.into())]);
    let mut latest = Vec::new();
    for row in store.query(LATEST, args).await? {
        let values = &mut row.into_iter();
        let (at, score) = (take(values, TABLE, "anchor")?, take(values, TABLE, "value")?);
        let shopper = take(values, TABLE, "shopper_id")?;
        latest.extend(Face::of_score(score).map(|face| Feedback { at, face, shopper }));
    }
    Ok(latest)
}
