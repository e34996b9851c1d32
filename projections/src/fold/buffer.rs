//! The rows of one table that the fold works on: a bounded cache of current rows, and the changes of the batch.
//!
//! Several changes of one temporal row within a batch leave every version in between: a version that began and ended in
//! the batch is inserted closed. What is here counts only once the batch is committed; after any failure it is dropped.

use super::FoldError;
use crate::{
    error::Result,
    sql::{Row, Value, commit::TableWrites},
    table::{Descriptor, Kind, OPEN, Physical, Table},
};
use std::{
    any::Any,
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// Rows kept per table between batches: enough for what is in work at a time, a few tens of megabytes in all.
pub const CACHED_ROWS_MAX: usize = 50_000;

/// What is known of one key.
struct Slot<T> {
    /// The newest row, also when it is no longer valid.
    newest: Option<T>,
    /// Since when it stands so.
    position: i64,
    /// Whether it is valid.
    open: bool,
    /// Whether the database has it as it is.
    stored: bool,
    /// Whether the batch has changed it.
    changed: bool,
    /// The last batch that looked at it.
    batch: u64,
}

/// The rows of one table.
pub(super) struct Buffer<T: Table> {
    slots: HashMap<T::Key, Slot<T>>,
    wanted: Vec<T::Key>,
    changed: Vec<T::Key>,
    closes: Vec<Row>,
    inserts: Vec<Row>,
    batch: u64,
}

/// [`Buffer`] of any table.
pub trait AnyBuffer: Any + Send {
    /// Its table.
    fn descriptor(&self) -> &'static Descriptor;
    /// Keys that have been named and not been loaded.
    fn wanted(&self) -> Vec<Row>;
    /// Takes the answer to [`Self::wanted`].
    ///
    /// # Errors
    /// [`crate::Error::Row`] when a row is not what its table declares.
    fn loaded(&mut self, rows: Vec<Row>) -> Result<()>;
    /// Hands out the batch's changes.
    fn writes(&mut self, table: Arc<Physical>) -> TableWrites;
    /// After a committed batch: forgets rows beyond the bound.
    fn settled(&mut self);
    /// Forgets everything.
    fn clear(&mut self);
    /// For finding the buffer of a row type.
    fn as_any(&self) -> &dyn Any;
    /// For finding the buffer of a row type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<T: Table> Default for Buffer<T> {
    fn default() -> Self {
        Self { slots: HashMap::new(), wanted: Vec::new(), changed: Vec::new(), closes: Vec::new(), inserts: Vec::new(), batch: 0 }
    }
}

impl<T: Table> Buffer<T> {
    const KIND: Kind = T::DESCRIPTOR.kind;

    fn absent(&self) -> Slot<T> {
        Slot { newest: None, position: 0, open: false, stored: false, changed: false, batch: self.batch }
    }

    /// The row of this key will be looked at.
    pub fn want(&mut self, key: T::Key) {
        let (batch, absent) = (self.batch, self.absent());
        match self.slots.entry(key) {
            Entry::Occupied(mut slot) => slot.get_mut().batch = batch,
            Entry::Vacant(vacant) => {
                self.wanted.push(vacant.key().clone());
                vacant.insert(absent);
            }
        }
    }

    /// The row of this key will be made; there is none yet.
    pub fn want_new(&mut self, key: T::Key) {
        let absent = self.absent();
        self.slots.entry(key).or_insert(absent);
    }

    /// The fold knows by itself what is of this key: nothing, or a row that the database has since this position. So it need
    /// be neither named nor loaded, and can be put or removed, not looked at.
    pub fn stands(&mut self, key: T::Key, since: Option<i64>) {
        let absent = self.absent();
        let slot = self.slots.entry(key).or_insert(absent);
        if let (Some(since), None) = (since, &slot.newest) {
            (slot.position, slot.open, slot.stored) = (since, true, true);
        }
    }

    /// The row that is valid now.
    pub fn get(&self, key: &T::Key) -> Result<Option<&T>, FoldError> {
        let slot = self.slots.get(key).ok_or_else(|| undeclared::<T>(key))?;
        Ok(if slot.open { slot.newest.as_ref() } else { None })
    }

    /// Hands the row out that is valid now, to be changed and put back: neither copied nor compared.
    pub fn take(&mut self, key: &T::Key) -> Result<Option<T>, FoldError> {
        let slot = self.slots.get_mut(key).ok_or_else(|| undeclared::<T>(key))?;
        debug_assert_eq!(Self::KIND, Kind::State, "what a version was is still to be written");
        Ok(if slot.open { slot.newest.take() } else { None })
    }

    /// The newest row, also when it is no longer valid; of a fact, the last one.
    pub fn newest(&self, key: &T::Key) -> Result<Option<&T>, FoldError> {
        Ok(self.slots.get(key).ok_or_else(|| undeclared::<T>(key))?.newest.as_ref())
    }

    /// A fact. It is kept as the newest one only where its key has been named.
    pub fn add(&mut self, row: T, position: i64) {
        self.inserts.push(stored_row(&row, &[position]));
        if let Some(slot) = self.slots.get_mut(&row.key()) {
            (slot.newest, slot.open, slot.stored, slot.position) = (Some(row), true, true, position);
        }
    }

    /// From this position on the row stands so.
    pub fn put(&mut self, row: T, position: i64) -> Result<(), FoldError> {
        let key = row.key();
        let slot = self.slots.get_mut(&key).ok_or_else(|| undeclared::<T>(&key))?;
        if slot.open && slot.newest.as_ref() == Some(&row) {
            return Ok(());
        }
        if Self::KIND == Kind::Temporal && slot.open {
            end(&key, slot, &mut self.closes, &mut self.inserts, position);
        }
        if !std::mem::replace(&mut slot.changed, true) {
            self.changed.push(key);
        }
        (slot.newest, slot.open, slot.position) = (Some(row), true, position);
        // A state row that the database has stays so: it is overwritten or deleted, not inserted.
        slot.stored &= Self::KIND == Kind::State;
        Ok(())
    }

    /// From this position on there is no such row.
    pub fn remove(&mut self, key: &T::Key, position: i64) -> Result<(), FoldError> {
        let slot = self.slots.get_mut(key).ok_or_else(|| undeclared::<T>(key))?;
        if !slot.open {
            return Ok(());
        }
        if Self::KIND == Kind::Temporal {
            end(key, slot, &mut self.closes, &mut self.inserts, position);
        } else if !std::mem::replace(&mut slot.changed, true) {
            self.changed.push(key.clone());
        }
        slot.open = false;
        Ok(())
    }
}

/// Ends the open version of a temporal row. One that began at this very position was never visible and leaves no trace.
fn end<T: Table>(key: &T::Key, slot: &mut Slot<T>, closes: &mut Vec<Row>, inserts: &mut Vec<Row>, position: i64) {
    if slot.stored {
        let mut close = T::key_values(key);
        close.extend([Value::Int(slot.position), Value::Int(position)]);
        closes.push(close);
    } else if let Some(row) = slot.newest.as_ref().filter(|_| slot.position < position) {
        inserts.push(stored_row(row, &[slot.position, position]));
    }
    slot.stored = true;
}

/// Every stored column: the key, the hidden ones, the others.
fn stored_row<T: Table>(row: &T, hidden: &[i64]) -> Row {
    let mut values = row.values();
    let at = T::DESCRIPTOR.key_len;
    values.splice(at..at, hidden.iter().map(|n| Value::Int(*n)));
    values
}

fn undeclared<T: Table>(key: &T::Key) -> FoldError {
    FoldError(format!("{} {key:?} was not named in advance", T::DESCRIPTOR.name))
}

impl<T: Table> AnyBuffer for Buffer<T> {
    fn descriptor(&self) -> &'static Descriptor {
        T::DESCRIPTOR
    }

    fn wanted(&self) -> Vec<Row> {
        self.wanted.iter().map(T::key_values).collect()
    }

    fn loaded(&mut self, rows: Vec<Row>) -> Result<()> {
        let batch = self.batch;
        for mut values in rows {
            let at = T::DESCRIPTOR.key_len;
            let hidden: Vec<_> = values.splice(at..at + Self::KIND.hidden().len(), []).collect();
            let row = T::from_values(&mut values.into_iter())?;
            let number = |index: usize| if let Some(Value::Int(n)) = hidden.get(index) { *n } else { 0 };
            let open = Self::KIND != Kind::Temporal || number(1) == OPEN;
            self.slots.insert(row.key(), Slot { newest: Some(row), position: number(0), open, stored: true, changed: false, batch });
        }
        self.wanted.clear();
        Ok(())
    }

    fn writes(&mut self, table: Arc<Physical>) -> TableWrites {
        let mut writes = TableWrites::new(table);
        for key in std::mem::take(&mut self.changed) {
            let Some(slot) = self.slots.get_mut(&key) else { continue };
            let Some(row) = &slot.newest else { continue };
            match (Self::KIND, slot.open) {
                (Kind::State, true) => writes.upserts.push(stored_row(row, &[])),
                (Kind::State, false) if slot.stored => writes.deletes.push(T::key_values(&key)),
                (Kind::Temporal, true) if !slot.stored => self.inserts.push(stored_row(row, &[slot.position, OPEN])),
                _ => {}
            }
            slot.stored = slot.open || Self::KIND == Kind::Temporal;
            slot.changed = false;
        }
        writes.closes = std::mem::take(&mut self.closes);
        writes.inserts = std::mem::take(&mut self.inserts);
        writes
    }

    fn settled(&mut self) {
        if self.slots.len() > CACHED_ROWS_MAX {
            let batch = self.batch;
            self.slots.retain(|_, slot| slot.batch == batch);
        }
        self.batch += 1;
    }

    fn clear(&mut self) {
        *self = Self { batch: self.batch, ..Self::default() };
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
