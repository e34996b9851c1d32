//! The harness of everything that is tested or measured from outside.
//!
//! Layout: [`postgres`] and [`server`] start real processes and stop them again; [`engine`] names where a server keeps
//! its data and looks into it with SQL; [`http`] is a small blocking client, [`socket`] one of live updates, and [`walk`] the shop's main job in its
//! terms; [`load`] is a load generator, [`traffic`] the one that survives a crash; [`ledger`] holds a log against what was acknowledged and read models against a
//! fold of the log; [`bench`] measures.
//!
//! Nothing here knows the inside of the server, except the benches that measure it.

pub mod bench;
pub mod engine;
pub mod folder;
pub mod http;
pub mod leash;
pub mod ledger;
pub mod load;
pub mod patience;
pub mod postgres;
pub mod receiver;
pub mod server;
pub mod socket;
pub mod traffic;
pub mod walk;
