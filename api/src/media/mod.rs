//! The media of calls, as far as this process has it: it starts the node, lets people in, writes down what the node reports,
//! and mends the record after a crash.
//!
//! [`desk`] is where people come: joins, offers, mute, leave, for HTTP and for live sockets alike. [`roster`] knows who is in
//! which call here. [`facts`] writes what the node reports into the log, each fact once. [`repair`] ends what a former life of
//! this node left open, and closes rooms of calls that are over. [`ice`] tells clients which TURN servers there are.
//!
//! The node decides nothing: what a call's media means is the call's own business (`domain::call::media`).

pub(crate) mod desk;
pub(crate) mod facts;
pub(crate) mod ice;
mod identity;
mod repair;
pub(crate) mod roster;

use crate::{
    config::Config,
    error::{ApiError, Code, RETRY_SOON_S, Result},
    house::StartError,
    wiring::State,
};
use actix_web::web;
use facts::Lanes;
use repair::Heartbeat;
use roster::Roster;
use std::{net::SocketAddr, sync::OnceLock, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use vitrina_commands::step::MediaNode;
use vitrina_domain::{
    call::media::LeaveReason,
    connection::ProcessId,
    ids::{CallId, MediaSessionId},
};
use vitrina_eventlog::Living;
use vitrina_media::{Fact, Options, RoomId, Sfu, record::Tap};

/// Facts that wait to be written: half an hour of a busy node's while the log is away.
const FACTS_MAX: usize = 65_536;
/// How long somebody who joins waits for the repair after a crash.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// The media side of one process.
pub(crate) struct Media {
    /// This node.
    pub(crate) node: MediaNode,
    /// Who is in which call here.
    pub(crate) roster: Roster,
    sfu: Option<Sfu>,
    /// Whether what a former life left open has been ended.
    repaired: watch::Sender<Repaired>,
    lanes: OnceLock<Lanes>,
    /// The process that sessions begin on; another one after this was taken for dead.
    process: watch::Receiver<ProcessId>,
}

/// Whether what a former life left open has been ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repaired {
    NotYet,
    Done,
}

/// What the node reports, on its way to [`run`].
pub(crate) struct Reports(mpsc::Receiver<Fact>);

/// What runs beside the server; it ends with this.
pub(crate) struct Running {
    sorting: JoinHandle<()>,
    carriers: JoinSet<()>,
    others: Vec<JoinHandle<()>>,
    state: web::Data<State>,
}

impl Media {
    /// Starts the node, if there is to be one. `address` is the one of HTTP.
    pub(crate) fn start(
        config: &Config,
        address: SocketAddr,
        public_url: &str,
        process: watch::Receiver<ProcessId>,
    ) -> Result<(Self, Reports), StartError> {
        let (tell, reports) = mpsc::channel(FACTS_MAX);
        let options = |udp| Options {
            udp,
            tcp: config.media_tcp_listen,
            announced: config.media_announce.clone(),
            shards: config.media_shards,
            ..Options::default()
        };
        let sfu = config.media_listen.map(|udp| Sfu::start(options(udp), tell)).transpose()?;
        let media = Self {
            node: identity::of(config, address, public_url),
            roster: Roster::default(),
            sfu,
            repaired: watch::Sender::new(Repaired::NotYet),
            lanes: OnceLock::new(),
            process,
        };
        Ok((media, Reports(reports)))
    }

    /// The id of a session that may begin here.
    fn new_session(&self) -> MediaSessionId {
        // The last bits of such a UUID are random.
        MediaSessionId::of(*self.process.borrow(), uuid::Uuid::now_v7().as_u64_pair().1)
    }

    /// What the node has counted since its start; nothing where there is none.
    pub(crate) fn counts(&self) -> vitrina_media::Counts {
        self.sfu.as_ref().map(Sfu::counts).unwrap_or_default()
    }

    /// From now on copies of the call's packets go into this, or nowhere.
    pub(crate) async fn tap(&self, call: CallId, tap: Option<Tap>) {
        if let Some(sfu) = &self.sfu {
            sfu.record(RoomId(call.0), tap).await;
        }
    }

    /// The node, once it may be used.
    async fn sfu(&self) -> Result<&Sfu> {
        let away = |detail: &str| ApiError::new(Code::MediaUnavailable, detail).retry_after_s(RETRY_SOON_S);
        let sfu = self.sfu.as_ref().ok_or_else(|| away("this server has no media: its option media_listen is empty"))?;
        let mut repaired = self.repaired.subscribe();
        match timeout(READY_WITHIN, repaired.wait_for(|repaired| *repaired == Repaired::Done)).await {
            Ok(Ok(_)) => Ok(sfu),
            _ => Err(away("this server is still mending what its last end broke off; repeat the request")),
        }
    }
}

/// Starts what runs beside the server.
pub(crate) fn run(state: &web::Data<State>, reports: Reports, living: watch::Receiver<Option<Living>>) -> Running {
    let (lanes, carriers) = facts::lanes(state);
    let _ = state.media.lanes.set(lanes);
    let sorting = tokio::spawn(facts::sort(state.clone(), reports.0));
    let heartbeat = Heartbeat::of(&state.config.data_dir, state.media.node.id);
    let subscription = repair::ends(state);
    let mut others = Vec::new();
    if state.media.sfu.is_some() {
        others.push(tokio::spawn(repair::mend(state.clone(), heartbeat)));
        others.push(tokio::spawn(repair::close_rooms(state.clone(), subscription)));
    }
    if state.log.is_shared() {
        others.push(tokio::spawn(repair::stand_in(state.clone(), living)));
    }
    Running { sorting, carriers, others, state: state.clone() }
}

impl Running {
    /// Ends what is here: everybody leaves because the server goes, and it is written down. Bounded, since what is not written
    /// is mended at the next start.
    pub(crate) async fn end(mut self) {
        for task in self.others {
            task.abort();
            // It was cancelled, which is what is wanted.
            let _ = task.await;
        }
        if timeout(facts::END_WITHIN, facts::close_all(&self.state, LeaveReason::ServerShutdown)).await.is_err() {
            tracing::warn!("not every call's media could be closed in the record; the next start mends it");
        }
        self.sorting.abort();
        let _ = self.sorting.await;
        self.carriers.shutdown().await;
    }
}
