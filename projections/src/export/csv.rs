//! CSV as PRODUCT.md 5.8 has it: RFC 4180, UTF-8, a guard against formulas, times in the export's zone.

use super::cell::{Cell, decimals, push_decimal};
use chrono::{DateTime, Datelike, Offset, SecondsFormat, Timelike, Utc};
use chrono_tz::Tz;
use csv_core::{QuoteStyle, WriteResult, Writer, WriterBuilder};

/// For whom the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// People with a spreadsheet: begins with a byte order mark, headings in their language.
    Excel,
    /// Programs: no mark, headings as column names.
    Rfc4180,
}

impl Profile {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excel => "excel",
            Self::Rfc4180 => "rfc4180",
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// First characters with which a spreadsheet takes a text for a formula, or skips to one that is (OWASP, and the full-width ones).
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Between cells.
const DELIMITER: u8 = b',';
/// Between the texts of a list.
const LIST: u8 = b'|';
/// Before a [`LIST`] or an escape that is part of a text.
const ESCAPE: u8 = b'\\';

/// Writes rows as CSV. It keeps no text: a row goes to the end of the buffer that is given with it.
pub struct Csv {
    zone: Tz,
    profile: Profile,
    /// Quotes what needs it.
    plain: Writer,
    /// Quotes always: what was guarded, so that nothing in it can begin a cell of its own.
    quoting: Writer,
    field: Vec<u8>,
}

impl Csv {
    /// Times are shown in this zone.
    pub fn new(zone: Tz, profile: Profile) -> Self {
        let writer = |style| WriterBuilder::new().quote_style(style).build();
        Self { zone, profile, plain: writer(QuoteStyle::Necessary), quoting: writer(QuoteStyle::Always), field: Vec::new() }
    }

    /// The first line, after a byte order mark where the profile has one.
    pub fn headings<'h>(&mut self, headings: impl Iterator<Item = &'h str>, out: &mut Vec<u8>) {
        if self.profile == Profile::Excel {
            out.extend_from_slice(BYTE_ORDER_MARK);
        }
        let cells: Vec<_> = headings.map(Cell::Name).collect();
        self.row(&cells, out);
    }

    /// One line.
    pub fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        let mut field = std::mem::take(&mut self.field);
        for cell in cells {
            if !is_text(cell) {
                // Nothing in it needs quotes.
                self.render(cell, out);
                out.push(DELIMITER);
                continue;
            }
            field.clear();
            self.render(cell, &mut field);
            // Room for every byte to be doubled, two quotes, and what ends the field.
            let begin = out.len();
            out.resize(begin + 2 * field.len() + 8, 0);
            let writer = if is_formula(&field) {
                field.insert(0, b'\'');
                &mut self.quoting
            } else {
                &mut self.plain
            };
            let (result, _, written) = writer.field(&field, &mut out[begin..]);
            debug_assert_eq!(result, WriteResult::InputEmpty, "there was room for all of it");
            let end = begin + written;
            let (_, ended) = writer.delimiter(&mut out[end..]);
            out.truncate(end + ended);
        }
        // In place of the last delimiter: either writer has seen but some of the row.
        out.pop();
        out.extend_from_slice(b"\r\n");
        self.field = field;
    }

    fn render(&self, cell: &Cell<'_>, out: &mut Vec<u8>) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => out.extend_from_slice(text.as_bytes()),
            Cell::Name(name) => out.extend_from_slice(name.as_bytes()),
            Cell::Id(id) => out.extend_from_slice(id.hyphenated().encode_lower(&mut [0; 36]).as_bytes()),
            Cell::Int(number) => push_decimal(out, *number, 0),
            Cell::Amount { minor, currency } => push_decimal(out, *minor, decimals(currency)),
            Cell::Tenths(tenths) => push_decimal(out, *tenths, 1),
            Cell::Instant(at) => push_instant(out, *at, self.zone),
            Cell::Bool(yes) => out.extend_from_slice(if *yes { b"true" } else { b"false" }),
            Cell::List(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    if index > 0 {
                        out.push(LIST);
                    }
                    for byte in text.bytes() {
                        if matches!(byte, LIST | ESCAPE) {
                            out.push(ESCAPE);
                        }
                        out.push(byte);
                    }
                }
            }
            Cell::Each(cells) => {
                for (index, cell) in cells.iter().enumerate() {
                    if index > 0 {
                        out.push(LIST);
                    }
                    self.render(cell, out);
                }
            }
        }
    }
}

const fn is_text(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Text(_) | Cell::List(_) => true,
        // Several numbers are no number any more.
        Cell::Each(cells) => cells.len() > 1,
        _ => false,
    }
}

/// RFC 3339, to the second, with the zone's offset.
fn push_instant(out: &mut Vec<u8>, at: DateTime<Utc>, zone: Tz) {
    let local = at.with_timezone(&zone);
    let (offset_s, year) = (local.offset().fix().local_minus_utc(), local.year());
    let (Ok(year @ 0..=9_999), 0) = (u32::try_from(year), offset_s % 60) else {
        return out.extend_from_slice(local.to_rfc3339_opts(SecondsFormat::Secs, false).as_bytes());
    };
    let (time, offset) = (local.time(), offset_s.unsigned_abs() / 60);
    push_padded(out, year, 4);
    for (before, number) in [(b'-', local.month()), (b'-', local.day()), (b'T', time.hour()), (b':', time.minute()), (b':', time.second())]
    {
        out.push(before);
        push_padded(out, number, 2);
    }
    out.push(if offset_s < 0 { b'-' } else { b'+' });
    push_padded(out, offset / 60, 2);
    out.push(b':');
    push_padded(out, offset % 60, 2);
}

/// A number of so many digits.
fn push_padded(out: &mut Vec<u8>, number: u32, digits: u32) {
    out.extend((0..digits).rev().map(|digit| b'0' + (number / 10_u32.pow(digit) % 10) as u8));
}

fn is_formula(field: &[u8]) -> bool {
    // The longest of them has three bytes.
    let begin = String::from_utf8_lossy(&field[..field.len().min(3)]);
    begin.starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Madrid;
    use proptest::prelude::*;
    use std::borrow::Cow;

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(text))
    }

    fn line(cells: &[Cell<'_>]) -> String {
        let mut out = Vec::new();
        Csv::new(Madrid, Profile::Rfc4180).row(cells, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_golden_formula_is_guarded_and_quoted() {
        assert_eq!(line(&[text("=1+2\";=1+2")]), "\"'=1+2\"\";=1+2\"\r\n");
    }

    #[test]
    fn every_beginning_of_a_formula_is_guarded_in_text_and_no_number_is() {
        for begin in FORMULA {
            let cell = format!("{begin}1");
            assert_eq!(line(&[text(&cell)]), format!("\"'{cell}\"\r\n"));
        }
        assert_eq!(line(&[Cell::Int(-5), Cell::Tenths(-143), Cell::Amount { minor: -5, currency: "EUR" }]), "-5,-14.3,-0.05\r\n");
        assert_eq!(line(&[text("+34 600 000 000"), text("a=b")]), "\"'+34 600 000 000\",a=b\r\n");
        assert_eq!(line(&[Cell::List(vec!["=a".into(), "b".into()])]), "\"'=a|b\"\r\n");
    }

    #[test]
    fn what_needs_quotes_has_them_and_quotes_are_doubled() {
        assert_eq!(
            line(&[text("a,b"), text("say \"yes\""), text("two\r\nlines"), text(" plain ")]),
            "\"a,b\",\"say \"\"yes\"\"\",\"two\r\nlines\", plain \r\n"
        );
    }

    #[test]
    fn instants_carry_the_offset_of_the_zone_at_that_time() {
        let at = |text: &str| Cell::Instant(text.parse().unwrap());
        assert_eq!(
            line(&[at("2026-03-29T00:59:59.9Z"), at("2026-03-29T01:00:00Z")]),
            "2026-03-29T01:59:59+01:00,2026-03-29T03:00:00+02:00\r\n"
        );
    }

    #[test]
    fn lists_are_joined_after_escaping_and_the_unknown_is_empty() {
        assert_eq!(line(&[Cell::List(vec!["a|b".into(), "c\\d".into()]), Cell::Empty, Cell::Bool(true)]), "a\\|b|c\\\\d,,true\r\n");
        assert_eq!(line(&[text("=a"), Cell::Empty]), "\"'=a\",\r\n");
    }

    #[test]
    fn only_the_profile_of_spreadsheets_begins_with_a_byte_order_mark() {
        let begin = |profile| {
            let mut out = Vec::new();
            Csv::new(Tz::UTC, profile).headings(["id", "e-mail"].into_iter(), &mut out);
            out
        };
        assert_eq!(begin(Profile::Rfc4180), b"id,e-mail\r\n");
        assert_eq!(begin(Profile::Excel), b"\xef\xbb\xbfid,e-mail\r\n");
    }

    proptest! {
        #[test]
        fn instants_are_written_as_the_library_of_time_writes_them(micros in -62_000_000_000_000_000_i64..250_000_000_000_000_000) {
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            for zone in [Madrid, chrono_tz::America::Lima, chrono_tz::Asia::Kathmandu] {
                let library = at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false);
                let mut out = Vec::new();
                push_instant(&mut out, at, zone);
                prop_assert_eq!(String::from_utf8(out).unwrap(), library);
            }
        }

        #[test]
        fn what_is_written_is_read_back_and_every_row_has_as_many_fields(rows in proptest::collection::vec(proptest::array::uniform3(any::<String>()), 1..6)) {
            let mut out = Vec::new();
            let mut csv = Csv::new(Tz::UTC, Profile::Rfc4180);
            for row in &rows {
                csv.row(&row.each_ref().map(|field| text(field)), &mut out);
            }
            let mut reader = csv_reader(&out);
            let back: Vec<Vec<String>> = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(back.len(), rows.len());
            for (back, row) in back.iter().zip(&rows) {
                for (back, field) in back.iter().zip(row) {
                    let guarded = field.starts_with(FORMULA);
                    prop_assert_eq!(if guarded { back.strip_prefix('\'').unwrap() } else { back }, field);
                }
            }
        }
    }

    fn csv_reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new().has_headers(false).from_reader(bytes)
    }
}
