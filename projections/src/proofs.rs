//! By what the log is proven to others: of each account the Merkle tree over its events' hashes, the subtrees that a proof is put
//! together from, and the checkpoints that were signed.
//!
//! It is made from the log like every read model, so whoever keeps the read models keeps the trees, and they can be made anew.

use crate::{
    asked::Page,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{ColumnType, Store, Value, sql},
    table::{At, Field, Table, table},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{event::Event, ids::AccountId, log::LogEvent};
use vitrina_eventlog::{
    Decoded, Position,
    chain::Hash,
    trail::merkle::{Subtree, Tree, leaf},
};

/// Subtrees are kept from this height on: a proof reads the events of two blocks of 256 at most, and a row is kept for 128 events.
pub const BLOCK_HEIGHT: u32 = 8;

/// A tree as a column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grown(pub Tree);

impl Field for Grown {
    const TYPE: ColumnType = ColumnType::Bytes;

    fn to_value(&self) -> Value {
        Value::Bytes([&self.0.size().to_be_bytes()[..], self.0.peaks().as_flattened()].concat())
    }

    fn from_value(value: Value) -> Option<Self> {
        let Value::Bytes(bytes) = value else { return None };
        let (size, peaks) = bytes.split_first_chunk::<8>()?;
        let (peaks, rest) = peaks.as_chunks::<32>();
        rest.is_empty().then(|| Tree::of(u64::from_be_bytes(*size), peaks.to_vec()))?.map(Self)
    }
}

impl Field for Hash {
    const TYPE: ColumnType = ColumnType::Bytes;

    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { bytes.try_into().ok() } else { None }
    }
}

table! {
    /// The tree of an account.
    pub struct TreeRow in "log_trees" as State {
        key {
            /// Whose.
            account_id: AccountId,
        }
        columns {
            /// The tree.
            tree: Grown,
            /// Position of the last event in it.
            upto: i64,
        }
    }
}

table! {
    /// A complete subtree.
    pub struct NodeRow in "log_nodes" as Fact {
        key {
            /// Whose.
            account_id: AccountId,
            /// How high it is.
            height: u32,
            /// Which one of this height.
            number: i64,
        }
        columns {
            /// Its root.
            hash: Hash,
        }
    }
}

table! {
    /// A signed checkpoint.
    pub struct CheckpointRow in "log_checkpoints" as Fact {
        key {
            /// Whose.
            account_id: AccountId,
        }
        columns {
            /// How many events it covers.
            size: i64,
            /// Position of the last one of these.
            upto: i64,
            /// The root, lower-case hexadecimal.
            root: String,
            /// As it was signed.
            note: String,
            /// When.
            at: DateTime<Utc>,
        }
    }
}

/// Keeps them.
pub struct ProofsProjection;

impl Projection for ProofsProjection {
    fn name(&self) -> &'static str {
        "proofs"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<TreeRow>();
        tables.add::<NodeRow>();
        tables.add::<CheckpointRow>();
    }

    /// Every event has its leaf.
    fn wants(&self, _: &Event) -> bool {
        true
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        keys.load::<TreeRow>((event.account(),));
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> std::result::Result<(), FoldError> {
        let account_id = event.account();
        let mut tree = rows.take::<TreeRow>(&(account_id,))?.map(|row| row.tree).unwrap_or_default();
        let mut completed = Vec::new();
        tree.0.push(leaf(&event.recorded.hash), |subtree, hash| {
            if subtree.height >= BLOCK_HEIGHT {
                completed.push((subtree, *hash));
            }
        });
        rows.put(TreeRow { account_id, tree, upto: event.recorded.position.0 })?;
        for (Subtree { height, index }, hash) in completed {
            rows.add(NodeRow { account_id, height, number: number(index), hash })?;
        }
        let Event::Log(LogEvent::CheckpointSigned(checkpoint)) = &event.event else { return Ok(()) };
        rows.add(CheckpointRow {
            account_id,
            size: number(checkpoint.size),
            upto: checkpoint.position,
            root: checkpoint.root.clone(),
            note: checkpoint.note.clone(),
            at: event.at(),
        })
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

const TREE: &str = sql!("SELECT ", TreeRow::COLUMNS, " FROM log_trees WHERE account_id = $1");

const NODE: &str =
    sql!("SELECT position, ", NodeRow::COLUMNS, " FROM log_nodes WHERE account_id = $1 AND height = $2 AND number = $3 LIMIT 1");

const BLOCK_OF: &str = sql!(
    "SELECT position, ",
    NodeRow::COLUMNS,
    " FROM log_nodes WHERE account_id = $1 AND height = $2 AND position >= $3 ORDER BY position LIMIT 1"
);

const LAST_BLOCK: &str =
    sql!("SELECT position, ", NodeRow::COLUMNS, " FROM log_nodes WHERE account_id = $1 AND height = $2 ORDER BY number DESC LIMIT 1");

const CHECKPOINTS: &str = sql!(
    "SELECT position, ",
    CheckpointRow::COLUMNS,
    " FROM log_checkpoints WHERE account_id = $1 AND position <= $2 AND position < $3 ORDER BY position DESC LIMIT $4"
);

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[TREE, NODE, BLOCK_OF, LAST_BLOCK, CHECKPOINTS];

/// The tree as it is now; `None` of an account without events.
///
/// # Errors
/// When the database is away.
pub async fn tree(store: &Store, account: AccountId) -> Result<Option<TreeRow>> {
    let rows = store.query(TREE, vec![account.to_value()]).await?;
    rows.into_iter().next().map(|row| TreeRow::from_values(&mut row.into_iter())).transpose()
}

/// A complete subtree of at least [`BLOCK_HEIGHT`], and the position of its last event; `None` when there is none yet.
///
/// # Errors
/// When the database is away.
pub async fn node(store: &Store, account: AccountId, Subtree { height, index }: Subtree) -> Result<Option<At<NodeRow>>> {
    store.row(NODE, vec![account.to_value(), Value::Int(height.into()), Value::Int(number(index))]).await
}

/// Which block of 256 the event at this position is in.
///
/// # Errors
/// When the database is away.
pub async fn block_of(store: &Store, account: AccountId, position: Position) -> Result<u64> {
    let args = vec![account.to_value(), Value::Int(BLOCK_HEIGHT.into()), Value::Int(position.0)];
    if let Some(block) = store.row::<NodeRow>(BLOCK_OF, args).await? {
        return Ok(block.row.number.unsigned_abs());
    }
    let last = store.row::<NodeRow>(LAST_BLOCK, vec![account.to_value(), Value::Int(BLOCK_HEIGHT.into())]).await?;
    Ok(last.map_or(0, |block| block.row.number.unsigned_abs() + 1))
}

/// The signed checkpoints, the newest first; the page's sort key is the position of the event that tells of it.
///
/// # Errors
/// When the database is away.
pub async fn checkpoints(store: &Store, account: AccountId, page: Page<Position>) -> Result<Vec<At<CheckpointRow>>> {
    let before = page.after.map_or(i64::MAX, |position| position.0);
    let args = vec![account.to_value(), page.as_of_value(), Value::Int(before), page.limit_value()];
    store.rows(CHECKPOINTS, args).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_as_it_was_stored() {
        let mut tree = Tree::default();
        for n in 0..100 {
            assert_eq!(Grown::from_value(Grown(tree.clone()).to_value()), Some(Grown(tree.clone())));
            tree.push([n; 32], |_, _| {});
        }
        assert_eq!(Grown::from_value(Value::Bytes(vec![0; 41])), None);
    }
}
