//! The survey at the end: recommendation 0–10, three faces, satisfaction 1–5, a comment (PRODUCT.md 5.2, 5.3).

use crate::{ids::AnswerId, personal::Personal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One of Odoo's three faces (PRODUCT.md L11); stored as 5, 3 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// 5.
    Satisfied,
    /// 3.
    Neutral,
    /// 1.
    Dissatisfied,
}

impl Face {
    /// The stored score: 5, 3 or 1.
    pub const fn score(self) -> u8 {
        match self {
            Self::Satisfied => 5,
            Self::Neutral => 3,
            Self::Dissatisfied => 1,
        }
    }
}

/// What the customer answers; at least one of the three scores is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ballot {
    /// How likely a recommendation is, 0–10.
    pub nps: Option<u8>,
    /// The face chosen.
    pub face: Option<Face>,
    /// Satisfaction, 1–5.
    pub csat: Option<u8>,
    /// In the customer's words.
    pub comment: Option<String>,
}

/// `survey.answered`: of a call or of a conversation without one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// This answer.
    pub answer_id: AnswerId,
    /// When it was given: the window for changing it counts from here.
    pub answered_at: DateTime<Utc>,
    /// How likely a recommendation is, 0–10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nps: Option<u8>,
    /// The face chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<Face>,
    /// Satisfaction, 1–5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csat: Option<u8>,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Personal<String>>,
    /// The shoppers who took part, to whom the answer is credited, the one who held it last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shoppers: Vec<crate::ids::ShopperId>,
}

/// `survey.superseded`: an earlier answer that a newer one within the window replaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Superseded {
    /// The answer that no longer counts.
    pub answer_id: AnswerId,
    /// The one that counts instead.
    pub by: AnswerId,
}

/// How long an answer may be replaced by a newer one (PRODUCT.md 5.2).
pub const SUPERSEDE_DAYS_MAX: i64 = 30;

/// What an aggregate remembers of the answer that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    answer_id: AnswerId,
    answered_at: DateTime<Utc>,
}

impl Current {
    /// Of this answer.
    pub fn of(answered: &Answered) -> Self {
        Self { answer_id: answered.answer_id, answered_at: answered.answered_at }
    }
}

/// A checked answer, and what it replaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// The answer that counts from now on.
    pub answered: Answered,
    /// The one that it replaces.
    pub superseded: Option<Superseded>,
}
