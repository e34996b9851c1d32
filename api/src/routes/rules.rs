//! The rules of the floor as bodies: how work finds a shopper, and how long everything may take.

use super::shapes::{ModeName, WishName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrina_domain::routing::{Mode, Policy, PolicyChange, Wish};

/// The rules. Times are in seconds; 0 means never.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rules {
    /// pull: shoppers take calls from the queue; push: calls are offered to one shopper after the other, and chats are joined at
    /// once.
    #[schema(value_type = ModeName)]
    mode: Mode,
    /// How long an offer stands.
    offer_timeout_s: u32,
    /// How long after a claim the call must start.
    claim_timeout_s: u32,
    /// How long who lost the connection may take to come back.
    reconnect_grace_s: u32,
    /// After how long without a deed an available shopper counts as away.
    idle_after_s: u32,
    /// After how long without a message an open chat is closed.
    inactivity_close_s: u32,
    /// How long after the begin of an appointment it is given up.
    no_show_s: u32,
    /// How long a customer may wait before being told that nobody can come.
    queue_wait_max_s: u32,
    /// Whether a video call takes all of a shopper's room.
    call_takes_all: bool,
    /// Conversations at once, for shoppers who have no figure of their own.
    max_concurrent: u32,
    /// What the collections asked for count: preferred or required.
    #[schema(value_type = WishName)]
    collections: Wish,
    /// What the expertise asked for counts: preferred or required.
    #[schema(value_type = WishName)]
    expertise: Wish,
}

/// Rules that change; absent ones stay. Times are in seconds; 0 means never.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesChange {
    /// pull or push.
    #[schema(value_type = Option<ModeName>)]
    mode: Option<Mode>,
    /// How long an offer stands.
    #[schema(minimum = 1, maximum = 604800)]
    offer_timeout_s: Option<u32>,
    /// How long after a claim the call must start.
    #[schema(maximum = 604800)]
    claim_timeout_s: Option<u32>,
    /// How long who lost the connection may take to come back.
    #[schema(maximum = 604800)]
    reconnect_grace_s: Option<u32>,
    /// After how long without a deed an available shopper counts as away.
    #[schema(maximum = 604800)]
    idle_after_s: Option<u32>,
    /// After how long without a message an open chat is closed.
    #[schema(maximum = 604800)]
    inactivity_close_s: Option<u32>,
    /// How long after the begin of an appointment it is given up.
    #[schema(maximum = 604800)]
    no_show_s: Option<u32>,
    /// How long a customer may wait before being told that nobody can come.
    #[schema(maximum = 604800)]
    queue_wait_max_s: Option<u32>,
    /// Whether a video call takes all of a shopper's room.
    call_takes_all: Option<bool>,
    /// Conversations at once, for shoppers who have no figure of their own.
    #[schema(minimum = 1, maximum = 100)]
    max_concurrent: Option<u32>,
    /// preferred or required.
    #[schema(value_type = Option<WishName>)]
    collections: Option<Wish>,
    /// preferred or required.
    #[schema(value_type = Option<WishName>)]
    expertise: Option<Wish>,
}

impl From<Policy> for Rules {
    fn from(from: Policy) -> Self {
        Self {
            mode: from.mode,
            offer_timeout_s: from.offer_timeout_s,
            claim_timeout_s: from.claim_timeout_s,
            reconnect_grace_s: from.reconnect_grace_s,
            idle_after_s: from.idle_after_s,
            inactivity_close_s: from.inactivity_close_s,
            no_show_s: from.no_show_s,
            queue_wait_max_s: from.queue_wait_max_s,
            call_takes_all: from.call_takes_all,
            max_concurrent: from.max_concurrent,
            collections: from.collections,
            expertise: from.expertise,
        }
    }
}

impl From<RulesChange> for PolicyChange {
    fn from(from: RulesChange) -> Self {
        Self {
            mode: from.mode,
            offer_timeout_s: from.offer_timeout_s,
            claim_timeout_s: from.claim_timeout_s,
            reconnect_grace_s: from.reconnect_grace_s,
            idle_after_s: from.idle_after_s,
            inactivity_close_s: from.inactivity_close_s,
            no_show_s: from.no_show_s,
            queue_wait_max_s: from.queue_wait_max_s,
            call_takes_all: from.call_takes_all,
            max_concurrent: from.max_concurrent,
            collections: from.collections,
            expertise: from.expertise,
        }
    }
}
