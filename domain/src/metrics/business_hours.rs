//! Elapsed time inside a schedule's hours (PRODUCT.md 5.1, 5.7): evaluated on the wall clock, so that a change of clocks
//! neither adds nor takes an opening hour.

use super::range::{Range, instant};
use crate::{refusal::Refusal, schedule::Schedule, text};
use chrono::{DateTime, Days, TimeDelta, Utc};

/// How much of the range is inside the schedule's hours.
///
/// # Errors
/// [`Refusal::Invalid`] when the schedule's zone is unknown.
pub fn open_time(schedule: &Schedule, range: Range) -> Result<TimeDelta, Refusal> {
    let zone = text::parse_zone("/zone", &schedule.zone)?;
    let last = range.to.with_timezone(&zone).date_naive();
    let mut open = TimeDelta::zero();
    let mut day = Some(range.from.with_timezone(&zone).date_naive());
    while let Some(date) = day.filter(|date| *date <= last) {
        for (from, to) in schedule.windows_on(date) {
            let begin = instant(date.and_time(from), zone).max(range.from);
            let end = instant(date.and_time(to), zone).min(range.to);
            open += (end - begin).max(TimeDelta::zero());
        }
        day = date.checked_add_days(Days::new(1));
    }
    Ok(open)
}

/// How far ahead hours are looked for: ten years.
const DAYS_AHEAD_MAX: u64 = 3_660;

/// The first instant by which so much of the time from `from` on was inside the schedule's hours: what [`open_time`] is the inverse of.
/// `None` where the hours of ten years do not come to it, or the zone is unknown.
pub fn open_until(schedule: &Schedule, from: DateTime<Utc>, within: TimeDelta) -> Option<DateTime<Utc>> {
    let zone = text::parse_zone("/zone", &schedule.zone).ok()?;
    let first = from.with_timezone(&zone).date_naive();
    let mut left = within;
    for date in (0..DAYS_AHEAD_MAX).map_while(|ahead| first.checked_add_days(Days::new(ahead))) {
        for (begin, end) in schedule.windows_on(date) {
            let begin = instant(date.and_time(begin), zone).max(from);
            let open = (instant(date.and_time(end), zone) - begin).max(TimeDelta::zero());
            if open >= left && open > TimeDelta::zero() {
                return Some(begin + left);
            }
            left -= open;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Exception, Window};
    use chrono::NaiveTime;
    use proptest::prelude::*;

    fn time(hour: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
    }

    fn weekdays_nine_to_six() -> Schedule {
        let windows = (1..=5).map(|weekday| Window { weekday, from: time(9), to: time(18) }).collect();
        Schedule { zone: "Europe/Madrid".into(), windows, exceptions: vec![] }
    }

    fn wall(from: &str, to: &str) -> Range {
        let at = |text: &str| instant(text.parse().unwrap(), chrono_tz::Europe::Madrid);
        Range { from: at(from), to: at(to) }
    }

    fn seconds(schedule: &Schedule, from: &str, to: &str) -> i64 {
        open_time(schedule, wall(from, to)).unwrap().num_seconds()
    }

    #[test]
    fn golden_weekend_over_a_change_of_clocks() {
        assert_eq!(seconds(&weekdays_nine_to_six(), "2026-03-27T17:30:00", "2026-03-30T09:20:00"), 3_000);
    }

    #[test]
    fn a_closed_day_has_no_hours() {
        let mut schedule = weekdays_nine_to_six();
        schedule.exceptions.push(Exception { date: "2026-03-30".parse().unwrap(), windows: vec![], yearly: false });
        assert_eq!(seconds(&schedule, "2026-03-30T00:00:00", "2026-03-31T00:00:00"), 0);
    }

    #[test]
    fn a_yearly_exception_comes_back() {
        let mut schedule = weekdays_nine_to_six();
        schedule.exceptions.push(Exception { date: "2020-12-24".parse().unwrap(), windows: vec![(time(9), time(12))], yearly: true });
        assert_eq!(seconds(&schedule, "2026-12-24T00:00:00", "2026-12-25T00:00:00"), 3 * 3_600);
    }

    #[test]
    fn windows_that_overlap_count_once() {
        let mut schedule = weekdays_nine_to_six();
        schedule.windows.push(Window { weekday: 1, from: time(17), to: time(20) });
        assert_eq!(seconds(&schedule, "2026-03-30T00:00:00", "2026-03-31T00:00:00"), 11 * 3_600);
    }

    #[test]
    fn what_is_due_after_an_hour_of_work_is_due_on_monday() {
        let (friday, monday) =
            (wall("2026-03-27T17:30:00", "2026-03-30T09:20:00").from, wall("2026-03-27T17:30:00", "2026-03-30T09:30:00").to);
        assert_eq!(open_until(&weekdays_nine_to_six(), friday, TimeDelta::hours(1)), Some(monday));
        let never = Schedule { zone: "Europe/Madrid".into(), windows: vec![], exceptions: vec![] };
        assert_eq!(open_until(&never, friday, TimeDelta::hours(1)), None);
    }

    proptest! {
        #[test]
        fn the_time_until_then_is_the_time_that_was_asked_for(from in 1_700_000_000_i64..1_800_000_000, seconds in 1_i64..2_592_000) {
            let (schedule, from) = (weekdays_nine_to_six(), DateTime::from_timestamp(from, 0).unwrap());
            let to = open_until(&schedule, from, TimeDelta::seconds(seconds)).unwrap();
            prop_assert_eq!(open_time(&schedule, Range { from, to }).unwrap().num_seconds(), seconds);
            let before = Range { from, to: to - TimeDelta::seconds(1) };
            prop_assert_eq!(open_time(&schedule, before).unwrap().num_seconds(), seconds - 1);
        }
    }

    #[test]
    fn a_schedule_without_hours_is_never_open() {
        let schedule = Schedule { zone: "Europe/Madrid".into(), windows: vec![], exceptions: vec![] };
        assert_eq!(seconds(&schedule, "2026-03-01T00:00:00", "2026-03-31T00:00:00"), 0);
    }
}
