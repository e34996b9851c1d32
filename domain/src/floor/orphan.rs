//! Connections of processes that are gone: a process that dies cannot tell that its sockets died with it.

use super::{Floor, Key, Online, Place};
use crate::connection::ProcessId;
use std::collections::BTreeSet;

impl Floor {
    /// The connections that the log shows as open and that none of these processes holds. `as_of` is a position that had been
    /// reached before it was looked who lives: who begins later is not among them, and what they say stands later.
    pub fn orphans(&self, living: &BTreeSet<ProcessId>, as_of: i64) -> Vec<(Key, Online)> {
        let gone = self.holders.iter().filter(|(process, _)| !living.contains(process));
        let held = gone.flat_map(|(_, keys)| keys.iter().copied());
        let online = held.filter_map(|key| Some((key, self.places.get(&key)?.online()?)));
        online.filter(|(_, online)| online.position <= as_of).collect()
    }

    /// Brings up to date who holds the connection of a place.
    pub(super) fn hold(&mut self, key: Key) {
        let after = self.places.get(&key).and_then(Place::online).map(|online| online.connection.process());
        let before = self.held.get(&key).copied();
        if before == after {
            return;
        }
        if let Some(process) = before {
            self.held.remove(&key);
            if let Some(keys) = self.holders.get_mut(&process) {
                keys.remove(&key);
                if keys.is_empty() {
                    self.holders.remove(&process);
                }
            }
        }
        if let Some(process) = after {
            self.held.insert(key, process);
            self.holders.entry(process).or_default().insert(key);
        }
    }
}
