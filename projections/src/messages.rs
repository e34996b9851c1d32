//! What was written and shared: the hot path. A message is one row, and nothing else is touched.
//!
//! Every row carries how many there are up to it, so that the counts at any position are one look into the primary key:
//! the fold takes them from the last row of the conversation.

use crate::{
    asked::Page,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Scrubs, Tables},
    sql::{Store, Value, sql},
    table::{At, Field, Json, Table, stored_names, table, take},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use vitrina_domain::{
    conversation::{Author, ConversationEvent, FileShared, MessageSent, Visibility},
    event::Event,
    ids::{AccountId, ApiKeyId, ConversationId, CustomerId, FileId, ShopperId, SubjectId},
    retention::{ContentExpired, ContentKind},
    subject::Forgotten,
};
use vitrina_eventlog::{Decoded, Position};

/// A text or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// Somebody wrote.
    Text,
    /// Somebody shared a file.
    File,
}

/// Whose words: the kind of [`Author`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthorKind {
    /// The customer's.
    Customer,
    /// A shopper's.
    Shopper,
    /// The bot's.
    Bot,
    /// The system's.
    System,
}

stored_names! {
    MessageKind { Text = "text", File = "file" }
    AuthorKind { Customer = "customer", Shopper = "shopper", Bot = "bot", System = "system" }
    Visibility { Public = "public", Internal = "internal" }
}

table! {
    /// A message or a file. What is personal is absent when its person was erased.
    pub struct MessageRow in "messages" as Fact {
        key {
            /// Whose.
            account_id: AccountId,
            /// The conversation.
            conversation_id: ConversationId,
        }
        columns {
            /// Version of the conversation's stream with it.
            version: i64,
            /// Number in the conversation, from 1: how many there are up to this one.
            seq: i64,
            /// How many of them are the customer's.
            customer_count: i64,
            /// How many of them are shoppers', to be seen by the customer.
            agent_count: i64,
            /// Text or file.
            kind: MessageKind,
            /// The message or the file.
            message_id: Uuid,
            /// Whose words.
            author_kind: AuthorKind,
            /// Who, unless it was the system.
            author_id: Option<Uuid>,
            /// Who may read it.
            visibility: Visibility,
            /// The text, or the file's name.
            body: Option<String>,
            /// Media type of the file.
            media_type: Option<String>,
            /// Size of the file in bytes.
            bytes: Option<i64>,
            /// SHA-256 of the file.
            sha256: Option<String>,
            /// Where the file is.
            url: Option<String>,
            /// Colleagues who are called upon; absent when there are none.
            mentions: Option<Json<Vec<ShopperId>>>,
            /// The template whose text it is.
            template: Option<String>,
            /// When.
            sent_at: DateTime<Utc>,
        }
    }
}

impl MessageRow {
    /// Who wrote it.
    pub fn author(&self) -> Author {
        match (self.author_kind, self.author_id) {
            (AuthorKind::Customer, Some(id)) => Author::Customer(CustomerId(id)),
            (AuthorKind::Shopper, Some(id)) => Author::Shopper(ShopperId(id)),
            (AuthorKind::Bot, Some(id)) => Author::Bot(ApiKeyId(id)),
            _ => Author::System,
        }
    }
}

/// The messages of a conversation, in order.
const IN_CONVERSATION: (&[&str], &str) = (&["account_id", "conversation_id"], "position");

/// Keeps the messages.
pub struct MessagesProjection;

impl Projection for MessagesProjection {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<MessageRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(
            event,
            Event::Conversation(ConversationEvent::Opened(_) | ConversationEvent::MessageSent(_) | ConversationEvent::FileShared(_))
        )
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            // A new conversation has no last message that would have to be looked for.
            Event::Conversation(ConversationEvent::Opened(_)) => keys.create::<MessageRow>(key(event)),
            _ => keys.load::<MessageRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let last = rows.newest::<MessageRow>(&key(event))?;
        let row = match &event.event {
            Event::Conversation(ConversationEvent::MessageSent(sent)) => text_row(event, sent, last),
            Event::Conversation(ConversationEvent::FileShared(shared)) => file_row(event, shared, last),
            _ => return Ok(()),
        };
        rows.add(row)
    }

    fn forgets(&self, account: AccountId, _: SubjectId, forgotten: &Forgotten, scrubs: &mut Scrubs) {
        for conversation in &forgotten.conversations {
            scrubs.rows::<MessageRow>(IN_CONVERSATION, vec![account.to_value(), conversation.to_value()], |rows, _| {
                rows.iter_mut().for_each(|row| (row.body, row.url) = (None, None));
            });
        }
    }

    fn expires(&self, account: AccountId, expired: &ContentExpired, scrubs: &mut Scrubs) {
        for conversation in &expired.conversations {
            let values = vec![account.to_value(), conversation.to_value()];
            match expired.content {
                ContentKind::Messages => scrubs.rows::<MessageRow>(IN_CONVERSATION, values, |rows, _| {
                    rows.iter_mut().for_each(|row| (row.body, row.url) = (None, None));
                }),
                ContentKind::Files => {
                    scrubs.rows::<MessageRow>(IN_CONVERSATION, values, |rows, _| rows.iter_mut().for_each(|row| row.url = None));
                }
            }
        }
    }
}

fn key(event: &Decoded) -> (AccountId, ConversationId) {
    (event.account(), ConversationId(event.recorded.stream.id))
}

fn text_row(event: &Decoded, sent: &MessageSent, last: Option<&MessageRow>) -> MessageRow {
    let row = blank(event, sent.author, sent.visibility, last);
    let mentions = (!sent.mentions.is_empty()).then(|| Json(sent.mentions.clone()));
    MessageRow { message_id: sent.message_id.0, body: sent.body.get().cloned(), mentions, template: sent.template.clone(), ..row }
}

fn file_row(event: &Decoded, shared: &FileShared, last: Option<&MessageRow>) -> MessageRow {
    let row = blank(event, shared.author, Visibility::Public, last);
    MessageRow {
        kind: MessageKind::File,
        message_id: shared.file_id.0,
        body: shared.name.get().cloned(),
        media_type: Some(shared.media_type.clone()),
        bytes: i64::try_from(shared.bytes).ok(),
        sha256: Some(shared.sha256.clone()),
        url: shared.url.get().cloned(),
        ..row
    }
}

/// A row with its numbers and its author, and nothing said yet.
fn blank(event: &Decoded, author: Author, visibility: Visibility, last: Option<&MessageRow>) -> MessageRow {
    let (account_id, conversation_id) = key(event);
    let (author_kind, author_id) = match author {
        Author::Customer(id) => (AuthorKind::Customer, Some(id.0)),
        Author::Shopper(id) => (AuthorKind::Shopper, Some(id.0)),
        Author::Bot(id) => (AuthorKind::Bot, Some(id.0)),
        Author::System => (AuthorKind::System, None),
    };
    let seen = i64::from(visibility == Visibility::Public);
    let so_far = |count: fn(&MessageRow) -> i64| last.map_or(0, count);
    MessageRow {
        account_id,
        conversation_id,
        version: event.version(),
        seq: so_far(|row| row.seq) + 1,
        customer_count: so_far(|row| row.customer_count) + i64::from(author_kind == AuthorKind::Customer),
        agent_count: so_far(|row| row.agent_count) + i64::from(author_kind == AuthorKind::Shopper) * seen,
        kind: MessageKind::Text,
        message_id: Uuid::nil(),
        author_kind,
        author_id,
        visibility,
        body: None,
        media_type: None,
        bytes: None,
        sha256: None,
        url: None,
        mentions: None,
        template: None,
        sent_at: event.at(),
    }
}

/// How much was written in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Messages and files in all.
    pub messages: i64,
    /// Of the customer.
    pub customer: i64,
    /// Of shoppers, to be seen by the customer.
    pub agent: i64,
    /// Version of the conversation's stream with the last one; 0 without one.
    pub last_version: i64,
    /// When the last one was sent.
    pub last_at: Option<DateTime<Utc>>,
}

impl Counts {
    /// Reads five columns, all of them absent when nothing was written.
    pub(crate) fn from_values(values: &mut dyn Iterator<Item = Value>) -> Result<Self> {
        let mut number = |column| take::<Option<i64>>(values, "messages", column).map(Option::unwrap_or_default);
        let (messages, customer, agent) = (number("seq")?, number("customer_count")?, number("agent_count")?);
        let last_version = number("version")?;
        Ok(Self { messages, customer, agent, last_version, last_at: take(values, "messages", "sent_at")? })
    }
}

/// Who reads: decides whether private notes are among what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Sees everything.
    Staff,
    /// Sees what is public.
    Customer,
}

const LIST: &str = sql!(
    "SELECT position, ",
    MessageRow::COLUMNS,
    " FROM messages WHERE account_id = $1 AND conversation_id = $2 AND position <= $3 AND position > $4
       AND (visibility = 'public' OR $6 = 1)
     ORDER BY position LIMIT $5"
);

const FILE: &str = sql!(
    "SELECT position, ",
    MessageRow::COLUMNS,
    " FROM messages WHERE account_id = $1 AND conversation_id = $2 AND position <= $3 AND message_id = $4 AND kind = 'file'"
);

/// By the index that holds files only.
const HAS_FILE: &str = "SELECT 1 FROM messages WHERE account_id = $1 AND message_id = $2 AND kind = 'file' LIMIT 1";

const COUNTS: &str = "SELECT seq, customer_count, agent_count, version, sent_at FROM messages
     WHERE account_id = $1 AND conversation_id = $2 AND position <= $3 ORDER BY position DESC LIMIT 1";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[LIST, FILE, HAS_FILE, COUNTS];

/// What was written in a conversation, in order; the page's sort key is the position of a message.
///
/// # Errors
/// When the database is away.
pub async fn list(
    store: &Store,
    account: AccountId,
    conversation: ConversationId,
    reader: Reader,
    page: Page<Position>,
) -> Result<Vec<At<MessageRow>>> {
    let args = vec![
        account.to_value(),
        conversation.to_value(),
        page.as_of_value(),
        Value::Int(page.after.unwrap_or(Position::ZERO).0),
        page.limit_value(),
        Value::Int(i64::from(reader == Reader::Staff)),
    ];
    store.rows(LIST, args).await
}

/// A file that was shared in a conversation.
///
/// # Errors
/// When the database is away.
pub async fn file(
    store: &Store,
    account: AccountId,
    conversation: ConversationId,
    file: FileId,
    as_of: Position,
) -> Result<Option<MessageRow>> {
    let args = vec![account.to_value(), conversation.to_value(), Value::Int(as_of.0), file.0.to_value()];
    let found = store.query(FILE, args).await?.into_iter().next();
    found.map(|row| At::from_values(&mut row.into_iter()).map(|at: At<MessageRow>| at.row)).transpose()
}

/// Whether this file was ever shared.
///
/// # Errors
/// When the database is away.
pub async fn has_file(store: &Store, account: AccountId, file: FileId) -> Result<bool> {
    Ok(!store.query(HAS_FILE, vec![account.to_value(), file.0.to_value()]).await?.is_empty())
}

/// How much was written in a conversation.
///
/// # Errors
/// When the database is away.
pub async fn counts(store: &Store, account: AccountId, conversation: ConversationId, as_of: Position) -> Result<Counts> {
    let args = vec![account.to_value(), conversation.to_value(), Value::Int(as_of.0)];
    let last = store.query(COUNTS, args).await?.into_iter().next();
    last.map_or(Ok(Counts::default()), |row| Counts::from_values(&mut row.into_iter()))
}
