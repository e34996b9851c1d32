//! What all charts have: the axes with their marks and labels, and where figures are between them.

use super::{Anchor, Datum, LETTERS, Paint, Shape, scale::Scale, svg::number};

/// Where figures are drawn: left, top, right, bottom.
pub(super) const PLOT: [f64; 4] = [52.0, 52.0, 704.0, 262.0];
/// Labels under the horizontal axis at most.
const LABELS_MAX: usize = 12;
/// From the middle of a digit down to the line that it stands on, in sizes of letters.
const MIDDLE: f64 = 0.35;

/// The vertical axis: a line and a figure at each mark.
pub(super) fn marks(scale: Scale) -> impl Iterator<Item = Shape> {
    let [left, _, right, _] = PLOT;
    scale.marks().flat_map(move |mark| {
        let y = height(scale, mark);
        let paint = if mark == 0.0 { Paint::Quiet } else { Paint::Grid };
        let at = [left - 8.0, y + LETTERS * MIDDLE];
        [Shape::Rule { from: left, to: right, y, paint }, Shape::Text { at, text: number(mark), anchor: Anchor::End }]
    })
}

/// The horizontal axis: as many labels as there is room for, the first and others at even distances.
pub(super) fn labels(data: &[Datum]) -> impl Iterator<Item = Shape> {
    let [_, _, _, bottom] = PLOT;
    let every = data.len().div_ceil(LABELS_MAX).max(1);
    data.iter().enumerate().step_by(every).map(move |(index, datum)| {
        let at = [middle(index, data.len()), bottom + 20.0];
        Shape::Text { at, text: datum.label.clone(), anchor: Anchor::Middle }
    })
}

/// The middle of a figure's place on the horizontal axis.
pub(super) fn middle(index: usize, count: usize) -> f64 {
    let [left, _, right, _] = PLOT;
    (left + slot(count) * (index as f64 + 0.5)).min(right)
}

/// The room of one figure on the horizontal axis.
pub(super) fn slot(count: usize) -> f64 {
    let [left, _, right, _] = PLOT;
    (right - left) / count.max(1) as f64
}

/// How high a figure stands.
pub(super) fn height(scale: Scale, value: f64) -> f64 {
    let [_, top, _, bottom] = PLOT;
    bottom - (bottom - top) * scale.place(value)
}
