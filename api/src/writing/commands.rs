//! The seam between HTTP and the executor, so that a bench can tell what HTTP alone costs.

use chrono::DateTime;
use vitrina_commands::{CommandError, CommandMeta, Committed, Executor, Failure, Unit};
use vitrina_eventlog::{Position, Version};

/// Who carries commands out.
#[derive(Clone)]
pub enum Commands {
    /// The executor.
    Executor(Executor),
    /// Nobody: answers at once as if it had been done. For benches; no option of the binary leads here.
    Null,
}

impl Commands {
    /// Carries the command out and stores `result` with it, or what `decide` gives the unit in its place.
    pub(crate) async fn execute(
        &self,
        meta: &CommandMeta,
        result: Vec<u8>,
        decide: impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
    ) -> Result<Committed, CommandError> {
        match self {
            Self::Executor(executor) => {
                let decide = |unit: &mut Unit<'_>| {
                    unit.result(result.clone());
                    decide(unit)
                };
                executor.execute(meta, decide).await
            }
            Self::Null => Ok(Committed {
                position: Position(1),
                first_position: Position(1),
                version: Version(1),
                recorded_at: DateTime::UNIX_EPOCH,
                fingerprint: meta.fingerprint,
                result,
                replayed: false,
            }),
        }
    }
}
