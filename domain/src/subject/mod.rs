//! A person whose data is to be forgotten: a customer or a shopper. One stream each, beside that of the customer or shopper itself, with how
//! far the forgetting has come.
//!
//! From [`ErasureRequested`] on nothing of the person is read or written any more, by nobody who has heard of it; [`Forgotten`] tells the
//! read models what to blank; [`Erased`] says that all is done but for what it lists as pending, with the receipt; [`Cleared`] says that
//! something of that list is done too.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, ids::RecordingId, stream::Category};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far the forgetting of a person has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Nobody has asked for it.
    #[default]
    Known,
    /// It is begun; the read models were told of so many parts.
    Begun(SubjectKind, u32),
    /// It is done, but for these recordings.
    Pending(BTreeSet<RecordingId>),
    /// It is done.
    Erased,
}

impl_cqrs!(Subject, Category::Subject, SubjectAction, SubjectEvent);

impl Subject {
    fn fold(&mut self, event: SubjectEvent) {
        *self = match event {
            SubjectEvent::AccessGiven(_) => return,
            SubjectEvent::ErasureRequested(requested) => Self::Begun(requested.kind, 0),
            SubjectEvent::Forgotten(forgotten) => Self::Begun(forgotten.kind, forgotten.part + 1),
            SubjectEvent::Erased(erased) => Self::but_for(erased.pending.into_iter().map(|file| file.recording_id).collect()),
            SubjectEvent::Cleared(cleared) => match std::mem::take(self) {
                Self::Pending(mut files) => {
                    files.remove(&cleared.recording_id);
                    Self::but_for(files)
                }
                other => other,
            },
        };
    }

    fn but_for(files: BTreeSet<RecordingId>) -> Self {
        if files.is_empty() { Self::Erased } else { Self::Pending(files) }
    }

    /// Whether the person is to be forgotten or is: whatever comes of them from then on is deleted.
    pub fn is_forgotten(&self) -> bool {
        *self != Self::Known
    }
}
