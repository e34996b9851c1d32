//! Commands about the forgetting of a person.

use super::{AccessGiven, Erased, ErasureRequested, Forgotten};
use crate::ids::RecordingId;

/// What can be asked about the forgetting of a person.
#[derive(Debug, Clone, PartialEq)]
pub enum SubjectAction {
    /// Begins it. Nothing happens when it is begun.
    RequestErasure(ErasureRequested),
    /// Tells what is blanked, part by part. Nothing happens when this part is told, or it is over.
    Forget(Forgotten),
    /// It is done. Nothing happens when that is told.
    Finish(Box<Erased>),
    /// Gives everything about the person out; refused once they are to be forgotten.
    GiveAccess(AccessGiven),
    /// A recording that was pending is no more. Nothing happens when it was not, or that is told.
    Clear(RecordingId),
}
