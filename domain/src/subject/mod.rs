//! A person whose data is to be forgotten: a customer or a shopper. One stream each, beside that of the customer or shopper itself, with how
//! far the forgetting has come.
//!
//! From [`ErasureRequested`] on nothing of the person is read or written any more, by nobody who has heard of it; [`Forgotten`] tells the
//! read models what to blank; [`Erased`] says that all is done, with the receipt.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// How far the forgetting of a person has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Nobody has asked for it.
    #[default]
    Known,
    /// It is begun; the read models were told of so many parts.
    Begun(SubjectKind, u32),
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
            SubjectEvent::Erased(_) => Self::Erased,
        };
    }
}
