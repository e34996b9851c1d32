//! Sealing: personal values inside a payload are encrypted before it is stored and hashed.
//!
//! A value stands as `{"$personal": {"subject", "value"}}` in clear and as `{"$sealed": {"subject", "data"}}` in the log:
//! AES-256-GCM under the subject's key, bound to account, event and field, so that no ciphertext can be moved to
//! another place. Without a key it opens to a personal value without `value`: erased.
//!
//! A value that is kept with its stream (`with_stream`) is sealed under the key of the stream's id first, which stands as `within`: it can be
//! read while both keys are there.

use crate::{
    LogError, StreamId,
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
/// The member of a clear value that is sealed under the key of its stream besides.
const WITH_STREAM: &str = "with_stream";
/// The member of a sealed value that names that key.
const WITHIN: &str = "within";

/// Why a payload could not be sealed just now.
#[derive(Debug)]
pub enum SealError {
    /// These keys must be brought into memory first ([`Keyring::ensure`]).
    KeysMissing(Vec<SubjectKey>),
    /// Something would be kept with its stream, whose key is destroyed: it would be acknowledged and lost.
    Expired,
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

fn id_of(marked: &Value, mark: &str, member: &str) -> Option<SubjectId> {
    marked.get(mark)?.get(member)?.as_str()?.parse().ok()
}

fn subject_of(marked: &Value, mark: &str) -> Option<SubjectId> {
    id_of(marked, mark, "subject")
}

fn bound(account: AccountId, event: EventId, path: &str) -> Vec<u8> {
    [account.0.as_bytes(), event.0.as_bytes(), path.as_bytes()].concat()
}

/// Seals every personal value of the payload of an event in this stream and gives the text to be stored.
///
/// # Errors
/// [`SealError::KeysMissing`] when keys are not in memory: nothing was lost, bring them and seal again. [`SealError::Expired`] for a value
/// that is kept with its stream when that is kept no longer; what is known of a person who was forgotten is sealed as forgotten.
pub fn seal(keyring: &Keyring, stream: StreamId, event: EventId, payload: &mut Value) -> Result<String, SealError> {
    let account = stream.account;
    let mut missing = Vec::new();
    let mut failed = None;
    marked(payload, CLEAR_MARK, &mut String::new(), &mut |node, path| {
        let Some(subject) = subject_of(node, CLEAR_MARK) else {
            failed = Some(SealError::Failed(LogError::Database(format!("the personal value at {path} has no subject"))));
            return;
        };
        let within = (node[CLEAR_MARK][WITH_STREAM] == true).then_some(SubjectId(stream.id));
        let mut ciphers = Vec::with_capacity(2);
        let mut is_expired = false;
        for key in within.into_iter().chain([subject]) {
            match keyring.cached(&(account, key)) {
                Some(cipher) => {
                    is_expired |= within == Some(key) && matches!(cipher, SubjectCipher::Destroyed);
                    ciphers.push(cipher);
                }
                None => missing.push((account, key)),
            }
        }
        let value = node[CLEAR_MARK].get("value");
        if value.is_some() && is_expired {
            return failed = Some(SealError::Expired);
        }
        let data = match (value, is_whole(&ciphers)) {
            (Some(value), true) => match encrypt(keyring, &ciphers, &bound(account, event, path), value) {
                Ok(data) => Some(data),
                Err(error) => return failed = Some(SealError::Failed(error)),
            },
            _ => None,
        };
        *node = sealed(subject, within, data);
    });
    match (failed, missing.is_empty()) {
        (Some(error), _) => Err(error),
        (None, false) => Err(SealError::KeysMissing(missing)),
        (None, true) => Ok(payload.to_string()),
    }
}

/// Whether none of the keys is destroyed.
fn is_whole(ciphers: &[SubjectCipher]) -> bool {
    ciphers.iter().all(|cipher| matches!(cipher, SubjectCipher::Key(_)))
}

fn sealed(subject: SubjectId, within: Option<SubjectId>, data: Option<String>) -> Value {
    let mut inner = Map::from_iter([("subject".to_owned(), json!(subject))]);
    inner.extend(within.map(|within| (WITHIN.to_owned(), json!(within))));
    inner.extend(data.map(|data| ("data".to_owned(), json!(data))));
    json!({ SEALED_MARK: inner })
}

/// A value in the clear, or erased.
fn cleared(node: &Value, subject: SubjectId, value: Option<Value>) -> Value {
    let mut inner = Map::from_iter([("subject".to_owned(), json!(subject))]);
    inner.extend(id_of(node, SEALED_MARK, WITHIN).map(|_| (WITH_STREAM.to_owned(), json!(true))));
    inner.extend(value.map(|value| ("value".to_owned(), value)));
    json!({ CLEAR_MARK: inner })
}

/// The keys whose values are sealed in the payload.
pub fn subjects(account: AccountId, payload: &mut Value) -> Vec<SubjectKey> {
    let mut found = Vec::new();
    marked(payload, SEALED_MARK, &mut String::new(), &mut |node, _| {
        let keys = [subject_of(node, SEALED_MARK), id_of(node, SEALED_MARK, WITHIN)];
        found.extend(keys.into_iter().flatten().map(|key| (account, key)));
    });
    found
}

/// Opens every sealed value whose keys are in memory; the others become erased ones.
pub fn open(keyring: &Keyring, account: AccountId, event: EventId, payload: &mut Value) {
    marked(payload, SEALED_MARK, &mut String::new(), &mut |node, path| {
        let Some(subject) = subject_of(node, SEALED_MARK) else { return };
        let keys = [Some(subject), id_of(node, SEALED_MARK, WITHIN)];
        let ciphers: Option<Vec<_>> = keys.into_iter().flatten().map(|key| keyring.cached(&(account, key))).collect();
        let value = ciphers.and_then(|ciphers| decrypt(&ciphers, &bound(account, event, path), node[SEALED_MARK]["data"].as_str()));
        *node = cleared(node, subject, value);
    });
}

/// Makes every sealed value an erased one.
pub fn erase(payload: &mut Value) {
    marked(payload, SEALED_MARK, &mut String::new(), &mut |node, _| {
        if let Some(subject) = subject_of(node, SEALED_MARK) {
            *node = cleared(node, subject, None);
        }
    });
}

/// The payload as it is stored when nothing personal in it is known any more: no key is needed for it, and none can open it.
pub fn erased(stream: StreamId, payload: &mut Value) -> String {
    marked(payload, CLEAR_MARK, &mut String::new(), &mut |node, _| {
        if let Some(subject) = subject_of(node, CLEAR_MARK) {
            let within = (node[CLEAR_MARK][WITH_STREAM] == true).then_some(SubjectId(stream.id));
            *node = sealed(subject, within, None);
        }
    });
    payload.to_string()
}

/// The value under all of these keys, the first one inmost. A destroyed one seals nothing.
fn encrypt(keyring: &Keyring, ciphers: &[SubjectCipher], bound: &[u8], value: &Value) -> Result<String, LogError> {
    let mut data = serde_json::to_vec(value).expect("a JSON value has a text");
    for cipher in ciphers {
        let SubjectCipher::Key(key) = cipher else { continue };
        let nonce = keyring.draw::<NONCE_LEN>()?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut data)
            .expect("a payload is within the cipher's limits");
        data.splice(..0, nonce);
    }
    Ok(BASE64.encode(data))
}

/// The value, where none of these keys is destroyed, the first one outmost.
fn decrypt(ciphers: &[SubjectCipher], bound: &[u8], data: Option<&str>) -> Option<Value> {
    let mut data = BASE64.decode(data?).ok()?;
    for cipher in ciphers {
        let SubjectCipher::Key(key) = cipher else { return None };
        let (nonce, sealed) = data.split_at_checked(NONCE_LEN)?;
        let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce).ok()?, sealed.to_vec());
        let length = key.open_in_place(nonce, Aad::from(bound), &mut sealed).ok()?.len();
        sealed.truncate(length);
        data = sealed;
    }
    serde_json::from_slice(&data).ok()
}
