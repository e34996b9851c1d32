//! A call's media: who was connected when and why no longer, what they sent and muted, the events about it, the seconds that come
//! of it; and that everybody got what the others sent, and nothing else.

use super::{Findings, Played, all, id};
use crate::{
    books::{Fact, VisitBook},
    client::Fault,
    media::{Attendance, Failed, MeetingBook, Side, Source, Window},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// How long the record of a call that is over may take to be closed.
const CLOSED_WITHIN: Duration = Duration::from_secs(15);
/// How often it is looked whether it is.
const LOOKS_EVERY: Duration = Duration::from_millis(100);
/// Gaps in a call that do not interrupt it, in seconds (PRODUCT.md 5.13).
const BRIDGED_S: i64 = 15;

/// The media of one call.
pub async fn compare(played: &Played, book: &VisitBook, call: Uuid, meeting: &MeetingBook, findings: &mut Findings) -> Result<(), Fault> {
    let what = |member: &str| format!("{member} of the media of call {call} (visit {})", book.number);
    let record = closed(played, call).await?;
    let rows: Vec<&Value> = record["participants"].as_array().into_iter().flatten().collect();
    let by_id: BTreeMap<Uuid, &Value> = rows.iter().filter_map(|row| Some((id(&row["id"])?, *row))).collect();
    let presences = meeting.attendances.iter().map(|one| one.id).chain(meeting.failures.iter().map(|one| one.id));
    findings.equal(|| what("presences"), presences.collect::<BTreeSet<_>>(), by_id.keys().copied().collect());
    findings.equal(|| what("presences, each once"), by_id.len(), rows.len());
    for one in &meeting.attendances {
        if let Some(row) = by_id.get(&one.id) {
            attended(one, row, |member| what(&format!("{member} of {} ({})", one.id, one.side.name())), findings);
        }
        heard(one, |member| what(&format!("{member} by {} ({})", one.id, one.side.name())), findings);
    }
    for one in &meeting.failures {
        if let Some(row) = by_id.get(&one.id) {
            failed(one, row, |member| what(&format!("{member} of {}", one.id)), findings);
        }
    }
    let is_open = |session: &&Value| session["closed_at"].is_null();
    let open = record["sessions"].as_array().into_iter().flatten().filter(is_open).count();
    findings.equal(|| what("sessions that are not closed"), 0, open);
    times(book, meeting, &record, what, findings);
    history(played, call, meeting, what, findings).await
}

/// The record as soon as everybody has left and nothing is open.
async fn closed(played: &Played, call: Uuid) -> Result<Value, Fault> {
    let begun = Instant::now();
    loop {
        let record = played.owner.get(&format!("/v1/calls/{call}/media")).await?;
        let are_set = |list: &str, member: &str| record[list].as_array().into_iter().flatten().all(|row| !row[member].is_null());
        let is_over = are_set("sessions", "closed_at") && are_set("participants", "reason");
        if is_over || begun.elapsed() > CLOSED_WITHIN {
            return Ok(record);
        }
        sleep(LOOKS_EVERY).await;
    }
}

fn attended(one: &Attendance, row: &Value, what: impl Fn(&str) -> String, findings: &mut Findings) {
    let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
    findings.equal(|| what("who"), Some(one.who), id(&row["who"]));
    findings.equal(|| what("kind"), one.side.name().to_owned(), text("kind"));
    findings.equal(|| what("role"), one.side.name().to_owned(), text("role"));
    findings.equal(|| what("device"), one.device.to_owned(), text("device"));
    findings.equal(|| what("reason"), one.reason.to_owned(), text("reason"));
    findings.equal(|| what("corrected"), Some(false), row["corrected"].as_bool());
    within(findings, || what("join"), one.joined, &row["joined_at"]);
    if let Some(left) = one.left {
        within(findings, || what("leave"), left, &row["left_at"]);
    }
    let tracks: Vec<&Value> = row["tracks"].as_array().into_iter().flatten().collect();
    let named = |of: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        tracks.iter().filter(|track| of(track)).filter_map(|track| Some(track["source"].as_str()?.to_owned())).collect()
    };
    let names = |sources: &BTreeSet<Source>| -> BTreeSet<String> { sources.iter().map(|source| source.name().to_owned()).collect() };
    findings.equal(|| what("tracks"), names(&one.published), named(&|track| track["published_at"].is_string()));
    findings.equal(|| what("tracks that ended"), names(&one.published), named(&|track| track["ended_at"].is_string()));
    findings.equal(|| what("muted tracks"), names(&one.muted), named(&|track| track["is_muted"] == true));
}

/// Everything of the others came, nothing of strangers, nothing that was muted.
fn heard(one: &Attendance, what: impl Fn(&str) -> String, findings: &mut Findings) {
    findings.equal(|| what("tracks received"), one.expected.clone(), one.received.packets.keys().copied().collect());
    findings.equal(|| what("muted packets received"), 0, one.received.muted);
    findings.equal(|| what("strange packets received"), 0, one.received.strange);
}

fn failed(one: &Failed, row: &Value, what: impl Fn(&str) -> String, findings: &mut Findings) {
    findings.equal(|| what("who"), Some(one.who), id(&row["who"]));
    findings.equal(|| what("reason"), Some(one.reason), row["reason"].as_str());
    findings.equal(|| what("join"), None, instant(&row["joined_at"]));
    within(findings, || what("failure"), one.at, &row["failed_at"]);
}

/// When both sides were there, and for how long.
fn times(book: &VisitBook, meeting: &MeetingBook, record: &Value, what: impl Fn(&str) -> String, findings: &mut Findings) {
    let began = |kind: &str| book.facts.iter().find(|fact: &&Fact| fact.kind == kind).map(|fact| fact.recorded_at);
    let (Some(started), Some(ended)) = (began("call.started"), began("call.ended")) else { return };
    let of = |side| meeting.attendances.iter().filter(move |one| one.side == side);
    // Everybody stays until everybody has come, so that both sides are there as soon as each has its first.
    let first = |at: fn(&Window) -> DateTime<Utc>, side| of(side).map(|one| at(&one.joined)).min();
    let both = |at| first(at, Side::Customer).max(first(at, Side::Shopper));
    if let (Some(earliest), Some(latest)) = (both(|joined| joined.earliest), both(|joined| joined.latest)) {
        within(findings, || what("first moment with both sides"), Window { earliest, latest }, &record["both_connected_at"]);
    }
    // What is surely in, and what may be in.
    let spans = |side, span: fn(&Attendance) -> Option<Span>| of(side).filter_map(span).collect::<Vec<_>>();
    let seconds = |span| {
        let sides = [Side::Customer, Side::Shopper].map(|side| covered(&spans(side, span)));
        bridged(&(&(&sides[0] & &sides[1]) & &covered(&[(started, ended)])))
    };
    let least = seconds(|one| Some((one.joined.latest, one.left?.earliest)));
    let most = seconds(|one| Some((one.joined.earliest, one.left?.latest)));
    let live = record["live_seconds"].as_i64().unwrap_or(-1);
    findings.equal(|| what(&format!("live seconds ({live}) from {least} to {most}")), true, (least..=most).contains(&live));
    findings.equal(|| what("billable seconds"), Some(live), record["billable_seconds"].as_i64());
}

/// From and to.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The seconds that these spans touch, ends cut down to whole ones.
fn covered(spans: &[Span]) -> BTreeSet<i64> {
    spans.iter().flat_map(|(from, to)| from.timestamp()..to.timestamp()).collect()
}

/// How many seconds these are, with the gaps that do not interrupt.
fn bridged(seconds: &BTreeSet<i64>) -> i64 {
    let gaps = seconds.iter().zip(seconds.iter().skip(1)).map(|(one, next)| next - one - 1);
    seconds.len() as i64 + gaps.filter(|gap| *gap <= BRIDGED_S).sum::<i64>()
}

/// The events about each presence, each as often as it was led to.
async fn history(
    played: &Played,
    call: Uuid,
    meeting: &MeetingBook,
    what: impl Fn(&str) -> String,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let events = all(&played.owner, &format!("/v1/calls/{call}/history"), "").await?;
    let mut found: BTreeMap<(Uuid, &str), usize> = BTreeMap::new();
    for event in &events {
        if let (Some(kind), Some(of)) = (event["type"].as_str(), id(&event["data"]["participant_id"]))
            && kind.starts_with("media.")
        {
            *found.entry((of, kind)).or_default() += 1;
        }
    }
    let failures = meeting.failures.iter().map(|one| ((one.id, "media.join_failed"), 1));
    let led_to = meeting.attendances.iter().flat_map(|one| one.events.iter().map(|(kind, times)| ((one.id, *kind), *times)));
    let expected: BTreeMap<(Uuid, &str), usize> = led_to.chain(failures).collect();
    for (of, kind) in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let times = |events: &BTreeMap<(Uuid, &str), usize>| events.get(&(*of, *kind)).copied().unwrap_or(0);
        findings.equal(|| what(&format!("{kind} of {of}, times,")), times(&expected), times(&found));
    }
    Ok(())
}

fn within(findings: &mut Findings, what: impl FnOnce() -> String, window: Window, found: &Value) {
    let is_in = instant(found).is_some_and(|at| window.holds(at));
    findings.equal(|| format!("{} at {found} in {} to {}", what(), window.earliest, window.latest), true, is_in);
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn short_gaps_count_and_long_ones_do_not() {
        let at = |ms: i64| DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms);
        let spans = |all: &[(i64, i64)]| covered(&all.iter().map(|(from, to)| (at(*from), at(*to))).collect::<Vec<_>>());
        assert_eq!(bridged(&spans(&[(900, 2_100), (17_000, 18_000)])), 18);
        assert_eq!(bridged(&spans(&[(0, 2_000), (18_000, 19_000)])), 3);
        assert_eq!(bridged(&spans(&[])), 0);
    }
}
