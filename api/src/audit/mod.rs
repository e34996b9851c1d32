//! What auditors get: signed checkpoints of an account's log, proofs that an event is in it, and what the events say.
//!
//! [`notary`] signs, [`proof`] puts a proof together from the events nearby and the tree that the read models keep, [`events`] reads
//! what was done, with the filters of an audit.

pub(crate) mod events;
pub(crate) mod notary;
pub(crate) mod proof;
