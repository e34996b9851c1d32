//! Checkpoints against the events: those that the log tells of itself, and those that an auditor has kept.

use super::{
    chains::Chains,
    fault::{Fault, What, shown},
    line::Line,
    note::{Checkpoint, PublicKey, origin},
};
use vitrina_domain::{
    ids::AccountId,
    log::{CheckpointSigned, LogEvent},
};

/// Looks at every event as it is followed.
#[derive(Debug, Default)]
pub struct Witness {
    keys: Vec<PublicKey>,
    kept: Vec<Kept>,
    /// Checkpoints of the log itself that hold.
    pub held: u64,
    /// Of these, those whose signature was checked with a key.
    pub signed: u64,
}

/// A checkpoint that an auditor has.
#[derive(Debug)]
struct Kept {
    name: String,
    said: Checkpoint,
    is_met: bool,
}

impl Witness {
    /// With these public keys; without any no signature is checked.
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self { keys, ..Self::default() }
    }

    /// A checkpoint that the events must agree with; `name` is that of its file.
    ///
    /// # Errors
    /// What is wrong with it by itself.
    pub fn keep(&mut self, name: &str, note: &str) -> Result<(), String> {
        let said: Checkpoint = note.parse()?;
        if !self.keys.is_empty() && !self.is_signed(note) {
            return Err("no key that was given has signed it".to_owned());
        }
        self.kept.push(Kept { name: name.to_owned(), said, is_met: false });
        Ok(())
    }

    fn is_signed(&self, note: &str) -> bool {
        self.keys.iter().any(|key| key.has_signed(note))
    }

    /// Kept checkpoints that were come to.
    pub fn met(&self) -> usize {
        self.kept.iter().filter(|kept| kept.is_met).count()
    }

    /// Looks at an event in its place.
    pub fn see(&mut self, event: &Line<'_>, line: Option<u64>, chains: &mut Chains) {
        let account = event.stream.account;
        let told = if event.event_type == LogEvent::CHECKPOINT_SIGNED { self.told(event, account, chains) } else { None };
        let met = if self.kept.iter().any(|kept| !kept.is_met) { self.meet(account, chains) } else { None };
        for why in [told, met].into_iter().flatten() {
            chains.faults.add(Fault { line, position: Some(event.position), event: Some(event.event_id), what: What::Unproven(why) });
        }
    }

    /// A checkpoint that the log tells of.
    fn told(&mut self, event: &Line<'_>, account: AccountId, chains: &mut Chains) -> Option<String> {
        let chain = chains.chain(account).filter(|chain| !chain.is_broken && chain.is_whole)?;
        let Ok(told) = serde_json::from_str::<CheckpointSigned>(event.payload) else {
            return Some("it is no checkpoint, though it says so".to_owned());
        };
        let said: Checkpoint = match told.note.parse() {
            Ok(said) => said,
            Err(why) => return Some(why.to_owned()),
        };
        if !self.keys.is_empty() && !self.is_signed(&told.note) {
            return Some("forged: no key that was given has signed the checkpoint in it".to_owned());
        }
        let Some(root) = chain.past.root_at(said.size) else {
            let there = chain.past.size();
            return Some(format!("exchanged: the checkpoint in it vouches for {} events, where there are {there}", said.size));
        };
        if root != said.root || said.origin != origin(account) {
            let said = shown(&said.root);
            return Some(format!(
                "exchanged: the checkpoint in it vouches for events with root {said}, those that are there have root {}",
                shown(&root)
            ));
        }
        self.held += 1;
        self.signed += u64::from(!self.keys.is_empty());
        None
    }

    /// Checkpoints of as many events as there are now.
    fn meet(&mut self, account: AccountId, chains: &mut Chains) -> Option<String> {
        let chain = chains.chain(account).filter(|chain| chain.is_whole)?;
        let (size, origin) = (chain.past.size(), origin(account));
        let mut why = None;
        for kept in self.kept.iter_mut().filter(|kept| !kept.is_met && kept.said.size == size && kept.said.origin == origin) {
            kept.is_met = true;
            let root = chain.past.root();
            if root != kept.said.root {
                why = Some(format!("exchanged: up to here {} vouches for other events, with root {}", kept.name, shown(&kept.said.root)));
            }
        }
        why
    }

    /// The end: a checkpoint that was not come to says that something is missing.
    pub fn end(&self, chains: &mut Chains) {
        for kept in self.kept.iter().filter(|kept| !kept.is_met) {
            if chains.goes_on(&kept.said.origin) {
                let why = format!(
                    "not told: what {} vouches for begins in a file before this one; give that one, too, before this one",
                    kept.name
                );
                chains.faults.add(Fault { line: None, position: None, event: None, what: What::Unproven(why) });
                continue;
            }
            let why =
                format!("truncated: {} vouches for {} events of {}, and fewer are there", kept.name, kept.said.size, kept.said.origin);
            chains.faults.add(Fault { line: None, position: None, event: None, what: What::Unproven(why) });
        }
    }
}
