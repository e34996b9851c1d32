//! Firing what is due: each deadline is one command, named by the event that set it.

use super::{
    id::derived,
    manager::{Act, Task},
};
use crate::{Unit, step};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    call::{CallAction, CancelReason, ReleaseCause},
    conversation::{CloseReason, Conversation, ConversationAction},
    floor::{CallPlace, ChatPlace, Deadline, Floor, Key, Kind, Place, ShopperPlace},
    ids::{CallId, ConversationId, ShopperId},
    shopper::{Status, StatusCause},
};

/// Who fires them, as events name their actor.
const MANAGER: &str = "deadlines";

/// What is due now.
pub(super) fn tasks(floor: &mut Floor, now: DateTime<Utc>) -> Vec<Task> {
    let due = floor.due(now);
    due.into_iter().filter_map(|(key, deadline)| task(floor, key, deadline)).collect()
}

fn task(floor: &Floor, key: Key, deadline: Deadline) -> Option<Task> {
    let (if_match, unit) = match floor.place(&key)? {
        Place::Account(_) => return None,
        Place::Call(call) => of_call(call, CallId(key.2), deadline.kind)?,
        Place::Shopper(shopper) => {
            // Whoever has just become available again, unseen by this process, was not idle all the while.
            let if_match = (deadline.kind == Kind::Idle).then_some(shopper.version);
            (if_match, of_shopper(shopper, ShopperId(key.2), deadline.kind)?)
        }
        Place::Chat(chat) => of_chat(chat, ConversationId(key.2), deadline.kind)?,
    };
    // What slides with every deed may be set by one event several times: the instant tells them apart.
    let nth = match deadline.kind {
        Kind::Idle | Kind::HoursEnd | Kind::Inactivity | Kind::QueueWait | Kind::NoShow => deadline.at.timestamp_micros(),
        _ => 0,
    };
    let id = derived(deadline.kind.as_str(), key.2, deadline.cause, nth);
    metrics::counter!("vitrina_deadlines_total", "kind" => deadline.kind.as_str()).increment(1);
    Some(Task { account: key.0, id, cause: deadline.cause, manager: MANAGER, if_match, place: Some(key), unit })
}

fn of_call(place: &CallPlace, call: CallId, kind: Kind) -> Option<(Option<i64>, Act)> {
    let act: Act = match kind {
        Kind::Offer => {
            let shopper = place.offer?.what;
            Box::new(move |unit| step::expire_offer(unit, call, shopper))
        }
        Kind::Claim => {
            let holder = place.start_by?.what;
            Box::new(move |unit| step::release(unit, call, ReleaseCause::TimedOut { holder }))
        }
        Kind::CustomerGrace => {
            let connection_id = place.lost?.what;
            Box::new(move |unit| step::fall_due(unit, call, CallAction::LoseCustomer { connection_id }))
        }
        Kind::NoShow => {
            let starts_at = place.appointment?.until;
            Box::new(move |unit| step::fall_due(unit, call, CallAction::NoShow { starts_at }))
        }
        Kind::QueueWait => {
            let too_long = |unit: &mut Unit<'_>, call| step::cancel(unit, call, CancelReason::NoAgent);
            return Some((Some(place.version), Box::new(move |unit| too_long(unit, call))));
        }
        _ => return None,
    };
    Some((None, act))
}

fn of_shopper(place: &ShopperPlace, shopper: ShopperId, kind: Kind) -> Option<Act> {
    Some(match kind {
        Kind::ShopperGrace => {
            let connection_id = place.lost?.what;
            Box::new(move |unit| step::lose_shopper(unit, shopper, connection_id))
        }
        Kind::Idle => Box::new(move |unit| step::becomes(unit, shopper, Status::Available, Status::Away, StatusCause::IdleTimeout)),
        Kind::HoursEnd => {
            let from = place.status;
            Box::new(move |unit| step::becomes(unit, shopper, from, Status::Offline, StatusCause::Schedule))
        }
        _ => return None,
    })
}

fn of_chat(place: &ChatPlace, chat: ConversationId, kind: Kind) -> Option<(Option<i64>, Act)> {
    Some(match kind {
        // The conversation knows what is due in it, whatever was written meanwhile.
        Kind::Sla => (None, Box::new(move |unit: &mut Unit<'_>| unit.run::<Conversation>(chat, ConversationAction::MarkOverdue))),
        Kind::Inactivity => {
            let close = ConversationAction::Close { reason: CloseReason::Inactivity };
            (Some(place.version), Box::new(move |unit: &mut Unit<'_>| unit.run::<Conversation>(chat, close.clone())))
        }
        _ => return None,
    })
}
