//! The information panel of a conversation in one read, all of one position (PRODUCT.md I01–I20).

use super::view::{ConversationView, Viewer};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::{customers::CustomerView, named, ratings::RatingView},
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, ConversationId},
    module::Module,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    asked::Page,
    conversations::{self, Conversation, ConversationFilter, ConversationRow},
    customers, ratings, shoppers,
};

/// Earlier conversations shown; the customer's list has all of them.
const RECENT_MAX: u32 = 10;

/// Everything about a conversation that staff looks at beside it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PanelView {
    /// The conversation: status, outcome, note, tags, expertise, country, language and so on.
    conversation: ConversationView,
    /// The customer; `null` while neither name, address, number nor id is known.
    contact: Option<CustomerView>,
    /// The shoppers who take part or did, by name.
    people: Vec<PersonView>,
    /// Other conversations of the same customer, the newest first.
    recent: Vec<RecentView>,
    /// What the customer answered, the newest last.
    ratings: Vec<RatingView>,
}

/// A shopper who takes part or did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonView {
    /// Who.
    shopper_id: Uuid,
    /// Name.
    name: Option<String>,
    /// Name that customers see; the name when there is no other.
    chat_name: Option<String>,
    /// Whether they take part now.
    is_present: bool,
    /// Since when, the first time.
    joined_at: DateTime<Utc>,
    /// Until when, where they left.
    left_at: Option<DateTime<Utc>>,
}

/// Another conversation of the customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecentView {
    /// The conversation.
    id: Uuid,
    /// in_progress, waiting_customer, need_help or closed.
    status: String,
    /// How the customer wrote.
    channel: String,
    /// When it began.
    opened_at: DateTime<Utc>,
    /// When it was closed.
    closed_at: Option<DateTime<Utc>>,
    /// How it ended.
    outcome: Option<String>,
}

/// The whole panel of a conversation.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<PanelView>)), security(("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}/panel")]
pub(crate) async fn get_panel(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<ReadAt>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let staff = caller.staff(Module::Calls)?;
    let (account, at) = (staff.account, query.0.position(&state).await?);
    let found = conversations::get(&state.store, account, id.0, at).await.map_err(reading::problem)?;
    let conversation = found.ok_or_else(|| ApiError::not_found("conversation"))?;
    let (row, version) = (&conversation.row, conversation.version());
    let view = PanelView {
        contact: contact(&state, row, at).await?,
        people: people(&state, account, row, at).await?,
        recent: recent(&state, account, row, at).await?,
        ratings: answers(&state, account, row, at).await?,
        conversation: ConversationView::new(conversation, &Viewer::staff(&state, staff, at).await?),
    };
    Ok(reading::answer(view, version, at))
}

/// The customer, where anything is known that tells them from another (I02).
async fn contact(state: &State, row: &ConversationRow, at: Position) -> Result<Option<CustomerView>> {
    let found = customers::get(&state.store, row.account_id, row.customer_id, at).await.map_err(reading::problem)?;
    Ok(found.filter(|found| !found.row.search.is_empty()).map(|found| CustomerView::for_staff(found.row)))
}

async fn people(state: &State, account: AccountId, row: &ConversationRow, at: Position) -> Result<Vec<PersonView>> {
    let mut people = Vec::with_capacity(row.participants.0.len());
    for participant in &row.participants.0 {
        let found = shoppers::get(&state.store, account, participant.shopper_id, at).await.map_err(reading::problem)?;
        let (name, chat_name) = found.map(|found| (found.row.name, found.row.chat_name)).unwrap_or_default();
        people.push(PersonView {
            shopper_id: participant.shopper_id.0,
            chat_name: chat_name.or_else(|| name.clone()),
            name,
            is_present: participant.present,
            joined_at: participant.joined_at,
            left_at: participant.left_at,
        });
    }
    Ok(people)
}

async fn recent(state: &State, account: AccountId, row: &ConversationRow, at: Position) -> Result<Vec<RecentView>> {
    let filter = ConversationFilter { customer: Some(row.customer_id), ..ConversationFilter::default() };
    let all = conversations::list(&state.store, account, &filter, Page::first(at, RECENT_MAX + 1)).await.map_err(reading::problem)?.rows;
    let others = all.into_iter().filter(|other| other.row.conversation_id != row.conversation_id).take(RECENT_MAX as usize);
    Ok(others.map(RecentView::from).collect())
}

/// Of a call's conversation, the rating is the call's.
async fn answers(state: &State, account: AccountId, row: &ConversationRow, at: Position) -> Result<Vec<RatingView>> {
    let found = match row.call_id {
        Some(call) => ratings::of_call(&state.store, account, call, at).await,
        None => ratings::of_conversation(&state.store, account, row.conversation_id, at).await,
    };
    Ok(found.map_err(reading::problem)?.into_iter().map(|one| RatingView::of(one, at)).collect())
}

impl From<Conversation> for RecentView {
    fn from(Conversation { row, .. }: Conversation) -> Self {
        Self {
            id: row.conversation_id.0,
            status: named::name(&row.status),
            channel: row.channel,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            outcome: named::optional(&row.outcome),
        }
    }
}
