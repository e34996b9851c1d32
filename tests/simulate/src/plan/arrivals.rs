//! When customers come: more at noon and in the early evening, as shops know it.

use crate::random::Random;

/// How busy each tenth of the day is.
const CURVE: [f64; 10] = [0.5, 0.8, 1.1, 1.3, 0.9, 0.7, 0.9, 1.3, 1.5, 1.0];

/// As many moments of a day of this length as asked for, in seconds from its beginning, in order.
pub fn arrivals(random: &mut Random, count: u32, length_s: f64) -> Vec<f64> {
    let whole: f64 = CURVE.iter().sum();
    let mut moments: Vec<f64> = (0..count).map(|_| length_s * moment(random.unit() * whole)).collect();
    moments.sort_by(f64::total_cmp);
    moments
}

/// The part of the day, from 0 to 1, before which this much of the curve lies.
fn moment(mut share: f64) -> f64 {
    let width = 1.0 / CURVE.len() as f64;
    for (busy, tenth) in CURVE.iter().zip(0_u32..) {
        if share < *busy {
            return width * (f64::from(tenth) + share / busy);
        }
        share -= busy;
    }
    // Only by a rounding of the last sum.
    1.0 - width / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_early_evening_is_three_times_as_busy_as_the_morning() {
        let moments = arrivals(&mut Random::new(1, "arrivals", 0), 10_000, 10.0);
        let within = |from: f64, to: f64| moments.iter().filter(|at| (from..to).contains(*at)).count() as f64;
        let ratio = within(8.0, 9.0) / within(0.0, 1.0);
        assert!((2.5..3.5).contains(&ratio), "{ratio}");
    }
}
