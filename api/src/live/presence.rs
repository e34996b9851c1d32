//! A person's socket is how the house knows that they are there: the only thing of this folder that leads to events.
//!
//! A customer who follows their own call, and a shopper who follows their own work, is there as long as that connection is, from
//! when the subscription is live on: a connection that is lost while it still reads what was before was never there, and tells
//! neither that somebody came nor that they left.
//! What its loss means, and how long it is waited for them, the call and the shopper decide.

use super::{
    registry::Connection,
    topic::{Audience, Interest},
};
use crate::{auth::caller::Caller, wiring::State};
use actix_web::web;
use chrono::Utc;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    task::JoinSet,
};
use uuid::Uuid;
use vitrina_commands::{CommandError, CommandMeta, Failure, Unit, step};
use vitrina_domain::{
    actor::Actor,
    connection::ProcessId,
    ids::{AccountId, CallId, CommandId, ConnectionId, ShopperId},
    stream::Category,
};

/// Tries to tell that somebody came or left on the way down; what is not told then, the next process finds out. Until then it
/// is tried for as long as the log is busy or away: nobody else would tell.
const LAST_TRIES_MAX: u32 = 5;
/// Pause between two of them.
const PAUSE: Duration = Duration::from_secs(1);

/// Those of whom it is being told, whichever thread their connection was on.
#[derive(Debug)]
pub(crate) struct Presence {
    runtime: Handle,
    /// The process that connections are held by; another one after this was taken for dead.
    process: watch::Receiver<ProcessId>,
    /// Connections so far.
    count: AtomicU64,
    people: Mutex<JoinSet<()>>,
}

/// Somebody is there for as long as this lives.
#[derive(Debug)]
pub(crate) struct There {
    _gone: oneshot::Sender<()>,
}

/// Who is there, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Customer(CallId),
    Shopper(ShopperId),
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Came,
    Left,
}

impl Presence {
    /// With nobody there. Within the runtime that outlives all connections.
    pub(crate) fn new(process: watch::Receiver<ProcessId>) -> Self {
        Self { runtime: Handle::current(), process, count: AtomicU64::new(0), people: Mutex::default() }
    }

    /// The id of one more connection.
    pub(super) fn connection(&self) -> ConnectionId {
        ConnectionId::of(*self.process.borrow(), self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Waits until everybody who left is known to have left.
    pub(super) async fn settled(&self) {
        let mut people = std::mem::take(&mut *self.people.lock().unwrap_or_else(PoisonError::into_inner));
        while people.join_next().await.is_some() {}
    }
}

/// The caller has begun to follow this; if that shows that a person is there, they are until the answer is dropped.
pub(super) fn begins(state: &web::Data<State>, caller: &Caller, connection: &Arc<Connection>, interest: Interest) -> Option<There> {
    let (who, actor) = match (caller, connection.audience, interest) {
        (Caller::Customer(claims), _, Interest::Stream(Category::Call, call)) => {
            (Who::Customer(CallId(call)), Actor::Customer(claims.customer))
        }
        (Caller::Staff(staff), Audience::Staff, Interest::Work(shopper)) if staff.is_shopper && shopper.0 == staff.user.0 => {
            (Who::Shopper(shopper), staff.giver().actor)
        }
        _ => return None,
    };
    let (gone, mut left) = oneshot::channel();
    let (state, connection, presence) = (state.clone(), Arc::clone(connection), &state.live.presence);
    let mut process = presence.process.clone();
    if ConnectionId(connection.id).process() != *process.borrow_and_update() {
        // It was opened by a process that was taken for dead meanwhile, and is told under a new name at once.
        process.mark_changed();
    }
    let mut people = presence.people.lock().unwrap_or_else(PoisonError::into_inner);
    while people.try_join_next().is_some() {}
    // One task tells both, so that the second never overtakes the first.
    people.spawn_on(
        async move {
            let mut id = ConnectionId(connection.id);
            let account = connection.account;
            drop(connection);
            Box::pin(tell(&state, account, id, who, actor.clone(), Told::Came)).await;
            loop {
                tokio::select! {
                    // An error means that the other end was dropped, which is what is waited for.
                    _ = &mut left => break,
                    // The others think that the connection was lost with this process: it is there, under another name.
                    Ok(()) = process.changed() => {
                        id = state.live.presence.connection();
                        Box::pin(tell(&state, account, id, who, actor.clone(), Told::Came)).await;
                    }
                }
            }
            Box::pin(tell(&state, account, id, who, actor, Told::Left)).await;
        },
        &presence.runtime,
    );
    Some(There { _gone: gone })
}

/// Gives the command. Refused means that the call is over or the shopper gone, and that nobody needs to know.
async fn tell(state: &State, account: AccountId, id: ConnectionId, who: Who, actor: Actor, told: Told) {
    let decide = |unit: &mut Unit<'_>| -> Result<(), Failure> {
        match (who, told) {
            (Who::Customer(call), Told::Came) => step::customer_connected(unit, call, id),
            (Who::Customer(call), Told::Left) => step::customer_disconnected(unit, call, id),
            (Who::Shopper(shopper), Told::Came) => step::shopper_connected(unit, shopper, id),
            (Who::Shopper(shopper), Told::Left) => step::shopper_disconnected(unit, shopper, id),
        }
    };
    let meta = CommandMeta::new(account, CommandId(Uuid::now_v7()), actor, Utc::now());
    let mut last_tries = 0;
    while last_tries < LAST_TRIES_MAX {
        match state.commands.execute(&meta, Vec::new(), decide).await {
            Ok(_) => return,
            Err(error @ (CommandError::Busy | CommandError::Contended | CommandError::Log(_))) => {
                tracing::debug!(%error, ?told, "presence is told again")
            }
            Err(error) => return tracing::debug!(%error, ?told, "presence is not told"),
        }
        last_tries += u32::from(state.live.is_closing());
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!(connection_id = %id, ?told, "somebody's presence could not be told");
}
