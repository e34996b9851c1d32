//! Files and sockets that this process may have open: as many as the system lets it, of which connections leave enough for the
//! databases, the storage and the media.

use crate::config::Config;

/// Descriptors that are no connections': the databases' files, objects in the storage, recordings, media's sockets.
const OTHERS: u64 = 256;

/// Raises the limit as far as the system allows, and takes no more connections than fit into it.
pub fn within(mut config: Config) -> Config {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => {
            let fitting = connections(limit, config.connections_max);
            if fitting < config.connections_max {
                tracing::warn!(limit, connections_max = fitting, "fewer connections than configured: the system allows few open files");
            }
            config.connections_max = fitting;
        }
        Err(error) => tracing::warn!(%error, "how many files may be open is not known"),
    }
    config
}

/// How many connections fit, of those that are wanted.
fn connections(limit: u64, wanted: usize) -> usize {
    let room = usize::try_from(limit.saturating_sub(OTHERS)).unwrap_or(usize::MAX);
    wanted.min(room.max(1))
}

#[cfg(test)]
mod tests {
    use super::connections;

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        assert_eq!(connections(1_048_576, 25_000), 25_000);
        assert_eq!(connections(1_024, 25_000), 768);
        assert_eq!(connections(100, 25_000), 1);
    }
}
