//! What Vitrina does, and nothing about how: aggregates, their commands and events, values and policies.
//!
//! Layout: one folder per aggregate ([`account`], [`user`], [`shopper`], [`customer`], [`call`], [`conversation`],
//! [`role`], [`api_key`], [`purchase`], [`export`], [`webhook`], [`subject`]) with
//! its events, its commands and its state; [`metrics`] holds every number that has a definition, [`report`] makes of events
//! what reports count, [`shred`] what of them goes into a sandbox; the other modules are values shared by all.
//!
//! This crate does no I/O, reads no clock and draws no random number: all three come in as values.

pub mod account;
pub mod actor;
pub mod aggregate;
pub mod api_key;
pub mod bot;
pub mod call;
pub mod cart;
mod codes;
pub mod connection;
pub mod conversation;
pub mod customer;
pub mod environment;
pub mod event;
pub mod export;
pub mod floor;
pub mod ids;
pub mod locale;
pub mod log;
pub mod metrics;
pub mod module;
pub mod money;
pub mod notice;
pub mod order;
pub mod personal;
pub mod product;
pub mod purchase;
pub mod refusal;
pub mod report;
pub mod retention;
pub mod role;
pub mod routing;
pub mod schedule;
pub mod scope;
pub mod shopper;
pub mod shred;
pub mod sla;
pub mod stream;
pub mod subject;
pub mod survey;
pub mod text;
pub mod user;
pub mod webhook;
pub mod whatif;
