//! CPU time that processes have used, from the kernel's own accounting.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The kernel counts in ticks of a hundredth of a second on every Linux that we run on (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of CPU that a process and all its living children have used, the reaped ones of each included.
///
/// A PostgreSQL backend that ended meanwhile is counted through the postmaster that reaped it.
pub fn seconds_of_tree(pid: u32) -> f64 {
    let mut total = ticks(pid).unwrap_or(0.0);
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(other) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if parent(other) == Some(pid) {
            total += ticks(other).unwrap_or(0.0);
        }
    }
    total / TICKS_PER_SECOND
}

/// User and system time, own and of reaped children.
fn ticks(pid: u32) -> Option<f64> {
    let fields = stat(pid)?;
    // proc(5): utime, stime, cutime and cstime are fields 14 to 17; the first two are not in `fields`.
    fields.get(11..15)?.iter().map(|field| field.parse::<f64>().ok()).sum()
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.get(1)?.parse().ok()
}

/// The fields after the command's name, which may hold anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// CPU time as it was used, moment by moment.
#[derive(Debug, Default)]
pub struct Samples(Vec<(f64, f64)>);

/// Takes samples beside something that runs.
#[derive(Debug)]
pub struct Sampler;

/// Time between two samples: the kernel counts no finer.
const SAMPLED_EVERY: Duration = Duration::from_millis(10);

impl Sampler {
    /// Runs `work` and looks at `used` all the while.
    pub fn beside<T>(used: impl Fn() -> f64 + Sync, work: impl FnOnce() -> T) -> (T, Samples) {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let sampling = scope.spawn(|| {
                let mut samples = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    samples.push((unix_s(), used()));
                    std::thread::park_timeout(SAMPLED_EVERY);
                }
                samples
            });
            let done = work();
            over.store(true, Ordering::Relaxed);
            (done, Samples(sampling.join().expect("looking does not panic")))
        })
    }
}

impl Samples {
    /// What had been used at this moment, in seconds since 1970.
    ///
    /// # Panics
    /// Without a sample.
    pub fn at(&self, unix_s: f64) -> f64 {
        let after = self.0.iter().find(|(at, _)| *at >= unix_s).or(self.0.last());
        after.expect("work takes longer than one sample").1
    }
}

fn unix_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_some_time_and_has_a_parent() {
        let me = std::process::id();
        assert!(seconds_of_tree(me) >= 0.0);
        assert!(parent(me).is_some_and(|parent| parent > 0));
    }
}
