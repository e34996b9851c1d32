//! The facts of a stream that may still change: enough of each to know whether it does, and since when it stands so.

use super::{Change, Fact, FactKey, Measure, Told};
use crate::{call::Device, ids::ShopperId};
use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stands {
    #[serde(flatten)]
    key: FactKey,
    /// The position since which it stands so.
    #[serde(rename = "s")]
    since: i64,
    #[serde(rename = "v")]
    value: i64,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    shopper: Option<ShopperId>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    device: Option<Device>,
}

impl Stands {
    fn new(fact: &Fact, since: i64) -> Self {
        Self { key: fact.key, since, value: fact.value, shopper: fact.shopper, device: fact.device }
    }

    fn is(&self, fact: &Fact) -> bool {
        *self == Self::new(fact, self.since)
    }
}

/// The facts of a stream that may still change, at most one of each measure and part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Standing {
    facts: Vec<Stands>,
}

impl Standing {
    /// From this position on the fact stands so; nothing happens when it does already. What of its detail changes alone is
    /// not a change.
    pub fn keep(&mut self, fact: Fact, position: i64, changes: &mut Vec<Change>) {
        let Some(known) = self.facts.iter_mut().find(|one| (one.key.measure, one.key.part) == (fact.key.measure, fact.key.part)) else {
            self.facts.push(Stands::new(&fact, position));
            return changes.push(Change::Put(fact));
        };
        if known.is(&fact) {
            return;
        }
        let before = std::mem::replace(known, Stands::new(&fact, position));
        if before.key == fact.key {
            changes.push(Change::Replace { since: before.since, fact });
        } else {
            changes.push(Change::Retract { since: before.since, key: before.key });
            changes.push(Change::Put(fact));
        }
    }

    /// Whether there is one.
    pub fn has(&self, measure: Measure, part: u32) -> bool {
        self.facts.iter().any(|one| (one.key.measure, one.key.part) == (measure, part))
    }

    /// The one that stands, as if this event had made it: what a fact of another measure is made of.
    pub fn again(&self, told: &Told<'_>, measure: Measure, part: u32) -> Option<Fact> {
        let one = self.facts.iter().find(|one| (one.key.measure, one.key.part) == (measure, part))?;
        let mut fact = Fact::new(told, measure, one.key.anchor, one.value).part(part).by(one.shopper);
        fact.device = one.device;
        Some(fact)
    }

    /// It holds no more; nothing happens when it does not.
    pub fn retract(&mut self, measure: Measure, part: u32, changes: &mut Vec<Change>) {
        self.retract_where(|key| (key.measure, key.part) == (measure, part), changes);
    }

    /// Those of these parts on hold no more.
    pub fn retract_from(&mut self, measure: Measure, part: u32, changes: &mut Vec<Change>) {
        self.retract_where(|key| key.measure == measure && key.part >= part, changes);
    }

    fn retract_where(&mut self, gone: impl Fn(&FactKey) -> bool, changes: &mut Vec<Change>) {
        self.facts.retain(|one| {
            let stays = !gone(&one.key);
            if !stays {
                changes.push(Change::Retract { since: one.since, key: one.key });
            }
            stays
        });
    }
}
