//! The book of a shopper: how long in which status.

use super::{Change, Fact, Measure, Told, fact::Mark, pieces::quarters};
use crate::{
    ids::ShopperId,
    metrics::minutes::Interval,
    shopper::{ShopperEvent, Status},
};
use serde::{Deserialize, Serialize};

/// A shopper's status and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceBook {
    status: Status,
    since: Mark,
}

impl PresenceBook {
    pub(super) fn concerns(event: &ShopperEvent) -> bool {
        matches!(event, ShopperEvent::Created(_) | ShopperEvent::StatusChanged(_) | ShopperEvent::Deleted(_))
    }

    pub(super) fn open(told: &Told<'_>) -> Self {
        Self { status: Status::Offline, since: told.mark() }
    }

    pub(super) fn apply(&mut self, told: &Told<'_>, event: &ShopperEvent, changes: &mut Vec<Change>) {
        let to = match event {
            ShopperEvent::StatusChanged(changed) => changed.to,
            ShopperEvent::Deleted(_) => Status::Offline,
            _ => return,
        };
        if self.status != Status::Offline {
            let passed = quarters(Interval::new(self.since.at, told.at));
            changes.extend(passed.into_iter().map(|piece| {
                let fact = Fact::new(told, Measure::Presence, piece.begin(), piece.seconds());
                Change::Put(fact.by(Some(ShopperId(told.stream))).detail(self.status.as_str()).since(Some(self.since)))
            }));
        }
        (self.status, self.since) = (to, told.mark());
    }
}
