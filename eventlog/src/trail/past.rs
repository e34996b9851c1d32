//! A tree that still knows its recent roots: a checkpoint is of some events before the one that tells of it.

use super::merkle::Tree;
use crate::chain::Hash;
use std::collections::VecDeque;

/// How many of the last leaves are kept, two megabytes: a checkpoint is told of within that many events, or it is not checked here.
const LEAVES_MAX: usize = 65_536;

/// A tree and its recent past.
#[derive(Debug, Default)]
pub struct Past {
    tree: Tree,
    /// Leaves that are not in the tree yet.
    recent: VecDeque<Hash>,
}

impl Past {
    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.tree.size() + self.recent.len() as u64
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        if self.recent.len() == LEAVES_MAX {
            self.settle(1);
        }
        self.recent.push_back(leaf);
    }

    /// The root of all leaves.
    pub fn root(&self) -> Hash {
        let mut tree = self.tree.clone();
        self.recent.iter().for_each(|leaf| tree.push(*leaf, |_, _| {}));
        tree.root()
    }

    /// The root when there were so many leaves; `None` when that is too long ago, or is not yet. What was before is forgotten.
    pub fn root_at(&mut self, size: u64) -> Option<Hash> {
        let more = usize::try_from(size.checked_sub(self.tree.size())?).ok()?;
        if more > self.recent.len() {
            return None;
        }
        self.settle(more);
        Some(self.tree.root())
    }

    fn settle(&mut self, count: usize) {
        for leaf in self.recent.drain(..count) {
            self.tree.push(leaf, |_, _| {});
        }
    }
}
