//! Writing the log of a sandbox: what happened in an account, with other ids and without its persons, as a log that is whole by itself.
//!
//! Times, order and batches stay, so whatever is counted comes out the same; positions are dense from 1 and versions of streams from 1,
//! so it is imported as any other. What goes into it is said by [`vitrina_domain::shred`]. Ids and words are given by a key that is drawn
//! for this fork and forgotten with it: nobody can tell afterwards which was which, and a second fork has others.
//!
//! The memory it takes does not grow with the events: one number for each stream, as an import has.

use super::{
    Source,
    ends::{Foot, Head},
    line,
};
use crate::{
    LogError, Position, Recorded, StreamId, Version,
    chain::{GENESIS, Hash, expected_hash},
    envelope::intern,
    keyless, seal,
};
use chrono::{DateTime, Utc};
use ring::{
    digest::{Context, SHA256},
    hmac,
    rand::SystemRandom,
};
use std::{collections::HashMap, sync::Arc};
use uuid::{Builder, Uuid};
use vitrina_domain::{
    account::{AccountEvent, Forked},
    actor::Actor,
    event::Event,
    ids::AccountId,
    shred::{Aliases, shred},
    stream::Category,
};

/// Events of one read.
const PAGE: usize = 500;
/// Bytes that are handed out at once, about.
const CHUNK: usize = 64 * 1024;
/// The bits of an id's milliseconds that are drawn anew.
const WITHIN_MS: u64 = 0x3ff;
/// The type of the last event of every fork.
pub const FORKED: &str = "account.forked";
/// Who tells that it is one.
const ACTOR: &str = "fork";

/// A fork that is being written.
pub struct Fork {
    source: Arc<dyn Source>,
    account: AccountId,
    aliases: Keyed,
    /// Up to where the original has been read.
    at: Position,
    upto: Position,
    /// When the last event that was read was recorded, whosever it was.
    until: DateTime<Utc>,
    versions: HashMap<StreamId, Version>,
    written: Foot,
    digest: Context,
    stage: Stage,
}

enum Stage {
    Head(Head),
    Events,
    Foot,
    Over,
}

impl Fork {
    /// Of this account, up to this position of the log.
    ///
    /// # Errors
    /// When the system has no source of randomness.
    pub fn new(source: Arc<dyn Source>, account: AccountId, upto: Position, now: DateTime<Utc>) -> Result<Self, LogError> {
        let aliases = Keyed::draw()?;
        let head = Head { account: Some(AccountId(aliases.id(account.0))), exported_at: now, after: Position::ZERO, previous: GENESIS };
        Ok(Self {
            source,
            account,
            aliases,
            at: Position::ZERO,
            upto,
            until: now,
            versions: HashMap::new(),
            written: Foot { events: 0, position: Position::ZERO, hash: GENESIS, sha256: Hash::default() },
            digest: Context::new(&SHA256),
            stage: Stage::Head(head),
        })
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`LogError::Undecodable`] for an event that this build does not know: nobody could say who is in it. [`LogError::Damaged`] when the
    /// log ends before it should; when it cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        let mut out = Vec::new();
        match &self.stage {
            Stage::Head(head) => {
                out = head.line();
                self.stage = Stage::Events;
            }
            Stage::Events => {
                while out.len() < CHUNK && self.at < self.upto {
                    self.page(&mut out).await?;
                }
                if self.at >= self.upto {
                    self.mark(&mut out)?;
                    self.stage = Stage::Foot;
                }
            }
            Stage::Foot => {
                self.written.sha256.copy_from_slice(self.digest.clone().finish().as_ref());
                self.stage = Stage::Over;
                return Ok(Some(self.written.line()));
            }
            Stage::Over => return Ok(None),
        }
        self.digest.update(&out);
        Ok(Some(out))
    }

    /// The sandbox's account, and how many events it has. None: there was no such account.
    pub fn so_far(&self) -> (AccountId, u64) {
        (AccountId(self.aliases.id(self.account.0)), self.written.events)
    }

    /// Up to where the original has been read.
    pub fn at(&self) -> Position {
        self.at
    }

    async fn page(&mut self, out: &mut Vec<u8>) -> Result<(), LogError> {
        let upto = self.upto;
        let page = self.source.read(self.at, PAGE).await?;
        let Some(last) = page.last() else {
            let what = format!("nothing is there up to position {}, where the log says that it ends: `vitrina verify`", self.upto);
            return Err(LogError::Damaged { position: self.at.next(), what });
        };
        for event in page.iter().take_while(|event| event.position <= upto) {
            self.until = event.recorded_at;
            if event.stream.account == self.account {
                self.take(event, out)?;
            }
        }
        self.at = last.position.min(self.upto);
        Ok(())
    }

    /// One event of the original.
    fn take(&mut self, event: &Recorded, out: &mut Vec<u8>) -> Result<(), LogError> {
        let undecodable = |error: &dyn std::error::Error| LogError::Undecodable { position: event.position, what: error.to_string() };
        let Some(copy) = shred(&keyless::event(event)?, &self.aliases).map_err(|error| undecodable(&error))? else { return Ok(()) };
        let aliases = &self.aliases;
        let stream = StreamId { account: AccountId(aliases.id(self.account.0)), id: aliases.id(event.stream.id), ..event.stream };
        let forked = Recorded {
            position: Position::ZERO,
            stream,
            version: Version::ZERO,
            event_type: intern(copy.event_type()),
            schema_version: copy.schema_version(),
            event_id: aliases.id(event.event_id.0).into(),
            command_id: aliases.id(event.command_id.0).into(),
            correlation_id: aliases.id(event.correlation_id.0).into(),
            causation_id: event.causation_id.map(|id| aliases.id(id.0).into()),
            actor: aliases.actor(&event.actor),
            // Somebody's words, or nothing that is counted.
            reason: None,
            environment: event.environment,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            payload: seal::erased(stream, &mut copy.payload()),
            hash: GENESIS,
        };
        self.write(forked, out)
    }

    /// The last event: what is told from here on happens in a sandbox. It stands at the end of what was read, so that what was still going on
    /// then has lasted as long here.
    fn mark(&mut self, out: &mut Vec<u8>) -> Result<(), LogError> {
        let account = AccountId(self.aliases.id(self.account.0));
        if self.written.events == 0 {
            return Ok(());
        }
        let event = Event::from(AccountEvent::Forked(Forked {}));
        let own = |name: &str| self.aliases.derived(name.as_bytes());
        let forked = Recorded {
            position: Position::ZERO,
            stream: StreamId { account, category: Category::Account, id: account.0 },
            version: Version::ZERO,
            event_type: intern(event.event_type()),
            schema_version: event.schema_version(),
            event_id: own("event").into(),
            command_id: own("command").into(),
            correlation_id: own("command").into(),
            causation_id: None,
            actor: Actor::System(ACTOR.to_owned()),
            reason: None,
            environment: vitrina_domain::environment::Environment::Production,
            occurred_at: self.until,
            recorded_at: self.until,
            payload: event.payload().to_string(),
            hash: GENESIS,
        };
        self.write(forked, out)
    }

    /// At the next position, as the next of its stream, chained to the one before.
    fn write(&mut self, mut event: Recorded, out: &mut Vec<u8>) -> Result<(), LogError> {
        let version = self.versions.entry(event.stream).or_insert(Version::ZERO);
        *version = version.next();
        (event.version, event.position) = (*version, self.written.position.next());
        event.hash = expected_hash(&self.written.hash, &event);
        line::write(&event, out)?;
        self.written.events += 1;
        (self.written.position, self.written.hash) = (event.position, event.hash);
        Ok(())
    }
}

/// Names by a key that nobody keeps.
struct Keyed(hmac::Key);

impl Keyed {
    fn draw() -> Result<Self, LogError> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        key.map(Self).map_err(|_| LogError::Unavailable("the system has no source of randomness".to_owned()))
    }

    fn drawn(&self, kind: &[u8], of: &[u8]) -> [u8; 16] {
        let tag = hmac::sign(&self.0, &[kind, of].concat());
        let mut drawn = [0; 16];
        drawn.copy_from_slice(&tag.as_ref()[..16]);
        drawn
    }

    fn derived(&self, of: &[u8]) -> Uuid {
        Builder::from_custom_bytes(self.drawn(b"own/", of)).into_uuid()
    }

    fn actor(&self, actor: &Actor) -> Actor {
        match actor {
            Actor::User(id) => Actor::User(self.id(id.0).into()),
            Actor::Shopper(id) => Actor::Shopper(self.id(id.0).into()),
            Actor::Customer(id) => Actor::Customer(self.id(id.0).into()),
            Actor::ApiKey(id) => Actor::ApiKey(self.id(id.0).into()),
            Actor::System(name) => Actor::System(name.clone()),
        }
    }
}

impl Aliases for Keyed {
    /// Of an id with a time in it about the second stays, since lists go by it: less than the event that tells of it says. Milliseconds
    /// would be enough to know an id again that somebody has from elsewhere.
    fn id(&self, id: Uuid) -> Uuid {
        let drawn = self.drawn(b"id/", id.as_bytes());
        if id.get_version_num() != 7 {
            return Builder::from_custom_bytes(drawn).into_uuid();
        }
        let [time, within] = [*id.as_bytes(), drawn].map(|bytes| bytes[..6].iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        let mut random = [0; 10];
        random.copy_from_slice(&drawn[6..]);
        Builder::from_unix_timestamp_millis(time & !WITHIN_MS | within & WITHIN_MS, &random).into_uuid()
    }

    fn word(&self, word: &str) -> String {
        self.drawn(b"word/", word.as_bytes())[..8].iter().fold("fork-".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_others_and_sort_by_time_as_they_did() {
        let (one, other) = (Keyed::draw().unwrap(), Keyed::draw().unwrap());
        let at = |nth: u64| Builder::from_unix_timestamp_millis(nth * 1_500, &[7; 10]).into_uuid();
        let ids: Vec<Uuid> = (1..100).map(at).collect();
        let forked: Vec<Uuid> = ids.iter().map(|id| one.id(*id)).collect();
        assert!(forked.is_sorted() && forked.iter().all(|id| id.get_version_num() == 7 && !ids.contains(id)));
        let is_known_again = |id: &Uuid| forked.iter().any(|other| other.as_bytes()[..6] == id.as_bytes()[..6]);
        assert!(ids.iter().filter(|id| is_known_again(id)).count() < 10, "milliseconds stay");
        assert_eq!(forked, ids.iter().map(|id| one.id(*id)).collect::<Vec<_>>());
        assert!(ids.iter().all(|id| one.id(*id) != other.id(*id)));
        assert_ne!(one.id(Uuid::from_u128(1)), Uuid::from_u128(1));
        assert_ne!(one.word("vip"), other.word("vip"));
    }
}
