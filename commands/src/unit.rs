//! What one command does: decisions of one or several aggregates, names taken and given back, all or nothing.
//!
//! A unit may be run several times (an aggregate had to be loaded, a key to be made, somebody was faster), so its code
//! must have no effect besides calls on the unit.

use crate::{
    cache::{Entry, Locked},
    error::{Failure, Refused},
    executor::Load,
    meta::CommandMeta,
};
use chrono::{DateTime, Utc};
use std::any::Any;
use uuid::Uuid;
use vitrina_domain::{
    aggregate::Aggregate,
    event::EventSet,
    ids::{AccountId, CommandId, EventId, SubjectId},
    order::Order,
    refusal::Refusal,
};
use vitrina_eventlog::{AppendRequest, Claim, Environment, EventLog, Expected, Guard, NewEvent, StreamId, Version, Write, seal::SealError};

/// What a unit lacks.
#[derive(Debug)]
pub enum Need {
    /// The state of an aggregate.
    Aggregate(StreamId, Load),
    /// Keys of persons whose data is to be sealed.
    Keys(Vec<(AccountId, SubjectId)>),
}

/// A state that a decision rests on: in the log, or in events sent before and not yet committed.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// Which aggregate.
    pub stream: StreamId,
    /// How many events it counts.
    pub version: Version,
    /// The last of them; `None`: there is no such aggregate.
    pub last: Option<EventId>,
}

impl Ground {
    fn expected(&self) -> Expected {
        self.last.map_or(Expected::NoStream, Expected::After)
    }
}

/// An aggregate as this unit sees it.
struct Seen {
    ground: Ground,
    /// Version and last event after this unit.
    after: (Version, Option<EventId>),
    environment: Environment,
    state: Box<dyn Any + Send>,
    /// `None` while only looked at.
    write: Option<Write>,
}

/// A command being carried out. See the module's text.
pub struct Unit<'a> {
    log: &'a EventLog,
    meta: &'a CommandMeta,
    cached: Locked<'a>,
    opens_in: Environment,
    seen: Vec<Seen>,
    claims: Vec<Claim>,
    releases: Vec<Claim>,
    result: Vec<u8>,
}

impl<'a> Unit<'a> {
    pub(crate) fn new(log: &'a EventLog, meta: &'a CommandMeta, cached: Locked<'a>) -> Self {
        let opens_in = meta.opens_in;
        Self { log, meta, cached, opens_in, seen: Vec::new(), claims: Vec::new(), releases: Vec::new(), result: Vec::new() }
    }

    /// Lets the aggregate decide, and takes its events into the command.
    ///
    /// # Errors
    /// [`Failure`], to be passed on with `?`.
    pub fn run<A: Aggregate>(&mut self, id: impl Into<Uuid>, action: A::Action) -> Result<(), Failure> {
        let stream = StreamId::new(self.meta.account, A::CATEGORY, id);
        let index = self.look::<A>(stream)?;
        let seen = &self.seen[index];
        let is_real = stream.category.is_of_an_environment() && seen.environment == Environment::Production && seen.ground.last.is_some();
        if is_real && self.meta.opens_in == Environment::Test {
            return Err(refused::<A>(seen, Refusal::NotAllowed("a command for trials changes nothing in production")));
        }
        self.decide::<A>(index, action)
    }

    /// Like [`Self::run`] for an aggregate whose id was made just now: it is not looked for, and must not exist.
    ///
    /// # Errors
    /// [`Failure`], to be passed on with `?`.
    pub fn open<A: Aggregate>(&mut self, id: impl Into<Uuid>, action: A::Action) -> Result<(), Failure> {
        let stream = StreamId::new(self.meta.account, A::CATEGORY, id);
        self.see(Ground { stream, version: Version::ZERO, last: None }, self.environment_of_new(stream), Box::new(A::default()));
        self.decide::<A>(self.seen.len() - 1, action)
    }

    /// What is opened from here on is of the environment of this aggregate, whichever the command opens in.
    ///
    /// # Errors
    /// [`Failure`], to be passed on with `?`.
    pub fn stay_with<A: Aggregate>(&mut self, id: impl Into<Uuid>) -> Result<(), Failure> {
        let stream = StreamId::new(self.meta.account, A::CATEGORY, id);
        let index = self.look::<A>(stream)?;
        self.opens_in = self.seen[index].environment;
        Ok(())
    }

    /// In which environment calls, conversations and orders are opened from here on.
    pub fn opens_in(&self) -> Environment {
        self.opens_in
    }

    /// What is opened from here on is of this environment.
    pub fn open_in(&mut self, environment: Environment) {
        self.opens_in = environment;
    }

    /// The aggregate as it is now, this unit's own events counted.
    ///
    /// # Errors
    /// [`Failure`], to be passed on with `?`.
    pub fn state<A: Aggregate>(&mut self, id: impl Into<Uuid>) -> Result<&A, Failure> {
        let stream = StreamId::new(self.meta.account, A::CATEGORY, id);
        let index = self.look::<A>(stream)?;
        Ok(state_of(&self.seen[index]))
    }

    /// Whose command it is.
    pub fn account(&self) -> AccountId {
        self.meta.account
    }

    /// Which command it is.
    pub fn command_id(&self) -> CommandId {
        self.meta.command_id
    }

    /// When the command is given.
    pub fn at(&self) -> DateTime<Utc> {
        self.meta.at
    }

    /// The aggregate's version, this unit's own events counted.
    ///
    /// # Errors
    /// [`Failure`], to be passed on with `?`.
    pub fn version<A: Aggregate>(&mut self, id: impl Into<Uuid>) -> Result<Version, Failure> {
        let stream = StreamId::new(self.meta.account, A::CATEGORY, id);
        let index = self.look::<A>(stream)?;
        Ok(self.seen[index].after.0)
    }

    /// Takes a unique name for the aggregate.
    pub fn claim(&mut self, scope: &'static str, name: Vec<u8>, holder: impl Into<Uuid>) {
        self.claims.push(Claim { scope, name, holder: holder.into() });
    }

    /// Gives a unique name back.
    pub fn release(&mut self, scope: &'static str, name: Vec<u8>, holder: impl Into<Uuid>) {
        self.releases.push(Claim { scope, name, holder: holder.into() });
    }

    /// What a repetition of the command is told again, besides the numbers.
    pub fn result(&mut self, result: Vec<u8>) {
        self.result = result;
    }

    /// A refusal by the caller's own rule, in the name of the aggregate.
    pub fn refuse<A: Aggregate>(&mut self, id: impl Into<Uuid>, refusal: Refusal) -> Failure {
        let stream = StreamId::new(self.meta.account, A::CATEGORY, id);
        match self.look::<A>(stream) {
            Ok(index) => refused::<A>(&self.seen[index], refusal),
            Err(failure) => failure,
        }
    }

    /// Index of the aggregate among those seen; takes it from the cache the first time.
    fn look<A: Aggregate>(&mut self, stream: StreamId) -> Result<usize, Failure> {
        if let Some(index) = self.seen.iter().position(|seen| seen.ground.stream == stream) {
            return Ok(index);
        }
        let Some(entry) = self.cached.get(&stream) else {
            return Err(Failure::Need(Need::Aggregate(stream, Load::of::<A>())));
        };
        let state = entry.state.downcast_ref::<A>().expect("a stream's category fixes its aggregate's type").clone();
        let ground = Ground { stream, version: entry.version, last: entry.last };
        let environment = entry.environment.unwrap_or_else(|| self.environment_of_new(stream));
        // What does not exist has no version to differ from: it is refused as such (RFC 9110 section 13.2.1).
        let is_there = ground.version > Version::default();
        if self.meta.if_match.is_some_and(|wanted| self.seen.is_empty() && is_there && wanted != ground.version) {
            return Err(Failure::VersionMismatch(ground));
        }
        self.see(ground, environment, Box::new(state));
        Ok(self.seen.len() - 1)
    }

    fn environment_of_new(&self, stream: StreamId) -> Environment {
        if stream.category.is_of_an_environment() { self.opens_in } else { Environment::Production }
    }

    fn see(&mut self, ground: Ground, environment: Environment, state: Box<dyn Any + Send>) {
        self.seen.push(Seen { ground, after: (ground.version, ground.last), environment, state, write: None });
    }

    fn decide<A: Aggregate>(&mut self, index: usize, action: A::Action) -> Result<(), Failure> {
        let order = Order::new(self.meta.actor.clone(), self.meta.at, action);
        let events = match state_of::<A>(&self.seen[index]).decide(&order) {
            Ok(events) => events,
            Err(refusal) => return Err(refused::<A>(&self.seen[index], refusal)),
        };
        for event in events {
            let sealed = self.seal(self.seen[index].ground.stream, &event).map_err(|error| match error {
                SealError::KeysMissing(keys) => Failure::Need(Need::Keys(keys)),
                SealError::Expired => refused::<A>(&self.seen[index], Refusal::Expired),
                SealError::Failed(error) => Failure::Log(error),
            })?;
            let seen = &mut self.seen[index];
            let (ground, environment) = (seen.ground, seen.environment);
            seen.after = (seen.after.0.next(), Some(sealed.event_id));
            let write = seen.write.get_or_insert_with(|| Write {
                stream: ground.stream,
                expected: ground.expected(),
                environment,
                events: Vec::new(),
            });
            write.events.push(sealed);
            seen.state.downcast_mut::<A>().expect("a stream's category fixes its aggregate's type").apply(event);
        }
        Ok(())
    }

    fn seal<E: EventSet>(&self, stream: StreamId, event: &E) -> Result<NewEvent, SealError> {
        self.log.seal(stream, EventId(Uuid::now_v7()), self.meta.at, event)
    }

    /// Whether nothing is to be written.
    pub(crate) fn is_idle(&self) -> bool {
        self.seen.iter().all(|seen| seen.write.is_none())
    }

    /// What it rests on.
    pub(crate) fn rests_on(&self) -> Vec<Ground> {
        self.seen.iter().map(|seen| seen.ground).collect()
    }

    /// The request to append; the new states go to the cache, which stays locked until the request is sent. Aggregates
    /// that were opened come back, to be offered to the cache afterwards: nobody else knows their ids yet.
    pub(crate) fn finish(self) -> (AppendRequest, Locked<'a>, Vec<(StreamId, Entry)>) {
        let Self { meta, mut cached, seen, claims, releases, result, .. } = self;
        let (mut writes, mut guards, mut opened) = (Vec::new(), Vec::new(), Vec::new());
        for seen in seen {
            match seen.write {
                Some(write) => {
                    writes.push(write);
                    let stream = seen.ground.stream;
                    let (version, last) = seen.after;
                    let entry = Entry { version, last, environment: Some(seen.environment), state: seen.state };
                    if cached.holds(&stream) {
                        cached.put(stream, entry);
                    } else {
                        opened.push((stream, entry));
                    }
                }
                // What was only looked at must still be so when the rest is written.
                None => guards.push(Guard { stream: seen.ground.stream, expected: seen.ground.expected() }),
            }
        }
        let request = AppendRequest {
            account: meta.account,
            command_id: meta.command_id,
            fingerprint: meta.fingerprint,
            correlation_id: meta.correlation_id,
            causation_id: meta.causation_id,
            actor: meta.actor.clone(),
            reason: meta.reason.clone(),
            writes,
            guards,
            claims,
            releases,
            result,
        };
        (request, cached, opened)
    }
}

fn state_of<A: Aggregate>(seen: &Seen) -> &A {
    seen.state.downcast_ref().expect("a stream's category fixes its aggregate's type")
}

fn refused<A: Aggregate>(seen: &Seen, refusal: Refusal) -> Failure {
    let state = state_of::<A>(seen).state_name();
    Failure::Refused(Box::new(Refused { refusal, ground: seen.ground, state }))
}
