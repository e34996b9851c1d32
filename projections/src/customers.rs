//! Customers: what the shop knows of them.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Gone, Keys, Projection, Rows, Scrubs, Tables},
    search::Words,
    sql::{Store, Value, sql},
    table::{At, Field, Table, table},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    customer::{CustomerEvent, Detail, Profile},
    event::Event,
    ids::{AccountId, CustomerId, SubjectId},
    personal::Personal,
    subject::Forgotten,
};
use vitrina_eventlog::{Decoded, Position};

table! {
    /// A customer. What is personal is absent when it was not given or the person was erased.
    pub struct CustomerRow in "customers" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The customer.
            customer_id: CustomerId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// The shop's own id of the customer.
            external_id: Option<String>,
            /// Name.
            name: Option<String>,
            /// E-mail address.
            email: Option<String>,
            /// Telephone.
            phone: Option<String>,
            /// Postal address.
            address: Option<String>,
            /// BCP 47 tag.
            language: Option<String>,
            /// ISO 3166-1 alpha-2.
            country: Option<String>,
            /// The shop's segment.
            segment: Option<String>,
            /// The company bought for.
            company: Option<String>,
            /// When the shop met the customer.
            created_at: DateTime<Utc>,
            /// The words of name, e-mail, telephone, the shop's id and company: what a search looks through.
            search: String,
            /// Words of former details, by which a search as of an earlier position still comes here.
            past_words: String,
        }
    }
}

table! {
    /// A word that the customer has, or had.
    pub struct CustomerWordRow in "customer_words" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The word.
            word: String,
            /// The customer.
            customer_id: CustomerId,
        }
        columns {}
    }
}

/// Keeps the customers.
pub struct CustomersProjection;

impl Projection for CustomersProjection {
    fn name(&self) -> &'static str {
        "customers"
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<CustomerRow>();
        tables.add::<CustomerWordRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Customer(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Customer(CustomerEvent::Created(_)) => keys.create::<CustomerRow>(key(event)),
            _ => keys.load::<CustomerRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Customer(customer) = &event.event else { return Ok(()) };
        match customer {
            CustomerEvent::Created(profile) => {
                let mut row = blank(event);
                describe(&mut row, profile);
                index(&mut row, rows)?;
                rows.put(row)
            }
            CustomerEvent::Updated(profile) => {
                let known = rows.get::<CustomerRow>(&key(event))?.cloned();
                let mut row = known.ok_or_else(|| FoldError(format!("customer {:?} is not there", key(event))))?;
                row.version = event.version();
                describe(&mut row, profile);
                index(&mut row, rows)?;
                rows.put(row)
            }
        }
    }

    fn forgets(&self, account: AccountId, subject: SubjectId, _: &Forgotten, scrubs: &mut Scrubs) {
        scrubs.rows::<CustomerRow>(
            (&["account_id", "customer_id"], "from_position"),
            vec![account.to_value(), subject.0.to_value()],
            blank_all,
        );
    }
}

/// What the details of a customer who is forgotten come to, in every version: nothing personal, and no word of it.
fn blank_all(versions: &mut [CustomerRow], gone: &mut Gone) {
    let (mut had, mut now, mut past) = (Words::default(), Words::default(), Words::default());
    for row in versions.iter_mut() {
        had = had.with(&Words::of_stored(&row.search)).with(&Words::of_stored(&row.past_words));
        (row.name, row.email, row.phone, row.address) = (None, None, None, None);
        let words = words_of(row);
        let former = now.without(&words).without(&past);
        past = past.with(&former);
        (row.search, row.past_words) = (words.stored(), past.stored());
        now = words;
    }
    let Some(last) = versions.last() else { return };
    for word in had.without(&now).without(&past).iter() {
        gone.remove::<CustomerWordRow>(&(last.account_id, word.to_owned(), last.customer_id));
    }
}

fn key(event: &Decoded) -> (AccountId, CustomerId) {
    (event.account(), CustomerId(event.recorded.stream.id))
}

fn blank(event: &Decoded) -> CustomerRow {
    let (account_id, customer_id) = key(event);
    CustomerRow {
        account_id,
        customer_id,
        version: event.version(),
        external_id: None,
        name: None,
        email: None,
        phone: None,
        address: None,
        language: None,
        country: None,
        segment: None,
        company: None,
        created_at: event.at(),
        search: String::new(),
        past_words: String::new(),
    }
}

fn words_of(row: &CustomerRow) -> Words {
    let mut words = Words::default();
    [&row.name, &row.email, &row.external_id, &row.company].into_iter().flatten().for_each(|text| words.add(text));
    row.phone.iter().for_each(|phone| words.add_phone(phone));
    words
}

/// Brings the words up to date. One that a customer has had stays in the table of words.
fn index(row: &mut CustomerRow, rows: &mut Rows) -> Result<(), FoldError> {
    let (before, past) = (Words::of_stored(&row.search), Words::of_stored(&row.past_words));
    let words = words_of(row);
    for word in words.without(&before).without(&past).iter() {
        let word = CustomerWordRow { account_id: row.account_id, word: word.to_owned(), customer_id: row.customer_id };
        rows.stands::<CustomerWordRow>(word.key(), None)?;
        rows.put(word)?;
    }
    row.past_words += &before.without(&words).without(&past).stored();
    row.search = words.stored();
    Ok(())
}

/// What the profile gives replaces what was, what it clears is gone, and what it leaves out stays.
fn describe(row: &mut CustomerRow, profile: &Profile) {
    let personal = |known: &mut Option<String>, given: &Option<Personal<String>>| {
        if let Some(value) = given {
            *known = value.get().cloned();
        }
    };
    let plain = |known: &mut Option<String>, given: &Option<String>| {
        if given.is_some() {
            known.clone_from(given);
        }
    };
    personal(&mut row.name, &profile.name);
    personal(&mut row.email, &profile.email);
    personal(&mut row.phone, &profile.phone);
    personal(&mut row.address, &profile.address);
    plain(&mut row.external_id, &profile.external_id);
    plain(&mut row.language, &profile.language);
    plain(&mut row.country, &profile.country);
    plain(&mut row.segment, &profile.segment);
    plain(&mut row.company, &profile.company);
    for detail in &profile.cleared {
        let known = match detail {
            Detail::ExternalId => &mut row.external_id,
            Detail::Name => &mut row.name,
            Detail::Email => &mut row.email,
            Detail::Phone => &mut row.phone,
            Detail::Address => &mut row.address,
            Detail::Language => &mut row.language,
            Detail::Country => &mut row.country,
            Detail::Segment => &mut row.segment,
            Detail::Company => &mut row.company,
        };
        *known = None;
    }
}

const GET: &str = sql!(
    "SELECT from_position, ",
    CustomerRow::COLUMNS,
    " FROM (SELECT * FROM customers WHERE account_id = $1 AND customer_id = $3 AND from_position <= $2
             ORDER BY from_position DESC LIMIT 1) AS newest
     WHERE to_position > $2"
);

/// How many customers have a word that is at least $2 and less than $3: at most $4.
pub(crate) const COUNT_BY_WORD: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM customer_words
     WHERE account_id = $1 AND word >= $2 AND word < $3 LIMIT $4) AS counting";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, COUNT_BY_WORD];

/// The customer; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, customer: CustomerId, as_of: Position) -> Result<Option<At<CustomerRow>>> {
    store.row(GET, vec![account.to_value(), Value::Int(as_of.0), customer.to_value()]).await
}
