//! The tables of calls.

use crate::table::{Json, stored_names, table};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    call::{CancelReason, Device, EndReason, Platform},
    cart::CartLine,
    ids::{AccountId, CallId, ConversationId, CustomerId, ShopperId},
    product::Product,
    survey::Face,
};
use vitrina_eventlog::Environment;

/// Where a call stands, as shown: the states of PRODUCT.md 5.4, and `archived` for one that was put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallStatus {
    /// Asked for or set up.
    Requested,
    /// An appointment.
    Scheduled,
    /// In the queue.
    Waiting,
    /// Taken by a shopper.
    Claimed,
    /// Both talk.
    Live,
    /// The shopper works on it afterwards.
    WrapUp,
    /// Over.
    Finished,
    /// It did not take place, or was broken off.
    Cancelled,
    /// Over and put away.
    Archived,
}

impl CallStatus {
    /// Whether something is still to come.
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::Finished | Self::Cancelled | Self::Archived)
    }
}

/// Who began a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The customer asked for it.
    Customer,
    /// A shopper set it up.
    Shopper,
}

stored_names! {
    CallStatus {
        Requested = "requested", Scheduled = "scheduled", Waiting = "waiting", Claimed = "claimed", Live = "live",
        WrapUp = "wrap_up", Finished = "finished", Cancelled = "cancelled", Archived = "archived",
    }
    Origin { Customer = "customer", Shopper = "shopper" }
    Platform { Web = "web", VtexIo = "vtex_io", VtexPortal = "vtex_portal" }
    Device { Mobile = "mobile", Tablet = "tablet", Desktop = "desktop", Unknown = "unknown" }
    EndReason { CustomerHangup = "customer_hangup", ShopperHangup = "shopper_hangup", LinkLost = "link_lost", Limit = "limit" }
    CancelReason {
        ByCustomer = "by_customer", ByShopper = "by_shopper", ByAdmin = "by_admin", NoShowCustomer = "no_show_customer",
        NoShowShopper = "no_show_shopper", Expired = "expired", AbandonedInQueue = "abandoned_in_queue", NoAgent = "no_agent",
        System = "system",
    }
}

table! {
    /// A call.
    pub struct CallRow in "calls" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// Where it stands.
            status: CallStatus,
            /// Whether something is still to come.
            active: bool,
            /// How it ended, also while it is archived.
            outcome: Option<CallStatus>,
            /// Who began it.
            origin: Origin,
            /// Who it is for.
            customer_id: CustomerId,
            /// The conversation that it owns.
            conversation_id: ConversationId,
            /// Who holds it; before a claim of a private call, who set it up.
            shopper_id: Option<ShopperId>,
            /// Shoppers who take part, the holder too.
            participants: Json<Vec<ShopperId>>,
            /// What it is about.
            product: Option<Json<Product>>,
            /// The shop's id of that.
            product_id: Option<String>,
            /// The words of its id and name: what a search looks through.
            product_search: Option<String>,
            /// Where the shop runs.
            platform: Platform,
            /// The customer's device.
            device: Device,
            /// BCP 47 tag of the customer's language.
            language: Option<String>,
            /// ISO 3166-1 alpha-2.
            country: Option<String>,
            /// Collections asked for.
            collections: Json<Vec<String>>,
            /// Higher is served first.
            priority: i32,
            /// When it began to be.
            created_at: DateTime<Utc>,
            /// Begin of the appointment.
            scheduled_from: Option<DateTime<Utc>>,
            /// End of the appointment.
            scheduled_to: Option<DateTime<Utc>>,
            /// IANA zone of the appointment.
            scheduled_zone: Option<String>,
            /// How often the appointment was moved.
            schedule_sequence: Option<u32>,
            /// When it first waited.
            first_queued_at: Option<DateTime<Utc>>,
            /// When it last began to wait.
            queued_at: Option<DateTime<Utc>>,
            /// All its waits that are over, in microseconds.
            waited_us: i64,
            /// Who is asked to take it.
            offered_to: Option<ShopperId>,
            /// Until when.
            offered_until: Option<DateTime<Utc>>,
            /// When the claim ends if the call has not started.
            start_by: Option<DateTime<Utc>>,
            /// When it was last claimed.
            claimed_at: Option<DateTime<Utc>>,
            /// When it went live.
            started_at: Option<DateTime<Utc>>,
            /// When the live part ended.
            ended_at: Option<DateTime<Utc>>,
            /// When it was finished or cancelled.
            closed_at: Option<DateTime<Utc>>,
            /// Why the live part ended.
            end_reason: Option<EndReason>,
            /// Why it was cancelled.
            cancel_reason: Option<CancelReason>,
            /// When it was put away.
            archived_at: Option<DateTime<Utc>>,
            /// Products shown so far.
            products_shown: i64,
            /// Carts that something was put into.
            cart_ids: Json<Vec<String>>,
            /// Whether the customer has rated it.
            rated: bool,
            /// The recommendation that counts, 0–10.
            nps: Option<u8>,
            /// The satisfaction that counts, 1–5.
            csat: Option<u8>,
            /// The face that counts.
            face: Option<Face>,
            /// Whether it counts in reports as a rule.
            environment: Environment,
        }
    }
}

table! {
    /// A word that a product's id or name has had in a call about it.
    pub struct ProductWordRow in "product_words" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The word.
            word: String,
            /// The shop's id of the product.
            sku: String,
        }
        columns {}
    }
}

table! {
    /// A call among those that a shopper has ever had a part in.
    pub struct CallShopperRow in "call_shoppers" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// Who.
            shopper_id: ShopperId,
            /// When the call began to be.
            created_at: DateTime<Utc>,
            /// The call.
            call_id: CallId,
        }
        columns {}
    }
}

table! {
    /// A product that was shown in a call.
    pub struct CallProductRow in "call_products" as Fact {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
        }
        columns {
            /// The shop's id of it.
            sku: String,
            /// As it was then.
            product: Json<Product>,
            /// When.
            shown_at: DateTime<Utc>,
            /// What kind of actor showed it.
            shown_by_kind: String,
            /// Which one.
            shown_by: String,
        }
    }
}

table! {
    /// A line of a call's cart, as long as it is in it.
    pub struct CartLineRow in "cart_lines" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
            /// The shop's cart.
            cart_id: String,
            /// The line.
            sku: String,
        }
        columns {
            /// How many.
            quantity: u32,
            /// The line as it was added last; its quantity is the one added then.
            line: Json<CartLine>,
            /// Price of one, in minor units.
            unit_amount: i64,
            /// ISO 4217 code.
            currency: String,
            /// When it came in.
            added_at: DateTime<Utc>,
        }
    }
}
