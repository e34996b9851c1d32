//! Shoppers: who they are, whether they can be given work, and how much they have.

use crate::{
    asked::{LIMIT_MAX, Page, optional},
    calls, conversations,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Scrubs, Tables},
    folded::folded,
    search::{Needle, Words},
    sql::{Store, Value, sql},
    table::{At, Field, Json, Table, stored_names, table, take},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;
use vitrina_domain::{
    event::Event,
    ids::{AccountId, ShopperId, SubjectId},
    personal::Personal,
    schedule::Schedule,
    shopper::{Detail, Profile, ShopperEvent, Status, StatusCause},
    subject::Forgotten,
};
use vitrina_eventlog::{Decoded, Position};

stored_names! {
    Status { Available = "available", Busy = "busy", Away = "away", Offline = "offline" }
    StatusCause {
        Manual = "manual", Schedule = "schedule", IdleTimeout = "idle_timeout", Disconnect = "disconnect", Call = "call",
    }
}

table! {
    /// A shopper. What is personal is absent when it was not given or the person was erased.
    pub struct ShopperRow in "shoppers" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The shopper.
            shopper_id: ShopperId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// Name.
            name: Option<String>,
            /// E-mail address.
            email: Option<String>,
            /// Telephone.
            phone: Option<String>,
            /// Name that customers see.
            chat_name: Option<String>,
            /// BCP 47 tags of the languages spoken.
            languages: Json<Vec<String>>,
            /// Fields of expertise.
            expertise: Json<Vec<String>>,
            /// Collections the shopper is a specialist of.
            collections: Json<Vec<String>>,
            /// Weekly hours; absent means always.
            schedule: Option<Json<Schedule>>,
            /// How many conversations at once.
            max_concurrent: Option<u32>,
            /// Departments that the shopper answers for.
            departments: Json<Vec<String>>,
            /// Country the shopper is in, ISO 3166-1 alpha-2.
            country: Option<String>,
            /// Whether work can be given.
            status: Status,
            /// Why the status is that; absent before it ever changed.
            status_cause: Option<StatusCause>,
            /// Since when.
            status_since: DateTime<Utc>,
            /// When the shopper joined the shop.
            created_at: DateTime<Utc>,
            /// Whether the shopper has left the shop.
            deleted: bool,
            /// The name, folded: the order of lists.
            sort_name: String,
            /// The words of names, telephone, e-mail and collections: what a search looks through.
            search: String,
        }
    }
}

/// Keeps the shoppers.
pub struct ShoppersProjection;

impl Projection for ShoppersProjection {
    fn name(&self) -> &'static str {
        "shoppers"
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ShopperRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Shopper(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Shopper(ShopperEvent::Created(_)) => keys.create::<ShopperRow>(key(event)),
            _ => keys.load::<ShopperRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Shopper(shopper) = &event.event else { return Ok(()) };
        if let ShopperEvent::Created(profile) = shopper {
            let mut row = blank(event);
            describe(&mut row, profile);
            index(&mut row);
            return rows.put(row);
        }
        rows.change::<ShopperRow>(&key(event), |row| {
            row.version = event.version();
            match shopper {
                ShopperEvent::Created(profile) | ShopperEvent::Updated(profile) => describe(row, profile),
                ShopperEvent::CollectionsChanged(changed) => row.collections.0.clone_from(&changed.collections),
                ShopperEvent::ScheduleChanged(changed) => row.schedule = changed.schedule.clone().map(Json),
                ShopperEvent::StatusChanged(changed) => {
                    row.status = changed.to;
                    row.status_cause = Some(changed.cause);
                    row.status_since = event.at();
                }
                ShopperEvent::Connected(_) | ShopperEvent::Disconnected(_) | ShopperEvent::Assigned(_) | ShopperEvent::Freed(_) => {}
                ShopperEvent::Deleted(_) => row.deleted = true,
            }
            index(row);
        })
    }

    fn forgets(&self, account: AccountId, subject: SubjectId, _: &Forgotten, scrubs: &mut Scrubs) {
        scrubs.rows::<ShopperRow>(
            (&["account_id", "shopper_id"], "from_position"),
            vec![account.to_value(), subject.0.to_value()],
            |rows, _| {
                for row in rows {
                    (row.name, row.email, row.phone, row.chat_name) = (None, None, None, None);
                    index(row);
                }
            },
        );
    }
}

fn key(event: &Decoded) -> (AccountId, ShopperId) {
    (event.account(), ShopperId(event.recorded.stream.id))
}

fn blank(event: &Decoded) -> ShopperRow {
    let (account_id, shopper_id) = key(event);
    ShopperRow {
        account_id,
        shopper_id,
        version: event.version(),
        name: None,
        email: None,
        phone: None,
        chat_name: None,
        languages: Json(Vec::new()),
        expertise: Json(Vec::new()),
        collections: Json(Vec::new()),
        schedule: None,
        max_concurrent: None,
        departments: Json(Vec::new()),
        country: None,
        status: Status::Offline,
        status_cause: None,
        status_since: event.at(),
        created_at: event.at(),
        deleted: false,
        sort_name: String::new(),
        search: String::new(),
    }
}

/// What the profile gives replaces what was, what it clears is gone, and what it leaves out stays.
fn describe(row: &mut ShopperRow, profile: &Profile) {
    let personal = |known: &mut Option<String>, given: &Option<Personal<String>>| {
        if let Some(value) = given {
            *known = value.get().cloned();
        }
    };
    personal(&mut row.name, &profile.name);
    personal(&mut row.email, &profile.email);
    personal(&mut row.phone, &profile.phone);
    personal(&mut row.chat_name, &profile.chat_name);
    if let Some(languages) = &profile.languages {
        row.languages.0.clone_from(languages);
    }
    if let Some(expertise) = &profile.expertise {
        row.expertise.0.clone_from(expertise);
    }
    row.max_concurrent = profile.max_concurrent.or(row.max_concurrent);
    if let Some(departments) = &profile.departments {
        row.departments.0.clone_from(departments);
    }
    if profile.country.is_some() {
        row.country.clone_from(&profile.country);
    }
    for detail in &profile.cleared {
        match detail {
            Detail::Phone => row.phone = None,
            Detail::ChatName => row.chat_name = None,
            Detail::MaxConcurrent => row.max_concurrent = None,
            Detail::Country => row.country = None,
        }
    }
}

fn index(row: &mut ShopperRow) {
    row.sort_name = row.name.as_deref().map(folded).unwrap_or_default();
    let mut words = Words::default();
    [&row.name, &row.chat_name, &row.email].into_iter().flatten().chain(&row.collections.0).for_each(|text| words.add(text));
    row.phone.iter().for_each(|phone| words.add_phone(phone));
    row.search = words.stored();
}

/// Sort key of lists of shoppers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByName {
    /// [`ShopperRow::sort_name`].
    pub name: String,
    /// Which one.
    pub id: Uuid,
}

/// Which shoppers are wanted; what is `None` does not narrow. Those who have left are never among them.
#[derive(Debug, Clone, Default)]
pub struct ShopperFilter {
    /// Those whose names, telephone number, e-mail address or collections have these words.
    pub search: Option<Needle>,
    /// Those that stand there.
    pub status: Option<Status>,
}

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 status.
const LIST: &str = sql!(
    "SELECT from_position, ",
    ShopperRow::COLUMNS,
    " FROM shoppers WHERE account_id = $1 AND deleted = 0 AND to_position > $2 AND from_position <= $2
       AND (sort_name > $3 OR (sort_name = $3 AND shopper_id > $4))
       AND (status = $6 OR $6 IS NULL)
     ORDER BY sort_name, shopper_id LIMIT $5"
);

const GET: &str = sql!(
    "SELECT from_position, ",
    ShopperRow::COLUMNS,
    " FROM (SELECT * FROM shoppers WHERE account_id = $1 AND shopper_id = $3 AND from_position <= $2
             ORDER BY from_position DESC LIMIT 1) AS newest
     WHERE to_position > $2"
);

/// $1 account, $2 position, $3 before every name, $4 limit.
const HOURS: &str =
    "SELECT status, schedule FROM shoppers WHERE account_id = $1 AND deleted = 0 AND to_position > $2 AND from_position <= $2
       AND sort_name >= $3 ORDER BY sort_name, shopper_id LIMIT $4";

/// Those who are there and those who have left, each led by the index: versions are many more than shoppers.
const NAMES: &str = "SELECT shopper_id, name FROM shoppers
       WHERE account_id = $1 AND deleted = 0 AND to_position > $2 AND from_position <= $2 AND name IS NOT NULL
     UNION ALL SELECT shopper_id, name FROM shoppers
       WHERE account_id = $1 AND deleted = 1 AND to_position > $2 AND from_position <= $2 AND name IS NOT NULL";

/// The same with what a table of shoppers is in order of, also of those without a name.
const PEOPLE: &str = "SELECT shopper_id, name, email, sort_name FROM shoppers
       WHERE account_id = $1 AND deleted = 0 AND to_position > $2 AND from_position <= $2
     UNION ALL SELECT shopper_id, name, email, sort_name FROM shoppers
       WHERE account_id = $1 AND deleted = 1 AND to_position > $2 AND from_position <= $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[LIST, GET, HOURS, NAMES, PEOPLE];

/// The shoppers that the filter lets through, by name.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &ShopperFilter, page: Page<ByName>) -> Result<Vec<At<ShopperRow>>> {
    let Some(needle) = &filter.search else { return rows(store, account, filter, &page).await };
    let limit = usize::try_from(page.limit.min(LIMIT_MAX)).unwrap_or(usize::MAX);
    let mut look = Page { limit: LIMIT_MAX, ..page };
    let mut found = Vec::new();
    loop {
        let rows = rows(store, account, filter, &look).await?;
        let is_last = rows.len() < LIMIT_MAX as usize;
        look.after = rows.last().map(|last| ByName { name: last.row.sort_name.clone(), id: last.row.shopper_id.0 });
        found.extend(rows.into_iter().filter(|at| needle.is_in(std::iter::once(at.row.search.as_str()))));
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

async fn rows(store: &Store, account: AccountId, filter: &ShopperFilter, page: &Page<ByName>) -> Result<Vec<At<ShopperRow>>> {
    let (name, id) = match &page.after {
        Some(after) => (after.name.clone(), after.id.to_value()),
        // Before every row, also those without a name.
        None => (String::new(), Value::Bytes(Vec::new())),
    };
    let args = vec![account.to_value(), page.as_of_value(), Value::Text(name), id, page.limit_value(), optional(filter.status)];
    store.rows(LIST, args).await
}

/// What every shopper is called, also those who have left.
///
/// # Errors
/// When the database is away.
pub async fn names(store: &Store, account: AccountId, as_of: Position) -> Result<HashMap<ShopperId, String>> {
    let rows = store.query(NAMES, vec![account.to_value(), Value::Int(as_of.0)]).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok((take(values, "shoppers", "shopper_id")?, take(values, "shoppers", "name")?))
    };
    rows.into_iter().map(read).collect()
}

/// Who a shopper is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name; absent also when the person was erased.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    sort_name: String,
}

impl Person {
    /// What somebody who searches for people looks through.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.email].into_iter().flatten().map(String::as_str)
    }
}

/// Those to whom something is credited, by name, nobody last; who is not known has no person.
///
/// # Errors
/// When the database is away.
pub async fn by_name(
    store: &Store,
    account: AccountId,
    credited: impl IntoIterator<Item = Option<ShopperId>>,
    as_of: Position,
) -> Result<Vec<(Option<ShopperId>, Option<Person>)>> {
    let mut known = HashMap::new();
    for row in store.query(PEOPLE, vec![account.to_value(), Value::Int(as_of.0)]).await? {
        let values = &mut row.into_iter();
        let id: ShopperId = take(values, "shoppers", "shopper_id")?;
        let (name, email) = (take(values, "shoppers", "name")?, take(values, "shoppers", "email")?);
        known.insert(id, Person { name, email, sort_name: take(values, "shoppers", "sort_name")? });
    }
    let person = |shopper: Option<ShopperId>| (shopper, shopper.and_then(|id| known.remove(&id)));
    let mut people: Vec<_> = credited.into_iter().map(person).collect();
    people.sort_by_cached_key(|(shopper, person)| (shopper.is_none(), person.as_ref().map(|person| person.sort_name.clone()), *shopper));
    Ok(people)
}

/// The shopper, also one who has left; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, shopper: ShopperId, as_of: Position) -> Result<Option<At<ShopperRow>>> {
    store.row(GET, vec![account.to_value(), Value::Int(as_of.0), shopper.to_value()]).await
}

/// What a shopper works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Calls: claimed, live or in wrap-up.
    pub calls: i64,
    /// Open conversations without a call.
    pub conversations: i64,
}

/// What each shopper of the account works on. Shoppers who work on nothing are not named.
///
/// # Errors
/// When the database is away.
pub async fn loads(store: &Store, account: AccountId, as_of: Position) -> Result<BTreeMap<ShopperId, Load>> {
    let mut loads: BTreeMap<ShopperId, Load> = BTreeMap::new();
    for (shopper, calls) in calls::working(store, account, as_of).await? {
        loads.entry(shopper).or_default().calls = calls;
    }
    for (shopper, conversations) in conversations::working(store, account, as_of).await? {
        loads.entry(shopper).or_default().conversations = conversations;
    }
    Ok(loads)
}

/// Status and weekly hours of every shopper (at most [`LIMIT_MAX`]): whether somebody can come, and when.
///
/// # Errors
/// When the database is away.
pub async fn hours(store: &Store, account: AccountId, as_of: Position) -> Result<Vec<(Status, Option<Schedule>)>> {
    let limit = Value::Int(LIMIT_MAX.into());
    let rows = store.query(HOURS, vec![account.to_value(), Value::Int(as_of.0), Value::Text(String::new()), limit]).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        let status = take(values, "shoppers", "status")?;
        let schedule: Option<Json<Schedule>> = take(values, "shoppers", "schedule")?;
        Ok((status, schedule.map(|schedule| schedule.0)))
    };
    rows.into_iter().map(read).collect()
}
