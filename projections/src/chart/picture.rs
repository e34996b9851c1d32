//! A picture: shapes in the order in which they are drawn, and what they say. Nothing here knows SVG or paper.

use super::{NIGHT, Theme, WHITE, seen_on};
use vitrina_domain::account::{Brand, Colour};

/// Size of every picture, in its own units; it fits any width.
pub const SIZE: [f64; 2] = [720.0, 300.0];
/// Size of ordinary letters, in the same units.
pub const LETTERS: f64 = 12.0;

/// How it looks, and what it is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Its title.
    pub title: String,
    /// What it shows, in a sentence: for those who do not see it.
    pub description: String,
    /// The ground.
    pub theme: Theme,
    /// The shop's colour.
    pub brand: Brand,
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// How it looks, and what it is called.
    pub look: Look,
    /// What is drawn, in order.
    pub shapes: Vec<Shape>,
}

/// What is drawn. All lengths are in units of [`SIZE`], from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A level line across.
    Rule {
        /// Its ends.
        from: f64,
        /// Its ends.
        to: f64,
        /// How low it is.
        y: f64,
        /// What it is drawn with.
        paint: Paint,
    },
    /// A figure as a column.
    Bar {
        /// Its upper left corner.
        at: [f64; 2],
        /// Width and height.
        size: [f64; 2],
        /// Of its corners.
        radius: f64,
        /// What stands on it when it is pointed at.
        word: String,
    },
    /// A figure as a point.
    Dot {
        /// Its middle.
        at: [f64; 2],
        /// Its radius.
        radius: f64,
        /// What stands on it when it is pointed at.
        word: String,
    },
    /// A line through points.
    Path(Vec<[f64; 2]>),
    /// A label.
    Text {
        /// Where they begin, end or have their middle; the line that they stand on.
        at: [f64; 2],
        /// The words.
        text: String,
        /// Which of these.
        anchor: Anchor,
    },
}

/// What of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Labels and the line of zero.
    Quiet,
    /// The other lines.
    Grid,
}

/// The colours on one ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// The ground.
    pub ground: Colour,
    /// Titles.
    pub ink: Colour,
    /// Labels and the line of zero.
    pub quiet: Colour,
    /// The other lines.
    pub grid: Colour,
    /// Figures: the shop's colour, as far as it can be seen there.
    pub figure: Colour,
}

impl Palette {
    /// On white.
    pub fn light(brand: Brand) -> Self {
        Self {
            ground: WHITE,
            ink: Colour::new(0x16, 0x19, 0x1d),
            quiet: Colour::new(0x5a, 0x62, 0x6b),
            grid: Colour::new(0xdd, 0xe1, 0xe5),
            figure: seen_on(brand.color, WHITE),
        }
    }

    /// On near black.
    pub fn dark(brand: Brand) -> Self {
        Self {
            ground: NIGHT,
            ink: Colour::new(0xee, 0xf1, 0xf4),
            quiet: Colour::new(0xa3, 0xad, 0xb8),
            grid: Colour::new(0x31, 0x37, 0x3e),
            figure: seen_on(brand.color, NIGHT),
        }
    }

    /// What something is drawn with.
    pub const fn of(&self, paint: Paint) -> Colour {
        match paint {
            Paint::Quiet => self.quiet,
            Paint::Grid => self.grid,
        }
    }
}
