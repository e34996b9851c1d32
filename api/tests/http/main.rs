//! The routes, asked over HTTP. One program of all suites: each would carry the whole server again, 170 MB of it.

mod app;
#[path = "../../../eventlog/tests/engines/database.rs"]
mod database;

mod access;
mod audit;
mod bots;
mod bytes;
mod commands;
mod environments;
mod erasures;
mod export_jobs;
mod exports;
mod files;
mod floor;
mod history;
mod limits;
mod media;
mod openapi;
mod orders;
mod public;
mod reads;
mod recordings;
mod refusals;
mod reports;
mod rights;
mod service_level;
mod site;
mod transcripts;
mod walk;
mod webhooks;
