//! Waiting for a fact with a deadline. For facts of other processes that cannot notify us; everything else waits on the
//! fact itself.

use std::time::{Duration, Instant};

/// How long between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Looks until `look` finds something, at most for `limit`. `None` when it never did.
pub fn wait_for<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::park_timeout(LOOK_EVERY);
    }
}
