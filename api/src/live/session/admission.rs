//! Whose connection it is and until when, and what refusals on it are worded with.

use crate::{
    auth::{
        caller::{Caller, identify},
        token,
    },
    error::{ApiError, Code, Context, Problem, Result},
    reading,
    texts::Locale,
    wiring::State,
};
use actix_web::http::{
    Method,
    header::{self, HeaderMap, HeaderValue},
};
use chrono::{DateTime, Utc};
use vitrina_projections::{api_keys, users};

/// What refusals are worded with.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// The language.
    pub locale: Locale,
    /// The address that was asked for.
    pub path: &'static str,
    /// The request that began the connection.
    pub request_id: Box<str>,
}

impl Words {
    /// The problem document of a refusal.
    pub(crate) fn problem(&self, state: &State, error: &ApiError) -> Problem {
        error.problem(&Context { public_url: &state.public_url, locale: self.locale, path: self.path, request_id: &self.request_id })
    }
}

/// Who has this token; a refusal when it is nobody's.
pub(in crate::live) async fn caller_of(state: &State, token: &str) -> Result<Caller> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| ApiError::new(Code::Unauthenticated, "a token has no such characters"))?;
    headers.insert(header::AUTHORIZATION, value);
    identify(state, &headers).await
}

/// Refuses whom the declared right of the address does not admit: the gate of ordinary requests, for those that go past it.
pub(super) fn must_be_admitted(state: &State, words: &Words, caller: &Caller) -> Result<()> {
    let right = state.directory.right(&Method::GET, words.path);
    right.map_or(Ok(()), |right| right.must_admit(caller, &Method::GET, words.path))
}

/// When the credential ends by itself.
pub(super) async fn expiry(state: &State, caller: &Caller, token: &str) -> Result<Option<DateTime<Utc>>> {
    let (hash, now) = (token::hash(token), Utc::now());
    match caller {
        Caller::Customer(claims) => Ok(DateTime::from_timestamp(claims.expires_at, 0)),
        _ if token::is_api_key(token) => {
            let found = api_keys::by_secret(&state.store, &hash, now).await.map_err(reading::problem)?;
            Ok(found.and_then(|key| key.expires_at))
        }
        _ => {
            let found = users::by_token(&state.store, &hash, now).await.map_err(reading::problem)?;
            Ok(found.map(|(session, _)| session.expires_at))
        }
    }
}
