//! Percentiles by nearest rank over all values: no cap, no trimming, no interpolation (PRODUCT.md 5.7).

use super::share::round_half_away;

/// What is told of a set of durations, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// How many values.
    pub n: u64,
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// The mean in tenths, half away from zero.
    pub mean_tenths: u64,
    /// Half of the values are at most this.
    pub p50: u64,
    /// Nine in ten are at most this.
    pub p90: u64,
    /// Nineteen in twenty are at most this.
    pub p95: u64,
    /// Ninety-nine in a hundred are at most this.
    pub p99: u64,
}

impl Summary {
    /// Of these values, in any order; `None` when there are none.
    pub fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let (min, max) = (*values.first()?, *values.last()?);
        let rank = |percent| nearest_rank(&values, percent).expect("there is a value");
        Some(Self {
            n: values.len() as u64,
            min,
            max,
            mean_tenths: mean_tenths(&values),
            p50: rank(50),
            p90: rank(90),
            p95: rank(95),
            p99: rank(99),
        })
    }

    /// Of values with how often each is there, every value once, in any order; the same as [`Self::of`] them one by one.
    pub fn tallied(mut tallies: Vec<(u64, u64)>) -> Option<Self> {
        tallies.retain(|(_, count)| *count > 0);
        tallies.sort_unstable();
        let (min, max) = (tallies.first()?.0, tallies.last()?.0);
        let n: u64 = tallies.iter().map(|(_, count)| count).sum();
        let sum: i128 = tallies.iter().map(|(value, count)| i128::from(*value) * i128::from(*count)).sum();
        let rank = |percent: u64| {
            let rank = u128::from(n) * u128::from(percent);
            let mut below = 0;
            let reached = tallies.iter().find(|(_, count)| {
                below += u128::from(*count);
                below * 100 >= rank
            });
            reached.map_or(max, |(value, _)| *value)
        };
        let mean_tenths = u64::try_from(round_half_away(sum * 10, i128::from(n))).unwrap_or(u64::MAX);
        Some(Self { n, min, max, mean_tenths, p50: rank(50), p90: rank(90), p95: rank(95), p99: rank(99) })
    }

    /// The mean with one decimal, for display.
    pub fn mean(&self) -> f64 {
        self.mean_tenths as f64 / 10.0
    }
}

/// The value at rank `⌈percent / 100 × n⌉` of `sorted`; `percent` 1–100. `None` when there is no value.
pub fn nearest_rank(sorted: &[u64], percent: u8) -> Option<u64> {
    let rank = (usize::from(percent) * sorted.len()).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

fn mean_tenths(values: &[u64]) -> u64 {
    let sum: i128 = values.iter().map(|value| i128::from(*value)).sum();
    u64::try_from(round_half_away(sum * 10, values.len() as i128)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_waits_of_the_product_document() {
        let summary = Summary::of(vec![4, 5, 7, 8, 9, 12, 15, 30, 601, 3600]).unwrap();
        assert_eq!((summary.p50, summary.p90, summary.p95), (9, 601, 3600));
        assert_eq!(summary.mean(), 429.1);
        assert_eq!((summary.n, summary.min, summary.max), (10, 4, 3600));
    }

    #[test]
    fn one_value_is_every_percentile() {
        let summary = Summary::of(vec![7]).unwrap();
        assert_eq!((summary.min, summary.p50, summary.p99, summary.max), (7, 7, 7, 7));
    }

    #[test]
    fn no_value_has_no_summary() {
        assert_eq!(Summary::of(vec![]), None);
    }

    proptest! {
        #[test]
        fn a_percentile_is_a_value_that_enough_others_do_not_exceed(values in prop::collection::vec(0..100_000u64, 1..200), percent in 1..=100u8) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let value = nearest_rank(&sorted, percent).unwrap();
            let at_most = sorted.iter().filter(|v| **v <= value).count();
            let below = sorted.iter().filter(|v| **v < value).count();
            prop_assert!(values.contains(&value));
            prop_assert!(at_most * 100 >= usize::from(percent) * sorted.len());
            prop_assert!(below * 100 < usize::from(percent) * sorted.len());
        }

        #[test]
        fn tallies_come_to_the_same_as_the_values_one_by_one(values in prop::collection::vec(0..30u64, 0..300)) {
            let mut tallies = std::collections::BTreeMap::new();
            values.iter().for_each(|value| *tallies.entry(*value).or_insert(0) += 1);
            prop_assert_eq!(Summary::tallied(tallies.into_iter().rev().collect()), Summary::of(values));
        }

        #[test]
        fn the_order_of_the_values_does_not_matter(values in prop::collection::vec(0..1_000u64, 1..50)) {
            let reversed = values.iter().rev().copied().collect();
            prop_assert_eq!(Summary::of(values), Summary::of(reversed));
        }
    }
}
