//! Events of the account.

use super::{AttributionRule, Brand, BusinessHours, ChannelShown, ConsentRule, InvariantBroken, RecordingRule, RetentionRule, Trials};
use crate::{event::events, locale::Locale, routing::Policy, sla::SlaRule};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to an account.
    AccountEvent {
        /// The shop was set up.
        Created(Created) = "account.created", 1;
        /// Settings were changed; absent ones stay.
        SettingsChanged(SettingsChanged) = "settings.changed", 1;
        /// Everybody may see the ratings of a channel (L14).
        ChannelPublished(ChannelShown) = "channel.published", 1;
        /// The public sees them no more.
        ChannelUnpublished(ChannelShown) = "channel.unpublished", 1;
        /// Two of its figures do not agree.
        InvariantBroken(InvariantBroken) = "integrity.invariant_broken", 1;
        /// What came before was copied from another account, whose persons are not in it: from here on it is a sandbox.
        Forked(Forked) = "account.forked", 1;
    }
}

/// `account.created`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Name of the shop, used in mails and documents (V12).
    pub store_name: String,
    /// IANA zone of its reports.
    pub zone: String,
    /// Language of its texts.
    pub locale: Locale,
    /// ISO 4217 code.
    pub currency: String,
}

/// `account.forked`: the last event of a log that was made of another one. Of which, nothing says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forked {}

/// `settings.changed`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// Name of the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_name: Option<String>,
    /// IANA zone of its reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Language of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// ISO 4217 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// All rules of the floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<Policy>,
    /// What customers consent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentRule>,
    /// Whether calls are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingRule>,
    /// How the shop looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<Brand>,
    /// Which orders go back to calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<AttributionRule>,
    /// When the shop answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_hours: Option<Box<BusinessHours>>,
    /// What the shop promises of its chats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<Box<SlaRule>>,
    /// Who may declare a trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<Trials>,
    /// For how long contents are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<RetentionRule>,
}
