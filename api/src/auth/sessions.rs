//! Which session or API key a token belongs to: looked up in the read model, remembered for a moment.
//!
//! The moment is short, so that a revocation in another process bites soon; in this process it bites at once.

use super::{
    caller::{Credential, Staff},
    token,
};
use crate::{error::Result, reading, wiring::State};
use chrono::Utc;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use vitrina_domain::{
    environment::Environment,
    ids::{AccountId, ShopperId, UserId},
    module::{Access, Module},
};
use vitrina_projections::{api_keys, roles, shoppers, users};

/// How long a credential is remembered.
const REMEMBERED: Duration = Duration::from_secs(2);
/// Credentials remembered at most.
const SESSIONS_MAX: usize = 10_000;

/// Sessions and keys that were found a moment ago, by the hash of their token.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    found: Mutex<HashMap<String, (Staff, Instant)>>,
}

impl Sessions {
    /// Whose token this is, if it is valid.
    pub(crate) async fn find(&self, state: &State, token: &str) -> Result<Option<Staff>> {
        let hash = token::hash(token);
        if let Some(staff) = self.remembered(&hash) {
            return Ok(Some(staff));
        }
        let found = if token::is_api_key(token) { key(state, &hash).await? } else { session(state, &hash).await? };
        let Some(staff) = found else { return Ok(None) };
        self.remember(hash, staff.clone());
        Ok(Some(staff))
    }

    /// Forgets all sessions of a user whose rights have changed, or a key (whose id is given as the user's).
    pub(crate) fn forget_user(&self, user: UserId) {
        self.found.lock().expect("no holder panics").retain(|_, (staff, _)| staff.user != user);
    }

    /// Forgets everybody of an account whose roles have changed.
    pub(crate) fn forget_account(&self, account: AccountId) {
        self.found.lock().expect("no holder panics").retain(|_, (staff, _)| staff.account != account);
    }

    fn remembered(&self, hash: &str) -> Option<Staff> {
        let found = self.found.lock().expect("no holder panics");
        found.get(hash).filter(|(_, at)| at.elapsed() < REMEMBERED).map(|(staff, _)| staff.clone())
    }

    fn remember(&self, hash: String, staff: Staff) {
        let mut found = self.found.lock().expect("no holder panics");
        if found.len() >= SESSIONS_MAX {
            found.retain(|_, (_, at)| at.elapsed() < REMEMBERED);
        }
        if found.len() < SESSIONS_MAX {
            found.insert(hash, (staff, Instant::now()));
        }
    }
}

/// Who has the session of this token. What direct access and all roles open adds up (PRODUCT.md V24).
async fn session(state: &State, hash: &str) -> Result<Option<Staff>> {
    let found = users::by_token(&state.store, hash, Utc::now()).await.map_err(reading::problem)?;
    let Some((session, user)) = found else { return Ok(None) };
    let (account, own) = (user.account_id, ShopperId::from(user.user_id));
    let shopper = shoppers::get(&state.store, account, own, state.applied()).await.map_err(reading::problem)?;
    Ok(Some(Staff {
        account,
        user: user.user_id,
        access: access(state, &user).await?,
        credential: Credential::Session(session.session_id),
        is_shopper: shopper.is_some_and(|shopper| !shopper.row.deleted),
        opens_in: Environment::Production,
        bot: None,
    }))
}

/// What a user may open, by direct access and all roles together.
pub(crate) async fn access(state: &State, user: &users::UserRow) -> Result<Access> {
    let Access::Staff { modules } = &user.access.0 else { return Ok(Access::Owner) };
    let roles = roles::of_user(&state.store, user.account_id, user.user_id).await.map_err(reading::problem)?;
    let modules: BTreeSet<Module> = roles.into_iter().flat_map(|role| role.modules.0).chain(modules.iter().copied()).collect();
    Ok(Access::Staff { modules })
}

/// The program that has the key of this secret. Its scopes open their modules; whether to look or to change, the right
/// of the route asks.
async fn key(state: &State, hash: &str) -> Result<Option<Staff>> {
    let found = api_keys::by_secret(&state.store, hash, Utc::now()).await.map_err(reading::problem)?;
    Ok(found.map(|key| Staff {
        account: key.account_id,
        user: UserId(key.key_id.0),
        access: Access::Staff { modules: key.scopes.0.iter().map(|scope| scope.module).collect() },
        credential: Credential::Key(Arc::new(key.scopes.0)),
        is_shopper: false,
        opens_in: key.environment,
        bot: key.bot.map(|bot| Arc::new(bot.0)),
    }))
}
