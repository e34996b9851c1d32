//! Giving work to shoppers: a call is offered, a chat is joined at once. And putting their books of work right.

use super::{
    id::derived,
    manager::{Act, Task},
};
use crate::step;
use chrono::{DateTime, Utc};
use vitrina_domain::{
    call::{Call, CallAction},
    floor::{Floor, Offer, Settlement},
    ids::AccountId,
    routing::Work,
    shopper::Terms,
};

/// Who gives work, as events name their actor.
const MANAGER: &str = "routing";

/// What the router would do now, in every account where something changed.
pub(super) fn tasks(floor: &mut Floor, now: DateTime<Utc>) -> Vec<Task> {
    let mut tasks = Vec::new();
    for account in floor.stirred() {
        let plan = floor.plan(account, now);
        tasks.extend(plan.offers.into_iter().map(|offer| ask(account, offer)));
        for (call, failed) in plan.failures {
            let Some(cause) = floor.free_since(account, call) else { continue };
            let id = derived("routing_failed", call.0, cause, failed.why as i64);
            let unit =
                Box::new(move |unit: &mut crate::Unit<'_>| unit.run::<Call>(call, CallAction::FailRouting { failed: failed.clone() }));
            tasks.push(Task { account, id, cause, manager: MANAGER, if_match: None, place: None, unit });
        }
    }
    tasks
}

fn ask(account: AccountId, offer: Offer) -> Task {
    let Offer { work, decided, cause } = offer;
    let id = derived("offer", work.id(), cause, 0);
    let unit: Act = match work {
        Work::Call(call) => Box::new(move |unit| step::offer(unit, call, &decided)),
        Work::Conversation(chat) => Box::new(move |unit| step::join_routed(unit, chat, &decided)),
    };
    Task { account, id, cause, manager: MANAGER, if_match: None, place: None, unit }
}

/// What is to be put right in shoppers' books of work.
pub(super) fn settlements(floor: &mut Floor) -> Vec<Task> {
    let settle = |(account, shopper, settlement)| {
        let (name, work, cause) = match settlement {
            Settlement::Enter(work, cause) => ("enter", work, cause),
            Settlement::Strike(work, cause) => ("strike", work, cause),
        };
        let id = derived(name, work.id(), cause, 0);
        let unit: Act = match settlement {
            Settlement::Enter(work, _) => Box::new(move |unit| step::assign(unit, shopper, work, Terms::None)),
            Settlement::Strike(work, _) => Box::new(move |unit| step::free(unit, shopper, work)),
        };
        Task { account, id, cause, manager: MANAGER, if_match: None, place: None, unit }
    };
    floor.settle().into_iter().map(settle).collect()
}
