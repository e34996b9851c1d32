//! What an older build wrote is read in today's schema, step by step, and its stored bytes stay as they are.

mod engines;

use engines::{Place, event, request, stream, write};
use serde_json::{Value, json};
use vitrina_domain::{
    conversation::{ConversationEvent, Tagged},
    event::Event,
};
use vitrina_eventlog::{
    Expected, LogError, Position,
    log::Options,
    upcast::{Step, upcast},
};

fn from_words(mut payload: Value) -> Value {
    json!({ "label": payload["words"].as_array_mut().map(|w| w.remove(0)) })
}

fn from_label(mut payload: Value) -> Value {
    json!({ "tag": payload["label"].take() })
}

/// As if tags had been stored as a list of words first, then as a label.
const STEPS: &[Step] = &[
    Step { event_type: "conversation.tag_added", from: 0, apply: from_label },
    Step { event_type: "conversation.tag_removed", from: 0, apply: from_words },
    Step { event_type: "conversation.tag_removed", from: 1, apply: from_label },
];

#[tokio::test]
async fn an_old_event_reads_as_a_new_one() {
    for place in Place::all().await {
        let log = place.open_with(Options { steps: STEPS, ..Options::new(engines::master()) }).await;
        let mut old = event("unused");
        (old.schema_version, old.payload) = (0, r#"{"label":"vip"}"#.to_owned());
        let mut both = write(stream(1), Expected::Any, 1);
        both.events.push(old);
        log.append(request(vec![both])).await.unwrap();
        let stored = log.read(Position::ZERO, 10).await.unwrap();
        assert_eq!(stored[1].payload, r#"{"label":"vip"}"#);
        let decoded = log.decode(stored).await.unwrap();
        let tagged = |tag: &str| Event::from(ConversationEvent::TagAdded(Tagged { tag: tag.to_owned() }));
        assert_eq!(decoded[0].event, tagged("t0"));
        assert_eq!(decoded[1].event, tagged("vip"));
    }
}

#[test]
fn steps_are_chained() {
    let payload = json!({ "words": ["vip", "b2b"] });
    assert_eq!(upcast(STEPS, "conversation.tag_removed", 0, payload), (2, json!({ "tag": "vip" })));
}

#[tokio::test]
async fn an_event_of_an_unknown_shape_is_an_error_that_names_its_position() {
    let log = Place::Memory(vitrina_eventlog::engine::memory::open()).open().await;
    let mut strange = write(stream(1), Expected::Any, 2);
    strange.events[1].payload = r#"{"label":"vip"}"#.to_owned();
    log.append(request(vec![strange])).await.unwrap();
    let stored = log.read(Position::ZERO, 10).await.unwrap();
    assert!(matches!(log.decode(stored).await, Err(LogError::Undecodable { position: Position(2), .. })));
}
