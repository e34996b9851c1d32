//! Names of objects. Each begins with the account, like every other key.

use object_store::path::Path;
use uuid::Uuid;
use vitrina_domain::ids::{AccountId, CallId, FileId};

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(Path);

impl Key {
    /// A file of a chat.
    pub(crate) fn file(account: AccountId, file: FileId) -> Self {
        Self(Path::from(format!("accounts/{account}/files/{file}")))
    }

    /// A recording of a call.
    pub(crate) fn recording(account: AccountId, call: CallId, recording: Uuid) -> Self {
        Self(Path::from(format!("accounts/{account}/calls/{call}/recordings/{recording}.webm")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
