//! What a request says of an export, before it is known what it means.

use crate::{
    error::{ApiError, Result},
    reading::ReadAt,
    routes::named,
};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrina_projections::table::Field;

/// What was said.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) format: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) locale: Option<String>,
    /// The languages that the client takes.
    pub(crate) accepted: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) tz: Option<String>,
    pub(crate) since: Option<i64>,
    pub(crate) at: ReadAt,
    pub(crate) filters: Filters,
}

/// Filters by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters(pub(crate) BTreeMap<String, String>);

/// Filters that look for somebody's name.
pub(super) const SEARCHES: [&str; 2] = ["q", "search"];

impl Filters {
    /// Adds one that was given.
    pub(crate) fn add(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.to_string());
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Refuses those that the table does not have.
    pub(super) fn must_be_of(&self, names: &[&str]) -> Result<()> {
        match self.0.keys().find(|name| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(ApiError::parameter(name, "not_of_this_definition", format!("its filters: {}", names.join(", ")))),
        }
    }

    pub(super) fn named<T: Field>(&self, name: &str, expected: &str) -> Result<Option<T>> {
        named::filter(name, &self.0.get(name).cloned(), expected)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        named::text(name, &self.0.get(name).cloned())
    }

    pub(super) fn id(&self, name: &str) -> Result<Option<Uuid>> {
        let parse = |text: &str| text.parse().map_err(|_| ApiError::parameter(name, "not_a_uuid", "an id; ids are UUIDs"));
        self.get(name).map(parse).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        let parse = |text: &str| text.parse().map_err(|_| ApiError::parameter(name, "unknown_value", "one of true, false"));
        self.get(name).map_or(Ok(false), parse)
    }
}
