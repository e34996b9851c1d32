//! Whether the customer is there: connections, the grace after a loss, and appointments that nobody came to.
//!
//! Only the newest connection counts: a device that reconnects opens a new one before the old one is known to be lost.

use super::{
    Call, CallAction, CallEvent, CancelReason, Cancelled, CustomerConnected, CustomerDisconnected, EndReason, Ended, Finished, QueueReason,
    Queued, Side, State,
};
use crate::connection::{Connection, Link};
use chrono::{DateTime, Utc};

impl Call {
    pub(super) fn attend(&self, at: DateTime<Utc>, action: &CallAction) -> Vec<CallEvent> {
        match action {
            CallAction::ConnectCustomer { connection_id } => match self.customer {
                Some(Connection { id, .. }) if id == *connection_id => vec![],
                _ => vec![CallEvent::CustomerConnected(CustomerConnected { connection_id: *connection_id })],
            },
            CallAction::DisconnectCustomer { connection_id, until } => match self.customer {
                Some(Connection { id, link: Link::Up }) if id == *connection_id => {
                    // Whose media is connected is there, with or without a socket.
                    let until = until.filter(|_| !self.media.has(Side::Customer));
                    vec![CallEvent::CustomerDisconnected(CustomerDisconnected { connection_id: *connection_id, until })]
                }
                _ => vec![],
            },
            CallAction::LoseCustomer { connection_id } => match self.customer {
                Some(Connection { id, link: Link::Lost(Some(until)) }) if id == *connection_id && until <= at => self.lost(),
                _ => vec![],
            },
            // Who still talks with the customer is there, with or without a socket.
            CallAction::LoseShopper { shopper_id } if self.holder == Some(*shopper_id) && !self.media.has_shopper(*shopper_id) => {
                self.forsaken()
            }
            CallAction::NoShow { starts_at } => self.no_show(at, *starts_at),
            _ => vec![],
        }
    }

    /// What becomes of a call whose customer has gone. An appointment stays: its time may still come.
    fn lost(&self) -> Vec<CallEvent> {
        let reason = EndReason::LinkLost;
        match self.state {
            State::Waiting => vec![CallEvent::Cancelled(Cancelled { reason: CancelReason::AbandonedInQueue })],
            State::Claimed => vec![CallEvent::Cancelled(Cancelled { reason: CancelReason::NoShowCustomer })],
            State::Live => vec![CallEvent::Ended(Ended { reason }), CallEvent::Finished(Finished { reason })],
            _ => vec![],
        }
    }

    /// What becomes of a call whose shopper has gone: the customer is still there and is served by somebody else. What was
    /// shown, the cart and the talk stay.
    fn forsaken(&self) -> Vec<CallEvent> {
        match self.state {
            State::Claimed | State::Live => vec![CallEvent::Queued(Queued { reason: QueueReason::ShopperLost })],
            _ => vec![],
        }
    }

    fn no_show(&self, at: DateTime<Utc>, starts_at: DateTime<Utc>) -> Vec<CallEvent> {
        let is_meant = self.appointment.as_ref().is_some_and(|appointment| appointment.starts_at == starts_at && starts_at <= at);
        if !is_meant || !matches!(self.state, State::Scheduled | State::Claimed) {
            return vec![];
        }
        let reason = match self.customer_link() {
            Some(Link::Up) => CancelReason::NoShowShopper,
            _ => CancelReason::NoShowCustomer,
        };
        vec![CallEvent::Cancelled(Cancelled { reason })]
    }
}
