//! What a shard is asked by whoever is in another thread, and how it answers: a bounded number of requests a turn.

use super::{route::Route, shard::Shard};
use crate::{
    core::{
        layers::Layer,
        room::{Flow, ParticipantId, Track},
    },
    facts::LeaveReason,
    node::{Answer, Join, JoinError, RoomId},
    record::Tap,
    stats::Stats,
};
use mio::{Waker, net::TcpStream};
use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    time::Instant,
};
use tokio::sync::oneshot;

/// Requests taken in one turn.
const REQUESTS: usize = 64;
/// Addresses of other shards' clients that are remembered; more are forgotten together, and learned again by the next check.
const ELSEWHERE_MAX: usize = 65_536;

/// What is asked of a shard.
pub enum Request {
    /// Somebody joins.
    Join(Join, oneshot::Sender<Result<Answer, JoinError>>),
    /// A participant makes another offer.
    Renegotiate(RoomId, ParticipantId, String, oneshot::Sender<Result<Answer, JoinError>>),
    /// A track is switched off or on.
    Mute(RoomId, Track, Flow),
    /// A track is given up.
    Unpublish(RoomId, Track),
    /// A track is shown small.
    Limit(RoomId, ParticipantId, Track, Layer),
    /// Somebody goes.
    Leave(RoomId, ParticipantId, LeaveReason),
    /// A room ends.
    Close(RoomId),
    /// Copies go to a recorder, or to none.
    Record(RoomId, Option<Tap>),
    /// What goes on in a room.
    Stats(RoomId, oneshot::Sender<Option<Stats>>),
    /// Another shard's socket was given this.
    Handed(Route, Vec<u8>),
    /// Datagrams of this address are for that shard.
    Elsewhere(SocketAddr, usize),
    /// Another shard's listener was given this.
    Connection(TcpStream, SocketAddr),
    /// Everything ends.
    End(LeaveReason, Option<oneshot::Sender<()>>),
}

/// How a shard is reached.
#[derive(Clone)]
pub struct Reach {
    /// Its requests.
    pub requests: mpsc::SyncSender<Request>,
    /// Wakes it up.
    pub waker: Arc<Waker>,
}

impl Reach {
    /// Asks something; `false` when the shard is gone, or has more to do than it can.
    pub fn ask(&self, request: Request) -> bool {
        let is_taken = self.requests.try_send(request).is_ok();
        is_taken && self.waker.wake().is_ok()
    }
}

impl Shard {
    /// Takes what is asked; `false` when this is the end.
    pub(super) fn answer_requests(&mut self, now: Instant) -> bool {
        for _ in 0..REQUESTS {
            let request = match self.requests.try_recv() {
                Ok(request) => request,
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => Request::End(LeaveReason::ServerShutdown, None),
            };
            match request {
                Request::Join(join, reply) => {
                    // Whoever asked may have gone; the client then never connects.
                    let joined = catch_unwind(AssertUnwindSafe(|| self.join(join, now)));
                    let _ = reply.send(joined.unwrap_or_else(|_| Err(fault())));
                }
                Request::Renegotiate(room, participant, offer, reply) => {
                    let answered = catch_unwind(AssertUnwindSafe(|| self.renegotiate(room, participant, offer, now)));
                    let _ = reply.send(answered.unwrap_or_else(|_| Err(fault())));
                }
                Request::Mute(room, track, flow) => self.mute(room, track, flow, now),
                Request::Unpublish(room, track) => self.unpublish(room, track, now),
                Request::Limit(room, participant, track, most) => self.limit(room, participant, track, most, now),
                Request::Leave(room, participant, reason) => {
                    if let Some(slot) = self.by_id.get(&(room, participant)).copied() {
                        self.remove(slot, reason, now);
                    }
                }
                Request::Close(room) => self.close(room, now),
                Request::Record(room, tap) => self.record(room, tap),
                Request::Stats(room, reply) => {
                    let _ = reply.send(self.stats(room, now));
                }
                Request::Handed(route, datagram) => self.datagram(route, &datagram, now),
                Request::Elsewhere(remote, shard) => {
                    if self.elsewhere.len() >= ELSEWHERE_MAX {
                        self.elsewhere.clear();
                    }
                    self.elsewhere.insert(remote, shard);
                }
                Request::Connection(stream, remote) => self.adopt(stream, remote, now),
                Request::End(reason, reply) => {
                    self.end(reason);
                    if let Some(reply) = reply {
                        let _ = reply.send(());
                    }
                    return false;
                }
            }
        }
        // There may be more: the next turn comes at once.
        let _ = self.all[usize::from(self.number)].waker.wake();
        true
    }
}

/// What is told of an offer that met a fault of this server.
fn fault() -> JoinError {
    tracing::error!("an offer could not be handled");
    JoinError::Offer("it could not be handled".to_owned())
}
