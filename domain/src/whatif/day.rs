//! One day of a floor: what was asked for, and who was there.

use crate::{
    ids::ShopperId,
    routing::{Candidate, Policy, Request},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// From one instant up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First instant inside.
    pub from: DateTime<Utc>,
    /// First instant outside.
    pub to: DateTime<Utc>,
}

impl Span {
    /// Whether the instant is inside.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    /// How long it is.
    pub fn length(&self) -> TimeDelta {
        self.to - self.from
    }

    /// Those that overlap or touch as one, in order.
    pub fn joined(mut spans: Vec<Self>) -> Vec<Self> {
        spans.retain(|span| span.from < span.to);
        spans.sort_by_key(|span| span.from);
        let mut joined: Vec<Self> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => joined.push(span),
            }
        }
        joined
    }
}

/// What became of a customer who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Somebody took the call.
    Served {
        /// Who.
        by: ShopperId,
        /// From the claim to the end of all work.
        span: Span,
    },
    /// Nobody did, and it was given up.
    Left {
        /// When.
        at: DateTime<Utc>,
    },
    /// Nobody had by the end of what was read.
    Waiting,
}

/// A customer who asked for a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// As the router sees it.
    pub request: Request,
    /// What became of it.
    pub fate: Fate,
}

/// A shopper, and when they could be given work.
#[derive(Debug, Clone, PartialEq)]
pub struct Staff {
    /// As the router sees them.
    pub candidate: Candidate,
    /// When they were there: available, busy, or in a call.
    pub there: Vec<Span>,
}

/// One day.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// When it was.
    pub span: Span,
    /// Who asked within it, in order.
    pub demand: Vec<Demand>,
    /// Who was there.
    pub staff: Vec<Staff>,
    /// The rules at its end.
    pub policy: Policy,
}

/// What is to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// So many shoppers more, or fewer.
    pub staff: i32,
    /// The rules.
    pub policy: Policy,
}

impl Day {
    /// The day with this change. Who is added is there as long as anybody was, and is a specialist of nothing; who is taken away served
    /// the fewest.
    pub fn changed(mut self, change: &Change) -> Self {
        self.policy = change.policy.clone();
        let served = |who: ShopperId| self.demand.iter().filter(|one| matches!(one.fate, Fate::Served { by, .. } if by == who)).count();
        let mut by_use: Vec<(usize, ShopperId)> =
            self.staff.iter().map(|staff| (served(staff.candidate.shopper_id), staff.candidate.shopper_id)).collect();
        by_use.sort_unstable();
        let fewer = usize::try_from(-i64::from(change.staff)).unwrap_or(0);
        let gone: Vec<_> = by_use.into_iter().take(fewer).map(|(_, who)| who).collect();
        self.staff.retain(|staff| !gone.contains(&staff.candidate.shopper_id));
        let all = self.staff.iter().flat_map(|staff| &staff.there);
        let first = all.clone().map(|span| span.from).min().unwrap_or(self.span.from);
        let last = all.map(|span| span.to).max().unwrap_or(self.span.to);
        for number in 0..u32::try_from(change.staff).unwrap_or(0) {
            let candidate = super::past::nobody_yet(ShopperId(Uuid::from_u128(u128::from(number) + 1)));
            self.staff.push(Staff { candidate, there: vec![Span { from: first, to: last }] });
        }
        self
    }
}
