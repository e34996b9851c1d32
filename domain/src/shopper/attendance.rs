//! Whether the shopper is there: connections, and the grace after a loss. Only the newest connection counts.

use super::{Connected, Disconnected, Shopper, ShopperAction, ShopperEvent, Status, StatusCause, StatusChanged};
use crate::connection::{Connection, Link};
use chrono::{DateTime, Utc};

impl Shopper {
    pub(super) fn attend(&self, at: DateTime<Utc>, action: &ShopperAction) -> Vec<ShopperEvent> {
        match (action, self.connection) {
            (ShopperAction::Connect { connection_id }, Some(Connection { id, .. })) if id == *connection_id => vec![],
            (ShopperAction::Connect { connection_id }, _) => {
                vec![ShopperEvent::Connected(Connected { connection_id: *connection_id })]
            }
            (ShopperAction::Disconnect { connection_id, until }, Some(Connection { id, link: Link::Up })) if id == *connection_id => {
                vec![ShopperEvent::Disconnected(Disconnected { connection_id: *connection_id, until: *until })]
            }
            (ShopperAction::Lose { connection_id }, Some(Connection { id, link: Link::Lost(Some(until)) }))
                if id == *connection_id && until <= at && self.status != Status::Offline =>
            {
                let (from, to, cause) = (self.status, Status::Offline, StatusCause::Disconnect);
                vec![ShopperEvent::StatusChanged(StatusChanged { from, to, cause })]
            }
            _ => vec![],
        }
    }
}
