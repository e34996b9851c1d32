//! Charts for pages, mails and paper: pure functions from figures to a picture that says in words what it shows.
//!
//! [`columns`] and [`line`] make a [`Picture`] of shapes; [`Picture::svg`] writes it, and documents print it. It has a title and a
//! description for those who read by ear, and a word on each bar and point.

mod columns;
mod frame;
mod line;
mod picture;
mod scale;
mod svg;

pub use columns::columns;
pub use line::line;
pub use picture::{Anchor, LETTERS, Look, Paint, Palette, Picture, SIZE, Shape};

use vitrina_domain::account::Colour;

/// On what ground it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// On white.
    Light,
    /// On near black.
    Dark,
    /// As whoever looks at it has it.
    #[default]
    Auto,
}

/// A figure with its place on the horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Datum {
    /// What stands under it.
    pub label: String,
    /// The figure; absent where there is none.
    pub value: Option<f64>,
    /// What stands on it when it is pointed at.
    pub word: String,
}

const WHITE: Colour = Colour::new(0xff, 0xff, 0xff);
const NIGHT: Colour = Colour::new(0x14, 0x17, 0x1b);
/// Contrast that parts of a picture need (WCAG 2.2, 1.4.11).
const VISIBLE: f32 = 3.0;

/// The shop's colour, moved towards the other end until it can be seen on this ground.
fn seen_on(colour: Colour, ground: Colour) -> Colour {
    let other = if ground == WHITE { NIGHT } else { WHITE };
    let steps = (0..=10_u8).map(|step| colour.mixed(other, f32::from(step) / 10.0));
    steps.into_iter().find(|mixed| mixed.contrast(ground) >= VISIBLE).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::{Datum, Look, NIGHT, Theme, VISIBLE, WHITE, columns, line, seen_on};
    use proptest::prelude::*;
    use vitrina_domain::account::{Brand, Colour};

    fn look(theme: Theme) -> Look {
        let brand = Brand { color: Colour::new(0x1f, 0x6f, 0x5c) };
        Look { title: "Llamadas por día <&>".into(), description: "33 llamadas en siete días.".into(), theme, brand }
    }

    fn data(values: &[Option<f64>]) -> Vec<Datum> {
        let datum = |(day, value): (usize, &Option<f64>)| Datum {
            label: format!("{}", day + 1),
            value: *value,
            word: format!("{} de noviembre: {}", day + 1, value.map_or_else(|| "–".to_owned(), |value| value.to_string())),
        };
        values.iter().enumerate().map(datum).collect()
    }

    /// Compares with the file, or writes it when `UPDATE_GOLDEN` is set.
    #[track_caller]
    fn golden(name: &str, picture: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/chart/golden").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, picture).expect("the folder is there");
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(known == picture, "{name} has changed; look at it, then UPDATE_GOLDEN=1");
    }

    #[test]
    fn pictures_are_those_that_were_looked_at() {
        let calls = data(&[Some(4.0), Some(7.0), Some(0.0), Some(12.0), None, Some(9.0), Some(1.0)]);
        golden("columns.light.svg", &columns(&calls, look(Theme::Light)).svg());
        golden("columns.dark.svg", &columns(&calls, look(Theme::Dark)).svg());
        golden("columns.empty.svg", &columns(&[], look(Theme::Auto)).svg());
        let nps = data(&[Some(10.0), Some(-20.0), None, Some(55.5), Some(100.0)]);
        golden("line.auto.svg", &line(&nps, -100.0, 100.0, look(Theme::Auto)).svg());
    }

    #[test]
    fn texts_from_outside_stay_texts() {
        let picture = columns(&data(&[Some(1.0)]), look(Theme::Auto)).svg();
        assert!(picture.contains("Llamadas por día &lt;&amp;&gt;"), "{picture}");
    }

    proptest! {
        #[test]
        fn every_colour_is_seen_on_both_grounds(rgb in any::<[u8; 3]>()) {
            for ground in [WHITE, NIGHT] {
                let seen = seen_on(Colour { rgb }, ground);
                prop_assert!(seen.contrast(ground) >= VISIBLE);
            }
        }

        #[test]
        fn any_figures_make_a_picture_with_no_number_that_is_none(values in proptest::collection::vec(proptest::option::of(0.0..1e12_f64), 0..400)) {
            for picture in [columns(&data(&values), look(Theme::Auto)), line(&data(&values), 0.0, 1e12, look(Theme::Auto))].map(|picture| picture.svg()) {
                prop_assert!(!picture.contains("NaN") && !picture.contains("inf"), "{}", picture);
                prop_assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
            }
        }
    }
}
