//! Orders: each goes back to its visit's call, once; what was given back is; and all of it is in the reports.

use super::{Findings, Played, all, id, in_query};
use crate::{
    books::{Order, VisitBook},
    client::Fault,
    plan::Way,
};
use chrono::{SubsecRound, TimeDelta, Utc};
use serde_json::Value;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Longest wait until a call was looked for: others may use the machine.
const ATTRIBUTED_WITHIN: Duration = Duration::from_secs(120);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Reports are asked for up to then.
const UP_TO: TimeDelta = TimeDelta::days(1);

/// Compares all of them. Gives a position at which a call was looked for for each.
pub async fn compare(played: &Played, findings: &mut Findings) -> Result<i64, Fault> {
    let bought: Vec<(&VisitBook, &Order)> = played.books.iter().filter_map(|book| Some((&**book, book.order.as_ref()?))).collect();
    let mut position = played.position;
    for (book, order) in &bought {
        let found = attributed(played, order, position).await?;
        position = position.max(found["position"].as_i64().unwrap_or(0));
        one(book, order, &found, findings);
    }
    let period = format!("from={}&to={}&at_least={position}", in_query(played.begun_at.trunc_subsecs(0)), in_query(Utc::now() + UP_TO));
    let sums = async |measure: &str| -> Result<HashMap<Uuid, i64>, Fault> {
        let mut sums = HashMap::new();
        for fact in all(&played.owner, "/v1/reports/facts", &format!("&measure={measure}&{period}")).await? {
            *sums.entry(id(&fact["call_id"]).unwrap_or_default()).or_insert(0) += fact["value"].as_i64().unwrap_or(0);
        }
        Ok(sums)
    };
    let (sales, added, shipping) = (sums("sales").await?, sums("sales_lines_added").await?, sums("shipping").await?);
    let orders = sums("order").await?;
    for book in &played.books {
        let Some(call) = book.call_id else { continue };
        let what = |figure: &str| format!("{figure} of call {call} in reports (visit {})", book.number);
        let of = |sums: &HashMap<Uuid, i64>| sums.get(&call).copied().unwrap_or(0);
        let expected = |value: fn(&Order) -> i64| book.order.as_ref().map_or(0, value);
        findings.equal(|| what("orders"), expected(|_| 1), of(&orders));
        findings.equal(|| what("sales"), expected(|order| order.total - order.refunded - order.cancelled), of(&sales));
        findings.equal(|| what("lines added"), expected(|order| order.added), of(&added));
        findings.equal(|| what("shipping"), expected(|order| order.shipping), of(&shipping));
    }
    totals(played, &period, findings).await?;
    Ok(position)
}

/// What is credited to shoppers is the total, and that is lines, shipping and taxes less discounts, less what was given back.
async fn totals(played: &Played, period: &str, findings: &mut Findings) -> Result<(), Fault> {
    let report = played.owner.get(&format!("/v1/reports/shoppers?{period}")).await?;
    let euros = |figures: &Value, figure: &str| -> i64 {
        let rows = figures["sales"].as_array().into_iter().flatten().filter(|row| row["currency"] == "EUR");
        rows.filter_map(|row| row[figure]["total"].as_i64()).sum()
    };
    let items = || report["items"].as_array().into_iter().flatten();
    let total = &report["total"];
    for figure in ["sales", "lines_added", "lines_shown", "other_lines", "shipping", "tax", "discounts", "collection_sales"] {
        let parts: i64 = items().map(|item| euros(item, figure)).sum();
        findings.equal(|| format!("{figure} of all shoppers in reports"), euros(total, figure), parts);
    }
    let units: i64 = items().filter_map(|item| item["collection_units"]["total"].as_i64()).sum();
    findings.equal(|| "collection units of all shoppers".to_owned(), total["collection_units"]["total"].as_i64(), Some(units));
    let placed = total["sales"][0]["sales"]["placed"].as_i64().unwrap_or(0);
    let lines: i64 = ["lines_added", "lines_shown", "other_lines", "shipping", "tax"].iter().map(|figure| euros(total, figure)).sum();
    findings.equal(|| "sales at placing, part by part".to_owned(), placed, lines - euros(total, "discounts"));
    Ok(())
}

/// The order, once a call was looked for.
async fn attributed(played: &Played, order: &Order, position: i64) -> Result<Value, Fault> {
    let begun = Instant::now();
    loop {
        let found = played.owner.get(&format!("/v1/orders/{}?at_least={position}", order.order_id)).await?;
        if !found["attributed_at"].is_null() || begun.elapsed() > ATTRIBUTED_WITHIN {
            return Ok(found);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn one(book: &VisitBook, order: &Order, found: &Value, findings: &mut Findings) {
    let what = |member: &str| format!("{member} of order {} (visit {})", order.order_id, book.number);
    let rule = match order.way {
        Way::Cart => "cart",
        Way::Customer => "customer",
    };
    findings.equal(|| what("call"), book.call_id, id(&found["attribution"]["call_id"]));
    findings.equal(|| what("rule"), Some(rule), found["attribution"]["rule"].as_str());
    findings.equal(|| what("total"), Some(order.total), found["total"].as_i64());
    findings.equal(|| what("amount given back"), Some(order.refunded + order.cancelled), found["given_back"].as_i64());
    let credits = found["attribution"]["credits"].as_array().into_iter().flatten().filter_map(|credit| credit["total"].as_i64());
    findings.equal(|| what("parts"), order.total, credits.sum());
}
