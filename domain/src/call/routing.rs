//! How a waiting call finds its shopper: what the router decided, the offer that stands, and its end.

use super::{Call, CallAction, CallEvent, OfferDeclined, Offered};
use chrono::{DateTime, Utc};

impl Call {
    pub(super) fn route(&self, at: DateTime<Utc>, action: &CallAction) -> Vec<CallEvent> {
        match action {
            CallAction::Decide { decided } => vec![CallEvent::RoutingDecided((**decided).clone())],
            CallAction::FailRouting { failed } if self.unserved == Some(failed.why) => vec![],
            CallAction::FailRouting { failed } => vec![CallEvent::RoutingFailed(failed.clone())],
            CallAction::Offer { shopper_id, until } => vec![CallEvent::Offered(Offered { shopper_id: *shopper_id, until: *until })],
            CallAction::DeclineOffer { shopper_id } => vec![CallEvent::OfferDeclined(OfferDeclined { shopper_id: *shopper_id })],
            CallAction::ExpireOffer { shopper_id } => match self.offer {
                // A timer that comes too early or too late changes nothing.
                Some(offer) if offer.shopper_id == *shopper_id && offer.until <= at => {
                    vec![CallEvent::OfferExpired(OfferDeclined { shopper_id: *shopper_id })]
                }
                _ => vec![],
            },
            _ => vec![],
        }
    }
}
