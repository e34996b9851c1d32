//! When both sides of a call had media while it was live: from the rows, and from what the call's stream tells of when it was live.

use super::MediaParticipantRow;
use crate::{error::Result, table::At};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    ids::{AccountId, CallId},
    metrics::minutes::{self, Interval, Stay},
    stream::Category,
};
use vitrina_eventlog::{Environment, EventLog, Position, StreamId, Version};

/// Events of a stream in one read.
const STREAM_PAGE: usize = 1_000;

/// What a call's stream tells of when it was live; it may have been so several times, when its shopper was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// From when to when; the last may go on.
    pub live: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    /// Whether real customers are concerned.
    pub environment: Environment,
}

impl Past {
    /// That of the call, up to this position.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn of(log: &EventLog, account: AccountId, call: CallId, as_of: Position) -> Result<Self> {
        let stream = StreamId::new(account, Category::Call, call);
        let mut past = Self { live: Vec::new(), environment: Environment::Production };
        let mut after = Version::ZERO;
        loop {
            let page = log.read_stream(stream, after, STREAM_PAGE).await?;
            let is_last = page.len() < STREAM_PAGE || page.iter().any(|event| event.position > as_of);
            after = page.last().map_or(after, |event| event.version);
            for event in page.iter().filter(|event| event.position <= as_of) {
                past.environment = event.environment;
                match event.event_type.as_ref() {
                    "call.started" => past.live.push((event.recorded_at, None)),
                    "call.ended" | "call.finished" | "call.cancelled" | "call.queued" => {
                        if let Some((_, end @ None)) = past.live.last_mut() {
                            *end = Some(event.recorded_at);
                        }
                    }
                    _ => {}
                }
            }
            if is_last {
                return Ok(past);
            }
        }
    }

    /// Whether it is live.
    pub fn is_live(&self) -> bool {
        self.live.last().is_some_and(|(_, to)| to.is_none())
    }

    /// The intervals that make its duration and its bill; what goes on counts up to `until`.
    pub fn billable(&self, stays: &[Stay], until: DateTime<Utc>) -> Vec<Interval> {
        let connected: Vec<_> = stays.iter().map(|stay| (stay.side, Interval::new(stay.from, stay.to.unwrap_or(until)))).collect();
        let live: Vec<_> = self.live.iter().map(|(from, to)| Interval::new(*from, to.unwrap_or(until))).collect();
        minutes::billable(&connected, &live)
    }
}

/// The presences that came to be.
pub fn stays(participants: &[At<MediaParticipantRow>]) -> Vec<Stay> {
    let stay = |At { row, .. }: &At<MediaParticipantRow>| Some(Stay { side: row.role?, from: row.joined_at?, to: row.left_at });
    participants.iter().filter_map(stay).collect()
}
