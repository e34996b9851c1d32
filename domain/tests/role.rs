//! Roles, and users who have several.

use crate::given::*;
use std::collections::BTreeSet;
use vitrina_domain::{
    module::{Access, Module},
    refusal::Refusal,
    role::*,
    user::{self, User, UserAction, UserEvent},
};

fn create(name: &str, modules: &[Module]) -> RoleAction {
    RoleAction::Create { name: name.into(), modules: modules.iter().copied().collect() }
}

fn role(past: &[RoleEvent], action: RoleAction) -> Result<Vec<RoleEvent>, Refusal> {
    when::<Role>(past, BY_OWNER, action)
}

fn created() -> Vec<RoleEvent> {
    after::<Role>(&[], [(BY_OWNER, create("Floor", &[Module::Calls]))])
}

#[test]
fn a_role_is_any_subset_of_the_modules_also_none() {
    for modules in [&[][..], &[Module::Calls], &[Module::Settings, Module::Analytics, Module::Calls]] {
        let expected = Created { name: "Floor".into(), modules: modules.iter().copied().collect() };
        assert_eq!(role(&[], create(" Floor ", modules)), Ok(vec![RoleEvent::Created(expected)]));
    }
}

#[test]
fn a_role_needs_a_name() {
    assert_eq!(refused_field(role(&[], create(" ", &[]))).0, "/name");
}

#[test]
fn what_stays_as_it_is_is_not_written_down() {
    let same = RoleAction::Update { name: Some("Floor".into()), modules: Some(BTreeSet::from([Module::Calls])) };
    assert_eq!(role(&created(), same), Ok(vec![]));
    let wider = RoleAction::Update { name: None, modules: Some(BTreeSet::from([Module::Calls, Module::Analytics])) };
    let expected = Updated { name: None, modules: Some(BTreeSet::from([Module::Calls, Module::Analytics])) };
    assert_eq!(role(&created(), wider), Ok(vec![RoleEvent::Updated(expected)]));
}

#[test]
fn a_deleted_role_refuses_everything() {
    let deleted = after::<Role>(&created(), [(BY_OWNER, RoleAction::Delete)]);
    for action in [create("Floor", &[]), RoleAction::Update { name: None, modules: None }, RoleAction::Delete] {
        let expected = Err(Refusal::IllegalTransition { state: "deleted", action: action.name() });
        assert_eq!(role(&deleted, action), expected);
    }
}

#[test]
fn setting_a_users_roles_writes_down_the_difference() {
    let access = Access::Staff { modules: BTreeSet::new() };
    let create = UserAction::Create { user_id: OWNER, email: "m@example.com".into(), name: "M".into(), access, password_hash: None };
    let set = |ids: &[u128]| UserAction::SetRoles { roles: ids.iter().map(|n| role_id(*n)).collect() };
    let past = after::<User>(&[], [(BY_OWNER, create), (BY_OWNER, set(&[1, 2]))]);
    let expected = vec![
        UserEvent::RoleRevoked(user::RoleRevoked { role_id: role_id(1) }),
        UserEvent::RoleAssigned(user::RoleAssigned { role_id: role_id(3) }),
    ];
    assert_eq!(when::<User>(&past, BY_OWNER, set(&[2, 3])), Ok(expected));
    assert_eq!(when::<User>(&past, BY_OWNER, set(&[1, 2])), Ok(vec![]));
    let too_many: Vec<_> = (0..=user::ROLES_MAX as u128).collect();
    assert_eq!(refused_field(when::<User>(&past, BY_OWNER, set(&too_many))), ("/roles".into(), "too_many"));
}
