//! Tokens for the media of one call, on one side of it: `m1.<payload>.<hmac>`, until they expire. For a device without a
//! session, a scripted participant, a colleague who only looks in. They open nothing else.
//!
//! Nothing is stored. When the call is over there is nothing left that they open.

use super::customer_token::{Sealed, Signer};
use serde::{Deserialize, Serialize};
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CallId},
};

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pass {
    /// The account.
    #[serde(rename = "a")]
    pub account: AccountId,
    /// The call.
    #[serde(rename = "c")]
    pub call: CallId,
    /// In whose name; which side it is follows from that.
    #[serde(rename = "w")]
    pub who: Actor,
    /// Seconds since the epoch at which it ends.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

impl Sealed for Pass {
    const VERSION: &'static str = "m1";

    fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

/// Signs and opens them.
pub(crate) type Passes = Signer<Pass>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::customer_token::Claims;
    use chrono::DateTime;
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    fn a_pass_is_no_customers_token_and_the_other_way_round_even_under_the_same_key() {
        let passes = Passes::new(&[1; 32], Duration::from_secs(60));
        let customers: Signer<Claims> = Signer::new(&[1; 32], Duration::from_secs(60));
        let (account, call) = (AccountId(Uuid::from_u128(1)), CallId(Uuid::from_u128(2)));
        let pass = Pass { account, call, who: Actor::Shopper(Uuid::from_u128(3).into()), expires_at: 100 };
        let token = passes.sign(&pass);
        assert_eq!(passes.open(&token, DateTime::UNIX_EPOCH), Some(pass));
        assert_eq!(customers.open(&token, DateTime::UNIX_EPOCH), None);
        assert_eq!(passes.open(&token, DateTime::from_timestamp(100, 0).unwrap()), None);
    }
}
