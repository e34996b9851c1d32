//! Recordings of calls: which files there are, how far each has come, and until when it is kept.

mod fold;
mod query;
mod rows;

pub use fold::RecordingsProjection;
pub use query::{Open, STATEMENTS, deleted_since, due, get, of_call, open_at, open_elsewhere, switch};
pub use rows::{RecordingRow, RecordingStage, RecordingSwitchRow};
