//! What a period is compared with: the one before it, and of that as much as has passed of this one (PRODUCT.md 5.1, V36).

use super::range::{Range, instant, midnight};
use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};
use chrono_tz::Tz;

/// How far back the period before lies.
#[derive(Debug, Clone, Copy)]
enum Step {
    Months(u32),
    Days(u64),
    Elapsed(TimeDelta),
}

impl Range {
    /// What it is compared with at the time `now`. A period that begins with a month is compared with as many months before, one of whole
    /// days with as many days before, else as much time before. Where this period ends within its last month, or is not over yet, the
    /// one before ends at the same day and hour: a month to date stands beside the same span of the month before.
    pub fn previous(&self, zone: Tz, now: DateTime<Utc>) -> Self {
        let step = self.step(zone);
        let end = if self.contains(now) { now } else { self.to };
        let from = step.before(self.from, zone).unwrap_or(self.from);
        let to = step.before(end, zone).unwrap_or(self.from);
        Self { from, to: to.clamp(from, self.from.max(from)) }
    }

    fn step(&self, zone: Tz) -> Step {
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let (first, last) = (local(self.from), local(self.to));
        let (begins_a_day, ends_a_day) = (midnight(first, zone) == self.from, midnight(last, zone) == self.to);
        if self.from >= self.to || !begins_a_day {
            return Step::Elapsed(self.duration());
        }
        let whole = (last.year() - first.year()) * 12 + last.month() as i32 - first.month() as i32;
        let ends_a_month = ends_a_day && last.day() == 1;
        match u32::try_from(if ends_a_month { whole } else { whole + 1 }) {
            Ok(months) if first.day() == 1 => Step::Months(months),
            _ if ends_a_day => Step::Days((last - first).num_days().unsigned_abs()),
            _ => Step::Elapsed(self.duration()),
        }
    }
}

impl Step {
    /// The same place in the period before; `None` off the calendar.
    fn before(self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let wall = at.with_timezone(&zone).naive_local();
        let (date, time) = (wall.date(), wall.time());
        let day = match self {
            Self::Elapsed(time) => return at.checked_sub_signed(time),
            Self::Days(days) => date.checked_sub_days(Days::new(days))?,
            Self::Months(months) => {
                let day = date.checked_sub_months(Months::new(months))?;
                if day.day() < date.day() {
                    // That month has no such day: all of it has passed.
                    return day.checked_add_days(Days::new(1)).map(|next| midnight(next, zone));
                }
                day
            }
        };
        Some(instant(day.and_time(time), zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::range::Asked;
    use chrono_tz::Europe::Madrid;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn range(from: &str, to: &str) -> Range {
        Range::resolve(Asked { from: Some(from), to: Some(to), tz: None }, Madrid, at("2026-03-15T12:00:00Z")).unwrap()
    }

    fn previous(from: &str, to: &str, now: &str) -> Range {
        range(from, to).previous(Madrid, at(now))
    }

    /// When all the periods of these tests are over.
    const LATER: &str = "2027-01-01T00:00:00Z";

    #[test]
    fn before_a_month_comes_a_month_before_a_week_a_week_and_before_an_hour_an_hour() {
        let previous = |from, to| previous(from, to, LATER);
        assert_eq!(previous("2026-03-01", "2026-03-31"), range("2026-02-01", "2026-02-28"));
        assert_eq!(previous("2026-01-01", "2026-03-31"), range("2025-10-01", "2025-12-31"));
        assert_eq!(previous("2026-03-30", "2026-04-05"), range("2026-03-23", "2026-03-29"));
        let hour = previous("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
        assert_eq!((hour.from, hour.to), (at("2026-03-01T09:00:00Z"), at("2026-03-01T10:00:00Z")));
        let nothing = previous("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z");
        assert_eq!(nothing.from, nothing.to);
    }

    #[test]
    fn a_month_to_date_stands_beside_the_same_span_of_the_month_before() {
        assert_eq!(previous("2026-03-01", "2026-03-15", LATER), range("2026-02-01", "2026-02-15"));
        assert_eq!(previous("2026-01-01", "2026-03-15", LATER), range("2025-10-01", "2025-12-15"));
        let unfinished = previous("2026-04-01", "2026-04-30", "2026-04-10T07:30:00Z");
        // 9:30 on the wall, which is summer time in both.
        assert_eq!(unfinished.from, range("2026-03-01", "2026-03-31").from);
        assert_eq!(unfinished.to, at("2026-03-10T08:30:00Z"));
    }

    #[test]
    fn what_is_not_over_is_compared_with_as_much_and_never_with_itself() {
        let week = previous("2026-03-09", "2026-03-15", "2026-03-11T11:00:00Z");
        assert_eq!((week.from, week.to), (range("2026-03-02", "2026-03-08").from, at("2026-03-04T11:00:00Z")));
        // February has no 30th: all of it has passed.
        assert_eq!(previous("2026-03-01", "2026-03-31", "2026-03-30T11:00:00Z"), range("2026-02-01", "2026-02-28"));
        assert_eq!(previous("2026-03-01", "2026-03-31", "2026-01-01T00:00:00Z"), range("2026-02-01", "2026-02-28"), "not begun");
    }

    proptest! {
        #[test]
        fn the_period_before_ends_where_this_begins_at_the_latest(
            from in -60_000_000_000_i64..60_000_000_000,
            length in 0_i64..200_000_000,
            now in -60_000_000_000_i64..60_000_000_000,
            is_of_days: bool,
        ) {
            let instant = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            for zone in ["Pacific/Apia", "Europe/Madrid", "America/Santiago"] {
                let zone: Tz = zone.parse().unwrap();
                let day = |at: DateTime<Utc>| if is_of_days { midnight(at.with_timezone(&zone).date_naive(), zone) } else { at };
                let range = Range { from: day(instant(from)), to: day(instant(from + length)) };
                let before = range.previous(zone, instant(now));
                prop_assert!(before.from <= before.to && before.to <= range.from, "{range:?} {before:?}");
            }
        }
    }
}
