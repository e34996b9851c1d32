//! A temporary folder that goes away with its owner. Inside `VITRINA_TEST_TMP` when that is set, so that `tests/run` can
//! clean up after a suite that was killed.

use std::{
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A temporary folder.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new folder; `purpose` becomes part of its name.
    pub fn new(purpose: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let parent = std::env::var_os("VITRINA_TEST_TMP").map_or_else(std::env::temp_dir, PathBuf::from);
        std::fs::create_dir_all(&parent).expect("the folder for temporary files can be made");
        loop {
            let name = format!("vitrina-{purpose}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = parent.join(name);
            match std::fs::DirBuilder::new().mode(0o755).create(&path) {
                Ok(()) => return Self(path),
                // Left by a process that was killed, and whose number this one has.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("the folder for temporary files cannot be written: {error}"),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that a test made read-only must go all the same.
        let _ = std::process::Command::new("chmod").args(["-R", "u+rwX"]).arg(&self.0).status();
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
