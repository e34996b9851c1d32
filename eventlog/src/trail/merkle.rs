//! A Merkle tree over the hashes of an account's events, as RFC 6962 section 2.1 has it: what a signed checkpoint signs, and
//! by which one event is proven without showing the others.
//!
//! A tree grows at its end only and is kept as its *peaks*, the roots of its complete subtrees, so that it costs some hundred
//! bytes however long the history is.

use crate::chain::{GENESIS, Hash};
use ring::digest::{Context, SHA256, digest};
use std::ops::Range;

/// What stands in the tree for an event with this hash.
pub fn leaf(hash: &Hash) -> Hash {
    two(&[0], hash, &[])
}

/// What stands above two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    two(&[1], left, right)
}

fn two(kind: &[u8], left: &[u8], right: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(kind);
    context.update(left);
    context.update(right);
    hash_of(context.finish())
}

fn hash_of(digest: ring::digest::Digest) -> Hash {
    let mut hash = GENESIS;
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// A complete subtree: 2^height leaves, the `index`th such run of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subtree {
    /// How high it is; a leaf has height 0.
    pub height: u32,
    /// Which one of this height, from the left.
    pub index: u64,
}

impl Subtree {
    /// Its leaves.
    pub fn leaves(self) -> Range<u64> {
        self.index << self.height..(self.index + 1) << self.height
    }
}

/// A tree as its peaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// From the left, which is from the highest; one for each bit of the size.
    peaks: Vec<Hash>,
}

impl Tree {
    /// The tree of this size with these peaks, from the left; `None` when a tree of this size has another number of them.
    pub fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its complete subtrees' roots, from the left.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf, and tells of every subtree that it completes, the leaf itself first.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Subtree, &Hash)) {
        let (mut hash, mut subtree) = (leaf, Subtree { height: 0, index: self.size });
        completed(subtree, &hash);
        while subtree.index % 2 == 1 {
            let left = self.peaks.pop().expect("a peak for each bit of the size");
            hash = node(&left, &hash);
            subtree = Subtree { height: subtree.height + 1, index: subtree.index / 2 };
            completed(subtree, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Its root; of a tree without leaves the hash of nothing.
    pub fn root(&self) -> Hash {
        joined(&self.peaks).unwrap_or_else(|| hash_of(digest(&SHA256, &[])))
    }
}

/// The root over complete subtrees that stand beside each other, given from the left.
pub fn joined(peaks: &[Hash]) -> Option<Hash> {
    let (last, others) = peaks.split_last()?;
    Some(others.iter().rev().fold(*last, |right, left| node(left, &right)))
}

/// The complete subtrees that a run of leaves consists of, from the left. The run is one that a tree is split into: it begins at
/// a multiple of the power of two that holds it.
pub fn subtrees(run: &Range<u64>) -> Vec<Subtree> {
    let (mut found, mut at) = (Vec::new(), run.start);
    while at < run.end {
        let height = (run.end - at).ilog2().min(at.trailing_zeros());
        found.push(Subtree { height, index: at >> height });
        at += 1 << height;
    }
    found
}

/// The runs of leaves whose roots prove that the leaf is in the tree of this size, the nearest first (RFC 6962 section 2.1.1).
pub fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut run, mut path) = (0..size, Vec::new());
    while run.end - run.start > 1 {
        let middle = run.start + split(run.end - run.start);
        let (within, beside) = if index < middle { (run.start..middle, middle..run.end) } else { (middle..run.end, run.start..middle) };
        path.push(beside);
        run = within;
    }
    path.reverse();
    path
}

/// The runs of leaves whose roots prove that a tree of size `new` goes on from the one of size `old` (RFC 6962 section 2.1.2).
pub fn consistency(old: u64, new: u64) -> Vec<Range<u64>> {
    let (mut run, mut path, mut is_whole) = (0..new, Vec::new(), true);
    while run.end != old && run.end - run.start > 1 {
        let middle = run.start + split(run.end - run.start);
        if old <= middle {
            path.push(middle..run.end);
            run = run.start..middle;
        } else {
            path.push(run.start..middle);
            run = middle..run.end;
            is_whole = false;
        }
    }
    if !is_whole {
        path.push(run);
    }
    path.reverse();
    path
}

/// The greatest power of two below.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// Whether the path proves that the leaf is the `index`th of the tree with this size and root (RFC 9162 section 2.1.3.2).
pub fn is_included(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = node(beside, &hash);
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            hash = node(&hash, beside);
        }
        (at, last) = (at / 2, last / 2);
    }
    last == 0 && hash == *root
}

/// Whether the path proves that the tree with size and root `new` goes on from that with size and root `old` (RFC 9162 section
/// 2.1.4.2).
pub fn is_consistent(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    let ((old, old_root), (new, new_root)) = (old, new);
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (old - 1, new - 1);
    while at % 2 == 1 {
        (at, last) = (at / 2, last / 2);
    }
    let (mut before, mut after) = (*first, *first);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            (before, after) = (node(beside, &before), node(beside, &after));
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            after = node(&after, beside);
        }
        (at, last) = (at / 2, last / 2);
    }
    last == 0 && before == *old_root && after == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf(&hash_of(digest(&SHA256, &n.to_be_bytes())))).collect()
    }

    /// MTH as RFC 6962 says it.
    fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => hash_of(digest(&SHA256, &[])),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(split(many.len() as u64) as usize);
                node(&naive(left), &naive(right))
            }
        }
    }

    fn grown(leaves: &[Hash]) -> Tree {
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf, |_, _| {}));
        tree
    }

    fn hashes(leaves: &[Hash], runs: Vec<Range<u64>>) -> Vec<Hash> {
        runs.into_iter().map(|run| naive(&leaves[run.start as usize..run.end as usize])).collect()
    }

    #[test]
    fn a_tree_of_every_size_has_the_root_of_the_definition_and_its_subtrees_are_told_of() {
        let leaves = leaves(130);
        let mut tree = Tree::default();
        for (at, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.root(), naive(&leaves[..at]));
            tree.push(*leaf, |subtree, hash| {
                let run = subtree.leaves();
                assert_eq!(*hash, naive(&leaves[run.start as usize..run.end as usize]));
            });
            assert_eq!(Tree::of(tree.size(), tree.peaks().to_vec()).as_ref(), Some(&tree));
        }
    }

    proptest! {
        #[test]
        fn every_leaf_is_proven_and_no_other_leaf_index_or_root_is(size in 1..200_u64, at in 0..200_u64, wrong in 0..8_usize) {
            let (at, leaves) = (at % size, leaves(size));
            let (root, path) = (grown(&leaves).root(), hashes(&leaves, inclusion(at, size)));
            let leaf = leaves[at as usize];
            prop_assert!(is_included(&leaf, at, size, &path, &root));
            prop_assert!(!is_included(&leaf, (at + 1) % size, size, &path, &root) || size == 1);
            prop_assert!(!is_included(&root, at, size, &path, &root) || size == 1);
            if !path.is_empty() {
                let mut other = path.clone();
                other[wrong % path.len()][0] ^= 1;
                prop_assert!(!is_included(&leaf, at, size, &other, &root));
                prop_assert!(!is_included(&leaf, at, size, &path[1..], &root));
            }
            for run in inclusion(at, size) {
                let parts: Vec<_> = subtrees(&run).into_iter().map(|subtree| hashes(&leaves, vec![subtree.leaves()])[0]).collect();
                prop_assert_eq!(joined(&parts).unwrap(), hashes(&leaves, vec![run])[0]);
            }
        }

        #[test]
        fn a_tree_goes_on_from_its_own_past_and_from_no_other(old in 1..150_u64, more in 0..150_u64) {
            let leaves = leaves(old + more);
            let (before, after) = (grown(&leaves[..old as usize]), grown(&leaves));
            let path = hashes(&leaves, consistency(old, old + more));
            prop_assert!(is_consistent((old, &before.root()), (old + more, &after.root()), &path));
            let mut changed = leaves.clone();
            changed[0] = node(&changed[0], &changed[0]);
            let other = grown(&changed[..old as usize]);
            prop_assert!(!is_consistent((old, &other.root()), (old + more, &after.root()), &path));
        }
    }
}
