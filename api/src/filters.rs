//! What the filters of lists and of tables that are taken away mean: one reading for both, so that a file has the rows of its list.

use crate::{
    error::{ApiError, Result},
    routes::{named, rated},
};
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrina_domain::{
    ids::{ApiKeyId, CallId, ConversationId, CustomerId, ShopperId},
    text,
};
use vitrina_projections::{
    Kind, Period,
    calls::{CallFilter, CallStatus},
    conversations::{ConversationFilter, Part, Standing, Waiting},
    orders::OrderFilter,
    ratings::RatingFilter,
    table::Field,
};

/// Filters by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters(pub(crate) BTreeMap<String, String>);

/// The filters of a query, by the names of its fields.
macro_rules! filters {
    ($query:expr; $($field:ident),* $(,)?) => {{
        let mut filters = $crate::filters::Filters::default();
        $(filters.add(stringify!($field), $query.$field.as_ref());)*
        filters
    }};
}
pub(crate) use filters;

/// Those of calls.
pub(crate) const OF_CALLS: &[&str] =
    &["status", "outcome", "shopper_id", "customer_id", "product", "device", "environment", "rated", "nps_class", "csat", "face", "q"];

/// Those of conversations.
pub(crate) const OF_CONVERSATIONS: &[&str] = &[
    "status",
    "outcome",
    "customer_id",
    "department",
    "channel",
    "tag",
    "expertise",
    "shopper_id",
    "bot",
    "waiting",
    "country",
    "language",
    "closed_from",
    "closed_to",
    "environment",
    "kind",
    "rated",
    "nps_class",
    "csat",
    "face",
    "sla",
    "q",
];

/// Those of orders.
pub(crate) const OF_ORDERS: &[&str] = &["status", "customer_id", "call_id", "shopper_id", "currency", "environment"];

/// Those of ratings.
pub(crate) const OF_RATINGS: &[&str] = &["shopper_id", "call_id", "conversation_id", "environment", "kind", "nps_class", "csat", "face"];

impl Filters {
    /// Adds one that was given.
    pub(crate) fn add(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.to_string());
        }
    }

    /// Refuses what nothing could be found by: a typing error is never an empty list. Asked when a question comes in, and not again of one
    /// that was written down before there were these lists.
    pub(crate) fn must_be_findable(&self) -> Result<()> {
        if let Some(currency) = self.get("currency") {
            named::code("currency", currency, text::currency)?;
        }
        if let Some(country) = self.get("country") {
            named::code("country", country, text::country)?;
        }
        named::must_have_words("q", self.get("q"))?;
        named::must_have_words("search", self.get("search"))
    }

    /// Which calls that were made in this period.
    pub(crate) fn calls(&self, created: Period) -> Result<CallFilter> {
        Ok(CallFilter {
            status: self.named("status", "requested, scheduled, waiting, claimed, live, wrap_up, finished, cancelled, archived")?,
            outcome: self.outcome()?,
            shopper: self.id("shopper_id")?.map(ShopperId),
            customer: self.id("customer_id")?.map(CustomerId),
            product: self.text("product")?,
            device: self.named("device", named::DEVICES)?,
            environment: named::environment(self.get("environment"))?,
            rated: rated::filter(self)?,
            created,
            search: named::words("q", self.get("q"))?,
        })
    }

    /// Which conversations that were opened in this period and closed in that.
    pub(crate) fn conversations(&self, opened: Period, closed: Period) -> Result<ConversationFilter> {
        let status = self.named("status", "in_progress, waiting_customer, need_help, closed")?;
        let waiting = self.flag("waiting")?.unwrap_or_default().then_some(Waiting);
        // Lists of work have trials, too, since somebody must serve them.
        let is_work = waiting.is_some() || status == Some(Standing::NeedHelp) || self.flag("mine")? == Some(true);
        let environment = match self.get("environment") {
            None if is_work => None,
            said => named::environment(said)?,
        };
        Ok(ConversationFilter {
            status,
            outcome: self.named("outcome", "escalated, no_agent, no_answer, success")?,
            customer: self.id("customer_id")?.map(CustomerId),
            opened,
            department: self.text("department")?,
            channel: self.text("channel")?,
            tag: self.text("tag")?,
            expertise: self.text("expertise")?,
            part: self.id("shopper_id")?.map(|id| Part::EverTook(ShopperId(id))),
            waiting,
            bot: self.id("bot")?.map(ApiKeyId),
            country: self.text("country")?.map(|country| country.trim().to_ascii_uppercase()),
            language: self.text("language")?,
            environment,
            rated: rated::filter(self)?,
            closed,
            kind: self.kind()?,
            sla: self.named("sla", "active, active_with_misses, hit, missed")?,
            search: named::words("q", self.get("q"))?,
        })
    }

    /// Which orders that were placed in this period.
    pub(crate) fn orders(&self, placed: Period) -> Result<OrderFilter> {
        Ok(OrderFilter {
            stage: self.named("status", "placed, refunded, cancelled")?,
            customer: self.id("customer_id")?.map(CustomerId),
            call: self.id("call_id")?.map(CallId),
            currency: self.text("currency")?.map(|code| code.trim().to_ascii_uppercase()),
            shopper: self.id("shopper_id")?.map(ShopperId),
            placed,
            environment: named::environment(self.get("environment"))?,
        })
    }

    /// Which answers that were given in this period.
    pub(crate) fn ratings(&self, answered: Period) -> Result<RatingFilter> {
        Ok(RatingFilter {
            shopper: self.id("shopper_id")?.map(ShopperId),
            call: self.id("call_id")?.map(CallId),
            conversation: self.id("conversation_id")?.map(ConversationId),
            answered,
            environment: named::environment(self.get("environment"))?,
            kind: self.kind()?,
            rated: rated::filter(self)?,
        })
    }

    /// Calls with what they own, or chats, or both.
    pub(crate) fn kind(&self) -> Result<Option<Kind>> {
        named::kind(self.get("kind"))
    }

    /// How a call ended: of the places where it may stand only these two.
    fn outcome(&self) -> Result<Option<CallStatus>> {
        const OUTCOMES: &str = "finished, cancelled";
        match self.named("outcome", OUTCOMES)? {
            outcome @ (None | Some(CallStatus::Finished | CallStatus::Cancelled)) => Ok(outcome),
            Some(_) => Err(ApiError::parameter("outcome", "unknown_value", format!("one of {OUTCOMES}"))),
        }
    }

    /// When conversations were closed, once [`Self::pin_closed`] has written it.
    pub(crate) fn closed(&self) -> Result<Period> {
        let edge = |name: &str| {
            self.get(name).map(|text| text.parse().map_err(|_| ApiError::parameter(name, "instant", "an instant"))).transpose()
        };
        Ok(Period { from: edge("closed_from")?, to: edge("closed_to")? })
    }

    /// Writes down as instants when conversations were closed, so that it means the same for ever.
    pub(crate) fn pin_closed(&mut self, closed: Period) {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        self.add("closed_from", closed.from.map(text));
        self.add("closed_to", closed.to.map(text));
    }

    /// Refuses those that the list does not have.
    pub(crate) fn must_be_of(&self, names: &[&str]) -> Result<()> {
        match self.0.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(ApiError::parameter(name, "not_of_this_definition", format!("its filters: {}", names.join(", ")))),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn named<T: Field>(&self, name: &str, expected: &str) -> Result<Option<T>> {
        named::filter(name, &self.0.get(name).cloned(), expected)
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>> {
        named::text(name, &self.0.get(name).cloned())
    }

    pub(crate) fn id(&self, name: &str) -> Result<Option<Uuid>> {
        let parse = |text: &str| text.parse().map_err(|_| ApiError::parameter(name, "not_a_uuid", "an id; ids are UUIDs"));
        self.get(name).map(parse).transpose()
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>> {
        let parse = |text: &str| text.parse().map_err(|_| ApiError::parameter(name, "unknown_value", "one of true, false"));
        self.get(name).map(parse).transpose()
    }
}
