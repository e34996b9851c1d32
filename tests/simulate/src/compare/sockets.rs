//! What each socket said, held against the histories: every event of its topic between where it began and where it ended,
//! in order, none missing and none twice.

use super::{Findings, Played};
use crate::live::{Event, Heard, Topic};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Types that customers see of their own call and conversation.
const FOR_CUSTOMERS: [&str; 39] = [
    "call.requested",
    "call.created",
    "call.scheduled",
    "call.rescheduled",
    "call.queued",
    "call.claimed",
    "call.claim_expired",
    "call.started",
    "call.participant_invited",
    "call.transferred",
    "call.ended",
    "call.finished",
    "call.cancelled",
    "product.shown",
    "cart.item_added",
    "cart.item_updated",
    "cart.item_removed",
    "survey.answered",
    "consent.given",
    "media.session_opened",
    "media.participant_joined",
    "media.participant_left",
    "media.track_published",
    "media.track_unpublished",
    "media.mic_muted",
    "media.mic_unmuted",
    "media.camera_on",
    "media.camera_off",
    "media.camera_switched",
    "media.screen_share_started",
    "media.screen_share_stopped",
    "media.session_closed",
    "conversation.opened",
    "conversation.message_sent",
    "conversation.file_shared",
    "conversation.agent_joined",
    "conversation.agent_left",
    "conversation.closed",
    "conversation.continued",
];

/// One event of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    position: i64,
    version: i64,
    kind: String,
    shopper: Option<Uuid>,
    from: Option<Uuid>,
    to: Option<Uuid>,
    visibility: Visibility,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visibility {
    All,
    House,
}

/// The histories of all calls and conversations of the day, by id.
pub type Histories = HashMap<Uuid, Vec<Told>>;

/// A history as the sockets are held against it.
pub fn told(events: &[Value]) -> Vec<Told> {
    let one = |event: &Value| {
        let data = &event["data"];
        let visibility = if data["visibility"] == "internal" { Visibility::House } else { Visibility::All };
        Some(Told {
            position: event["position"].as_i64()?,
            version: event["version"].as_i64()?,
            kind: event["type"].as_str()?.to_owned(),
            shopper: super::id(&data["shopper_id"]),
            from: super::id(&data["from"]),
            to: super::id(&data["to"]),
            visibility,
        })
    };
    events.iter().filter_map(one).collect()
}

/// Compares every socket of the day.
pub fn compare(played: &Played, histories: &Histories, findings: &mut Findings) {
    for heard in played.books.iter().flat_map(|book| &book.heard) {
        in_order(heard, findings);
        customers(heard, histories, findings);
    }
    for (shopper, heard) in &played.staff_heard {
        in_order(heard, findings);
        match heard.topic {
            Topic::Work => work(heard, *shopper, histories, findings),
            Topic::Queue => queue(heard, histories, findings),
            _ => everything(heard, histories, findings),
        }
    }
}

fn in_order(heard: &Heard, findings: &mut Findings) {
    let positions: Vec<i64> = heard.events.iter().map(|event| event.position).collect();
    let out_of_order = positions.windows(2).find(|pair| pair[0] >= pair[1]).map(<[i64]>::to_vec);
    findings.equal(|| format!("positions out of order or twice on {}", name(heard)), None, out_of_order);
}

fn name(heard: &Heard) -> String {
    format!("the socket of {}, topic {}", heard.who, heard.topic.as_str())
}

type Line<'a> = (i64, i64, &'a str);

fn lines<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Line<'a>> {
    events.map(|event| (event.position, event.version, event.kind.as_str())).collect()
}

fn line(told: &Told) -> Line<'_> {
    (told.position, told.version, told.kind.as_str())
}

/// What lies between where the socket began and where it ended.
fn within(heard: &Heard, told: &Told) -> bool {
    heard.after.is_some_and(|after| told.position > after) && heard.events.last().is_some_and(|last| told.position <= last.position)
}

fn customers(heard: &Heard, histories: &Histories, findings: &mut Findings) {
    let Some(history) = heard.key.and_then(|key| histories.get(&key)) else { return };
    let seen = |told: &&Told| within(heard, told) && told.visibility == Visibility::All && FOR_CUSTOMERS.contains(&told.kind.as_str());
    let expected: Vec<Line<'_>> = history.iter().filter(seen).map(line).collect();
    same(&name(heard), expected, lines(heard.events.iter()), findings);
}

/// The account's socket: all calls and conversations of the day.
fn everything(heard: &Heard, histories: &Histories, findings: &mut Findings) {
    let mut expected: Vec<Line<'_>> = histories.values().flatten().filter(|told| within(heard, told)).map(line).collect();
    expected.sort_unstable();
    same(&name(heard), expected, lines(of_today(heard, histories)), findings);
}

fn of_today<'a>(heard: &'a Heard, histories: &'a Histories) -> impl Iterator<Item = &'a Event> {
    heard.events.iter().filter(|event| histories.contains_key(&event.stream.id))
}

/// A shopper's socket: what happened in a call while it was offered to them or they held it, and in a conversation while they took part.
fn work(heard: &Heard, shopper: Uuid, histories: &Histories, findings: &mut Findings) {
    let mut expected = BTreeMap::new();
    for history in histories.values() {
        let mut theirs = false;
        for told in history {
            let begins = matches!(told.kind.as_str(), "call.offered" | "call.claimed" | "conversation.agent_joined")
                && told.shopper == Some(shopper)
                || told.kind == "call.transferred" && told.to == Some(shopper);
            theirs |= begins;
            if theirs && within(heard, told) {
                expected.insert(told.position, line(told));
            }
            let ends = match told.kind.as_str() {
                "call.finished" | "call.cancelled" | "conversation.closed" | "call.queued" => true,
                "conversation.agent_left" | "call.offer_declined" | "call.offer_expired" => told.shopper == Some(shopper),
                "call.transferred" => told.from == Some(shopper),
                _ => false,
            };
            theirs &= !ends;
        }
    }
    has_all(heard, expected, histories, findings);
}

/// The queue's socket: who came into it and who was taken out of it.
fn queue(heard: &Heard, histories: &Histories, findings: &mut Findings) {
    let is_about = |told: &&Told| matches!(told.kind.as_str(), "call.queued" | "call.claimed") && within(heard, told);
    let expected = histories.values().flatten().filter(is_about).map(|told| (told.position, line(told))).collect();
    has_all(heard, expected, histories, findings);
}

/// All this was heard, and nothing that is in no history.
fn has_all(heard: &Heard, expected: BTreeMap<i64, Line<'_>>, histories: &Histories, findings: &mut Findings) {
    let found: BTreeMap<i64, Line<'_>> = lines(of_today(heard, histories)).into_iter().map(|line| (line.0, line)).collect();
    let missing = expected.values().find(|line| found.get(&line.0) != Some(line));
    findings.equal(|| format!("events not heard on {}", name(heard)), None, missing);
    let exists = |event: &&Event| histories[&event.stream.id].iter().any(|told| line(told) == (event.position, event.version, &event.kind));
    let invented = of_today(heard, histories).find(|event| !exists(event)).map(|event| event.position);
    findings.equal(|| format!("events heard on {} that are in no history", name(heard)), None, invented);
}

/// Both lists, told apart by the first line that differs: a whole day would be hard to read.
fn same(what: &str, expected: Vec<Line<'_>>, found: Vec<Line<'_>>, findings: &mut Findings) {
    let at = expected.iter().zip(&found).position(|(ours, theirs)| ours != theirs).unwrap_or(expected.len().min(found.len()));
    findings.equal(|| format!("event {at} on {what}"), expected.get(at), found.get(at));
}
