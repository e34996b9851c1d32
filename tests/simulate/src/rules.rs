//! The account's rules of the floor while the day lasts: the mode that was asked for, and times that fit the day's speed. A
//! shop that lives sixty times as fast cannot leave an offer open for half a minute. Afterwards they are as they were.

use crate::{
    client::{Client, Fault},
    options::Mode,
    pace::Speed,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long an offer stands, by the clock of the day.
const OFFER_S: f64 = 20.0;
/// How long after its begin an appointment is given up, by the clock of the day.
const NO_SHOW_S: f64 = 120.0;
/// The shortest of these times on any day: somebody who means to answer must be able to, on a busy machine too.
const SHORTEST_S: u32 = 2;
/// The grace of lost devices on a day at full speed, in seconds.
const PATIENT_S: u32 = 600;

/// The rules that a day needs to be its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// How work finds a shopper.
    pub mode: Mode,
    /// How long an offer stands.
    offer_timeout_s: u32,
    /// How long after its begin an appointment is given up.
    no_show_s: u32,
    /// How long a lost device may take to come back; for ever, where there is none.
    reconnect_grace_s: Option<u32>,
}

impl Rules {
    /// As the account has them.
    ///
    /// # Errors
    /// When the server does not tell.
    pub async fn of(owner: &Client) -> Result<Self, Fault> {
        let account = owner.get("/v1/account").await?;
        Self::deserialize(&account["routing"]).map_err(|cause| Fault::Missing(format!("rules of the floor, in {account}: {cause}")))
    }

    /// Those of a day like this.
    pub fn of_day(self, mode: Option<Mode>, speed: Speed) -> Self {
        let seconds = |of_day: f64| match speed {
            Speed::Max => SHORTEST_S,
            Speed::Times(times) => ((of_day / times).ceil() as u32).max(SHORTEST_S),
        };
        // Nobody of a day is lost for good, and the books know of no call that is taken from a shopper: at full speed the machine
        // has so much to do that a socket of a killed server may be late.
        let reconnect_grace_s = match speed {
            Speed::Max => self.reconnect_grace_s.map(|grace| grace.max(PATIENT_S)),
            Speed::Times(_) => self.reconnect_grace_s,
        };
        Self { mode: mode.unwrap_or(self.mode), offer_timeout_s: seconds(OFFER_S), no_show_s: seconds(NO_SHOW_S), reconnect_grace_s }
    }

    /// Makes them the account's, where it has others.
    ///
    /// # Errors
    /// When the owner may not.
    pub async fn set(&self, owner: &Client, instead_of: &Self) -> Result<(), Fault> {
        if self != instead_of {
            owner.send("PATCH", "/v1/account", Some(&json!({ "routing": self }))).await?.good()?;
        }
        Ok(())
    }

    /// How long after its begin an appointment is given up.
    pub fn no_show(&self) -> Duration {
        Duration::from_secs(self.no_show_s.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_shrink_with_the_day_and_never_to_nothing() {
        let accounts = Rules { mode: Mode::Push, offer_timeout_s: 30, no_show_s: 900, reconnect_grace_s: Some(30) };
        let times = |speed| {
            let rules = accounts.of_day(None, speed);
            (rules.offer_timeout_s, rules.no_show_s)
        };
        assert_eq!(times(Speed::REAL), (20, 120));
        assert_eq!(times(Speed::Times(10.0)), (2, 12));
        assert_eq!(times(Speed::Max), (2, 2));
        assert_eq!(accounts.of_day(None, Speed::Max).mode, Mode::Push);
        assert_eq!(accounts.of_day(Some(Mode::Pull), Speed::Max).mode, Mode::Pull);
    }
}
