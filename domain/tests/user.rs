//! A user, and the sessions of one.

use crate::given::*;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use vitrina_domain::{
    module::{Access, Module},
    personal::Personal,
    refusal::Refusal,
    user::*,
};

fn staff() -> Access {
    Access::Staff { modules: BTreeSet::from([Module::Calls]) }
}

fn create(password_hash: Option<&str>) -> UserAction {
    let password_hash = password_hash.map(str::to_owned);
    UserAction::Create { user_id: OWNER, email: "Owner@Example.com".into(), name: "Olga".into(), access: Access::Owner, password_hash }
}

fn created() -> Vec<UserEvent> {
    after::<User>(&[], [(BY_OWNER, create(None))])
}

fn user(past: &[UserEvent], action: UserAction) -> Result<Vec<UserEvent>, Refusal> {
    when::<User>(past, BY_OWNER, action)
}

fn open(n: u128, expires_at: DateTime<Utc>) -> UserAction {
    UserAction::OpenSession { session_id: session(n), token_hash: "ab".repeat(32), expires_at, user_id: OWNER, device: None }
}

fn revoked(n: u128) -> UserEvent {
    UserEvent::SessionRevoked(SessionRevoked { session_id: session(n) })
}

#[test]
fn a_user_is_created_with_a_password_in_the_same_decision() {
    let expected = vec![
        UserEvent::Created(Created {
            email: Personal::known(OWNER, "owner@example.com".to_owned()),
            name: Personal::known(OWNER, "Olga".to_owned()),
            access: Access::Owner,
        }),
        UserEvent::PasswordSet(PasswordSet { password_hash: Personal::known(OWNER, "$argon2id$x".to_owned()) }),
    ];
    assert_eq!(user(&[], create(Some("$argon2id$x"))), Ok(expected));
}

#[test]
fn a_user_is_created_once() {
    assert_eq!(user(&created(), create(None)), Err(Refusal::AlreadyExists));
    assert_eq!(user(&[], UserAction::Delete), Err(Refusal::NotFound));
}

#[test]
fn the_same_access_again_changes_nothing() {
    assert_eq!(user(&created(), UserAction::SetAccess { access: Access::Owner }), Ok(vec![]));
    let changed = UserEvent::AccessChanged(AccessChanged { access: staff() });
    assert_eq!(user(&created(), UserAction::SetAccess { access: staff() }), Ok(vec![changed]));
}

#[test]
fn a_session_that_is_over_before_it_begins_is_refused() {
    assert_eq!(refused_field(user(&created(), open(1, now()))), ("/expires_at".into(), "in_the_past"));
}

#[test]
fn what_a_device_says_of_itself_is_kept_in_short_and_without_control_characters() {
    let said = format!("Browser\u{7} {}", "x".repeat(500));
    let open = UserAction::OpenSession {
        session_id: session(1),
        token_hash: "ab".repeat(32),
        expires_at: in_days(1),
        user_id: OWNER,
        device: Some(said),
    };
    let [UserEvent::SessionOpened(opened)] = &user(&created(), open).unwrap()[..] else { panic!("one event") };
    let kept = opened.device.as_ref().and_then(Personal::get).unwrap();
    assert!(kept.starts_with("Browser x") && kept.chars().count() == DEVICE_CHARS_MAX);
}

#[test]
fn a_session_that_was_stored_before_devices_were_is_still_read() {
    let stored = serde_json::json!({"session_id": session(1), "token_hash": "ab", "expires_at": in_days(1)});
    let event = <UserEvent as vitrina_domain::event::EventSet>::decode("session.opened", stored).unwrap();
    assert!(matches!(event, UserEvent::SessionOpened(opened) if opened.device.is_none()));
}

#[test]
fn at_the_most_sessions_another_one_revokes_the_oldest() {
    let full = after::<User>(&created(), (0..SESSIONS_MAX as u128).map(|n| (BY_OWNER, open(n, in_days(30)))));
    let events = user(&full, open(99, in_days(30))).unwrap();
    assert_eq!(events[0], revoked(0));
    assert!(matches!(&events[1], UserEvent::SessionOpened(opened) if opened.session_id == session(99)));
}

#[test]
fn a_session_that_has_expired_goes_before_an_older_one_that_lives() {
    let orders = (0..SESSIONS_MAX as u128).map(|n| (BY_OWNER, open(n, in_days(if n == 7 { 1 } else { 30 }))));
    let full = after::<User>(&created(), orders);
    let events = when_at::<User>(&full, in_days(2), BY_OWNER, open(99, in_days(30))).unwrap();
    assert_eq!(events[0], revoked(7));
}

#[test]
fn signing_out_twice_changes_nothing_the_second_time() {
    let signed_in = after::<User>(&created(), [(BY_OWNER, open(1, in_days(1)))]);
    let sign_out = UserAction::RevokeSession { session_id: session(1) };
    assert_eq!(user(&signed_in, sign_out.clone()), Ok(vec![revoked(1)]));
    assert_eq!(user(&created(), sign_out), Ok(vec![]));
}

#[test]
fn a_deleted_user_has_neither_sessions_nor_access_and_refuses_everything() {
    let orders = [(BY_OWNER, open(1, in_days(1))), (BY_OWNER, UserAction::Delete)];
    let deleted = after::<User>(&created(), orders);
    let mut state = User::default();
    deleted.iter().cloned().for_each(|event| cqrs_es::Aggregate::apply(&mut state, event));
    assert!(state.sessions().is_empty() && state.access().is_none());
    for action in [create(None), open(2, in_days(1)), UserAction::SetAccess { access: staff() }, UserAction::Delete] {
        let expected = Err(Refusal::IllegalTransition { state: "deleted", action: action.name() });
        assert_eq!(user(&deleted, action), expected);
    }
}
