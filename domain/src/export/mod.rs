//! An export: a table that somebody takes away. Every one is an event, with who and what was asked: at once over the wire
//! ([`Export::Streamed`]), or as a job that makes a file, which is there for a while.

mod commands;
mod decide;
mod events;
mod question;
pub use commands::*;
pub use events::*;
pub use question::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Export {
    /// There is none.
    #[default]
    Absent,
    /// It went over the wire at once; there is no file.
    Streamed,
    /// Its file is to be made.
    Requested,
    /// Its file is there.
    Ready,
    /// Its file could not be made.
    Failed,
    /// It is over; there is no file any more.
    Deleted,
}

impl_cqrs!(Export, Category::Export, ExportAction, ExportEvent);

impl Export {
    fn fold(&mut self, event: ExportEvent) {
        *self = match event {
            ExportEvent::Streamed(_) => Self::Streamed,
            ExportEvent::Requested(_) => Self::Requested,
            ExportEvent::Completed(_) | ExportEvent::Downloaded(_) => Self::Ready,
            ExportEvent::Failed(_) => Self::Failed,
            ExportEvent::Deleted(_) => Self::Deleted,
        };
    }
}
