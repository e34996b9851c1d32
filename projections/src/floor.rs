//! The floor as it is now, for process managers that start: one row per stream that still matters, folded by the same code
//! as their memory ([`vitrina_domain::floor`]). State, not history: it is not read `as_of`.
//!
//! Messages are not looked into: they are many, and what they mean to the floor is that they are there. That is kept apart, in
//! narrow rows: the newest deed of each shopper, and in each open conversation.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value},
    table::{Field, Json, table, take},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    conversation::ConversationEvent,
    event::Event,
    floor::{Activity, Key, Place, Stays},
    ids::{AccountId, EventId},
    shopper::ShopperEvent,
    stream::Category,
};
use vitrina_eventlog::{Decoded, Position};

/// Rows in one read.
const PAGE: i64 = 1_000;

table! {
    /// What is remembered of a stream.
    pub struct FloorRow in "floor" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The kind of the stream.
            category: String,
            /// The stream.
            id: Uuid,
        }
        columns {
            /// What is remembered.
            place: Json<Place>,
            /// Of what waits for a shopper: higher is served first.
            waiting_priority: Option<i32>,
            /// Of what waits: since when, and among equals the oldest is served first.
            waiting_since: Option<DateTime<Utc>>,
            /// Of what waits: orders those that began to wait at the same instant.
            waiting_position: Option<i64>,
        }
    }
}

table! {
    /// The newest deed of a shopper, or in an open conversation.
    pub struct ActivityRow in "activity" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The kind of the stream: shopper or conversation.
            category: String,
            /// The shopper or the conversation.
            id: Uuid,
        }
        columns {
            /// When.
            at: DateTime<Utc>,
            /// The event.
            event_id: Uuid,
        }
    }
}

/// Keeps the floor.
pub struct FloorProjection;

impl Projection for FloorProjection {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn version(&self) -> u32 {
        VERSION
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<FloorRow>();
        tables.add::<ActivityRow>();
    }

    /// Whoever does something is not idle, whatever it is.
    fn wants(&self, _event: &Event) -> bool {
        true
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        for key in active(event).into_iter().flatten() {
            keys.load::<ActivityRow>(key);
        }
        match &event.event {
            _ if !is_looked_into(event) => {}
            _ if event.version() == 1 => keys.create::<FloorRow>(key(event)),
            _ => keys.load::<FloorRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        self.note(event, rows)?;
        if !is_looked_into(event) {
            return Ok(());
        }
        let (moment, key) = (event.moment(), key(event));
        if event.version() == 1 {
            return Place::begin(&moment).map_or(Ok(()), |place| rows.put(row(&key, place)));
        }
        let Some(known) = rows.get::<FloorRow>(&key)? else { return Ok(()) };
        let mut place = known.place.0.clone();
        match place.apply(&moment) {
            Stays::Yes => rows.put(row(&key, place)),
            Stays::No => rows.remove::<FloorRow>(&key),
        }
    }
}

impl FloorProjection {
    /// Notes who did something, and that something happened in a conversation.
    fn note(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let ends = matches!(event.event, Event::Shopper(ShopperEvent::Deleted(_)) | Event::Conversation(ConversationEvent::Closed(_)));
        for key in active(event).into_iter().flatten() {
            if ends && (key.1.as_str(), key.2) == (event.recorded.stream.category.as_str(), event.recorded.stream.id) {
                rows.remove::<ActivityRow>(&key)?;
                continue;
            }
            let (account_id, category, id) = key;
            let event_id = event.recorded.event_id.0;
            rows.put(ActivityRow { account_id, category, id, at: event.recorded.recorded_at, event_id })?;
        }
        Ok(())
    }
}

/// Whose deed it is, and where it was done; what counts for the floor only.
fn active(event: &Decoded) -> [Option<(AccountId, String, Uuid)>; 2] {
    let stream = event.recorded.stream;
    let of = |category: Category, id: Uuid| (stream.account, category.as_str().to_owned(), id);
    let shopper = match (&event.recorded.actor, &event.event) {
        (_, Event::Shopper(ShopperEvent::Deleted(_))) => Some(of(Category::Shopper, stream.id)),
        (Actor::Shopper(shopper), _) => Some(of(Category::Shopper, shopper.0)),
        _ => None,
    };
    let is_a_deed = !matches!(&event.event, Event::Conversation(conversation) if conversation.is_of_sla());
    let is_there = stream.category == Category::Conversation && is_a_deed;
    [shopper, is_there.then(|| of(Category::Conversation, stream.id))]
}

/// Whether the floor looks into the event.
fn is_looked_into(event: &Decoded) -> bool {
    match &event.event {
        Event::Account(_) | Event::Shopper(_) | Event::Call(_) => true,
        Event::Conversation(event) => !matches!(event, ConversationEvent::MessageSent(_) | ConversationEvent::FileShared(_)),
        _ => false,
    }
}

fn row((account_id, category, id): &(AccountId, String, Uuid), place: Place) -> FloorRow {
    let request = place.request(*id);
    let waits = request.as_ref();
    FloorRow {
        account_id: *account_id,
        category: category.clone(),
        id: *id,
        waiting_priority: waits.map(|request| request.priority),
        waiting_since: waits.map(|request| request.since),
        waiting_position: waits.map(|request| request.position),
        place: Json(place),
    }
}

/// Rises with the fold of [`Place`] and its shape.
const VERSION: u32 = 5;

fn key(event: &Decoded) -> (AccountId, String, Uuid) {
    let stream = event.recorded.stream;
    (stream.account, stream.category.as_str().to_owned(), stream.id)
}

const CHECKPOINT: &str = "SELECT position FROM projections WHERE name = 'floor' AND team = 'live' AND version = $1";

const ACCOUNTS: &str = "SELECT account_id FROM accounts WHERE to_position = 9223372036854775807 AND account_id > $1
     ORDER BY account_id LIMIT $2";

const OF_ACCOUNT: &str = "SELECT category, id, place FROM floor WHERE account_id = $1 AND (category > $2 OR (category = $2 AND id > $3))
     ORDER BY category, id LIMIT $4";

const ACTIVITY: &str = "SELECT category, id, at, event_id FROM activity
     WHERE account_id = $1 AND (category > $2 OR (category = $2 AND id > $3)) ORDER BY category, id LIMIT $4";

const WAITING: &str = "SELECT category, id, place FROM floor WHERE account_id = $1 AND waiting_position > 0
     ORDER BY waiting_priority DESC, waiting_since, waiting_position, id LIMIT $2";

const SHOPPERS: &str = "SELECT category, id, place FROM floor WHERE account_id = $1 AND category = 'shopper'
     AND (category > $2 OR (category = $2 AND id > $3)) ORDER BY category, id LIMIT $4";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[CHECKPOINT, ACCOUNTS, OF_ACCOUNT, ACTIVITY, WAITING, SHOPPERS];

/// The floor as it is kept.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// All events up to here are counted; some rows may count later ones too.
    pub position: Position,
    /// Every place of every account.
    pub places: Vec<(Key, Place)>,
    /// The newest deed of each shopper, and in each open conversation.
    pub activity: Vec<Activity>,
}

/// The floor of every account; `None` while the read model is being built.
///
/// # Errors
/// When the database is away.
pub async fn snapshot(store: &Store) -> Result<Option<Kept>> {
    let found = store.query(CHECKPOINT, vec![Value::Int(VERSION.into())]).await?;
    let Some(row) = found.into_iter().next() else { return Ok(None) };
    let mut kept = Kept { position: Position(take(&mut row.into_iter(), "projections", "position")?), ..Kept::default() };
    let mut last = Value::Bytes(Vec::new());
    loop {
        let accounts = store.query(ACCOUNTS, vec![last, Value::Int(PAGE)]).await?;
        let accounts = accounts.into_iter().map(|row| take::<AccountId>(&mut row.into_iter(), "accounts", "account_id"));
        let accounts = accounts.collect::<Result<Vec<_>>>()?;
        for account in &accounts {
            let place = |key: Key, values: &mut Row| Ok((key, take::<Json<Place>>(values, "floor", "place")?.0));
            all_of(store, OF_ACCOUNT, *account, &mut kept.places, place).await?;
            all_of(store, ACTIVITY, *account, &mut kept.activity, activity).await?;
        }
        match accounts.last() {
            Some(account) => last = account.to_value(),
            None => return Ok(Some(kept)),
        }
    }
}

/// What waits for a shopper in an account, calls and chats in the router's order, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn waiting(store: &Store, account: AccountId, limit: u32) -> Result<Vec<(Key, Place)>> {
    let rows = store.query(WAITING, vec![account.to_value(), Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| -> Result<Option<(Key, Place)>> {
        let values = &mut row.into_iter();
        let key = stream_key(account, values)?.1;
        let Json(place): Json<Place> = take(values, "floor", "place")?;
        Ok(key.map(|key| (key, place)))
    };
    rows.into_iter().filter_map(|row| read(row).transpose()).collect()
}

/// The departments that somebody of the account answers for.
///
/// # Errors
/// When the database is away.
pub async fn departments(store: &Store, account: AccountId) -> Result<BTreeSet<String>> {
    let mut shoppers = Vec::new();
    let place = |_: Key, values: &mut Row| Ok(take::<Json<Place>>(values, "floor", "place")?.0);
    all_of(store, SHOPPERS, account, &mut shoppers, place).await?;
    let departments = |place| if let Place::Shopper(shopper) = place { shopper.departments } else { Vec::new() };
    Ok(shoppers.into_iter().flat_map(departments).collect())
}

/// The values of a row that are still to be taken.
type Row = std::vec::IntoIter<Value>;

/// All rows of an account, page by page; the first two columns are the key.
async fn all_of<T>(
    store: &Store,
    sql: &'static str,
    account: AccountId,
    all: &mut Vec<T>,
    read: impl Fn(Key, &mut Row) -> Result<T>,
) -> Result<()> {
    let (mut category, mut id) = (String::new(), Value::Bytes(Vec::new()));
    loop {
        let rows = store.query(sql, vec![account.to_value(), Value::Text(category.clone()), id, Value::Int(PAGE)]).await?;
        let full = rows.len() as i64 == PAGE;
        id = Value::Bytes(Vec::new());
        for row in rows {
            let values = &mut row.into_iter();
            let ((kind, stream), key) = stream_key(account, values)?;
            (category, id) = (kind, stream.to_value());
            if let Some(key) = key {
                all.push(read(key, values)?);
            }
        }
        if !full {
            return Ok(());
        }
    }
}

/// The columns `category` and `id`, as stored and as a key.
fn stream_key(account: AccountId, values: &mut Row) -> Result<((String, Uuid), Option<Key>)> {
    let category: String = take(values, "floor", "category")?;
    let id: Uuid = take(values, "floor", "id")?;
    let key = Category::from_stored(&category).map(|known| (account, known, id));
    Ok(((category, id), key))
}

fn activity(key: Key, values: &mut Row) -> Result<Activity> {
    Ok(Activity { key, at: take(values, "activity", "at")?, by: EventId(take(values, "activity", "event_id")?) })
}
