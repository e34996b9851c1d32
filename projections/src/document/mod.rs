//! A document for people: words in order, and how they are meant. HTML and PDF are made of the same [`Document`], so that they say
//! the same; whoever writes one knows nothing of fonts, pages or tags.
//!
//! Texts come from outside: [`plain`] takes out what a page must not hold.

mod html;
mod plain;
pub(crate) mod times;
pub(crate) mod word;

pub use html::html;
pub use plain::plain;

use crate::chart::{Picture, Shape};
use chrono_tz::Tz;
use vitrina_domain::{account::Brand, locale::Locale};

/// How something is put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// The language of its own words.
    pub locale: Locale,
    /// The zone of its times.
    pub zone: Tz,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Language of its own words.
    pub locale: Locale,
    /// How the shop looks.
    pub brand: Brand,
    /// Name of the shop.
    pub shop: String,
    /// What kind of document it is: stands beside the shop's name.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// A line under the title: what it covers, and in which zone times are.
    pub subtitle: String,
    /// Stands at the foot of every page.
    pub foot: String,
    /// The word for `page` in `page 1 / 2`.
    pub page: &'static str,
    /// The parts, each with a heading.
    pub sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What is in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// What is known, one by one.
    Facts(Vec<Fact>),
    /// Rows of cells.
    Table(Table),
    /// A heading within the section, such as a day.
    Heading(String),
    /// What somebody said.
    Speech(Speech),
    /// What happened, between what was said.
    Event {
        /// When.
        at: String,
        /// What.
        text: String,
    },
    /// A sentence.
    Text(String),
    /// Figures as a picture, on white.
    Chart(Picture),
}

/// Something that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What is known of it.
    pub value: String,
}

/// Rows of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as wide as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// Its share of the width, beside the others'.
    pub width: f32,
    /// How its cells stand.
    pub align: Align,
}

/// How text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Where its language begins.
    Start,
    /// Figures: at the end.
    End,
}

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The customer's: on the one side.
    Customer,
    /// The house's: on the other.
    House,
    /// Only for the house.
    Private,
    /// Nobody's: an automatic word.
    System,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// Whose words.
    pub voice: Voice,
    /// Who.
    pub who: String,
    /// When.
    pub at: String,
    /// The words.
    pub text: String,
    /// What is to be known of it: a file's hash.
    pub details: Vec<String>,
}

impl Document {
    /// Every text, in the order of reading: what both forms must hold.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![self.shop.as_str(), &self.kind, &self.title, &self.subtitle];
        for section in &self.sections {
            texts.push(&section.title);
            for block in &section.blocks {
                match block {
                    Block::Facts(facts) => texts.extend(facts.iter().flat_map(|fact| [fact.label.as_str(), &fact.value])),
                    Block::Table(table) => {
                        texts.extend(table.columns.iter().map(|column| column.title.as_str()));
                        texts.extend(table.rows.iter().flatten().map(String::as_str));
                    }
                    Block::Heading(text) | Block::Text(text) => texts.push(text),
                    Block::Event { at, text } => texts.extend([at.as_str(), text]),
                    Block::Chart(picture) => {
                        texts.push(&picture.look.title);
                        texts.extend(picture.shapes.iter().filter_map(|shape| match shape {
                            Shape::Text { text, .. } => Some(text.as_str()),
                            _ => None,
                        }));
                    }
                    Block::Speech(speech) => {
                        texts.extend([speech.who.as_str(), &speech.at, &speech.text]);
                        texts.extend(speech.details.iter().map(String::as_str));
                    }
                }
            }
        }
        texts
    }
}
