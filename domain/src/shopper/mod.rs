//! A personal shopper: the person who takes calls and conversations.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, schedule::Schedule, stream::Category};
use serde::{Deserialize, Serialize};

/// Conversations at once that a shopper may be allowed at most: beyond it, the figure is a typing error.
pub const CONCURRENT_MAX: u32 = 100;

/// A shopper's state. Nothing personal: deciding needs none of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shopper {
    standing: Standing,
    status: Status,
    collections: Vec<String>,
    schedule: Option<Schedule>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    #[default]
    Absent,
    Active,
    Deleted,
}

impl_cqrs!(Shopper, Category::Shopper, ShopperAction, ShopperEvent);

impl Shopper {
    /// Available, busy, away or offline.
    pub fn status(&self) -> Status {
        self.status
    }

    fn fold(&mut self, event: ShopperEvent) {
        match event {
            ShopperEvent::Created(_) => self.standing = Standing::Active,
            ShopperEvent::Updated(_) => {}
            ShopperEvent::CollectionsChanged(changed) => self.collections = changed.collections,
            ShopperEvent::ScheduleChanged(changed) => self.schedule = changed.schedule,
            ShopperEvent::StatusChanged(changed) => self.status = changed.to,
            ShopperEvent::Deleted(_) => *self = Self { standing: Standing::Deleted, ..Self::default() },
        }
    }
}
