//! Exports: tables to be taken away, each a pure function of its definition's version, the filters and a position.
//!
//! Layout: [`definition`] says what an export is and writes its rows as a [`Sheet`]; one file per table that can be taken away
//! ([`calls`], [`conversations`], [`orders`], [`order_lines`], [`ratings`], [`shoppers`]), which [`rows`] brings together; [`changes`] tells what has changed since an
//! earlier position; [`cell`] is a value before a format has written it; [`csv`], [`jsonl`] and [`xlsx`] are the formats.

mod ahead;
pub mod calls;
pub mod cell;
mod changes;
pub mod conversations;
pub mod csv;
mod customer;
pub mod definition;
pub mod jsonl;
pub mod order_lines;
pub mod orders;
pub mod ratings;
mod rows;
pub mod shoppers;
pub mod xlsx;

pub use calls::CALLS;
pub use conversations::CONVERSATIONS;
pub use csv::Profile;
pub use definition::{Content, Definition, Form, Sheet};
pub use order_lines::ORDER_LINES;
pub use orders::ORDERS;
pub use ratings::RATINGS;
pub use rows::Filter;
pub use shoppers::{SHOPPERS, ShoppersFilter};

use crate::{
    asked::LIMIT_MAX,
    error::Result,
    sql::{Store, Value},
};
use cell::Cell;
use changes::Changes;
use chrono::{DateTime, Utc};
use rows::Rows;
use uuid::Uuid;
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::Position;

/// Rows of one read: enough to share its cost, few enough for little memory. In tests so few that what they read has seams.
const PAGE: i64 = if cfg!(test) { 3 } else { LIMIT_MAX as i64 };

/// Every statement of this folder, for the test that prepares them on both engines.
pub(crate) fn statements() -> Vec<&'static str> {
    [calls::STATEMENTS, conversations::STATEMENTS, orders::STATEMENTS, ratings::STATEMENTS].concat()
}

/// Where a row stands in its table: by its anchor, then by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: DateTime<Utc>,
    id: Uuid,
}

impl Place {
    /// The two values of the row before a page; before every row where there is none.
    fn after(place: Option<Self>) -> [Value; 2] {
        place.map_or_else(|| [Value::Int(i64::MIN), Value::Bytes(Vec::new())], Self::values)
    }

    /// The two values of the last row of a page; after every row where there is none.
    fn upto(place: Option<Self>) -> [Value; 2] {
        place.map_or_else(|| [Value::Int(i64::MAX), Value::Bytes(Vec::new())], Self::values)
    }

    fn values(self) -> [Value; 2] {
        [Value::Int(self.at.timestamp_micros()), Value::Bytes(self.id.as_bytes().to_vec())]
    }
}

/// Who takes rows as they are read.
type Take<'t> = dyn FnMut(Place, &[Cell<'_>]) + Send + 't;

/// A table that is being taken away.
pub struct Export {
    store: Store,
    sheet: Sheet,
    source: Source,
    stage: Stage,
}

enum Source {
    Whole(Box<Rows>),
    Changes(Box<Changes>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Heading,
    Rows,
    Over,
}

impl Export {
    /// What the filter lets through as of `as_of`; of that what has changed after `since`, where it is given.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn open(
        store: &Store,
        account: AccountId,
        filter: &Filter,
        since: Option<Position>,
        as_of: Position,
        form: Form,
    ) -> Result<Self> {
        let (source, content) = match since {
            None => (Source::Whole(Box::new(Rows::open(store, account, filter, as_of).await?)), Content::Whole),
            Some(since) => (Source::Changes(Box::new(Changes::open(store, account, filter, since, as_of).await?)), Content::Changes),
        };
        let sheet = Sheet::new(filter.definition(), form, content);
        Ok(Self { store: store.clone(), sheet, source, stage: Stage::Heading })
    }

    /// Rows so far, without the headings.
    pub fn rows(&self) -> u64 {
        self.sheet.rows()
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut out = Vec::new();
        // A page may give nothing yet: nothing in it has changed, or a compressor keeps it.
        while out.is_empty() {
            match self.stage {
                Stage::Heading => {
                    self.sheet.begin(&mut out);
                    self.stage = Stage::Rows;
                }
                Stage::Rows => {
                    let may_go_on = match &mut self.source {
                        Source::Whole(rows) => rows.read(&self.store, &mut |_, cells| self.sheet.row(cells, &mut out)).await?,
                        Source::Changes(changes) => changes.read(&self.store, &mut self.sheet, &mut out).await?,
                    };
                    if !may_go_on {
                        self.sheet.end(&mut out);
                        self.stage = Stage::Over;
                    }
                }
                Stage::Over => return Ok(None),
            }
        }
        Ok(Some(out))
    }
}
