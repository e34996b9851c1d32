//! What an account promises.

use crate::{metrics::business_hours::open_until, refusal::Refusal, schedule::Schedule};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The longest time that can be promised, in seconds: thirty days.
pub const TARGET_S_MAX: u32 = 30 * 86_400;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The first human word: from the customer's first message, or from the bot's hand-over to people.
    Answer,
    /// Every later one: from the customer's first message that nobody has answered.
    NextReply,
    /// The end: from the opening, less the time in which the customer was waited for.
    Resolution,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Answer, Self::NextReply, Self::Resolution];

    /// The name in the API and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::NextReply => "next_reply",
            Self::Resolution => "resolution",
        }
    }
}

/// Within how many seconds; what is absent is not promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Targets {
    /// Until the first human word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_s: Option<u32>,
    /// Until every later one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_reply_s: Option<u32>,
    /// Until the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution_s: Option<u32>,
}

impl Targets {
    /// Seconds until this target is missed.
    pub fn of(&self, target: Target) -> Option<u32> {
        match target {
            Target::Answer => self.answer_s,
            Target::NextReply => self.next_reply_s,
            Target::Resolution => self.resolution_s,
        }
    }

    /// Whether nothing is promised.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// All of it.
    #[default]
    Always,
    /// That inside the account's business hours, as they stood when the conversation was opened.
    BusinessHours,
}

/// The setting of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SlaRule {
    /// What is promised.
    #[serde(flatten)]
    pub targets: Targets,
    /// By which time.
    pub counting: Counting,
}

/// Within what something is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// It is not.
    Unset,
    /// So many seconds.
    Seconds(u32),
}

/// What changes of it; absent ones stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SlaChange {
    /// Of the first human word.
    pub answer: Option<Within>,
    /// Of later ones.
    pub next_reply: Option<Within>,
    /// Of the end.
    pub resolution: Option<Within>,
    /// Of the time that counts.
    pub counting: Option<Counting>,
}

impl SlaRule {
    /// The rule with what is given in place of what was.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of the first field that is out of range, below `/sla`.
    pub fn changed(&self, change: &SlaChange) -> Result<Self, Refusal> {
        let SlaChange { answer, next_reply, resolution, counting } = *change;
        let targets = Targets {
            answer_s: seconds("/sla/answer_s", answer, self.targets.answer_s)?,
            next_reply_s: seconds("/sla/next_reply_s", next_reply, self.targets.next_reply_s)?,
            resolution_s: seconds("/sla/resolution_s", resolution, self.targets.resolution_s)?,
        };
        Ok(Self { targets, counting: counting.unwrap_or(self.counting) })
    }
}

impl SlaRule {
    /// Whether all that is promised is due at some instant: hours that are never open, or hardly ever, count no time.
    pub(crate) fn comes_due(&self, hours: Option<&Schedule>, from: DateTime<Utc>) -> bool {
        let longest = Target::ALL.iter().filter_map(|target| self.targets.of(*target)).max();
        match (self.counting, longest) {
            (Counting::Always, _) | (_, None) => true,
            (Counting::BusinessHours, Some(seconds)) => {
                hours.is_some_and(|hours| open_until(hours, from, TimeDelta::seconds(seconds.into())).is_some())
            }
        }
    }
}

fn seconds(field: &'static str, given: Option<Within>, now: Option<u32>) -> Result<Option<u32>, Refusal> {
    match given {
        None => Ok(now),
        Some(Within::Unset) => Ok(None),
        Some(Within::Seconds(seconds)) if (1..=TARGET_S_MAX).contains(&seconds) => Ok(Some(seconds)),
        Some(Within::Seconds(_)) => Err(Refusal::invalid(field, "out_of_range", format!("1 to {TARGET_S_MAX} seconds, or null"))),
    }
}
