//! The one time range that every list and report uses (PRODUCT.md 5.1): half-open, with a zone for dates without time.

use crate::{refusal::Refusal, text};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First instant inside.
    pub from: DateTime<Utc>,
    /// First instant outside; not before `from`.
    pub to: DateTime<Utc>,
}

/// What the caller asks for: texts as they come in, and what holds when they are absent.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// RFC 3339, or a date: its local midnight. Absent: the first of the current month.
    pub from: Option<&'a str>,
    /// RFC 3339, or a date, which is inside: the local midnight after it. Absent: the first of the month after that of `from`,
    /// or of the current one where that is later.
    pub to: Option<&'a str>,
    /// IANA zone of the dates. Absent: the account's.
    pub tz: Option<&'a str>,
}

impl Range {
    /// The range that is asked for, at the time `now`, by an account in the zone `home`.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] under `/from`, `/to` or `/tz`; `order` when the end is before the begin.
    pub fn resolve(asked: Asked<'_>, home: Tz, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let zone = asked.tz.map_or(Ok(home), |tz| text::parse_zone("/tz", tz))?;
        let from = match asked.from {
            Some(from) => parse("/from", from, Edge::Begin, zone)?,
            None => Self::month_of(now, zone)?.from,
        };
        let to = match asked.to {
            Some(to) => parse("/to", to, Edge::End, zone)?,
            None => Self::month_of(from.max(now), zone)?.to,
        };
        if to < from {
            return Err(Refusal::invalid("/to", "order", "an end that is not before the begin"));
        }
        Ok(Self { from, to })
    }

    /// The calendar month in which `instant` falls in `zone`.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] at the ends of the calendar.
    pub fn month_of(instant: DateTime<Utc>, zone: Tz) -> Result<Self, Refusal> {
        let first = instant.with_timezone(&zone).date_naive().with_day(1).ok_or_else(|| off_the_calendar("/from"))?;
        let next = first.checked_add_months(Months::new(1)).ok_or_else(|| off_the_calendar("/to"))?;
        Ok(Self { from: midnight(first, zone), to: midnight(next, zone) })
    }

    /// A month such as `2026-03` in `zone`; `None` for any other text, and off the calendar.
    pub fn month(text: &str, zone: Tz) -> Option<Self> {
        let is_written_so = text.len() == 7 && text.bytes().enumerate().all(|(at, c)| if at == 4 { c == b'-' } else { c.is_ascii_digit() });
        let first = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok().filter(|first| is_written_so && first.year() > 0)?;
        let next = first.checked_add_months(Months::new(1))?;
        Some(Self { from: midnight(first, zone), to: midnight(next, zone) })
    }

    /// The seven days of `zone` of which `instant` is in the last (PRODUCT.md L16).
    ///
    /// # Errors
    /// [`Refusal::Invalid`] at the ends of the calendar.
    pub fn week_to(instant: DateTime<Utc>, zone: Tz) -> Result<Self, Refusal> {
        let last = instant.with_timezone(&zone).date_naive();
        let first = last.checked_sub_days(Days::new(6)).ok_or_else(|| off_the_calendar("/from"))?;
        let next = last.checked_add_days(Days::new(1)).ok_or_else(|| off_the_calendar("/to"))?;
        Ok(Self { from: midnight(first, zone), to: midnight(next, zone) })
    }

    /// All that lists and files may have: the years 1 to 9999, but for the last day.
    pub fn ever() -> Self {
        let day = |year, month, day| midnight(NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default(), Tz::UTC);
        Self { from: day(1, 1, 1), to: day(9999, 12, 31) }
    }

    /// Whether the instant is inside.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.from <= instant && instant < self.to
    }

    /// How long it is, in elapsed time.
    pub fn duration(&self) -> TimeDelta {
        self.to - self.from
    }
}

#[derive(Clone, Copy)]
enum Edge {
    Begin,
    End,
}

fn parse(field: &'static str, text: &str, edge: Edge, zone: Tz) -> Result<DateTime<Utc>, Refusal> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let date: NaiveDate = text
        .parse()
        .map_err(|_| Refusal::invalid(field, "instant", "a date such as 2026-03-29 or an RFC 3339 instant such as 2026-03-29T09:00:00Z"))?;
    let on_the_calendar = (1..=9999).contains(&date.year());
    let day = match edge {
        Edge::Begin => Some(date),
        Edge::End => date.checked_add_days(Days::new(1)),
    };
    day.filter(|_| on_the_calendar).map(|day| midnight(day, zone)).ok_or_else(|| off_the_calendar(field))
}

fn off_the_calendar(field: &'static str) -> Refusal {
    Refusal::invalid(field, "instant", "a year from 1 to 9999")
}

/// The first instant of the day in the zone.
pub(super) fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    instant(date.and_time(NaiveTime::MIN), zone)
}

/// The instant at which a clock on the wall first shows this time or, where clocks jump over it, the first one after.
pub(crate) fn instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    /// Minutes: the longest jump known is a whole day (Pacific/Apia, 2011-12-30).
    const JUMP_MAX: i64 = 24 * 60;
    let first_shown = |ahead| zone.from_local_datetime(&(wall + TimeDelta::minutes(ahead))).earliest();
    (0..=JUMP_MAX).find_map(first_shown).map_or_else(|| wall.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America::Santiago, Europe::Madrid, Pacific::Apia};
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn resolve(from: Option<&str>, to: Option<&str>, tz: Option<&str>) -> Result<Range, Refusal> {
        Range::resolve(Asked { from, to, tz }, Madrid, at("2026-03-15T12:00:00Z"))
    }

    fn seconds(from: &str, to: &str) -> i64 {
        resolve(Some(from), Some(to), None).unwrap().duration().num_seconds()
    }

    #[test]
    fn golden_months_of_the_product_document() {
        let march = resolve(Some("2026-03-01"), Some("2026-03-31"), None).unwrap();
        assert_eq!((march.from, march.to), (at("2026-02-28T23:00:00Z"), at("2026-03-31T22:00:00Z")));
        assert_eq!(march.duration().num_seconds(), 2_674_800);
        assert_eq!(seconds("2026-10-01", "2026-10-31"), 2_682_000);
    }

    #[test]
    fn a_week_is_seven_days_of_the_zone_the_last_of_which_is_today() {
        let week = Range::week_to(at("2026-03-31T22:30:00Z"), Madrid).unwrap();
        assert_eq!((week.from, week.to), (at("2026-03-25T23:00:00Z"), at("2026-04-01T22:00:00Z")));
    }

    #[test]
    fn golden_days_on_which_clocks_change() {
        assert_eq!(seconds("2026-03-29", "2026-03-29"), 82_800);
        assert_eq!(seconds("2026-10-25", "2026-10-25"), 90_000);
    }

    #[test]
    fn golden_elapsed_time_over_a_change_of_clocks() {
        let wall = |text: &str| instant(text.parse().unwrap(), Madrid);
        let elapsed = wall("2026-03-30T09:20:00") - wall("2026-03-27T17:30:00");
        assert_eq!(elapsed.num_seconds(), 226_200);
    }

    #[test]
    fn without_parameters_it_is_the_current_month_of_the_account() {
        let march = resolve(None, None, None).unwrap();
        assert_eq!((march.from, march.to), (at("2026-02-28T23:00:00Z"), at("2026-03-31T22:00:00Z")));
    }

    #[test]
    fn the_current_month_is_that_of_the_zone_and_not_of_utc() {
        let last_hour_of_march_in_utc = at("2026-03-31T22:30:00Z");
        let range = Range::resolve(Asked { from: None, to: None, tz: None }, Madrid, last_hour_of_march_in_utc).unwrap();
        assert_eq!(range.from, at("2026-03-31T22:00:00Z"));
    }

    #[test]
    fn a_begin_alone_reaches_to_the_end_of_the_current_month() {
        let range = resolve(Some("2026-01-10"), None, None).unwrap();
        assert_eq!((range.from, range.to), (at("2026-01-09T23:00:00Z"), at("2026-03-31T22:00:00Z")));
    }

    #[test]
    fn an_instant_is_taken_as_it_is_and_excludes_its_end() {
        let range = resolve(Some("2026-03-01T10:00:00+02:00"), Some("2026-03-01T09:00:00Z"), None).unwrap();
        assert_eq!((range.from, range.to), (at("2026-03-01T08:00:00Z"), at("2026-03-01T09:00:00Z")));
        assert!(range.contains(range.from) && !range.contains(range.to));
    }

    #[test]
    fn another_zone_can_be_asked_for() {
        let range = resolve(Some("2026-03-01"), Some("2026-03-01"), Some("America/Bogota")).unwrap();
        assert_eq!((range.from, range.to), (at("2026-03-01T05:00:00Z"), at("2026-03-02T05:00:00Z")));
    }

    #[test]
    fn a_midnight_that_clocks_jump_over_is_the_first_instant_of_the_day() {
        let range =
            Range::resolve(Asked { from: Some("2025-09-07"), to: Some("2025-09-07"), tz: None }, Santiago, at("2026-01-01T00:00:00Z"));
        assert_eq!(range.unwrap().duration().num_hours(), 23);
        let skipped: NaiveDate = "2011-12-30".parse().unwrap();
        assert_eq!(midnight(skipped, Apia), midnight("2011-12-31".parse().unwrap(), Apia));
    }

    #[test]
    fn what_is_no_instant_no_zone_or_no_range_is_refused_by_its_field() {
        let refused = |from, to, tz| match resolve(from, to, tz) {
            Err(Refusal::Invalid { field, code, .. }) => (field.into_owned(), code),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(Some("yesterday"), None, None), ("/from".into(), "instant"));
        assert_eq!(refused(None, Some("2026-02-30"), None), ("/to".into(), "instant"));
        assert_eq!(refused(None, Some("+99999-01-01"), None), ("/to".into(), "instant"));
        assert_eq!(refused(None, None, Some("Madrid")), ("/tz".into(), "zone"));
        assert_eq!(refused(Some("2026-03-02"), Some("2026-02-27"), None), ("/to".into(), "order"));
    }

    proptest! {
        #[test]
        fn no_text_from_outside_ends_in_a_panic(from in any::<Option<String>>(), to in any::<Option<String>>(), tz in any::<Option<String>>()) {
            let asked = Asked { from: from.as_deref(), to: to.as_deref(), tz: tz.as_deref() };
            let _ = Range::resolve(asked, Tz::UTC, DateTime::UNIX_EPOCH);
        }

        #[test]
        fn no_date_or_instant_ends_in_a_panic(
            from in "[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?",
            to in "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])",
            seconds in -8_000_000_000_000_i64..8_000_000_000_000,
        ) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            for tz in ["Pacific/Apia", "Europe/Madrid", "America/Sao_Paulo"] {
                let asked = Asked { from: Some(&from), to: Some(&to), tz: Some(tz) };
                let _ = Range::resolve(asked, Tz::UTC, now);
                let _ = Range::resolve(Asked { from: None, to: None, ..asked }, Tz::UTC, now);
            }
        }
    }
}
