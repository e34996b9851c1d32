//! For how long the contents of conversations, files of exports and notes on deliveries are kept (PRODUCT.md 5.12). What happened is kept
//! for ever, and so are all figures; recordings have their time beside their rule.

use crate::{account::RETENTION_DAYS_MAX, refusal::Refusal};
use serde::{Deserialize, Serialize};

/// Longest time for notes on deliveries, in days: as long as dead letters are kept where nothing is set.
pub const DELIVERIES_DAYS_MAX: u32 = 90;

/// The times, each in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionRule {
    /// After a conversation's end, until its words and files are deleted; `None`: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages_days: Option<u32>,
    /// After a conversation's end, until its files are deleted; `None`: with its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files_days: Option<u32>,
    /// Until the file of an export is deleted; `None`: as the server's options say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports_days: Option<u32>,
    /// Until attempts at deliveries and dead letters are forgotten; `None`: as the server does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries_days: Option<u32>,
}

/// For how long something is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// No time of the account's own.
    Unset,
    /// So many days.
    Days(u32),
}

/// What changes of the rule; absent ones stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionChange {
    /// Of words.
    pub messages: Option<Term>,
    /// Of files in conversations.
    pub files: Option<Term>,
    /// Of files of exports.
    pub exports: Option<Term>,
    /// Of notes on deliveries.
    pub deliveries: Option<Term>,
}

impl RetentionRule {
    /// The rule with what is given in place of what was.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of the first field that is out of range, below `/retention`.
    pub fn changed(&self, change: &RetentionChange) -> Result<Self, Refusal> {
        let RetentionChange { messages, files, exports, deliveries } = *change;
        Ok(Self {
            messages_days: days("/retention/messages_days", messages, self.messages_days, RETENTION_DAYS_MAX)?,
            files_days: days("/retention/files_days", files, self.files_days, RETENTION_DAYS_MAX)?,
            exports_days: days("/retention/exports_days", exports, self.exports_days, RETENTION_DAYS_MAX)?,
            deliveries_days: days("/retention/deliveries_days", deliveries, self.deliveries_days, DELIVERIES_DAYS_MAX)?,
        })
    }

    /// After how many days files in conversations are deleted: they never outlive the words.
    pub fn files_at_most_days(&self) -> Option<u32> {
        self.files_days.into_iter().chain(self.messages_days).min()
    }
}

fn days(field: &'static str, given: Option<Term>, now: Option<u32>, max: u32) -> Result<Option<u32>, Refusal> {
    match given {
        None => Ok(now),
        Some(Term::Unset) => Ok(None),
        Some(Term::Days(days)) if (1..=max).contains(&days) => Ok(Some(days)),
        Some(Term::Days(_)) => Err(Refusal::invalid(field, "out_of_range", format!("1 to {max} days, or null"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{RetentionChange, RetentionRule, Term};

    #[test]
    fn what_is_left_out_stays_and_null_takes_a_time_away() {
        let set = RetentionChange { messages: Some(Term::Days(90)), files: Some(Term::Days(365)), ..RetentionChange::default() };
        let rule = RetentionRule::default().changed(&set).unwrap();
        assert_eq!((rule.messages_days, rule.files_days, rule.files_at_most_days()), (Some(90), Some(365), Some(90)));
        let cleared = rule.changed(&RetentionChange { messages: Some(Term::Unset), ..RetentionChange::default() }).unwrap();
        assert_eq!((cleared.messages_days, cleared.files_at_most_days()), (None, Some(365)));
    }

    #[test]
    fn a_time_is_at_least_a_day_and_at_most_ten_years() {
        for (days, fits) in [(0, false), (1, true), (3_660, true), (3_661, false)] {
            let change = RetentionChange { files: Some(Term::Days(days)), ..RetentionChange::default() };
            assert_eq!(RetentionRule::default().changed(&change).is_ok(), fits, "{days}");
        }
        let change = RetentionChange { deliveries: Some(Term::Days(91)), ..RetentionChange::default() };
        assert!(RetentionRule::default().changed(&change).is_err());
    }
}
