//! A story is told to a log in memory, sealed as the executor would seal it, and read back.

use super::{Chapter, Story};
use chrono::{DateTime, Duration, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;
use vitrina_domain::{actor::Actor, event::Event, event::EventSet, ids::*};
use vitrina_eventlog::{
    AppendRequest, Decoded, Environment, EventLog, Expected, NewEvent, Position, StreamId, Write, engine::memory, keyring::MasterKey,
    log::Options,
};

/// The first instant of every story; the clock goes on by a second for each append.
pub fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

/// A log in memory with a clock of its own.
pub async fn log() -> EventLog {
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = Arc::new(move || beginning() + Duration::seconds(seconds.fetch_add(1, Ordering::Relaxed)));
    EventLog::open(memory::open(), Options { clock, ..Options::new(MasterKey::new([7; 32])) }).await.unwrap()
}

impl Story {
    /// Appends chapters until the log has grown by at least so many events.
    pub async fn tell(&mut self, log: &EventLog, events: usize) {
        let until = log.head().0 + events as i64;
        while log.head().0 < until {
            let chapters: Vec<_> = (0..200).map(|_| self.next()).collect();
            append(log, chapters).await;
        }
        append(log, self.last_chapters(log.head())).await;
    }
}

/// Appends in order, many at a time.
pub async fn append(log: &EventLog, chapters: Vec<Chapter>) {
    let mut sealed = Vec::new();
    for chapter in chapters {
        sealed.push(seal_chapter(log, chapter).await);
    }
    append_sealed(log, sealed).await;
}

/// A chapter under the keys of now, to be appended later.
pub async fn seal_chapter(log: &EventLog, (stream, events): Chapter) -> (StreamId, Vec<NewEvent>) {
    let mut new = Vec::new();
    for event in &events {
        new.push(seal(log, stream, event).await);
    }
    (stream, new)
}

/// Appends in order, many at a time.
pub async fn append_sealed(log: &EventLog, chapters: Vec<(StreamId, Vec<NewEvent>)>) {
    let mut pending = Vec::new();
    for (stream, new) in chapters {
        let command = Uuid::now_v7();
        let request = AppendRequest {
            account: stream.account,
            command_id: CommandId(command),
            fingerprint: [1; 16],
            correlation_id: CorrelationId(command),
            causation_id: None,
            actor: Actor::System("test".into()),
            reason: None,
            writes: vec![Write { stream, expected: Expected::Any, environment: of(stream), events: new }],
            guards: vec![],
            claims: vec![],
            releases: vec![],
            result: vec![],
        };
        pending.push(log.slot().unwrap().append(request));
    }
    for answer in pending {
        answer.outcome().await.unwrap();
    }
}

/// Every third call, conversation and order is a trial.
fn of(stream: StreamId) -> Environment {
    let is_trial = stream.category.is_of_an_environment() && stream.id.as_u128().is_multiple_of(3);
    if is_trial { Environment::Test } else { Environment::Production }
}

async fn seal(log: &EventLog, stream: StreamId, event: &Event) -> NewEvent {
    match event {
        Event::Account(e) => sealed(log, stream, e).await,
        Event::User(e) => sealed(log, stream, e).await,
        Event::Shopper(e) => sealed(log, stream, e).await,
        Event::Customer(e) => sealed(log, stream, e).await,
        Event::Call(e) => sealed(log, stream, e).await,
        Event::Conversation(e) => sealed(log, stream, e).await,
        Event::Role(e) => sealed(log, stream, e).await,
        Event::ApiKey(e) => sealed(log, stream, e).await,
        Event::Order(e) => sealed(log, stream, e).await,
        Event::Export(e) => sealed(log, stream, e).await,
        Event::Webhook(e) => sealed(log, stream, e).await,
        Event::Log(e) => sealed(log, stream, e).await,
        Event::Subject(e) => sealed(log, stream, e).await,
        Event::Retention(e) => sealed(log, stream, e).await,
    }
}

async fn sealed<E: EventSet>(log: &EventLog, stream: StreamId, event: &E) -> NewEvent {
    let id = EventId(Uuid::now_v7());
    match log.seal(stream, id, beginning(), event) {
        Ok(new) => new,
        Err(vitrina_eventlog::seal::SealError::KeysMissing(subjects)) => {
            log.keyring().ensure(&subjects).await.unwrap();
            log.seal(stream, id, beginning(), event).unwrap()
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// Everything in the log, decoded.
pub async fn decoded(log: &EventLog) -> Vec<Decoded> {
    log.decode(log.read(Position::ZERO, usize::MAX >> 1).await.unwrap()).await.unwrap()
}
