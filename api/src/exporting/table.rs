//! The tables that can be taken away, who may, and by which filters.

use crate::{
    error::{ApiError, Result},
    filters::{Filters, OF_CALLS, OF_CONVERSATIONS, OF_RATINGS},
    routes::named,
};
use vitrina_domain::{ids::ShopperId, metrics::range::Range, module::Module};
use vitrina_projections::{
    Period,
    export::{CALLS, CONVERSATIONS, Definition, Filter, RATINGS, SHOPPERS, ShoppersFilter},
};

/// A table. A new one is a definition beside the others, a line in each of these, and its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// The call history.
    Calls,
    /// The conversations.
    Conversations,
    /// The answers that count.
    Ratings,
    /// The report of shoppers.
    Shoppers,
}

impl Table {
    const ALL: [Self; 4] = [Self::Calls, Self::Conversations, Self::Ratings, Self::Shoppers];

    /// The table of this name.
    pub(crate) fn of(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|table| table.definition().name == name).ok_or_else(|| {
            let names = Self::ALL.map(|table| table.definition().name).join(", ");
            ApiError::parameter("definition", "unknown_value", format!("one of {names}"))
        })
    }

    /// Its columns.
    pub(crate) fn definition(self) -> &'static Definition {
        match self {
            Self::Calls => &CALLS,
            Self::Conversations => &CONVERSATIONS,
            Self::Ratings => &RATINGS,
            Self::Shoppers => &SHOPPERS,
        }
    }

    /// What opens it: that of its list or report.
    pub(crate) fn module(self) -> Module {
        match self {
            Self::Calls | Self::Conversations => Module::Calls,
            Self::Ratings | Self::Shoppers => Module::Analytics,
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
            Self::Ratings => {
                filters.must_be_of(OF_RATINGS)?;
                Filter::Ratings(filters.ratings(period)?)
            }
            Self::Shoppers => {
                filters.must_be_of(&["shopper", "environment", "channel", "search"])?;
                Filter::Shoppers(ShoppersFilter {
                    range,
                    environment: named::environment(filters.get("environment"))?,
                    shopper: filters.id("shopper")?.map(ShopperId),
                    channel: filters.text("channel")?,
                    search: named::words("search", filters.get("search"))?,
                })
            }
        })
    }
}
