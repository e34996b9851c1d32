//! The survey at the end: recommendation 0–10, three faces, satisfaction 1–5, a comment (PRODUCT.md 5.2, 5.3).

use crate::{ids::AnswerId, personal::Personal};
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
