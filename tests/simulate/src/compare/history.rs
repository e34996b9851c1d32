//! Histories: that each event that an answer promised is there once, under the version and time that were told, and that
//! versions have no gap.

use super::{Findings, all};
use crate::{
    books::{Claim, Fact, Subject, VisitBook},
    client::{Client, Fault},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Types that come from nobody but the people of the day, so that their number is known.
const OURS: [&str; 20] = [
    "call.requested",
    "call.scheduled",
    "call.rescheduled",
    "call.queued",
    "call.started",
    "call.transferred",
    "call.ended",
    "call.finished",
    "call.cancelled",
    "product.shown",
    "cart.item_added",
    "cart.item_updated",
    "cart.item_removed",
    "survey.answered",
    "conversation.opened",
    "conversation.message_sent",
    "conversation.tag_added",
    "conversation.agent_left",
    "conversation.handed_off",
    "conversation.note_set",
];

/// Reads the history and compares. Gives its events.
pub async fn compare(
    owner: &Client,
    path: &str,
    id: Uuid,
    book: &VisitBook,
    of: Subject,
    findings: &mut Findings,
) -> Result<Vec<Value>, Fault> {
    let events = all(owner, &format!("{path}/{id}/history"), "").await?;
    let what = |member: &str| format!("{member} of {path}/{id} (visit {})", book.number);
    let versions: Vec<i64> = events.iter().filter_map(|event| event["version"].as_i64()).collect();
    findings.equal(|| what("versions in the history"), (1..=events.len() as i64).collect(), versions);
    let positions: Vec<i64> = events.iter().filter_map(|event| event["position"].as_i64()).collect();
    findings.equal(|| what("positions in the history, rising"), true, positions.windows(2).all(|pair| pair[0] < pair[1]));

    let facts = || book.facts.iter().filter(|fact| fact.of == of);
    for fact in facts() {
        findings.equal(|| what(&format!("{} up to version {}", fact.kind, fact.version)), true, events.iter().any(|e| is(e, fact)));
    }
    let expected = count(facts().map(|fact| fact.kind));
    let found = count(events.iter().filter(|event| !is_systems(event)).filter_map(|event| event["type"].as_str()));
    findings.equal(|| what("events of the day"), expected, found);
    Ok(events)
}

fn is(event: &Value, fact: &Fact) -> bool {
    event["type"] == fact.kind
        && event["version"].as_i64().is_some_and(|version| version <= fact.version)
        && instant(event, "recorded_at") == Some(fact.recorded_at)
}

/// Notices of the house are no words of the day's people.
fn is_systems(event: &Value) -> bool {
    event["actor"]["kind"] == "system" || event["data"]["author"] == "system" || event["data"]["author"]["kind"] == "system"
}

fn count<'a>(kinds: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    kinds.filter(|kind| OURS.contains(kind)).fold(BTreeMap::new(), |mut counts, kind| {
        *counts.entry(kind).or_default() += 1;
        counts
    })
}

/// Who claimed, in order: exactly those who were told so.
pub fn claims(events: &[Value], claims: &[Claim], call: Uuid, findings: &mut Findings) {
    let mut expected: Vec<(i64, Uuid)> = claims.iter().map(|claim| (claim.version, claim.shopper_id)).collect();
    expected.sort_unstable();
    let found = events.iter().filter(|event| event["type"] == "call.claimed");
    let found: Vec<Uuid> = found.filter_map(|event| super::id(&event["data"]["shopper_id"])).collect();
    findings.equal(|| format!("claims of call {call}"), expected.into_iter().map(|(_, shopper)| shopper).collect(), found);
}

/// From each time the customer began to wait to its end, added up.
pub fn waited_ms(events: &[Value]) -> i64 {
    let mut waited_us = 0;
    let mut since: Option<DateTime<Utc>> = None;
    for event in events {
        let at = instant(event, "recorded_at");
        match event["type"].as_str() {
            Some("call.queued") => since = since.or(at),
            Some("call.claimed" | "call.cancelled") => {
                if let (Some(since), Some(at)) = (since.take(), at) {
                    waited_us += (at - since).num_microseconds().unwrap_or(0).max(0);
                }
            }
            _ => {}
        }
    }
    waited_us / 1_000
}

fn instant(event: &Value, member: &str) -> Option<DateTime<Utc>> {
    event[member].as_str()?.parse().ok()
}
