//! Signatures of deliveries (Standard Webhooks 1.0, PRODUCT.md 5.11): HMAC-SHA256 as `v1`, ed25519 as `v1a`.
//!
//! A secret is stored nowhere. It follows from the master key, the endpoint and the secret's number, so it is in no event, no table and no
//! backup of them, every process has it, and a repeated request shows the same one.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use ring::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use vitrina_domain::{
    ids::{AccountId, WebhookId},
    webhook::{Signature, Webhook},
};
use vitrina_eventlog::keyring::MasterKey;

/// Makes the secrets of all endpoints.
pub(crate) struct Secrets {
    hmac: hmac::Key,
    ed25519: hmac::Key,
}

/// What one endpoint's deliveries are signed with.
pub(crate) enum Key {
    /// `v1`.
    Hmac(hmac::Key),
    /// `v1a`.
    Ed25519(Box<Ed25519KeyPair>),
}

impl Secrets {
    /// Under this master key.
    pub(crate) fn new(master: &MasterKey) -> Self {
        let key = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &master.derive(purpose));
        Self { hmac: key("webhook-secrets"), ed25519: key("webhook-signing-keys") }
    }

    /// The secret as people copy it.
    pub(crate) fn secret(&self, account: AccountId, webhook: WebhookId, generation: u32) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(drawn(&self.hmac, account, webhook, generation)))
    }

    /// The key that checks ed25519 signatures, as people copy it.
    pub(crate) fn public_key(&self, account: AccountId, webhook: WebhookId, generation: u32) -> String {
        let pair = pair(&drawn(&self.ed25519, account, webhook, generation));
        format!("whpk_{}", BASE64_STANDARD.encode(pair.public_key().as_ref()))
    }

    /// What the endpoint's deliveries are signed with now.
    pub(crate) fn keys(&self, account: AccountId, id: WebhookId, webhook: &Webhook, now: DateTime<Utc>) -> Vec<Key> {
        let mut keys = Vec::new();
        for generation in webhook.secrets.valid(now) {
            keys.extend(webhook.spec.signatures.iter().map(|signature| match signature {
                Signature::Hmac => Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, &drawn(&self.hmac, account, id, generation))),
                Signature::Ed25519 => Key::Ed25519(Box::new(pair(&drawn(&self.ed25519, account, id, generation)))),
            }));
        }
        keys
    }
}

fn drawn(key: &hmac::Key, account: AccountId, webhook: WebhookId, generation: u32) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    context.update(account.0.as_bytes());
    context.update(webhook.0.as_bytes());
    context.update(&generation.to_be_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

fn pair(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed is 32 bytes")
}

/// The header `webhook-signature`: one signature for each key.
pub(crate) fn header(keys: &[Key], id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    let sign = |key: &Key| match key {
        Key::Hmac(key) => format!("v1,{}", BASE64_STANDARD.encode(hmac::sign(key, &signed))),
        Key::Ed25519(pair) => format!("v1a,{}", BASE64_STANDARD.encode(pair.sign(&signed))),
    };
    keys.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PRODUCT.md 5.11.
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;

    #[test]
    fn the_published_vectors_come_out() {
        let secret = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let hmac = Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, &secret));
        let seed: Vec<u8> = (0..32).collect();
        let pair = pair(&seed.try_into().unwrap());
        assert_eq!(BASE64_STANDARD.encode(pair.public_key()), "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
        let header = header(&[hmac, Key::Ed25519(Box::new(pair))], ID, AT, BODY);
        let v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let v1a = "v1a,yoUrgEkc12aGqm0n4Sydmdz55xJfTz4AsAgieHFjmkR7LJtqVCZOQYzvvHjI5kAey+r4iaBGxTFRrl2iBQxtDQ==";
        assert_eq!(header, format!("{v1} {v1a}"));
    }

    #[test]
    fn every_endpoint_and_every_number_has_a_secret_of_its_own() {
        let secrets = Secrets::new(&MasterKey::new([7; 32]));
        let (account, one) = (AccountId(uuid::Uuid::from_u128(1)), WebhookId(uuid::Uuid::from_u128(2)));
        let secret = secrets.secret(account, one, 0);
        assert_eq!(secret, secrets.secret(account, one, 0));
        assert_ne!(secret, secrets.secret(account, one, 1));
        assert_ne!(secret, secrets.secret(account, WebhookId(account.0), 0));
        assert_eq!(BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
    }
}
