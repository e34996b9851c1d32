//! Values that are stored under a name, as texts of the API and as filters of a query.

use crate::{
    error::{ApiError, Result},
    period,
};
use vitrina_domain::refusal::Refusal;
use vitrina_eventlog::Environment;
use vitrina_projections::{Kind, Needle, sql::Value, table::Field};

/// Devices of customers, as filters name them.
pub(crate) const DEVICES: &str = "mobile, tablet, desktop, unknown";

/// The name.
pub(crate) fn name(value: &impl Field) -> String {
    match value.to_value() {
        Value::Text(text) => text,
        other => format!("{other:?}"),
    }
}

/// The name, where there is a value.
pub(crate) fn optional(value: &Option<impl Field>) -> Option<String> {
    value.as_ref().map(name)
}

/// The value that a query parameter names.
pub(crate) fn filter<T: Field>(parameter: &str, text: &Option<String>, expected: &str) -> Result<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    let found = T::from_value(Value::Text(text.clone()));
    found.map(Some).ok_or_else(|| ApiError::parameter(parameter, "unknown_value", format!("one of {expected}")))
}

/// Characters of a query parameter that is searched for, at most: longer than any name.
const TEXT_CHARS_MAX: usize = 200;

/// The text that a query parameter looks for.
pub(crate) fn text(parameter: &str, text: &Option<String>) -> Result<Option<String>> {
    let malformed = |text: &String| text.chars().count() > TEXT_CHARS_MAX || text.chars().any(char::is_control);
    if text.as_ref().is_some_and(malformed) {
        let expected = format!("at most {TEXT_CHARS_MAX} characters, none of them a control character");
        return Err(ApiError::parameter(parameter, "malformed", expected));
    }
    Ok(text.clone().filter(|text| !text.is_empty()))
}

/// The words that a query parameter looks for.
pub(crate) fn words(parameter: &str, query: Option<&str>) -> Result<Option<Needle>> {
    Ok(text(parameter, &query.map(str::to_owned))?.and_then(|text| Needle::new(&text)))
}

/// Refuses a search for signs alone, which no word begins with: it would find everything, as if nothing had been asked.
pub(crate) fn must_have_words(parameter: &str, query: Option<&str>) -> Result<()> {
    match query.map(str::trim) {
        Some(query) if !query.is_empty() && Needle::new(query).is_none() => {
            Err(ApiError::parameter(parameter, "no_word", "a word: something with a letter or a digit in it"))
        }
        _ => Ok(()),
    }
}

/// Refuses what is no code of this list. An empty one asks for nothing.
pub(crate) fn code(parameter: &'static str, text: &str, check: fn(&'static str, &str) -> Result<String, Refusal>) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    check(parameter, text).map(drop).map_err(period::parameter)
}

/// Calls with what they own, or conversations without a call; `None` for both.
pub(crate) fn kind(text: Option<&str>) -> Result<Option<Kind>> {
    filter("kind", &text.map(str::to_owned), "call, chat")
}

/// Which environment is meant: production when nothing is said, `None` for all.
pub(crate) fn environment(text: Option<&str>) -> Result<Option<Environment>> {
    match text {
        None => Ok(Some(Environment::Production)),
        Some("all") => Ok(None),
        Some(name) => filter("environment", &Some(name.to_owned()), "production, test, all"),
    }
}
