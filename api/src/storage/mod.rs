//! Where contents are kept: files of chats, recordings. A folder, or a bucket; nothing else here knows which.
//!
//! An object is written whole under a key of its own or not at all, and never changes. What it is, who may have it and that it
//! exists is said by events; what no event names is nobody's.

mod download;
mod key;
mod upload;

pub(crate) use download::{Shown, download};
pub(crate) use key::Key;
pub(crate) use upload::{Kept, Upload};

use crate::{config::Config, error::ApiError, house::StartError};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, local::LocalFileSystem};
use std::{ops::Range, path::Path, sync::Arc};

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    store: Arc<dyn ObjectStore>,
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
        let store = match config.storage_url.as_deref() {
            None => folder(&config.data_dir.join("objects"))?,
            Some(url) => match url.strip_prefix("file://") {
                Some(path) => folder(Path::new(path))?,
                None => bucket(url)?,
            },
        };
        Ok(Self { store })
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

fn folder(path: &Path) -> Result<Arc<dyn ObjectStore>, StartError> {
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
