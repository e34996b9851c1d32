//! A line of the call history, as it is read and as it is told.

use crate::{
    calls::{CallStatus, Origin},
    error::Result,
    export::cell::Cell,
    orders::Sold,
    sql::{Row, Value},
    table::{Json, Named, take},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};
use vitrina_domain::{
    call::{CancelReason, Device, EndReason},
    ids::{CallId, ConversationId, CustomerId, OrderId, RecordingId, ShopperId},
    metrics::nps::Class,
    survey::Face,
};
use vitrina_eventlog::Environment;

/// What of a product is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shown {
    sku: String,
    name: String,
    #[serde(default)]
    image_url: Option<String>,
}

/// A call with what others know of it.
pub(super) struct Line {
    pub created_at: DateTime<Utc>,
    pub call_id: CallId,
    status: CallStatus,
    outcome: Option<CallStatus>,
    cancel_reason: Option<CancelReason>,
    end_reason: Option<EndReason>,
    origin: Origin,
    product: Option<Json<Shown>>,
    customer_id: CustomerId,
    pub shopper_id: Option<ShopperId>,
    pub participants: Json<Vec<ShopperId>>,
    device: Device,
    language: Option<String>,
    country: Option<String>,
    collections: Json<Vec<String>>,
    first_queued_at: Option<DateTime<Utc>>,
    waited_us: i64,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    products_shown: i64,
    environment: Environment,
    /// Those with something in them that no later call used, as reports count them.
    carts: i64,
    conversation_id: ConversationId,
    pub product_search: Option<String>,
    pub customer_search: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    duration_s: Option<i64>,
    nps: Option<u8>,
    csat: Option<u8>,
    face: Option<Face>,
    comment: Option<String>,
    /// The last thing that was said.
    chat: Option<i64>,
    /// Those that are ready.
    recordings: BTreeSet<RecordingId>,
    /// What was sold in it, each order as if it were the only one.
    orders: BTreeMap<OrderId, Sold>,
}

impl Line {
    pub(super) fn read(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        Ok(Self {
            created_at: take(values, "calls", "created_at")?,
            call_id: take(values, "calls", "call_id")?,
            status: take(values, "calls", "status")?,
            outcome: take(values, "calls", "outcome")?,
            cancel_reason: take(values, "calls", "cancel_reason")?,
            end_reason: take(values, "calls", "end_reason")?,
            origin: take(values, "calls", "origin")?,
            product: take(values, "calls", "product")?,
            customer_id: take(values, "calls", "customer_id")?,
            shopper_id: take(values, "calls", "shopper_id")?,
            participants: take(values, "calls", "participants")?,
            device: take(values, "calls", "device")?,
            language: take(values, "calls", "language")?,
            country: take(values, "calls", "country")?,
            collections: take(values, "calls", "collections")?,
            first_queued_at: take(values, "calls", "first_queued_at")?,
            waited_us: take(values, "calls", "waited_us")?,
            started_at: take(values, "calls", "started_at")?,
            ended_at: take(values, "calls", "ended_at")?,
            products_shown: take(values, "calls", "products_shown")?,
            environment: take(values, "calls", "environment")?,
            carts: take(values, "cart_lines", "count")?,
            conversation_id: take(values, "calls", "conversation_id")?,
            product_search: take(values, "calls", "product_search")?,
            customer_search: take(values, "customers", "search")?,
            name: take(values, "customers", "name")?,
            email: take(values, "customers", "email")?,
            phone: take(values, "customers", "phone")?,
            duration_s: take(values, "report_facts", "value")?,
            nps: take(values, "ratings", "nps")?,
            csat: take(values, "ratings", "csat")?,
            face: take(values, "ratings", "face")?,
            comment: take(values, "ratings", "comment")?,
            chat: take(values, "messages", "seq")?,
            recordings: take::<Option<RecordingId>>(values, "recordings", "recording_id")?.into_iter().collect(),
            orders: order(values)?.into_iter().collect(),
        })
    }

    /// More of the same call.
    pub(super) fn add(&mut self, other: Self) {
        self.recordings.extend(other.recordings);
        self.orders.extend(other.orders);
    }

    /// By currency.
    fn sold(&self) -> BTreeMap<&str, Sold> {
        let mut sold: BTreeMap<&str, Sold> = BTreeMap::new();
        for order in self.orders.values() {
            sold.entry(&order.currency).and_modify(|sum| sum.add(order)).or_insert_with(|| order.clone());
        }
        sold
    }

    pub(super) fn cells<'l>(&'l self, names: &'l HashMap<ShopperId, String>) -> [Cell<'l>; 42] {
        let (line, sold) = (self, self.sold());
        let sum = |of: fn(&Sold) -> i64| Cell::Int(sold.values().map(of).sum());
        let amounts =
            |of: fn(&Sold) -> i64| Cell::Each(sold.iter().map(|(currency, sold)| Cell::Amount { minor: of(sold), currency }).collect());
        let name = |id: &ShopperId| names.get(id).map(|name| Cow::Borrowed(name.as_str()));
        let reason = line.cancel_reason.map(|reason| reason.name()).or(line.end_reason.map(|reason| reason.name()));
        let product = line.product.as_ref().map(|product| &product.0);
        [
            Cell::Instant(line.created_at),
            Cell::Id(line.call_id.0),
            Cell::Name(line.status.name()),
            line.outcome.map_or(Cell::Empty, |outcome| Cell::Name(outcome.name())),
            reason.map_or(Cell::Empty, Cell::Name),
            Cell::Name(line.origin.name()),
            Cell::text(product.map(|product| &*product.sku)),
            Cell::text(product.map(|product| &*product.name)),
            Cell::text(product.and_then(|product| product.image_url.as_deref())),
            Cell::Id(line.customer_id.0),
            Cell::text(line.name.as_deref()),
            Cell::text(line.email.as_deref()),
            Cell::text(line.phone.as_deref()),
            line.shopper_id.as_ref().and_then(name).map_or(Cell::Empty, Cell::Text),
            Cell::List(line.participants.0.iter().filter_map(name).collect()),
            Cell::Name(line.device.name()),
            Cell::text(line.language.as_deref()),
            Cell::text(line.country.as_deref()),
            Cell::List(line.collections.0.iter().map(|name| Cow::Borrowed(name.as_str())).collect()),
            Cell::int(line.first_queued_at.map(|_| TimeDelta::microseconds(line.waited_us).num_seconds())),
            Cell::instant(line.started_at),
            Cell::instant(line.ended_at),
            Cell::int(line.duration_s),
            Cell::Int(line.products_shown),
            Cell::Int(line.carts),
            sum(|sold| sold.orders),
            sum(|sold| sold.units),
            Cell::List(sold.keys().map(|currency| Cow::Borrowed(*currency)).collect()),
            amounts(|sold| sold.sales),
            sum(|sold| sold.collection_units),
            amounts(|sold| sold.collection_sales),
            Cell::int(line.nps),
            line.nps.map_or(Cell::Empty, |nps| Cell::Name(Class::of(nps).as_str())),
            Cell::int(line.csat),
            line.face.map_or(Cell::Empty, |face| Cell::Name(face.name())),
            Cell::text(line.comment.as_deref()),
            Cell::List(line.recordings.iter().map(|id| Cow::Owned(format!("/v1/recordings/{id}"))).collect()),
            Cell::Id(line.conversation_id.0),
            line.chat.map_or(Cell::Empty, |_| Cell::Text(Cow::Owned(format!("/v1/calls/{}/transcript", line.call_id)))),
            Cell::Name(line.environment.name()),
            Cell::id(line.shopper_id.map(|id| id.0)),
            Cell::ids(line.participants.0.iter().map(|id| id.0)),
        ]
    }
}

/// The order of the row, if there is one.
fn order(values: &mut dyn Iterator<Item = Value>) -> Result<Option<(OrderId, Sold)>> {
    let (id, currency): (Option<OrderId>, Option<String>) = (take(values, "orders", "order_id")?, take(values, "orders", "currency")?);
    let mut number = |column| take::<Option<i64>>(values, "orders", column).map(Option::unwrap_or_default);
    let (units, sales) = (number("units")?, number("total")?);
    let (collection_units, collection_sales) = (number("collection_units")?, number("collection_sales")?);
    Ok(id.zip(currency).map(|(id, currency)| (id, Sold { currency, orders: 1, units, sales, collection_units, collection_sales })))
}
