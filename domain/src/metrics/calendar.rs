//! A range cut at the hours, days, weeks or months of a zone: what reports over time count by. Days have 23, 24 or 25 hours as
//! clocks change, and what is counted for the parts adds up to the whole.

use super::range::{Range, midnight};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

/// How long a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From full hour to full hour.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
}

impl Step {
    /// An instant after `at`, where the next part begins.
    fn after(self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = at.with_timezone(&zone);
        let day = local.date_naive();
        let of = |day: NaiveDate| Some(midnight(day, zone));
        let next = match self {
            Self::Hour => {
                let passed = i64::from(local.minute()) * 60 + i64::from(local.second());
                at.checked_add_signed(TimeDelta::seconds(3_600 - passed) - TimeDelta::nanoseconds(local.nanosecond().into()))
            }
            Self::Day => day.checked_add_days(Days::new(1)).and_then(of),
            Self::Week => day.checked_add_days(Days::new(7 - u64::from(day.weekday().num_days_from_monday()))).and_then(of),
            Self::Month => day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).and_then(of),
        }?;
        // A day that a zone left out ends where it began.
        if next > at { Some(next) } else { self.after(at.checked_add_signed(TimeDelta::days(1))?, zone) }
    }

    /// The parts of the range, the first and the last one clipped; `None` when there are more than `parts_max`.
    pub fn parts(self, range: Range, zone: Tz, parts_max: usize) -> Option<Vec<Range>> {
        let mut parts = Vec::new();
        let mut from = range.from;
        while from < range.to {
            if parts.len() == parts_max {
                return None;
            }
            let to = self.after(from, zone).unwrap_or(range.to).min(range.to);
            parts.push(Range { from, to });
            from = to;
        }
        Some(parts)
    }
}

/// Weekday and hour that clocks of the zone show.
pub fn hour_of_week(at: DateTime<Utc>, zone: Tz) -> (Weekday, u32) {
    let local = at.with_timezone(&zone);
    (local.weekday(), local.hour())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{Australia::Lord_Howe, Europe::Madrid, Pacific::Apia};
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn range(from: &str, to: &str) -> Range {
        Range { from: at(from), to: at(to) }
    }

    #[test]
    fn march_in_madrid_has_thirty_one_days_of_which_one_is_short() {
        let march = range("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
        let days = Step::Day.parts(march, Madrid, 100).unwrap();
        assert_eq!(days.len(), 31);
        assert_eq!(days[28].duration().num_seconds(), 82_800);
        assert_eq!(Step::Hour.parts(march, Madrid, 1_000).unwrap().len(), 31 * 24 - 1);
        assert_eq!(Step::Month.parts(march, Madrid, 1).unwrap(), [march]);
        assert_eq!(Step::Day.parts(march, Madrid, 30), None);
    }

    #[test]
    fn weeks_begin_on_monday_and_the_ends_are_clipped() {
        let weeks = Step::Week.parts(range("2026-03-31T22:00:00Z", "2026-04-07T22:00:00Z"), Madrid, 9).unwrap();
        assert_eq!(weeks.iter().map(|week| week.duration().num_days()).collect::<Vec<_>>(), [5, 2]);
    }

    #[test]
    fn the_hour_of_the_week_is_that_of_the_wall() {
        assert_eq!(hour_of_week(at("2026-03-29T00:59:00Z"), Madrid), (Weekday::Sun, 1));
        assert_eq!(hour_of_week(at("2026-03-29T01:00:00Z"), Madrid), (Weekday::Sun, 3));
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole_without_gap_or_overlap(from in 1_300_000_000_i64..1_900_000_000, hours in 0_i64..2_000) {
            let begin = DateTime::from_timestamp(from, 0).unwrap();
            let whole = Range { from: begin, to: begin + TimeDelta::hours(hours) };
            for zone in [Madrid, Apia, Lord_Howe, Tz::UTC] {
                for step in [Step::Hour, Step::Day, Step::Week, Step::Month] {
                    let parts = step.parts(whole, zone, 10_000).unwrap();
                    prop_assert!(parts.windows(2).all(|two| two[0].to == two[1].from && two[0].from < two[0].to));
                    prop_assert_eq!(parts.first().map_or(whole.from, |part| part.from), whole.from);
                    prop_assert_eq!(parts.last().map_or(whole.to, |part| part.to), whole.to);
                }
            }
        }
    }
}
