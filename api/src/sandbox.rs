//! Whether this installation is a sandbox: its log was imported, and what was imported ends by saying so.

use crate::house::StartError;
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::{EventLog, Position, trail::fork::FORKED};

/// The account of a sandbox.
///
/// # Errors
/// When the log cannot be read.
pub async fn account(log: &EventLog) -> Result<Option<AccountId>, StartError> {
    let imported = log.imported();
    if imported == Position::ZERO {
        return Ok(None);
    }
    let last = log.read(Position(imported.0 - 1), 1).await?;
    Ok(last.first().filter(|event| event.event_type == FORKED).map(|event| event.stream.account))
}
