//! Parameters of the path and of the query: typed, and a problem that names the one that does not fit.

use crate::{
    body::describe,
    error::{ApiError, Code, Result},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use uuid::Uuid;

/// The id in the path: the first parameter. What is no UUID is no id of anything, so it is not found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub T);

impl<T: From<Uuid> + 'static> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        ready(
            Uuid::parse_str(text)
                .map(|id| Self(T::from(id)))
                .map_err(|_| ApiError::of_field(Code::NotFound, "id", "not_a_uuid", format!("{text:?} is not an id; ids are UUIDs"))),
        )
    }
}

/// The second id in a path: the parameter that stands for what is inside the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecondId<T>(pub T);

impl<T: From<Uuid> + 'static> FromRequest for SecondId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let second = request.match_info().iter().nth(1).and_then(|(_, text)| Uuid::parse_str(text).ok());
        let missing = || ApiError::of_field(Code::NotFound, "path", "not_a_uuid", "no such thing; ids are UUIDs");
        ready(second.map(|id| Self(T::from(id))).ok_or_else(missing))
    }
}

/// A query string of the shape `T`; unknown parameters are refused, so that a typing error is not a wider answer.
#[derive(Debug)]
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded(query));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        let field = describe(&error.inner().to_string(), if path == "." { String::new() } else { format!("/{path}") });
        ApiError::parameter(field.pointer.trim_start_matches('/').to_owned(), field.code, field.detail)
    })
}

fn form_urlencoded(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Page {
        limit: Option<u32>,
        q: Option<String>,
    }

    #[test]
    fn a_parameter_that_does_not_fit_is_named() {
        assert_eq!(parse::<Page>("limit=3&q=a%20b").unwrap(), Page { limit: Some(3), q: Some("a b".into()) });
        assert!(parse::<Page>("limit=x").unwrap_err().to_string().starts_with("invalid_parameter: limit:"));
        assert!(parse::<Page>("limt=3").unwrap_err().to_string().starts_with("invalid_parameter: limt: unknown field"));
    }
}
