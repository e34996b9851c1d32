//! Which session a token belongs to: looked up in the read model, remembered for a moment.
//!
//! The moment is short, so that a revocation in another process bites soon; in this process it bites at once.

use super::{caller::Staff, token};
use crate::{error::Result, reading, wiring::State};
use chrono::Utc;
use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};
use vitrina_domain::ids::{ShopperId, UserId};
use vitrina_projections::{shoppers, users};

/// How long a session is remembered.
const REMEMBERED: Duration = Duration::from_secs(2);
/// Sessions remembered at most.
const SESSIONS_MAX: usize = 10_000;

/// Sessions that were found a moment ago, by the hash of their token.
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
        let found = users::by_token(&state.store, &hash, Utc::now()).await.map_err(reading::problem)?;
        let Some((session, user)) = found else { return Ok(None) };
        let own = ShopperId::from(user.user_id);
        let shopper = shoppers::get(&state.store, user.account_id, own, state.applied()).await.map_err(reading::problem)?;
        let staff = Staff {
            account: user.account_id,
            user: user.user_id,
            access: user.access.0,
            session: session.session_id,
            is_shopper: shopper.is_some_and(|shopper| !shopper.row.deleted),
        };
        self.remember(hash, staff.clone());
        Ok(Some(staff))
    }

    /// Forgets all sessions of a user whose rights have changed.
    pub(crate) fn forget_user(&self, user: UserId) {
        self.found.lock().expect("no holder panics").retain(|_, (staff, _)| staff.user != user);
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
