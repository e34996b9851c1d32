//! What a conversation and what was said in it look like, to staff and to its customer, who never sees what is internal.

use super::sla::SlaView;
use crate::{
    auth::caller::Staff,
    error::Result,
    reading,
    routes::{named, rows::ConversationRowView},
    wiring::State,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::conversation::Recipient;
use vitrina_eventlog::Position;
use vitrina_projections::{
    contents::ContentsRow,
    conversations::{Conversation, ConversationRow, HandOver, Participant, Standing},
    messages::MessageRow,
    shoppers,
    table::At,
};

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// Somebody of the house.
    Staff {
        /// The reader's own expertise, for the star (PRODUCT.md I08).
        expertise: Vec<String>,
    },
    /// The customer.
    Customer,
}

impl Viewer {
    /// The member of staff as a reader at this position.
    pub(crate) async fn staff(state: &State, staff: &Staff, at: Position) -> Result<Self> {
        if !staff.is_shopper {
            return Ok(Self::Staff { expertise: Vec::new() });
        }
        let found = shoppers::get(&state.store, staff.account, staff.user.into(), at).await.map_err(reading::problem)?;
        Ok(Self::Staff { expertise: found.map(|found| found.row.expertise.0).unwrap_or_default() })
    }
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
    /// The bot that takes part.
    bot: Option<BotView>,
    /// The closed conversation that this one continues.
    previous_conversation_id: Option<Uuid>,
    /// Where the talk went on last; known of the first conversation of a row.
    continued_in: Option<Uuid>,
    /// What staff alone sees: a customer's answer has none of it.
    #[serde(flatten)]
    #[schema(value_type = StaffView)]
    staff: Option<StaffView>,
    /// When it began.
    opened_at: DateTime<Utc>,
    /// When it was closed.
    closed_at: Option<DateTime<Utc>>,
    /// When what was written was deleted, since its time had come.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages_deleted_at: Option<DateTime<Utc>>,
    /// When its files were deleted, since their time had come.
    #[serde(skip_serializing_if = "Option::is_none")]
    files_deleted_at: Option<DateTime<Utc>>,
    /// Why it was closed.
    close_reason: Option<String>,
    /// Messages and files in it that the caller may see in principle, notices of the system left out.
    messages: i64,
    /// Of the customer.
    customer_messages: i64,
    /// Of shoppers.
    agent_messages: i64,
    /// When the last one was sent.
    last_message_at: Option<DateTime<Utc>>,
    /// Whether the customer has rated it.
    is_rated: bool,
    /// production or test.
    environment: String,
    /// Its version, as in `ETag`.
    version: i64,
}

/// What staff alone sees of a conversation. All or nothing of it is there, so the description requires no field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffView {
    /// Tags, in the order in which they were put on.
    #[schema(required = false)]
    tags: Vec<String>,
    /// What it takes to answer.
    #[schema(required = false)]
    expertise: Vec<String>,
    /// The note for hand-over.
    note: Option<String>,
    /// The department that answers; any when `null`.
    department: Option<String>,
    /// Higher is served first, 0 is ordinary.
    #[schema(required = false)]
    priority: i32,
    /// Since when no shopper is present; `null` while one is, and where a call owns it.
    waiting_since: Option<DateTime<Utc>>,
    /// The shopper who answers for it, or did last.
    assigned_to: Option<Uuid>,
    /// Whether it is the customer's turn: such rows are highlighted.
    #[schema(required = false)]
    is_highlighted: bool,
    /// Whether it takes an expertise that the reader has.
    #[schema(required = false)]
    is_starred: bool,
    /// The newest hand-overs, in order.
    #[schema(required = false)]
    hand_overs: Vec<HandOverView>,
    /// How it ended: escalated, no_agent, no_answer or success.
    outcome: Option<String>,
    /// What was promised, and what came of it; `null` where nothing was.
    sla: Option<SlaView>,
    /// Whether an agent ever wrote; known once it is closed.
    agent_replied: Option<bool>,
    /// The row of the register, with names and answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<ConversationRowView>,
}

/// A hand-over; to a colleague or to a department.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandOverView {
    /// By whom, where it was a shopper who took part.
    from_shopper_id: Option<Uuid>,
    /// By the bot, where it was.
    from_bot_id: Option<Uuid>,
    /// To which colleague.
    to_shopper_id: Option<Uuid>,
    /// To which department.
    to_department: Option<String>,
    /// What they should know.
    note: Option<String>,
    /// When.
    at: DateTime<Utc>,
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
    /// Until when, where they left.
    left_at: Option<DateTime<Utc>>,
}

/// A bot that takes part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BotView {
    /// The bot: the author of its messages.
    id: Uuid,
    /// What it is called.
    name: String,
    /// Where its picture is.
    image: Option<String>,
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
    /// customer, shopper, bot or system.
    author_kind: String,
    /// Who.
    author_id: Option<Uuid>,
    /// public or internal.
    visibility: String,
    /// The text, or the file's name; `null` when its person was erased, or it is kept no longer.
    body: Option<String>,
    /// The file.
    file: Option<FileView>,
    /// Shoppers who are called upon.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    mentions: Vec<Uuid>,
    /// The template (HSM) whose text it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
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
    /// Where its content is; `null` when it was deleted.
    url: Option<String>,
}

impl ConversationView {
    pub(super) fn new(conversation: Conversation, viewer: &Viewer) -> Self {
        let version = conversation.version();
        let Conversation { row, counts, .. } = conversation;
        let is_staff = matches!(viewer, Viewer::Staff { .. });
        Self {
            id: row.conversation_id.0,
            status: named::name(&row.status),
            status_since: row.status_since,
            customer_id: row.customer_id.0,
            call_id: row.call_id.map(|id| id.0),
            channel: row.channel.clone(),
            language: row.language.clone(),
            country: row.country.clone(),
            participants: row.participants.0.iter().map(ParticipantView::from).collect(),
            bot: row.bot_id.zip(row.bot.clone()).map(|(id, bot)| BotView { id: id.0, name: bot.0.name, image: bot.0.image }),
            previous_conversation_id: row.previous_id.map(|id| id.0),
            continued_in: row.continued_in.map(|id| id.0),
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            messages_deleted_at: None,
            files_deleted_at: None,
            close_reason: named::optional(&row.close_reason),
            messages: if is_staff { counts.messages } else { counts.customer + counts.agent },
            customer_messages: counts.customer,
            agent_messages: counts.agent,
            last_message_at: counts.last_at.filter(|_| is_staff),
            is_rated: row.rated,
            environment: named::name(&row.environment),
            version,
            staff: match viewer {
                Viewer::Staff { expertise } => Some(StaffView::new(row, expertise)),
                Viewer::Customer => None,
            },
        }
    }
}

impl ConversationView {
    /// The same with what is deleted of it, as things stand.
    pub(super) fn without(self, contents: Option<&ContentsRow>) -> Self {
        let (messages_deleted_at, files_deleted_at) =
            contents.map_or((None, None), |contents| (contents.messages_deleted_at, contents.files_deleted_at));
        Self { messages_deleted_at, files_deleted_at, ..self }
    }

    /// The same with the row of the register, where it is for staff.
    pub(super) fn with(mut self, row: Option<ConversationRowView>) -> Self {
        if let Some(staff) = &mut self.staff {
            staff.row = row;
        }
        self
    }
}

impl StaffView {
    fn new(row: ConversationRow, expertise: &[String]) -> Self {
        Self {
            is_highlighted: row.status == Standing::WaitingCustomer,
            is_starred: row.expertise.0.iter().any(|wanted| expertise.contains(wanted)),
            tags: row.tags.0,
            expertise: row.expertise.0,
            note: row.note,
            department: row.department,
            priority: row.priority,
            waiting_since: row.waiting_since,
            assigned_to: row.assigned_to.map(|id| id.0),
            hand_overs: row.hand_overs.0.into_iter().map(HandOverView::from).collect(),
            outcome: named::optional(&row.outcome),
            sla: row.sla.zip(row.sla_standing).map(|(sla, standing)| SlaView::new(&sla.0, standing)),
            agent_replied: row.agent_replied,
            row: None,
        }
    }
}

impl From<&Participant> for ParticipantView {
    fn from(from: &Participant) -> Self {
        Self { shopper_id: from.shopper_id.0, is_present: from.present, joined_at: from.joined_at, left_at: from.left_at }
    }
}

impl From<HandOver> for HandOverView {
    fn from(from: HandOver) -> Self {
        let (to_shopper_id, to_department) = match from.to {
            Recipient::Shopper(id) => (Some(id.0), None),
            Recipient::Department(name) => (None, Some(name)),
        };
        Self {
            from_shopper_id: from.from.map(|id| id.0),
            from_bot_id: from.bot_id.map(|id| id.0),
            to_shopper_id,
            to_department,
            note: from.note,
            at: from.at,
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
            mentions: row.mentions.map(|mentions| mentions.0.iter().map(|id| id.0).collect()).unwrap_or_default(),
            template: row.template,
            sent_at: row.sent_at,
        }
    }
}
