//! Files: the call history that is taken away as CSV has the calls of the books, each once, and its columns come to their sums.

use super::{Findings, Played, in_query};
use crate::{
    books::{End, Order, VisitBook},
    client::Fault,
};
use chrono::{SubsecRound, TimeDelta, Utc};
use std::collections::HashMap;
use uuid::Uuid;

/// Files are asked for up to then.
const UP_TO: TimeDelta = TimeDelta::days(1);

/// A line of the file, by the names of its columns.
type Row = HashMap<String, String>;

/// Compares the file as of this position.
pub async fn compare(played: &Played, position: i64, findings: &mut Findings) -> Result<(), Fault> {
    let (from, to) = (in_query(played.begun_at.trunc_subsecs(0)), in_query(Utc::now() + UP_TO));
    let file = played.owner.text(&format!("/v1/exports/calls?from={from}&to={to}&at_least={position}")).await?;
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let rows: Vec<Row> = reader.deserialize().filter_map(Result::ok).collect();
    // Whoever else uses the shop has calls in the file, too.
    let ours: HashMap<Uuid, Row> = rows.into_iter().filter_map(|row| Some((row.get("call_id")?.parse().ok()?, row))).collect();
    let booked: Vec<&VisitBook> =
        played.books.iter().map(|book| &**book).filter(|book| book.call_id.is_some_and(|call| ours.contains_key(&call))).collect();
    findings.equal(|| "calls in the file".to_owned(), played.books.iter().filter(|book| book.call_id.is_some()).count(), booked.len());
    let over: Vec<&VisitBook> = booked.into_iter().filter(|book| book.end != End::Unfinished).collect();
    // An empty cell is nothing; a column that is missing, or a cell that is no number, is a finding.
    let number = |text: &String| if text.is_empty() { Some(0) } else { text.replace('.', "").parse::<i64>().ok() };
    let column = |name: &str| -> Option<i64> {
        over.iter().filter_map(|book| book.call_id).map(|call| ours[&call].get(name).and_then(number)).sum()
    };
    let orders = |of: fn(&Order) -> i64| over.iter().filter_map(|book| book.order.as_ref()).map(of).sum::<i64>();
    let sums = [
        ("carts", over.iter().filter(|book| !book.cart.is_empty()).count() as i64),
        ("products_shown", over.iter().map(|book| book.shown.len() as i64).sum()),
        ("nps", over.iter().filter_map(|book| book.rating()?.1.nps).map(i64::from).sum()),
        ("orders", orders(|_| 1)),
        // Cents: all that is bought in a simulated day is bought in euros.
        ("sales", orders(|order| order.total - order.refunded - order.cancelled)),
    ];
    for (name, expected) in sums {
        findings.equal(|| format!("{name} of all calls in the file"), Some(expected), column(name));
    }
    let is_finished = |book: &&&VisitBook| book.call_id.is_some_and(|call| ours[&call].get("outcome").is_some_and(|end| end == "finished"));
    let served = over.iter().filter(|book| book.end == End::Served).count();
    findings.equal(|| "finished calls in the file".to_owned(), served, over.iter().filter(is_finished).count());
    Ok(())
}
