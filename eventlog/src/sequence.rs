//! The heart of the log: given what is known of it and a batch of requests in the order of their arrival, what happens.
//!
//! A pure function. It decides for each request *duplicate*, *conflict*, *claim taken* or *accepted*, and gives accepted
//! events their positions, versions and hashes. No SQL, no clock, no random number: it is tested against a naive model.

use crate::{
    AppendError, AppendRequest, Claim, Committed, Position, StreamId, Version,
    chain::{self, GENESIS, Hash, Link},
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;
use vitrina_domain::ids::{AccountId, CommandId, EventId};

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event; zero in an empty log.
    pub position: Position,
    /// How many streams there are; also the last stream key given.
    pub streams: i64,
    /// When the last event was written; time never goes back behind it.
    pub recorded_at: DateTime<Utc>,
    /// The last event: two histories of the same length differ in it. Nil in an empty log.
    pub last_event: EventId,
}

impl Default for Head {
    fn default() -> Self {
        Self { position: Position::ZERO, streams: 0, recorded_at: DateTime::UNIX_EPOCH, last_event: EventId(Uuid::nil()) }
    }
}

/// What is known of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamState {
    /// Its key in the store; zero while it does not exist.
    pub key: i64,
    /// Its version; zero while it does not exist.
    pub version: Version,
    /// Its last event; `None` while it does not exist.
    pub last: Option<EventId>,
}

/// The name of a claim without its holder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimKey {
    /// Whose.
    pub account: AccountId,
    /// What kind of name.
    pub scope: &'static str,
    /// The name.
    pub name: Vec<u8>,
}

impl ClaimKey {
    /// The key of this claim in this account.
    pub fn of(account: AccountId, claim: &Claim) -> Self {
        Self { account, scope: claim.scope, name: claim.name.clone() }
    }
}

/// A command is unique in its account.
pub type CommandKey = (AccountId, CommandId);

/// What is known of the log at [`Known::head`]: the parts that a batch needs, or more.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The end of the log that all of this holds for.
    pub head: Head,
    /// Streams; one that does not exist is known with version zero.
    pub streams: HashMap<StreamId, StreamState>,
    /// Commands that were written. One that is absent is unknown, or was never written.
    pub commands: HashMap<CommandKey, Committed>,
    /// Holders of claims; `None` is known to be free.
    pub claims: HashMap<ClaimKey, Option<Uuid>>,
    /// Last link of each account's chain.
    pub chains: HashMap<AccountId, Hash>,
}

/// An accepted event: which one of the batch, and what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Index of the request in the batch.
    pub request: usize,
    /// Index of the write in the request.
    pub write: usize,
    /// Index of the event in the write.
    pub event: usize,
    /// Place in the log.
    pub position: Position,
    /// Key of its stream.
    pub stream_key: i64,
    /// Place in the stream.
    pub version: Version,
    /// Link of the account's chain.
    pub hash: Hash,
}

/// A stream after the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Its name.
    pub stream: StreamId,
    /// Its key and version afterwards.
    pub state: StreamState,
    /// Whether the batch opened it.
    pub opened: bool,
}

/// What a batch leads to.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The end of the log afterwards; unchanged when nothing was accepted.
    pub head: Head,
    /// Accepted events, in order of position.
    pub events: Vec<Placed>,
    /// Streams written, each once.
    pub streams: Vec<Touched>,
    /// Index of each accepted request.
    pub accepted: Vec<usize>,
    /// Names taken (`Some`) and given back (`None`), each once, as they stand afterwards.
    pub claims: Vec<(ClaimKey, Option<Uuid>)>,
    /// Last link of each account's chain afterwards.
    pub chains: Vec<(AccountId, Hash)>,
    /// One for each request.
    pub answers: Vec<Result<Committed, AppendError>>,
}

/// Decides the batch, in order, and brings `known` to the state after it.
///
/// Every stream and claim that the batch names must be known; a stream that is not is a conflict with version zero.
/// When the plan cannot be committed, `known` must be forgotten.
pub fn sequence(known: &mut Known, batch: &[AppendRequest], now: DateTime<Utc>) -> Plan {
    let mut plan = Plan { answers: Vec::with_capacity(batch.len()), ..Plan::default() };
    let mut touched: HashMap<StreamId, usize> = HashMap::new();
    let recorded_at = now.max(known.head.recorded_at);

    for (index, request) in batch.iter().enumerate() {
        let answer = match decide(known, request) {
            Decision::Duplicate(stored) => Ok(stored),
            Decision::Refused(error) => Err(error),
            Decision::Accepted => Ok(accept(known, &mut plan, &mut touched, index, request, recorded_at)),
        };
        plan.answers.push(answer);
    }
    plan.chains = batch
        .iter()
        .map(|r| r.account)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .filter_map(|account| known.chains.get(&account).map(|hash| (account, *hash)))
        .collect();
    plan.head = known.head;
    plan
}

enum Decision {
    Duplicate(Committed),
    Refused(AppendError),
    Accepted,
}

fn decide(known: &Known, request: &AppendRequest) -> Decision {
    if let Some(stored) = known.commands.get(&(request.account, request.command_id)) {
        return Decision::Duplicate(Committed { replayed: true, ..stored.clone() });
    }
    if request.writes.iter().any(|w| w.events.is_empty() || w.stream.account != request.account) || request.writes.is_empty() {
        return Decision::Refused(AppendError::Refused("every write needs events, and a stream of its own account".to_owned()));
    }
    let written = request.writes.iter().map(|w| (w.stream, w.expected));
    let guarded = request.guards.iter().map(|g| (g.stream, g.expected));
    for (stream, expected) in written.chain(guarded) {
        let actual = known.streams.get(&stream).copied().unwrap_or_default();
        if !expected.holds(actual.version, actual.last) {
            return Decision::Refused(AppendError::Conflict { stream, expected, actual: actual.version });
        }
    }
    for claim in &request.claims {
        let holder = known.claims.get(&ClaimKey::of(request.account, claim)).copied().flatten();
        if let Some(holder) = holder.filter(|holder| *holder != claim.holder) {
            return Decision::Refused(AppendError::ClaimTaken { scope: claim.scope, holder });
        }
    }
    for release in &request.releases {
        let holder = known.claims.get(&ClaimKey::of(request.account, release)).copied().flatten();
        if holder != Some(release.holder) {
            return Decision::Refused(AppendError::ClaimTaken { scope: release.scope, holder: holder.unwrap_or_default() });
        }
    }
    Decision::Accepted
}

/// Places the request's events behind all that is known.
fn accept(
    known: &mut Known,
    plan: &mut Plan,
    touched: &mut HashMap<StreamId, usize>,
    index: usize,
    request: &AppendRequest,
    recorded_at: DateTime<Utc>,
) -> Committed {
    let first_position = known.head.position.next();
    let mut hash = known.chains.get(&request.account).copied().unwrap_or(GENESIS);

    for (write_index, write) in request.writes.iter().enumerate() {
        let (mut state, opened) = opened(known, write.stream);
        let command = chain::request_digest(request, write.environment);
        for (event_index, event) in write.events.iter().enumerate() {
            known.head.position = known.head.position.next();
            known.head.last_event = event.event_id;
            state.version = state.version.next();
            state.last = Some(event.event_id);
            let link = Link {
                position: known.head.position,
                stream: write.stream,
                version: state.version,
                event_type: event.event_type,
                schema_version: event.schema_version,
                event_id: event.event_id,
                occurred_at: event.occurred_at,
                recorded_at,
                payload: &event.payload,
                command: &command,
            };
            hash = chain::link(&hash, &link);
            let (position, version, stream_key) = (known.head.position, state.version, state.key);
            plan.events.push(Placed { request: index, write: write_index, event: event_index, position, stream_key, version, hash });
        }
        known.streams.insert(write.stream, state);
        let slot = *touched.entry(write.stream).or_insert_with(|| {
            plan.streams.push(Touched { stream: write.stream, state, opened });
            plan.streams.len() - 1
        });
        plan.streams[slot].state = state;
    }
    known.head.recorded_at = recorded_at;
    known.chains.insert(request.account, hash);
    change_names(known, plan, request);
    let committed = Committed {
        first_position,
        position: known.head.position,
        version: known.streams[&request.writes[0].stream].version,
        recorded_at,
        fingerprint: request.fingerprint,
        result: request.result.clone(),
        replayed: false,
    };
    known.commands.insert((request.account, request.command_id), committed.clone());
    plan.accepted.push(index);
    committed
}

/// The stream as it stands, and whether this is its first event: then it is given its key.
fn opened(known: &mut Known, stream: StreamId) -> (StreamState, bool) {
    let mut state = known.streams.get(&stream).copied().unwrap_or_default();
    let is_new = state.key == 0;
    if is_new {
        known.head.streams += 1;
        state.key = known.head.streams;
    }
    (state, is_new)
}

/// Releases first: a rename gives one name back and takes another, possibly the same.
fn change_names(known: &mut Known, plan: &mut Plan, request: &AppendRequest) {
    let changes = request.releases.iter().map(|c| (c, None)).chain(request.claims.iter().map(|c| (c, Some(c.holder))));
    for (claim, holder) in changes {
        let key = ClaimKey::of(request.account, claim);
        known.claims.insert(key.clone(), holder);
        plan.claims.retain(|(other, _)| *other != key);
        plan.claims.push((key, holder));
    }
}
