//! Commands of the house itself: what a node, a worker or a manager has to say is given until it is written or refused, under one command
//! id, so that it is written once even when only the answer was lost.

use crate::wiring::State;
use std::time::Duration;
use vitrina_commands::{CommandError, CommandMeta, Failure, Unit};
use vitrina_eventlog::LogError;

/// Pause before it is given again while the log is busy or away.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Gives the command until it is written or refused.
pub(crate) async fn insist(state: &State, meta: &CommandMeta, unit: impl Fn(&mut Unit<'_>) -> Result<(), Failure>) {
    let actor = &meta.actor;
    loop {
        match state.commands.execute(meta, Vec::new(), &unit).await {
            Ok(_) => return,
            Err(error) if passes(&error) => {
                metrics::counter!("vitrina_house_command_retries_total").increment(1);
                tracing::warn!(%error, ?actor, "a command of the house is given again");
            }
            Err(error @ CommandError::Log(_)) => return tracing::error!(%error, ?actor, "a command of the house cannot be written"),
            Err(error) => return tracing::warn!(%error, ?actor, "a command of the house is refused"),
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// Whether time may heal it. What does not decode, or a log that is closed, would hold up whoever insists for ever.
fn passes(error: &CommandError) -> bool {
    match error {
        CommandError::Busy | CommandError::Contended | CommandError::InFlight => true,
        CommandError::Log(LogError::Unavailable(_) | LogError::Database(_)) => true,
        CommandError::Log(LogError::Damaged { .. } | LogError::Undecodable { .. } | LogError::Open(_) | LogError::Closed) => false,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrina_eventlog::Position;

    #[test]
    fn what_time_does_not_heal_is_not_repeated() {
        let of = |error: LogError| passes(&CommandError::Log(error));
        assert!(passes(&CommandError::Busy) && passes(&CommandError::Contended) && passes(&CommandError::InFlight));
        assert!(of(LogError::Unavailable("away".into())) && of(LogError::Database("full".into())));
        let (position, what) = (Position(1), String::new());
        assert!(!of(LogError::Damaged { position, what: what.clone() }) && !of(LogError::Undecodable { position, what }));
        assert!(!of(LogError::Closed) && !passes(&CommandError::KeyReused));
    }
}
