//! The call history (PRODUCT.md V39–V44), the oldest first: its [`columns`], and each [`line`] with what others know of the call.

mod columns;
mod line;

pub use columns::CALLS;

use super::{PAGE, Place, Take, ahead::Ahead, customer, jsonl};
use crate::{
    asked,
    calls::{self, CallFilter},
    error::Result,
    search::Check,
    shoppers,
    sql::{Row, Store, Value, sql},
    table::Field,
};
use line::Line;
use serde_json::value::RawValue;
use std::collections::HashMap;
use vitrina_domain::ids::{AccountId, CallId, ShopperId};
use vitrina_eventlog::Position;

/// Beside what [`calls::NARROWED`] takes: $3 and $4 the last row of the page before, $5 how many, $9 and $19 period, $20 and $21 the last
/// row of the page.
const NARROWED: &str = sql!(
    calls::NARROWED,
    " AND (created_at, call_id) > ($3, $4) AND (created_at, call_id) <= ($20, $21) AND created_at >= $9 AND created_at < $19
      ORDER BY created_at, call_id LIMIT $5"
);

/// The keys of a page. As lists of calls: versions that are open come in order from an index; those that have ended since the position are
/// few. Only keys are brought in order, the rows are looked up by them.
const KEYS: &str = sql!(
    "SELECT account_id AS p_account, created_at AS p_created, call_id AS p_call, from_position AS p_from
       FROM (SELECT * FROM (SELECT account_id, created_at, call_id, from_position FROM calls
               WHERE account_id = $1 AND to_position = 9223372036854775807 ",
    NARROWED,
    ") AS newest UNION ALL SELECT * FROM (SELECT account_id, created_at, call_id, from_position FROM calls
               WHERE account_id = $1 AND active = 1 AND to_position > $2 AND to_position < 9223372036854775807 ",
    NARROWED,
    ") AS ended UNION ALL SELECT * FROM (SELECT account_id, created_at, call_id, from_position FROM calls
               WHERE account_id = $1 AND active = 0 AND to_position > $2 AND to_position < 9223372036854775807 ",
    NARROWED,
    ") AS closed) AS valid ORDER BY created_at, call_id LIMIT $5"
);

/// Where a page ends; no row where it is the last one.
const END: &str = sql!("SELECT p_created, p_call FROM (", KEYS, ") AS page ORDER BY p_created, p_call LIMIT 1 OFFSET $5 - 1");

/// The rows of the calls whose keys `$page` gives. What a call lasted is counted by the report's facts, so that the file and the report
/// agree; so is a cart, in the last call that used it. A call that was rated again later is there as often as it was, and as often as it has files and orders.
macro_rules! told {
    ($page:expr) => {
        sql!(
            "SELECT created_at, call_id, status, outcome, cancel_reason, end_reason, origin, product, customer_id, shopper_id, participants,
       device, language, country, collections, first_queued_at, waited_us, started_at, ended_at, products_shown, environment,
       (SELECT COUNT(DISTINCT l.cart_id) FROM cart_lines l
          JOIN report_facts c ON c.account_id = l.account_id AND c.measure = 'cart' AND c.detail = l.cart_id AND c.stream_id = l.call_id
            AND c.from_position <= $2 AND c.to_position > $2
          WHERE l.account_id = calls.account_id AND l.call_id = calls.call_id
            AND l.from_position <= $2 AND l.to_position > $2 AND l.quantity > 0
            AND NOT EXISTS (SELECT 1 FROM report_facts e WHERE e.account_id = c.account_id AND e.measure = 'cart' AND e.detail = c.detail
              AND (e.anchor, e.stream_id) > (c.anchor, c.stream_id)
              AND e.from_position <= $2 AND e.to_position > $2 AND e.environment = c.environment)),
       conversation_id, product_search, k_search, k_name, k_email, k_phone, d_value, r_nps, r_csat, r_face, r_comment,
       (SELECT m.seq FROM messages m WHERE m.account_id = calls.account_id AND m.conversation_id = calls.conversation_id AND m.position <= $2
          ORDER BY m.position DESC LIMIT 1), f_recording,
       o_order, o_currency, o_units, o_sales, o_collection_units, o_collection_sales
     FROM (",
            $page,
            ") AS page
     JOIN calls ON account_id = p_account AND call_id = p_call AND from_position = p_from
     ",
            customer::JOINED,
            "
     LEFT JOIN (SELECT account_id AS d_account, measure AS d_measure, anchor AS d_anchor, stream_id AS d_stream,
                       from_position AS d_from, to_position AS d_to, value AS d_value FROM report_facts) AS d
       ON d_account = account_id AND d_measure = 'call_duration' AND d_anchor = closed_at AND d_stream = call_id
          AND d_from <= $2 AND d_to > $2
     LEFT JOIN (SELECT account_id AS r_account, call_id AS r_call, position AS r_position, superseded_position AS r_superseded,
                       nps AS r_nps, csat AS r_csat, face AS r_face, comment AS r_comment FROM ratings) AS r
       ON r_account = account_id AND r_call = call_id AND r_position <= $2 AND r_superseded > $2
     LEFT JOIN (SELECT account_id AS f_account, call_id AS f_call, recording_id AS f_recording, from_position AS f_from,
                       to_position AS f_to, stage AS f_stage FROM recordings) AS f
       ON f_account = account_id AND f_call = call_id AND f_stage = 'ready' AND f_from <= $2 AND f_to > $2
     LEFT JOIN (SELECT account_id AS o_account, call_id AS o_call, order_id AS o_order, from_position AS o_from, to_position AS o_to,
                       currency AS o_currency, units AS o_units, total - given_back AS o_sales,
                       collection_units AS o_collection_units, collection_sales AS o_collection_sales FROM orders) AS o
       ON o_account = account_id AND o_call = call_id AND o_from <= $2 AND o_to > $2
     ORDER BY created_at, call_id, r_position DESC, f_recording, o_order"
        )
    };
}

/// The rows of a page.
const ROWS: &str = told!(KEYS);

/// The same of these calls.
const SOME: &str = told!(sql!(
    "SELECT account_id AS p_account, call_id AS p_call, from_position AS p_from FROM calls
       WHERE account_id = $1 AND from_position <= $2 AND to_position > $2 AND call_id IN ",
    asked::SOME
));

pub(crate) const STATEMENTS: &[&str] = &[END, ROWS, SOME];

/// The history from its begin: each read goes on where the one before ended.
pub(super) struct Calls {
    pages: Ahead,
    names: HashMap<ShopperId, String>,
    check: Option<Check>,
}

impl Calls {
    /// The calls that the filter lets through, as of this position.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn open(store: &Store, account: AccountId, filter: &CallFilter, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        let check = filter.search.as_ref().map(|needle| Check::new(needle, &names));
        let filter = filter.clone();
        let args = move |after, upto| args(account, &filter, as_of, after, upto);
        Ok(Self { pages: Ahead::begin(store, [END, ROWS], args), names, check })
    }

    /// Hands the next rows over; says whether there may be more.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn read(&mut self, take: &mut Take<'_>) -> Result<bool> {
        let Some(rows) = self.pages.next().await? else { return Ok(false) };
        lines(rows, |line| self.tell(&line, take))?;
        Ok(true)
    }

    fn tell(&self, line: &Line, take: &mut Take<'_>) {
        if self.is_meant(line) {
            take(Place { at: line.created_at, id: line.call_id.0 }, &line.cells(&self.names));
        }
    }

    /// Whether it has what is searched for, as in the list.
    fn is_meant(&self, line: &Line) -> bool {
        let texts = line.product_search.iter().chain(&line.customer_search).map(String::as_str);
        let shoppers = line.participants.0.iter().copied().chain(line.shopper_id);
        self.check.as_ref().is_none_or(|check| check.finds(texts, shoppers))
    }
}

fn args(account: AccountId, filter: &CallFilter, as_of: Position, after: Option<Place>, upto: Option<Place>) -> Vec<Value> {
    let [at, id] = Place::after(after);
    let [_, to] = filter.created.values();
    let mut args = vec![account.to_value(), Value::Int(as_of.0), at, id, Value::Int(PAGE)];
    args.extend(filter.values());
    args.push(to);
    args.extend(Place::upto(upto));
    args
}

/// These calls as the file tells them.
///
/// # Errors
/// When the database is away.
pub async fn some(store: &Store, account: AccountId, calls: &[CallId], as_of: Position) -> Result<HashMap<CallId, Box<RawValue>>> {
    let names = shoppers::names(store, account, as_of).await?;
    let mut told = HashMap::with_capacity(calls.len());
    for args in asked::some(account, as_of, calls) {
        lines(store.query(SOME, args).await?, |line| {
            told.insert(line.call_id, jsonl::value(&CALLS, &line.cells(&names)));
        })?;
    }
    Ok(told)
}

/// Hands over what the rows say, each call once.
fn lines(rows: Vec<Row>, mut tell: impl FnMut(Line)) -> Result<()> {
    let mut line: Option<Line> = None;
    for row in rows {
        let next = Line::read(row)?;
        match &mut line {
            // Of several answers that count the newest is told, and comes first.
            Some(line) if line.call_id == next.call_id => line.add(next),
            _ => line.replace(next).into_iter().for_each(&mut tell),
        }
    }
    line.into_iter().for_each(tell);
    Ok(())
}
