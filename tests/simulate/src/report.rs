//! What a day came to: how much of everything, how fast, and where the books differ.

use crate::{
    books::{End, Sums, VisitBook},
    client::Traffic,
    compare::{Difference, Findings},
    media::MeetingBook,
    options::Mode,
    plan::Wish,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{collections::HashMap, fmt, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Differences printed at most; the report file has all.
const PRINTED_MAX: usize = 20;

/// The report of a day.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day follows from it.
    pub seed: u64,
    /// Customers who came.
    pub visits: usize,
    /// For a call.
    pub calls: usize,
    /// For a chat.
    pub chats: usize,
    /// How work found a shopper.
    pub mode: Mode,
    /// Served to the end.
    pub served: usize,
    /// Gone before anybody came.
    pub abandoned: usize,
    /// Called off by the shopper.
    pub called_off: usize,
    /// Calls for an agreed time.
    pub appointments: usize,
    /// Appointments to which the customer did not come.
    pub no_shows: usize,
    /// Customers who wrote again after the end, to whom somebody came.
    pub continued: usize,
    /// Offers that a shopper took.
    pub offers_accepted: usize,
    /// Offers to which a shopper said no.
    pub offers_declined: usize,
    /// Offers whose time ran out.
    pub offers_expired: usize,
    /// Calls in which there was media.
    pub meetings: usize,
    /// Presences in their media.
    pub presences: usize,
    /// Presences that came to nothing, for a reason that the record has to have.
    pub presences_failed: usize,
    /// Packets of others that came to them.
    pub packets: u64,
    /// Messages sent.
    pub messages: usize,
    /// Ratings that count.
    pub ratings: u64,
    /// Net Promoter Score.
    pub nps: Option<f64>,
    /// From the first customer to the last one's end, in seconds.
    pub elapsed_s: f64,
    /// When the first customer could come, in seconds since 1970.
    pub opened_at_unix_s: f64,
    /// When the last one had gone.
    pub closed_at_unix_s: f64,
    /// Visits a second.
    pub visits_per_s: f64,
    /// Requests, each counted once.
    pub requests: u64,
    /// Attempts beyond the first of each.
    pub repeated: u64,
    /// Answers to commands that had been carried out before.
    pub replayed: u64,
    /// From a command to its answer, half of them, in milliseconds.
    pub command_p50_ms: f64,
    /// The same for 99 of a hundred.
    pub command_p99_ms: f64,
    /// From the acknowledgement of a message to the customer's socket, half of them, in milliseconds; 0 when the socket was
    /// first, or there is none.
    pub heard_p50_ms: f64,
    /// The same for 99 of a hundred.
    pub heard_p99_ms: f64,
    /// Events heard on all sockets.
    pub heard: usize,
    /// Things held against each other.
    pub compared: u64,
    /// What may not have happened.
    pub faults: Vec<String>,
    /// What is not as the books have it.
    pub differences: Vec<Difference>,
}

impl Report {
    /// Sums up.
    pub fn new(
        seed: u64,
        books: &[Arc<VisitBook>],
        opening: Opening,
        traffic: Traffic,
        faults: Vec<String>,
        findings: Findings,
        offers: Offers,
    ) -> Self {
        let Opening { opened_at, elapsed } = opening;
        let came = || books.iter().filter(|book| book.continues.is_none());
        let ended = |end: End| came().filter(|book| book.end == end).count();
        let chats = came().filter(|book| book.wish == Wish::Chat).count();
        let visits = came().count();
        let sums = Sums::of(books.iter().filter_map(|book| book.rating()).map(|(_, ballot)| ballot));
        let meetings: Vec<&MeetingBook> = books.iter().filter_map(|book| book.meeting.as_ref()).collect();
        let attendances = || meetings.iter().flat_map(|meeting| &meeting.attendances);
        let mut micros = traffic.micros;
        micros.sort_unstable();
        let lags = lags(books);
        let opened_at_unix_s = opened_at.timestamp_micros() as f64 / 1_000_000.0;
        Self {
            seed,
            visits,
            calls: visits - chats,
            chats,
            mode: offers.mode,
            served: ended(End::Served),
            abandoned: ended(End::Abandoned),
            called_off: ended(End::CalledOff),
            appointments: came().filter(|book| book.starts_at.is_some()).count(),
            no_shows: ended(End::NoShow),
            continued: books.iter().filter(|book| book.continues.is_some() && book.end == End::Served).count(),
            offers_accepted: offers.accepted,
            offers_declined: offers.declined,
            offers_expired: offers.expired,
            meetings: meetings.len(),
            presences: attendances().count(),
            presences_failed: meetings.iter().map(|meeting| meeting.failures.len()).sum(),
            packets: attendances().flat_map(|one| one.received.packets.values()).sum(),
            messages: books.iter().map(|book| book.said.len()).sum(),
            ratings: sums.answers,
            nps: sums.nps(),
            opened_at_unix_s,
            closed_at_unix_s: opened_at_unix_s + elapsed.as_secs_f64(),
            heard_p50_ms: rank_ms(&lags, 50),
            heard_p99_ms: rank_ms(&lags, 99),
            heard: books.iter().flat_map(|book| &book.heard).map(|heard| heard.events.len()).sum(),
            elapsed_s: elapsed.as_secs_f64(),
            visits_per_s: visits as f64 / elapsed.as_secs_f64().max(f64::EPSILON),
            requests: traffic.requests,
            repeated: traffic.repeated,
            replayed: traffic.replayed,
            command_p50_ms: rank_ms(&micros, 50),
            command_p99_ms: rank_ms(&micros, 99),
            compared: findings.compared,
            faults,
            differences: findings.differences,
        }
    }

    /// Whether the books are equal and nothing went wrong.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.faults.is_empty()
    }
}

/// When the shop was open.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// The first customer could come.
    pub opened_at: DateTime<Utc>,
    /// Until the last one had gone.
    pub elapsed: Duration,
}

/// What became of the offers of a day; of none where shoppers take their work themselves.
#[derive(Debug, Clone, Copy)]
pub struct Offers {
    /// How work found a shopper.
    pub mode: Mode,
    /// A shopper took it.
    pub accepted: usize,
    /// A shopper said no.
    pub declined: usize,
    /// Its time ran out.
    pub expired: usize,
}

/// From the acknowledgement of each message to the customer's socket, in microseconds, sorted.
fn lags(books: &[Arc<VisitBook>]) -> Vec<u32> {
    let mut lags = Vec::new();
    for book in books {
        let heard: HashMap<i64, Instant> =
            book.heard.iter().flat_map(|heard| &heard.events).map(|event| (event.position, event.arrived)).collect();
        let both = book.acknowledged.iter().filter_map(|(position, at)| heard.get(position).map(|heard| heard.duration_since(*at)));
        lags.extend(both.map(|lag| u32::try_from(lag.as_micros()).unwrap_or(u32::MAX)));
    }
    lags.sort_unstable();
    lags
}

/// Nearest rank of sorted microseconds, in milliseconds; 0 of none.
fn rank_ms(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let at = rank.checked_sub(1).and_then(|at| sorted.get(at));
    at.map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nps = self.nps.map_or("none".to_owned(), |nps| nps.to_string());
        writeln!(
            f,
            "{} visits ({} calls, {} chats) in {:.1} s: {} served, {} abandoned, {} called off; {} messages; {} ratings, NPS {nps}",
            self.visits, self.calls, self.chats, self.elapsed_s, self.served, self.abandoned, self.called_off, self.messages, self.ratings
        )?;
        writeln!(
            f,
            "{} appointments, {} of them in vain; {} customers wrote again after the end, and somebody came",
            self.appointments, self.no_shows, self.continued
        )?;
        match self.mode {
            Mode::Pull => writeln!(f, "shoppers took their calls and chats (pull)")?,
            Mode::Push => writeln!(
                f,
                "calls were offered (push): {} offers taken, {} declined, {} not answered in time",
                self.offers_accepted, self.offers_declined, self.offers_expired
            )?,
        }
        writeln!(
            f,
            "{} requests, {} repeated, {} of them had been carried out; a command takes {:.1} ms (p50), {:.1} ms (p99)",
            self.requests, self.repeated, self.replayed, self.command_p50_ms, self.command_p99_ms
        )?;
        if self.heard > 0 {
            writeln!(
                f,
                "{} events on customers' sockets; a message is there {:.1} ms (p50), {:.1} ms (p99) after its acknowledgement",
                self.heard, self.heard_p50_ms, self.heard_p99_ms
            )?;
        }
        if self.meetings > 0 {
            writeln!(
                f,
                "media in {} calls: {} presences, {} that came to nothing; {} packets of others came",
                self.meetings, self.presences, self.presences_failed, self.packets
            )?;
        }
        for fault in self.faults.iter().take(PRINTED_MAX) {
            writeln!(f, "fault: {fault}")?;
        }
        for difference in self.differences.iter().take(PRINTED_MAX) {
            writeln!(f, "difference: {difference}")?;
        }
        if self.is_equal() {
            write!(f, "The books are equal: {} things compared.", self.compared)
        } else {
            write!(
                f,
                "The books are NOT equal: {} faults, {} differences among {} things compared.",
                self.faults.len(),
                self.differences.len(),
                self.compared
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rank_ms;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let micros = [1_000, 2_000, 3_000, 4_000];
        assert_eq!((rank_ms(&micros, 50), rank_ms(&micros, 99), rank_ms(&[], 50)), (2.0, 4.0, 0.0));
    }
}
