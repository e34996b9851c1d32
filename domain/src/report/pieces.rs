//! Time that passes, cut at the quarters of the clock: every zone's offset is a multiple of a quarter of an hour, so hours,
//! days and months of any zone are made of whole pieces, and what is counted for each adds up to the whole exactly.

use crate::metrics::minutes::Interval;

/// Seconds of a quarter of an hour.
pub const QUARTER_S: i64 = 900;
/// Pieces of one interval, at most: a hundred days. What is beyond is one piece.
const PIECES_MAX: usize = 9_600;

/// The interval, in pieces that do not cross a quarter of the clock.
pub fn quarters(interval: Interval) -> Vec<Interval> {
    let mut pieces = Vec::new();
    let mut from = interval.from;
    while from < interval.to {
        let next = (from.div_euclid(QUARTER_S) + 1) * QUARTER_S;
        let to = if pieces.len() + 1 < PIECES_MAX { next.min(interval.to) } else { interval.to };
        pieces.push(Interval { from, to });
        from = to;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_call_over_the_quarter_is_two_pieces() {
        let pieces = quarters(Interval { from: 890, to: 1_000 });
        assert_eq!(pieces, [Interval { from: 890, to: 900 }, Interval { from: 900, to: 1_000 }]);
        assert_eq!(quarters(Interval { from: 900, to: 900 }), []);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_whole(from in -100_000_i64..100_000, length in 0_i64..20_000_000) {
            let whole = Interval { from, to: from + length };
            let pieces = quarters(whole);
            prop_assert_eq!(pieces.iter().map(|piece| piece.seconds()).sum::<i64>(), length);
            prop_assert!(pieces.windows(2).all(|two| two[0].to == two[1].from));
            prop_assert!(pieces.len() <= PIECES_MAX);
        }
    }
}
