//! What a shop promises of its chats, as a body.

use crate::change::Change;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrina_domain::sla::{Counting, SlaChange, SlaRule, Within};

/// What the shop promises of its chats: within how many seconds. What is late is told by an event when it was due, and counted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceLevel {
    /// Until the first human word, from the customer's first message or from the bot's hand-over; `null`: not promised.
    #[schema(example = 60)]
    answer_s: Option<u32>,
    /// Until every later reply, from the first message that nobody has answered.
    #[schema(example = 300)]
    next_reply_s: Option<u32>,
    /// Until the end, from the opening, less the time in which the customer is waited for.
    #[schema(example = 86400)]
    resolution_s: Option<u32>,
    /// Which time counts: `always`, or `business_hours` of the account as they stand when a chat is opened.
    #[schema(value_type = String, example = "always")]
    counting: Counting,
}

/// What changes of it, for chats from now on; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceLevelChange {
    /// Until the first human word, in seconds; `null`: not promised.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 2592000)]
    answer_s: Change<u32>,
    /// Until every later reply; `null`: not promised.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 2592000)]
    next_reply_s: Change<u32>,
    /// Until the end; `null`: not promised.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 2592000)]
    resolution_s: Change<u32>,
    /// Which time counts: `always`, or `business_hours`, which the account must have.
    #[schema(value_type = Option<String>, example = "business_hours")]
    counting: Option<Counting>,
}

impl From<SlaRule> for ServiceLevel {
    fn from(SlaRule { targets, counting }: SlaRule) -> Self {
        Self { answer_s: targets.answer_s, next_reply_s: targets.next_reply_s, resolution_s: targets.resolution_s, counting }
    }
}

impl ServiceLevelChange {
    pub(super) fn change(&self) -> SlaChange {
        SlaChange {
            answer: within(&self.answer_s),
            next_reply: within(&self.next_reply_s),
            resolution: within(&self.resolution_s),
            counting: self.counting,
        }
    }
}

/// Within what; `None` where it stays.
fn within(change: &Change<u32>) -> Option<Within> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(Within::Unset),
        Change::Set(seconds) => Some(Within::Seconds(*seconds)),
    }
}
