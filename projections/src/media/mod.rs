//! The record of calls' media: which node, who was connected when, what they sent, who never came and why. Duration and bill
//! are counted from these rows by [`vitrina_domain::metrics::minutes`].

mod fold;
mod query;
mod rows;

pub use fold::MediaProjection;
pub use query::{OpenSession, STATEMENTS, open_at, open_elsewhere, participants, sessions};
pub use rows::{MediaParticipantRow, MediaSessionRow, TrackNow};
