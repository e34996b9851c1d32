//! Plan minutes and the duration of calls (PRODUCT.md 5.13): the same intervals make both, so that bill and report agree.
//!
//! What counts is the union of the instants at which at least one shopper and at least one customer have connected media in
//! the same call while it is live; gaps of at most [`BRIDGED_S`] are bridged. Instants are cut to whole seconds first, so that
//! the parts of anything always add up to the whole.

use super::range::Range;
use crate::call::Side;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// The longest gap that does not interrupt: what a change of network or a reload of the page takes.
pub const BRIDGED_S: i64 = 15;
/// Seconds of a minute.
const MINUTE_S: i64 = 60;

/// `[from, to)`, on whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Begin, in seconds since the epoch.
    pub from: i64,
    /// End, not before the begin.
    pub to: i64,
}

impl Interval {
    /// Between these instants; empty when the end is not after the begin.
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let from = from.timestamp();
        Self { from, to: to.timestamp().max(from) }
    }

    /// How long it is.
    pub const fn seconds(self) -> i64 {
        self.to - self.from
    }

    /// When it begins.
    pub fn begin(self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(self.from)
    }

    /// When it ends.
    pub fn end(self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(self.to)
    }

    fn meet(self, other: Self) -> Option<Self> {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        (from < to).then_some(Self { from, to })
    }
}

/// How seconds become minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Once, over the whole period.
    #[default]
    PerPeriod,
    /// Each call by itself, where the contract says so.
    PerCall,
}

/// The billable intervals of a call: `connected` says who had media when, `live` when the call was live. In order, apart by
/// more than [`BRIDGED_S`].
pub fn billable(connected: &[(Side, Interval)], live: &[Interval]) -> Vec<Interval> {
    let of = |side| union(connected.iter().filter(|(one, _)| *one == side).map(|(_, interval)| *interval), 0);
    let both = common(&of(Side::Shopper), &of(Side::Customer));
    union(common(&both, &union(live.iter().copied(), 0)), BRIDGED_S)
}

/// Somebody's connected media, from when to when; it may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// On which side.
    pub side: Side,
    /// When it was connected.
    pub from: DateTime<Utc>,
    /// When it ended.
    pub to: Option<DateTime<Utc>>,
}

impl Stay {
    fn has(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

/// The first instant at which both sides had media, live or not.
pub fn first_both(stays: &[Stay]) -> Option<DateTime<Utc>> {
    let is_there = |side, at| stays.iter().any(|stay| stay.side == side && stay.has(at));
    stays.iter().map(|stay| stay.from).filter(|at| is_there(Side::Shopper, *at) && is_there(Side::Customer, *at)).min()
}

/// The sum.
pub fn seconds(intervals: &[Interval]) -> i64 {
    intervals.iter().map(|interval| interval.seconds()).sum()
}

/// Minutes of a period from the seconds of its calls.
pub fn minutes(calls: impl IntoIterator<Item = i64>, rounding: Rounding) -> i64 {
    let up = |seconds: i64| (seconds + MINUTE_S - 1).div_euclid(MINUTE_S);
    match rounding {
        Rounding::PerPeriod => up(calls.into_iter().sum()),
        Rounding::PerCall => calls.into_iter().map(up).sum(),
    }
}

/// The seconds of each calendar month in `zone`, by (year, month), split exactly at its border.
pub fn by_month(intervals: &[Interval], zone: Tz) -> BTreeMap<(i32, u32), i64> {
    let mut months = BTreeMap::new();
    for interval in intervals {
        let mut rest = *interval;
        while rest.from < rest.to {
            let local = rest.begin().with_timezone(&zone);
            // At the ends of the calendar there is no next month; no call is there.
            let end = Range::month_of(rest.begin(), zone).map_or(rest.to, |month| month.to.timestamp()).min(rest.to);
            *months.entry((local.year(), local.month())).or_default() += end - rest.from;
            rest.from = end.max(rest.from + 1);
        }
    }
    months
}

/// In order and apart by more than `gap` seconds.
fn union(intervals: impl IntoIterator<Item = Interval>, gap: i64) -> Vec<Interval> {
    let mut sorted: Vec<_> = intervals.into_iter().filter(|interval| interval.from < interval.to).collect();
    sorted.sort_unstable();
    let mut apart: Vec<Interval> = Vec::new();
    for interval in sorted {
        match apart.last_mut() {
            Some(last) if interval.from - last.to <= gap => last.to = last.to.max(interval.to),
            _ => apart.push(interval),
        }
    }
    apart
}

/// What is in both, each of which is in order and without overlap.
fn common(a: &[Interval], b: &[Interval]) -> Vec<Interval> {
    let (mut i, mut j, mut both) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        both.extend(a[i].meet(b[j]));
        if a[i].to < b[j].to { i += 1 } else { j += 1 }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Madrid;
    use proptest::prelude::*;

    fn between(from: i64, to: i64) -> Interval {
        Interval { from, to }
    }

    const ALWAYS: [Interval; 1] = [Interval { from: i64::MIN, to: i64::MAX }];

    fn both(intervals: &[(i64, i64)]) -> Vec<(Side, Interval)> {
        let sides = [Side::Shopper, Side::Customer];
        intervals.iter().flat_map(|(from, to)| sides.map(|side| (side, between(*from, *to)))).collect()
    }

    #[test]
    fn the_golden_calls_make_thirteen_minutes_and_fourteen_when_each_is_rounded() {
        let calls = [61, 59, 1, 600];
        assert_eq!(calls.iter().sum::<i64>(), 721);
        assert_eq!(minutes(calls, Rounding::PerPeriod), 13);
        assert_eq!(minutes(calls, Rounding::PerCall), 14);
    }

    #[test]
    fn the_golden_gap_of_nine_seconds_is_bridged() {
        let intervals = billable(&both(&[(0, 61), (70, 130)]), &ALWAYS);
        assert_eq!((seconds(&intervals), intervals), (130, vec![between(0, 130)]));
    }

    #[test]
    fn a_gap_of_fifteen_seconds_is_bridged_and_one_of_sixteen_is_not() {
        assert_eq!(seconds(&billable(&both(&[(0, 10), (25, 30)]), &ALWAYS)), 30);
        assert_eq!(seconds(&billable(&both(&[(0, 10), (26, 30)]), &ALWAYS)), 14);
    }

    #[test]
    fn one_side_alone_is_free_and_more_of_one_side_do_not_multiply() {
        let alone = [(Side::Shopper, between(0, 500)), (Side::Shopper, between(0, 500))];
        assert_eq!(billable(&alone, &ALWAYS), []);
        let three = [(Side::Shopper, between(0, 100)), (Side::Shopper, between(50, 200)), (Side::Customer, between(10, 150))];
        assert_eq!(billable(&three, &ALWAYS), [between(10, 150)]);
    }

    #[test]
    fn the_lobby_before_the_start_and_what_comes_after_the_end_are_free() {
        assert_eq!(billable(&both(&[(0, 100)]), &[between(40, 90)]), [between(40, 90)]);
        assert_eq!(billable(&both(&[(0, 100)]), &[]), []);
    }

    #[test]
    fn a_month_is_split_at_its_border_in_the_accounts_zone() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        // Midnight in Madrid is at 22:00 UTC in summer.
        let call = Interval::new(at("2026-06-30T21:59:30.9Z"), at("2026-06-30T22:01:00.1Z"));
        assert_eq!(by_month(&[call], Madrid), BTreeMap::from([((2026, 6), 30), ((2026, 7), 60)]));
        assert_eq!(by_month(&[call], Tz::UTC), BTreeMap::from([((2026, 6), 90)]));
    }

    #[test]
    fn the_first_instant_with_both_sides_is_when_the_second_one_came() {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        let stay = |side, from, to: Option<i64>| Stay { side, from: at(from), to: to.map(at) };
        let came = [stay(Side::Customer, 1, Some(2)), stay(Side::Shopper, 3, None), stay(Side::Customer, 5, Some(6))];
        assert_eq!(first_both(&came), Some(at(5)));
        assert_eq!(first_both(&came[..2]), None);
    }

    /// Each second by itself, by the words of the definition.
    fn naive(connected: &[(Side, Interval)], live: &[Interval]) -> Vec<i64> {
        let holds = |side, s: i64| connected.iter().any(|(one, i)| *one == side && i.from <= s && s < i.to);
        let is_live = |s: i64| live.iter().any(|i| i.from <= s && s < i.to);
        let mut counted: Vec<i64> = Vec::new();
        for s in (0..200).filter(|s| is_live(*s) && holds(Side::Shopper, *s) && holds(Side::Customer, *s)) {
            if let Some(last) = counted.last().copied().filter(|last| s - last - 1 <= BRIDGED_S) {
                counted.extend(last + 1..s);
            }
            counted.push(s);
        }
        counted
    }

    proptest! {
        #[test]
        fn every_second_that_counts_by_the_definition_counts_once(
            connected in proptest::collection::vec((any::<bool>(), 0_i64..150, 0_i64..50), 0..8),
            live in proptest::collection::vec((0_i64..150, 0_i64..50), 0..3),
        ) {
            let side = |shopper| if shopper { Side::Shopper } else { Side::Customer };
            let connected: Vec<_> = connected.into_iter().map(|(s, from, length)| (side(s), between(from, from + length))).collect();
            let live: Vec<_> = live.into_iter().map(|(from, length)| between(from, from + length)).collect();
            let intervals = billable(&connected, &live);
            let counted: Vec<_> = intervals.iter().flat_map(|i| i.from..i.to).collect();
            prop_assert_eq!(counted, naive(&connected, &live));
            prop_assert_eq!(by_month(&intervals, Madrid).values().sum::<i64>(), seconds(&intervals));
        }
    }
}
