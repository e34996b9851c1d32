//! Names of objects. Each begins with the account, like every other key.

use object_store::path::Path;
use uuid::Uuid;
use vitrina_domain::ids::{AccountId, CallId, ExportId, FileId, RecordingId};
use vitrina_media::record::Form;

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(Path);

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A file of a chat.
    File(AccountId, FileId),
    /// A recording of a call.
    Recording(AccountId, RecordingId),
    /// The file of an export.
    Export(AccountId, ExportId),
}

impl Key {
    /// What all names begin with.
    pub(super) fn root() -> Path {
        Path::from("accounts")
    }

    /// A name as it was found.
    pub(super) fn at(path: Path) -> Self {
        Self(path)
    }

    /// What it says; nothing when it is not of our making.
    pub(super) fn named(&self) -> Option<Named> {
        let parts: Vec<&str> = self.0.as_ref().split('/').collect();
        match parts[..] {
            ["accounts", account, "files", file] => Some(Named::File(account.parse().ok()?, file.parse().ok()?)),
            ["accounts", account, "exports", export] => Some(Named::Export(account.parse().ok()?, export.parse().ok()?)),
            ["accounts", account, "calls", _, "recordings", file] => {
                let (recording, extension) = file.split_once('.')?;
                Form::ALL.into_iter().find(|form| form.extension() == extension)?;
                Some(Named::Recording(account.parse().ok()?, recording.parse().ok()?))
            }
            _ => None,
        }
    }

    /// A file of a chat.
    pub(crate) fn file(account: AccountId, file: FileId) -> Self {
        Self(Path::from(format!("accounts/{account}/files/{file}")))
    }

    /// A recording of a call, which is a file of this form.
    pub(crate) fn recording(account: AccountId, call: CallId, recording: Uuid, form: Form) -> Self {
        Self(Path::from(format!("accounts/{account}/calls/{call}/recordings/{recording}.{}", form.extension())))
    }

    /// A recording by the name that its event says; nothing when it is none of this account's.
    pub(crate) fn kept(account: AccountId, recording: RecordingId, name: &str) -> Option<Self> {
        let key = Self(Path::parse(name).ok()?);
        (key.named() == Some(Named::Recording(account, recording))).then_some(key)
    }

    /// The file of an export.
    pub(crate) fn export(account: AccountId, export: ExportId) -> Self {
        Self(Path::from(format!("accounts/{account}/exports/{export}")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whose_it_is_and_another_ones_says_nothing() {
        let (account, call, id) = (AccountId(Uuid::from_u128(1)), CallId(Uuid::from_u128(2)), Uuid::from_u128(3));
        assert_eq!(Key::file(account, FileId(id)).named(), Some(Named::File(account, FileId(id))));
        for form in Form::ALL {
            let key = Key::recording(account, call, id, form);
            assert_eq!(key.named(), Some(Named::Recording(account, RecordingId(id))));
            assert_eq!(Key::kept(account, RecordingId(id), &key.to_string()), Some(key.clone()));
            assert_eq!(Key::kept(AccountId(id), RecordingId(id), &key.to_string()), None);
        }
        assert_eq!(Key::at(Path::from(format!("accounts/{account}/calls/{call}/recordings/{id}.exe"))).named(), None);
        assert_eq!(Key::export(account, ExportId(id)).named(), Some(Named::Export(account, ExportId(id))));
        assert_eq!(Key::at(Path::from("accounts/x/files/y")).named(), None);
        assert_eq!(Key::at(Path::from("backups/monday")).named(), None);
    }
}
