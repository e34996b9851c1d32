//! Where contents are kept: files of chats, recordings. A folder, or a bucket; nothing else here knows which.
//!
//! An object is written whole under a key of its own or not at all, and never changes. What it is, who may have it and that it
//! exists is said by events; what no event names is nobody's.

#[cfg(all(test, feature = "s3"))]
mod bucket;
mod download;
mod folder;
mod key;
mod strays;
mod upload;

pub(crate) use download::{Shown, download};
pub(crate) use key::Key;
pub(crate) use strays::keep_clean;
#[cfg(test)]
pub(crate) use strays::sweep;
pub(crate) use upload::{Kept, Upload};

use crate::{config::Config, error::ApiError, house::StartError};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, local::LocalFileSystem};
use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    store: Arc<dyn ObjectStore>,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
}

/// An object that is there.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its name.
    pub(crate) key: Key,
    /// When it was written.
    pub(crate) modified_at: DateTime<Utc>,
}

/// Why an object is not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// There is none.
    #[error("there is no such object")]
    Absent,
    /// The store is away, or full.
    #[error("the storage fails: {0}")]
    Failed(String),
}

impl Storage {
    /// The store that the options name.
    ///
    /// # Errors
    /// [`StartError`] says what is in the way.
    pub(crate) fn open(config: &Config) -> Result<Self, StartError> {
        let folder = match config.storage_url.as_deref() {
            None => config.data_dir.join("objects"),
            Some(url) => match url.strip_prefix("file://") {
                Some(path) => PathBuf::from(path),
                None => return Ok(Self { store: bucket(url)?, folder: None }),
            },
        };
        Ok(Self { store: in_folder(&folder)?, folder: Some(folder) })
    }

    /// Begins to write an object.
    pub(crate) fn upload(&self, key: &Key) -> Upload {
        Upload::new(Arc::clone(&self.store), key)
    }

    /// The bytes of an object, all or a part.
    ///
    /// # Errors
    /// [`StorageError`].
    pub(crate) async fn read(&self, key: &Key, part: Range<u64>) -> Result<BoxStream<'static, object_store::Result<Bytes>>, StorageError> {
        let options = GetOptions { range: Some(GetRange::Bounded(part)), ..GetOptions::default() };
        Ok(self.store.get_opts(key.path(), options).await?.into_stream())
    }

    /// All objects.
    pub(crate) fn objects(&self) -> BoxStream<'static, Result<Object, StorageError>> {
        let object = |meta: object_store::ObjectMeta| Object { key: Key::at(meta.location), modified_at: meta.last_modified };
        self.store.list(Some(&Key::root())).map(move |meta| Ok(object(meta?))).boxed()
    }

    /// Takes away what uploads left that began before and never came to their end. A bucket does so by a rule of its own.
    pub(crate) async fn forget_unfinished(&self, before: DateTime<Utc>) {
        let Some(folder) = self.folder.clone() else { return };
        let walked = tokio::task::spawn_blocking(move || folder::forget_unfinished(&folder, before.into())).await;
        if let Ok(Err(error)) | Err(error) = walked.map_err(std::io::Error::other) {
            tracing::warn!(%error, "unfinished uploads are looked for again");
        }
    }

    /// Takes an object away; one that is not there is away already.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), StorageError> {
        match self.store.delete(key.path()).await.map_err(StorageError::from) {
            Err(StorageError::Absent) => Ok(()),
            other => other,
        }
    }
}

fn in_folder(path: &Path) -> Result<Arc<dyn ObjectStore>, StartError> {
    let failed = |source| StartError::Folder { what: "cannot make the folder", path: path.display().to_string(), source };
    std::fs::create_dir_all(path).map_err(failed)?;
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| StartError::Storage(error.to_string()))?;
    // What was acknowledged survives the power cut, as in the log.
    Ok(Arc::new(store.with_fsync(true).with_automatic_cleanup(true)))
}

#[cfg(feature = "s3")]
fn bucket(url: &str) -> Result<Arc<dyn ObjectStore>, StartError> {
    let failed = |error: object_store::Error| StartError::Storage(error.to_string());
    // It is installed already when there are two stores in one process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (bucket, prefix) = url.trim_start_matches("s3://").split_once('/').unwrap_or((url.trim_start_matches("s3://"), ""));
    let store = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(failed)?;
    Ok(match prefix.trim_matches('/') {
        "" => Arc::new(store),
        prefix => Arc::new(object_store::prefix::PrefixStore::new(store, prefix)),
    })
}

#[cfg(not(feature = "s3"))]
fn bucket(_: &str) -> Result<Arc<dyn ObjectStore>, StartError> {
    Err(StartError::Storage("option storage_url: this build keeps files in folders only; build with --features s3".to_owned()))
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Absent,
            other => Self::Failed(other.to_string()),
        }
    }
}

impl StorageError {
    /// The problem that a caller is told; an object that an event names and that is gone is a fault of ours.
    pub(crate) fn problem(self) -> ApiError {
        match self {
            Self::Absent => ApiError::internal("an object that an event names is not in the storage"),
            Self::Failed(cause) => ApiError::storage_unavailable(cause),
        }
    }
}
