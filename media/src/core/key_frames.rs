//! When a sender is asked for a whole picture (PLI, RFC 4585 section 6.3.1).
//!
//! A receiver that joins, changes its layer or has lost too much can begin only at a key frame. Ten receivers that ask at
//! once need one key frame, and every key frame costs all of them bandwidth; one that was asked for and did not come is
//! asked for again.

use std::time::{Duration, Instant};

/// Time between two requests for the same layer: about what a key frame takes there and back on a slow link.
pub const INTERVAL: Duration = Duration::from_millis(300);

/// Requests for one layer of one sender's picture.
#[derive(Debug, Default)]
pub struct KeyFrames {
    wanted: bool,
    asked: Option<Instant>,
}

impl KeyFrames {
    /// Somebody needs a key frame.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame has come: everybody who waited has it.
    pub fn came(&mut self) {
        self.wanted = false;
    }

    /// When the sender is to be asked next; `None` while nobody waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.wanted.then(|| self.asked.map_or(now, |asked| asked + INTERVAL))
    }

    /// Whether the sender is to be asked now for one that nobody waits for: at most once per [`INTERVAL`].
    pub fn ask_once(&mut self, now: Instant) -> Ask {
        self.wanted = true;
        let ask = self.ask(now);
        self.wanted = false;
        ask
    }

    /// Whether the sender is to be asked now; says so once per [`INTERVAL`].
    pub fn ask(&mut self, now: Instant) -> Ask {
        match self.due(now) {
            Some(due) if due <= now => {
                self.asked = Some(now);
                Ask::Now
            }
            _ => Ask::NotNow,
        }
    }
}

/// Whether to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Send a request.
    Now,
    /// Send none.
    NotNow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_who_want_one_ask_once_and_again_while_it_does_not_come() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        assert_eq!(frames.ask(start), Ask::NotNow);
        frames.want();
        frames.want();
        assert_eq!(frames.ask(start), Ask::Now);
        assert_eq!(frames.ask(start + INTERVAL / 2), Ask::NotNow);
        assert_eq!(frames.due(start + INTERVAL / 2), Some(start + INTERVAL));
        assert_eq!(frames.ask(start + INTERVAL), Ask::Now);
        frames.came();
        assert_eq!(frames.due(start + INTERVAL * 3), None);
    }

    #[test]
    fn one_who_comes_right_after_a_key_frame_waits_for_the_interval() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        frames.want();
        frames.ask(start);
        frames.came();
        frames.want();
        assert_eq!(frames.ask(start + INTERVAL / 3), Ask::NotNow);
        assert_eq!(frames.ask(start + INTERVAL), Ask::Now);
    }
}
