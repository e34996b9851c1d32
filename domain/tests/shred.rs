//! Of every event there is: nothing in the sandbox's copy leads back, and nothing that is counted is lost.

use crate::samples::samples;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;
use vitrina_domain::{
    account::AccountEvent,
    event::Event,
    personal::CLEAR_MARK,
    shred::{Aliases, shred},
};

struct Other;

impl Aliases for Other {
    fn id(&self, id: Uuid) -> Uuid {
        Uuid::from_u128(!id.as_u128())
    }

    fn word(&self, word: &str) -> String {
        format!("word-{}", word.len())
    }
}

/// Every id in it.
fn ids(value: &Value, found: &mut BTreeSet<Uuid>) {
    match value {
        Value::Object(members) => members.values().for_each(|member| ids(member, found)),
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::String(text) => found.extend(Uuid::try_parse(text)),
        _ => {}
    }
}

/// Every personal value in it.
fn personal(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => match members.get(CLEAR_MARK) {
            Some(marked) => found.extend(marked["value"].as_str().map(str::to_owned)),
            None => members.values().for_each(|member| personal(member, found)),
        },
        Value::Array(items) => items.iter().for_each(|item| personal(item, found)),
        _ => {}
    }
}

/// What the samples say that is of somebody, opens something or leads somewhere.
const OF_SOMEBODY: [&str; 16] = [
    "$argon2id",
    "Hotel Sol",
    "4711",
    "1001",
    "of-1",
    "https://shop.example",
    "one.shop.example",
    "Accepto",
    "La L",
    "NotAllowedError",
    "signature",
    "accounts/a",
    "abababab",
    "cdcdcdcd",
    "Lumi",
    "vk_abcd",
];

#[test]
fn nothing_in_a_sandbox_names_a_person_a_thing_or_a_way_of_the_original() {
    for event in samples() {
        let kind = event.event_type();
        let Some(copy) = shred(&event, &Other).unwrap_or_else(|error| panic!("{kind}: {error:?}")) else { continue };
        let (was, is) = (event.payload(), copy.payload());
        let (mut before, mut after, mut known) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        ids(&was, &mut before);
        ids(&is, &mut after);
        assert!(before.is_disjoint(&after), "{kind}: {is}");
        if kind != "subject.erased" {
            assert_eq!(before.len(), after.len(), "{kind} has lost an id: {is}");
        }
        personal(&is, &mut known);
        assert!(known.is_empty(), "{kind} says what is personal");
        personal(&was, &mut known);
        let text = is.to_string();
        for told in known.iter().map(String::as_str).chain(OF_SOMEBODY) {
            assert!(!text.contains(told), "{kind} says {told}: {text}");
        }
    }
}

#[test]
fn access_endpoints_and_what_was_taken_away_stay_behind() {
    let behind = |event: &Event| shred(event, &Other).is_ok_and(|copy| copy.is_none());
    let kinds: BTreeSet<_> = samples().iter().filter(|event| behind(event)).map(|event| event.event_type().to_owned()).collect();
    for kind in [
        "user.password_set",
        "session.opened",
        "api_key.created",
        "webhook.endpoint_created",
        "webhook.endpoint_enabled",
        "export.requested",
    ] {
        assert!(kinds.contains(kind), "{kind} goes into a sandbox");
    }
    for kind in ["user.created", "call.requested", "survey.answered", "order.placed", "shopper.status_changed", "subject.forgotten"] {
        assert!(!kinds.contains(kind), "{kind} stays behind");
    }
}

#[test]
fn what_is_shredded_twice_is_counted_as_it_was() {
    let once = |event: &Event| shred(event, &Other).expect("it works in a test");
    for event in samples() {
        let Some(copy) = once(&event) else { continue };
        assert_eq!(copy.event_type(), event.event_type());
        if let (Event::Order(was), Event::Order(is)) = (&event, &copy) {
            let figures = |event: &vitrina_domain::purchase::PurchaseEvent| {
                let payload = serde_json::to_value(event).expect("it works in a test");
                ["total", "shipping", "amount", "placed_at", "currency"].map(|name| payload["data"][name].clone())
            };
            assert_eq!(figures(was), figures(is));
        }
        if let Event::Account(AccountEvent::SettingsChanged(changed)) = &copy {
            assert!(changed.routing.is_some() && changed.zone.is_some() && changed.consent.is_some(), "{changed:?}");
        }
    }
}
