//! Pages in their order, read ahead: where a page ends is looked for while the one before is read, and read itself while others are
//! written. The database is at work on several connections then, and whoever takes the pages waits for none that could be there.

use super::Place;
use crate::{
    error::{Error, Result},
    sql::{Row, Store, Value},
    table::take,
};
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

/// Pages that are read, or wait to be taken, beside the one that was taken: what an export holds in memory.
const AHEAD: usize = 2;

/// A page that is being read.
type Reading = JoinHandle<Result<Vec<Row>>>;

/// The pages of a table from its begin.
pub(super) struct Ahead {
    pages: mpsc::Receiver<Reading>,
}

impl Ahead {
    /// Begins to read with two statements: where a page ends, and its rows. Both take `args` of the last row before the page; the second
    /// also of the last row of the page, where there are more.
    pub fn begin(
        store: &Store,
        [end, rows]: [&'static str; 2],
        args: impl Fn(Option<Place>, Option<Place>) -> Vec<Value> + Send + 'static,
    ) -> Self {
        let (sender, pages) = mpsc::channel(AHEAD);
        let store = store.clone();
        tokio::spawn(async move {
            let mut after = None;
            // Nobody wants more when whoever took them is gone.
            while let Ok(free) = sender.reserve().await {
                let last = match ending(&store, end, args(after, None)).await {
                    Ok(last) => last,
                    Err(error) => return free.send(tokio::spawn(async { Err(error) })),
                };
                let (store, args) = (store.clone(), args(after, last));
                free.send(tokio::spawn(async move { store.query(rows, args).await }));
                if last.is_none() {
                    return;
                }
                after = last;
            }
        });
        Self { pages }
    }

    /// The rows of the next page; `None` at the end.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>> {
        match self.pages.recv().await {
            Some(page) => page.await.map_err(|_| Error::Closed)?.map(Some),
            None => Ok(None),
        }
    }
}

/// The last row of the page, where there may be more behind it.
async fn ending(store: &Store, statement: &'static str, args: Vec<Value>) -> Result<Option<Place>> {
    let Some(row) = store.query(statement, args).await?.pop() else { return Ok(None) };
    let values = &mut row.into_iter();
    Ok(Some(Place { at: take(values, "page", "at")?, id: take::<Uuid>(values, "page", "id")? }))
}
