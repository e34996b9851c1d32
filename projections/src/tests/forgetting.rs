//! A person who is forgotten is nowhere: the rows are those that a fold from the first event makes of a log whose keys are gone, on both
//! engines, and what they wrote is in no file.

use super::{
    engines::{Place, assert_same, contents, descriptors},
    running::{caught_up, reference},
    story::{self, Chapter, Story},
};
use crate::{
    Runner, Store,
    runner::{ALL, Order, Pace},
    sql::{EngineName, Row, Value, snapshot::Snapshot},
};
use std::{collections::BTreeSet, ops::ControlFlow};
use uuid::Uuid;
use vitrina_domain::{
    conversation::{self, ConversationEvent},
    customer::{CustomerEvent, Profile},
    ids::*,
    personal::Personal,
    retention::{ContentExpired, ContentKind, RetentionEvent},
    stream::Category,
    subject::{ErasureReason, ErasureRequested, Forgotten, SubjectEvent, SubjectKind},
    survey::Answered,
};
use vitrina_eventlog::StreamId;

/// Nobody else in the story has them.
const WORDS: [&str; 8] = ["Quetzalli", "xochitl", "600987654", "zarzamora", "cempasuchil", "ahuehuete", "xoconostle", "Xalapa"];
/// The tables that have been written to with such words: making these anew is enough, and a third of the time.
const WRITTEN_IN: [&str; 8] = ["customer", "messages", "conversations", "ratings", "rating_credits", "users", "sessions", "shoppers"];
const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(0xfeed));

fn column(table: &str, name: &str) -> usize {
    let descriptor = descriptors().into_iter().find(|descriptor| descriptor.name == table).expect("a table");
    descriptor.stored().iter().position(|(column, _)| *column == name).expect("a column")
}

fn rows<'c>(contents: &'c [(&'static str, Vec<Row>)], table: &str) -> &'c [Row] {
    &contents.iter().find(|(name, _)| *name == table).expect("a table").1
}

fn id(value: &Value) -> Uuid {
    let Value::Bytes(bytes) = value else { panic!("an id: {value:?}") };
    Uuid::from_slice(bytes).expect("16 bytes")
}

/// Customers and shoppers of the story, each with the account.
fn people(contents: &[(&'static str, Vec<Row>)], table: &str) -> BTreeSet<(AccountId, Uuid)> {
    rows(contents, table).iter().map(|row| (AccountId(id(&row[0])), id(&row[1]))).collect()
}

/// What of a table is the customer's.
fn of<T: From<Uuid>>(contents: &[(&'static str, Vec<Row>)], table: &str, customer: Uuid) -> Vec<T> {
    let at = column(table, "customer_id");
    let of = rows(contents, table).iter().filter(|row| matches!(row[at], Value::Bytes(_)) && id(&row[at]) == customer);
    of.map(|row| id(&row[1])).collect::<BTreeSet<_>>().into_iter().map(T::from).collect()
}

/// Somebody with words of their own, in every place that takes some.
fn somebody(account: AccountId) -> Vec<Chapter> {
    let personal = |text: &str| Personal::known(CUSTOMER, text.to_owned());
    let created = Profile { name: Some(personal(WORDS[0])), email: Some(personal("xochitl@example.com")), ..Profile::default() };
    let company = Some("Casa Azul".to_owned());
    let (phone, address) = (Some(personal("+34 600987654")), Some(personal("Calle Xalapa 3\nMadrid")));
    let updated = Profile { phone, address, company, external_id: Some("c-1".into()), ..Profile::default() };
    let renamed = Profile { name: Some(personal("Quetzalli Dos")), company: Some("Casa Roja".into()), ..Profile::default() };
    let chat = ConversationId(Uuid::from_u128(0xbeef));
    let opened = conversation::Opened {
        customer_id: CUSTOMER,
        call_id: None,
        channel: "web".into(),
        language: None,
        country: None,
        department: None,
        continues: None,
    };
    let said = conversation::MessageSent {
        message_id: MessageId(Uuid::from_u128(0xf00d)),
        author: conversation::Author::Customer(CUSTOMER),
        body: personal("una zarzamora"),
        visibility: conversation::Visibility::Public,
        mentions: vec![],
        template: None,
    };
    let answered = Answered {
        answer_id: AnswerId(Uuid::from_u128(0xabba)),
        nps: Some(9),
        face: None,
        csat: None,
        comment: Some(personal("ahuehuete")),
        question: Some(personal("xoconostle")),
        shoppers: vec![],
        answered_at: story::beginning(),
    };
    let customer = [CustomerEvent::Created(created), CustomerEvent::Updated(updated), CustomerEvent::Updated(renamed)];
    let events = [
        ConversationEvent::Opened(opened),
        ConversationEvent::MessageSent(said),
        ConversationEvent::NoteSet(conversation::NoteSet { text: personal("cempasuchil") }),
        ConversationEvent::SurveyAnswered(answered),
    ];
    vec![
        (StreamId::new(account, Category::Customer, CUSTOMER), customer.into_iter().map(Into::into).collect()),
        (StreamId::new(account, Category::Conversation, chat), events.into_iter().map(Into::into).collect()),
    ]
}

fn forgets(account: AccountId, subject: Uuid, kind: SubjectKind, conversations: Vec<ConversationId>, calls: Vec<CallId>) -> Chapter {
    let requested = SubjectEvent::ErasureRequested(ErasureRequested { kind, reason: ErasureReason::Objected });
    let forgotten = SubjectEvent::Forgotten(Forgotten { kind, part: 0, conversations, calls });
    (StreamId::new(account, Category::Subject, subject), vec![requested.into(), forgotten.into()])
}

/// Makes the tables anew, without what was in their free places: on SQLite the product does so itself.
async fn vacuum(store: &Store) {
    if store.engine_name() == EngineName::Sqlite {
        let looking = Snapshot::take(store).await.unwrap();
        assert!(!store.scour().await.unwrap(), "somebody still looks at what was");
        drop(looking);
        return assert!(store.drain().await.unwrap());
    }
    let writer = store.writer().await.unwrap();
    let tables = "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'views' AND table_type = 'BASE TABLE'";
    let tables = writer.query(tables, Vec::new()).await.unwrap().concat();
    let name = |table: &Value| if let Value::Text(name) = table { name.clone() } else { panic!("a name is a text") };
    let names: Vec<_> = tables.iter().map(name).filter(|name| WRITTEN_IN.iter().any(|table| name.starts_with(table))).collect();
    writer.script(format!("VACUUM FULL {}", names.join(", "))).await.unwrap();
}

/// Which of the words are in the files of the read models.
async fn left(place: &Place, store: &Store) -> Vec<&'static str> {
    if store.engine_name() == EngineName::Postgres {
        let writer = store.writer().await.unwrap();
        writer.script("CHECKPOINT".to_owned()).await.unwrap();
        let found = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'views' AND c.relkind IN ('r', 'i')
              AND POSITION(convert_to($1, 'UTF8') IN pg_read_binary_file(pg_relation_filepath(c.oid))) > 0 LIMIT 1";
        let mut left = Vec::new();
        for word in WORDS {
            let rows = writer.query(found, vec![Value::Text(word.to_owned())]).await.unwrap();
            left.extend((!rows.is_empty()).then_some(word));
        }
        return left;
    }
    let Place::Sqlite(folder) = place else { panic!("SQLite has a folder") };
    let files: Vec<u8> = std::fs::read_dir(folder).unwrap().flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let text = String::from_utf8_lossy(&files).to_ascii_lowercase();
    WORDS.into_iter().filter(|word| text.contains(&word.to_ascii_lowercase())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_forgotten_is_in_no_row_and_in_no_file_and_everything_else_is_as_it_was() {
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(61);
        story.tell(&log, 300).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        let account = people(&contents(&store).await, "customers").first().expect("the story has customers").0;
        story::append(&log, somebody(account)).await;
        caught_up(&runner, &log).await;
        let before = contents(&store).await;
        assert_eq!(left(&place, &store).await, WORDS, "they are there");

        let (customers, shoppers) = (people(&before, "customers"), people(&before, "shoppers"));
        let chosen = customers.into_iter().filter(|(_, customer)| *customer == CUSTOMER.0 || customer.as_u128() % 2 == 0);
        let customers = chosen.map(|(account, customer)| {
            let (conversations, calls) = (of(&before, "conversations", customer), of(&before, "calls", customer));
            forgets(account, customer, SubjectKind::Customer, conversations, calls)
        });
        let shoppers = shoppers.into_iter().take(3).chain(people(&before, "users").into_iter().take(3));
        let shoppers = shoppers.map(|(account, shopper)| forgets(account, shopper, SubjectKind::Shopper, vec![], vec![]));
        let chapters: Vec<_> = customers.chain(shoppers).collect();
        for (stream, _) in &chapters {
            log.keyring().destroy((stream.account, SubjectId(stream.id))).await.unwrap();
        }
        story::append(&log, chapters).await;
        story.tell(&log, 100).await;
        caught_up(&runner, &log).await;

        assert_same(&reference(&log).await, &contents(&store).await);
        vacuum(&store).await;
        assert_eq!(left(&place, &store).await, [""; 0], "on {}", place.name());
        let order = Order { pace: Pace::Full, ..Order::SWITCH };
        let rebuilt = runner.rebuild(ALL, order, |_| ControlFlow::Continue(())).await.unwrap();
        assert_eq!((rebuilt.comparison.unexplained(), rebuilt.comparison.explained()), (0, 0), "{:?}", rebuilt.comparison.told);
        assert_same(&reference(&log).await, &contents(&store).await);
        runner.close().await;
    }
}

/// What conversations of the story hold is kept no longer.
fn expires(account: AccountId, content: ContentKind, conversations: Vec<ConversationId>) -> Chapter {
    let expired = RetentionEvent::ContentExpired(ContentExpired { content, conversations });
    (StreamId::new(account, Category::Retention, account), vec![expired.into()])
}

/// Somebody's chat: a word, a file, a note, and its end.
fn chat(account: AccountId, id: ConversationId) -> Chapter {
    let personal = |text: &str| Personal::known(CUSTOMER, text.to_owned()).with_stream();
    let opened = conversation::Opened {
        customer_id: CUSTOMER,
        call_id: None,
        channel: "web".into(),
        language: None,
        country: None,
        department: None,
        continues: None,
    };
    let said = conversation::MessageSent {
        message_id: MessageId(id.0),
        author: conversation::Author::Customer(CUSTOMER),
        body: personal("una zarzamora"),
        visibility: conversation::Visibility::Public,
        mentions: vec![],
        template: None,
    };
    let shared = conversation::FileShared {
        file_id: FileId(id.0),
        author: conversation::Author::Customer(CUSTOMER),
        name: personal("ahuehuete.png"),
        media_type: "image/png".into(),
        bytes: 4,
        sha256: "ab".repeat(32),
        url: personal("/v1/conversations/quetzalli"),
    };
    let closed = conversation::Closed {
        reason: conversation::CloseReason::ByShopper,
        outcome: conversation::Outcome::NoAgent,
        agent_replied: false,
    };
    let events = [
        ConversationEvent::Opened(opened),
        ConversationEvent::MessageSent(said),
        ConversationEvent::FileShared(shared),
        ConversationEvent::NoteSet(conversation::NoteSet { text: personal("cempasuchil") }),
        ConversationEvent::Closed(closed),
    ];
    (StreamId::new(account, Category::Conversation, id), events.into_iter().map(Into::into).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_no_longer_is_in_no_row_of_any_position_while_all_that_is_counted_stays() {
    for place in Place::all().await {
        let log = story::log().await;
        Story::new(62).tell(&log, 300).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        let account = people(&contents(&store).await, "customers").first().expect("the story has customers").0;
        let ids = [1, 2, 3].map(|n| ConversationId(Uuid::from_u128(0xbeef + n)));
        let [wordless, fileless, whole] = ids;
        story::append(&log, ids.map(|id| chat(account, id)).to_vec()).await;
        caught_up(&runner, &log).await;
        let far = story::beginning() + chrono::Duration::days(9_000);
        let due = |kind| crate::contents::due(&store, account, kind, far, 1_000);
        let (messages, files) = (due(ContentKind::Messages).await.unwrap(), due(ContentKind::Files).await.unwrap());
        assert!(ids.iter().all(|id| messages.contains(id) && files.contains(id)));
        let counted = |contents: &[(&'static str, Vec<Row>)]| {
            ["ratings", "report_facts", "calls", "queue"].map(|table| rows(contents, table).to_vec())
        };
        let before = counted(&contents(&store).await);

        // By a process that has not heard yet of what is to come.
        let late =
            ConversationEvent::NoteSet(conversation::NoteSet { text: Personal::known(CUSTOMER, "jacaranda".to_owned()).with_stream() });
        let late = (StreamId::new(account, Category::Conversation, wordless), vec![late.into()]);
        let late = story::seal_chapter(&log, late).await;
        log.keyring().destroy((account, wordless.into())).await.unwrap();
        let told = vec![expires(account, ContentKind::Messages, vec![wordless]), expires(account, ContentKind::Files, vec![fileless])];
        story::append(&log, told).await;
        caught_up(&runner, &log).await;
        story::append_sealed(&log, vec![late]).await;
        caught_up(&runner, &log).await;

        let now = contents(&store).await;
        assert_eq!(counted(&now), before, "figures are as they were");
        let column_of = |id: ConversationId, name: &str| -> Vec<Value> {
            let (conversation, wanted) = (column("messages", "conversation_id"), column("messages", name));
            let of = rows(&now, "messages")
                .iter()
                .filter(|row| matches!(row[conversation], Value::Bytes(_)) && self::id(&row[conversation]) == id.0);
            of.map(|row| row[wanted].clone()).collect()
        };
        assert_eq!((column_of(wordless, "body"), column_of(wordless, "url")), (vec![Value::Null; 2], vec![Value::Null; 2]));
        assert_eq!(column_of(fileless, "url"), vec![Value::Null; 2]);
        assert!(!column_of(fileless, "body").contains(&Value::Null) && column_of(whole, "url")[1] != Value::Null);
        let note = (column("conversations", "conversation_id"), column("conversations", "note"));
        assert!(rows(&now, "conversations").iter().filter(|row| id(&row[note.0]) == wordless.0).all(|row| row[note.1] == Value::Null));
        let held = crate::contents::get(&store, account, wordless).await.unwrap().unwrap();
        assert!(held.messages_deleted_at.is_some() && held.files_deleted_at == held.messages_deleted_at);
        let (messages, files) = (due(ContentKind::Messages).await.unwrap(), due(ContentKind::Files).await.unwrap());
        assert_eq!(ids.map(|id| (messages.contains(&id), files.contains(&id))), [(false, false), (true, false), (true, true)]);

        assert_same(&reference(&log).await, &now);
        let order = Order { pace: Pace::Full, ..Order::SWITCH };
        let rebuilt = runner.rebuild(ALL, order, |_| ControlFlow::Continue(())).await.unwrap();
        assert_eq!((rebuilt.comparison.unexplained(), rebuilt.comparison.explained()), (0, 0), "{:?}", rebuilt.comparison.told);
        runner.close().await;
    }
}
