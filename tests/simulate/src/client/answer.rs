//! What the server answered.

use super::Fault;
use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Refusals that mean *not now*: the same request a moment later is answered.
const NOT_NOW: [&str; 2] = ["request_in_progress", "contended"];

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// Method and path of the request.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// As sent.
    pub body: Vec<u8>,
    /// When it had arrived.
    pub arrived: Instant,
    pub(super) retry_after_s: Option<u64>,
    pub(super) replayed: Replay,
    pub(super) after: After,
}

/// Whether the command had been carried out before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay {
    First,
    Repeated,
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    Close,
}

/// The answer to most commands.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Written {
    /// What was made or changed.
    pub id: Uuid,
    /// Position of the last event.
    pub position: i64,
    /// The version that it has now.
    pub version: i64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The answer to a customer who asks for a call or opens a chat.
#[derive(Debug, Clone, Deserialize)]
pub struct Made {
    /// The call, or the conversation.
    pub id: Uuid,
    /// The conversation of a call.
    pub conversation_id: Option<Uuid>,
    /// The customer.
    pub customer_id: Uuid,
    /// Opens it to the customer.
    pub customer_token: String,
    /// Position of the last event.
    pub position: i64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl Answer {
    /// Itself, when it is of the 2xx kind.
    ///
    /// # Errors
    /// The refusal.
    pub fn good(self) -> Result<Self, Fault> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(Fault::Refused { code: self.problem_code(), status: self.status, text: self.text(), request: self.request })
    }

    /// Whether repeating would change nothing.
    pub(super) fn is_final(&self) -> bool {
        match self.status {
            // 408: a busy server took the connection too late to read the request from it (RFC 9110 section 15.5.9).
            408 | 429 | 502 | 503 | 504 => false,
            409 => !NOT_NOW.contains(&self.problem_code().as_str()),
            _ => true,
        }
    }

    /// Whether the command had been carried out before.
    pub fn is_replayed(&self) -> bool {
        self.replayed == Replay::Repeated
    }

    pub(super) fn keeps_open(&self) -> bool {
        self.after == After::Keep
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after_s.map(Duration::from_secs)
    }

    fn problem_code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }

    /// As text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What it says.
    ///
    /// # Errors
    /// When it is of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|cause| Fault::Strange {
            request: self.request.clone(),
            cause: cause.to_string(),
            text: self.text(),
        })
    }
}
