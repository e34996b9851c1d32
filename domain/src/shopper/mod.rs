//! A personal shopper: the person who takes calls and conversations.

mod attendance;
mod commands;
mod decide;
mod events;
mod work;
pub use commands::*;
pub use events::*;

use crate::{
    aggregate::impl_cqrs,
    connection::{Connection, Link},
    refusal::Refusal,
    routing::{Limits, Work},
    schedule::Schedule,
    stream::Category,
};
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
    max_concurrent: Option<u32>,
    /// In the order in which it was given.
    work: Vec<Work>,
    /// The newest connection.
    connection: Option<Connection>,
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

    /// How much the shopper may work on at once: their own figure, else the policy's.
    pub fn limits(&self, policy: Limits) -> Limits {
        Limits { concurrent: self.max_concurrent.unwrap_or(policy.concurrent), ..policy }
    }

    /// Refuses where there is no such shopper, here or gone.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn must_be_known(&self) -> Result<(), Refusal> {
        if self.standing == Standing::Absent { Err(Refusal::NotFound) } else { Ok(()) }
    }

    /// Refuses to forget who still works here.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`Refusal::IllegalTransition`] for who is to be deleted first.
    pub fn must_have_left(&self) -> Result<(), Refusal> {
        match self.standing {
            Standing::Absent => Err(Refusal::NotFound),
            Standing::Active => Err(Refusal::IllegalTransition { state: "active", action: "erase" }),
            Standing::Deleted => Ok(()),
        }
    }

    fn fold(&mut self, event: ShopperEvent) {
        match event {
            ShopperEvent::Created(profile) => {
                self.standing = Standing::Active;
                self.max_concurrent = profile.max_concurrent;
            }
            ShopperEvent::Updated(profile) => {
                let known = self.max_concurrent.filter(|_| !profile.cleared.contains(&Detail::MaxConcurrent));
                self.max_concurrent = profile.max_concurrent.or(known);
            }
            ShopperEvent::CollectionsChanged(changed) => self.collections = changed.collections,
            ShopperEvent::ScheduleChanged(changed) => self.schedule = changed.schedule,
            ShopperEvent::StatusChanged(changed) => self.status = changed.to,
            ShopperEvent::Connected(connected) => self.connection = Some(Connection { id: connected.connection_id, link: Link::Up }),
            ShopperEvent::Disconnected(lost) => {
                self.connection = Some(Connection { id: lost.connection_id, link: Link::Lost(lost.until) });
            }
            ShopperEvent::Assigned(assigned) => self.work.push(assigned.work),
            ShopperEvent::Freed(freed) => self.work.retain(|work| *work != freed.work),
            ShopperEvent::Deleted(_) => *self = Self { standing: Standing::Deleted, ..Self::default() },
        }
    }
}
