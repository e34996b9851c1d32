//! Shares that add up: largest-remainder rounding to tenths of a percent (PRODUCT.md 5.2, 5.5).

/// Tenths of a percent in the whole.
pub const WHOLE: u32 = 1_000;

/// The share of each part in tenths of a percent; together exactly [`WHOLE`]. `None` when all parts are zero.
///
/// What rounding down leaves over goes to the largest remainders; among equal ones to the earlier part, so that the
/// same parts always give the same shares.
pub fn shares<const N: usize>(parts: [u64; N]) -> Option<[Share; N]> {
    let total: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    if total == 0 {
        return None;
    }
    let scaled = parts.map(|part| u128::from(part) * u128::from(WHOLE));
    let mut tenths = scaled.map(|part| u32::try_from(part / total).expect("a part is at most the whole"));
    let left_over = WHOLE - tenths.iter().sum::<u32>();
    let mut by_remainder: Vec<usize> = (0..N).collect();
    by_remainder.sort_by_key(|&i| std::cmp::Reverse(scaled[i] % total));
    for &i in by_remainder.iter().take(left_over as usize) {
        tenths[i] += 1;
    }
    Some(tenths.map(Share))
}

/// A share of a whole, in tenths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// In tenths of a percent: 333 is 33.3 %.
    pub const fn tenths(self) -> u32 {
        self.0
    }

    /// In percent with one decimal, for display.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

/// An amount in parts that are as these weights, and together the amount: what rounding down leaves over goes to the largest
/// remainders, among equal ones to the earlier. All to the first where no weight is above zero; no parts without weights.
pub fn apportion(amount: i64, weights: &[u64]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if total == 0 {
        return (0..weights.len()).map(|index| if index == 0 { amount } else { 0 }).collect();
    }
    let scaled: Vec<i128> = weights.iter().map(|weight| i128::from(amount.unsigned_abs()) * i128::from(*weight)).collect();
    let mut parts: Vec<i128> = scaled.iter().map(|part| part / total).collect();
    let left_over = i128::from(amount.unsigned_abs()) - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&index| std::cmp::Reverse(scaled[index] % total));
    let left_over = usize::try_from(left_over).expect("less than one for each part is left over");
    by_remainder.into_iter().take(left_over).for_each(|index| parts[index] += 1);
    let sign = i128::from(amount.signum());
    parts.into_iter().map(|part| i64::try_from(part * sign).expect("a part is at most the whole")).collect()
}

/// `numerator / denominator`, rounded to an integer, half away from zero.
pub(super) fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    debug_assert!(denominator > 0, "a count is divided by");
    let doubled = numerator.abs() * 2 + denominator;
    numerator.signum() * (doubled / (denominator * 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tenths<const N: usize>(parts: [u64; N]) -> Option<[u32; N]> {
        shares(parts).map(|shares| shares.map(Share::tenths))
    }

    #[test]
    fn three_equal_parts_add_up_to_a_hundred_percent() {
        assert_eq!(tenths([1, 1, 1]), Some([334, 333, 333]));
    }

    #[test]
    fn what_is_left_over_goes_to_the_largest_remainder() {
        assert_eq!(tenths([1, 2, 4]), Some([143, 286, 571]));
        assert_eq!(tenths([2, 1, 3]), Some([333, 167, 500]));
    }

    #[test]
    fn no_parts_have_no_shares() {
        assert_eq!(tenths([0, 0]), None);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!([(1, 2), (-1, 2), (3, 2), (-3, 2), (1, 3), (-2, 3)].map(|(n, d)| round_half_away(n, d)), [1, -1, 2, -2, 0, -1]);
    }

    #[test]
    fn an_amount_in_parts_is_the_amount() {
        assert_eq!(apportion(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(apportion(-5, &[3, 1]), [-4, -1]);
        assert_eq!(apportion(7, &[0, 0]), [7, 0]);
        assert!(apportion(7, &[]).is_empty());
    }

    proptest! {
        #[test]
        fn no_part_of_an_amount_is_off_by_one(amount in -1_000_000_000_000_i64..1_000_000_000_000, weights in prop::collection::vec(0..1_000_000_u64, 1..6)) {
            let parts = apportion(amount, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            let total: u64 = weights.iter().sum();
            if total > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    prop_assert!((*part as f64 - amount as f64 * (*weight as f64 / total as f64)).abs() < 1.0 + 1e-3);
                }
            }
        }

        #[test]
        fn shares_add_up_and_are_off_by_less_than_a_tenth(parts in prop::array::uniform4(0..u64::MAX)) {
            let total: f64 = parts.iter().map(|p| *p as f64).sum();
            if let Some(shares) = tenths(parts) {
                prop_assert_eq!(shares.iter().sum::<u32>(), WHOLE);
                for (part, share) in parts.iter().zip(shares) {
                    prop_assert!((*part as f64 / total * 1000.0 - f64::from(share)).abs() < 1.0 + 1e-6);
                }
            }
        }

        #[test]
        fn a_larger_part_never_has_a_smaller_share(parts in prop::array::uniform3(0..10_000u64)) {
            if let Some(shares) = tenths(parts) {
                for (a, b) in [(0, 1), (1, 2), (0, 2)] {
                    prop_assert!(parts[a] <= parts[b] || shares[a] >= shares[b]);
                    prop_assert!(parts[b] <= parts[a] || shares[b] >= shares[a]);
                }
            }
        }
    }
}
