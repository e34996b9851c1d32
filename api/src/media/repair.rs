//! Where the record and the node could disagree: what a former life of this node left open is ended at the start, what a node
//! left open that stays away is ended by the others, and rooms of calls that are over are closed.

use super::{Repaired, facts};
use crate::{error::Result, reading, wiring::State};
use actix_web::web;
use chrono::{DateTime, Utc};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};
use vitrina_commands::{CommandMeta, process::id::derived, step};
use vitrina_domain::{
    actor::Actor,
    call::media::LeaveReason,
    ids::{CallId, EventId, NodeId},
    stream::Category,
};
use vitrina_eventlog::{Filter, LogError, Subscription};
use vitrina_projections::media::{MediaParticipantRow, OpenSession, open_at, open_elsewhere, participants};

/// Sessions that are mended in one go.
const MENDED_AT_ONCE: u32 = 200;
/// Pause while the log or the read models are away.
const AWAY_PAUSE: Duration = Duration::from_millis(500);
/// How often the node notes that it lives: as exact is the end of a call that a crash broke off.
const BEAT: Duration = Duration::from_secs(1);
/// Events taken at once.
const BATCH: usize = 256;
/// Who mends, as the events say.
const MANAGER: &str = "media_repair";
/// After these a call has no media: it is over, or waits for another shopper.
const ENDS: [&str; 4] = ["call.ended", "call.finished", "call.cancelled", "call.queued"];
/// The end of a session, which concerns its own node when another one has mended it.
const CLOSED: &str = "media.session_closed";
/// How often other nodes are looked after.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// How long one may take to answer.
const PROBE_WITHIN: Duration = Duration::from_secs(3);
/// Times in a row that one must not answer: a restart takes less than half a minute, and mends by itself.
const PROBES_MISSED_MAX: u32 = 3;
/// Nodes that are looked after, at most.
const NODES_MAX: u32 = 100;

/// A file that says when the node was last alive.
#[derive(Debug, Clone)]
pub(super) struct Heartbeat {
    file: PathBuf,
}

impl Heartbeat {
    pub(super) fn of(data_dir: &Path, node: NodeId) -> Self {
        Self { file: data_dir.join(format!("media-{node}.alive")) }
    }

    /// When it last was; `None` when that is not known.
    fn last(&self) -> Option<DateTime<Utc>> {
        std::fs::read_to_string(&self.file).ok()?.trim().parse().ok()
    }

    async fn beat(&self) {
        if let Err(error) = tokio::fs::write(&self.file, Utc::now().to_rfc3339()).await {
            tracing::debug!(%error, "the media node's sign of life cannot be written");
        }
    }
}

/// Ends what a former life left open, says that it is done, and then notes each second that this one lives.
pub(super) async fn mend(state: web::Data<State>, heartbeat: Heartbeat) {
    let last = heartbeat.last();
    while let Err(error) = mend_all(&state, state.media.node.id, last).await {
        tracing::warn!(%error, "the repair of calls' media waits");
        tokio::time::sleep(AWAY_PAUSE).await;
    }
    state.media.repaired.send_replace(Repaired::Done);
    let mut ticks = tokio::time::interval(BEAT);
    loop {
        ticks.tick().await;
        if !state.media.roster.calls().is_empty() {
            heartbeat.beat().await;
        }
    }
}

async fn mend_all(state: &State, node: NodeId, last_beat: Option<DateTime<Utc>>) -> Result<()> {
    reading::wait_for(state, state.log.head()).await?;
    loop {
        let open = open_at(&state.store, node, MENDED_AT_ONCE).await.map_err(reading::problem)?;
        if open.is_empty() {
            return Ok(());
        }
        for session in &open {
            correct(state, session, last_beat).await?;
        }
        reading::wait_for(state, state.log.head()).await?;
    }
}

async fn correct(state: &State, open: &OpenSession, last_beat: Option<DateTime<Utc>>) -> Result<()> {
    let participants = participants(&state.store, open.account, open.call, state.applied()).await.map_err(reading::problem)?;
    let told = participants.iter().flat_map(|at| last_word(&at.row));
    let at = told.chain(last_beat).fold(open.told_at, DateTime::max);
    let id = derived(MANAGER, open.call.0, EventId(open.session.0), 0);
    let meta = CommandMeta::new(open.account, id, Actor::System(MANAGER.to_owned()), Utc::now());
    tracing::info!(call = %open.call, session = %open.session, %at, "a call's media was broken off; the record is mended");
    facts::insist(state, &meta, |unit| step::correct_media(unit, open.call, open.session, at)).await;
    Ok(())
}

/// All times at which something is known of a presence.
fn last_word(row: &MediaParticipantRow) -> impl Iterator<Item = DateTime<Utc>> + '_ {
    let of_tracks = row.tracks.0.iter().flat_map(|track| [track.published_at, track.ended_at]);
    of_tracks.chain([row.joined_at, row.left_at, row.failed_at]).flatten()
}

/// Ends what nodes left open that stay away. Only where there can be other nodes.
pub(super) async fn stand_in(state: web::Data<State>) {
    let mut missed: HashMap<NodeId, u32> = HashMap::new();
    let mut ticks = tokio::time::interval(PROBE_EVERY);
    loop {
        ticks.tick().await;
        match open_elsewhere(&state.store, state.media.node.id, NODES_MAX).await {
            Ok(nodes) => {
                missed.retain(|node, _| nodes.iter().any(|(id, _)| id == node));
                for (node, address) in nodes {
                    look_after(&state, node, &address, &mut missed).await;
                }
            }
            Err(error) => tracing::debug!(error = error.chain(), "the look after other media nodes waits"),
        }
    }
}

/// Counts how often in a row the node was not there; mends the record when that is often enough.
async fn look_after(state: &State, node: NodeId, address: &str, missed: &mut HashMap<NodeId, u32>) {
    if answers(address).await {
        missed.remove(&node);
        return;
    }
    let times = missed.entry(node).or_default();
    *times += 1;
    tracing::warn!(%node, address, times, "a media node with open calls does not answer");
    if *times < PROBES_MISSED_MAX {
        return;
    }
    missed.remove(&node);
    if let Err(error) = mend_all(state, node, None).await {
        tracing::warn!(%error, "the repair of another node's calls waits");
    }
}

/// Whether somebody takes connections at this URL.
async fn answers(url: &str) -> bool {
    let Some(host) = host_and_port(url) else { return true };
    matches!(timeout(PROBE_WITHIN, TcpStream::connect(host)).await, Ok(Ok(_)))
}

/// Where to connect for a URL; `None` for one that is not understood.
fn host_and_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = if scheme == "https" { 443 } else { 80 };
    let authority = rest.split('/').next().filter(|authority| !authority.is_empty())?;
    // The last colon is the port's, unless it is within the brackets of an IPv6 address.
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(if has_port { authority.to_owned() } else { format!("{authority}:{port}") })
}

/// The events after which a call has no media, from now on.
pub(super) fn ends(state: &State) -> Subscription {
    let types = ENDS.into_iter().chain([CLOSED]).collect();
    let filter = Filter { categories: Some([Category::Call].into()), types: Some(types), ..Filter::default() };
    state.log.subscribe(state.log.head(), filter)
}

/// Closes the rooms of calls that are over.
pub(super) async fn close_rooms(state: web::Data<State>, mut ends: Subscription) {
    loop {
        match ends.next(BATCH).await {
            Ok(batch) => {
                for event in batch.events {
                    let call = CallId(event.stream.id);
                    let concerns = event.event_type != CLOSED || event.actor == Actor::System(MANAGER.to_owned());
                    if concerns && state.media.roster.has(call) {
                        facts::close(&state, event.stream.account, call, LeaveReason::RoomClosed).await;
                    }
                }
            }
            Err(LogError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "the ends of calls wait for the log");
                tokio::time::sleep(AWAY_PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_tells_where_to_connect() {
        let told = |url| host_and_port(url).unwrap_or_default();
        assert_eq!(told("http://127.0.0.1:8080"), "127.0.0.1:8080");
        assert_eq!(told("https://one.shop.example"), "one.shop.example:443");
        assert_eq!(told("http://[::1]"), "[::1]:80");
        assert_eq!(told("http://[::1]:81/x"), "[::1]:81");
        assert_eq!(told("nonsense"), "");
    }

    #[tokio::test]
    async fn who_takes_connections_answers_and_who_does_not_does_not() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        assert!(answers(&url).await);
        drop(listener);
        assert!(!answers(&url).await);
    }
}
