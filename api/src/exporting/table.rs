//! The tables that can be taken away, who may, and by which filters.

use crate::{
    error::{ApiError, Result},
    filters::{Filters, OF_CALLS, OF_CONVERSATIONS, OF_ORDERS, OF_RATINGS},
    period::Unsaid,
    routes::{by::By, named},
};
use vitrina_domain::{ids::ShopperId, metrics::range::Range, module::Module, report::Anchors};
use vitrina_projections::{
    Period,
    export::{CALLS, CONVERSATIONS, Definition, Filter, ORDER_LINES, ORDERS, RATINGS, SHOPPERS, ShoppersFilter},
};

/// A table. A new one is a definition beside the others, a line in each of these, and its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// The call history.
    Calls,
    /// The conversations.
    Conversations,
    /// The orders.
    Orders,
    /// What was bought with them.
    OrderLines,
    /// The answers that count.
    Ratings,
    /// The report of shoppers.
    Shoppers,
}

impl Table {
    const ALL: [Self; 6] = [Self::Calls, Self::Conversations, Self::Orders, Self::OrderLines, Self::Ratings, Self::Shoppers];

    /// The table of this name.
    pub(crate) fn of(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|table| table.definition().name == name)
            .ok_or_else(|| ApiError::parameter("definition", "unknown_value", format!("one of {}", Self::names())))
    }

    /// The names of all.
    pub(crate) fn names() -> String {
        Self::ALL.map(|table| table.definition().name).join(", ")
    }

    /// Its columns.
    pub(crate) fn definition(self) -> &'static Definition {
        match self {
            Self::Calls => &CALLS,
            Self::Conversations => &CONVERSATIONS,
            Self::Orders => &ORDERS,
            Self::OrderLines => &ORDER_LINES,
            Self::Ratings => &RATINGS,
            Self::Shoppers => &SHOPPERS,
        }
    }

    /// What opens it: that of its list or report.
    pub(crate) fn module(self) -> Module {
        match self {
            Self::Calls | Self::Conversations | Self::Orders | Self::OrderLines => Module::Calls,
            Self::Ratings | Self::Shoppers => Module::Analytics,
        }
    }

    /// What it is of when no period is said, and its list or report as well: a file has the rows of its list.
    pub(crate) fn unsaid(self, filters: &Filters) -> Unsaid {
        let is_of_one = ["call_id", "conversation_id"].iter().any(|name| filters.get(name).is_some());
        match self {
            Self::Calls | Self::Conversations | Self::Orders | Self::OrderLines => Unsaid::Everything,
            Self::Ratings if is_of_one => Unsaid::Everything,
            Self::Ratings => Unsaid::Week,
            Self::Shoppers => Unsaid::Month,
        }
    }

    /// What the filters mean for it.
    pub(crate) fn filter(self, filters: &Filters, range: Range) -> Result<Filter> {
        let period = Period { from: Some(range.from), to: Some(range.to) };
        Ok(match self {
            Self::Calls => {
                filters.must_be_of(OF_CALLS)?;
                Filter::Calls(Box::new(filters.calls(period)?))
            }
            Self::Conversations => {
                filters.must_be_of(OF_CONVERSATIONS)?;
                Filter::Conversations(Box::new(filters.conversations(period, filters.closed()?)?))
            }
            Self::Orders | Self::OrderLines => {
                filters.must_be_of(OF_ORDERS)?;
                let filter = Box::new(filters.orders(period)?);
                if self == Self::Orders { Filter::Orders(filter) } else { Filter::OrderLines(filter) }
            }
            Self::Ratings => {
                filters.must_be_of(OF_RATINGS)?;
                Filter::Ratings(filters.ratings(period)?)
            }
            Self::Shoppers => {
                filters.must_be_of(&["shopper", "environment", "kind", "channel", "by", "search"])?;
                Filter::Shoppers(ShoppersFilter {
                    range,
                    environment: named::environment(filters.get("environment"))?,
                    kind: filters.kind()?,
                    shopper: filters.id("shopper")?.map(ShopperId),
                    channel: filters.text("channel")?,
                    anchors: By::parse(filters.get("by"), &[], &Anchors::NAMES)?.anchors,
                    search: named::words("search", filters.get("search"))?,
                })
            }
        })
    }
}
