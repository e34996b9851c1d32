//! API keys and their scopes.

use crate::given::*;
use chrono::{DateTime, Utc};
use vitrina_domain::{api_key::*, environment::Environment, refusal::Refusal, scope::Scope};

fn create(scopes: &[&str], expires_at: Option<DateTime<Utc>>) -> ApiKeyAction {
    ApiKeyAction::Create {
        name: "Till".into(),
        secret_hash: "ab".repeat(32),
        hint: "vk_abcd".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        bot: None,
        environment: Environment::Test,
        expires_at,
    }
}

fn key(past: &[ApiKeyEvent], action: ApiKeyAction) -> Result<Vec<ApiKeyEvent>, Refusal> {
    when::<ApiKey>(past, BY_OWNER, action)
}

#[test]
fn a_key_has_one_scope_at_least_and_only_known_ones() {
    assert_eq!(refused_field(key(&[], create(&[], None))), ("/scopes".into(), "empty"));
    assert_eq!(refused_field(key(&[], create(&["calls:read", "calls:own"], None))), ("/scopes/1".into(), "unknown"));
    let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let [ApiKeyEvent::Created(created)] = &key(&[], create(&all, None)).unwrap()[..] else { panic!("one event") };
    assert_eq!((created.scopes.len(), created.environment), (all.len(), Environment::Test));
}

#[test]
fn a_key_that_is_over_before_it_begins_is_refused() {
    assert_eq!(refused_field(key(&[], create(&["calls:read"], Some(now())))), ("/expires_at".into(), "in_the_past"));
}

#[test]
fn revoking_twice_changes_nothing_the_second_time() {
    let made = after::<ApiKey>(&[], [(BY_OWNER, create(&["calls:read"], None))]);
    assert_eq!(key(&made, ApiKeyAction::Revoke), Ok(vec![ApiKeyEvent::Revoked(Revoked {})]));
    let revoked = after::<ApiKey>(&made, [(BY_OWNER, ApiKeyAction::Revoke)]);
    assert_eq!(key(&revoked, ApiKeyAction::Revoke), Ok(vec![]));
    assert_eq!(key(&revoked, create(&["calls:read"], None)), Err(Refusal::AlreadyExists));
    assert_eq!(key(&[], ApiKeyAction::Revoke), Err(Refusal::NotFound));
}
