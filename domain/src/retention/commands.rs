//! Commands about what is kept no longer.

use super::ContentExpired;

/// What can be asked about what is kept no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetentionAction {
    /// Tells that contents of conversations are no more. Nothing happens when none is named.
    Expire(ContentExpired),
}
