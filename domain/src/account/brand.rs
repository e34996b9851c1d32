//! How the shop looks: what its documents, and later its pages and mails, are dressed in (PRODUCT.md V12, V16).

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// A colour, as `#rrggbb` in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour {
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

impl Colour {
    /// Of these parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { rgb: [red, green, blue] }
    }

    /// This one with so much of another in it, from 0 to 1.
    pub fn mixed(self, other: Self, share: f32) -> Self {
        let part = |index: usize| {
            let (own, others) = (f32::from(self.rgb[index]), f32::from(other.rgb[index]));
            (own + (others - own) * share.clamp(0.0, 1.0)).round() as u8
        };
        Self { rgb: [part(0), part(1), part(2)] }
    }

    /// Relative luminance from 0 (black) to 1 (white), WCAG 2.2.
    pub fn luminance(self) -> f32 {
        let linear = |part: u8| {
            let part = f32::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.rgb[0]) + 0.7152 * linear(self.rgb[1]) + 0.0722 * linear(self.rgb[2])
    }

    /// How far two colours stand apart, from 1 to 21, WCAG 2.2; text needs 4.5.
    pub fn contrast(self, other: Self) -> f32 {
        let (own, others) = (self.luminance(), other.luminance());
        (own.max(others) + 0.05) / (own.min(others) + 0.05)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.rgb;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl std::str::FromStr for Colour {
    type Err = NotAColour;

    /// Reads `#rrggbb` or `#rgb`.
    fn from_str(text: &str) -> Result<Self, NotAColour> {
        let digits: Vec<u8> =
            text.trim().strip_prefix('#').ok_or(NotAColour)?.chars().map(digit).collect::<Option<_>>().ok_or(NotAColour)?;
        match digits[..] {
            [r, g, b] => Ok(Self::new(r * 17, g * 17, b * 17)),
            [r1, r0, g1, g0, b1, b0] => Ok(Self::new(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0)),
            _ => Err(NotAColour),
        }
    }
}

fn digit(c: char) -> Option<u8> {
    c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A text that names no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is #rrggbb")]
pub struct NotAColour;

impl TryFrom<String> for Colour {
    type Error = NotAColour;

    fn try_from(text: String) -> Result<Self, NotAColour> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

/// The shop's look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brand {
    /// Its colour.
    pub color: Colour,
}

impl Default for Brand {
    /// A quiet ink blue, until the shop says which is its own.
    fn default() -> Self {
        Self { color: Colour::new(0x24, 0x3b, 0x53) }
    }
}

impl Brand {
    /// The brand with what is given in place of what was.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of `/color`.
    pub fn changed(self, color: Option<&str>) -> Result<Self, Refusal> {
        let Some(color) = color else { return Ok(self) };
        Ok(Self { color: color.parse().map_err(|_| Refusal::invalid("/color", "color", "a colour such as #243b53"))? })
    }
}

#[cfg(test)]
mod tests {
    use super::{Brand, Colour};

    #[test]
    fn a_colour_reads_back_as_it_was_written_and_short_ones_are_made_long() {
        for (given, kept) in [("#243b53", "#243b53"), ("#FFF", "#ffffff"), (" #0aF ", "#00aaff")] {
            assert_eq!(given.parse::<Colour>().map(|c| c.to_string()).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for given in ["", "#", "243b53", "#12345", "#12345g", "#1234567", "red", "#é1234"] {
            assert!(Brand::default().changed(Some(given)).is_err(), "{given}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let (black, white) = (Colour::new(0, 0, 0), Colour::new(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 0.01);
        assert!((Colour::new(0x76, 0x76, 0x76).contrast(white) - 4.54).abs() < 0.01);
        assert_eq!(black.mixed(white, 0.5), Colour::new(128, 128, 128));
    }
}
