//! A picture as SVG: no script, nothing from elsewhere, and no id, so that several stand in one page.

use super::{Anchor, LETTERS, Paint, Palette, Picture, SIZE, Shape, Theme};
use crate::document::plain;
use std::fmt::Write;

impl Picture {
    /// The picture as SVG. The same picture gives the same bytes.
    pub fn svg(&self) -> String {
        let mut out = String::with_capacity(8 * 1024);
        let look = &self.look;
        let [width, height] = SIZE;
        let (title, description) = (escaped(&look.title), escaped(&look.description));
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}. {description}\" \
             font-family=\"Noto Sans,system-ui,sans-serif\" font-size=\"{LETTERS}\">\n<title>{title}</title>\n<desc>{description}</desc>"
        );
        let (light, dark) = (rules(&Palette::light(look.brand)), rules(&Palette::dark(look.brand)));
        let _ = match look.theme {
            Theme::Light => writeln!(out, "<style>{light}</style>"),
            Theme::Dark => writeln!(out, "<style>{dark}</style>"),
            Theme::Auto => writeln!(out, "<style>{light}@media(prefers-color-scheme:dark){{{dark}}}</style>"),
        };
        let _ = writeln!(
            out,
            "<rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n<text class=\"ink\" x=\"16\" y=\"28\" \
             font-size=\"15\" font-weight=\"600\">{title}</text>"
        );
        self.shapes.iter().for_each(|one| shape(&mut out, one));
        out + "</svg>\n"
    }
}

fn rules(palette: &Palette) -> String {
    let Palette { ground, ink, quiet, grid, figure } = palette;
    format!(
        ".ground{{fill:{ground}}}.ink{{fill:{ink}}}.quiet{{fill:{quiet}}}.grid{{stroke:{grid}}}.base{{stroke:{quiet}}}\
         .figure{{fill:{figure}}}.path{{fill:none;stroke:{figure};stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}}"
    )
}

fn shape(out: &mut String, shape: &Shape) {
    let _ = match shape {
        Shape::Rule { from, to, y, paint } => {
            let class = if *paint == Paint::Grid { "grid" } else { "base" };
            let (from, to, y) = (number(*from), number(*to), number(*y));
            writeln!(out, "<line class=\"{class}\" x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\"/>")
        }
        Shape::Bar { at: [x, y], size: [width, height], radius, word } => writeln!(
            out,
            "<rect class=\"figure\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"><title>{}</title></rect>",
            number(*x),
            number(*y),
            number(*width),
            number(*height),
            number(*radius),
            escaped(word),
        ),
        Shape::Dot { at: [x, y], radius, word } => writeln!(
            out,
            "<circle class=\"figure\" cx=\"{}\" cy=\"{}\" r=\"{}\"><title>{}</title></circle>",
            number(*x),
            number(*y),
            number(*radius),
            escaped(word),
        ),
        Shape::Path(points) => {
            let mut path = String::new();
            for (index, [x, y]) in points.iter().enumerate() {
                let _ = write!(path, "{}{} {}", if index == 0 { "M" } else { "L" }, number(*x), number(*y));
            }
            writeln!(out, "<path class=\"path\" d=\"{path}\"/>")
        }
        Shape::Text { at: [x, y], text, anchor } => {
            let anchor = if *anchor == Anchor::Middle { "middle" } else { "end" };
            let (x, y) = (number(*x), number(*y));
            writeln!(out, "<text class=\"quiet\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", escaped(text))
        }
    };
}

/// A number as short as it is exact enough for a picture.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The text as it stands in XML.
fn escaped(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
