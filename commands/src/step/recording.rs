//! Recordings: what the account's rule says goes into the command, and what is asked of a file goes to its call.

use crate::{Failure, Unit};
use vitrina_domain::{
    account::Account,
    call::{
        Call, CallAction, RecordingAction,
        recording::{DeleteCause, RecordingFile, Switch},
    },
    ids::{CallId, RecordingId},
    subject::Subject,
};

/// Somebody switches the recording of a call on or off.
///
/// # Errors
/// [`Failure`]: refused when the rule does not allow it, or the customer has not consented.
pub fn switch_recording(unit: &mut Unit<'_>, call: CallId, to: Switch) -> Result<(), Failure> {
    // The call comes first: its version is the one of the answer.
    unit.state::<Call>(call)?;
    let account = unit.account();
    let mode = unit.state::<Account>(account)?.recording().mode;
    unit.run::<Call>(call, CallAction::Recording(RecordingAction::Switch { to, mode }))
}

/// Switches it on where every call is recorded. Nothing happens elsewhere.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn follow_recording_rule(unit: &mut Unit<'_>, call: CallId) -> Result<(), Failure> {
    unit.state::<Call>(call)?;
    let account = unit.account();
    let mode = unit.state::<Account>(account)?.recording().mode;
    unit.run::<Call>(call, CallAction::Recording(RecordingAction::Follow { mode }))
}

/// Whether the call's customer is to be forgotten, or is.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn is_of_forgotten(unit: &mut Unit<'_>, call: CallId) -> Result<bool, Failure> {
    let customer = unit.state::<Call>(call)?.customer_id();
    Ok(unit.state::<Subject>(customer)?.is_forgotten())
}

/// A file of a recording is in the storage, and kept for as long as the rule says now. Of who is forgotten nothing is kept: it is deleted.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn keep_recording(unit: &mut Unit<'_>, call: CallId, recording_id: RecordingId, file: &RecordingFile) -> Result<(), Failure> {
    unit.state::<Call>(call)?;
    let (account, at) = (unit.account(), unit.at());
    let keep_until = unit.state::<Account>(account)?.recording().keep_until(at);
    if is_of_forgotten(unit, call)? {
        let delete = RecordingAction::Delete { recording_id, cause: DeleteCause::Erased };
        return unit.run::<Call>(call, CallAction::Recording(delete));
    }
    unit.run::<Call>(call, CallAction::Recording(RecordingAction::Keep { recording_id, file: file.clone(), keep_until }))
}
