//! How many requests a caller may send: a quota for each credential, and one for each address of the network where
//! there is none (PRODUCT.md 5.10, IETF draft on RateLimit header fields).
//!
//! The counters live in a fixed number of slots that keys are hashed into: memory is bounded whatever comes, nothing is
//! swept, no lock is taken. Two callers who meet in a slot share a quota; the hash is keyed anew at each start, so nobody
//! chooses whom to meet.

mod address;
mod slots;

pub(crate) use address::of as address_of;

use crate::{
    auth::caller::Caller,
    config::Config,
    error::{ApiError, Code},
};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::DefaultClock,
    middleware::{NoOpMiddleware, StateInformationMiddleware},
};
use slots::Slots;
use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};
use uuid::Uuid;

/// Seconds that every quota is of.
const WINDOW_S: u64 = 60;

/// Both quotas.
pub(crate) struct Limits {
    callers: Option<Policy>,
    addresses: Option<Policy>,
    hasher: RandomState,
}

/// One quota.
struct Policy {
    name: &'static str,
    quota: NonZeroU32,
    limiter: RateLimiter<u64, Slots, DefaultClock, StateInformationMiddleware>,
    described: HeaderValue,
}

/// Whose quota a request is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Payer {
    /// A user, an API key or a customer.
    Credential(Uuid),
    /// Whoever has no credential, or a wrong one.
    Address(IpAddr),
}

/// How a caller stands after a request; every answer says it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    policy: HeaderValue,
    name: &'static str,
    remaining: u32,
    reset_s: u64,
    is_refused: bool,
}

impl Payer {
    /// Who pays for a request of whoever was found to have sent it from this address. A wrong credential counts as none: guessing
    /// must not be free.
    pub(crate) fn found(caller: &Result<Caller, ApiError>, address: Option<IpAddr>) -> Option<Self> {
        match caller {
            Ok(Caller::Nobody) | Err(_) => address.map(Self::Address),
            Ok(known) => Self::of(known),
        }
    }

    /// Who pays for a request with this credential. The operator does not: whoever has that token can stop the server anyway.
    pub(crate) fn of(caller: &Caller) -> Option<Self> {
        match caller {
            Caller::Staff(staff) => Some(Self::Credential(staff.user.0)),
            Caller::Customer(claims) => Some(Self::Credential(claims.customer.0)),
            Caller::Guest(pass) => Some(Self::Credential(pass.giver().credential)),
            Caller::Nobody | Caller::Operator => None,
        }
    }
}

impl Limits {
    /// The quotas of this configuration.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            callers: Policy::new("default", config.rate_limit_caller),
            addresses: Policy::new("address", config.rate_limit_address),
            hasher: RandomState::new(),
        }
    }

    /// Takes one request from the payer's quota; `None` where there is no such quota.
    pub(crate) fn take(&self, payer: Payer) -> Option<Standing> {
        let policy = match payer {
            Payer::Credential(_) => self.callers.as_ref(),
            Payer::Address(_) => self.addresses.as_ref(),
        };
        Some(policy?.take(self.hasher.hash_one(payer)))
    }
}

impl Policy {
    fn new(name: &'static str, per_window: u32) -> Option<Self> {
        let quota = NonZeroU32::new(per_window)?;
        let limiter = RateLimiter::<_, _, _, NoOpMiddleware>::new(Quota::per_minute(quota), Slots::new(), DefaultClock::default());
        let limiter = limiter.with_middleware();
        let described = HeaderValue::from_str(&format!("\"{name}\";q={quota};w={WINDOW_S}")).expect("a name, two numbers and ASCII");
        Some(Self { name, quota, limiter, described })
    }

    fn take(&self, key: u64) -> Standing {
        let standing =
            |remaining, reset_s, is_refused| Standing { policy: self.described.clone(), name: self.name, remaining, reset_s, is_refused };
        match self.limiter.check_key(&key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let used = u64::from(self.quota.get().saturating_sub(remaining));
                standing(remaining, (used * WINDOW_S).div_ceil(u64::from(self.quota.get())), false)
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(governor::clock::Clock::now(&DefaultClock::default()));
                standing(0, seconds(wait), true)
            }
        }
    }
}

/// Whole seconds, never too few.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + 1
}

impl Standing {
    /// The refusal, when the quota is used up.
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`], naming the policy and when to come again.
    pub(crate) fn must_hold(&self) -> Result<(), ApiError> {
        if !self.is_refused {
            return Ok(());
        }
        let Self { name, reset_s, .. } = self;
        let detail = format!("the quota {name:?} is used up; come again in {reset_s} s, as Retry-After says");
        Err(ApiError::new(Code::QuotaExceeded, detail).violating(name).retry_after_s(*reset_s))
    }

    /// Says in the answer how the caller stands.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Self { name, remaining, reset_s, .. } = self;
        headers.insert(HeaderName::from_static("ratelimit-policy"), self.policy.clone());
        if let Ok(standing) = HeaderValue::from_str(&format!("\"{name}\";r={remaining};t={reset_s}")) {
            headers.insert(HeaderName::from_static("ratelimit"), standing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_used_up_by_its_own_key_only_and_says_when_it_is_whole_again() {
        let policy = Policy::new("default", 3).unwrap();
        let standings: Vec<_> = (0..3).map(|_| policy.take(1)).map(|s| (s.remaining, s.reset_s, s.is_refused)).collect();
        assert_eq!(standings, [(2, 20, false), (1, 40, false), (0, 60, false)]);
        let refused = policy.take(1);
        assert!(refused.is_refused && (1..=20).contains(&refused.reset_s), "{refused:?}");
        assert_eq!(refused.must_hold().unwrap_err().code(), Code::QuotaExceeded);
        assert!(!policy.take(2).is_refused);
    }

    #[test]
    fn a_quota_of_nothing_is_none() {
        assert!(Policy::new("default", 0).is_none());
    }
}
