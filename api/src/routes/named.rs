//! Values that are stored under a name, as texts of the API and as filters of a query.

use crate::error::{ApiError, Result};
use vitrina_projections::{sql::Value, table::Field};

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
