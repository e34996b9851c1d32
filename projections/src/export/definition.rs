//! What an export is: columns that are pinned by a version, and a form to write them in.

use super::{
    cell::Cell,
    csv::{Csv, Profile},
    jsonl,
    xlsx::{self, Xlsx},
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
    /// A workbook with times in this zone and headings in this language.
    Xlsx(Tz, Locale),
}

/// What of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole,
    /// What has changed: a column in front says how.
    Changes,
}

/// What has become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new, or stands otherwise: this is how it stands now.
    Set,
    /// It is not there any more; this is how it stood.
    Gone,
}

impl Change {
    /// The column that says it.
    pub const COLUMN: Column = Column { name: "change", headings: ["Change", "Cambio", "Mudança", "Canvi"] };

    /// The name in the column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Gone => "gone",
        }
    }
}

impl Column {
    /// The heading for people. Columns of instants are called so, and say the zone.
    fn heading(&self, zone: Tz, locale: Locale) -> String {
        let heading = self.headings[locale as usize];
        if self.is_of_instants() { format!("{heading} ({zone})") } else { heading.to_owned() }
    }

    fn is_of_instants(&self) -> bool {
        self.name.ends_with("_at")
    }
}

/// Rows of a definition, written in a form.
pub struct Sheet {
    definition: &'static Definition,
    content: Content,
    writer: Writer,
    row: Vec<u8>,
    rows: u64,
}

enum Writer {
    /// Boxed: its tables of bytes are large.
    Csv(Box<Csv>, Profile, Locale),
    JsonLines,
    Xlsx(Box<Xlsx>, Tz, Locale),
}

impl Sheet {
    /// An empty sheet.
    pub fn new(definition: &'static Definition, form: Form, content: Content) -> Self {
        let writer = match form {
            Form::Csv(profile, zone, locale) => Writer::Csv(Box::new(Csv::new(zone, profile)), profile, locale),
            Form::JsonLines => Writer::JsonLines,
            Form::Xlsx(zone, locale) => Writer::Xlsx(Box::new(Xlsx::new(zone)), zone, locale),
        };
        Self { definition, content, writer, row: Vec::new(), rows: 0 }
    }

    /// Rows so far, without the headings.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What stands before the first row.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        let change = (self.content == Content::Changes).then_some(&Change::COLUMN);
        let columns = change.into_iter().chain(self.definition.columns);
        match &mut self.writer {
            Writer::Csv(csv, Profile::Rfc4180, ..) => csv.headings(columns.map(|column| column.name), out),
            Writer::Csv(csv, Profile::Excel, locale) => csv.headings(columns.map(|column| column.headings[*locale as usize]), out),
            Writer::JsonLines => {}
            Writer::Xlsx(xlsx, zone, locale) => {
                let headings: Vec<_> = columns.map(|column| column.heading(*zone, *locale)).collect();
                xlsx.begin(self.definition.name, &headings, out);
            }
        }
    }

    /// A row of the whole.
    pub fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        if !matches!(self.writer, Writer::Xlsx(..)) {
            self.rows += 1;
            return self.render(cells, out);
        }
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        self.render(cells, &mut row);
        self.put(&row, out);
        self.row = row;
    }

    /// The bytes of a row, for [`Self::change`]; the same cells give the same.
    pub fn render(&mut self, cells: &[Cell<'_>], row: &mut Vec<u8>) {
        debug_assert_eq!(cells.len(), self.definition.columns.len(), "a row of {} has a cell for each column", self.definition.name);
        debug_assert!(
            self.definition.columns.iter().zip(cells).all(|(column, cell)| column.is_of_instants() || !matches!(cell, Cell::Instant(_))),
            "columns of instants are called so"
        );
        match &mut self.writer {
            Writer::Csv(csv, ..) => csv.row(cells, row),
            Writer::JsonLines => jsonl::row(self.definition.columns, cells, row),
            Writer::Xlsx(xlsx, ..) => xlsx.row(cells, row),
        }
    }

    /// A row that was rendered, and what has become of it.
    pub fn change(&mut self, change: Change, rendered: &[u8], out: &mut Vec<u8>) {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        let name = change.as_str().as_bytes();
        let (begin, before, behind) = match &self.writer {
            Writer::Csv(..) => ("", "", ","),
            Writer::JsonLines => ("{", "\"change\":\"", "\","),
            Writer::Xlsx(..) => (xlsx::ROW, xlsx::NAME, xlsx::NAME_END),
        };
        for part in [begin.as_bytes(), before.as_bytes(), name, behind.as_bytes(), &rendered[begin.len()..]] {
            row.extend_from_slice(part);
        }
        self.put(&row, out);
        self.row = row;
    }

    fn put(&mut self, row: &[u8], out: &mut Vec<u8>) {
        self.rows += 1;
        match &mut self.writer {
            Writer::Csv(..) | Writer::JsonLines => out.extend_from_slice(row),
            Writer::Xlsx(xlsx, ..) => xlsx.put(row, out),
        }
    }

    /// What stands behind the last row.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if let Writer::Xlsx(xlsx, ..) = &mut self.writer {
            xlsx.end(out);
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
