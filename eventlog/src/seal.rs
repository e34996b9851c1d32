//! Sealing: personal values inside a payload are encrypted before it is stored and hashed.
//!
//! A value stands as `{"$personal": {"subject", "value"}}` in clear and as `{"$sealed": {"subject", "data"}}` in the log:
//! AES-256-GCM under the subject's key, bound to account, event and field, so that no ciphertext can be moved to
//! another place. Without a key it opens to a personal value without `value`: erased.

use crate::{
    LogError,
    engine::SubjectKey,
    keyring::{Keyring, SubjectCipher},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use ring::aead::{Aad, NONCE_LEN, Nonce};
use serde_json::{Map, Value, json};
use vitrina_domain::{
    ids::{AccountId, EventId, SubjectId},
    personal::CLEAR_MARK,
};

/// The JSON member that marks a sealed value.
pub const SEALED_MARK: &str = "$sealed";

/// Why a payload could not be sealed just now.
#[derive(Debug)]
pub enum SealError {
    /// These keys must be brought into memory first ([`Keyring::ensure`]).
    KeysMissing(Vec<SubjectKey>),
    /// No random bytes, or a personal value that does not have its form.
    Failed(LogError),
}

/// Visits every object that has the mark as its only member, with the path to it.
fn marked(value: &mut Value, mark: &str, path: &mut String, visit: &mut impl FnMut(&mut Value, &str)) {
    match value {
        Value::Object(map) if map.len() == 1 && map.contains_key(mark) => visit(value, path),
        Value::Object(map) => {
            for (name, inner) in map {
                let length = path.len();
                path.push('/');
                path.push_str(name);
                marked(inner, mark, path, visit);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                let length = path.len();
                path.push_str(&format!("/{index}"));
                marked(inner, mark, path, visit);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn subject_of(marked: &Value, mark: &str) -> Option<SubjectId> {
    marked.get(mark)?.get("subject")?.as_str()?.parse().ok()
}

fn bound(account: AccountId, event: EventId, path: &str) -> Vec<u8> {
    [account.0.as_bytes(), event.0.as_bytes(), path.as_bytes()].concat()
}

/// Seals every personal value of the payload and gives the text to be stored.
///
/// # Errors
/// [`SealError::KeysMissing`] when keys are not in memory: nothing was lost, bring them and seal again.
pub fn seal(keyring: &Keyring, account: AccountId, event: EventId, payload: &mut Value) -> Result<String, SealError> {
    let mut missing = Vec::new();
    let mut failed = None;
    marked(payload, CLEAR_MARK, &mut String::new(), &mut |node, path| {
        let Some(subject) = subject_of(node, CLEAR_MARK) else {
            failed = Some(LogError::Database(format!("the personal value at {path} has no subject")));
            return;
        };
        let Some(cipher) = keyring.cached(&(account, subject)) else {
            missing.push((account, subject));
            return;
        };
        match (cipher, node[CLEAR_MARK].get("value")) {
            (SubjectCipher::Key(key), Some(value)) => match keyring.draw::<NONCE_LEN>() {
                Ok(nonce) => {
                    let mut data = serde_json::to_vec(value).expect("a JSON value has a text");
                    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound(account, event, path)), &mut data)
                        .expect("a payload is within the cipher's limits");
                    let data = BASE64.encode([&nonce[..], &data].concat());
                    *node = json!({ SEALED_MARK: { "subject": subject, "data": data } });
                }
                Err(error) => failed = Some(error),
            },
            _ => *node = json!({ SEALED_MARK: { "subject": subject } }),
        }
    });
    match (failed, missing.is_empty()) {
        (Some(error), _) => Err(SealError::Failed(error)),
        (None, false) => Err(SealError::KeysMissing(missing)),
        (None, true) => Ok(payload.to_string()),
    }
}

/// The subjects whose values are sealed in the payload.
pub fn subjects(account: AccountId, payload: &mut Value) -> Vec<SubjectKey> {
    let mut found = Vec::new();
    marked(payload, SEALED_MARK, &mut String::new(), &mut |node, _| {
        found.extend(subject_of(node, SEALED_MARK).map(|subject| (account, subject)));
    });
    found
}

/// Opens every sealed value whose key is in memory; the others become erased ones.
pub fn open(keyring: &Keyring, account: AccountId, event: EventId, payload: &mut Value) {
    marked(payload, SEALED_MARK, &mut String::new(), &mut |node, path| {
        let Some(subject) = subject_of(node, SEALED_MARK) else { return };
        let value = match keyring.cached(&(account, subject)) {
            Some(SubjectCipher::Key(key)) => decrypt(&key, &bound(account, event, path), node[SEALED_MARK]["data"].as_str()),
            _ => None,
        };
        let mut inner = Map::new();
        inner.insert("subject".to_owned(), json!(subject));
        inner.extend(value.map(|value| ("value".to_owned(), value)));
        *node = json!({ CLEAR_MARK: inner });
    });
}

/// Makes every sealed value an erased one.
pub fn erase(payload: &mut Value) {
    marked(payload, SEALED_MARK, &mut String::new(), &mut |node, _| {
        if let Some(subject) = subject_of(node, SEALED_MARK) {
            *node = json!({ CLEAR_MARK: { "subject": subject } });
        }
    });
}

fn decrypt(key: &ring::aead::LessSafeKey, bound: &[u8], data: Option<&str>) -> Option<Value> {
    let data = BASE64.decode(data?).ok()?;
    let (nonce, sealed) = data.split_at_checked(NONCE_LEN)?;
    let mut sealed = sealed.to_vec();
    let clear = key.open_in_place(Nonce::try_assume_unique_for_key(nonce).ok()?, Aad::from(bound), &mut sealed).ok()?;
    serde_json::from_slice(clear).ok()
}
