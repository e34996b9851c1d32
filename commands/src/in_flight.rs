//! The commands that are being carried out in this process, so that a repetition in the meantime is told so.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};
use vitrina_domain::ids::{AccountId, CommandId};

/// The set of commands under way. Bounded by the number of connections, since each of them carries one.
#[derive(Default)]
pub struct InFlight {
    commands: Mutex<HashSet<(AccountId, CommandId)>>,
}

/// A command under way, until it is dropped.
pub struct Underway<'a> {
    set: &'a InFlight,
    key: (AccountId, CommandId),
}

impl InFlight {
    /// Marks the command as under way; `None` when it is already.
    pub fn enter(&self, account: AccountId, command: CommandId) -> Option<Underway<'_>> {
        let key = (account, command);
        let entered = self.commands.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        // Lazily: one that is made and dropped would take the mark of the other away.
        entered.then(|| Underway { set: self, key })
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.set.commands.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
