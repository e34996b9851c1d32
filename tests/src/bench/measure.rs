//! Medians, alternating rounds, and the line that a bench prints.

use crate::engine::Engine;
use serde::Serialize;

/// One line of a bench.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// On which engine.
    pub engine: &'static str,
    /// Ours, in `unit`.
    pub ours: f64,
    /// What it is held against, in `unit`.
    pub limit: f64,
    /// `ours / limit`.
    pub ratio: f64,
    /// `events/s`, `ms` and so on.
    pub unit: &'static str,
}

impl Figure {
    /// A figure and its ratio.
    pub fn new(name: &'static str, engine: Engine, ours: f64, limit: f64, unit: &'static str) -> Self {
        let ratio = three_digits(ours / limit);
        Self { name, engine: engine.name(), ours: three_digits(ours), limit: three_digits(limit), ratio, unit }
    }

    /// Prints it as one JSON object.
    pub fn print(&self) {
        println!("{}", serde_json::to_string(self).expect("numbers and names are JSON"));
    }
}

/// Takes both in turn, `rounds` times each, and gives the medians: (ours, limit). One uncounted round first.
pub fn in_turn(rounds: u32, mut ours: impl FnMut() -> f64, mut limit: impl FnMut() -> f64) -> (f64, f64) {
    let (mut of_ours, mut of_limit) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (one, other) = (limit(), ours());
        eprintln!("  round {round}: ours {other:.1}, limit {one:.1}");
        if round > 0 || rounds == 0 {
            of_limit.push(one);
            of_ours.push(other);
        }
    }
    (median(of_ours), median(of_limit))
}

/// The middle one; the mean of the two in the middle when there is none.
///
/// # Panics
/// When there are no values.
pub fn median(mut values: Vec<f64>) -> f64 {
    assert!(!values.is_empty(), "a median needs values");
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// The median of microseconds, in milliseconds.
pub fn median_ms(micros: &[u32]) -> f64 {
    median(micros.iter().map(|micros| f64::from(*micros)).collect()) / 1000.0
}

fn three_digits(value: f64) -> f64 {
    let digits = if value.abs() >= 100.0 { 1.0 } else { 10_f64.powf(3.0 - value.abs().max(0.001).log10().floor()) };
    (value * digits).round() / digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn a_printed_figure_has_at_least_three_digits() {
        assert_eq!(three_digits(12_345.678), 12_346.0);
        assert_eq!(three_digits(0.123_456), 0.1235);
    }
}
