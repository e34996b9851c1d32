//! How many rows a list reports of what a file was made of: read as whoever asks for the list reads it, a page at a time.

use crate::{
    asked::{LIMIT_MAX, Newest, Page},
    calls, conversations,
    error::Result,
    export::Filter,
    ratings,
    sql::Store,
};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::Position;

/// The next page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its rows.
    pub rows: u32,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Newest>,
}

/// How many rows of the list come next after this one; `None` of a table that is a report and no list.
///
/// # Errors
/// When the database is away.
pub async fn listed(store: &Store, account: AccountId, filter: &Filter, as_of: Position, after: Option<Newest>) -> Result<Option<Listed>> {
    let page = Page { as_of, after, limit: LIMIT_MAX };
    let places: Vec<Newest> = match filter {
        Filter::Calls(filter) => {
            let rows = calls::list(store, account, filter, page).await?;
            rows.iter().map(|at| Newest { at: at.row.created_at, id: at.row.call_id.0 }).collect()
        }
        Filter::Conversations(filter) => {
            let rows = conversations::list(store, account, filter, page).await?;
            rows.iter().map(|one| Newest { at: one.row.opened_at, id: one.row.conversation_id.0 }).collect()
        }
        Filter::Ratings(filter) => {
            let rows = ratings::list(store, account, filter, page).await?;
            rows.iter().map(|at| Newest { at: at.row.answered_at, id: at.row.answer_id.0 }).collect()
        }
        Filter::Shoppers(_) => return Ok(None),
    };
    let rows = u32::try_from(places.len()).unwrap_or(u32::MAX);
    Ok(Some(Listed { rows, next: places.last().copied().filter(|_| rows == LIMIT_MAX) }))
}
