//! The HTTP API over the log, the executor and the read models, and the server that serves it.
//!
//! Layout: [`config`] reads the options, [`house`] opens the stores, [`server`] builds and stops the server, [`first_start`]
//! makes the first account. A request goes through `telemetry` (its id, log line, metrics, problem document) to a handler
//! in `routes` (one file per resource); `auth` says who calls and what each may open, `limits` how often, `cors` from where,
//! `parameters`, `body` and `change` what was sent. Commands go on through `writing` (`idempotency`, `conditional`), reads
//! through `reading`, `page`, `cursor` and `history`; `live` sends what happens as it happens, `media` has the calls' media.
//! `error` is the only file that knows the status of a refusal, `texts` holds what people read, `site` the pages of `web`,
//! [`rebuilding`] tells how a read model is made anew, `attribution` is how an order finds its call, `audit` what auditors get, `exporting` makes the tables that are taken away, `retention` deletes what is kept for a time only, `access` gives out everything about one person, `continuation` is what becomes of a word
//! to a closed conversation, [`descriptors`] how many files may be open.

mod access;
pub mod asyncapi;
mod attribution;
mod audit;
mod auth;
mod body;
mod change;
mod claims;
mod conditional;
pub mod config;
mod continuation;
mod cors;
mod cursor;
pub mod descriptors;
mod directory;
mod erasing;
mod error;
mod exporting;
mod filters;
pub mod first_start;
mod floor;
pub mod founding;
mod head;
mod history;
pub mod house;
mod http;
mod idempotency;
mod insist;
mod integrity;
mod limits;
mod live;
mod media;
pub mod openapi;
mod page;
mod papers;
mod parameters;
mod period;
mod prints;
mod reading;
pub mod rebuilding;
mod recording;
mod retention;
mod routes;
mod sandbox;
pub mod server;
mod site;
mod storage;
mod telemetry;
mod texts;
mod webhooks;
mod wiring;
mod writing;

/// Requests, batches and rows are made on one thread and dropped on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use config::{Config, ConfigError};
pub use house::StartError;
pub use server::{Server, build, build_with};
pub use telemetry::install_log;
pub use wiring::House;
pub use writing::Commands;
