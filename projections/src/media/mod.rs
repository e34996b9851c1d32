//! The record of calls' media: which node, who was connected when, what they sent, who never came and why. Duration and bill
//! are counted from these rows by [`vitrina_domain::metrics::minutes`].

mod counted;
mod fold;
mod query;
mod rows;

pub use counted::{Past, stays};
pub use fold::MediaProjection;
pub use query::{OpenSession, STATEMENTS, held_by, holders, open_at, participants, sessions};
pub use rows::{MediaParticipantRow, MediaSessionRow, TrackNow};
