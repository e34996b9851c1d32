//! The floor's managers beside the server: where they begin, and their clock.

use crate::writing::Commands;
use chrono::Utc;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use vitrina_commands::process::{Managers, Origin, OriginError, Snapshot};
use vitrina_eventlog::Processes;
use vitrina_projections::{Store, floor};

/// The read model of the floor.
struct Kept(Store);

impl Origin for Kept {
    fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, OriginError>> {
        Box::pin(async {
            match floor::snapshot(&self.0).await {
                Ok(Some(floor::Kept { position, places, activity })) => Ok(Snapshot { position, places, activity }),
                Ok(None) => Err(OriginError("the read model of the floor is being built".to_owned())),
                Err(error) => Err(OriginError(error.chain())),
            }
        })
    }
}

/// Starts the managers; nobody does where there is no executor.
pub(crate) fn start(commands: &Commands, store: &Store, processes: &Processes) -> Option<Managers> {
    let Commands::Executor(executor) = commands else { return None };
    Some(Managers::start(executor.clone(), Arc::new(Kept(store.clone())), Arc::new(Utc::now), processes.living()))
}
