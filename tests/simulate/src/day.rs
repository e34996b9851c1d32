//! The day from the opening of the shop to the comparison of the books.

use crate::{
    actors::{self, Colleagues, Floor, Shopper},
    books::VisitBook,
    client::{Client, Fault, NoAddress, Servers},
    compare::{self, Played},
    options::Options,
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
    let begun_at = Utc::now();
    let colleagues = options.shoppers.div_ceil(SHOPPERS_PER_COLLEAGUE);
    let size = Size { visits: options.calls, shoppers: options.shoppers + colleagues, hours: options.hours };
    let Day { staff, visits } = plan::day(options.seed, size);
    let shoppers = actors::hire(&owner, account_id, staff).await?;
    let (serving, helping) = shoppers.split_at(options.shoppers as usize);
    let floor = Arc::new(Floor::new(nobody, account_id, Pace::begin(options.speed), Colleagues::new(helping.to_vec())));

    let begun = Instant::now();
    let progress = Progress::show(&floor, options.calls);
    let shift = begin_shift(&floor, serving);
    let books = customers(&floor, visits, options.customers as usize).await;
    let elapsed = begun.elapsed();
    floor.close();
    let mut faults: Vec<String> = shift.join_all().await.into_iter().flatten().collect();
    drop(progress);

    faults.extend(books.iter().flat_map(|book| book.faults.clone()));
    let traffic = servers.traffic();
    let claims = floor.claims();
    let position = books.iter().map(|book| book.position).chain(claims.iter().map(|claim| claim.written.position)).max();
    let played =
        Played { owner, mark: floor.mark.clone(), begun_at, position: position.unwrap_or(0), books: books.clone(), claims, shoppers };
    let findings = compare::compare(played).await?;
    let report = Report::new(options.seed, &books, elapsed, traffic, faults, findings);
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

fn begin_shift(floor: &Arc<Floor>, shoppers: &[Arc<Shopper>]) -> JoinSet<Vec<String>> {
    let mut shift = JoinSet::new();
    for shopper in shoppers {
        shift.spawn(actors::work(floor.clone(), shopper.clone()));
    }
    shift
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
