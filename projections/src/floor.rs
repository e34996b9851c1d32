//! The floor as it is now, for process managers that start: one row per stream that still matters, folded by the same code
//! as their memory ([`vitrina_domain::floor`]). State, not history: it is not read `as_of`.
//!
//! Messages are not looked into: they are many, and what they mean to the floor is that they are there.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value},
    table::{Field, Json, table, take},
};
use uuid::Uuid;
use vitrina_domain::{
    conversation::ConversationEvent,
    event::Event,
    floor::{Key, Moment, Place, Stays},
    ids::AccountId,
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
    }

    fn wants(&self, event: &Event) -> bool {
        match event {
            Event::Account(_) | Event::Shopper(_) | Event::Call(_) => true,
            Event::Conversation(event) => !matches!(event, ConversationEvent::MessageSent(_) | ConversationEvent::FileShared(_)),
            _ => false,
        }
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        if event.version() == 1 {
            keys.create::<FloorRow>(key(event));
        } else {
            keys.load::<FloorRow>(key(event));
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let (moment, key) = (moment(event), key(event));
        let row = |place| FloorRow { account_id: key.0, category: key.1.clone(), id: key.2, place: Json(place) };
        if event.version() == 1 {
            return Place::begin(&moment).map_or(Ok(()), |place| rows.put(row(place)));
        }
        let Some(known) = rows.get::<FloorRow>(&key)? else { return Ok(()) };
        let mut place = known.place.0.clone();
        match place.apply(&moment) {
            Stays::Yes => rows.put(row(place)),
            Stays::No => rows.remove::<FloorRow>(&key),
        }
    }
}

/// Rises with the fold of [`Place`] and its shape.
const VERSION: u32 = 4;

fn key(event: &Decoded) -> (AccountId, String, Uuid) {
    let stream = event.recorded.stream;
    (stream.account, stream.category.as_str().to_owned(), stream.id)
}

fn moment(event: &Decoded) -> Moment<'_> {
    let recorded = &event.recorded;
    Moment {
        account: recorded.stream.account,
        category: recorded.stream.category,
        id: recorded.stream.id,
        version: recorded.version.0,
        position: recorded.position.0,
        event_id: recorded.event_id,
        actor: &recorded.actor,
        at: recorded.recorded_at,
        event: &event.event,
    }
}

const CHECKPOINT: &str = "SELECT position FROM projections WHERE name = 'floor' AND team = 'live' AND version = $1";

const ACCOUNTS: &str = "SELECT account_id FROM accounts WHERE to_position = 9223372036854775807 AND account_id > $1
     ORDER BY account_id LIMIT $2";

const OF_ACCOUNT: &str = "SELECT category, id, place FROM floor WHERE account_id = $1 AND (category > $2 OR (category = $2 AND id > $3))
     ORDER BY category, id LIMIT $4";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[CHECKPOINT, ACCOUNTS, OF_ACCOUNT];

/// Every place of every account, and a position up to which all events are counted; `None` while the read model is being
/// built. Some places may count later events too.
///
/// # Errors
/// When the database is away.
pub async fn snapshot(store: &Store) -> Result<Option<(Position, Vec<(Key, Place)>)>> {
    let found = store.query(CHECKPOINT, vec![Value::Int(VERSION.into())]).await?;
    let Some(row) = found.into_iter().next() else { return Ok(None) };
    let position = Position(take(&mut row.into_iter(), "projections", "position")?);
    let mut places = Vec::new();
    let mut last = Value::Bytes(Vec::new());
    loop {
        let accounts = store.query(ACCOUNTS, vec![last, Value::Int(PAGE)]).await?;
        let accounts = accounts.into_iter().map(|row| take::<AccountId>(&mut row.into_iter(), "accounts", "account_id"));
        let accounts = accounts.collect::<Result<Vec<_>>>()?;
        for account in &accounts {
            of_account(store, *account, &mut places).await?;
        }
        match accounts.last() {
            Some(account) => last = account.to_value(),
            None => return Ok(Some((position, places))),
        }
    }
}

async fn of_account(store: &Store, account: AccountId, places: &mut Vec<(Key, Place)>) -> Result<()> {
    let (mut category, mut id) = (String::new(), Value::Bytes(Vec::new()));
    loop {
        let rows = store.query(OF_ACCOUNT, vec![account.to_value(), Value::Text(category.clone()), id, Value::Int(PAGE)]).await?;
        let full = rows.len() as i64 == PAGE;
        id = Value::Bytes(Vec::new());
        for row in rows {
            let values = &mut row.into_iter();
            category = take(values, "floor", "category")?;
            let stream: Uuid = take(values, "floor", "id")?;
            let Json(place): Json<Place> = take(values, "floor", "place")?;
            id = stream.to_value();
            if let Some(known) = Category::from_stored(&category) {
                places.push(((account, known, stream), place));
            }
        }
        if !full {
            return Ok(());
        }
    }
}
