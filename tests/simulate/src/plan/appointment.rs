//! Calls for later: who asks for one, when it is, and whether anybody comes.

use crate::random::Random;

/// From the asking to the appointment, in seconds.
const LEAD_S: (u32, u32) = (60, 240);
/// Of a hundred appointments: moved once.
const MOVED_PERCENT: u64 = 25;
/// By how much, in seconds.
const MOVED_BY_S: (u32, u32) = (30, 90);
/// Of a hundred appointments: the customer stays away.
const STAYS_AWAY_PERCENT: u64 = 35;

/// A call for later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appointment {
    /// From the asking to its begin.
    pub lead_s: f64,
    /// By how much it is moved, if it is.
    pub moved_by_s: Option<f64>,
    /// Whether the customer comes.
    pub kept: Kept,
}

/// What becomes of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The customer comes when it is time.
    Comes,
    /// The customer stays away.
    StaysAway,
}

/// An appointment, for so many of a hundred.
pub fn appointment(random: &mut Random, percent: u32) -> Option<Appointment> {
    random.percent(percent.into()).then(|| Appointment {
        lead_s: random.between(LEAD_S.0, LEAD_S.1).into(),
        moved_by_s: random.percent(MOVED_PERCENT).then(|| random.between(MOVED_BY_S.0, MOVED_BY_S.1).into()),
        kept: if random.percent(STAYS_AWAY_PERCENT) { Kept::StaysAway } else { Kept::Comes },
    })
}
