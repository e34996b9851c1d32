//! A person's socket is how the house knows that they are there: the only thing of this folder that leads to events.
//!
//! A customer who follows their own call, and a shopper who follows their own work, is there as long as that connection is.
//! What its loss means, and how long it is waited for them, the call and the shopper decide.

use super::{
    registry::Connection,
    topic::{Audience, Interest},
};
use crate::{auth::caller::Caller, wiring::State};
use actix_web::web;
use chrono::Utc;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{runtime::Handle, sync::oneshot, task::JoinSet};
use uuid::Uuid;
use vitrina_commands::{CommandError, CommandMeta, Failure, Unit, step};
use vitrina_domain::{
    actor::Actor,
    ids::{CallId, CommandId, ConnectionId, ShopperId},
    stream::Category,
};

/// Tries to tell that somebody came or left, while the log is busy or away.
const TRIES_MAX: u32 = 5;
/// Pause between two of them.
const PAUSE: Duration = Duration::from_secs(1);

/// Those of whom it is being told, whichever thread their connection was on.
#[derive(Debug)]
pub(crate) struct Presence {
    runtime: Handle,
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
    pub(crate) fn new() -> Self {
        Self { runtime: Handle::current(), people: Mutex::default() }
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
    let (gone, left) = oneshot::channel();
    let (state, connection, presence) = (state.clone(), Arc::clone(connection), &state.live.presence);
    let mut people = presence.people.lock().unwrap_or_else(PoisonError::into_inner);
    while people.try_join_next().is_some() {}
    // One task tells both, so that the second never overtakes the first. Boxed, so that waiting takes little memory.
    people.spawn_on(
        async move {
            Box::pin(tell(&state, &connection, who, actor.clone(), Told::Came)).await;
            // An error means that the other end was dropped, which is what is waited for.
            let _ = left.await;
            Box::pin(tell(&state, &connection, who, actor, Told::Left)).await;
        },
        &presence.runtime,
    );
    Some(There { _gone: gone })
}

/// Gives the command. Refused means that the call is over or the shopper gone, and that nobody needs to know.
async fn tell(state: &State, connection: &Connection, who: Who, actor: Actor, told: Told) {
    let id = ConnectionId(connection.id);
    let decide = |unit: &mut Unit<'_>| -> Result<(), Failure> {
        match (who, told) {
            (Who::Customer(call), Told::Came) => step::customer_connected(unit, call, id),
            (Who::Customer(call), Told::Left) => step::customer_disconnected(unit, call, id),
            (Who::Shopper(shopper), Told::Came) => step::shopper_connected(unit, shopper, id),
            (Who::Shopper(shopper), Told::Left) => step::shopper_disconnected(unit, shopper, id),
        }
    };
    let meta = CommandMeta::new(connection.account, CommandId(Uuid::now_v7()), actor, Utc::now());
    for _ in 0..TRIES_MAX {
        match state.commands.execute(&meta, Vec::new(), decide).await {
            Ok(_) => return,
            Err(error @ (CommandError::Busy | CommandError::Contended | CommandError::Log(_))) => {
                tracing::debug!(%error, ?told, "presence is told again")
            }
            Err(error) => return tracing::debug!(%error, ?told, "presence is not told"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!(connection_id = %connection.id, ?told, "somebody's presence could not be told");
}
