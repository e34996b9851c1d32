//! The benches: one file each, plus how figures are taken ([`measure`]) and what processes cost ([`cpu`]).
//!
//! Every bench runs the limit and ours in turn, several rounds, in one run on one machine, and prints the median of each:
//! the ratio holds when the machine's speed drifts. What a limit is, is said at the top of each file.

pub mod append;
pub mod call_setup;
pub mod command;
pub mod cpu;
pub mod export_csv;
pub mod export_pdf;
pub mod filled;
pub mod floor;
pub mod growth;
pub mod history;
pub mod latency;
pub mod live;
pub mod measure;
pub mod project;
pub mod raw;
pub mod rebuild;
pub mod replay;
pub mod report;
pub mod route;
pub mod served;
pub mod sfu;
pub mod store;
pub mod verify;
pub mod webhooks;

use crate::{
    engine::{Engine, Place},
    postgres::{Durability, Postgres},
};

/// How much work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As the figures are quoted.
    Full,
    /// A smoke run: everything happens once, the figures mean nothing.
    Quick,
}

impl Size {
    /// One of two, by size.
    pub fn pick<T>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

/// Where a bench runs: on PostgreSQL a server of its own, as durable as in production.
pub struct Scene {
    server: Option<Postgres>,
}

impl Scene {
    /// A scene for this engine.
    pub fn new(engine: Engine) -> Self {
        Self { server: (engine == Engine::Postgres).then(|| Postgres::start(Durability::Fsync)) }
    }

    /// An empty place on it.
    pub fn place(&self, purpose: &str) -> Place {
        match &self.server {
            Some(server) => Place::on(server, purpose),
            None => Engine::Sqlite.place(purpose),
        }
    }

    /// Seconds of CPU that the database server has used so far; none when there is none.
    pub fn database_cpu_s(&self) -> f64 {
        self.server.as_ref().map_or(0.0, |server| cpu::seconds_of_tree(server.pid()))
    }
}
