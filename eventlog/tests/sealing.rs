//! What is personal in an event: sealed in the log, and gone with its key.

mod engines;

use chrono::Utc;
use engines::{Place, account, all_events, request};
use uuid::Uuid;
use vitrina_domain::{
    conversation::{ConversationEvent, MessageSent, NoteSet, Visibility},
    customer::{CustomerEvent, Profile},
    event::Event,
    ids::{ConversationId, CustomerId, EventId, MessageId},
    personal::Personal,
    retention::{ContentExpired, ContentKind, RetentionEvent},
    stream::Category,
};
use vitrina_eventlog::{Environment, Expected, StreamId, Write, chain, keyring::SubjectCipher, seal::SealError};

#[tokio::test]
async fn personal_values_are_sealed_in_the_log_and_gone_with_their_key() {
    for place in Place::all().await {
        let log = place.open().await;
        let customer = CustomerId(Uuid::now_v7());
        let message = ConversationEvent::MessageSent(MessageSent {
            message_id: MessageId(Uuid::now_v7()),
            author: vitrina_domain::conversation::Author::Customer(customer),
            body: Personal::known(customer, "¿tenéis la talla 38?".to_owned()),
            visibility: Visibility::Public,
            mentions: Vec::new(),
            template: None,
        });
        let profile = CustomerEvent::Created(Profile { name: Some(Personal::known(customer, "Núria".to_owned())), ..Profile::default() });
        log.keyring().ensure(&[(account(1), customer.into())]).await.unwrap();
        let now = Utc::now();
        let write_of = |category, sealed| Write {
            stream: StreamId::new(account(1), category, Uuid::from_u128(5)),
            expected: Expected::Any,
            environment: Environment::Production,
            events: vec![sealed],
        };
        let stream_of = |category| StreamId::new(account(1), category, Uuid::from_u128(5));
        let sealed = log.seal(stream_of(Category::Conversation), EventId(Uuid::now_v7()), now, &message).unwrap();
        let sealed_profile = log.seal(stream_of(Category::Customer), EventId(Uuid::now_v7()), now, &profile).unwrap();
        assert!(!sealed.payload.contains("talla") && !sealed_profile.payload.contains("Núria"));
        log.append(request(vec![write_of(Category::Conversation, sealed), write_of(Category::Customer, sealed_profile)])).await.unwrap();
        log.close().await;
        drop(log);

        let log = place.open().await;
        let events = all_events(&log).await;
        let decoded = log.decode(events.clone()).await.unwrap();
        assert_eq!(decoded[0].event, Event::from(message));
        assert_eq!(decoded[1].event, Event::from(profile));

        log.keyring().destroy((account(1), customer.into())).await.unwrap();
        let Event::Conversation(ConversationEvent::MessageSent(erased)) = &log.decode(events.clone()).await.unwrap()[0].event else {
            panic!("a message was stored")
        };
        assert_eq!(erased.body, Personal::erased(customer));
        // What is said of an erased person afterwards is erased at once.
        log.keyring().ensure(&[(account(1), customer.into())]).await.unwrap();
        let after = CustomerEvent::Updated(Profile { name: Some(Personal::known(customer, "Núria".to_owned())), ..Profile::default() });
        assert!(!log.seal(stream_of(Category::Customer), EventId(Uuid::now_v7()), now, &after).unwrap().payload.contains("data"));
        assert_eq!(events[1].hash, chain::expected_hash(&events[0].hash, &events[1]));
    }
}

#[tokio::test]
async fn a_value_that_is_kept_with_its_stream_is_gone_with_either_key() {
    for place in Place::all().await {
        let log = place.open().await;
        let customer = CustomerId(Uuid::now_v7());
        let streams = [5, 6].map(|id| StreamId::new(account(1), Category::Conversation, Uuid::from_u128(id)));
        let note = |text: &str| ConversationEvent::NoteSet(NoteSet { text: Personal::known(customer, text.to_owned()).with_stream() });
        let person = (account(1), customer.into());
        log.keyring().ensure(&[person, (account(1), streams[0].id.into()), (account(1), streams[1].id.into())]).await.unwrap();
        for stream in streams {
            let sealed = log.seal(stream, EventId(Uuid::now_v7()), Utc::now(), &note("le gusta el verde")).unwrap();
            assert!(!sealed.payload.contains("verde") && sealed.payload.contains(&stream.id.to_string()));
            log.append(request(vec![Write {
                stream,
                expected: Expected::Any,
                environment: Environment::Production,
                events: vec![sealed],
            }]))
            .await
            .unwrap();
        }
        let texts = async || -> Vec<Option<String>> {
            let decoded = log.decode(all_events(&log).await).await.unwrap().into_iter();
            let text =
                |event| if let Event::Conversation(ConversationEvent::NoteSet(note)) = event { note.text.into_inner() } else { None };
            decoded.map(|decoded| text(decoded.event)).collect()
        };
        let green = || Some("le gusta el verde".to_owned());
        assert_eq!(texts().await, [green(), green()]);
        log.keyring().destroy((account(1), streams[0].id.into())).await.unwrap();
        assert_eq!(texts().await, [None, green()], "one conversation is kept no longer");
        let late = |stream| log.seal(stream, EventId(Uuid::now_v7()), Utc::now(), &note("otra vez"));
        assert!(matches!(late(streams[0]), Err(SealError::Expired)), "what is said of it afterwards would be lost");
        log.keyring().destroy(person).await.unwrap();
        assert_eq!(texts().await, [None, None], "the person is forgotten");
        assert!(!late(streams[1]).unwrap().payload.contains("data"), "what is said of a person afterwards is erased at once");
    }
}

#[tokio::test]
async fn who_hears_that_words_are_kept_no_longer_has_forgotten_their_keys() {
    let log = Place::Memory(vitrina_eventlog::engine::memory::open()).open().await;
    let [words, files] = [7, 8].map(|id| ConversationId(Uuid::from_u128(id)));
    let keys = [words, files].map(|id| (account(1), id.into()));
    log.keyring().ensure(&keys).await.unwrap();
    let stream = StreamId::new(account(1), Category::Retention, Uuid::from_u128(1));
    for (content, id) in [(ContentKind::Messages, words), (ContentKind::Files, files)] {
        let expired = RetentionEvent::ContentExpired(ContentExpired { content, conversations: vec![id] });
        let sealed = log.seal(stream, EventId(Uuid::now_v7()), Utc::now(), &expired).unwrap();
        log.append(request(vec![Write { stream, expected: Expected::Any, environment: Environment::Production, events: vec![sealed] }]))
            .await
            .unwrap();
    }
    log.decode(all_events(&log).await).await.unwrap();
    assert!(matches!(log.keyring().cached(&keys[0]), Some(SubjectCipher::Destroyed)));
    assert!(matches!(log.keyring().cached(&keys[1]), Some(SubjectCipher::Key(_))));
}

#[tokio::test]
async fn a_sealed_value_cannot_be_moved_to_another_event() {
    let log = Place::Memory(vitrina_eventlog::engine::memory::open()).open().await;
    let customer = CustomerId(Uuid::now_v7());
    log.keyring().ensure(&[(account(1), customer.into())]).await.unwrap();
    let profile = CustomerEvent::Created(Profile { name: Some(Personal::known(customer, "Núria".to_owned())), ..Profile::default() });
    let stream = StreamId::new(account(1), Category::Customer, customer.0);
    let mut moved = log.seal(stream, EventId(Uuid::now_v7()), Utc::now(), &profile).unwrap();
    moved.event_id = EventId(Uuid::now_v7());
    log.append(request(vec![Write { stream, expected: Expected::Any, environment: Environment::Test, events: vec![moved] }]))
        .await
        .unwrap();
    let decoded = log.decode(all_events(&log).await).await.unwrap();
    let Event::Customer(CustomerEvent::Created(profile)) = &decoded[0].event else { panic!("a profile was stored") };
    assert_eq!(profile.name, Some(Personal::erased(customer)));
}
