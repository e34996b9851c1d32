//! The survey at the end: recommendation 0–10, three faces, satisfaction 1–5, a comment (PRODUCT.md 5.2, 5.3).

use crate::{
    ids::{AnswerId, CustomerId, ShopperId},
    personal::Personal,
    refusal::Refusal,
    text,
};
use chrono::{DateTime, TimeDelta, Utc};
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

    /// The face of a stored score.
    pub fn of_score(score: i64) -> Option<Self> {
        [Self::Satisfied, Self::Neutral, Self::Dissatisfied].into_iter().find(|face| i64::from(face.score()) == score)
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
    /// What the customer was asked, in the words that they read.
    pub question: Option<String>,
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
    /// What the customer was asked, in the words that they read (Z06). A customer's browser says it, so it may hold anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Personal<String>>,
    /// The shoppers who took part, to whom the answer is credited, the one who held it last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shoppers: Vec<ShopperId>,
}

/// `survey.superseded`: an earlier answer that a newer one within the window replaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Superseded {
    /// The answer that no longer counts.
    pub answer_id: AnswerId,
    /// The one that counts instead.
    pub by: AnswerId,
}

/// `survey.sent`: the survey was put before the customer; told once for each call and conversation. Answers to surveys that
/// nobody tells of count everywhere but in the share of those that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The shoppers who took part, to whom it is credited, the one who held it last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shoppers: Vec<ShopperId>,
}

/// `survey.hidden` and `survey.published`: an answer that the public sees no more, or sees again (PRODUCT.md L17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The answer.
    pub answer_id: AnswerId,
}

/// Whether an answer counts in what the public sees; the shop's own reports count it either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publicity {
    /// It does.
    #[default]
    Public,
    /// It does not.
    Internal,
}

/// How long an answer may be replaced by a newer one (PRODUCT.md 5.2).
pub const SUPERSEDE_DAYS_MAX: i64 = 30;

/// What an aggregate remembers of its survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Survey {
    sent: bool,
    /// The answer that counts.
    current: Option<Current>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Current {
    answer_id: AnswerId,
    answered_at: DateTime<Utc>,
    publicity: Publicity,
}

/// The answer that counts from now on, and what it replaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// The answer that counts from now on.
    pub answered: Answered,
    /// The earlier one.
    pub superseded: Option<Superseded>,
}

/// A ballot that comes in, and what it is credited to.
#[derive(Debug, Clone)]
pub struct Incoming<'b> {
    /// The id that the answer gets.
    pub answer_id: AnswerId,
    /// What the customer answers.
    pub ballot: &'b Ballot,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose answer it is.
    pub customer_id: CustomerId,
    /// To whom it is credited.
    pub shoppers: Vec<ShopperId>,
}

impl Survey {
    /// It was put before the customer.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// It was answered; every answer is public until the shop hides it.
    pub fn answered(&mut self, answered: &Answered) {
        let (answer_id, answered_at) = (answered.answer_id, answered.answered_at);
        self.current = Some(Current { answer_id, answered_at, publicity: Publicity::Public });
    }

    /// From now on the answer is so.
    pub fn shown(&mut self, shown: Shown, publicity: Publicity) {
        if let Some(current) = self.current.as_mut().filter(|current| current.answer_id == shown.answer_id) {
            current.publicity = publicity;
        }
    }

    /// Puts it before the customer; `None` when that is known, or they have answered unasked.
    pub fn send(&self, shoppers: Vec<ShopperId>) -> Option<Sent> {
        (!self.sent && self.current.is_none()).then_some(Sent { shoppers })
    }

    /// Hides the answer that counts, or shows it again; `None` when that is so already.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without any answer; [`Refusal::NotAllowed`] of one that no longer counts.
    pub fn show(&self, answer_id: AnswerId, publicity: Publicity) -> Result<Option<Shown>, Refusal> {
        let current = self.current.as_ref().ok_or(Refusal::NotFound)?;
        if current.answer_id != answer_id {
            return Err(Refusal::NotAllowed("a newer answer replaces this one, and the public sees that one only"));
        }
        Ok((current.publicity != publicity).then_some(Shown { answer_id }))
    }

    /// Rates: the first time, or again within [`SUPERSEDE_DAYS_MAX`] days of the answer that counts.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a ballot without a score or with one out of range; [`Refusal::NotAllowed`] after the window.
    pub fn rate(&self, incoming: Incoming<'_>) -> Result<Rated, Refusal> {
        let ballot = incoming.ballot;
        ballot.check_scores()?;
        let comment = text::optional(&ballot.comment, |t| text::block("/comment", t, text::COMMENT_CHARS_MAX))?;
        let question = text::optional(&ballot.question, |t| text::block("/question", t, text::QUESTION_CHARS_MAX))?;
        if self.current.is_some_and(|c| incoming.at - c.answered_at > TimeDelta::days(SUPERSEDE_DAYS_MAX)) {
            return Err(Refusal::NotAllowed("the rating is more than 30 days old and cannot be changed any more"));
        }
        Ok(Rated {
            superseded: self.current.map(|c| Superseded { answer_id: c.answer_id, by: incoming.answer_id }),
            answered: Answered {
                answer_id: incoming.answer_id,
                answered_at: incoming.at,
                nps: ballot.nps,
                face: ballot.face,
                csat: ballot.csat,
                comment: comment.map(|comment| Personal::known(incoming.customer_id, comment)),
                question: question.map(|question| Personal::known(incoming.customer_id, question)),
                shoppers: incoming.shoppers,
            },
        })
    }
}

impl Ballot {
    fn check_scores(&self) -> Result<(), Refusal> {
        if self.nps.is_none() && self.face.is_none() && self.csat.is_none() {
            return Err(Refusal::invalid("", "required", "at least one of nps, face and csat"));
        }
        if self.nps.is_some_and(|nps| nps > 10) {
            return Err(Refusal::invalid("/nps", "out_of_range", "0 to 10"));
        }
        if self.csat.is_some_and(|csat| !(1..=5).contains(&csat)) {
            return Err(Refusal::invalid("/csat", "out_of_range", "1 to 5"));
        }
        Ok(())
    }
}
