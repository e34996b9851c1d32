//! Webhook endpoints: what is told to whom, and what becomes of one.

use crate::given::*;
use serde_json::json;
use std::collections::BTreeSet;
use vitrina_domain::{refusal::Refusal, stream::Category, webhook::*};

fn spec() -> Spec {
    Spec {
        name: "Warehouse".into(),
        url: Some("https://warehouse.example/hooks".into()),
        signatures: [Signature::Hmac].into(),
        ..Spec::default()
    }
}

fn only(types: &[&str]) -> Spec {
    Spec { events: types.iter().map(|name| (*name).to_owned()).collect(), ..spec() }
}

fn webhook(past: &[WebhookEvent], action: WebhookAction) -> Result<Vec<WebhookEvent>, Refusal> {
    when::<Webhook>(past, BY_OWNER, action)
}

fn made() -> Vec<WebhookEvent> {
    after::<Webhook>(&[], [(BY_OWNER, WebhookAction::Create(spec(), 7))])
}

#[test]
fn an_endpoint_is_told_of_the_types_that_it_names_and_of_other_endpoints_only_by_name() {
    assert!(spec().wants(Category::Call, "call.finished") && spec().wants(Category::Order, "order.placed"));
    assert!(!spec().wants(Category::Webhook, "webhook.delivery_exhausted"));
    let some = only(&["call.finished", "order.*", "webhook.endpoint_disabled"]);
    let wanted = ["call.finished", "call.ended", "order.placed", "orders.placed", "webhook.endpoint_disabled", "webhook.tested"];
    let told: Vec<_> = wanted.into_iter().filter(|name| some.wants(Category::Call, name)).collect();
    assert_eq!(told, ["call.finished", "order.placed", "webhook.endpoint_disabled"]);
}

#[test]
fn a_condition_is_about_one_member_of_the_payload_and_all_must_hold() {
    let condition =
        |field: &str, one_of: serde_json::Value| Condition { field: field.into(), one_of: serde_json::from_value(one_of).unwrap() };
    let spec = Spec { conditions: vec![condition("/data/channel", json!(["web", "mail"])), condition("/data/n", json!([1]))], ..spec() };
    assert!(spec.holds(&json!({"data": {"channel": "mail", "n": 1}})));
    assert!(!spec.holds(&json!({"data": {"channel": "mail", "n": 2}})));
    assert!(!spec.holds(&json!({"data": {"channel": "mail"}})));
}

#[test]
fn what_no_event_is_called_cannot_be_asked_for() {
    for unknown in ["call.exploded", "calls.*", "*", "call"] {
        let refused = webhook(&[], WebhookAction::Create(only(&[unknown]), 0));
        assert_eq!(refused_field(refused), ("/events/0".to_owned(), "unknown"));
    }
}

#[test]
fn an_address_has_no_user_and_somebody_signs() {
    for bad in ["ftp://x.example", "https://me:you@x.example/", "https://x.example/#part", "x.example"] {
        let refused = webhook(&[], WebhookAction::Create(Spec { url: Some(bad.into()), ..spec() }, 0));
        assert_eq!(refused_field(refused).0, "/url", "{bad}");
    }
    let refused = webhook(&[], WebhookAction::Create(Spec { signatures: BTreeSet::new(), ..spec() }, 0));
    assert_eq!(refused_field(refused), ("/signatures".to_owned(), "empty"));
}

#[test]
fn the_secret_before_is_used_for_a_day_and_there_are_never_more_than_five() {
    let mut past = made();
    for generation in 1..=7_u32 {
        let rotated = webhook(&past, WebhookAction::Rotate).unwrap();
        assert_eq!(rotated, vec![WebhookEvent::SecretRotated(SecretRotated { generation, previous_until: in_days(1) })]);
        past.extend(rotated);
    }
    let mut state = Webhook::default();
    past.into_iter().for_each(|event| cqrs_es::Aggregate::apply(&mut state, event));
    assert_eq!(state.secrets.valid(now()).collect::<Vec<_>>(), [7, 6, 5, 4, 3]);
    assert_eq!(state.secrets.valid(in_days(1)).collect::<Vec<_>>(), [7]);
}

#[test]
fn one_that_is_disabled_is_asked_nothing_and_one_that_is_deleted_is_none() {
    let disabled = after::<Webhook>(&made(), [(BY_OWNER, WebhookAction::Disable(Cause::Gone))]);
    assert_eq!(webhook(&disabled, WebhookAction::Disable(Cause::Failing)), Ok(vec![]));
    let refused = Err(Refusal::IllegalTransition { state: "disabled", action: "replay" });
    assert_eq!(webhook(&disabled, WebhookAction::Replay { after: 0, upto: 9 }), refused);
    assert_eq!(webhook(&disabled, WebhookAction::Enable), Ok(vec![WebhookEvent::Enabled(Enabled {})]));
    let deleted = after::<Webhook>(&disabled, [(BY_OWNER, WebhookAction::Delete)]);
    assert_eq!(webhook(&deleted, WebhookAction::Delete), Ok(vec![]));
    assert_eq!(webhook(&deleted, WebhookAction::Enable), Err(Refusal::NotFound));
}

#[test]
fn a_replay_begins_before_it_ends() {
    let replay = |after, upto| webhook(&made(), WebhookAction::Replay { after, upto });
    assert_eq!(replay(0, 9), Ok(vec![WebhookEvent::ReplayRequested(ReplayRequested { after: 0, upto: 9 })]));
    for (after, upto) in [(9, 9), (-1, 9), (10, 9)] {
        assert_eq!(refused_field(replay(after, upto)), ("/after".to_owned(), "out_of_range"));
    }
}
