//! Calls: that there are as many as were acknowledged, where each stands, who held it, what is in its cart.

use super::{Findings, Played, all, by_id, history, id, ids, in_query};
use crate::{
    books::{Claim, End, Line, Subject, VisitBook},
    client::Fault,
    plan::Wish,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Every call of this run that the list has.
pub async fn listed(played: &Played, findings: &mut Findings) -> Result<HashMap<Uuid, Value>, Fault> {
    let filters = format!("&from={}&at_least={}", in_query(played.begun_at), played.position);
    let mut rows = all(&played.owner, "/v1/calls", &filters).await?;
    rows.retain(|row| row["product"]["url"].as_str().is_some_and(|url| url.contains(&played.mark)));
    // A request that was carried out twice would be a call more than the books have.
    let booked = played.books.iter().filter(|book| book.call_id.is_some()).count();
    findings.equal(|| "calls in the list".to_owned(), booked, rows.len());
    Ok(by_id(rows, "the list of calls", findings))
}

/// One call.
pub async fn compare(
    played: &Played,
    book: &VisitBook,
    call: Uuid,
    claims: &[Claim],
    row: Option<&Value>,
    findings: &mut Findings,
) -> Result<Vec<Value>, Fault> {
    let what = |member: &str| format!("{member} of call {call} (visit {})", book.number);
    let events = history::compare(&played.owner, "/v1/calls", call, book, Subject::Call, findings).await?;
    findings.equal(|| what("row in the list"), true, row.is_some());
    let Some(row) = row else { return Ok(events) };
    let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
    let status = match book.end {
        End::Served => "finished",
        End::Abandoned | End::CalledOff | End::NoShow => "cancelled",
        End::Unfinished => return Ok(events),
    };
    findings.equal(|| what("status"), status.to_owned(), text("status"));
    findings.equal(|| what("customer"), book.customer_id, id(&row["customer_id"]));
    findings.equal(|| what("conversation"), book.conversation_id, id(&row["conversation_id"]));
    findings.equal(|| what("number of products shown"), Some(book.shown.len() as i64), row["products_shown"].as_i64());
    findings.equal(|| what("rated or not"), Some(!book.ratings.is_empty()), row["is_rated"].as_bool());
    let starts_at = row["schedule"]["starts_at"].as_str().and_then(|at| at.parse().ok());
    findings.equal(
        || what("appointment"),
        book.starts_at.map(|at| at.timestamp_micros()),
        starts_at.map(|at: DateTime<Utc>| at.timestamp_micros()),
    );
    match book.end {
        End::Served => findings.equal(|| what("holder"), book.holders.last().copied(), id(&row["shopper_id"])),
        End::NoShow => findings.equal(|| what("reason"), "no_show_customer".to_owned(), text("cancel_reason")),
        End::CalledOff => findings.equal(|| what("reason"), "by_shopper".to_owned(), text("cancel_reason")),
        _ => findings.equal(|| what("reason"), "abandoned_in_queue".to_owned(), text("cancel_reason")),
    }
    if book.end == End::Served {
        findings.equal(|| what("participants"), book.of_the_call(), ids(&row["participants"]));
    }
    history::claims(&events, claims, call, findings);
    findings.equal(|| what("version"), events.last().and_then(|event| event["version"].as_i64()), row["version"].as_i64());
    findings.equal(|| what("time waited, in ms"), Some(history::waited_ms(&events)), row["waited_ms"].as_i64());
    cart(played, book, call, findings).await?;
    Ok(events)
}

async fn cart(played: &Played, book: &VisitBook, call: Uuid, findings: &mut Findings) -> Result<(), Fault> {
    if book.shown.is_empty() && book.cart.is_empty() {
        return Ok(());
    }
    let what = |member: &str| format!("{member} of call {call} (visit {})", book.number);
    let cart = played.owner.get(&format!("/v1/calls/{call}/cart?at_least={}", played.position)).await?;
    let lines = cart["items"].as_array().into_iter().flatten().filter_map(|line| {
        let quantity = u32::try_from(line["quantity"].as_u64()?).ok()?;
        Some((line["sku"].as_str()?.to_owned(), Line { quantity, cents: line["unit_price"]["amount"].as_i64()? }))
    });
    findings.equal(|| what("cart"), book.cart.clone(), lines.collect::<BTreeMap<_, _>>());
    let total: i64 = book.cart.values().map(|line| line.cents * i64::from(line.quantity)).sum();
    findings.equal(|| what("total"), total, cart["totals"][0]["amount"].as_i64().unwrap_or(0));
    let shown = cart["products"].as_array().into_iter().flatten().filter_map(|shown| shown["product"]["sku"].as_str());
    findings.equal(|| what("products shown"), book.shown.iter().map(String::as_str).collect::<Vec<_>>(), shown.collect());
    Ok(())
}

/// How many calls each shopper held at the end.
pub async fn of_shoppers(played: &Played, findings: &mut Findings) -> Result<(), Fault> {
    for shopper in &played.shoppers {
        let held = |book: &&std::sync::Arc<VisitBook>| {
            book.wish == Wish::Call && book.end == End::Served && book.holders.last() == Some(&shopper.id)
        };
        let filters = format!("&shopper_id={}&status=finished&at_least={}", shopper.id, played.position);
        let rows = all(&played.owner, "/v1/calls", &filters).await?;
        let expected = played.books.iter().filter(held).count();
        findings.equal(|| format!("calls finished by {} ({})", shopper.plan.name, shopper.id), expected, rows.len());
    }
    Ok(())
}
