//! The books of the day held against what the server says: every list, every history, every sum. Each difference is
//! named; none is explained away.

mod calls;
mod conversations;
mod files;
mod history;
mod media;
mod offers;
mod orders;
mod ratings;
mod reports;
mod sockets;

use crate::{
    actors::Shopper,
    books::{Claim, VisitBook},
    client::{Client, Fault},
    live::Heard,
    options::Mode,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sockets::Histories;
use std::{
    collections::HashMap,
    fmt::{self, Debug},
    sync::Arc,
};
use tokio::{sync::Semaphore, task::JoinSet};
use uuid::Uuid;

/// Visits that are read back at once.
const READ_AT_ONCE: usize = 16;
/// Rows of a page: the most that the API gives.
const PAGE_ROWS: u32 = 200;

/// What there is to compare.
#[derive(Debug)]
pub struct Played {
    /// May read everything.
    pub owner: Client,
    /// What marks everything of this run.
    pub mark: String,
    /// Nothing of this run is older.
    pub begun_at: DateTime<Utc>,
    /// The highest position that any answer told.
    pub position: i64,
    /// One for each visit.
    pub books: Vec<Arc<VisitBook>>,
    /// Every claim that was acknowledged.
    pub claims: Vec<Claim>,
    /// How work found a shopper.
    pub mode: Mode,
    /// Every offer to which a shopper said no.
    pub declined: Vec<Claim>,
    /// Every offer that a shopper let pass.
    pub passed: Vec<Claim>,
    /// Everybody who worked.
    pub shoppers: Vec<Arc<Shopper>>,
    /// What the sockets of staff said, each with whose it was.
    pub staff_heard: Vec<(Uuid, Heard)>,
}

/// Something that is not as the books have it.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// What.
    pub what: String,
    /// What the books have.
    pub expected: String,
    /// What the server says.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// The differences found so far, and how many things were held against each other.
#[derive(Debug, Default)]
pub struct Findings {
    /// In the order found.
    pub differences: Vec<Difference>,
    /// How many comparisons there were: no difference among none says nothing.
    pub compared: u64,
}

impl Findings {
    /// These two have to be equal.
    pub fn equal<T: PartialEq + Debug>(&mut self, what: impl FnOnce() -> String, expected: T, found: T) {
        self.compared += 1;
        if expected != found {
            self.differences.push(Difference { what: what(), expected: format!("{expected:?}"), found: format!("{found:?}") });
        }
    }

    fn add(&mut self, other: Self) {
        self.differences.extend(other.differences);
        self.compared += other.compared;
    }
}

/// Reads everything back and compares.
///
/// # Errors
/// When the server cannot be read.
pub async fn compare(played: Played) -> Result<Findings, Fault> {
    let played = Arc::new(played);
    let mut findings = Findings::default();
    // Once the read models have come this far, each later read has everything.
    let calls = calls::listed(&played, &mut findings).await?;
    let conversations = conversations::listed(&played, &mut findings).await?;
    let (calls, conversations) = (Arc::new(calls), Arc::new(conversations));
    let permits = Arc::new(Semaphore::new(READ_AT_ONCE));
    let mut tasks = JoinSet::new();
    for book in &played.books {
        let (book, played, permits) = (book.clone(), played.clone(), permits.clone());
        let (calls, conversations) = (calls.clone(), conversations.clone());
        tasks.spawn(async move {
            let _permit = permits.acquire().await.expect("nobody closes it");
            one_visit(&played, &book, &calls, &conversations).await
        });
    }
    let mut histories = Histories::new();
    while let Some(done) = tasks.join_next().await {
        let (found, told) = done.expect("comparing does not panic")?;
        findings.add(found);
        histories.extend(told);
    }
    sockets::compare(&played, &histories, &mut findings);
    calls::of_shoppers(&played, &mut findings).await?;
    ratings::compare(&played, &mut findings).await?;
    reports::compare(&played, &calls, &mut findings).await?;
    let position = orders::compare(&played, &mut findings).await?;
    files::compare(&played, position, &mut findings).await?;
    Ok(findings)
}

async fn one_visit(
    played: &Played,
    book: &VisitBook,
    calls: &HashMap<Uuid, Value>,
    conversations: &HashMap<Uuid, Value>,
) -> Result<(Findings, Histories), Fault> {
    let (mut findings, mut histories) = (Findings::default(), Histories::new());
    if let Some(id) = book.call_id {
        let claims: Vec<Claim> = played.claims.iter().filter(|claim| claim.id == id).copied().collect();
        let events = calls::compare(played, book, id, &claims, calls.get(&id), &mut findings).await?;
        offers::compare(played, id, &events, &mut findings);
        histories.insert(id, sockets::told(&events));
        if let Some(meeting) = &book.meeting {
            media::compare(played, book, id, meeting, &mut findings).await?;
        }
    }
    if let Some(id) = book.conversation_id {
        let events = conversations::compare(played, book, id, conversations.get(&id), &mut findings).await?;
        histories.insert(id, sockets::told(&events));
    }
    Ok((findings, histories))
}

/// All rows of a list, page by page.
async fn all(client: &Client, path: &str, filters: &str) -> Result<Vec<Value>, Fault> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut page = client.get(&format!("{path}?limit={PAGE_ROWS}{filters}{cursor}")).await?;
        if let Value::Array(items) = page["items"].take() {
            rows.extend(items);
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(rows),
        }
    }
}

/// The rows of a list by their id; an id that comes twice is a difference.
fn by_id(rows: Vec<Value>, what: &str, findings: &mut Findings) -> HashMap<Uuid, Value> {
    let count = rows.len();
    let by_id: HashMap<Uuid, Value> = rows.into_iter().filter_map(|row| Some((id(&row["id"])?, row))).collect();
    findings.equal(|| format!("rows of {what}, each once"), count, by_id.len());
    by_id
}

fn id(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

fn ids(value: &Value) -> Vec<Uuid> {
    value.as_array().into_iter().flatten().filter_map(id).collect()
}

/// An instant as it stands in a query.
fn in_query(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
