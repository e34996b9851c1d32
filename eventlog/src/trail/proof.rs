//! A proof that one event is in a log that a checkpoint vouches for, without the others.

use super::{
    line::Line,
    merkle,
    note::{Checkpoint, PublicKey, origin},
};
use crate::chain::Hash;
use serde::{Deserialize, Serialize};

/// The form of the file.
pub const FORMAT: &str = "vitrina-proof/1";

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The event as a line of an exported log.
    pub event: String,
    /// The hash of the event before it.
    pub previous: Hash,
    /// Which event of the account it is, from 0 on.
    pub index: u64,
    /// The hashes beside it, from the nearest to the root.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// A proof as JSON.
#[derive(Serialize, Deserialize)]
struct Written {
    format: String,
    event: String,
    previous: String,
    index: u64,
    path: Vec<String>,
    checkpoint: String,
}

impl Proof {
    /// As JSON.
    pub fn json(&self) -> String {
        use super::fault::shown;
        let written = Written {
            format: FORMAT.to_owned(),
            event: self.event.clone(),
            previous: shown(&self.previous),
            index: self.index,
            path: self.path.iter().map(shown).collect(),
            checkpoint: self.checkpoint.clone(),
        };
        serde_json::to_string(&written).expect("plain data")
    }

    /// Reads the JSON; `None` when it is something else.
    pub fn read(json: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(json).ok()?;
        let path = written.path.iter().map(|hash| hash_of(hash)).collect::<Option<_>>()?;
        let is_one = written.format == FORMAT;
        is_one.then_some(Self {
            event: written.event,
            previous: hash_of(&written.previous)?,
            index: written.index,
            path,
            checkpoint: written.checkpoint,
        })
    }

    /// What it proves: the event, and the checkpoint that vouches for it.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, keys: &[PublicKey]) -> Result<(Line<'_>, Checkpoint), String> {
        let event = Line::read(self.event.as_bytes())
            .map_err(|expected| format!("changed: no event was ever written like this; expected {expected}"))?;
        let checkpoint: Checkpoint = self.checkpoint.parse()?;
        if checkpoint.origin != origin(event.stream.account) {
            return Err(format!("the checkpoint is of another log: {}", checkpoint.origin));
        }
        if event.expected_hash(&self.previous) != event.hash {
            return Err("changed: the event's hash is not that of what it says".to_owned());
        }
        if !merkle::is_included(&merkle::leaf(&event.hash), self.index, checkpoint.size, &self.path, &checkpoint.root) {
            return Err("the event is not among those that the checkpoint vouches for".to_owned());
        }
        if !keys.is_empty() && !keys.iter().any(|key| key.has_signed(&self.checkpoint)) {
            return Err("forged: no key that was given has signed the checkpoint".to_owned());
        }
        Ok((event, checkpoint))
    }
}

/// A hash of 64 lower-case hexadecimal digits.
fn hash_of(text: &str) -> Option<Hash> {
    super::scan::Scan::new(format!("\"{text}\"").as_bytes()).hash().ok()
}
