//! Columns: how many of each, such as calls per day, or waits of each length.

use super::{
    Datum, Look, Picture, Shape,
    frame::{PLOT, height, labels, marks, middle, slot},
    scale::Scale,
};

/// Share of its place that a column takes.
const SHARE: f64 = 0.72;
/// The widest column.
const WIDTH_MAX: f64 = 64.0;

/// The picture.
pub fn columns(data: &[Datum], look: Look) -> Picture {
    let most = data.iter().filter_map(|datum| datum.value).fold(0.0, f64::max);
    let scale = Scale::up_to(most);
    let width = (slot(data.len()) * SHARE).min(WIDTH_MAX);
    let [_, _, _, bottom] = PLOT;
    let bar = |(index, datum): (usize, &Datum)| {
        let (x, y) = (middle(index, data.len()) - width / 2.0, height(scale, datum.value?));
        Some(Shape::Bar { at: [x, y], size: [width, bottom - y], radius: (width / 8.0).min(3.0), word: datum.word.clone() })
    };
    let bars = data.iter().enumerate().filter_map(bar);
    Picture { look, shapes: marks(scale).chain(labels(data)).chain(bars).collect() }
}
