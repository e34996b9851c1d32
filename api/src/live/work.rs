//! Whose work a call or conversation is, told from the events themselves.
//!
//! A shopper's work begins when an event names them as the one who holds, is offered or takes part, and ends with the event
//! that takes it from them or closes it; both are still shown to them.

use crate::{error::Result, reading, wiring::State};
use std::collections::HashSet;
use uuid::Uuid;
use vitrina_domain::{
    event::Event,
    ids::{AccountId, ShopperId},
    stream::Category,
};
use vitrina_eventlog::{Decoded, Position};
use vitrina_projections::{
    asked::{Newest, Page},
    calls::{self, CallFilter, CallRow, CallStatus},
    conversations::{self, ConversationFilter, Standing},
};

/// Rows read at once.
const PAGE: u32 = 500;

/// Calls and conversations of one shopper.
pub(crate) type Held = HashSet<(Category, Uuid)>;

/// What an event does to shoppers' work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Changes {
    /// Whose work it is from now on.
    pub begins: Vec<ShopperId>,
    /// Whose it was up to and with this event.
    pub ends: Vec<ShopperId>,
    /// Whether it goes on.
    pub afterwards: Afterwards,
}

/// Whether there is work on something after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Afterwards {
    /// There may be.
    #[default]
    Open,
    /// It is nobody's any more.
    Closed,
}

/// Types by which a call or conversation becomes the work of the shopper whom `shopper_id` names.
const BEGIN: [&str; 5] = ["call.offered", "call.claimed", "call.started", "call.participant_invited", "conversation.agent_joined"];
/// Types by which it ceases to be theirs.
const END: [&str; 4] = ["call.claim_expired", "call.offer_declined", "call.offer_expired", "conversation.agent_left"];
/// Types by which it ceases to be anybody's: it is over, or waits again.
const CLOSE: [&str; 4] = ["call.finished", "call.cancelled", "call.queued", "conversation.closed"];
/// Types by which it goes from one to the other: members `from` and `to`.
const PASS: [&str; 1] = ["call.transferred"];

/// What this event changes.
pub(crate) fn changes(event: &Decoded) -> Changes {
    let event_type = event.recorded.event_type.as_ref();
    if CLOSE.contains(&event_type) {
        return Changes { afterwards: Afterwards::Closed, ..Changes::default() };
    }
    let (begins, ends) = (BEGIN.contains(&event_type), END.contains(&event_type));
    let passes = PASS.contains(&event_type);
    if !(begins || ends || passes) || !matches!(event.event, Event::Call(_) | Event::Conversation(_)) {
        return Changes::default();
    }
    let data = event.event.payload();
    let named = |member: &str| data.get(member).and_then(|id| id.as_str()).and_then(|id| id.parse().ok()).map(ShopperId);
    match (begins, passes) {
        (true, _) => Changes { begins: named("shopper_id").into_iter().collect(), ..Changes::default() },
        (_, true) => {
            Changes { begins: named("to").into_iter().collect(), ends: named("from").into_iter().collect(), afterwards: Afterwards::Open }
        }
        _ => Changes { ends: named("shopper_id").into_iter().collect(), ..Changes::default() },
    }
}

/// Folds an event into one shopper's work. Whether it is shown to them.
pub(crate) fn fold(held: &mut Held, shopper: ShopperId, event: &Decoded) -> Seen {
    let stream = (event.recorded.stream.category, event.recorded.stream.id);
    if stream == (Category::Shopper, shopper.0) {
        return Seen::Yes;
    }
    let changes = changes(event);
    if changes.begins.contains(&shopper) {
        held.insert(stream);
    }
    let seen = if held.contains(&stream) || changes.ends.contains(&shopper) { Seen::Yes } else { Seen::No };
    if changes.afterwards == Afterwards::Closed || changes.ends.contains(&shopper) {
        held.remove(&stream);
    }
    seen
}

/// Whether an event is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// What the shopper held at this position, which the read models must have reached.
pub(crate) async fn held_at(state: &State, account: AccountId, shopper: ShopperId, as_of: Position) -> Result<Held> {
    let mut held = Held::new();
    // One that waits is theirs while it is offered to them.
    for status in [CallStatus::Waiting, CallStatus::Claimed, CallStatus::Live, CallStatus::WrapUp] {
        let filter = CallFilter { status: Some(status), ..CallFilter::default() };
        let mut page = Page::first(as_of, PAGE);
        loop {
            let rows = calls::list(&state.store, account, &filter, page).await.map_err(reading::problem)?.rows;
            let is_theirs = |row: &CallRow| match status {
                CallStatus::Waiting => row.offered_to == Some(shopper),
                _ => row.shopper_id == Some(shopper) || row.participants.0.contains(&shopper),
            };
            held.extend(rows.iter().filter(|call| is_theirs(&call.row)).map(|call| (Category::Call, call.row.call_id.0)));
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize => page.after = Some(Newest { at: last.row.created_at, id: last.row.call_id.0 }),
                _ => break,
            }
        }
    }
    for status in [Standing::InProgress, Standing::WaitingCustomer, Standing::NeedHelp] {
        let filter = ConversationFilter { status: Some(status), ..ConversationFilter::default() };
        let mut page = Page::first(as_of, PAGE);
        loop {
            let rows = conversations::list(&state.store, account, &filter, page).await.map_err(reading::problem)?.rows;
            let takes_part =
                |row: &conversations::Conversation| row.row.participants.0.iter().any(|p| p.present && p.shopper_id == shopper);
            held.extend(rows.iter().filter(|row| takes_part(row)).map(|row| (Category::Conversation, row.row.conversation_id.0)));
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize => {
                    page.after = Some(Newest { at: last.row.opened_at, id: last.row.conversation_id.0 });
                }
                _ => break,
            }
        }
    }
    Ok(held)
}
