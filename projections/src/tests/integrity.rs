//! Read models that were folded agree with each other, and one that another hand has changed is found, on both engines.

use super::{
    batches::fold,
    engines::Place,
    story::{self, Story},
};
use crate::{
    Store,
    asked::Newest,
    integrity::{Breach, plan_seconds, shopper_sums},
};
use chrono::TimeDelta;
use std::collections::BTreeSet;
use vitrina_domain::{account::Invariant, ids::AccountId, metrics::range::Range};
use vitrina_eventlog::{EventLog, Position};

const EVENTS: usize = 800;

async fn found(store: &Store, log: &EventLog, account: AccountId, range: Range, as_of: Position) -> Vec<Breach> {
    let mut all = shopper_sums(store, account, range, as_of).await.unwrap();
    let mut after: Option<Newest> = None;
    loop {
        let (breaches, next) = plan_seconds(store, log, account, range, after, as_of).await.unwrap();
        all.extend(breaches);
        match next {
            Some(_) => after = next,
            None => return all,
        }
    }
}

#[tokio::test]
async fn what_was_folded_agrees_at_every_position_and_a_changed_row_does_not() {
    let log = story::log().await;
    Story::new(4_711).tell(&log, EVENTS).await;
    let events = story::decoded(&log).await;
    let accounts: BTreeSet<_> = events.iter().map(|event| event.recorded.stream.account).collect();
    let instants: Vec<_> = events.iter().flat_map(|event| [event.recorded.recorded_at, event.recorded.occurred_at]).collect();
    let (first, last) = (instants.iter().min().copied().unwrap(), instants.iter().max().copied().unwrap());
    // Answers carry times of their own.
    let ever = Range { from: first - TimeDelta::days(36_500), to: last + TimeDelta::days(36_500) };
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[60, 7, 200]).await;
        let head = Position(events.len() as i64);
        for as_of in [head, Position(head.0 / 2)] {
            for account in &accounts {
                assert_eq!(found(&store, &log, *account, ever, as_of).await, [], "{} at {as_of}", place.name());
            }
        }
        let writer = store.writer().await.unwrap();
        let tables = super::engines::physical(&store, "report_facts").await;
        writer.script(format!("DELETE FROM {tables} WHERE measure IN ('call_created', 'nps')")).await.unwrap();
        writer.script(format!("UPDATE {tables} SET value = value + 1 WHERE measure = 'call_seconds'")).await.unwrap();
        let mut broken = BTreeSet::new();
        for account in &accounts {
            let breaches = found(&store, &log, *account, ever, head).await;
            broken.extend(breaches.into_iter().map(|breach| match breach.invariant {
                Invariant::ShopperSums => breach.subject,
                Invariant::PlanSeconds => "seconds".to_owned(),
                Invariant::ExportRows => unreachable!("files are looked at elsewhere"),
            }));
        }
        for subject in ["call_created", "seconds"] {
            assert!(broken.contains(subject), "{}: {broken:?}", place.name());
        }
        assert!(broken.iter().any(|subject| subject.starts_with("nps_")), "{}: {broken:?}", place.name());
        assert!(!broken.contains("conversation_opened"), "{}: {broken:?}", place.name());
    }
}
