//! Failed sign-ins: slowed down by e-mail address and by address of the network, and written down, at most twice for each
//! user within the time of a lock-out, so that guessing does not flood the log.

use super::throttle::Throttle;
use crate::wiring::State;
use actix_web::{rt, web};
use chrono::{DateTime, Utc};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};
use uuid::Uuid;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId, UserId},
    user::{User, UserAction},
};
use vitrina_projections::users::UserRow;

/// In whose name failures are written down.
const ACTOR: &str = "sign-in";

/// Who fails too often.
#[derive(Debug)]
pub(crate) struct SignIns {
    by_email: Throttle,
    by_address: Throttle,
    failures_max: u32,
    lockout: Duration,
}

/// One try: whom it is for and where it comes from.
#[derive(Debug)]
pub(crate) struct Try {
    /// The blind index of the e-mail address.
    pub email: Vec<u8>,
    /// The address in the network.
    pub from: Option<IpAddr>,
}

impl Try {
    fn network(&self) -> Option<Vec<u8>> {
        self.from.map(|address| address.to_string().into_bytes())
    }
}

impl SignIns {
    /// Locks an e-mail address out after so many failures in a row, and an address of the network after so many others.
    pub(crate) fn new(failures_max: u32, failures_max_network: u32, lockout: Duration) -> Self {
        Self {
            by_email: Throttle::new(failures_max, lockout),
            by_address: Throttle::new(failures_max_network, lockout),
            failures_max,
            lockout,
        }
    }

    /// How long the try has to wait, if it has to.
    pub(crate) fn wait(&self, this: &Try, now: Instant) -> Option<Duration> {
        let network = this.network().and_then(|address| self.by_address.wait(&address, now));
        self.by_email.wait(&this.email, now).max(network)
    }

    /// The password was right.
    pub(crate) fn succeeded(&self, this: &Try) {
        self.by_email.succeeded(&this.email);
    }

    /// The password was wrong, or there is no such user.
    pub(crate) fn failed(&self, state: &web::Data<State>, this: &Try, known: Option<(AccountId, UserId)>) {
        let now = Instant::now();
        if let Some(address) = this.network() {
            self.by_address.failed(&address, now);
        }
        let failures = self.by_email.failed(&this.email, now);
        let action = match failures {
            _ if failures == self.failures_max => UserAction::LockOut { failures, until: Utc::now() + self.lockout },
            1 => UserAction::FailSignIn,
            _ => return,
        };
        if let Some((account, user)) = known {
            note(state, account, user, action);
        }
    }
}

/// How long this user is locked out by what any process has written down.
pub(crate) fn locked_for(user: &UserRow, now: DateTime<Utc>) -> Option<Duration> {
    user.locked_until.and_then(|until| (until - now).to_std().ok())
}

/// Writes the failure down without making the answer wait: how long it takes must not tell whether there is such a user.
fn note(state: &web::Data<State>, account: AccountId, user: UserId, action: UserAction) {
    let state = state.clone();
    rt::spawn(async move {
        let meta = CommandMeta::new(account, CommandId(Uuid::now_v7()), Actor::System(ACTOR.to_owned()), Utc::now());
        let noted = state.commands.execute(&meta, Vec::new(), |unit| unit.run::<User>(user, action.clone())).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a failed sign-in could not be written down");
        }
    });
}
