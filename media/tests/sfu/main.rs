//! The node from outside, over real sockets.
#![allow(missing_docs, clippy::unwrap_used)]

mod client;
mod meeting;
mod stage;
