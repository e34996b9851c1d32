//! The next one for a shopper: the router picks from those who wait, calls and chats in one order, and it is theirs at once.

use crate::{
    error::Result,
    idempotency::Need,
    reading,
    routes::{calls::must_be_a_shopper, headers::Changes},
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
    conversation::Conversation,
    floor::Place,
    ids::{AccountId, CallId, ConversationId, ShopperId},
    module::Module,
    routing::{Candidate, Decided, Hours, Load, Request, Work, route_one},
    shopper::Status,
};
use vitrina_projections::{accounts, floor, shoppers};

/// How many of those who wait are looked at for one this shopper may take.
const WINDOW: u32 = 200;
/// Tries while others take what was picked: each lost one is a customer whom somebody else serves.
const TRIES_MAX: usize = 8;

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorkKind {
    /// A video call.
    Call,
    /// A chat that no call owns.
    Conversation,
}

/// Who asks for work, and for which.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// The shopper; may be left out by a shopper, who is meant then.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
    /// Work of this kind only.
    only: Option<WorkKind>,
}

/// What the shopper has now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// Which kind of work.
    kind: WorkKind,
    /// The call, or the conversation.
    id: Uuid,
    /// The chat: the one that goes with the call, or itself.
    conversation_id: Uuid,
    /// Position of the last event that this led to.
    position: i64,
    /// The version of the call or conversation, as in `ETag`.
    version: i64,
}

/// What a repetition is told again: without a call, it is the chat.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Picked {
    call_id: Option<CallId>,
    conversation_id: Option<ConversationId>,
}

impl Picked {
    fn work(self) -> Option<Work> {
        self.call_id.map(Work::Call).or(self.conversation_id.map(Work::Conversation))
    }
}

/// The router picks the next call or chat for this shopper, who has it from then on. 204 when nobody waits whom they may take.
#[utoipa::path(tag = "queue", params(Changes), request_body = Ask, responses((status = 200, body = Taken), (status = 204, description = "nobody waits whom this shopper may take")), security(("bearer" = ["calls"])))]
#[post("/v1/queue/next")]
pub(crate) async fn take_next(command: Command<Ask>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let (account, shopper) = (staff.account, staff.shopper_or_self(command.body.shopper_id)?);
    let mut passed: Vec<Work> = Vec::new();
    for _ in 0..TRIES_MAX {
        let pick = pick(&command.state, account, shopper, command.body.only, &passed).await?;
        let picked = pick.as_ref().map_or_else(Picked::default, |(picked, _)| *picked);
        let done = command.run(Need::Optional, staff.giver(), picked, |unit| take(unit, shopper, pick.as_ref())).await?;
        // A command that was written answers with what it took then; one that was not has taken nothing: somebody was faster.
        match (done.result.work(), picked.work()) {
            (Some(work), _) if done.wrote() => return Ok(taken(&done, work)),
            (_, Some(work)) => passed.push(work),
            (_, None) => break,
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

fn taken(done: &Done<Picked>, work: Work) -> HttpResponse {
    let kind = match work {
        Work::Call(_) => WorkKind::Call,
        Work::Conversation(_) => WorkKind::Conversation,
    };
    let conversation_id = done.result.conversation_id.unwrap_or_default().0;
    done.replied(&Taken { kind, id: work.id(), conversation_id, position: done.position.0, version: done.version.0 })
}

/// Takes what was picked, unless somebody else has it by now.
fn take(unit: &mut Unit<'_>, shopper: ShopperId, pick: Option<&(Picked, Decided)>) -> Result<(), Failure> {
    let Some((Some(work), decided)) = pick.map(|(picked, decided)| (picked.work(), decided)) else {
        return must_be_a_shopper(unit, shopper);
    };
    let waits = match work {
        Work::Call(call) => unit.state::<Call>(call)?.state() == CallState::Waiting,
        Work::Conversation(chat) => {
            let chat = unit.state::<Conversation>(chat)?;
            chat.is_open() && !chat.is_attended()
        }
    };
    if !waits {
        return Ok(());
    }
    must_be_a_shopper(unit, shopper)?;
    match work {
        Work::Call(call) => step::claim_next(unit, call, decided),
        Work::Conversation(chat) => step::join_next(unit, chat, decided),
    }
}

/// The first of those who wait whom the shopper may take, and the decision on it.
async fn pick(
    state: &State,
    account: AccountId,
    shopper: ShopperId,
    only: Option<WorkKind>,
    passed: &[Work],
) -> Result<Option<(Picked, Decided)>> {
    // What this process has seen written counts.
    reading::wait_for(state, state.log.head()).await?;
    let position = state.applied();
    let found = accounts::get(&state.store, account, position).await.map_err(reading::problem)?;
    let policy = found.map(|account| account.row.routing.0).unwrap_or_default();
    let Some(row) = shoppers::get(&state.store, account, shopper, position).await.map_err(reading::problem)? else { return Ok(None) };
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
    let mut departments = None;
    for ((_, _, id), place) in floor::waiting(&state.store, account, WINDOW).await.map_err(reading::problem)? {
        let Some((picked, mut request)) = wanted(&place, id, only) else { continue };
        if passed.contains(&request.work) {
            continue;
        }
        if request.department.as_ref().is_some_and(|name| !candidate.departments.contains(name)) {
            // A department binds as long as anybody answers for it.
            let answered = match departments.take() {
                Some(known) => known,
                None => floor::departments(&state.store, account).await.map_err(reading::problem)?,
            };
            let binds = request.department.as_ref().is_some_and(|name| answered.contains(name));
            departments = Some(answered);
            if binds {
                continue;
            }
            request.department = None;
        }
        if let Ok(assignment) = route_one(&request, std::slice::from_ref(&candidate), &policy, seed) {
            return Ok(Some((picked, assignment.decided(&policy, seed))));
        }
    }
    Ok(None)
}

/// What waits there, if it is of the kind.
fn wanted(place: &Place, id: Uuid, only: Option<WorkKind>) -> Option<(Picked, Request)> {
    let mut request = place.request(id)?;
    // Who declined it may think better of it.
    request.declined.clear();
    let (kind, picked) = match place {
        Place::Call(call) => (WorkKind::Call, Picked { call_id: Some(CallId(id)), conversation_id: Some(call.conversation_id) }),
        _ => (WorkKind::Conversation, Picked { call_id: None, conversation_id: Some(ConversationId(id)) }),
    };
    only.is_none_or(|only| only == kind).then_some((picked, request))
}
