//! What an export is: columns that are pinned by a version, and a form to write them in.

use super::{
    cell::Cell,
    csv::{Csv, Profile},
    jsonl,
};
use chrono_tz::Tz;
use vitrina_domain::locale::Locale;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name: the key in JSON Lines, the heading for programs.
    pub name: &'static str,
    /// Its heading for people, in English, Spanish, Portuguese and Catalan.
    pub headings: [&'static str; 4],
}

/// A table that can be taken away.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// Rises when the columns or their meaning change.
    pub version: u32,
    /// The columns, in order.
    pub columns: &'static [Column],
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// CSV with times in this zone; headings in this language where the profile is for people.
    Csv(Profile, Tz, Locale),
    /// JSON Lines.
    JsonLines,
}

/// Rows of a definition, written in a form.
pub struct Sheet {
    definition: &'static Definition,
    writer: Writer,
    rows: u64,
}

enum Writer {
    /// Boxed: its tables of bytes are large.
    Csv(Box<Csv>, Profile, Locale),
    JsonLines,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(definition: &'static Definition, form: Form) -> Self {
        let writer = match form {
            Form::Csv(profile, zone, locale) => Writer::Csv(Box::new(Csv::new(zone, profile)), profile, locale),
            Form::JsonLines => Writer::JsonLines,
        };
        Self { definition, writer, rows: 0 }
    }

    /// Rows so far, without the headings.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What stands before the first row.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        if let Writer::Csv(csv, profile, locale) = &mut self.writer {
            let heading = |column: &'static Column| match (*profile, *locale) {
                (Profile::Rfc4180, _) => column.name,
                (Profile::Excel, locale) => column.headings[locale as usize],
            };
            csv.headings(self.definition.columns.iter().map(heading), out);
        }
    }

    /// A row.
    pub fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        debug_assert_eq!(cells.len(), self.definition.columns.len(), "a row of {} has a cell for each column", self.definition.name);
        self.rows += 1;
        match &mut self.writer {
            Writer::Csv(csv, ..) => csv.row(cells, out),
            Writer::JsonLines => jsonl::row(self.definition.columns, cells, out),
        }
    }
}

/// Declares the columns: name, then the headings in the four languages.
macro_rules! columns {
    ($($name:literal: $en:literal, $es:literal, $pt:literal, $ca:literal;)*) => {
        &[$($crate::export::definition::Column { name: $name, headings: [$en, $es, $pt, $ca] }),*]
    };
}
pub(super) use columns;
