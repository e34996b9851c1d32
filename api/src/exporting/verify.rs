//! Whether the file of an export is what its manifest says, and what the list says: counted from the bytes that are in the storage.

use super::{Checked, Question};
use crate::{
    error::Result,
    reading,
    storage::{Key, StorageError},
    wiring::State,
};
use chrono::Utc;
use futures_util::TryStreamExt;
use std::time::Duration;
use vitrina_domain::{account::Invariant, export::Form};
use vitrina_projections::{
    export_jobs::ExportRow,
    integrity::{Breach, listed},
};

/// Rows up to which the list is read beside: a hundred pages. Of what is longer the file is held against its manifest.
const LISTED_MAX: u64 = 20_000;
/// Between two pages of the list, so that nobody is kept waiting for this.
const PAUSE: Duration = Duration::from_millis(50);

/// What of a finished export does not agree.
pub(crate) async fn verify(state: &State, row: &ExportRow) -> Result<Vec<Breach>> {
    let (Some(rows), Some(bytes), Some(sha256)) = (row.rows, row.bytes, &row.sha256) else { return Ok(Vec::new()) };
    let whole = u64::try_from(bytes).unwrap_or_default();
    let (found, is_same) = match read(state, row, whole).await {
        Ok((found, sha)) => (found, sha == *sha256),
        Err(StorageError::Absent) => (Found { bytes: 0, rows: Some(0) }, false),
        Err(error) => return Err(error.problem()),
    };
    let mut compared = vec![("bytes", bytes, found.bytes), ("sha256", 1, i64::from(is_same))];
    compared.extend(found.rows.map(|in_file| ("rows", rows, in_file)));
    if let Some(in_list) = count_listed(state, row).await? {
        compared.push(("list", rows, in_list));
    }
    let differing = compared.into_iter().filter(|(_, expected, found)| expected != found);
    let breach = |(what, expected, found)| {
        let subject = format!("{} {what}", row.export_id);
        Breach { invariant: Invariant::ExportRows, subject, expected, found }
    };
    Ok(differing.map(breach).collect())
}

/// What is in the storage.
struct Found {
    bytes: i64,
    /// Not of a workbook, whose rows are packed.
    rows: Option<i64>,
}

async fn read(state: &State, row: &ExportRow, bytes: u64) -> Result<(Found, String), StorageError> {
    let (mut checking, mut records) = (Checked::begin(), Records::of(row.question.0.form));
    if bytes > 0 {
        // A byte more than there should be, so that a longer one is found.
        let mut pieces = state.storage.read(&Key::export(row.account_id, row.export_id), 0..bytes + 1).await?;
        while let Some(piece) = pieces.try_next().await? {
            checking.add(&piece);
            records.add(&piece);
        }
    }
    let checked = checking.end(0, Utc::now());
    Ok((Found { bytes: i64::try_from(checked.bytes).unwrap_or(i64::MAX), rows: records.rows() }, checked.sha256))
}

/// Counts the rows of a file as it goes by.
struct Records {
    form: Form,
    lines: i64,
    is_quoted: bool,
}

impl Records {
    fn of(form: Form) -> Self {
        Self { form, lines: 0, is_quoted: false }
    }

    /// A quote that is meant stands twice, so that a line ends a row when the quotes before it are even in number (RFC 4180).
    fn add(&mut self, piece: &[u8]) {
        let has_quotes = matches!(self.form, Form::Csv | Form::CsvExcel);
        for byte in piece {
            match byte {
                b'"' if has_quotes => self.is_quoted = !self.is_quoted,
                b'\n' if !self.is_quoted => self.lines += 1,
                _ => {}
            }
        }
    }

    /// Without the headings.
    fn rows(&self) -> Option<i64> {
        match self.form {
            Form::Csv | Form::CsvExcel => Some(self.lines - 1),
            Form::Jsonl => Some(self.lines),
            Form::Xlsx => None,
        }
    }
}

/// The rows of the list that the file was made of; `None` where it cannot be held against one: what has changed since a position is no
/// list, other columns may be other rows, and what was looked for may name a person who was erased since.
async fn count_listed(state: &State, row: &ExportRow) -> Result<Option<i64>> {
    let logged = &row.question.0;
    if logged.since.is_some() || logged.search.is_some() || row.rows.is_none_or(|rows| rows.unsigned_abs() > LISTED_MAX) {
        return Ok(None);
    }
    let Some(question) = Question::from_log(row.account_id, logged).filter(Question::is_current) else { return Ok(None) };
    let (mut rows, mut after) = (0, None);
    while rows <= LISTED_MAX {
        let page = listed(&state.store, row.account_id, question.filter(), question.position, after).await.map_err(reading::problem)?;
        let Some(page) = page else { return Ok(None) };
        rows += u64::try_from(page.rows).unwrap_or(u64::MAX);
        after = page.next;
        if after.is_none() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Some(i64::try_from(rows).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_within_quotes_ends_no_row_wherever_the_pieces_are_cut() {
        let file = b"a,b\r\n\"one\r\n\"\"two\"\"\n\",\"\"\r\nx,\"=1+2\"\";=1+2\"\r\n";
        for cut in 0..file.len() {
            let mut records = Records::of(Form::Csv);
            records.add(&file[..cut]);
            records.add(&file[cut..]);
            assert_eq!(records.rows(), Some(2), "{cut}");
        }
    }
}
