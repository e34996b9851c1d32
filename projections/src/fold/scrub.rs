//! What is written anew when a person is forgotten, or what was said is kept no longer: rows of events long past, which no fold of the
//! present event would touch.
//!
//! Where a projection keeps something personal it says so in [`super::Projection::forgets`] and [`super::Projection::expires`]: which rows, and what of them is blank from
//! now on, in every version of them. What it makes of a row is what the fold makes of events that can no longer be read, so a rebuild
//! gives the same rows.

use crate::{
    error::Result,
    sql::{Row, Value},
    table::Table,
};

/// Keys of rows that go, by table.
#[derive(Debug, Default)]
pub struct Gone(pub(crate) Vec<(&'static str, Row)>);

impl Gone {
    /// This row of a state table goes.
    pub fn remove<T: Table>(&mut self, key: &T::Key) {
        self.0.push((T::DESCRIPTOR.name, T::key_values(key)));
    }
}

/// By which columns rows are found, and by which they are ordered.
type Found = (&'static [&'static str], &'static str);

type Rewrite = Box<dyn Fn(Vec<Row>, &mut Gone) -> Result<Vec<Row>> + Send + Sync>;

/// Some rows of a table and what becomes of them.
pub(crate) struct Scrub {
    /// The table.
    pub table: &'static str,
    /// The columns that they are found by: the first ones of the key or of an index.
    pub by: &'static [&'static str],
    /// The column that follows there, by which they are ordered.
    pub order: &'static str,
    /// The values of these.
    pub values: Row,
    /// From every stored column of all of them, in their order, to the same of those that change.
    pub rewrite: Rewrite,
}

/// Takes what is to be written anew.
#[derive(Default)]
pub struct Scrubs(pub(crate) Vec<Scrub>);

impl Scrubs {
    /// The rows with these values in these columns (the first ones of the key or of an index, `order` being the next): `blank` gets all
    /// of them, every version, in that order.
    pub fn rows<T: Table>(&mut self, (by, order): Found, values: Vec<Value>, blank: fn(&mut [T], &mut Gone)) {
        let rewrite = move |stored: Vec<Row>, gone: &mut Gone| {
            let (at, hidden) = (T::DESCRIPTOR.key_len, T::DESCRIPTOR.kind.hidden().len());
            let (mut kept, mut rows) = (Vec::with_capacity(stored.len()), Vec::with_capacity(stored.len()));
            for mut values in stored {
                kept.push(values.splice(at..at + hidden, []).collect::<Row>());
                rows.push(T::from_values(&mut values.into_iter())?);
            }
            let before = rows.clone();
            blank(&mut rows, gone);
            let written = rows.iter().zip(before).zip(kept).filter(|((row, before), _)| *row != before);
            Ok(written
                .map(|((row, _), hidden)| {
                    let mut values = row.values();
                    values.splice(at..at, hidden);
                    values
                })
                .collect())
        };
        self.0.push(Scrub { table: T::DESCRIPTOR.name, by, order, values, rewrite: Box::new(rewrite) });
    }
}
