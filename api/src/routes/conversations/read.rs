//! Conversations as they are read: one, many, what was said, and the history. A customer never sees a private note.

use crate::{
    auth::caller::{Caller, Party},
    error::{ApiError, Result},
    history::{self, HistoryEvent},
    page::{Paged, list_query},
    parameters::{Id, Query},
    period,
    reading::{self, Read, ReadAt},
    routes::named,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::{ConversationId, CustomerId},
    metrics::range,
    module::Module,
    stream::Category,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    asked::Newest,
    conversations::{self, Conversation, ConversationFilter},
    messages::{self, MessageRow, Reader},
    table::At,
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
    }
}

list_query! {
    /// Which messages.
    MessagesQuery {}
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    /// The conversation.
    id: Uuid,
    /// in_progress, waiting_customer, need_help or closed.
    #[schema(example = "in_progress")]
    status: String,
    /// Since when.
    status_since: DateTime<Utc>,
    /// Who it is with.
    customer_id: Uuid,
    /// The call that owns it.
    call_id: Option<Uuid>,
    /// How the customer writes.
    channel: String,
    /// BCP 47 tag of the customer's language.
    language: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Shoppers who take part or did, in the order of coming.
    participants: Vec<ParticipantView>,
    /// Tags; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    /// What it takes to answer; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    expertise: Option<Vec<String>>,
    /// The note for hand-over; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// When it began.
    opened_at: DateTime<Utc>,
    /// When it was closed.
    closed_at: Option<DateTime<Utc>>,
    /// Why it was closed.
    close_reason: Option<String>,
    /// How it ended: escalated, no_agent, no_answer or success.
    outcome: Option<String>,
    /// Whether an agent ever wrote; known once it is closed.
    agent_replied: Option<bool>,
    /// Messages and files in it that the caller may see in principle.
    messages: i64,
    /// Of the customer.
    customer_messages: i64,
    /// Of shoppers.
    agent_messages: i64,
    /// When the last one was sent.
    last_message_at: Option<DateTime<Utc>>,
    /// Whether the customer has rated it.
    is_rated: bool,
    /// Its version, as in `ETag`.
    version: i64,
}

/// A shopper who takes part or did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantView {
    /// Who.
    shopper_id: Uuid,
    /// Whether they still do.
    is_present: bool,
    /// Since when, the first time.
    joined_at: DateTime<Utc>,
}

/// A message or a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// The message or the file.
    id: Uuid,
    /// Position of its event.
    position: i64,
    /// text or file.
    kind: String,
    /// customer, shopper or system.
    author_kind: String,
    /// Who.
    author_id: Option<Uuid>,
    /// public or internal.
    visibility: String,
    /// The text, or the file's name; `null` when its person was erased.
    body: Option<String>,
    /// The file.
    file: Option<FileView>,
    /// When.
    sent_at: DateTime<Utc>,
}

/// A file that was shared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileView {
    /// Media type.
    media_type: String,
    /// Size in bytes.
    bytes: i64,
    /// SHA-256 of its content.
    sha256: Option<String>,
    /// Where its content is.
    url: Option<String>,
}

impl ConversationView {
    fn new(conversation: Conversation, reader: Reader) -> Self {
        let version = conversation.version();
        let Conversation { row, counts, .. } = conversation;
        let is_staff = reader == Reader::Staff;
        let participant =
            |p: &conversations::Participant| ParticipantView { shopper_id: p.shopper_id.0, is_present: p.present, joined_at: p.joined_at };
        Self {
            id: row.conversation_id.0,
            status: named::name(&row.status),
            status_since: row.status_since,
            customer_id: row.customer_id.0,
            call_id: row.call_id.map(|id| id.0),
            channel: row.channel,
            language: row.language,
            country: row.country,
            participants: row.participants.0.iter().map(participant).collect(),
            tags: is_staff.then_some(row.tags.0),
            expertise: is_staff.then_some(row.expertise.0),
            note: row.note.filter(|_| is_staff),
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            close_reason: named::optional(&row.close_reason),
            outcome: named::optional(&row.outcome),
            agent_replied: row.agent_replied,
            messages: if is_staff { counts.messages } else { counts.customer + counts.agent },
            customer_messages: counts.customer,
            agent_messages: counts.agent,
            last_message_at: counts.last_at.filter(|_| is_staff),
            is_rated: row.rated,
            version,
        }
    }
}

impl From<At<MessageRow>> for MessageView {
    fn from(At { position, row }: At<MessageRow>) -> Self {
        let file = row.media_type.map(|media_type| FileView {
            media_type,
            bytes: row.bytes.unwrap_or_default(),
            sha256: row.sha256,
            url: row.url,
        });
        Self {
            id: row.message_id,
            position,
            kind: named::name(&row.kind),
            author_kind: named::name(&row.author_kind),
            author_id: row.author_id,
            visibility: named::name(&row.visibility),
            body: row.body,
            file,
            sent_at: row.sent_at,
        }
    }
}

/// What this party may see.
fn reader(party: &Party<'_>) -> Reader {
    match party {
        Party::Staff(_) => Reader::Staff,
        Party::Customer(_) => Reader::Customer,
    }
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
    let account = caller.staff(Module::Calls)?.account;
    let query = query.0;
    let asked = query.page::<Newest>(&state, &request).await?;
    let opened = range::Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
    let filter = ConversationFilter {
        status: named::filter("status", &query.status, "in_progress, waiting_customer, need_help, closed")?,
        outcome: named::filter("outcome", &query.outcome, "escalated, no_agent, no_answer, success")?,
        customer: query.customer_id.map(CustomerId),
        opened: period::open(&state, account, asked.position, opened).await?,
        ..ConversationFilter::default()
    };
    let rows = conversations::list(&state.store, account, &filter, asked.page()).await.map_err(reading::problem)?;
    let key = |c: &Conversation| Newest { at: c.row.opened_at, id: c.row.conversation_id.0 };
    Ok(asked.answer(&request, rows, key, |row| ConversationView::new(row, Reader::Staff)))
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
    let party = caller.party_of_conversation(id.0)?;
    let position = query.0.position(&state).await?;
    let found = conversations::get(&state.store, party.account(), id.0, position).await.map_err(reading::problem)?;
    let conversation = found.ok_or_else(|| ApiError::not_found("conversation"))?;
    let version = conversation.version();
    Ok(reading::answer(ConversationView::new(conversation, reader(&party)), version, position))
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
    let party = caller.party_of_conversation(id.0)?;
    let asked = query.0.page::<Position>(&state, &request).await?;
    let rows = messages::list(&state.store, party.account(), id.0, reader(&party), asked.page()).await.map_err(reading::problem)?;
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
