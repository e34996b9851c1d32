//! The load for the SFU: a media node behind plain HTTP ([`bin/media_server`](../media_server/index.html)), and publishers
//! and subscribers of another stack, which put the same load on it and on Janus.

pub mod client;
pub mod http;
pub mod janus;
pub mod load;
