//! What a call remembers in order to decide: where it stands, who takes part, what is in its carts.

use super::{CallAction, CallEvent, EndReason, Offered, Scheduled, media::Media, recording::Recordings};
use crate::{
    aggregate::impl_cqrs,
    connection::{Connection, Link},
    ids::{ConversationId, CustomerId, ShopperId},
    routing::Why,
    stream::Category,
    survey::{Publicity, Survey},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a call stands (PRODUCT.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing has happened yet.
    #[default]
    Absent,
    /// Asked for by a customer, or set up by a shopper.
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
}

impl State {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Requested => "requested",
            Self::Scheduled => "scheduled",
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Live => "live",
            Self::WrapUp => "wrap_up",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing follows any more but archiving and rating.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled)
    }
}

/// How many of each SKU one cart holds.
pub type Cart = BTreeMap<String, u32>;

/// A call's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Call {
    pub(super) state: State,
    pub(super) archived: bool,
    pub(super) customer_id: CustomerId,
    pub(super) conversation_id: ConversationId,
    /// Set up by a shopper, so that no queue stands before it.
    pub(super) private: bool,
    pub(super) appointment: Option<Scheduled>,
    pub(super) holder: Option<ShopperId>,
    /// The offer that stands.
    pub(super) offer: Option<Offered>,
    /// When the claim ends by itself.
    pub(super) start_by: Option<DateTime<Utc>>,
    /// Why the router found nobody, the last time it looked.
    pub(super) unserved: Option<Why>,
    /// The customer's newest connection.
    pub(super) customer: Option<Connection>,
    /// Every shopper who takes part or took part while it was live, in the order of coming.
    pub(super) participants: Vec<ShopperId>,
    pub(super) went_live: bool,
    pub(super) end_reason: Option<EndReason>,
    /// By the shop's cart id. Lines that were taken out are gone.
    pub(super) carts: BTreeMap<String, Cart>,
    pub(super) survey: Survey,
    #[serde(default)]
    pub(super) media: Media,
    #[serde(default)]
    pub(super) recordings: Recordings,
}

impl_cqrs!(Call, Category::Call, CallAction, CallEvent);

impl Call {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether it was put away.
    pub fn is_archived(&self) -> bool {
        self.archived
    }

    /// Who it is for.
    pub fn customer_id(&self) -> CustomerId {
        self.customer_id
    }

    /// The conversation that it owns.
    pub fn conversation_id(&self) -> ConversationId {
        self.conversation_id
    }

    /// Who holds it, from the claim on, also when it is over.
    pub fn holder(&self) -> Option<ShopperId> {
        self.holder
    }

    /// The offer that stands.
    pub fn offer(&self) -> Option<Offered> {
        self.offer
    }

    /// Whether the call is being offered to this shopper.
    pub fn is_offered_to(&self, shopper_id: ShopperId) -> bool {
        self.offer.is_some_and(|offer| offer.shopper_id == shopper_id)
    }

    /// Whether the customer has a connection now; `None` when there never was one.
    pub fn customer_link(&self) -> Option<Link> {
        self.customer.map(|connection| connection.link)
    }

    /// Every shopper who takes part or took part while it was live.
    pub fn participants(&self) -> &[ShopperId] {
        &self.participants
    }

    /// Its media.
    pub fn media(&self) -> &Media {
        &self.media
    }

    /// Those to whom a rating is credited: the holder first, then the others.
    pub(super) fn credited(&self) -> Vec<ShopperId> {
        let others = self.participants.iter().copied().filter(|id| Some(*id) != self.holder);
        self.holder.into_iter().chain(others).collect()
    }

    pub(super) fn fold(&mut self, event: CallEvent) {
        match event {
            CallEvent::Requested(opened) | CallEvent::Created(opened) => {
                self.state = State::Requested;
                self.customer_id = opened.customer_id;
                self.conversation_id = opened.conversation_id;
                self.private = opened.shopper_id.is_some();
            }
            CallEvent::Scheduled(scheduled) | CallEvent::Rescheduled(scheduled) => {
                self.state = State::Scheduled;
                self.appointment = Some(scheduled);
            }
            CallEvent::Queued(_) => {
                self.state = State::Waiting;
                self.unserved = None;
                (self.holder, self.offer, self.start_by) = (None, None, None);
                // Whoever came and waits has kept the appointment: the queue's rules hold from here.
                self.appointment = None;
                if !self.went_live {
                    self.participants.clear();
                }
            }
            CallEvent::Claimed(claimed) => {
                self.state = State::Claimed;
                (self.offer, self.start_by) = (None, claimed.start_by);
                self.hold(claimed.shopper_id);
            }
            CallEvent::ClaimExpired(_) => self.holder = None,
            CallEvent::Started(started) => {
                self.state = State::Live;
                self.went_live = true;
                self.start_by = None;
                self.hold(started.shopper_id);
            }
            CallEvent::ParticipantInvited(invited) => self.take_part(invited.shopper_id),
            CallEvent::Transferred(transferred) => {
                if !self.went_live {
                    // Handed on before it began: who gave it away never met the customer.
                    self.participants.retain(|id| *id != transferred.from);
                }
                self.hold(transferred.to);
            }
            CallEvent::Ended(ended) => {
                self.state = State::WrapUp;
                self.end_reason = Some(ended.reason);
            }
            CallEvent::Finished(_) => self.state = State::Finished,
            CallEvent::Cancelled(_) => {
                self.state = State::Cancelled;
                self.offer = None;
            }
            CallEvent::Archived(_) => self.archived = true,
            CallEvent::Unarchived(_) => self.archived = false,
            other => self.fold_beside(other),
        }
    }

    /// What happens within a state, and changes none.
    fn fold_beside(&mut self, event: CallEvent) {
        match event {
            CallEvent::Offered(offered) => self.offer = Some(offered),
            CallEvent::OfferDeclined(_) | CallEvent::OfferExpired(_) => self.offer = None,
            CallEvent::RoutingDecided(_) => self.unserved = None,
            CallEvent::RoutingFailed(failed) => self.unserved = Some(failed.why),
            CallEvent::CustomerConnected(connected) => {
                self.customer = Some(Connection { id: connected.connection_id, link: Link::Up });
            }
            CallEvent::CustomerDisconnected(lost) => {
                self.customer = Some(Connection { id: lost.connection_id, link: Link::Lost(lost.until) });
            }
            CallEvent::ProductShown(_) => {}
            CallEvent::CartItemAdded(added) => {
                *self.carts.entry(added.cart_id).or_default().entry(added.line.sku).or_default() += added.line.quantity;
            }
            CallEvent::CartItemUpdated(updated) => {
                self.carts.entry(updated.cart_id).or_default().insert(updated.sku, updated.to);
            }
            CallEvent::CartItemRemoved(removed) => {
                if let Some(cart) = self.carts.get_mut(&removed.cart_id) {
                    cart.remove(&removed.sku);
                    if cart.is_empty() {
                        self.carts.remove(&removed.cart_id);
                    }
                }
            }
            CallEvent::SurveyAnswered(answered) => self.survey.answered(&answered),
            CallEvent::SurveySent(_) => self.survey.sent(),
            CallEvent::SurveyHidden(shown) => self.survey.shown(shown, Publicity::Internal),
            CallEvent::SurveyPublished(shown) => self.survey.shown(shown, Publicity::Public),
            CallEvent::SurveySuperseded(_) => {}
            other => {
                self.recordings.fold(&other);
                self.media.fold(other);
            }
        }
    }

    fn hold(&mut self, shopper_id: ShopperId) {
        self.holder = Some(shopper_id);
        self.take_part(shopper_id);
    }

    fn take_part(&mut self, shopper_id: ShopperId) {
        if !self.participants.contains(&shopper_id) {
            self.participants.push(shopper_id);
        }
    }
}
