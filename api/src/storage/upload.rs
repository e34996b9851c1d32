//! An object on its way into the storage: written in pieces, counted and hashed as it goes.

use super::{Key, StorageError};
use bytes::Bytes;
use object_store::{ObjectStore, buffered::BufWriter};
use ring::digest::{Context, SHA256};
use std::{fmt::Write, sync::Arc};
use tokio::io::AsyncWriteExt;

/// Bytes that are held before a piece is sent off: the least that buckets take.
const PIECE_BYTES: usize = 5 * 1024 * 1024;
/// Pieces on their way at once; with the one in hand, what an upload may cost in memory.
const PIECES_UNDER_WAY: usize = 1;

/// An object that is being written.
pub(crate) struct Upload {
    writer: BufWriter,
    hash: Context,
    bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its size.
    pub(crate) bytes: u64,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub(crate) sha256: String,
}

impl Upload {
    pub(super) fn new(store: Arc<dyn ObjectStore>, key: &Key) -> Self {
        let writer = BufWriter::with_capacity(store, key.path().clone(), PIECE_BYTES).with_max_concurrency(PIECES_UNDER_WAY);
        Self { writer, hash: Context::new(&SHA256), bytes: 0 }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), StorageError> {
        self.hash.update(&bytes);
        self.bytes += bytes.len() as u64;
        Ok(self.writer.put(bytes).await?)
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The object is whole and durable when this answers.
    ///
    /// # Errors
    /// [`StorageError::Failed`]: there is no object.
    pub(crate) async fn finish(mut self) -> Result<Kept, StorageError> {
        self.writer.shutdown().await.map_err(|error| StorageError::Failed(error.to_string()))?;
        let sha256 = self.hash.finish().as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Kept { bytes: self.bytes, sha256 })
    }

    /// Leaves nothing behind.
    pub(crate) async fn abort(mut self) {
        if let Err(error) = self.writer.abort().await {
            tracing::warn!(%error, "a broken upload may have left pieces in the storage");
        }
    }
}
