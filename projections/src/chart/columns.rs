//! Columns: how many of each, such as calls per day, or waits of each length.

use super::{
    Datum, Look,
    frame::{PLOT, begin, escaped, height, labels, marks, middle, number, slot},
    scale::Scale,
};
use std::fmt::Write;

/// Share of its place that a column takes.
const SHARE: f64 = 0.72;
/// The widest column.
const WIDTH_MAX: f64 = 64.0;

/// The picture.
pub fn columns(data: &[Datum], look: &Look) -> String {
    let mut picture = begin(look);
    let most = data.iter().filter_map(|datum| datum.value).fold(0.0, f64::max);
    let scale = Scale::up_to(most);
    marks(&mut picture, scale);
    labels(&mut picture, data);
    let width = (slot(data.len()) * SHARE).min(WIDTH_MAX);
    let [_, _, _, bottom] = PLOT;
    for (index, datum) in data.iter().enumerate() {
        let Some(value) = datum.value else { continue };
        let (x, y) = (middle(index, data.len()) - width / 2.0, height(scale, value));
        let _ = writeln!(
            picture,
            "<rect class=\"figure\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"><title>{}</title></rect>",
            number(x),
            number(y),
            number(width),
            number(bottom - y),
            number((width / 8.0).min(3.0)),
            escaped(&datum.word),
        );
    }
    picture + "</svg>\n"
}
