//! What a shard is asked by this server, and how it answers: a bounded number of requests a turn. Whoever asks waits for room in
//! the queue, so that nothing that was asked is lost; nobody outside can fill it.

use super::shard::Shard;
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
use mio::Waker;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};
use tokio::sync::{
    mpsc::{Receiver, Sender, channel, error::TryRecvError},
    oneshot,
};

/// Requests taken in one turn.
const REQUESTS: usize = 64;
/// Requests that wait at most; whoever asks more waits for room.
const REQUESTS_MAX: usize = 1_024;

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
    /// Everything ends.
    End(LeaveReason, Option<oneshot::Sender<()>>),
}

/// How a shard is asked. It ends when nobody can ask it any more.
pub struct Reach {
    requests: Sender<Request>,
    waker: Arc<Waker>,
}

impl Reach {
    /// A way to ask the shard that this wakes up, and its end.
    pub fn new(waker: Arc<Waker>) -> (Self, Receiver<Request>) {
        let (requests, end) = channel(REQUESTS_MAX);
        (Self { requests, waker }, end)
    }

    /// Asks something, when there is room for it; `false` when the shard is gone.
    pub async fn ask(&self, request: Request) -> bool {
        self.requests.send(request).await.is_ok() && self.waker.wake().is_ok()
    }

    /// Asks nothing more.
    pub fn end(self) {
        drop(self.requests);
        // Without its waker a shard sees it by itself, later.
        let _ = self.waker.wake();
    }
}

impl Shard {
    /// Takes what is asked; `false` when this is the end.
    pub(super) fn answer_requests(&mut self, now: Instant) -> bool {
        for _ in 0..REQUESTS {
            let request = match self.requests.try_recv() {
                Ok(request) => request,
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => Request::End(LeaveReason::ServerShutdown, None),
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
        self.all[usize::from(self.number)].wake();
        true
    }
}

/// What is told of an offer that met a fault of this server.
fn fault() -> JoinError {
    tracing::error!("an offer could not be handled");
    JoinError::Offer("it could not be handled".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{counts::Counters, transport::neighbour};
    use mio::{Poll, Token};
    use std::{
        net::SocketAddr,
        pin::pin,
        task::{Context, Poll as Future, Waker as TaskWaker},
    };
    use uuid::Uuid;

    fn waker() -> (Poll, Arc<Waker>) {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
        (poll, waker)
    }

    fn close() -> Request {
        Request::Close(RoomId(Uuid::nil()))
    }

    #[test]
    fn what_is_asked_waits_for_room_and_is_not_lost() {
        let (_poll, waker) = waker();
        let (reach, mut requests) = Reach::new(waker);
        let mut context = Context::from_waker(TaskWaker::noop());
        for _ in 0..REQUESTS_MAX {
            assert_eq!(pin!(reach.ask(close())).poll(&mut context), Future::Ready(true));
        }
        let mut one_more = pin!(reach.ask(close()));
        assert_eq!(one_more.as_mut().poll(&mut context), Future::Pending);
        assert!(requests.try_recv().is_ok());
        assert_eq!(one_more.poll(&mut context), Future::Ready(true));
        assert_eq!((0..REQUESTS_MAX).filter(|_| requests.try_recv().is_ok()).count(), REQUESTS_MAX);
    }

    #[test]
    fn what_anybody_can_send_takes_no_room_from_what_is_asked() {
        let (_poll, waker) = waker();
        let (neighbour, _handed) = neighbour::Neighbour::new(Arc::clone(&waker));
        let (reach, _requests) = Reach::new(waker);
        let counters = Counters::default();
        while counters.now().not_handed == 0 {
            let remote = SocketAddr::from(([192, 0, 2, 1], 5));
            neighbour.hand(neighbour::Handed::Datagram { remote, local: None, datagram: vec![0] }, &counters);
        }
        assert_eq!(pin!(reach.ask(close())).poll(&mut Context::from_waker(TaskWaker::noop())), Future::Ready(true));
    }
}
