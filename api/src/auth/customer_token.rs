//! Customers' tokens: `v1.<payload>.<hmac>`, for one customer and one call or conversation, until they expire.
//!
//! Nothing is stored: a chat message of a customer costs no look-up. One algorithm, none to choose, so none to confuse.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, time::Duration};
use vitrina_domain::ids::{AccountId, CallId, ConversationId, CustomerId};

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The account.
    #[serde(rename = "a")]
    pub account: AccountId,
    /// Who it is.
    #[serde(rename = "u")]
    pub customer: CustomerId,
    /// The call that it opens.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The conversation that it opens.
    #[serde(rename = "v")]
    pub conversation: ConversationId,
    /// Seconds since the epoch at which it ends.
    #[serde(rename = "e")]
    pub expires_at: i64,
    /// Given out as a link, which dies with the call.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
}

/// The mark of a link's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Link {
    /// It is one.
    #[serde(rename = "1")]
    OfCall,
}

/// What a signed token says.
pub(crate) trait Sealed: Serialize + DeserializeOwned {
    /// The first part of every such token.
    const VERSION: &'static str;

    /// Seconds since the epoch at which it ends.
    fn expires_at(&self) -> i64;
}

impl Sealed for Claims {
    const VERSION: &'static str = "v1";

    fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

/// Signs and opens tokens of one kind.
#[derive(Debug, Clone)]
pub(crate) struct Signer<C = Claims> {
    key: hmac::Key,
    ttl: TimeDelta,
    says: PhantomData<fn() -> C>,
}

impl<C: Sealed> Signer<C> {
    /// With this key, for tokens of this life.
    pub(crate) fn new(key: &[u8], ttl: Duration) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            ttl: TimeDelta::from_std(ttl).expect("the option's maximum fits"),
            says: PhantomData,
        }
    }

    /// When a token that is issued at this moment ends.
    pub(crate) fn expiry(&self, issued_at: DateTime<Utc>) -> DateTime<Utc> {
        issued_at + self.ttl
    }

    /// The token that says this. The same claims give the same token, so a repeated command answers the same bytes.
    pub(crate) fn sign(&self, claims: &C) -> String {
        let payload = BASE64.encode(serde_json::to_vec(claims).expect("claims are plain data"));
        let head = format!("{}.{payload}", C::VERSION);
        let mac = BASE64.encode(hmac::sign(&self.key, head.as_bytes()));
        format!("{head}.{mac}")
    }

    /// What the token says, if we signed it and it has not expired.
    pub(crate) fn open(&self, token: &str, now: DateTime<Utc>) -> Option<C> {
        let (head, mac) = token.rsplit_once('.')?;
        let payload = head.strip_prefix(C::VERSION)?.strip_prefix('.')?;
        hmac::verify(&self.key, head.as_bytes(), &BASE64.decode(mac).ok()?).ok()?;
        let claims: C = serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()?;
        (now.timestamp() < claims.expires_at()).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn claims(expires_at: i64) -> Claims {
        Claims {
            account: Uuid::from_u128(1).into(),
            customer: Uuid::from_u128(2).into(),
            call: None,
            conversation: Uuid::from_u128(3).into(),
            expires_at,
            link: None,
        }
    }

    #[test]
    fn a_token_opens_until_it_expires_and_with_its_own_key_only() {
        let signer: Signer = Signer::new(&[1; 32], Duration::from_secs(60));
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        let token = signer.sign(&claims(100));
        assert_eq!(signer.open(&token, at(99)), Some(claims(100)));
        assert_eq!(signer.open(&token, at(100)), None);
        assert_eq!(Signer::<Claims>::new(&[2; 32], Duration::from_secs(60)).open(&token, at(0)), None);
    }

    #[test]
    fn a_changed_token_does_not_open() {
        let signer: Signer = Signer::new(&[1; 32], Duration::from_secs(60));
        let token = signer.sign(&claims(i64::MAX));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last character of a base64 group may carry bits that mean nothing; the decoder refuses those too.
            assert_eq!(signer.open(&changed, DateTime::UNIX_EPOCH), None, "{at}");
        }
    }

    proptest! {
        #[test]
        fn nothing_from_outside_opens(text in any::<String>()) {
            prop_assert_eq!(Signer::<Claims>::new(&[1; 32], Duration::from_secs(60)).open(&text, DateTime::UNIX_EPOCH), None);
        }

        #[test]
        fn nothing_that_looks_like_a_token_opens(payload in "[A-Za-z0-9_-]{0,60}", mac in "[A-Za-z0-9_-]{0,44}") {
            let text = format!("{}.{payload}.{mac}", Claims::VERSION);
            prop_assert_eq!(Signer::<Claims>::new(&[1; 32], Duration::from_secs(60)).open(&text, DateTime::UNIX_EPOCH), None);
        }
    }
}
