//! Commands of an export.

use super::{Completed, ExportFailure, Over, Question};
use crate::connection::ProcessId;

/// What can be asked of an export.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportAction {
    /// Notes that it goes over the wire.
    Stream(Question),
    /// Wants a file, which this process takes on.
    Request(Question, ProcessId),
    /// The file is there. Nothing happens when it is not wanted any more.
    Complete(Completed),
    /// There is no file. Nothing happens when it is not wanted any more.
    Fail(ExportFailure),
    /// Notes that the file is fetched.
    Download,
    /// Ends it; nothing happens when it has ended.
    Delete(Over),
}
