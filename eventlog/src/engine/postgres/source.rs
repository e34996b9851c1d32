//! Reading the events of a database beside the processes that serve it, or without any.

use super::{Use, differences, error::in_time, look, pool, read};
use crate::{
    LogError, Position, Recorded,
    trail::{
        Source,
        live::{Difference, Tables},
    },
};
use deadpool_postgres::Pool;
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;

/// Connections: one page is read at a time.
const READERS: usize = 1;

struct Database(Pool);

/// The events of this database, for reading alone.
///
/// # Errors
/// [`LogError::Open`] when the URL is none.
pub fn source(url: &str) -> Result<Arc<dyn Tables>, LogError> {
    Ok(Arc::new(Database(pool(url, READERS, Use::Read)?)))
}

impl Source for Database {
    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>> {
        in_time(look::head(&self.0)).boxed()
    }

    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        in_time(read::read(&self.0, after, limit)).boxed()
    }
}

impl Tables for Database {
    fn differences(&self) -> BoxFuture<'_, Result<Vec<Difference>, LogError>> {
        differences::differences(&self.0).boxed()
    }
}
