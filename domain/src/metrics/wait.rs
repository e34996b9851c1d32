//! Abandonment and service level (PRODUCT.md 5.7): shares of counts, with nothing left out silently.

use super::share::{Share, shares};

/// Waits that were given up before this many seconds are shown apart: nobody could have come.
pub const SHORT_S: u64 = 10;
/// Within how many seconds a call is answered well, where nothing else is asked for.
pub const ANSWER_WITHIN_S: u64 = 20;

/// Those who gave up among all who were served or gave up; `None` without any.
pub fn abandonment(abandoned: u64, served: u64) -> Option<Share> {
    shares([abandoned, served]).map(|[abandoned, _]| abandoned)
}

/// Those served in time among all who waited; `None` without any.
pub fn service_level(in_time: u64, offered: u64) -> Option<Share> {
    shares([in_time.min(offered), offered.saturating_sub(in_time)]).map(|[in_time, _]| in_time)
}

/// Worked time among the time that was there to work; `None` without any. More work than time is all of it.
pub fn occupancy(worked_s: u64, there_s: u64) -> Option<Share> {
    let worked = worked_s.min(there_s);
    shares([worked, there_s - worked]).map(|[worked, _]| worked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abandonment_counts_those_who_gave_up_among_those_who_were_served_or_gave_up() {
        assert_eq!(abandonment(1, 3).map(Share::tenths), Some(250));
        assert_eq!(abandonment(0, 0), None);
    }

    #[test]
    fn the_service_level_of_the_golden_waits_is_seven_in_ten_within_twenty_seconds() {
        let waits = [4, 5, 7, 8, 9, 12, 15, 30, 601, 3600];
        let in_time = waits.iter().filter(|wait| **wait <= ANSWER_WITHIN_S).count() as u64;
        assert_eq!(service_level(in_time, waits.len() as u64).map(Share::tenths), Some(700));
        assert_eq!(service_level(0, 0), None);
    }

    #[test]
    fn nobody_is_occupied_beyond_the_whole() {
        assert_eq!(occupancy(90, 60).map(Share::tenths), Some(1_000));
        assert_eq!(occupancy(1, 0), None);
        assert_eq!(occupancy(15, 60).map(Share::tenths), Some(250));
    }
}
