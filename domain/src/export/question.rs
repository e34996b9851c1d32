//! What is asked of an export. With the position in it, its answer is the same bytes for ever.

use crate::{locale::Locale, personal::Personal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// In which form a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// CSV for programs.
    Csv,
    /// CSV for people with a spreadsheet.
    CsvExcel,
    /// JSON Lines.
    Jsonl,
    /// A workbook.
    Xlsx,
}

impl Form {
    /// Whether its headings are in a language: those for people are, the others are names for programs.
    pub const fn has_language(self) -> bool {
        matches!(self, Self::CsvExcel | Self::Xlsx)
    }
}

/// A question that is understood: nothing in it depends on when it is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The table.
    pub definition: String,
    /// Version of its columns.
    pub version: u32,
    /// In which form.
    pub form: Form,
    /// The language of the headings, where they are for people.
    pub locale: Locale,
    /// First instant inside.
    pub from: DateTime<Utc>,
    /// First instant outside.
    pub to: DateTime<Utc>,
    /// IANA zone of times in it.
    pub zone: String,
    /// The other filters by their names, but for what names people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, String>,
    /// The text that is looked for: it may be somebody's name. Of the export itself, so that it is not in the log in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Personal<String>>,
    /// What has changed after this position, and not the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// The position that the answer is of.
    pub position: i64,
}
