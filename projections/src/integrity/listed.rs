//! How many rows a list reports of what a file was made of: read as whoever asks for the list reads it, a page at a time.

use crate::{
    asked::{LIMIT_MAX, Listed, Newest, Page},
    calls, conversations,
    error::Result,
    export::Filter,
    orders, ratings,
    sql::Store,
};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::Position;

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Its rows.
    pub rows: usize,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Newest>,
}

/// How many rows of the list come next after this one; `None` of a table that is a report and no list.
///
/// # Errors
/// When the database is away.
pub async fn listed(store: &Store, account: AccountId, filter: &Filter, as_of: Position, after: Option<Newest>) -> Result<Option<Counted>> {
    let page = Page { as_of, after, limit: LIMIT_MAX };
    let mut lines = None;
    let (places, goes_on): (Vec<Newest>, _) = match filter {
        Filter::Calls(filter) => {
            let Listed { rows, goes_on } = calls::list(store, account, filter, page).await?;
            (rows.iter().map(|at| Newest { at: at.row.created_at, id: at.row.call_id.0 }).collect(), goes_on)
        }
        Filter::Conversations(filter) => {
            let Listed { rows, goes_on } = conversations::list(store, account, filter, page).await?;
            (rows.iter().map(|one| Newest { at: one.row.opened_at, id: one.row.conversation_id.0 }).collect(), goes_on)
        }
        Filter::Orders(asked) | Filter::OrderLines(asked) => {
            let rows = orders::list(store, account, asked, page).await?;
            if matches!(filter, Filter::OrderLines(_)) {
                lines = Some(rows.iter().map(|at| at.row.lines.0.len()).sum());
            }
            (rows.iter().map(|at| Newest { at: at.row.placed_at, id: at.row.order_id.0 }).collect(), None)
        }
        Filter::Ratings(filter) => {
            let rows = ratings::list(store, account, filter, page).await?;
            (rows.iter().map(|at| Newest { at: at.row.answered_at, id: at.row.answer_id.0 }).collect(), None)
        }
        Filter::Shoppers(_) => return Ok(None),
    };
    let next = if places.len() == LIMIT_MAX as usize { places.last().copied() } else { goes_on };
    Ok(Some(Counted { rows: lines.unwrap_or(places.len()), next }))
}
