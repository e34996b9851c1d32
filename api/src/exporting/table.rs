//! The tables that can be taken away, who may, and by which filters.

use super::Filters;
use crate::{
    error::{ApiError, Result},
    routes::CALL_STATUSES,
};
use vitrina_domain::{
    ids::{CustomerId, ShopperId},
    metrics::range::Range,
    module::Module,
};
use vitrina_eventlog::Environment;
use vitrina_projections::{
    Period,
    calls::CallFilter,
    conversations::{ConversationFilter, Part, Waiting},
    export::{CALLS, CONVERSATIONS, Definition, Filter, RATINGS, SHOPPERS, ShoppersFilter},
    ratings::RatingFilter,
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
        let shopper = |name| filters.id(name).map(|id| id.map(ShopperId));
        Ok(match self {
            Self::Calls => {
                filters.must_be_of(&["status", "shopper_id", "customer_id"])?;
                Filter::Calls(CallFilter {
                    status: filters.named("status", CALL_STATUSES)?,
                    shopper: shopper("shopper_id")?,
                    customer: filters.id("customer_id")?.map(CustomerId),
                    created: period,
                })
            }
            Self::Conversations => {
                filters.must_be_of(&[
                    "status",
                    "outcome",
                    "customer_id",
                    "department",
                    "channel",
                    "tag",
                    "expertise",
                    "shopper_id",
                    "waiting",
                    "q",
                ])?;
                Filter::Conversations(Box::new(ConversationFilter {
                    status: filters.named("status", "in_progress, waiting_customer, need_help, closed")?,
                    outcome: filters.named("outcome", "escalated, no_agent, no_answer, success")?,
                    customer: filters.id("customer_id")?.map(CustomerId),
                    opened: period,
                    department: filters.text("department")?,
                    channel: filters.text("channel")?,
                    tag: filters.text("tag")?,
                    expertise: filters.text("expertise")?,
                    part: shopper("shopper_id")?.map(Part::EverTook),
                    waiting: filters.flag("waiting")?.then_some(Waiting),
                    search: filters.text("q")?,
                }))
            }
            Self::Ratings => {
                filters.must_be_of(&["shopper_id"])?;
                Filter::Ratings(RatingFilter { shopper: shopper("shopper_id")?, answered: period })
            }
            Self::Shoppers => {
                filters.must_be_of(&["shopper", "environment", "channel", "search"])?;
                let environment = match filters.get("environment") {
                    None => Some(Environment::Production),
                    Some("all") => None,
                    Some(_) => filters.named("environment", "production, test, all")?,
                };
                Filter::Shoppers(ShoppersFilter {
                    range,
                    environment,
                    shopper: shopper("shopper")?,
                    channel: filters.text("channel")?,
                    search: filters.text("search")?,
                })
            }
        })
    }
}
