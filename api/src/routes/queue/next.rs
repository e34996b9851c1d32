//! The next one for a shopper: the router picks from those who wait, and the call is theirs at once.

use crate::{
    error::Result,
    idempotency::Need,
    reading,
    routes::{calls::must_be_a_shopper, headers::Changes, shapes::About},
    wiring::State,
    writing::{Command, Done},
};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::{Failure, Unit, step};
use vitrina_domain::{
    call::{Call, State as CallState},
    ids::{AccountId, CallId, ConversationId, ShopperId},
    module::Module,
    routing::{Candidate, Decided, Hours, Load, Request, Work, route_one},
    shopper::Status,
};
use vitrina_projections::{Page, accounts, queue, shoppers};

/// How many of those who wait are looked at for one this shopper may take.
const WINDOW: u32 = 200;
/// Tries while others take what was picked: each lost one is a call that somebody else serves.
const TRIES_MAX: usize = 8;

/// The call that the shopper has now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// The call.
    id: Uuid,
    /// The chat that goes with it.
    conversation_id: Uuid,
    /// Position of the last event that this led to.
    position: i64,
    /// The call's version, as in `ETag`.
    version: i64,
}

/// What a repetition is told again.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Picked {
    call_id: Option<CallId>,
    conversation_id: ConversationId,
}

/// The router picks the next call for this shopper, who has it from then on. 204 when nobody waits whom they may take.
#[utoipa::path(tag = "queue", params(Changes), request_body = About, responses((status = 200, body = Taken), (status = 204, description = "nobody waits whom this shopper may take")), security(("bearer" = ["calls"])))]
#[post("/v1/queue/next")]
pub(crate) async fn take_next(command: Command<About>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let (account, shopper) = (staff.account, staff.shopper_or_self(command.body.shopper_id)?);
    let mut passed: Vec<CallId> = Vec::new();
    for _ in 0..TRIES_MAX {
        let pick = pick(&command.state, account, shopper, &passed).await?;
        let picked = pick.as_ref().map_or_else(Picked::default, |(picked, _)| *picked);
        let done = command.run(Need::Optional, staff.giver(), picked, |unit| take(unit, shopper, pick.as_ref())).await?;
        // A command that was written answers with what it took then; one that was not has taken nothing: somebody was faster.
        match (done.result.call_id, picked.call_id) {
            (Some(_), _) if done.wrote() => return Ok(taken(&done)),
            (_, Some(call)) => passed.push(call),
            (_, None) => break,
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

fn taken(done: &Done<Picked>) -> HttpResponse {
    let Picked { call_id, conversation_id } = done.result;
    let id = call_id.unwrap_or_default().0;
    done.replied(&Taken { id, conversation_id: conversation_id.0, position: done.position.0, version: done.version.0 })
}

/// Takes the call, unless somebody else has it by now.
fn take(unit: &mut Unit<'_>, shopper: ShopperId, pick: Option<&(Picked, Decided)>) -> Result<(), Failure> {
    let Some((Picked { call_id: Some(call), .. }, decided)) = pick else {
        return must_be_a_shopper(unit, shopper);
    };
    if unit.state::<Call>(*call)?.state() != CallState::Waiting {
        return Ok(());
    }
    must_be_a_shopper(unit, shopper)?;
    step::claim_next(unit, *call, decided)
}

/// The first in the queue whom the shopper may take, and the decision on it.
async fn pick(state: &State, account: AccountId, shopper: ShopperId, passed: &[CallId]) -> Result<Option<(Picked, Decided)>> {
    // What this process has seen written counts.
    reading::wait_for(state, state.log.head()).await?;
    let position = state.applied();
    let found = accounts::get(&state.store, account, position).await.map_err(reading::problem)?;
    let policy = found.map(|account| account.row.routing.0).unwrap_or_default();
    let Some(row) = shoppers::get(&state.store, account, shopper, position).await.map_err(reading::problem)? else { return Ok(None) };
    let waiting = queue::list(&state.store, account, Page::first(position, WINDOW)).await.map_err(reading::problem)?;
    // Whoever asks for work has time for it: status and hours do not matter, and the room is checked when it is taken.
    let candidate = Candidate {
        shopper_id: shopper,
        status: Status::Available,
        hours: Hours::Open,
        load: Load::default(),
        max_concurrent: row.row.max_concurrent,
        collections: row.row.collections.0,
        departments: row.row.departments.0,
        expertise: row.row.expertise.0,
        languages: row.row.languages.0,
        country: row.row.country,
        last_assigned: None,
    };
    let seed = shopper.0.as_u64_pair().1;
    for waiting in waiting.into_iter().filter(|waiting| !passed.contains(&waiting.row.call_id)) {
        let request = request(&waiting.row);
        if let Ok(assignment) = route_one(&request, std::slice::from_ref(&candidate), &policy, seed) {
            let picked = Picked { call_id: Some(waiting.row.call_id), conversation_id: waiting.row.conversation_id };
            return Ok(Some((picked, assignment.decided(&policy, seed))));
        }
    }
    Ok(None)
}

fn request(row: &queue::QueueRow) -> Request {
    Request {
        work: Work::Call(row.call_id),
        priority: row.priority,
        since: row.queued_at.unwrap_or_default(),
        position: row.queued_position,
        department: None,
        collections: row.collections.0.clone(),
        expertise: Vec::new(),
        language: row.language.clone(),
        country: row.country.clone(),
        previous: None,
        declined: [].into(),
    }
}
