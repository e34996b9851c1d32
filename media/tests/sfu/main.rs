//! The node from outside, over real sockets.
#![allow(missing_docs, clippy::unwrap_used)]

mod client;
mod codecs;
mod layers;
mod meeting;
mod shards;
mod stage;
mod strange;
mod trouble;
