//! A line: how a figure moves, such as the NPS over time. Where there is none, the line is broken: nothing is made up between.

use super::{
    Datum, Look,
    frame::{begin, escaped, height, labels, marks, middle, number},
    scale::Scale,
};
use std::fmt::Write;

/// Points up to which each is shown; more would run together.
const DOTS_MAX: usize = 62;

/// The picture, on an axis between these.
pub fn line(data: &[Datum], from: f64, to: f64, look: &Look) -> String {
    let mut picture = begin(look);
    let scale = Scale::between(from, to);
    marks(&mut picture, scale);
    labels(&mut picture, data);
    let place = |index: usize, value: f64| (number(middle(index, data.len())), number(height(scale, value)));
    let mut path = String::new();
    let mut is_drawing = false;
    for (index, datum) in data.iter().enumerate() {
        if let Some(value) = datum.value {
            let (x, y) = place(index, value);
            let _ = write!(path, "{}{x} {y}", if is_drawing { "L" } else { "M" });
        }
        is_drawing = datum.value.is_some();
    }
    if !path.is_empty() {
        let _ = writeln!(picture, "<path class=\"path\" d=\"{path}\"/>");
    }
    let radius = if data.len() <= DOTS_MAX { 3.5 } else { 1.5 };
    for (index, datum) in data.iter().enumerate() {
        let Some(value) = datum.value else { continue };
        let (x, y) = place(index, value);
        let _ = writeln!(
            picture,
            "<circle class=\"figure\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"><title>{}</title></circle>",
            escaped(&datum.word)
        );
    }
    picture + "</svg>\n"
}
