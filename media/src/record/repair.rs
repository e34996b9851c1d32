//! Files that a crash left unfinished: up to the last whole cluster they are kept, and finished.

use super::{name::Name, recorder::Closed, webm};
use std::{fs::File, io::Result, path::Path};

/// Finishes the file at this path, which [`Name`] says everything else about; `None` when there is no frame in it. Doing it
/// again, or to a file that is whole, changes nothing.
///
/// # Errors
/// What the file system says, also that it is none of ours.
pub fn repair(path: &Path, name: &Name) -> Result<Option<Closed>> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let index = webm::repair(&mut file, name.holds.tracks(), name.form)?;
    Ok((index.pictures + index.sounds > 0).then(|| Closed::of(path.to_owned(), &index)))
}
