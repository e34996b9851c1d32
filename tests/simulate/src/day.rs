//! The day from the opening of the shop to the comparison of the books.

use crate::{
    actors::{self, Colleagues, Company, Floor, Shopper, ShopperBook},
    books::VisitBook,
    client::{Client, Fault, NoAddress, Servers},
    compare::{self, Played},
    live::{Heard, Listener, Sign, Subscription, Topic, Until},
    options::{Options, Sockets},
    pace::Pace,
    plan::{self, Day, Size, Visit},
    progress::Progress,
    report::Report,
};
use chrono::Utc;
use std::sync::Arc;
use tokio::{sync::Semaphore, task::JoinSet, time::Instant};
use uuid::Uuid;

/// One colleague who only helps for so many shoppers.
const SHOPPERS_PER_COLLEAGUE: u32 = 5;

/// What the owner follows.
const ACCOUNT: Subscription = Subscription { topic: Topic::Account, key: None, after: None };

/// Why there was no day.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// The server's address.
    #[error("option url: {0}")]
    Address(#[from] NoAddress),
    /// No way to be the owner.
    #[error("give the owner's --password, or a --token")]
    NoCredential,
    /// The shop could not be opened, or the books not read.
    #[error("{0}")]
    Server(#[from] Fault),
    /// The report could not be written.
    #[error("option report: {0}")]
    Report(std::io::Error),
}

/// Plays a day and reports on it.
///
/// # Errors
/// When the shop cannot be opened or read; a difference of the books is no error but stands in the report.
pub async fn run(options: &Options) -> Result<Report, DayError> {
    let servers = Servers::new(&options.url)?;
    let nobody = Client::new(&servers, 0);
    let owner = match (&options.token, &options.password) {
        (Some(token), _) => nobody.with_token(token),
        (None, Some(password)) => actors::sign_in(&nobody, &options.email, password).await?,
        (None, None) => return Err(DayError::NoCredential),
    };
    let account_id = account(&owner).await?;
    let company = company(&owner).await?;
    let begun_at = Utc::now();
    let colleagues = options.shoppers.div_ceil(SHOPPERS_PER_COLLEAGUE);
    let size = Size { visits: options.calls, shoppers: options.shoppers + colleagues, hours: options.hours };
    let Day { staff, visits } = plan::day(options.seed, size);
    let shoppers = actors::hire(&owner, account_id, staff).await?;
    let (serving, helping) = shoppers.split_at(options.shoppers as usize);
    let floor =
        Arc::new(Floor::new(nobody, account_id, Pace::begin(options.speed), options.sockets, company, Colleagues::new(helping.to_vec())));

    let (begun, opened_at) = (Instant::now(), Utc::now());
    let progress = Progress::show(&floor, options.calls);
    let account_socket = (options.sockets == Sockets::On).then(|| Listener::begin(&owner, "the owner".to_owned(), &[ACCOUNT]));
    let shift = begin_shift(&floor, serving);
    let books = customers(&floor, visits, options.customers as usize).await;
    let elapsed = begun.elapsed();
    floor.close();
    let mut faults = Vec::new();
    let staff_heard = listened(shift, account_socket, &mut faults).await;
    drop(progress);

    faults.extend(books.iter().flat_map(|book| book.faults.clone()));
    let traffic = servers.traffic();
    let claims = floor.claims();
    let position = books.iter().map(|book| book.position).chain(claims.iter().map(|claim| claim.position)).max();
    let played = Played {
        owner,
        mark: floor.mark.clone(),
        begun_at,
        position: position.unwrap_or(0),
        books: books.clone(),
        claims,
        shoppers,
        staff_heard,
    };
    let findings = compare::compare(played).await?;
    let report = Report::new(options.seed, &books, opened_at, elapsed, traffic, faults, findings);
    if let Some(file) = &options.report {
        let json = serde_json::to_vec_pretty(&report).expect("a report is plain data");
        std::fs::write(file, json).map_err(DayError::Report)?;
    }
    Ok(report)
}

async fn account(owner: &Client) -> Result<Uuid, Fault> {
    let account = owner.get("/v1/account").await?;
    let id = account["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Fault::Missing(format!("the account's id, in {account}")))
}

async fn company(owner: &Client) -> Result<Company, Fault> {
    let queue = owner.get("/v1/queue?limit=1").await?;
    Ok(if queue["items"].as_array().is_some_and(|waiting| !waiting.is_empty()) { Company::Others } else { Company::Alone })
}

type Shift = JoinSet<(Uuid, ShopperBook)>;

fn begin_shift(floor: &Arc<Floor>, shoppers: &[Arc<Shopper>]) -> Shift {
    let mut shift = JoinSet::new();
    for shopper in shoppers {
        let (floor, shopper) = (floor.clone(), shopper.clone());
        shift.spawn(async move { (shopper.id, actors::work(floor, shopper).await) });
    }
    shift
}

/// What the sockets of those who worked said, and the account's, each with whose it was.
async fn listened(shift: Shift, account: Option<Listener>, faults: &mut Vec<String>) -> Vec<(Uuid, Heard)> {
    let (mut heard, mut last) = (Vec::new(), 0);
    for (shopper, book) in shift.join_all().await {
        faults.extend(book.faults);
        heard.extend(book.heard.into_iter().map(|heard| (shopper, heard)));
        last = last.max(book.position);
    }
    if let Some(account) = account {
        match account.end(vec![Until { subscription: 0, sign: Sign::Position(last) }]).await {
            Ok(all) => heard.extend(all.into_iter().map(|heard| (Uuid::nil(), heard))),
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    heard
}

/// Lets them in as they come, and gives their books when the last one has gone.
async fn customers(floor: &Arc<Floor>, visits: Vec<Visit>, at_once: usize) -> Vec<Arc<VisitBook>> {
    let places = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    for visit in visits {
        floor.pace.until(visit.arrives_s).await;
        let place = places.clone().acquire_owned().await.expect("nobody closes it");
        let floor = floor.clone();
        tasks.spawn(async move {
            let book = actors::visit(floor, visit).await;
            drop(place);
            book
        });
    }
    let mut books: Vec<Arc<VisitBook>> = tasks.join_all().await.into_iter().map(Arc::new).collect();
    books.sort_by_key(|book| book.number);
    books
}
