//! A turn: for the time of one command, nobody else writes, in no process. For a command that has lost its race again
//! and again, because others keep writing to the same stream through another process.

use crate::{
    AppendError, AppendRequest, LogError,
    engine::CommitOutcome,
    log::Pending,
    writing::{Reply, Writing},
};
use futures_util::FutureExt;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a turn may take to bring its request: a few reads. All other writers wait that long.
const TURN_MAX: Duration = Duration::from_secs(1);

/// What whoever waits for a turn is given.
pub(crate) struct Granted(oneshot::Sender<(AppendRequest, Reply)>);

/// A turn that has begun. Whatever is read now is what the append will meet. Dropped, it ends without an append.
pub struct Turn {
    granted: Granted,
}

impl Turn {
    pub(crate) async fn begun(waiting: oneshot::Receiver<Granted>) -> Result<Self, AppendError> {
        // Nobody grants it any more: the lock was not to be had.
        let granted = waiting.await.map_err(|_| AppendError::Busy)?;
        Ok(Self { granted })
    }

    /// Sends the request and ends the turn.
    pub fn append(self, request: AppendRequest) -> Pending {
        let (sender, reply) = oneshot::channel();
        if let Err((_, sender)) = self.granted.0.send((request, sender)) {
            // The turn took too long and is over; nothing was written. The receiver is in our hands, so the answer arrives.
            let _ = sender.send(Err(AppendError::Busy));
        }
        Pending::Sent(reply)
    }
}

/// Gives the turn to who waits for it, with nothing under way, and writes what comes.
pub(crate) async fn hold(writing: &mut Writing, waiting: oneshot::Sender<Granted>) {
    let (granted, coming) = oneshot::channel();
    let mut reply = None;
    let requests = async {
        if waiting.send(Granted(granted)).is_err() {
            return Vec::new();
        }
        let Ok(Ok((request, to))) = tokio::time::timeout(TURN_MAX, coming).await else { return Vec::new() };
        reply = Some(to);
        vec![request]
    };
    let done = writing.locked(requests.boxed()).await;
    let answer = match done {
        Ok((CommitOutcome::Committed, decided)) => {
            writing.publish(&decided);
            decided.plan.answers.into_iter().next()
        }
        Ok((CommitOutcome::Refused(reason), _)) => Some(Err(AppendError::Refused(reason))),
        Ok((CommitOutcome::HeadMoved | CommitOutcome::CommandExists, decided)) => {
            let what = "the head does not move under its own lock".to_owned();
            Some(Err(LogError::Damaged { position: decided.expected.position, what }.into()))
        }
        Err(error) => Some(Err(error.into())),
    };
    if !matches!(answer, Some(Ok(_))) {
        writing.known = None;
    }
    if let (Some(reply), Some(answer)) = (reply, answer) {
        // A caller that has gone away gets no answer.
        let _ = reply.send(answer);
    }
}
