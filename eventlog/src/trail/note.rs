//! Signed checkpoints: how many events there are and the root of the tree over them, signed (C2SP signed-note and
//! tlog-checkpoint). Whoever keeps one can tell later that the history it was of has not been exchanged for another.

use super::merkle::Tree;
use crate::{chain::Hash, keyring::MasterKey};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use std::{fmt, str::FromStr};
use vitrina_domain::ids::AccountId;

/// What the signing key is derived from the deployment's secret for; each account has one of its own, so that what is signed for one
/// is nothing for another.
const PURPOSE: &str = "audit-checkpoints";
/// The kind of signature: ed25519.
const ED25519_KIND: u8 = 1;
/// What a signature's line begins with.
const SIGNATURE: &str = "\u{2014} ";

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is of: see [`origin`].
    pub origin: String,
    /// How many events.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// The name of an account's log, and of the key that its checkpoints are signed with.
pub fn origin(account: AccountId) -> String {
    format!("vitrina/log/{account}")
}

/// Signs the checkpoints of one account.
pub struct Signer {
    key: Ed25519KeyPair,
    name: String,
}

impl Signer {
    /// Of this account, with the deployment's key.
    pub fn new(master: &MasterKey, account: AccountId) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&master.derive(&format!("{PURPOSE}/{account}"))).expect("the seed has 32 bytes");
        Self { key, name: origin(account) }
    }

    /// What its signatures are checked with.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.key.public_key().as_ref());
        PublicKey { name: self.name.clone(), bytes }
    }

    /// The signed note for a tree.
    pub fn sign(&self, tree: &Tree) -> String {
        self.attest(&format!("{}\n{}\n{}\n", self.name, tree.size(), BASE64.encode(tree.root())))
    }

    /// The signed note of a text of lines, none of them empty. Its first line says what it is, so that no kind of note is taken for another.
    pub fn attest(&self, text: &str) -> String {
        let signature = [&self.public().id()[..], self.key.sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n{SIGNATURE}{} {}\n", self.name, BASE64.encode(signature))
    }
}

/// A public key with its name, written `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    bytes: [u8; 32],
}

impl PublicKey {
    /// Whose it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// By what a signature names it.
    fn id(&self) -> [u8; 4] {
        let hash = digest(&SHA256, &[self.name.as_bytes(), b"\n", &[ED25519_KIND], &self.bytes].concat());
        let mut id = [0; 4];
        id.copy_from_slice(&hash.as_ref()[..4]);
        id
    }

    /// Whether the note has a signature of this key that is right.
    pub fn has_signed(&self, note: &str) -> bool {
        let Some((text, signatures)) = split(note) else { return false };
        let (begin, id) = (format!("{SIGNATURE}{} ", self.name), self.id());
        signatures.lines().filter_map(|line| BASE64.decode(line.strip_prefix(&begin)?).ok()).any(|signature| {
            signature
                .strip_prefix(&id)
                .is_some_and(|bytes| UnparsedPublicKey::new(&ED25519, self.bytes).verify(text.as_bytes(), bytes).is_ok())
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        write!(f, "{}+{id}+{}", self.name, BASE64.encode([&[ED25519_KIND][..], &self.bytes].concat()))
    }
}

impl FromStr for PublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "this is no public key: expected name+id+key, as GET /v1/audit/keys gives it".to_owned();
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(wrong()) };
        let key = BASE64.decode(key).map_err(|_| wrong())?;
        let bytes = key.strip_prefix(&[ED25519_KIND]).and_then(|key| key.try_into().ok()).ok_or_else(wrong)?;
        let key = Self { name: name.to_owned(), bytes };
        if key.to_string() == text.trim() { Ok(key) } else { Err("the public key was changed: its id is not that of the key".to_owned()) }
    }
}

impl FromStr for Checkpoint {
    type Err = &'static str;

    /// What a note says, whoever signed it.
    fn from_str(note: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "this is no checkpoint: expected origin, size and root, an empty line, and signatures";
        let (text, _) = split(note).ok_or(WRONG)?;
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else { return Err(WRONG) };
        let root = BASE64.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(WRONG)?;
        Ok(Self { origin: origin.to_owned(), size: size.parse().map_err(|_| WRONG)?, root })
    }
}

/// The text that is signed, and the signatures.
fn split(note: &str) -> Option<(&str, &str)> {
    let at = note.find("\n\n")?;
    Some((&note[..=at], &note[at + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_checkpoint_is_read_as_it_was_signed_and_a_changed_one_is_not_signed() {
        let signer = Signer::new(&MasterKey::new([7; 32]), AccountId(Uuid::from_u128(1)));
        let mut tree = Tree::default();
        (0..5).for_each(|n| tree.push([n; 32], |_, _| {}));
        let note = signer.sign(&tree);
        let said: Checkpoint = note.parse().unwrap();
        assert_eq!((said.size, said.root, &*said.origin), (5, tree.root(), signer.public().name()));
        let key: PublicKey = signer.public().to_string().parse().unwrap();
        assert!(key.has_signed(&note));
        assert!(!key.has_signed(&note.replacen("\n5\n", "\n6\n", 1)));
        let other = Signer::new(&MasterKey::new([8; 32]), AccountId(Uuid::from_u128(1))).public();
        assert!(!other.has_signed(&note));
        assert!(key.to_string().replacen("vitrina/", "vetrina/", 1).parse::<PublicKey>().is_err());
    }
}
