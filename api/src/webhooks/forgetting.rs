//! Forgets what was noted long ago about deliveries: of all endpoints, also of those that are told nothing any more.

use super::notes;
use crate::wiring::State;
use actix_web::web;
use chrono::{TimeDelta, Utc};
use std::time::Duration;
use tokio::time::interval;

/// Days for which attempts are kept.
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(14);
/// Days for which dead letters are kept.
const LETTERS_KEPT: TimeDelta = TimeDelta::days(90);
/// How often older ones are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
/// Endpoints that one read looks at.
const LOOK_MAX: u32 = 500;

/// Forgets, hour by hour. Several processes that do so forget the same.
pub(super) async fn run(state: web::Data<State>) {
    let mut hours = interval(FORGET_EVERY);
    loop {
        hours.tick().await;
        if let Err(error) = forget(&state).await {
            tracing::warn!(error = error.chain(), "old attempts are forgotten later");
        }
    }
}

async fn forget(state: &State) -> vitrina_projections::Result<()> {
    let (notebook, now, mut after) = (&state.webhooks.notes, Utc::now(), None);
    loop {
        let page = notes::holders(notebook, after, LOOK_MAX).await?;
        for (of, _) in &page {
            notes::forget_attempts(notebook, *of, now - ATTEMPTS_KEPT).await?;
            notes::forget_letters(notebook, *of, now - LETTERS_KEPT).await?;
        }
        after = page.last().map(|(of, _)| of.webhook);
        if page.len() < LOOK_MAX as usize {
            return Ok(());
        }
    }
}
