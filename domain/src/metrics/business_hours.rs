//! Elapsed time inside a schedule's hours (PRODUCT.md 5.1, 5.7): evaluated on the wall clock, so that a change of clocks
//! neither adds nor takes an opening hour.

use super::range::{Range, instant};
use crate::{
    refusal::Refusal,
    schedule::{Exception, Schedule},
    text,
};
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta};

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
        for (from, to) in windows_of(schedule, date) {
            let begin = instant(date.and_time(from), zone).max(range.from);
            let end = instant(date.and_time(to), zone).min(range.to);
            open += (end - begin).max(TimeDelta::zero());
        }
        day = date.checked_add_days(Days::new(1));
    }
    Ok(open)
}

/// The hours of a day: the exception's where there is one (a dated one before a yearly one), else the week's. Windows
/// that overlap are one.
fn windows_of(schedule: &Schedule, date: NaiveDate) -> Vec<(NaiveTime, NaiveTime)> {
    let same_day = |e: &&Exception| e.yearly && (e.date.month(), e.date.day()) == (date.month(), date.day()) && e.date <= date;
    let exceptions = &schedule.exceptions;
    let exception = exceptions.iter().find(|e| e.date == date).or_else(|| exceptions.iter().find(same_day));
    let mut windows = match exception {
        Some(exception) => exception.windows.clone(),
        None => {
            let weekday = date.weekday().number_from_monday();
            schedule.windows.iter().filter(|w| u32::from(w.weekday) == weekday).map(|w| (w.from, w.to)).collect()
        }
    };
    windows.sort_unstable();
    windows.into_iter().fold(Vec::new(), |mut joined: Vec<(NaiveTime, NaiveTime)>, (from, to)| {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
        joined
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Window;

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
    fn a_schedule_without_hours_is_never_open() {
        let schedule = Schedule { zone: "Europe/Madrid".into(), windows: vec![], exceptions: vec![] };
        assert_eq!(seconds(&schedule, "2026-03-01T00:00:00", "2026-03-31T00:00:00"), 0);
    }
}
