//! Reading the events of a data folder without holding it: beside the process that serves it, or without one.

use super::{LOG_FILE, connection::Readers, differences, reader};
use crate::{
    LogError, Position, Recorded,
    trail::{
        Source,
        live::{Difference, Tables},
    },
};
use futures_util::future::{BoxFuture, FutureExt};
use std::{path::Path, sync::Arc};

struct Folder(Arc<Readers>);

/// The events of this folder, for reading alone.
///
/// # Errors
/// [`LogError::Open`] when there is no log.
pub fn source(folder: &Path) -> Result<Arc<dyn Tables>, LogError> {
    super::check_version()?;
    let log = folder.join(LOG_FILE);
    if !log.is_file() {
        return Err(LogError::Open(format!("there is no log in the data folder {}", folder.display())));
    }
    Ok(Arc::new(Folder(Arc::new(Readers::open(log)?))))
}

impl Source for Folder {
    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>> {
        self.0.run(|connection| Ok(reader::head(connection)?.position)).boxed()
    }

    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        self.0.run(move |connection| reader::read(connection, after, limit)).boxed()
    }
}

impl Tables for Folder {
    fn differences(&self) -> BoxFuture<'_, Result<Vec<Difference>, LogError>> {
        self.0.run(differences::differences).boxed()
    }
}
