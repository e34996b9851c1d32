//! Accounts: the shops and their settings.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{At, Field, Json, Table, stored_names, table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    account::{AccountEvent, AttributionRule, Brand, BusinessHours, ConsentRule, PublicChannels, RecordingRule, RetentionRule, Trials},
    event::Event,
    ids::AccountId,
    locale::Locale,
    routing::Policy,
    sla::SlaRule,
    survey::Publicity,
};
use vitrina_eventlog::{Decoded, Position};

stored_names! {
    Locale { En = "en", Es = "es", Pt = "pt", Ca = "ca" }
    Trials { Staff = "staff", Anyone = "anyone" }
}

table! {
    /// An account.
    pub struct AccountRow in "accounts" as Temporal {
        key {
            /// Which one.
            account_id: AccountId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// Name of the shop.
            store_name: String,
            /// IANA zone of its reports.
            zone: String,
            /// Language of its texts.
            locale: Locale,
            /// ISO 4217 code.
            currency: String,
            /// The rules of the floor.
            routing: Json<Policy>,
            /// What customers consent to.
            consent: Json<ConsentRule>,
            /// Whether calls are recorded.
            recording: Json<RecordingRule>,
            /// How the shop looks.
            brand: Json<Brand>,
            /// Which orders go back to calls.
            attribution: Json<AttributionRule>,
            /// Which channels' ratings everybody may see.
            public_channels: Json<PublicChannels>,
            /// When the shop answers.
            business_hours: Json<BusinessHours>,
            /// What the shop promises of its chats.
            sla: Json<SlaRule>,
            /// Who may declare a trial.
            trials: Trials,
            /// For how long contents are kept.
            retention: Json<RetentionRule>,
            /// When it was set up.
            created_at: DateTime<Utc>,
        }
    }
}

/// Keeps the accounts.
pub struct AccountsProjection;

impl Projection for AccountsProjection {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn version(&self) -> u32 {
        11
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<AccountRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Account(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Account(AccountEvent::Created(_)) => keys.create::<AccountRow>((event.account(),)),
            _ => keys.load::<AccountRow>((event.account(),)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Account(account) = &event.event else { return Ok(()) };
        match account {
            AccountEvent::Created(created) => rows.put(AccountRow {
                account_id: event.account(),
                version: event.version(),
                store_name: created.store_name.clone(),
                zone: created.zone.clone(),
                locale: created.locale,
                currency: created.currency.clone(),
                routing: Json(Policy::default()),
                consent: Json(ConsentRule::default()),
                recording: Json(RecordingRule::default()),
                brand: Json(Brand::default()),
                attribution: Json(AttributionRule::default()),
                public_channels: Json(PublicChannels::default()),
                business_hours: Json(BusinessHours::default()),
                sla: Json(SlaRule::default()),
                trials: Trials::default(),
                retention: Json(RetentionRule::default()),
                created_at: event.at(),
            }),
            AccountEvent::SettingsChanged(changed) => rows.change::<AccountRow>(&(event.account(),), |row| {
                row.version = event.version();
                let plain = |known: &mut String, given: &Option<String>| {
                    if let Some(value) = given {
                        known.clone_from(value);
                    }
                };
                plain(&mut row.store_name, &changed.store_name);
                plain(&mut row.zone, &changed.zone);
                plain(&mut row.currency, &changed.currency);
                if let Some(routing) = &changed.routing {
                    row.routing.0.clone_from(routing);
                }
                if let Some(consent) = &changed.consent {
                    row.consent.0.clone_from(consent);
                }
                if let Some(recording) = &changed.recording {
                    row.recording.0.clone_from(recording);
                }
                if let Some(hours) = &changed.business_hours {
                    row.business_hours.0.clone_from(hours);
                }
                row.sla.0 = changed.sla.as_deref().copied().unwrap_or(row.sla.0);
                row.retention.0 = changed.retention.unwrap_or(row.retention.0);
                row.brand.0 = changed.brand.unwrap_or(row.brand.0);
                row.attribution.0 = changed.attribution.unwrap_or(row.attribution.0);
                row.trials = changed.trials.unwrap_or(row.trials);
                row.locale = changed.locale.unwrap_or(row.locale);
            }),
            AccountEvent::ChannelPublished(shown) => rows.change::<AccountRow>(&(event.account(),), |row| {
                row.version = event.version();
                row.public_channels.0.shown(shown, Publicity::Public);
            }),
            AccountEvent::ChannelUnpublished(shown) => rows.change::<AccountRow>(&(event.account(),), |row| {
                row.version = event.version();
                row.public_channels.0.shown(shown, Publicity::Internal);
            }),
            AccountEvent::InvariantBroken(_) | AccountEvent::Forked(_) => {
                rows.change::<AccountRow>(&(event.account(),), |row| row.version = event.version())
            }
        }
    }
}

const GET: &str = sql!(
    "SELECT from_position, ",
    AccountRow::COLUMNS,
    " FROM (SELECT * FROM accounts WHERE account_id = $1 AND from_position <= $2
             ORDER BY from_position DESC LIMIT 1) AS newest
     WHERE to_position > $2"
);

const FIRST_TWO: &str = "SELECT account_id FROM accounts WHERE to_position = 9223372036854775807 ORDER BY account_id LIMIT 2";

/// Who goes through all accounts has to find them.
const FOLLOWING: &str = "SELECT account_id, created_at FROM accounts
     WHERE to_position = 9223372036854775807 AND account_id > $1 ORDER BY account_id LIMIT $2";

/// The same for those who keep something for a time only.
const KEEPING: &str = "SELECT account_id, retention FROM accounts
     WHERE to_position = 9223372036854775807 AND account_id > $1 AND retention <> '{}' ORDER BY account_id LIMIT $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, FIRST_TWO, FOLLOWING, KEEPING];

/// The account; `None` when there was none.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, as_of: Position) -> Result<Option<At<AccountRow>>> {
    store.row(GET, vec![account.to_value(), Value::Int(as_of.0)]).await
}

/// The account, when there is exactly one: who asks without saying for which account means that one.
///
/// # Errors
/// When the database is away.
pub async fn only(store: &Store) -> Result<Option<AccountId>> {
    let rows = store.query(FIRST_TWO, Vec::new()).await?;
    if rows.len() != 1 {
        return Ok(None);
    }
    take(&mut rows.into_iter().flatten(), "accounts", "account_id").map(Some)
}

/// The accounts by id after this one, `limit` at most, each with when it was set up; without one, from the first on.
///
/// # Errors
/// When the database is away.
pub async fn following(store: &Store, after: Option<AccountId>, limit: u32) -> Result<Vec<(AccountId, DateTime<Utc>)>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |account| account.to_value());
    let rows = store.query(FOLLOWING, vec![after, Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok((take(values, "accounts", "account_id")?, take(values, "accounts", "created_at")?))
    };
    rows.into_iter().map(read).collect()
}

/// The accounts by id after this one that keep something for a time only, `limit` at most, each with its rule.
///
/// # Errors
/// When the database is away.
pub async fn keeping(store: &Store, after: Option<AccountId>, limit: u32) -> Result<Vec<(AccountId, RetentionRule)>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |account| account.to_value());
    let rows = store.query(KEEPING, vec![after, Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        let account = take(values, "accounts", "account_id")?;
        Ok((account, take::<Json<RetentionRule>>(values, "accounts", "retention")?.0))
    };
    rows.into_iter().map(read).collect()
}
