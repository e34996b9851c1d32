//! Reads a page ahead: while one is written, the database is at work on the next.

use crate::{
    error::Result,
    sql::{Row, Store, Value},
};
use tokio::task::JoinHandle;

/// The page that is being read, if any.
#[derive(Default)]
pub(super) struct Ahead(Option<JoinHandle<Result<Vec<Row>>>>);

impl Ahead {
    /// Begins to read a page, and lets the question go out: whoever writes a page does not wait for anything until it is written.
    pub async fn begin(&mut self, store: &Store, statement: &'static str, args: Vec<Value>) {
        let store = store.clone();
        self.0 = Some(tokio::spawn(async move { store.query(statement, args).await }));
        tokio::task::yield_now().await;
    }

    /// The page that was begun; `None` when none was, or its task is gone with its runtime.
    pub async fn page(&mut self) -> Option<Result<Vec<Row>>> {
        self.0.take()?.await.ok()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if let Some(reading) = self.0.take() {
            reading.abort();
        }
    }
}
