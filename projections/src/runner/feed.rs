//! Batches of decoded events, read ahead of the fold while there is much to catch up with.

use crate::error::Result;
use std::sync::Arc;
use tokio::task::JoinHandle;
use vitrina_eventlog::{Decoded, EventLog, Position};

/// Events in one batch, at most: by then a transaction's own cost is nothing, and a batch stays a few megabytes.
pub(super) const BATCH_EVENTS_MAX: usize = 1_000;

/// Reads the log from a position on.
pub(super) struct Feed {
    log: EventLog,
    ahead: Option<(Position, JoinHandle<Result<Vec<Decoded>>>)>,
}

impl Feed {
    pub fn new(log: EventLog) -> Self {
        Self { log, ahead: None }
    }

    /// The events after the position, up to `upto`, at most a batch; none when there are none yet. While batches are full,
    /// the next one is read and decoded at the same time as this one is folded.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn after(&mut self, position: Position, upto: Position) -> Result<Vec<Decoded>> {
        let batch = match self.ahead.take() {
            Some((after, reading)) if after == position => match reading.await {
                Ok(batch) => batch?,
                Err(_) => read(self.log.clone(), position).await?,
            },
            _ => read(self.log.clone(), position).await?,
        };
        if batch.len() == BATCH_EVENTS_MAX {
            let next = Position(position.0 + BATCH_EVENTS_MAX as i64);
            self.ahead = Some((next, tokio::spawn(read(self.log.clone(), next))));
        }
        let wanted = batch.iter().take_while(|event| event.recorded.position <= upto).count();
        Ok(if wanted == batch.len() { batch } else { batch.into_iter().take(wanted).collect() })
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some((_, reading)) = self.ahead.take() {
            reading.abort();
        }
    }
}

async fn read(log: EventLog, after: Position) -> Result<Vec<Decoded>> {
    let recorded: Vec<Arc<_>> = log.read(after, BATCH_EVENTS_MAX).await?;
    Ok(log.decode(recorded).await?)
}
