//! `route`: decisions/s of the router with 1,000 customers waiting and 200 shoppers, and how the cost of a decision grows when
//! there are ten times as many of both. Limit: linear growth, which is ten times the cost; `ratio` 1 is linear, below is better.
//!
//! A decision is one request that is given to a shopper or found to have none, with the reason of every shopper who was not
//! chosen. The router is pure: no engine is involved, so the line is printed once.

use crate::{
    bench::{
        Size,
        measure::{Figure, median},
    },
    engine::Engine,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{hint::black_box, time::Instant};
use uuid::Uuid;
use vitrina_domain::{
    ids::{CallId, ConversationId, ShopperId},
    routing::{Candidate, Hours, Load, Policy, Request, Work, route},
    shopper::Status,
};

/// How many times as many of both.
const GROWN: usize = 10;
/// Who waits, and who serves.
const FLOOR: (usize, usize) = (1_000, 200);

/// Prints one line for decisions/s, whose limit is a tenth of it, and one for the growth of a decision's cost.
pub fn run(engine: Engine, size: Size) {
    if engine != Engine::ALL[0] {
        return;
    }
    let (rounds, floor) = size.pick((7, FLOOR), (1, (100, 20)));
    let (mut small, mut large) = (Vec::new(), Vec::new());
    let (few, many) = (Scene::of(floor.0, floor.1), Scene::of(floor.0 * GROWN, floor.1 * GROWN));
    for round in 0..=rounds {
        let (one, other) = (few.seconds_per_decision(size.pick(50, 1)), many.seconds_per_decision(1));
        eprintln!("  round {round}: {:.2} µs, and {:.2} µs at ten times as many", one * 1e6, other * 1e6);
        if round > 0 {
            small.push(one);
            large.push(other);
        }
    }
    let (small, large) = (median(small), median(large));
    let mut figure = Figure::new("route", engine, 1.0 / small, 1.0 / large, "decisions/s");
    figure.engine = "none";
    figure.limit *= GROWN as f64;
    // Cost at ten times as many, over ten times the cost.
    figure.ratio = (large / small / GROWN as f64 * 1000.0).round() / 1000.0;
    figure.print();
}

struct Scene {
    queue: Vec<Request>,
    shoppers: Vec<Candidate>,
    policy: Policy,
}

impl Scene {
    /// Three in four wait for a call, one for a chat; one shopper in ten is away, three in ten have a chat already.
    fn of(waiting: usize, shoppers: usize) -> Self {
        let begin = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        let language = |n: usize| ["es", "ca", "en", "pt"][n % 4].to_owned();
        let request = |n: usize| Request {
            work: if n.is_multiple_of(4) {
                Work::Conversation(ConversationId(Uuid::from_u128(n as u128)))
            } else {
                Work::Call(CallId(Uuid::from_u128(n as u128)))
            },
            priority: i32::from(n.is_multiple_of(10)),
            since: begin + TimeDelta::seconds(n as i64),
            position: n as i64,
            department: None,
            collections: vec![format!("collection {}", n % 7)],
            expertise: Vec::new(),
            language: Some(language(n)),
            country: Some("ES".to_owned()),
            previous: None,
            declined: [].into(),
        };
        let shopper = |n: usize| Candidate {
            shopper_id: ShopperId(Uuid::from_u128(0xa000_0000 + n as u128)),
            status: if n.is_multiple_of(10) { Status::Away } else { Status::Available },
            hours: Hours::Open,
            load: Load { calls: 0, conversations: u32::from(n % 10 > 6) },
            max_concurrent: None,
            collections: vec![format!("collection {}", n % 7), format!("collection {}", n % 5)],
            departments: Vec::new(),
            expertise: Vec::new(),
            languages: vec![language(n), language(n + 1)],
            country: None,
            last_assigned: Some(begin + TimeDelta::seconds((n * 7919 % 1000) as i64)),
        };
        let (queue, shoppers) = ((0..waiting).map(request).collect(), (0..shoppers).map(shopper).collect());
        Self { queue, shoppers, policy: Policy::default() }
    }

    fn seconds_per_decision(&self, times: u32) -> f64 {
        let (begun, mut decisions) = (Instant::now(), 0);
        for seed in 0..times {
            let decision = black_box(route(&self.queue, &self.shoppers, &self.policy, u64::from(seed)));
            decisions += decision.assignments.len() + decision.unserved.len();
        }
        begun.elapsed().as_secs_f64() / decisions.max(1) as f64
    }
}
