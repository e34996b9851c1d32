//! Conversations as they are read: one, many, what was said, and the history. A customer never sees a private note.

use super::view::{ConversationView, MessageView, Viewer};
use crate::{
    auth::caller::{Caller, Party},
    continuation,
    error::{ApiError, Result},
    filters::filters,
    history::{self, HistoryEvent},
    page::{Asked, Paged, list_query},
    parameters::{Id, Query},
    period,
    reading::{self, Read, ReadAt},
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, ConversationId, ShopperId},
    metrics::range,
    module::Module,
    stream::Category,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    asked::Newest,
    contents,
    conversations::{self, Conversation, ConversationFilter, Part},
    export,
    messages::{self, Reader},
};

list_query! {
    /// Which conversations.
    ConversationsQuery {
        /// Those that stand there; `need_help` is the list of those who wait for a colleague.
        #[param(example = "need_help")]
        status: Option<String>,
        /// Those that ended so.
        #[param(example = "success")]
        outcome: Option<String>,
        /// Those with this customer.
        customer_id: Option<Uuid>,
        /// Opened at or after this date or instant.
        from: Option<String>,
        /// Opened before this instant, or on this date at the latest.
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        tz: Option<String>,
        /// Those that this department answers.
        department: Option<String>,
        /// Those of customers who write this way.
        #[param(example = "web")]
        channel: Option<String>,
        /// Those with this tag.
        tag: Option<String>,
        /// Those that take this expertise.
        expertise: Option<String>,
        /// `true`: those that I take part in now.
        mine: Option<bool>,
        /// Those that this shopper takes part in or did.
        shopper_id: Option<Uuid>,
        /// Those in which this bot takes part.
        bot: Option<Uuid>,
        /// `true`: open ones in which no shopper is present.
        waiting: Option<bool>,
        /// Those of customers who live there, ISO 3166-1 alpha-2.
        #[param(example = "ES")]
        country: Option<String>,
        /// Those of customers who speak this language: `pt` is `pt-BR` too.
        #[param(example = "pt")]
        language: Option<String>,
        /// Closed at or after this date or instant.
        closed_from: Option<String>,
        /// Closed before this instant, or on this date at the latest.
        closed_to: Option<String>,
        /// `true`: those that the customer has rated; `false`: the others.
        rated: Option<bool>,
        /// Those whose recommendation is of this class: promoter, passive or detractor.
        #[param(example = "detractor")]
        nps_class: Option<String>,
        /// Those with this satisfaction, 1 to 5.
        csat: Option<u8>,
        /// Those with this face: satisfied, neutral or dissatisfied.
        face: Option<String>,
        /// `production`, `test` or `all`. When left out, all of those that somebody must serve (`mine`, `waiting`, `status=need_help`), and
        /// else production.
        environment: Option<String>,
        /// `call`: those that calls own; `chat`: the others; all when left out.
        kind: Option<String>,
        /// How it stands to what was promised: active, active_with_misses, hit or missed.
        #[param(example = "active_with_misses")]
        sla: Option<String>,
        /// Words of the customer's name, e-mail address, telephone number, company or the shop's id of the customer, or of a shopper's name: all must
        /// be found, each as the beginning of a word; case and accents make no difference.
        q: Option<String>,
    }
}

list_query! {
    /// Which messages.
    MessagesQuery {}
}

/// List conversations, the newest first.
#[utoipa::path(tag = "conversations", params(ConversationsQuery), responses((status = 200, body = Paged<ConversationView>)), security(("bearer" = ["calls"])))]
#[get("/v1/conversations")]
pub(crate) async fn list_conversations(
    caller: Caller,
    query: Query<ConversationsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let staff = caller.staff(Module::Calls)?;
    let (account, query) = (staff.account, query.0);
    let asked = query.page::<Newest>(&state, &request).await?;
    let opened = range::Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
    let closed = range::Asked { from: query.closed_from.as_deref(), to: query.closed_to.as_deref(), tz: query.tz.as_deref() };
    let opened = period::open(&state, account, asked.position, opened).await?;
    let closed = period::open(&state, account, asked.position, closed).await?;
    let filters = filters!(query; status, outcome, customer_id, department, channel, tag, expertise, shopper_id, bot, mine, waiting, country,
        language, rated, nps_class, csat, face, environment, kind, sla, q);
    filters.must_be_findable()?;
    let mut filter = filters.conversations(opened, closed)?;
    if query.mine == Some(true) {
        filter.part = Some(Part::Takes(query.shopper_id.map_or_else(|| staff.shopper_or_self(None), |id| Ok(ShopperId(id)))?));
    }
    let viewer = Viewer::staff(&state, staff, asked.position).await?;
    answer(&state, &request, &asked, account, &filter, &viewer).await
}

/// A page of the conversations that the filter lets through.
pub(crate) async fn answer(
    state: &State,
    request: &HttpRequest,
    asked: &Asked<Newest>,
    account: AccountId,
    filter: &ConversationFilter,
    viewer: &Viewer,
) -> Result<HttpResponse> {
    let found = conversations::list(&state.store, account, filter, asked.page()).await.map_err(reading::problem)?;
    let key = |c: &Conversation| Newest { at: c.row.opened_at, id: c.row.conversation_id.0 };
    let ids: Vec<_> = found.rows.iter().map(|found| found.row.conversation_id).take(asked.limit as usize).collect();
    let mut rows = export::conversations::some(&state.store, account, &ids, asked.position).await.map_err(reading::problem)?;
    Ok(asked.answer_found(request, found, key, |found| {
        let row = rows.remove(&found.row.conversation_id).map(Into::into);
        ConversationView::new(found, viewer).with(row)
    }))
}

/// One conversation.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<ConversationView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}")]
pub(crate) async fn get_conversation(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<ReadAt>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let party = caller.party_of_some_conversation()?;
    let position = query.0.position(&state).await?;
    let viewer = match &party {
        Party::Staff(staff) => Viewer::staff(&state, staff, position).await?,
        Party::Customer(claims) => {
            continuation::must_show(&state, claims, id.0, position).await?;
            Viewer::Customer
        }
    };
    let found = conversations::get(&state.store, party.account(), id.0, position).await.map_err(reading::problem)?;
    let conversation = found.ok_or_else(|| ApiError::not_found("conversation"))?;
    let version = conversation.version();
    let row = match &party {
        Party::Staff(staff) => {
            let rows = export::conversations::some(&state.store, staff.account, &[id.0], position).await;
            rows.map_err(reading::problem)?.remove(&id.0).map(Into::into)
        }
        Party::Customer(_) => None,
    };
    let held = contents::get(&state.store, party.account(), id.0).await.map_err(reading::problem)?;
    Ok(reading::answer(ConversationView::new(conversation, &viewer).with(row).without(held.as_ref()), version, position))
}

/// What was said, in order.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), MessagesQuery), responses((status = 200, body = Paged<MessageView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}/messages")]
pub(crate) async fn list_messages(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<MessagesQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let party = caller.party_of_some_conversation()?;
    let asked = query.0.page::<Position>(&state, &request).await?;
    let reader = match &party {
        Party::Staff(_) => Reader::Staff,
        Party::Customer(claims) => {
            continuation::must_show(&state, claims, id.0, asked.position).await?;
            Reader::Customer
        }
    };
    let rows = messages::list(&state.store, party.account(), id.0, reader, asked.page()).await.map_err(reading::problem)?;
    if rows.is_empty() && conversations::get(&state.store, party.account(), id.0, asked.position).await.map_err(reading::problem)?.is_none()
    {
        return Err(ApiError::not_found("conversation"));
    }
    Ok(asked.answer(&request, rows, |row| Position(row.position), MessageView::from))
}

/// Everything that happened to a conversation, in order. For staff.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), history::HistoryQuery), responses((status = 200, body = Paged<HistoryEvent>)), security(("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}/history")]
pub(crate) async fn get_conversation_history(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<history::HistoryQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    history::answer(&state, &request, &query.0, account, Category::Conversation, id.0.0).await
}

/// What the router decided for a chat: who was chosen, and why nobody else. For staff.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), history::HistoryQuery), responses((status = 200, body = Paged<HistoryEvent>)), security(("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}/routing")]
pub(crate) async fn get_conversation_routing(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<history::HistoryQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let is_of_routing = |event_type: &str| event_type.contains("routing");
    history::answer_with(&state, &request, &query.0, (account, Category::Conversation, id.0.0), is_of_routing).await
}
