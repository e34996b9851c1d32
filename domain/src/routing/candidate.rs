//! A shopper as the router sees them.

use super::{Policy, Work};
use crate::{ids::ShopperId, shopper::Status};
use chrono::{DateTime, Utc};

/// How much a shopper works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Calls that are offered to, claimed or held by them.
    pub calls: u32,
    /// Conversations that they take part in.
    pub conversations: u32,
}

impl Load {
    /// Both together.
    pub const fn total(self) -> u32 {
        self.calls + self.conversations
    }

    /// Counts one more.
    pub const fn add(&mut self, work: Work) {
        match work {
            Work::Call(_) => self.calls += 1,
            Work::Conversation(_) => self.conversations += 1,
        }
    }

    /// Whether there is room for one more like this: a call takes all of it unless the policy says otherwise, and while
    /// one goes on there is room for nothing else.
    pub const fn has_room(self, work: Work, limits: Limits) -> bool {
        let alone = matches!(limits.call, CallLoad::TakesAll) && (self.calls > 0 || matches!(work, Work::Call(_)));
        if alone { self.total() == 0 } else { self.total() < limits.concurrent }
    }
}

/// How much one shopper may work on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Conversations, and calls where these do not take everything.
    pub concurrent: u32,
    /// What a call counts.
    pub call: CallLoad,
}

/// What a video call counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallLoad {
    /// All the room there is.
    TakesAll,
    /// As much as a chat.
    TakesOne,
}

/// A shopper who may be given work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub shopper_id: ShopperId,
    /// Only who is available is given work.
    pub status: Status,
    /// Whether the weekly hours allow it now.
    pub hours: Hours,
    /// What they work on.
    pub load: Load,
    /// How much they may work on at once; the policy's where absent.
    pub max_concurrent: Option<u32>,
    /// Collections they are specialists of.
    pub collections: Vec<String>,
    /// Departments they answer for.
    pub departments: Vec<String>,
    /// Fields of expertise.
    pub expertise: Vec<String>,
    /// BCP 47 tags of the languages spoken.
    pub languages: Vec<String>,
    /// Country they are in, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When they were last given work; who was longest ago is next among equals.
    pub last_assigned: Option<DateTime<Utc>>,
}

/// Whether a shopper's weekly hours allow work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// Inside, or there are none: always.
    Open,
    /// Outside.
    Closed,
}

impl Candidate {
    /// How much they may work on at once.
    pub fn limits(&self, policy: &Policy) -> Limits {
        policy.limits(self.max_concurrent)
    }
}
