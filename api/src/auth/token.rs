//! Opaque bearer tokens of sessions and API keys: unguessable, shown once, stored as SHA-256 only, so that whoever reads the database
//! can sign in as nobody.
//!
//! A token is derived under a key of the server's from the id of the command that opened the session, which is random
//! or hashed from the caller's key: a repeated sign-in is answered with the same token, though it is stored nowhere.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest, hmac,
    rand::{SecureRandom, SystemRandom},
};
use vitrina_domain::ids::CommandId;
use vitrina_eventlog::keyring::MasterKey;

/// What tokens of sessions begin with, so that a leaked one is recognised by scanners.
const PREFIX: &str = "vts_";
/// Random bytes of the first password: 24 characters, out of reach of guessing.
const FIRST_PASSWORD_BYTES: usize = 18;

/// The token of the session that this command opens.
pub(crate) fn of(key: &hmac::Key, command: CommandId) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(hmac::sign(key, command.0.as_bytes())))
}

/// What secrets of API keys begin with.
const API_KEY_PREFIX: &str = "vk_";
/// Characters of a secret that are shown again, with its prefix: enough to recognise it, useless for guessing the rest.
const API_KEY_HINT_CHARS: usize = 9;

/// The secret of the API key that this command makes.
pub(crate) fn of_api_key(key: &hmac::Key, command: CommandId) -> String {
    format!("{API_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(hmac::sign(key, command.0.as_bytes())))
}

/// The part of an API key's secret that may be shown again.
pub(crate) fn hint(secret: &str) -> String {
    secret.chars().take(API_KEY_HINT_CHARS).collect()
}

/// Whether this wants to be the secret of an API key.
pub(crate) fn is_api_key(token: &str) -> bool {
    token.starts_with(API_KEY_PREFIX)
}

/// What the operator's token begins with.
const OPERATOR_PREFIX: &str = "vto_";

/// The token of who runs the server: follows from the master key, so that whoever can read that has it.
pub(crate) fn operators(master: &MasterKey) -> String {
    format!("{OPERATOR_PREFIX}{}", URL_SAFE_NO_PAD.encode(master.derive("operator-token")))
}

/// Whether this is the operator's token. The time it takes tells nothing about how much of it is right.
pub(crate) fn is_operators(master: &MasterKey, token: &str) -> bool {
    token.starts_with(OPERATOR_PREFIX) && hash(token) == hash(&operators(master))
}

/// A password for the owner of the account that this command makes.
pub(crate) fn password_of(key: &hmac::Key, command: CommandId) -> String {
    let tag = hmac::sign(key, format!("owner of {command}").as_bytes());
    URL_SAFE_NO_PAD.encode(&tag.as_ref()[..FIRST_PASSWORD_BYTES])
}

/// A password for the first owner.
pub(crate) fn new_password() -> String {
    random_text(FIRST_PASSWORD_BYTES)
}

/// What is stored of a token: its SHA-256 in lower-case hexadecimal.
pub(crate) fn hash(token: &str) -> String {
    use std::fmt::Write;
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn random_text(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random).expect("the system has a source of randomness");
    URL_SAFE_NO_PAD.encode(random)
}
