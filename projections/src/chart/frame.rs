//! What all charts have: the picture's head, its colours, the axes with their marks and labels.

use super::{Datum, Look, NIGHT, Theme, WHITE, scale::Scale, seen_on};
use crate::document::plain;
use std::fmt::Write;
use vitrina_domain::account::Colour;

/// Size of the picture, in its own units; it fits any width.
const SIZE: [f64; 2] = [720.0, 300.0];
/// Where figures are drawn: left, top, right, bottom.
pub(super) const PLOT: [f64; 4] = [52.0, 52.0, 704.0, 262.0];
/// Labels under the horizontal axis at most.
const LABELS_MAX: usize = 12;

/// Begins a picture: who it is for those who read by ear, and its colours.
pub(super) fn begin(look: &Look) -> String {
    let mut picture = String::with_capacity(8 * 1024);
    let [width, height] = SIZE;
    let _ = writeln!(
        picture,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t d\" \
         font-family=\"Noto Sans,system-ui,sans-serif\" font-size=\"12\">\n<title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>",
        escaped(&look.title),
        escaped(&look.description),
    );
    let (light, dark) = (rules(look.brand.color, WHITE), rules(look.brand.color, NIGHT));
    let _ = match look.theme {
        Theme::Light => writeln!(picture, "<style>{light}</style>"),
        Theme::Dark => writeln!(picture, "<style>{dark}</style>"),
        Theme::Auto => writeln!(picture, "<style>{light}@media(prefers-color-scheme:dark){{{dark}}}</style>"),
    };
    let _ = writeln!(
        picture,
        "<rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n<text class=\"ink\" x=\"16\" y=\"28\" font-size=\"15\" \
         font-weight=\"600\">{}</text>",
        escaped(&look.title),
    );
    picture
}

fn rules(brand: Colour, ground: Colour) -> String {
    let (ink, quiet, grid) = match ground == WHITE {
        true => ("#16191d", "#5a626b", "#dde1e5"),
        false => ("#eef1f4", "#a3adb8", "#31373e"),
    };
    let figure = seen_on(brand, ground);
    format!(
        ".ground{{fill:{ground}}}.ink{{fill:{ink}}}.quiet{{fill:{quiet}}}.grid{{stroke:{grid}}}.base{{stroke:{quiet}}}\
         .figure{{fill:{figure}}}.path{{fill:none;stroke:{figure};stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}}"
    )
}

/// The vertical axis: a line and a figure at each mark.
pub(super) fn marks(picture: &mut String, scale: Scale) {
    let [left, _, right, _] = PLOT;
    for mark in scale.marks() {
        let y = number(height(scale, mark));
        let class = if mark == 0.0 { "base" } else { "grid" };
        let _ = writeln!(
            picture,
            "<line class=\"{class}\" x1=\"{left}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\"/><text class=\"quiet\" x=\"{}\" y=\"{y}\" \
             text-anchor=\"end\" dy=\".35em\">{}</text>",
            left - 8.0,
            number(mark),
        );
    }
}

/// The horizontal axis: as many labels as there is room for, the first and others at even distances.
pub(super) fn labels(picture: &mut String, data: &[Datum]) {
    let [_, _, _, bottom] = PLOT;
    let every = data.len().div_ceil(LABELS_MAX).max(1);
    for (index, datum) in data.iter().enumerate().step_by(every) {
        let _ = writeln!(
            picture,
            "<text class=\"quiet\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            number(middle(index, data.len())),
            bottom + 20.0,
            escaped(&datum.label),
        );
    }
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

/// A number as short as it is exact enough for a picture.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The text as it stands in XML.
pub(super) fn escaped(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
