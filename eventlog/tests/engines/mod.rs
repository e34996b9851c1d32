//! Fresh logs on every engine. PostgreSQL is the server of `VITRINA_TEST_DATABASE_URL`, a database for each test;
//! `tests/run` starts one. Without it the PostgreSQL cases say that they were skipped.

#![allow(dead_code)] // each test binary uses its part

mod database;

use chrono::{DateTime, Utc};
use std::{path::PathBuf, sync::Arc};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId, CorrelationId, EventId},
    stream::Category,
};
use vitrina_eventlog::{
    AppendRequest, Environment, EventLog, Expected, NewEvent, Position, Recorded, StreamId, Write,
    engine::{Stores, memory, postgres, sqlite},
    keyring::MasterKey,
    log::Options,
};

/// The master key of all tests.
pub fn master() -> MasterKey {
    MasterKey::new([7; 32])
}

/// Everything that is in the log.
pub async fn all_events(log: &EventLog) -> Vec<Arc<Recorded>> {
    log.read(Position::ZERO, 1_000_000).await.expect("the log is read")
}

/// An engine with an empty store of its own.
pub enum Place {
    Memory(Stores),
    Sqlite(PathBuf),
    Postgres(String),
}

impl Place {
    /// One place per engine that is there.
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::Memory(memory::open()), Self::sqlite()];
        all.extend(Self::postgres().await);
        all
    }

    pub fn sqlite() -> Self {
        Self::Sqlite(std::env::temp_dir().join(format!("vitrina-log-{}", Uuid::now_v7())))
    }

    pub async fn postgres() -> Option<Self> {
        database::fresh("log").await.map(Self::Postgres)
    }

    pub async fn stores(&self) -> Stores {
        match self {
            Self::Memory(stores) => stores.clone(),
            Self::Sqlite(folder) => sqlite::open(folder, &master()).expect("the folder opens"),
            Self::Postgres(url) => postgres::open(url, &master()).await.expect("the database opens"),
        }
    }

    pub async fn open(&self) -> EventLog {
        self.open_with(Options::new(master())).await
    }

    pub async fn open_with(&self, options: Options) -> EventLog {
        EventLog::open(self.stores().await, options).await.expect("the log opens")
    }

    /// A log whose clock stands where the function says.
    pub async fn open_at(&self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> EventLog {
        self.open_with(Options { clock: Arc::new(clock), ..Options::new(master()) }).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::Sqlite(folder) => drop(std::fs::remove_dir_all(folder)),
            Self::Postgres(url) => database::dropped(url),
            Self::Memory(_) => {}
        }
    }
}

pub fn account(n: u128) -> AccountId {
    AccountId(Uuid::from_u128(n))
}

pub fn stream(n: u128) -> StreamId {
    StreamId::new(account(1), Category::Conversation, Uuid::from_u128(n))
}

pub fn event(text: &str) -> NewEvent {
    NewEvent {
        event_type: "conversation.tag_added",
        schema_version: 1,
        event_id: EventId(Uuid::now_v7()),
        occurred_at: DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("now is an instant"),
        payload: format!(r#"{{"tag":"{text}"}}"#),
    }
}

pub fn write(stream: StreamId, expected: Expected, events: usize) -> Write {
    Write { stream, expected, environment: Environment::Test, events: (0..events).map(|n| event(&format!("t{n}"))).collect() }
}

pub fn request(writes: Vec<Write>) -> AppendRequest {
    let command = Uuid::now_v7();
    AppendRequest {
        account: writes.first().map_or(account(1), |w| w.stream.account),
        command_id: CommandId(command),
        fingerprint: [1; 16],
        correlation_id: CorrelationId(command),
        causation_id: None,
        actor: Actor::System("test".to_owned()),
        reason: None,
        writes,
        guards: vec![],
        claims: vec![],
        releases: vec![],
        result: b"said again".to_vec(),
    }
}
