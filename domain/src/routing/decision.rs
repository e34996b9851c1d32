//! What the router decided, and why: complete for who reads it at once, bounded for the record.

use super::{Policy, Work};
use crate::ids::ShopperId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Shoppers whom a recorded decision names with their reason, at most; the others are counted by reason. An event stays a
/// few kilobytes then, however many shoppers there are.
pub const NAMED_MAX: usize = 50;

/// Why a shopper was not chosen, in the order in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// Not available.
    NotAvailable,
    /// Outside their weekly hours.
    OutsideHours,
    /// Does not answer for the department that it was given to.
    LacksDepartment,
    /// Lacks a collection that is required.
    LacksCollection,
    /// Lacks expertise that is required.
    LacksExpertise,
    /// Declined it before, or let the offer pass.
    Declined,
    /// Has no room for it.
    NoRoom,
    /// Could have, but works on more than who was chosen.
    MoreLoad,
    /// As free as who was chosen, but fits the customer's wishes less.
    FitsLess,
    /// As fit as who was chosen, but was given work more recently.
    ServedLater,
    /// In nothing different from who was chosen: the lot decided.
    Lot,
}

/// A shopper who was looked at and not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// Who.
    pub shopper_id: ShopperId,
    /// Why not.
    pub lost: Lost,
}

/// Work that finds its shopper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What.
    pub work: Work,
    /// Who.
    pub shopper_id: ShopperId,
    /// Everybody else, and why not.
    pub considered: Vec<Considered>,
}

/// Why nobody can take a request: the last thing that stood in the way of those who came furthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The account has no shopper.
    NoShoppers,
    /// Nobody is available.
    NobodyAvailable,
    /// Those who are available are outside their hours.
    OutsideHours,
    /// Those who are there lack what is required.
    NobodyQualified,
    /// All who could take it declined it.
    AllDeclined,
    /// All who could take it have their hands full.
    AllBusy,
}

/// Work that finds nobody now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unserved {
    /// What.
    pub work: Work,
    /// Why.
    pub why: Why,
    /// How many shoppers were held back by what.
    pub reasons: BTreeMap<Lost, u32>,
}

/// What comes of one look at the floor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// Who gets what, in the order of the queue.
    pub assignments: Vec<Assignment>,
    /// What was looked at and finds nobody.
    pub unserved: Vec<Unserved>,
    /// How many were not looked at, since nobody had room any more.
    pub not_reached: usize,
}

/// `routing.decided`: who was chosen for a request, and why nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Who was chosen.
    pub shopper_id: ShopperId,
    /// The others, those who came closest first; at most [`NAMED_MAX`].
    pub candidates: Vec<Considered>,
    /// How many more there were, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unnamed: BTreeMap<Lost, u32>,
    /// What decided a lot.
    pub seed: u64,
    /// The rules of that moment.
    pub policy: Policy,
}

/// `routing.failed`: nobody can take a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Why.
    pub why: Why,
    /// How many shoppers were held back by what.
    pub reasons: BTreeMap<Lost, u32>,
}

impl Assignment {
    /// The decision as it is recorded.
    pub fn decided(&self, policy: &Policy, seed: u64) -> Decided {
        let mut candidates = self.considered.clone();
        candidates.sort_by_key(|considered| (std::cmp::Reverse(considered.lost), considered.shopper_id));
        let mut unnamed = BTreeMap::new();
        for considered in candidates.iter().skip(NAMED_MAX) {
            *unnamed.entry(considered.lost).or_default() += 1;
        }
        candidates.truncate(NAMED_MAX);
        Decided { shopper_id: self.shopper_id, candidates, unnamed, seed, policy: policy.clone() }
    }
}

impl Unserved {
    /// Why nobody can take it, from what held everybody back.
    pub(super) fn of(work: Work, reasons: BTreeMap<Lost, u32>) -> Self {
        let why = match reasons.keys().next_back() {
            None => Why::NoShoppers,
            Some(Lost::NotAvailable) => Why::NobodyAvailable,
            Some(Lost::OutsideHours) => Why::OutsideHours,
            Some(Lost::LacksDepartment | Lost::LacksCollection | Lost::LacksExpertise) => Why::NobodyQualified,
            Some(Lost::Declined) => Why::AllDeclined,
            Some(_) => Why::AllBusy,
        };
        Self { work, why, reasons }
    }

    /// The failure as it is recorded.
    pub fn failed(self) -> Failed {
        Failed { why: self.why, reasons: self.reasons }
    }
}
