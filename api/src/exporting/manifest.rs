//! By what a file can be checked.

use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write};
use utoipa::ToSchema;

/// What a file is, and by what it can be checked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Manifest {
    /// The table.
    #[schema(example = "calls")]
    pub(super) definition: String,
    /// Version of its columns.
    pub(super) version: u32,
    /// The columns, in order.
    pub(super) columns: Vec<String>,
    /// csv, jsonl or xlsx.
    pub(super) format: String,
    /// Of a CSV: rfc4180 or excel.
    pub(super) profile: Option<String>,
    /// Whether texts that a spreadsheet would take for a formula begin with an apostrophe: in every CSV only. In a workbook texts are
    /// texts by their type.
    pub(super) formula_guard: bool,
    /// First instant inside.
    pub(super) from: DateTime<Utc>,
    /// First instant outside.
    pub(super) to: DateTime<Utc>,
    /// IANA zone.
    pub(super) zone: String,
    /// The language of its headings, where they are for people: en, es, pt or ca, of a workbook and of a CSV for spreadsheets. Give it as
    /// `locale` to have the very same.
    #[schema(example = "es")]
    pub(super) locale: Option<String>,
    /// The other filters.
    pub(super) filters: BTreeMap<String, String>,
    /// Rows, without the headings.
    pub(super) rows: u64,
    /// Length of the file.
    pub(super) bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub(super) sha256: String,
    /// Of what has changed only: after this position. Ask with `position` as `since` for what comes next.
    pub(super) from_position: Option<i64>,
    /// The position that the file is of: give it as `as_of` to have the very same.
    pub(super) position: i64,
    /// When this was counted.
    pub(super) generated_at: DateTime<Utc>,
}

/// What was counted of a file.
pub(crate) struct Checked {
    /// Rows, without the headings.
    pub(crate) rows: u64,
    /// Its length.
    pub(crate) bytes: u64,
    /// Its SHA-256.
    pub(crate) sha256: String,
    /// When.
    pub(crate) generated_at: DateTime<Utc>,
}

/// A file that is being counted.
pub(super) struct Checking {
    bytes: u64,
    hash: Context,
}

impl Checked {
    pub(super) fn begin() -> Checking {
        Checking { bytes: 0, hash: Context::new(&SHA256) }
    }
}

impl Checking {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    pub(super) fn end(self, rows: u64, generated_at: DateTime<Utc>) -> Checked {
        let sha256 = self.hash.finish().as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Checked { rows, bytes: self.bytes, sha256, generated_at }
    }
}
