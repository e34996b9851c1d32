//! Commands of the account.

use super::{BusinessHours, ConsentRule, InvariantBroken, RecordingMode, RetentionChange, Term, Trials};
use crate::{locale::Locale, routing::PolicyChange, sla::SlaChange, survey::Publicity};

/// What can be asked of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountAction {
    /// Sets the shop up.
    Create {
        /// Name of the shop.
        store_name: String,
        /// IANA zone of its reports.
        zone: String,
        /// Language of its texts.
        locale: Locale,
        /// ISO 4217 code.
        currency: String,
    },
    /// Changes what is given; absent ones stay.
    ChangeSettings {
        /// Name of the shop.
        store_name: Option<String>,
        /// IANA zone of its reports.
        zone: Option<String>,
        /// Language of its texts.
        locale: Option<Locale>,
        /// ISO 4217 code.
        currency: Option<String>,
    },
    /// Changes rules of the floor; absent ones stay.
    ChangeRouting(PolicyChange),
    /// Sets what customers consent to.
    SetConsent(ConsentRule),
    /// Changes whether calls are recorded; absent ones stay.
    ChangeRecording {
        /// Whether they are.
        mode: Option<RecordingMode>,
        /// For how long recordings are kept.
        retention: Option<Term>,
    },
    /// Changes for how long contents are kept; absent ones stay.
    ChangeRetention(RetentionChange),
    /// Changes how the shop looks; absent ones stay.
    ChangeBrand {
        /// Its colour, `#rrggbb`.
        color: Option<String>,
    },
    /// Tells of figures that do not agree.
    ReportBreach(InvariantBroken),
    /// Says when the shop answers; nothing happens when that is known.
    SetBusinessHours(BusinessHours),
    /// Changes what the shop promises of its chats.
    ChangeSla(SlaChange),
    /// Lets everybody see the ratings of a channel, or ends that; nothing happens when it is so already.
    ShowChannel {
        /// How customers write: `web`, `whatsapp` and so on.
        channel: String,
        /// What the public sees from now on.
        publicity: Publicity,
    },
    /// Says who may declare a trial; nothing happens when it is so already.
    SetTrials(Trials),
    /// Changes which orders go back to calls; absent ones stay.
    ChangeAttribution {
        /// How many days after a call; 0: during the call only.
        window_days: Option<u32>,
    },
}
