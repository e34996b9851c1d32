//! cqrs-es on our log: its `EventStore`, once, for every aggregate.
//!
//! With it its `CqrsFramework` runs on the log, and so does everything built for it. The product's own commands go
//! through the executor instead, because the framework's `execute` returns nothing: no version, no position, no stored
//! outcome. Its `PersistedEventStore` is never used: in 0.5 its snapshot modes apply events twice.

use crate::{AppendError, AppendRequest, Environment, EventLog, Expected, StreamId, Version, Write, seal::SealError};
use chrono::Utc;
use cqrs_es::{AggregateContext, AggregateError, EventEnvelope, EventStore};
use std::collections::HashMap;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    aggregate::Aggregate,
    ids::{AccountId, CommandId, CorrelationId, EventId},
    refusal::Refusal,
};

/// Metadata key: the command's UUID; a new one where absent.
pub const COMMAND_ID: &str = "command_id";
/// Metadata key: the correlation's UUID; the command's where absent.
pub const CORRELATION_ID: &str = "correlation_id";
/// Metadata key: the actor as `kind:id`; the system where absent.
pub const ACTOR: &str = "actor";
/// Metadata key of committed events: the position in the log.
pub const POSITION: &str = "position";

/// Events of a stream in one read.
const PAGE: usize = 1000;

/// The streams of one account, as cqrs-es's store of any aggregate.
#[derive(Clone)]
pub struct CqrsStore {
    log: EventLog,
    account: AccountId,
}

/// An aggregate as loaded, and the version that its commit expects.
pub struct Loaded<A> {
    stream: StreamId,
    version: Version,
    aggregate: A,
}

impl<A: Aggregate> AggregateContext<A> for Loaded<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.aggregate
    }
}

fn unexpected<E: std::error::Error>(error: impl std::error::Error + Send + Sync + 'static) -> AggregateError<E> {
    AggregateError::UnexpectedError(Box::new(error))
}

impl CqrsStore {
    /// The account's streams in this log.
    pub fn new(log: EventLog, account: AccountId) -> Self {
        Self { log, account }
    }

    fn stream<A: Aggregate>(&self, id: &str) -> Result<StreamId, AggregateError<A::Error>> {
        let id: Uuid = id.parse().map_err(unexpected)?;
        Ok(StreamId::new(self.account, A::CATEGORY, id))
    }

    async fn seal<A: Aggregate>(&self, stream: StreamId, event: &A::Event) -> Result<crate::NewEvent, AggregateError<A::Error>> {
        let id = EventId(Uuid::now_v7());
        let mut sealed = self.log.seal(stream, id, Utc::now(), event);
        if let Err(SealError::KeysMissing(keys)) = &sealed {
            self.log.keyring().ensure(keys).await.map_err(unexpected)?;
            sealed = self.log.seal(stream, id, Utc::now(), event);
        }
        sealed.map_err(|error| match error {
            SealError::Failed(error) => unexpected(error),
            SealError::Expired => AggregateError::UserError(Refusal::Expired),
            SealError::KeysMissing(_) => unexpected(crate::LogError::Closed),
        })
    }
}

impl<A: Aggregate> EventStore<A> for CqrsStore {
    type AC = Loaded<A>;

    async fn load_events(&self, id: &str) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let stream = self.stream::<A>(id)?;
        let (mut version, mut envelopes) = (Version::ZERO, Vec::new());
        loop {
            let page = self.log.read_stream(stream, version, PAGE).await.map_err(unexpected)?;
            let Some(last) = page.last() else { return Ok(envelopes) };
            version = last.version;
            let positions: Vec<_> = page.iter().map(|e| (e.version, e.position)).collect();
            let events = self.log.decode_as::<A::Event>(page).await.map_err(unexpected)?;
            envelopes.extend(positions.into_iter().zip(events).map(|((version, position), payload)| EventEnvelope {
                aggregate_id: id.to_owned(),
                sequence: usize::try_from(version.0).unwrap_or(usize::MAX),
                payload,
                metadata: HashMap::from([(POSITION.to_owned(), position.to_string())]),
            }));
        }
    }

    async fn load_aggregate(&self, id: &str) -> Result<Loaded<A>, AggregateError<A::Error>> {
        let stream = self.stream::<A>(id)?;
        let events: Vec<EventEnvelope<A>> = self.load_events(id).await?;
        let version = Version(i64::try_from(events.len()).unwrap_or(i64::MAX));
        let mut aggregate = A::default();
        for envelope in events {
            aggregate.apply(envelope.payload);
        }
        Ok(Loaded { stream, version, aggregate })
    }

    async fn commit(
        &self,
        events: Vec<A::Event>,
        context: Loaded<A>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let id = |key: &str| metadata.get(key).map(|text| text.parse::<Uuid>()).transpose().map_err(unexpected);
        let command = id(COMMAND_ID)?.unwrap_or_else(Uuid::now_v7);
        let correlation = id(CORRELATION_ID)?.unwrap_or(command);
        let actor = metadata.get(ACTOR).and_then(|text| text.split_once(':')).and_then(|(kind, id)| Actor::from_stored(kind, id));
        let mut sealed = Vec::with_capacity(events.len());
        for event in &events {
            sealed.push(self.seal::<A>(context.stream, event).await?);
        }
        let request = AppendRequest {
            account: self.account,
            command_id: CommandId(command),
            fingerprint: [0; 16],
            correlation_id: CorrelationId(correlation),
            causation_id: None,
            actor: actor.unwrap_or_else(|| Actor::System("cqrs-es".to_owned())),
            reason: None,
            writes: vec![Write {
                stream: context.stream,
                expected: Expected::Exact(context.version),
                environment: Environment::Production,
                events: sealed,
            }],
            guards: Vec::new(),
            claims: Vec::new(),
            releases: Vec::new(),
            result: Vec::new(),
        };
        let committed = self.log.append(request).await.map_err(|error| match error {
            AppendError::Conflict { .. } => AggregateError::AggregateConflict,
            AppendError::Log(error) => AggregateError::DatabaseConnectionError(Box::new(error)),
            other => unexpected(other),
        })?;
        let place = |(index, payload): (usize, A::Event)| EventEnvelope {
            aggregate_id: context.stream.id.to_string(),
            sequence: usize::try_from(context.version.0).unwrap_or_default() + index + 1,
            payload,
            metadata: HashMap::from([(POSITION.to_owned(), (committed.first_position.0 + index as i64).to_string())]),
        };
        Ok(events.into_iter().enumerate().map(place).collect())
    }
}
