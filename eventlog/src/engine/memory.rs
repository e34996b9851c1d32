//! The log in memory: the reference for the other engines, and for tests of what stands on the log.

use super::{CommitOutcome, Decide, Decided, Engine, Imported, KeyStore, Keys, StoredKey, Stores, SubjectKey};
use crate::{
    AppendRequest, LogError, Position, Recorded, StreamId, Version,
    chain::GENESIS,
    envelope::intern,
    sequence::{Known, Plan},
};
use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt, ready};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

#[derive(Default)]
struct State {
    imported: Option<Imported>,
    known: Known,
    events: Vec<Recorded>,
    streams: HashMap<StreamId, Vec<usize>>,
}

/// A log that is gone with the process.
#[derive(Default)]
pub struct Memory {
    state: Mutex<State>,
}

/// An empty log with an empty key store.
pub fn open() -> Stores {
    Stores { engine: Arc::new(Memory::default()), keys: Arc::new(MemoryKeys::default()) }
}

/// The event that a request and its placing make.
pub(crate) fn recorded(batch: &[AppendRequest], plan: &Plan, index: usize) -> Recorded {
    let placed = &plan.events[index];
    let request = &batch[placed.request];
    let write = &request.writes[placed.write];
    let event = &write.events[placed.event];
    Recorded {
        position: placed.position,
        stream: write.stream,
        version: placed.version,
        event_type: intern(event.event_type),
        schema_version: event.schema_version,
        event_id: event.event_id,
        command_id: request.command_id,
        correlation_id: request.correlation_id,
        causation_id: request.causation_id,
        actor: request.actor.clone(),
        reason: request.reason.clone(),
        environment: write.environment,
        occurred_at: event.occurred_at,
        recorded_at: plan.head.recorded_at,
        payload: event.payload.clone(),
        hash: placed.hash,
    }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(state: &State, keys: &Keys) -> Known {
        let known = &state.known;
        Known {
            head: known.head,
            streams: keys.streams.iter().map(|s| (*s, known.streams.get(s).copied().unwrap_or_default())).collect(),
            commands: keys.commands.iter().filter_map(|c| Some((*c, known.commands.get(c)?.clone()))).collect(),
            claims: keys.claims.iter().map(|c| (c.clone(), known.claims.get(c).copied().flatten())).collect(),
            chains: keys.chains.iter().map(|a| (*a, known.chains.get(a).copied().unwrap_or(GENESIS))).collect(),
        }
    }

    fn write(state: &mut State, decided: &Decided) -> CommitOutcome {
        let Decided { expected, batch, plan } = decided;
        if state.known.head != *expected {
            return CommitOutcome::HeadMoved;
        }
        let commands = plan.accepted.iter().map(|i| (batch[*i].account, batch[*i].command_id));
        if commands.clone().any(|key| state.known.commands.contains_key(&key)) {
            return CommitOutcome::CommandExists;
        }
        for index in 0..plan.events.len() {
            let event = recorded(batch, plan, index);
            let at = state.events.len();
            state.streams.entry(event.stream).or_default().push(at);
            state.events.push(event);
        }
        for (key, answer) in plan.accepted.iter().map(|i| ((batch[*i].account, batch[*i].command_id), &plan.answers[*i])) {
            if let Ok(committed) = answer {
                state.known.commands.insert(key, committed.clone());
            }
        }
        state.known.streams.extend(plan.streams.iter().map(|t| (t.stream, t.state)));
        state.known.claims.extend(plan.claims.iter().cloned());
        state.known.chains.extend(plan.chains.iter().copied());
        state.known.head = plan.head;
        CommitOutcome::Committed
    }
}

impl Engine for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn look<'a>(&'a self, keys: &'a Keys) -> BoxFuture<'a, Result<Known, LogError>> {
        ready(Ok(Self::found(&self.state(), keys))).boxed()
    }

    fn commit(&self, decided: Arc<Decided>) -> BoxFuture<'static, Result<CommitOutcome, LogError>> {
        ready(self.commit_here(&decided)).boxed()
    }

    fn is_here(&self) -> bool {
        true
    }

    fn commit_here(&self, decided: &Decided) -> Result<CommitOutcome, LogError> {
        Ok(Self::write(&mut self.state(), decided))
    }

    fn commit_locked<'a>(
        &'a self,
        requests: BoxFuture<'a, Vec<AppendRequest>>,
        decide: Decide<'a>,
    ) -> BoxFuture<'a, Result<(CommitOutcome, Decided), LogError>> {
        let locked = async move {
            // Only this process writes, and its batcher waits for this: nothing moves between look and write.
            let batch = requests.await;
            let mut state = self.state();
            let decided = decide(Self::found(&state, &Keys::of(&batch)), batch);
            Ok((Self::write(&mut state, &decided), decided))
        };
        locked.boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>> {
        ready(Ok(self.state().known.head.position)).boxed()
    }

    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        let from = usize::try_from(after.0).unwrap_or(0);
        ready(Ok(self.state().events.iter().skip(from).take(limit).cloned().collect())).boxed()
    }

    fn read_stream(&self, stream: StreamId, after: Version, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        let state = self.state();
        let from = usize::try_from(after.0).unwrap_or(0);
        let indices = state.streams.get(&stream).into_iter().flatten().skip(from).take(limit);
        ready(Ok(indices.map(|i| state.events[*i].clone()).collect())).boxed()
    }

    fn position_at(&self, instant: DateTime<Utc>) -> BoxFuture<'_, Result<Position, LogError>> {
        let count = self.state().events.partition_point(|e| e.recorded_at <= instant);
        ready(Ok(Position(i64::try_from(count).unwrap_or(i64::MAX)))).boxed()
    }

    fn imported(&self) -> BoxFuture<'_, Result<Option<Imported>, LogError>> {
        ready(Ok(self.state().imported)).boxed()
    }

    fn note_imported(&self, imported: Imported) -> BoxFuture<'_, Result<(), LogError>> {
        self.state().imported = Some(imported);
        ready(Ok(())).boxed()
    }

    fn foreign_heads(&self) -> Option<tokio::sync::watch::Receiver<Position>> {
        None
    }
}

/// Keys that are gone with the process.
#[derive(Default)]
pub struct MemoryKeys {
    keys: Mutex<HashMap<SubjectKey, StoredKey>>,
}

impl KeyStore for MemoryKeys {
    fn load<'a>(&'a self, subjects: &'a [SubjectKey]) -> BoxFuture<'a, Result<Vec<(SubjectKey, StoredKey)>, LogError>> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        ready(Ok(subjects.iter().filter_map(|s| Some((*s, keys.get(s)?.clone()))).collect())).boxed()
    }

    fn create(&self, subject: SubjectKey, wrapped: Vec<u8>) -> BoxFuture<'_, Result<StoredKey, LogError>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        ready(Ok(keys.entry(subject).or_insert(StoredKey::Wrapped(wrapped)).clone())).boxed()
    }

    fn destroy(&self, subject: SubjectKey) -> BoxFuture<'_, Result<(), LogError>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(subject, StoredKey::Destroyed);
        ready(Ok(())).boxed()
    }
}
