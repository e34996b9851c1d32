//! The rows of one projection, by row type: what its fold reads and changes.

use super::{
    FoldError,
    buffer::{AnyBuffer, Buffer},
};
use crate::table::Table;

/// Collects the tables of a projection.
#[derive(Default)]
pub struct Tables {
    buffers: Vec<Box<dyn AnyBuffer>>,
}

impl Tables {
    /// One more.
    pub fn add<T: Table>(&mut self) {
        self.buffers.push(Box::new(Buffer::<T>::default()));
    }
}

/// The rows of a projection's tables, at the position of the event that is being folded.
pub struct Rows {
    buffers: Vec<Box<dyn AnyBuffer>>,
    position: i64,
}

impl Rows {
    /// No row yet, of these tables.
    pub fn new(tables: Tables) -> Self {
        Self { buffers: tables.buffers, position: 0 }
    }

    /// The next event stands here.
    pub(crate) fn at(&mut self, position: i64) {
        self.position = position;
    }

    /// The tables, in the order in which they were named.
    pub(crate) fn buffers(&mut self) -> &mut [Box<dyn AnyBuffer>] {
        &mut self.buffers
    }

    fn of<T: Table>(&self) -> Result<&Buffer<T>, FoldError> {
        let found = self.buffers.iter().find_map(|buffer| buffer.as_any().downcast_ref::<Buffer<T>>());
        found.ok_or_else(|| FoldError(format!("{} is not a table of this projection", T::DESCRIPTOR.name)))
    }

    fn of_mut<T: Table>(&mut self) -> Result<(&mut Buffer<T>, i64), FoldError> {
        let position = self.position;
        let found = self.buffers.iter_mut().find_map(|buffer| buffer.as_any_mut().downcast_mut::<Buffer<T>>());
        let buffer = found.ok_or_else(|| FoldError(format!("{} is not a table of this projection", T::DESCRIPTOR.name)))?;
        Ok((buffer, position))
    }

    /// The row that is valid now, if there is one.
    ///
    /// # Errors
    /// [`FoldError`] when the key was not named in advance.
    pub fn get<T: Table>(&self, key: &T::Key) -> Result<Option<&T>, FoldError> {
        self.of::<T>()?.get(key)
    }

    /// Hands a state out, to be changed and put back: for rows that are dear to copy. What is not put back stays as it was stored.
    ///
    /// # Errors
    /// [`FoldError`] when the key was not named in advance.
    pub fn take<T: Table>(&mut self, key: &T::Key) -> Result<Option<T>, FoldError> {
        self.of_mut::<T>()?.0.take(key)
    }

    /// The newest row, also when it is no longer valid; of a fact, the last one of this key.
    ///
    /// # Errors
    /// [`FoldError`] when the key was not named in advance.
    pub fn newest<T: Table>(&self, key: &T::Key) -> Result<Option<&T>, FoldError> {
        self.of::<T>()?.newest(key)
    }

    /// The fold knows by itself what is of this key: nothing, or a row that stands since this position. So it can be put or
    /// removed without having been named.
    ///
    /// # Errors
    /// [`FoldError`] when it is not a table of this projection.
    pub fn stands<T: Table>(&mut self, key: T::Key, since: Option<i64>) -> Result<(), FoldError> {
        self.of_mut::<T>()?.0.stands(key, since);
        Ok(())
    }

    /// From here on the row stands so: a first or a new version, or a new state. Nothing happens when it stands so
    /// already.
    ///
    /// # Errors
    /// [`FoldError`] when the key was not named in advance.
    pub fn put<T: Table>(&mut self, row: T) -> Result<(), FoldError> {
        let (buffer, position) = self.of_mut::<T>()?;
        buffer.put(row, position)
    }

    /// Changes the row that is valid now.
    ///
    /// # Errors
    /// [`FoldError`] when there is none.
    pub fn change<T: Table>(&mut self, key: &T::Key, change: impl FnOnce(&mut T)) -> Result<(), FoldError> {
        let (buffer, position) = self.of_mut::<T>()?;
        let current = buffer.get(key)?;
        let mut row = current.ok_or_else(|| FoldError(format!("{} {key:?} is not there", T::DESCRIPTOR.name)))?.clone();
        change(&mut row);
        buffer.put(row, position)
    }

    /// From here on there is no such row; nothing happens when there is none.
    ///
    /// # Errors
    /// [`FoldError`] when the key was not named in advance.
    pub fn remove<T: Table>(&mut self, key: &T::Key) -> Result<(), FoldError> {
        let (buffer, position) = self.of_mut::<T>()?;
        buffer.remove(key, position)
    }

    /// A fact of this event.
    ///
    /// # Errors
    /// [`FoldError`] when it is not a table of this projection.
    pub fn add<T: Table>(&mut self, fact: T) -> Result<(), FoldError> {
        let (buffer, position) = self.of_mut::<T>()?;
        buffer.add(fact, position);
        Ok(())
    }
}

/// Takes the keys that a batch's events name, so that their rows are loaded in one go.
pub struct Keys<'a> {
    rows: &'a mut Rows,
}

impl<'a> Keys<'a> {
    /// For these rows.
    pub(crate) fn new(rows: &'a mut Rows) -> Self {
        Self { rows }
    }

    /// The row of this key will be looked at (of a fact: the last one of this key).
    pub fn load<T: Table>(&mut self, key: T::Key) {
        if let Ok((buffer, _)) = self.rows.of_mut::<T>() {
            buffer.want(key);
        }
    }

    /// The row of this key will be made, and there is none yet: it need not be looked for.
    pub fn create<T: Table>(&mut self, key: T::Key) {
        if let Ok((buffer, _)) = self.rows.of_mut::<T>() {
            buffer.want_new(key);
        }
    }
}
