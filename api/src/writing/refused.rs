//! A command's refusal as a problem: which kind, which field, which state.

use crate::error::{ApiError, Code, RETRY_SOON_S};
use vitrina_commands::CommandError;
use vitrina_domain::{refusal::Refusal, stream::Category};
use vitrina_eventlog::{LogError, Version};

/// The problem that the caller is told.
pub(crate) fn problem(error: CommandError) -> ApiError {
    match error {
        CommandError::Refused { refusal, stream, state, version } => refused(refusal, stream.category, state, version),
        CommandError::VersionMismatch { actual } => {
            ApiError::new(Code::VersionMismatch, "it has changed since the version in If-Match; read it again and decide anew")
                .with_version(actual.0)
        }
        CommandError::KeyReused => ApiError::of_field(
            Code::IdempotencyKeyReused,
            "Idempotency-Key",
            "reused",
            "this key was used with another body; take a new key for a new intent",
        ),
        CommandError::InFlight => {
            ApiError::new(Code::RequestInProgress, "the first request with this Idempotency-Key is still running; repeat it in a moment")
                .retry_after_s(RETRY_SOON_S)
        }
        CommandError::ClaimTaken { scope, .. } => taken(scope),
        CommandError::Contended => {
            ApiError::new(Code::Contended, "others changed it again and again at the same moment; repeat the request")
                .retry_after_s(RETRY_SOON_S)
        }
        CommandError::Busy => {
            ApiError::new(Code::Busy, "more work waits than this server takes on; repeat the request").retry_after_s(RETRY_SOON_S)
        }
        CommandError::Unacceptable(cause) => {
            ApiError::new(Code::InvalidBody, "the database does not take a value of this body, such as a NUL character").because(cause)
        }
        CommandError::Log(error) => log(error),
    }
}

/// The problem of a log that failed.
pub(crate) fn log(error: LogError) -> ApiError {
    match error {
        LogError::Unavailable(cause) => ApiError::database_unavailable(cause),
        LogError::Closed => ApiError::new(Code::Busy, "the server is going down; repeat the request").retry_after_s(RETRY_SOON_S),
        other => ApiError::internal(other),
    }
}

fn refused(refusal: Refusal, category: Category, current: &str, version: Version) -> ApiError {
    let what = category.as_str();
    match refusal {
        Refusal::NotFound => ApiError::not_found(what),
        Refusal::AlreadyExists => ApiError::new(Code::AlreadyExists, format!("the {what} exists already")).with_state(current, version.0),
        Refusal::IllegalTransition { state, action } => {
            let detail = format!("{action} is not possible while the {what} is {state}; read it again and decide anew");
            ApiError::new(Code::IllegalTransition, detail).with_state(state, version.0)
        }
        Refusal::NotAllowed(why) => ApiError::new(Code::NotAllowed, why).with_state(current, version.0),
        Refusal::Expired => ApiError::new(Code::IllegalTransition, refusal.to_string()).with_state(current, version.0),
        Refusal::ConsentRequired => ApiError::new(
            Code::ConsentRequired,
            "the customer must consent to the shop's terms first: GET /v1/calls/{id}/consent has them, POST consents",
        ),
        Refusal::Elsewhere(node_url) => ApiError::media_elsewhere(node_url),
        Refusal::Invalid { field, code, expected } => ApiError::field(field, code, format!("expected {expected}")),
    }
}

/// The field of the body whose value must be unique and is not.
fn taken(scope: &str) -> ApiError {
    ApiError::of_field(Code::AlreadyTaken, crate::claims::field_of(scope), "taken", crate::claims::taken(scope))
}
