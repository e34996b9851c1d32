//! XLSX, for people: a workbook that is written as its rows come, so that its size is nobody's memory.
//!
//! It is the least that ECMA-376 asks for: texts stand in their cells, as texts, so none of them is ever a formula; numbers are numbers;
//! instants are dates in the export's zone, which the headings name. Rows and cells carry no place: a row is the same bytes wherever it is.

use super::cell::{Cell, decimals, push_decimal};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use std::{
    fmt::Write as _,
    io::{self, Write},
    sync::{Arc, Mutex},
};
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

/// Rows of a sheet, as spreadsheets have them; the headings are one of them.
const SHEET_ROWS_MAX: u32 = 1_048_576;
/// Bytes of a sheet before they are pressed: an archive without extensions bears four gigabytes.
const SHEET_BYTES_MAX: u64 = 2 << 30;
/// Characters of a cell, in units of UTF-16, as spreadsheets have them.
const TEXT_UNITS_MAX: usize = 32_767;
/// How hard it is pressed: little slower than not at all, and most of what there is to gain.
const PRESSED: i64 = 3;

/// What every row begins with.
pub(super) const ROW: &str = "<row>";
/// Around a name of ours.
pub(super) const NAME: &str = "<c t=\"inlineStr\"><is><t>";
pub(super) const NAME_END: &str = "</t></is></c>";

/// Looks of cells: the order of `cellXfs` in [`STYLES`].
const HEADING: u8 = 1;
const INSTANT: u8 = 2;
const WHOLE: u8 = 3;
const TENTHS: u8 = 4;
const TEXT: u8 = 5;
/// Amounts with 2, 3 and 4 decimals.
const AMOUNTS: [u8; 3] = [6, 7, 8];

const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="4"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="0.0"/><numFmt numFmtId="166" formatCode="0.000"/><numFmt numFmtId="167" formatCode="0.0000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="9"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="167" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Writes a workbook.
pub struct Xlsx {
    zone: Tz,
    zip: Option<ZipWriter<StreamWriter<Pipe>>>,
    pipe: Pipe,
    name: &'static str,
    /// What every sheet begins with.
    head: String,
    sheets: u32,
    rows: u32,
    bytes: u64,
    text: String,
}

/// Where the archive goes until it is taken.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no holder panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Xlsx {
    /// Times are shown in this zone.
    pub fn new(zone: Tz) -> Self {
        let pipe = Pipe::default();
        let zip = Some(ZipWriter::new_stream(pipe.clone()));
        Self { zone, zip, pipe, name: "", head: String::new(), sheets: 0, rows: 0, bytes: 0, text: String::new() }
    }

    /// The begin of the workbook: the first sheet is open.
    pub fn begin(&mut self, name: &'static str, headings: &[String], out: &mut Vec<u8>) {
        self.name = name;
        let _ = write!(
            self.head,
            "{XML}<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <cols><col min=\"1\" max=\"{}\" width=\"22\" customWidth=\"1\"/></cols><sheetData>{ROW}",
            headings.len()
        );
        for heading in headings {
            let _ = write!(self.head, "<c s=\"{HEADING}\" t=\"inlineStr\"><is><t>");
            push_text(&mut self.head, heading);
            self.head.push_str(NAME_END);
        }
        self.head.push_str("</row>");
        self.part("_rels/.rels", RELATIONS);
        self.part("xl/styles.xml", STYLES);
        self.open();
        self.hand_out(out);
    }

    /// The bytes of a row.
    pub fn row(&mut self, cells: &[Cell<'_>], row: &mut Vec<u8>) {
        let mut text = std::mem::take(&mut self.text);
        row.extend_from_slice(ROW.as_bytes());
        for cell in cells {
            text.clear();
            self.render(cell, &mut text);
            row.extend_from_slice(text.as_bytes());
        }
        row.extend_from_slice(b"</row>");
        self.text = text;
    }

    /// Puts a row in; what comes out of it may come later.
    pub fn put(&mut self, row: &[u8], out: &mut Vec<u8>) {
        if self.rows == SHEET_ROWS_MAX || self.bytes > SHEET_BYTES_MAX {
            self.close();
            self.open();
        }
        self.write(row);
        self.rows += 1;
        self.hand_out(out);
    }

    /// The end of the workbook.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.close();
        let (mut types, mut book, mut relations) = (String::new(), String::new(), String::new());
        for n in 1..=self.sheets {
            let name = if n == 1 { self.name.to_owned() } else { format!("{} {n}", self.name) };
            let _ = write!(
                types,
                "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
            let _ = write!(book, "<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>");
            let _ = write!(
                relations,
                "<Relationship Id=\"rId{n}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            );
        }
        let styles = self.sheets + 1;
        self.part(
            "xl/workbook.xml",
            &format!(
                "{XML}<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                 xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>{book}</sheets></workbook>"
            ),
        );
        self.part(
            "xl/_rels/workbook.xml.rels",
            &format!(
                "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}<Relationship \
                 Id=\"rId{styles}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        );
        self.part(
            "[Content_Types].xml",
            &format!(
                "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
                 <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>{types}</Types>"
            ),
        );
        if let Some(zip) = self.zip.take() {
            zip.finish().expect("a buffer takes it all");
        }
        self.hand_out(out);
    }

    fn open(&mut self) {
        self.sheets += 1;
        (self.rows, self.bytes) = (1, 0);
        self.start(&format!("xl/worksheets/sheet{}.xml", self.sheets));
        let head = std::mem::take(&mut self.head);
        self.write(head.as_bytes());
        self.head = head;
    }

    fn close(&mut self) {
        self.write(b"</sheetData></worksheet>");
    }

    fn part(&mut self, name: &str, content: &str) {
        self.start(name);
        self.write(content.as_bytes());
    }

    /// Without a time: the same rows are the same bytes.
    fn start(&mut self, name: &str) {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(PRESSED))
            .last_modified_time(zip::DateTime::default());
        if let Some(zip) = &mut self.zip {
            zip.start_file(name, options).expect("names are ours, and differ");
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if let Some(zip) = &mut self.zip {
            zip.write_all(bytes).expect("a buffer takes it all, and a sheet is within its bounds");
        }
    }

    fn hand_out(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.pipe.0.lock().expect("no holder panics"));
    }

    fn render(&self, cell: &Cell<'_>, out: &mut String) {
        match cell {
            Cell::Empty => out.push_str("<c/>"),
            Cell::Text(text) => {
                push_cell(out, text);
            }
            Cell::Name(name) => {
                out.push_str(NAME);
                push_text(out, name);
                out.push_str(NAME_END);
            }
            Cell::Id(id) => {
                let _ = write!(out, "{NAME}{}{NAME_END}", id.hyphenated());
            }
            Cell::Int(number) => push_number(out, WHOLE, *number, 0),
            Cell::Amount { minor, currency } => {
                let decimals = decimals(currency);
                let look = decimals.checked_sub(2).and_then(|nth| AMOUNTS.get(nth)).copied().unwrap_or(WHOLE);
                push_number(out, look, *minor, decimals);
            }
            Cell::Tenths(tenths) => push_number(out, TENTHS, *tenths, 1),
            Cell::Instant(at) => {
                let _ = write!(out, "<c s=\"{INSTANT}\"><v>{}</v></c>", self.serial(*at));
            }
            Cell::Bool(yes) => {
                let _ = write!(out, "<c t=\"b\"><v>{}</v></c>", u8::from(*yes));
            }
            Cell::List(texts) => push_cell(out, &texts.join(", ")),
            Cell::Each(cells) => match &cells[..] {
                [] => self.render(&Cell::Empty, out),
                [cell] => self.render(cell, out),
                several => push_cell(out, &several.iter().map(Cell::plain).collect::<Vec<_>>().join(", ")),
            },
        }
    }

    /// Days since the last but one of 1899, as spreadsheets count; in whole seconds.
    fn serial(&self, at: DateTime<Utc>) -> f64 {
        let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day").and_time(chrono::NaiveTime::MIN);
        let since: TimeDelta = at.with_timezone(&self.zone).naive_local() - epoch;
        let seconds = since.num_seconds();
        #[allow(clippy::cast_precision_loss, reason = "seconds since 1899 are far below 2^53")]
        let serial = seconds as f64 / 86_400.0;
        serial
    }
}

fn push_number(out: &mut String, look: u8, value: i64, decimals: usize) {
    let mut digits = Vec::new();
    push_decimal(&mut digits, value, decimals);
    let _ = write!(out, "<c s=\"{look}\"><v>{}</v></c>", String::from_utf8_lossy(&digits));
}

/// What people wrote: of the look "text", so that it does not become a formula when somebody edits it either.
fn push_cell(out: &mut String, text: &str) {
    let _ = write!(out, "<c s=\"{TEXT}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    let mut units = 0;
    match text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > TEXT_UNITS_MAX
    }) {
        None => push_text(out, text),
        // JSON Lines have it all.
        Some((end, _)) => push_text(out, &text[..end]),
    }
    out.push_str(NAME_END);
}

/// Text inside XML. What XML cannot hold stands as `_xHHHH_`, and so does an underscore that would be taken for such a beginning.
fn push_text(out: &mut String, text: &str) {
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if text[at..].starts_with("_x") => out.push_str("_x005F_"),
            '\n' | '\t' => out.push(c),
            c if c.is_ascii_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "_x{:04X}_", c as u32);
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Madrid;
    use proptest::prelude::*;
    use std::io::Read;

    fn book(rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
        let (mut xlsx, mut out) = (Xlsx::new(Madrid), Vec::new());
        xlsx.begin("calls", &["Created (Europe/Madrid)".into(), "A & B".into()], &mut out);
        for cells in rows {
            let mut row = Vec::new();
            xlsx.row(cells, &mut row);
            xlsx.put(&row, &mut out);
        }
        xlsx.end(&mut out);
        out
    }

    fn part(book: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(book)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn rows(book: &[u8]) -> String {
        let sheet = part(book, "xl/worksheets/sheet1.xml");
        sheet.split_once("</row>").unwrap().1.trim_end_matches("</sheetData></worksheet>").to_owned()
    }

    #[test]
    fn every_value_has_its_type_and_a_text_is_a_text() {
        let at = "2026-03-29T01:00:00.9Z".parse().unwrap();
        let cells = vec![
            Cell::Text("=1+2".into()),
            Cell::Int(-5),
            Cell::Amount { minor: -5, currency: "EUR" },
            Cell::Amount { minor: 5, currency: "JPY" },
            Cell::Tenths(-143),
            Cell::Instant(at),
            Cell::Bool(true),
            Cell::List(vec!["a".into(), "b".into()]),
            Cell::Empty,
            Cell::Name("set"),
        ];
        assert_eq!(
            rows(&book(&[cells])),
            "<row><c s=\"5\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+2</t></is></c><c s=\"3\"><v>-5</v></c><c s=\"6\"><v>-0.05</v></c>\
             <c s=\"3\"><v>5</v></c><c s=\"4\"><v>-14.3</v></c><c s=\"2\"><v>46110.125</v></c><c t=\"b\"><v>1</v></c>\
             <c s=\"5\" t=\"inlineStr\"><is><t xml:space=\"preserve\">a, b</t></is></c><c/><c t=\"inlineStr\"><is><t>set</t></is></c></row>"
        );
    }

    #[test]
    fn the_same_rows_are_the_same_bytes_and_none_are_headings_only() {
        let row = vec![Cell::Int(1), Cell::Int(2)];
        assert_eq!(book(&[row.clone(), row.clone()]), book(&[row.clone(), row]));
        let empty = book(&[]);
        assert_eq!(rows(&empty), "");
        assert!(part(&empty, "xl/worksheets/sheet1.xml").contains("<t>A &amp; B</t>"));
        assert!(part(&empty, "[Content_Types].xml").contains("/xl/worksheets/sheet1.xml"));
    }

    #[test]
    fn what_is_longer_than_a_cell_is_cut_off() {
        let long = "😀".repeat(TEXT_UNITS_MAX);
        let cut = rows(&book(&[vec![Cell::Text(long.into())]]));
        assert_eq!(cut.matches('😀').count(), TEXT_UNITS_MAX / 2);
    }

    #[test]
    fn what_xml_cannot_hold_is_written_as_spreadsheets_have_it() {
        let mut out = String::new();
        push_text(&mut out, "a\u{1}b\r\n_x0001_<&>\u{ffff}");
        assert_eq!(out, "a_x0001_b_x000D_\n_x005F_x0001_&lt;&amp;&gt;_xFFFF_");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_xml(text in any::<String>()) {
            let mut out = String::new();
            push_text(&mut out, &text);
            let ill = |c: char| c.is_ascii_control() && !matches!(c, '\n' | '\t') || matches!(c, '<' | '>' | '\u{fffe}' | '\u{ffff}');
            prop_assert!(!out.contains(ill));
            prop_assert!(out.split('&').skip(1).all(|rest| ["amp;", "lt;", "gt;"].iter().any(|entity| rest.starts_with(entity))));
        }
    }
}
