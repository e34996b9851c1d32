//! The day from the opening of the shop to the comparison of the books.

use crate::{
    actors::{self, Circumstances, Colleagues, Company, Floor, Shopper, ShopperBook},
    books::VisitBook,
    client::{Client, Fault, NoAddress, Servers},
    compare::{self, Played},
    live::{Heard, Listener, Sign, Subscription, Topic, Until},
    media,
    options::{Mode, Options, Sockets},
    pace::{Pace, Speed},
    plan::{self, Day, Visit},
    progress::Progress,
    report::{Offers, Opening, Report},
    rules::Rules,
};
use chrono::Utc;
use std::{collections::HashSet, sync::Arc, time::Duration};
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
    /// Somebody who is not of the day would get its customers.
    #[error("{0} is available and would be given customers of this day: let them go offline first, or play it with --mode pull")]
    SomebodyElse(String),
    /// Media needs more than this program was built with.
    #[error("option with-media: this program was built without it; build it with: cargo build --release --features media-day")]
    NoMedia,
    /// Media of a call is at one server.
    #[error("option with-media: give one --url; whoever is in a call's media has to be at the same server")]
    OneServer,
    /// Somebody pressed Ctrl-C.
    #[error("the day was broken off; its shoppers and customers are still there, the rules of the floor are as they were")]
    BrokenOff,
    /// The shop could not be opened, or the books not read.
    #[error("{0}")]
    Server(#[from] Fault),
    /// The report could not be written.
    #[error("option report: {0}")]
    Report(std::io::Error),
}

/// Plays a day and reports on it. The account's rules of the floor are the day's while it lasts, also when it is broken off.
///
/// # Errors
/// When the shop cannot be opened or read; a difference of the books is no error but stands in the report.
pub async fn run(options: &Options) -> Result<Report, DayError> {
    let servers = Servers::new(&options.url)?;
    match options.with_media {
        Some(_) if !media::IS_BUILT => return Err(DayError::NoMedia),
        Some(_) if servers.count() > 1 => return Err(DayError::OneServer),
        _ => {}
    }
    let nobody = Client::new(&servers, 0);
    let owner = match (&options.token, &options.password) {
        (Some(token), _) => nobody.with_token(token),
        (None, Some(password)) => actors::sign_in(&nobody, &options.email, password).await?,
        (None, None) => return Err(DayError::NoCredential),
    };
    let accounts = Rules::of(&owner).await?;
    let rules = accounts.of_day(options.mode, options.speed);
    let company = company(&owner, rules.mode).await?;
    rules.set(&owner, &accounts).await?;
    let played = tokio::select! {
        played = play(options, &owner, rules, company) => played,
        _ = tokio::signal::ctrl_c() => Err(DayError::BrokenOff),
    };
    accounts.set(&owner, &rules).await?;
    let report = played?;
    if let Some(file) = &options.report {
        let json = serde_json::to_vec_pretty(&report).expect("a report is plain data");
        std::fs::write(file, json).map_err(DayError::Report)?;
    }
    Ok(report)
}

async fn play(options: &Options, owner: &Client, rules: Rules, company: Company) -> Result<Report, DayError> {
    let (servers, begun_at) = (owner.servers(), Utc::now());
    let account_id = account(owner).await?;
    let colleagues = options.shoppers.div_ceil(SHOPPERS_PER_COLLEAGUE);
    let day = plan::day(options.seed, options.size(colleagues));
    let length_s = day.length_s(options.shoppers);
    let Day { staff, visits } = day;
    let shoppers = actors::hire(owner, account_id, staff, options.shoppers, rules.mode).await?;
    let (serving, helping) = shoppers.split_at(options.shoppers as usize);
    let (nobody, pace) = (Client::new(servers, 0), Pace::begin(options.speed));
    let circumstances = Circumstances { account_id, sockets: options.sockets, rules, company, with_media: options.with_media };
    let floor = Arc::new(Floor::new([nobody, owner.clone()], pace, Colleagues::new(helping.to_vec()), circumstances));

    let (begun, opened_at) = (Instant::now(), Utc::now());
    announce(options, rules, pace.length(length_s));
    let progress = Progress::show(&floor, options.calls);
    let account_socket = (options.sockets == Sockets::On).then(|| Listener::begin(owner, "the owner".to_owned(), &[ACCOUNT]));
    let shift = begin_shift(&floor, serving);
    let books = customers(&floor, visits, options.customers as usize).await;
    let elapsed = begun.elapsed();
    floor.close();
    let mut faults = Vec::new();
    let staff_heard = listened(shift, account_socket, &mut faults).await;
    for colleague in helping {
        colleague.becomes("offline").await?;
    }
    drop(progress);

    faults.extend(books.iter().flat_map(|book| book.faults.clone()));
    let traffic = servers.traffic();
    let (claims, (declined, passed)) = (floor.claims(), floor.unanswered());
    let calls: HashSet<Uuid> = books.iter().filter_map(|book| book.call_id).collect();
    let accepted = claims.iter().filter(|claim| calls.contains(&claim.id)).count();
    let offers = Offers { mode: rules.mode, accepted, declined: declined.len(), expired: passed.len() };
    let position = books.iter().map(|book| book.position).chain(claims.iter().map(|claim| claim.position)).max();
    let played = Played {
        owner: owner.clone(),
        mark: floor.mark.clone(),
        begun_at,
        position: position.unwrap_or(0),
        books: books.clone(),
        claims,
        mode: rules.mode,
        declined,
        passed,
        shoppers,
        staff_heard,
    };
    let findings = compare::compare(played).await?;
    Ok(Report::new(options.seed, &books, Opening { opened_at, elapsed }, traffic, faults, findings, offers))
}

/// Says what is going to happen and how long it takes, where somebody may want to look on.
fn announce(options: &Options, rules: Rules, length: Duration) {
    if let Speed::Times(_) = options.speed {
        let until = (Utc::now() + length).format("%H:%M");
        let (customers, shoppers, minutes) = (options.calls, options.shoppers, length.as_secs().div_ceil(60));
        let way = if rules.mode == Mode::Push { "calls are offered" } else { "shoppers take their calls" };
        eprintln!("{customers} customers, {shoppers} shoppers, {way}: about {minutes} min, until {until} UTC");
    }
}

async fn account(owner: &Client) -> Result<Uuid, Fault> {
    let account = owner.get("/v1/account").await?;
    let id = account["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Fault::Missing(format!("the account's id, in {account}")))
}

/// Who else is about. Where work is pushed, somebody else who is available would be given customers of the day.
async fn company(owner: &Client, mode: Mode) -> Result<Company, DayError> {
    if mode == Mode::Push {
        let available = owner.get("/v1/shoppers?status=available&limit=1").await?;
        if let Some(name) = available["items"][0]["name"].as_str() {
            return Err(DayError::SomebodyElse(name.to_owned()));
        }
    }
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
            let books = actors::visit(floor, visit).await;
            drop(place);
            books
        });
    }
    let mut books: Vec<Arc<VisitBook>> = tasks.join_all().await.into_iter().flatten().map(Arc::new).collect();
    books.sort_by_key(|book| (book.number, book.continues.is_some()));
    books
}
