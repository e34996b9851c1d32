//! Reads the log from its end on and hands every event out; one task for all connections of the process.
//!
//! It reads from memory while it keeps up. An event is decoded only when somebody of its account is connected.

use super::{Live, topic::Audience, topic::Topic};
use crate::wiring::State;
use actix_web::web;
use bytes::Bytes;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::sync::broadcast::error::RecvError;
use vitrina_domain::{ids::UserId, stream::Category};
use vitrina_eventlog::{Filter, LogError, Recorded, Signal, Subscription};

/// Events taken at once.
const BATCH: usize = 256;
/// Pause before reading anew while the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(200);

/// Types of events of users that take no right away.
const HARMLESS: [&str; 3] = ["user.created", "session.opened", "user.updated"];

/// Hands out events until the log is closed.
pub(super) async fn events(state: web::Data<State>, mut subscription: Subscription) {
    loop {
        match subscription.next(BATCH).await {
            Ok(batch) => {
                for event in &batch.events {
                    note_rights(&state, event);
                }
                let wanted = state.live.registry.begin(batch.events, batch.upto);
                hand_out(&state, wanted).await;
            }
            Err(LogError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "live updates wait for the log");
                tokio::time::sleep(AWAY_PAUSE).await;
            }
        }
    }
}

/// Where the tail begins: at the end.
pub(super) fn subscription(state: &State) -> Subscription {
    state.log.subscribe(state.live.begins_at, Filter::default())
}

async fn hand_out(state: &State, wanted: Vec<Arc<Recorded>>) {
    if wanted.is_empty() {
        return;
    }
    loop {
        match state.log.decode(wanted.clone()).await {
            Ok(decoded) => return state.live.registry.hand_out(&decoded),
            Err(error @ LogError::Unavailable(_)) => {
                tracing::warn!(%error, "live updates wait for the keys");
                tokio::time::sleep(AWAY_PAUSE).await;
            }
            // Written by a newer process: what it says cannot be shown by this one.
            Err(error) if wanted.len() == 1 => return tracing::error!(%error, "an event cannot be shown live"),
            Err(_) => {
                for one in wanted {
                    Box::pin(hand_out(state, vec![one])).await;
                }
                return;
            }
        }
    }
}

/// Has connections look at their credentials when an event may have taken a right away. What is no event of the floor, of
/// a customer or of a file concerns rights, also when this build does not know it.
fn note_rights(state: &State, event: &Recorded) {
    let stream = event.stream;
    match stream.category {
        Category::Call
        | Category::Conversation
        | Category::Customer
        | Category::Account
        | Category::Export
        | Category::Webhook
        | Category::Log
        | Category::Subject
        | Category::Retention => {}
        Category::Shopper if event.event_type != "shopper.deleted" => {}
        Category::User | Category::Shopper if HARMLESS.contains(&event.event_type.as_ref()) => {}
        Category::User | Category::Shopper => {
            let user = UserId(stream.id);
            state.sessions.forget_user(user);
            state.live.registry.recheck(stream.account, Some(user), event.position);
        }
        _ => {
            state.live.registry.recheck(stream.account, None, event.position);
        }
    }
}

/// Hands out signals until the server ends.
pub(super) async fn signals(state: web::Data<State>) {
    let mut signals = state.log.signals().listen();
    loop {
        match signals.recv().await {
            Ok(signal) => hand_out_signal(&state.live, &signal),
            Err(RecvError::Lagged(lost)) => metrics::counter!("vitrina_signals_lost_total").increment(lost),
            Err(RecvError::Closed) => return,
        }
    }
}

fn hand_out_signal(live: &Live, signal: &Signal) {
    let category = match signal.topic.as_str() {
        topic if topic == Topic::Call.as_str() => Category::Call,
        topic if topic == Topic::Conversation.as_str() => Category::Conversation,
        _ => return,
    };
    let lost = live.registry.signal(category, signal, |audience| {
        let from = match (audience, signal.from.kind()) {
            (Audience::Customer, "user" | "shopper") => json!({"kind": "shopper"}),
            (_, kind) => json!({"kind": kind, "id": signal.from.id()}),
        };
        let members = json!({"topic": signal.topic, "key": signal.key, "signal": signal.kind, "from": from, "data": signal.data});
        let text = serde_json::to_vec(&members).expect("a signal is plain data");
        Bytes::from(text).slice(1..)
    });
    metrics::counter!("vitrina_signals_lost_total").increment(lost as u64);
}
