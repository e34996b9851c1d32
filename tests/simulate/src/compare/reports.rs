//! Reports: the facts of the day are those of the books, each once, and what shoppers are credited with adds up to the total.

use super::{Findings, Played, all, id, in_query};
use crate::{
    books::{End, VisitBook},
    client::Fault,
    plan::Wish,
};
use chrono::{SubsecRound, TimeDelta, Utc};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// A day is over within this, at real speed; reports are asked for up to then.
const UP_TO: TimeDelta = TimeDelta::days(1);
/// The figures of a report that are counts of each shopper.
const COUNTS: [&str; 6] = ["calls", "finished", "cancelled", "carts", "conversations", "answers"];

/// The facts of a measure, by the call or else the conversation that they are about.
type Facts = HashMap<Uuid, Vec<Value>>;

/// Compares all of them.
pub async fn compare(played: &Played, calls: &HashMap<Uuid, Value>, findings: &mut Findings) -> Result<(), Fault> {
    // Seconds of media are counted on whole ones, the first of which may have begun before the day did.
    let from = played.begun_at.trunc_subsecs(0);
    let period = format!("from={}&to={}&at_least={}", in_query(from), in_query(Utc::now() + UP_TO), played.position);
    let facts = async |measure: &str| -> Result<Facts, Fault> {
        let rows = all(&played.owner, "/v1/reports/facts", &format!("&measure={measure}&{period}")).await?;
        let mut by_subject = Facts::new();
        for row in rows {
            let subject = id(&row["call_id"]).or_else(|| id(&row["conversation_id"])).unwrap_or_default();
            by_subject.entry(subject).or_default().push(row);
        }
        Ok(by_subject)
    };
    let created = facts("call_created").await?;
    let (finished, cancelled, carts) = (facts("call_finished").await?, facts("call_cancelled").await?, facts("cart").await?);
    let mut waits = facts("wait_served").await?;
    for measure in ["wait_abandoned", "wait_ended"] {
        facts(measure).await?.into_iter().for_each(|(call, more)| waits.entry(call).or_default().extend(more));
    }
    let (nps, seconds) = (facts("nps").await?, facts("call_seconds").await?);
    for book in played.books.iter().filter(|book| book.end != End::Unfinished) {
        if let Some(call) = book.call_id {
            let what = |figure: &str| format!("{figure} of call {call} in reports (visit {})", book.number);
            let count = |facts: &Facts| facts.get(&call).map_or(0, Vec::len);
            findings.equal(|| what("creation"), 1, count(&created));
            findings.equal(|| what("end"), usize::from(book.end == End::Served), count(&finished));
            findings.equal(|| what("cancellation"), usize::from(book.end != End::Served), count(&cancelled));
            findings.equal(|| what("carts"), usize::from(!book.cart.is_empty()), count(&carts));
            if book.end == End::Served {
                let credited = created.get(&call).and_then(|facts| id(&facts[0]["shopper_id"]));
                findings.equal(|| what("credit"), book.holders.last().copied(), credited);
            }
            let waited = calls.get(&call).and_then(|row| row["waited_ms"].as_i64()).unwrap_or_default() / 1_000;
            findings.equal(|| what("wait"), waited, sum(waits.get(&call)));
            if book.meeting.is_some() {
                let media = played.owner.get(&format!("/v1/calls/{call}/media?at_least={}", played.position)).await?;
                findings.equal(|| what("seconds"), media["billable_seconds"].as_i64(), Some(sum(seconds.get(&call))));
            }
        }
        rating(book, &nps, findings);
    }
    shoppers(played, &period, findings).await
}

fn sum(facts: Option<&Vec<Value>>) -> i64 {
    facts.into_iter().flatten().filter_map(|fact| fact["value"].as_i64()).sum()
}

/// The answer of a visit, whatever was answered before.
fn rating(book: &VisitBook, nps: &Facts, findings: &mut Findings) {
    let rated = match book.wish {
        Wish::Call => book.call_id,
        Wish::Chat => book.conversation_id,
    };
    let (Some(subject), Some((_, ballot))) = (rated, book.rating()) else { return };
    let values: Vec<_> = nps.get(&subject).into_iter().flatten().filter_map(|fact| fact["value"].as_u64()).collect();
    let expected: Vec<_> = ballot.nps.map(u64::from).into_iter().collect();
    findings.equal(|| format!("NPS of {subject} in reports (visit {})", book.number), expected, values);
}

/// What shoppers and nobody are credited with is the total, of every figure, and that of the overview.
async fn shoppers(played: &Played, period: &str, findings: &mut Findings) -> Result<(), Fault> {
    let report = played.owner.get(&format!("/v1/reports/shoppers?{period}")).await?;
    let position = &report["position"];
    let overview = played.owner.get(&format!("/v1/reports/overview?{period}&as_of={position}")).await?;
    for figure in COUNTS {
        let parts = report["items"].as_array().into_iter().flatten().filter_map(|item| item[figure]["count"].as_i64()).sum::<i64>();
        findings.equal(|| format!("{figure} of all shoppers in reports"), report["total"][figure]["count"].as_i64(), Some(parts));
        findings.equal(|| format!("{figure} in the overview"), overview[figure]["count"].as_i64(), Some(parts));
    }
    findings.equal(|| "NPS in the overview".to_owned(), &report["total"]["nps"], &overview["nps"]);
    Ok(())
}
