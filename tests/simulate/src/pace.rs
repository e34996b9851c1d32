//! How fast the day goes by: as fast as the server can, or so many times as fast as the clock.

use std::{str::FromStr, time::Duration};
use tokio::time::Instant;

/// A multiple of real time, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// Nobody ever pauses.
    Max,
    /// One second takes one second divided by this.
    Times(f64),
}

impl Speed {
    /// As fast as the clock.
    pub const REAL: Self = Self::Times(1.0);
}

/// A speed that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("expected max, real, or how many times as fast as the clock, such as 60")]
pub struct NoSpeed;

impl FromStr for Speed {
    type Err = NoSpeed;

    fn from_str(text: &str) -> Result<Self, NoSpeed> {
        match text {
            "max" => Ok(Self::Max),
            "real" => Ok(Self::REAL),
            number => {
                let times = number.parse::<f64>().map_err(|_| NoSpeed)?;
                if times.is_finite() && times > 0.0 { Ok(Self::Times(times)) } else { Err(NoSpeed) }
            }
        }
    }
}

/// The clock of the day.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    speed: Speed,
    opened: Instant,
}

impl Pace {
    /// The shop opens now.
    pub fn begin(speed: Speed) -> Self {
        Self { speed, opened: Instant::now() }
    }

    /// Whether the day is played without pauses.
    pub fn is_unpaced(&self) -> bool {
        self.speed == Speed::Max
    }

    /// How long this many seconds of the day take.
    pub fn length(&self, seconds: f64) -> Duration {
        match self.speed {
            Speed::Max => Duration::ZERO,
            Speed::Times(times) => Duration::from_secs_f64((seconds / times).max(0.0)),
        }
    }

    /// Lets this many seconds of the day go by.
    pub async fn pause(&self, seconds: f64) {
        match self.speed {
            // Everybody else gets a turn, so that the order of the day is mixed here too.
            Speed::Max => tokio::task::yield_now().await,
            Speed::Times(_) => tokio::time::sleep(self.length(seconds)).await,
        }
    }

    /// Waits for this second of the day.
    pub async fn until(&self, second: f64) {
        if let Speed::Times(_) = self.speed {
            tokio::time::sleep_until(self.opened + self.length(second)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_max_real_or_a_multiple() {
        assert_eq!("max".parse::<Speed>().unwrap(), Speed::Max);
        assert_eq!("real".parse::<Speed>().unwrap(), Speed::Times(1.0));
        assert_eq!("60".parse::<Speed>().unwrap(), Speed::Times(60.0));
        for nonsense in ["0", "-1", "fast", "inf", ""] {
            assert!(nonsense.parse::<Speed>().is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_minute_at_sixtyfold_takes_a_second() {
        assert_eq!(Pace::begin(Speed::Times(60.0)).length(60.0), Duration::from_secs(1));
        assert_eq!(Pace::begin(Speed::Max).length(60.0), Duration::ZERO);
    }
}
