//! What is kept for a time only, without a server and by a clock that is the test's.

use super::{delete, sweep};
use crate::{recording::tests::Place, storage::Key};
use chrono::{TimeDelta, Utc};
use std::sync::Arc;
use uuid::Uuid;
use vitrina_commands::{CommandError, CommandMeta};
use vitrina_domain::{
    account::{Account, AccountAction, RetentionChange, Term},
    actor::Actor,
    conversation::{Author, CloseReason, Content, Conversation, ConversationAction, File},
    event::Event,
    ids::{CommandId, ConversationId, CustomerId, FileId, MessageId},
    refusal::Refusal,
    retention::{ContentExpired, ContentKind, RetentionEvent},
};
use vitrina_eventlog::{Position, Recorded};
use vitrina_projections::{
    Page, contents,
    messages::{self, Reader},
};

/// A conversation with a word and a file.
struct Chat {
    id: ConversationId,
    file: FileId,
}

impl Place {
    fn now(&self) -> CommandMeta {
        CommandMeta::new(self.account, CommandId(Uuid::now_v7()), Actor::System("test".to_owned()), Utc::now())
    }

    async fn keeps(&self, messages: Option<Term>, files: Option<Term>) {
        let change = AccountAction::ChangeRetention(RetentionChange { messages, files, ..RetentionChange::default() });
        let run = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Account>(self.account, change.clone());
        self.state.commands.execute(&self.now(), Vec::new(), run).await.unwrap();
    }

    async fn chat(&self) -> Chat {
        let (id, customer_id, file_id) = (ConversationId(Uuid::now_v7()), CustomerId(Uuid::now_v7()), FileId(Uuid::now_v7()));
        self.put(&Key::file(self.account, file_id)).await;
        let author = Author::System;
        let open = open(customer_id);
        let say = ConversationAction::Announce { message_id: MessageId(Uuid::now_v7()), body: "una zarzamora".to_owned() };
        let content = Content::Here(format!("/v1/conversations/{id}/files/{file_id}"));
        let (name, media_type, sha256) = ("ahuehuete.png".to_owned(), "image/png".to_owned(), "00".repeat(32));
        let share = ConversationAction::ShareFile { author, file: Box::new(File { file_id, name, media_type, bytes: 4, sha256, content }) };
        for action in [open, say, share, ConversationAction::Close { reason: CloseReason::ByAdmin }] {
            let run = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Conversation>(id, action.clone());
            self.state.commands.execute(&self.now(), Vec::new(), run).await.unwrap();
        }
        Chat { id, file: file_id }
    }

    async fn note(&self, chat: &Chat) -> Result<(), CommandError> {
        let note = ConversationAction::SetNote { text: "prefers boots".to_owned() };
        let run = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Conversation>(chat.id, note.clone());
        self.state.commands.execute(&self.now(), Vec::new(), run).await.map(drop)
    }

    /// What the messages say, and where files are.
    async fn said(&self, chat: &Chat) -> Vec<(Option<String>, bool)> {
        self.caught_up().await;
        let page = Page::<Position>::first(self.state.applied(), 100);
        let rows = messages::list(&self.state.store, self.account, chat.id, Reader::Staff, page).await.unwrap();
        rows.into_iter().map(|at| (at.row.body, at.row.url.is_some())).collect()
    }

    async fn logged(&self) -> Vec<Arc<Recorded>> {
        self.state.log.read(Position::ZERO, 10_000).await.unwrap()
    }

    async fn told(&self) -> Vec<ContentExpired> {
        let decoded = self.state.log.decode(self.logged().await).await.unwrap();
        let told = decoded.into_iter().filter_map(|one| match one.event {
            Event::Retention(RetentionEvent::ContentExpired(expired)) => Some(expired),
            _ => None,
        });
        told.collect()
    }
}

fn open(customer_id: CustomerId) -> ConversationAction {
    ConversationAction::Open {
        customer_id,
        call_id: None,
        channel: "web".to_owned(),
        language: None,
        country: None,
        department: None,
        continues: None,
    }
}

fn day(n: i64) -> chrono::DateTime<Utc> {
    Utc::now() + TimeDelta::days(n)
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_words_go_so_many_days_after_the_end_and_not_before_and_are_told_once() {
    for place in Place::everywhere().await {
        let chat = place.chat().await;
        assert_eq!(sweep(&place.state, day(3_000)).await.unwrap(), 0, "where nothing is set everything is kept");
        place.keeps(Some(Term::Days(90)), Some(Term::Days(30))).await;
        assert_eq!(sweep(&place.state, day(29)).await.unwrap(), 0);
        let key = Key::file(place.account, chat.file);
        assert!(place.has(&key).await);

        assert_eq!(sweep(&place.state, day(31)).await.unwrap(), 1);
        assert_eq!((sweep(&place.state, day(31)).await.unwrap(), place.has(&key).await), (0, false));
        assert_eq!(place.said(&chat).await, [(text("una zarzamora"), false), (text("ahuehuete.png"), false)]);

        place.note(&chat).await.unwrap();

        assert_eq!(sweep(&place.state, day(91)).await.unwrap(), 1);
        let refused = place.note(&chat).await.unwrap_err();
        assert!(matches!(&refused, CommandError::Refused { refusal: Refusal::Expired, .. }), "a note would be lost: {refused:?}");
        assert_eq!(sweep(&place.state, day(9_000)).await.unwrap(), 0);
        assert_eq!(place.said(&chat).await, [(None, false), (None, false)]);
        let expired = |content| ContentExpired { content, conversations: vec![chat.id] };
        assert_eq!(place.told().await, [expired(ContentKind::Files), expired(ContentKind::Messages)]);
        let log = format!("{:?}", place.state.log.decode(place.logged().await).await.unwrap());
        assert!(!log.contains("zarzamora"));
        let held = contents::get(&place.state.store, place.account, chat.id).await.unwrap().unwrap();
        assert!(held.files_deleted_at < held.messages_deleted_at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_deed_and_its_event_leaves_nothing_but_the_event_to_be_written() {
    for place in Place::everywhere().await {
        let (chat, other) = (place.chat().await, place.chat().await);
        place.keeps(Some(Term::Days(1)), None).await;
        place.caught_up().await;
        delete(&place.state, place.account, ContentKind::Messages, chat.id).await.unwrap();
        assert!(place.told().await.is_empty());
        assert_eq!(sweep(&place.state, day(2)).await.unwrap(), 2);
        assert_eq!((place.said(&chat).await, place.said(&other).await), (vec![(None, false); 2], vec![(None, false); 2]));
        for chat in [&chat, &other] {
            assert!(!place.has(&Key::file(place.account, chat.file)).await);
        }
        assert_eq!(place.told().await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_is_kept_however_old_it_is() {
    for place in Place::everywhere().await {
        place.keeps(Some(Term::Days(1)), None).await;
        let (id, customer_id) = (ConversationId(Uuid::now_v7()), CustomerId(Uuid::now_v7()));
        let open = open(customer_id);
        let run = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Conversation>(id, open.clone());
        place.state.commands.execute(&place.now(), Vec::new(), run).await.unwrap();
        assert_eq!(sweep(&place.state, day(3_000)).await.unwrap(), 0);
    }
}
