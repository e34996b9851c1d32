//! What was promised of a chat, as staff sees it.

use crate::routes::named;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::sla::{Clocks, Target};
use vitrina_projections::conversations::{Sla, SlaStanding};

/// What was promised when it was opened (`sla` of the account), and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlaView {
    /// active, active_with_misses, hit or missed.
    #[schema(example = "active")]
    standing: String,
    /// Seconds until the first human word is late; `null`: not promised.
    answer_s: Option<u32>,
    /// Seconds until a later reply is.
    next_reply_s: Option<u32>,
    /// Seconds until the end is.
    resolution_s: Option<u32>,
    /// What is due now, the earliest first.
    due: Vec<DueView>,
    /// Seconds that are left for the resolution, while the customer is waited for; `null` while its clock runs.
    resolution_left_s: Option<i64>,
    /// What was late: answer, next_reply, resolution.
    missed: Vec<String>,
}

/// Something that is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DueView {
    /// answer, next_reply or resolution.
    #[schema(example = "answer")]
    target: String,
    /// From this instant on it is late.
    due_at: DateTime<Utc>,
}

impl SlaView {
    pub(super) fn new(Sla { targets, clocks }: &Sla, standing: SlaStanding) -> Self {
        let Clocks { due, left_ms, missed, .. } = clocks;
        let name = |target: &Target| target.as_str().to_owned();
        let mut due: Vec<_> = due.iter().map(|(target, due_at)| DueView { target: name(target), due_at: *due_at }).collect();
        due.sort_by_key(|one| one.due_at);
        Self {
            standing: named::name(&standing),
            answer_s: targets.answer_s,
            next_reply_s: targets.next_reply_s,
            resolution_s: targets.resolution_s,
            due,
            resolution_left_s: left_ms.map(|left| left / 1_000),
            missed: missed.iter().map(name).collect(),
        }
    }
}
