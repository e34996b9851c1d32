//! Weekly hours on the wall clock of an IANA zone, with dated exceptions (PRODUCT.md 5.7, V18).

use crate::{metrics::range::instant, refusal::Refusal, routing::Hours, text};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// One window of a weekday, `[from, to)` on the wall clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// 1 = Monday … 7 = Sunday (ISO 8601).
    pub weekday: u8,
    /// First instant inside.
    pub from: NaiveTime,
    /// First instant outside; later than `from`.
    pub to: NaiveTime,
}

/// A day that differs from the week: closed when it has no window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The day in the schedule's zone.
    pub date: NaiveDate,
    /// Its hours; none means closed.
    pub windows: Vec<(NaiveTime, NaiveTime)>,
    /// Whether it comes back every year.
    #[serde(default)]
    pub yearly: bool,
}

/// When a shopper or a shop is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// IANA zone, such as `Europe/Madrid`.
    pub zone: String,
    /// The week.
    pub windows: Vec<Window>,
    /// Days that differ.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// Windows of a week, or exceptions, at most: more than one for each day of a year.
const ENTRIES_MAX: usize = 400;
/// Days that are looked ahead for the next change: a year and a leap day, by when all that comes back has come back.
const LOOK_AHEAD_DAYS: u64 = 367;

impl Schedule {
    /// Whether the hours can be told: a known zone, weekdays 1–7, windows that end after they begin.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], relative to the schedule.
    pub fn check(&self) -> Result<(), Refusal> {
        text::parse_zone("/zone", &self.zone)?;
        for (list, entries) in [("/windows", self.windows.len()), ("/exceptions", self.exceptions.len())] {
            if entries > ENTRIES_MAX {
                return Err(Refusal::invalid(list, "too_many", format!("at most {ENTRIES_MAX} entries")));
            }
        }
        for (i, window) in self.windows.iter().enumerate() {
            if !(1..=7).contains(&window.weekday) {
                return Err(Refusal::invalid(format!("/windows/{i}/weekday"), "weekday", "1 (Monday) to 7 (Sunday)"));
            }
            if window.from >= window.to {
                return Err(Refusal::invalid(format!("/windows/{i}/to"), "order", "a time later than the begin"));
            }
        }
        for (i, exception) in self.exceptions.iter().enumerate() {
            if exception.windows.len() > ENTRIES_MAX || exception.windows.iter().any(|(from, to)| from >= to) {
                return Err(Refusal::invalid(format!("/exceptions/{i}/windows"), "order", "few windows that end after they begin"));
            }
        }
        Ok(())
    }

    /// Whether the instant is inside the hours. A schedule whose zone is unknown is never open; [`Self::check`] refuses it.
    pub fn open_at(&self, at: DateTime<Utc>) -> Hours {
        let Ok(zone) = text::parse_zone("/zone", &self.zone) else { return Hours::Closed };
        let date = at.with_timezone(&zone).date_naive();
        let mut windows = self.windows_on(date).into_iter();
        let inside = windows.any(|(from, to)| instant(date.and_time(from), zone) <= at && at < instant(date.and_time(to), zone));
        if inside { Hours::Open } else { Hours::Closed }
    }

    /// The next instant after this one at which the hours begin or end; `None` when they never do.
    pub fn next_change(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let zone = text::parse_zone("/zone", &self.zone).ok()?;
        let today = after.with_timezone(&zone).date_naive();
        let now = self.open_at(after);
        let days = (0..LOOK_AHEAD_DAYS).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        let edges = days.flat_map(|date| {
            let windows = self.windows_on(date).into_iter();
            windows.flat_map(move |(from, to)| [from, to].map(|time| instant(date.and_time(time), zone)))
        });
        edges.into_iter().find(|edge| *edge > after && self.open_at(*edge) != now)
    }

    /// The hours of a day: the exception's where there is one (a dated one before a yearly one), else the week's. Windows
    /// that overlap are one.
    pub fn windows_on(&self, date: NaiveDate) -> Vec<(NaiveTime, NaiveTime)> {
        let same_day = |e: &&Exception| e.yearly && (e.date.month(), e.date.day()) == (date.month(), date.day()) && e.date <= date;
        let exception = self.exceptions.iter().find(|e| e.date == date).or_else(|| self.exceptions.iter().find(same_day));
        let mut windows = match exception {
            Some(exception) => exception.windows.clone(),
            None => {
                let weekday = date.weekday().number_from_monday();
                self.windows.iter().filter(|w| u32::from(w.weekday) == weekday).map(|w| (w.from, w.to)).collect()
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Madrid;

    fn wall(text: &str) -> DateTime<Utc> {
        instant(text.parse().unwrap(), Madrid)
    }

    fn nights_and_days() -> Schedule {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let windows =
            (1..=7).flat_map(|weekday| [Window { weekday, from: time(1), to: time(4) }, Window { weekday, from: time(9), to: time(18) }]);
        let closed = Exception { date: "2026-12-25".parse().unwrap(), windows: vec![], yearly: true };
        Schedule { zone: "Europe/Madrid".into(), windows: windows.collect(), exceptions: vec![closed] }
    }

    #[test]
    fn hours_begin_inside_and_end_outside() {
        let hours = nights_and_days();
        assert_eq!(hours.open_at(wall("2026-03-10T09:00:00")), Hours::Open);
        assert_eq!(hours.open_at(wall("2026-03-10T17:59:59")), Hours::Open);
        assert_eq!(hours.open_at(wall("2026-03-10T18:00:00")), Hours::Closed);
        assert_eq!(hours.next_change(wall("2026-03-10T12:00:00")), Some(wall("2026-03-10T18:00:00")));
        assert_eq!(hours.next_change(wall("2026-03-10T18:00:00")), Some(wall("2026-03-11T01:00:00")));
    }

    #[test]
    fn the_wall_clock_counts_when_clocks_change() {
        let hours = nights_and_days();
        // In March the night's three hours are two; in October they are four.
        for (night, hours_long) in [("2026-03-29", 2), ("2026-10-25", 4), ("2026-05-05", 3)] {
            let begin = wall(&format!("{night}T01:00:00"));
            assert_eq!(hours.next_change(begin), Some(begin + chrono::TimeDelta::hours(hours_long)), "{night}");
        }
    }

    #[test]
    fn a_closed_day_is_passed_over() {
        let hours = nights_and_days();
        assert_eq!(hours.open_at(wall("2027-12-25T10:00:00")), Hours::Closed);
        assert_eq!(hours.next_change(wall("2026-12-24T20:00:00")), Some(wall("2026-12-26T01:00:00")));
    }

    #[test]
    fn a_schedule_without_hours_never_changes() {
        let never = Schedule { zone: "Europe/Madrid".into(), windows: vec![], exceptions: vec![] };
        assert_eq!(never.next_change(wall("2026-03-10T12:00:00")), None);
    }
}
