//! The line that moves while the day goes by: on a terminal only.

use crate::actors::Floor;
use std::{
    io::{IsTerminal, Write},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};

/// How often it moves.
const EVERY: Duration = Duration::from_millis(200);
/// Characters of the bar.
const WIDTH: u32 = 30;

/// Shows it until it is dropped.
#[derive(Debug)]
pub struct Progress(Option<JoinHandle<()>>);

impl Progress {
    /// Begins, where standard error is a terminal.
    pub fn show(floor: &Arc<Floor>, visits: u32) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let floor = floor.clone();
        Self(Some(tokio::spawn(async move {
            let begun = Instant::now();
            loop {
                eprint!("\r{}", line(&floor, visits, begun.elapsed()));
                // Without a line end nothing is written by itself.
                let _ = std::io::stderr().flush();
                tokio::time::sleep(EVERY).await;
            }
        })))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
            eprint!("\r\x1b[K");
        }
    }
}

fn line(floor: &Floor, visits: u32, elapsed: Duration) -> String {
    let of = |count: &std::sync::atomic::AtomicU32| count.load(Ordering::Relaxed);
    let gone = of(&floor.counts.gone);
    let filled = gone * WIDTH / visits.max(1);
    let bar: String = (0..WIDTH).map(|at| if at < filled { '█' } else { '░' }).collect();
    format!(
        "{bar} {gone}/{visits}  {} wait  {} talk  {:.0} s\x1b[K",
        of(&floor.counts.waiting),
        of(&floor.counts.in_session),
        elapsed.as_secs_f64()
    )
}
