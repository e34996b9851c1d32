//! Which shard an address's datagrams are for, known to all shards of a node. The kernel gives a datagram to any of them, and only
//! checks say in themselves whom they are for.
//!
//! Only who has proved to be a participant is noted, and is forgotten with its last way: there is an entry for each way at most.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The shards of addresses.
#[derive(Debug, Default)]
pub struct Whereabouts {
    shards: Mutex<HashMap<SocketAddr, usize>>,
}

impl Whereabouts {
    /// From now on this address's datagrams are for this shard.
    pub fn note(&self, remote: SocketAddr, shard: usize) {
        self.lock().insert(remote, shard);
    }

    /// They are for this shard no more.
    pub fn forget(&self, remote: SocketAddr, shard: usize) {
        let mut shards = self.lock();
        // Another shard may have its user by now.
        if shards.get(&remote) == Some(&shard) {
            shards.remove(&remote);
        }
    }

    /// The shard that they are for, if they are for any.
    pub fn shard(&self, remote: SocketAddr) -> Option<usize> {
        self.lock().get(&remote).copied()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SocketAddr, usize>> {
        // Nothing that is done under the lock can be left half done.
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_where_it_was_last_and_nowhere_after() {
        let (whereabouts, one) = (Whereabouts::default(), SocketAddr::from(([192, 0, 2, 1], 5)));
        assert_eq!(whereabouts.shard(one), None);
        whereabouts.note(one, 0);
        whereabouts.note(one, 1);
        whereabouts.forget(one, 0);
        assert_eq!(whereabouts.shard(one), Some(1));
        whereabouts.forget(one, 1);
        assert_eq!(whereabouts.shard(one), None);
    }
}
