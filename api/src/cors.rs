//! Which other sites' pages may call the API from a browser: those of the option `cors_origins`, by default none.
//!
//! Credentials are bearer tokens that a page sends by itself, never cookies, so no page acts with another one's rights.

use crate::{config::Config, idempotency, writing::POSITION};
use actix_cors::Cors;
use actix_web::{http::header, middleware::Condition};

/// How long a browser may remember what it was allowed: long enough to halve its requests, short enough for a change.
const REMEMBERED_S: usize = 600;

/// The middleware; it does nothing without an origin.
pub(crate) fn of(config: &Config) -> Condition<Cors> {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authorization",
            "Content-Type",
            "Accept-Language",
            "If-Match",
            idempotency::HEADER,
            "X-Request-Id",
            "Last-Event-ID",
        ])
        .expose_headers([
            header::ETAG.as_str(),
            "Link",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            POSITION,
            idempotency::REPLAYED,
            "X-Request-Id",
        ])
        .max_age(REMEMBERED_S);
    for origin in &config.cors_origins {
        cors = if origin == "*" { cors.allow_any_origin() } else { cors.allowed_origin(origin) };
    }
    Condition::new(!config.cors_origins.is_empty(), cors)
}
