//! Forgets what was noted long ago about deliveries: of all endpoints, also of those that are told nothing any more. What endpoints have
//! answered may be what they were told, so it is kept no longer than words are.

use super::notes;
use crate::wiring::State;
use actix_web::web;
use chrono::{TimeDelta, Utc};
use std::{collections::HashMap, time::Duration};
use tokio::time::interval;
use vitrina_domain::{account::RetentionRule, ids::AccountId};
use vitrina_projections::accounts;

/// Days for which attempts are kept where the account says nothing.
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(14);
/// Days for which dead letters are kept where the account says nothing.
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
    let own = own_times(state).await?;
    loop {
        let page = notes::holders(notebook, after, LOOK_MAX).await?;
        for (of, _) in &page {
            let own = own.get(&of.account);
            notes::forget_attempts(notebook, *of, now - own.map_or(ATTEMPTS_KEPT, |own| own.of(ATTEMPTS_KEPT))).await?;
            notes::forget_letters(notebook, *of, now - own.map_or(LETTERS_KEPT, |own| own.of(LETTERS_KEPT))).await?;
        }
        after = page.last().map(|(of, _)| of.webhook);
        if page.len() < LOOK_MAX as usize {
            return Ok(());
        }
    }
}

/// An account's own times, in days.
struct OwnTimes(RetentionRule);

impl OwnTimes {
    /// For how long notes are kept that are otherwise kept for so long.
    fn of(&self, otherwise: TimeDelta) -> TimeDelta {
        let days = |days: u32| TimeDelta::days(days.into());
        let kept = self.0.deliveries_days.map_or(otherwise, days);
        self.0.messages_days.map_or(kept, |words| kept.min(days(words)))
    }
}

async fn own_times(state: &State) -> vitrina_projections::Result<HashMap<AccountId, OwnTimes>> {
    let mut all = HashMap::new();
    loop {
        let after = all.keys().max().copied();
        let some = accounts::keeping(&state.store, after, LOOK_MAX).await?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some.into_iter().map(|(account, rule)| (account, OwnTimes(rule))));
    }
}

#[cfg(test)]
mod tests {
    use super::{OwnTimes, RetentionRule};
    use chrono::TimeDelta;

    #[test]
    fn notes_are_kept_as_the_account_says_and_no_longer_than_words() {
        let kept = |deliveries_days, messages_days| {
            let rule = RetentionRule { deliveries_days, messages_days, ..RetentionRule::default() };
            OwnTimes(rule).of(TimeDelta::days(14)).num_days()
        };
        assert_eq!((kept(None, None), kept(Some(30), None), kept(Some(30), Some(7)), kept(None, Some(365))), (14, 30, 7, 14));
    }
}
