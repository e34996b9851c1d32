//! The rows of any definition, a page at a time.

use super::{
    CALLS, CONVERSATIONS, Definition, ORDER_LINES, ORDERS, RATINGS, SHOPPERS, Take,
    calls::Calls,
    conversations::Conversations,
    orders::{Each, Orders},
    ratings::Ratings,
    shoppers::{Shoppers, ShoppersFilter},
};
use crate::{calls::CallFilter, conversations::ConversationFilter, error::Result, orders::OrderFilter, ratings::RatingFilter, sql::Store};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::Position;

/// Which rows of which table.
#[derive(Debug, Clone)]
pub enum Filter {
    /// Of the call history.
    Calls(Box<CallFilter>),
    /// Of the conversations.
    Conversations(Box<ConversationFilter>),
    /// Of the orders.
    Orders(Box<OrderFilter>),
    /// Of the lines of the orders.
    OrderLines(Box<OrderFilter>),
    /// Of the answers that count.
    Ratings(RatingFilter),
    /// Of the report of shoppers.
    Shoppers(ShoppersFilter),
}

impl Filter {
    /// The table.
    pub fn definition(&self) -> &'static Definition {
        match self {
            Self::Calls(_) => &CALLS,
            Self::Conversations(_) => &CONVERSATIONS,
            Self::Orders(_) => &ORDERS,
            Self::OrderLines(_) => &ORDER_LINES,
            Self::Ratings(_) => &RATINGS,
            Self::Shoppers(_) => &SHOPPERS,
        }
    }
}

/// A table from its begin: each read goes on where the one before ended.
pub(super) enum Rows {
    Calls(Calls),
    Conversations(Conversations),
    Orders(Orders),
    Ratings(Ratings),
    Shoppers(Shoppers),
}

impl Rows {
    pub(super) async fn open(store: &Store, account: AccountId, filter: &Filter, as_of: Position) -> Result<Self> {
        Ok(match filter {
            Filter::Calls(filter) => Self::Calls(Calls::open(store, account, filter, as_of).await?),
            Filter::Conversations(filter) => Self::Conversations(Conversations::open(store, account, filter, as_of).await?),
            Filter::Orders(filter) => Self::Orders(Orders::open(store, account, filter, Each::Order, as_of).await?),
            Filter::OrderLines(filter) => Self::Orders(Orders::open(store, account, filter, Each::Line, as_of).await?),
            Filter::Ratings(filter) => Self::Ratings(Ratings::open(store, account, *filter, as_of).await?),
            Filter::Shoppers(filter) => Self::Shoppers(Shoppers::new(account, filter, as_of)),
        })
    }

    /// Hands the next rows over, in the order of their places; says whether there may be more.
    pub(super) async fn read(&mut self, store: &Store, take: &mut Take<'_>) -> Result<bool> {
        match self {
            Self::Calls(rows) => rows.read(take).await,
            Self::Conversations(rows) => rows.read(take).await,
            Self::Orders(rows) => rows.read(take).await,
            Self::Ratings(rows) => rows.read(take).await,
            Self::Shoppers(rows) => rows.read(store, take).await,
        }
    }
}
