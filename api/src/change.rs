//! A field of a `PATCH`: left out, it stays; `null` clears it; a value replaces it.

use serde::{Deserialize, Deserializer};

/// What becomes of a field. Take it with `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// Left out.
    #[default]
    Keep,
    /// `null`.
    Clear,
    /// A value.
    Set(T),
}

impl<T> Change<T> {
    /// The new value, if there is one.
    pub(crate) fn given(&self) -> Option<&T> {
        if let Self::Set(value) = self { Some(value) } else { None }
    }

    /// Whether it is to be cleared.
    pub(crate) fn clears(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// Whether it is left out.
    pub(crate) fn keeps(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::Change;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Body {
        #[serde(default)]
        name: Change<String>,
    }

    fn name(json: &str) -> Change<String> {
        serde_json::from_str::<Body>(json).unwrap().name
    }

    #[test]
    fn left_out_null_and_a_value_are_three_things() {
        assert_eq!(name("{}"), Change::Keep);
        assert_eq!(name(r#"{"name":null}"#), Change::Clear);
        assert_eq!(name(r#"{"name":"Ana"}"#), Change::Set("Ana".to_owned()));
    }
}
