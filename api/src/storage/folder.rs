//! What the store of a folder leaves there itself: the pieces of an upload are in a file beside the object, named after it with `#` and a
//! number, until the upload has come to its end.

use std::{io, path::Path, time::SystemTime};

/// Deletes what was last written before this, of uploads that never came to their end.
pub(super) fn forget_unfinished(folder: &Path, before: SystemTime) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let about = match entry.metadata() {
            // It has come to its end meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            about => about?,
        };
        if about.is_dir() {
            forget_unfinished(&entry.path(), before)?;
        } else if is_unfinished(&entry.file_name().to_string_lossy()) && about.modified()? < before {
            tracing::info!(path = %entry.path().display(), "what an upload left that broke off is deleted");
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_unfinished(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
