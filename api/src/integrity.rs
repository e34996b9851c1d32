//! Looks from time to time whether the figures agree with each other, and raises an alarm where they do not: an event of the account,
//! once for each difference, and a metric.
//!
//! The work is bounded: of every account three days at each look, today, yesterday and one of the past, which goes back a day from look
//! to look and then begins anew, and some files of exports; and between few calls there is a pause, so that nobody is kept waiting for it.

use crate::{error::Result, exporting::verify, insist::insist, reading, wiring::State};
use actix_web::web;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    account::{Account, AccountAction, Invariant, InvariantBroken},
    actor::Actor,
    ids::{AccountId, CommandId, EventId, ExportId},
    metrics::range::Range,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    accounts,
    export_jobs::{self, ExportStage},
    integrity::{Breach, plan_seconds, shopper_sums},
    runner,
};

/// Who tells of it, as the events say.
const MANAGER: &str = "integrity";
/// Accounts that are read at once.
const ACCOUNTS_AT_ONCE: u32 = 100;
/// Days of the past that are gone through before the first one is looked at again: two years.
const PAST_DAYS: u32 = 730;
/// Between two looks at few calls: a look takes some tens of milliseconds, so this is a tenth of a core at most.
const PAUSE: Duration = Duration::from_millis(250);
/// Exports of an account that one look finds: those of some days.
const FILES_SEEN: u32 = 200;
/// Files that it reads, and as many of those that did not agree before. One that agrees is not read again by this process.
const FILES_AT_ONCE: usize = 3;
/// Differences that are told in one round. A table that has lost its rows differs in each; the metric counts them all.
const TOLD_MAX: usize = 100;
/// Differences remembered as told, at most; beyond it the memory begins anew and costs a repetition of their commands.
const KNOWN_MAX: usize = 10_000;

const BREACHES: &str = "vitrina_integrity_breaches";
const ROUNDS: &str = "vitrina_integrity_rounds_total";

/// Names and units for `# HELP`.
pub(crate) fn describe() {
    metrics::describe_gauge!(
        BREACHES,
        "Figures that the last round of checks found not to agree, by invariant; an alarm event tells which"
    );
    metrics::describe_counter!(ROUNDS, "Rounds of checks through all accounts");
    for invariant in Invariant::ALL {
        metrics::gauge!(BREACHES, "invariant" => invariant.as_str()).set(0.0);
    }
}

/// Looks as long as the server runs.
pub(crate) async fn keep_watch(state: web::Data<State>) {
    let Some(every) = state.config.integrity_check else { return };
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut watch = Watch::default();
    loop {
        ticks.tick().await;
        // One process of several keeps the read models, and that one checks them. What is being built anew stands still until then.
        let status = state.reading_status();
        if status.state != runner::State::Running || !status.missing.is_empty() {
            continue;
        }
        if let Err(error) = watch.round(&state, Utc::now()).await {
            tracing::warn!(%error, "a check of the figures was broken off; it begins anew");
        }
    }
}

/// What is known from look to look.
#[derive(Default)]
struct Watch {
    rounds: u32,
    known: HashSet<CommandId>,
    agreeing: HashSet<ExportId>,
    differing: HashSet<ExportId>,
}

/// What a round has found so far.
#[derive(Default)]
struct Found {
    by_invariant: [u32; Invariant::ALL.len()],
    told: usize,
}

impl Watch {
    /// Looks at every account once.
    async fn round(&mut self, state: &State, now: DateTime<Utc>) -> Result<()> {
        let mut found = Found::default();
        let mut after = None;
        loop {
            let some = accounts::following(&state.store, after, ACCOUNTS_AT_ONCE).await.map_err(reading::problem)?;
            let Some((last, _)) = some.last() else { break };
            after = Some(*last);
            for (account, created_at) in some {
                let days = [0, 1, 2 + self.rounds % PAST_DAYS].map(|back| day(now - TimeDelta::days(i64::from(back))));
                for day in days.into_iter().filter(|day| day.to > created_at) {
                    self.look(state, account, day, &mut found).await?;
                }
                self.look_at_files(state, account, &mut found).await?;
            }
        }
        for (invariant, count) in Invariant::ALL.into_iter().zip(found.by_invariant) {
            metrics::gauge!(BREACHES, "invariant" => invariant.as_str()).set(f64::from(count));
        }
        metrics::counter!(ROUNDS).increment(1);
        self.rounds = self.rounds.wrapping_add(1);
        Ok(())
    }

    async fn look(&mut self, state: &State, account: AccountId, day: Range, found: &mut Found) -> Result<()> {
        let position = state.applied();
        let breaches = shopper_sums(&state.store, account, day, position).await.map_err(reading::problem)?;
        self.tell(state, account, day, position, breaches, found).await;
        let mut after = None;
        loop {
            let position = state.applied();
            let looked = plan_seconds(&state.store, &state.log, account, day, after, position).await;
            let (breaches, next) = looked.map_err(reading::problem)?;
            self.tell(state, account, day, position, breaches, found).await;
            tokio::time::sleep(PAUSE).await;
            match next {
                Some(_) => after = next,
                None => return Ok(()),
            }
        }
    }

    async fn look_at_files(&mut self, state: &State, account: AccountId, found: &mut Found) -> Result<()> {
        let rows = export_jobs::list(&state.store, account, None, FILES_SEEN).await.map_err(reading::problem)?;
        let is_open = |row: &export_jobs::ExportRow| row.stage == ExportStage::Ready && !self.agreeing.contains(&row.export_id);
        let (again, new): (Vec<_>, Vec<_>) =
            rows.into_iter().filter(is_open).partition(|row: &export_jobs::ExportRow| self.differing.contains(&row.export_id));
        for row in again.into_iter().take(FILES_AT_ONCE).chain(new.into_iter().take(FILES_AT_ONCE)) {
            let position = state.applied();
            let breaches = verify(state, &row).await?;
            // It may have been deleted meanwhile, as it was to be.
            let now = export_jobs::get(&state.store, account, row.export_id).await.map_err(reading::problem)?;
            if now.is_none_or(|now| now.stage != ExportStage::Ready) {
                continue;
            }
            let known = if breaches.is_empty() { &mut self.agreeing } else { &mut self.differing };
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(row.export_id);
            self.tell(state, account, day(row.requested_at), position, breaches, found).await;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn tell(&mut self, state: &State, account: AccountId, day: Range, position: Position, breaches: Vec<Breach>, found: &mut Found) {
        for Breach { invariant, subject, expected, found: is } in breaches {
            found.by_invariant[invariant as usize] += 1;
            let id = id_of(account, invariant, &subject, day, is - expected);
            if self.known.contains(&id) || found.told >= TOLD_MAX {
                continue;
            }
            tracing::error!(%account, invariant = invariant.as_str(), subject, expected, found = is, "two figures do not agree");
            let broken = InvariantBroken { invariant, subject, from: day.from, to: day.to, position: position.0, expected, found: is };
            let meta = CommandMeta::new(account, id, Actor::System(MANAGER.to_owned()), Utc::now());
            insist(state, &meta, |unit| unit.run::<Account>(account, AccountAction::ReportBreach(broken.clone()))).await;
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            self.known.insert(id);
            found.told += 1;
        }
    }
}

/// The day of the instant, in UTC: what is compared is the same in every zone.
fn day(at: DateTime<Utc>) -> Range {
    let from = at.date_naive().and_time(NaiveTime::MIN).and_utc();
    Range { from, to: from + TimeDelta::days(1) }
}

/// The same difference has the same command, whoever finds it and whenever, while figures around it go on.
fn id_of(account: AccountId, invariant: Invariant, subject: &str, day: Range, difference: i64) -> CommandId {
    let what = format!("{MANAGER}/{}/{subject}/{}", invariant.as_str(), day.from.timestamp());
    derived(&what, account.0, EventId(Uuid::nil()), difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_one_alarm_and_another_is_another() {
        let (account, today) = (AccountId(Uuid::from_u128(1)), day("2026-03-29T12:00:00Z".parse().unwrap()));
        let id = |subject, difference| id_of(account, Invariant::PlanSeconds, subject, today, difference);
        assert_eq!(id("a", 1), id("a", 1));
        assert!([id("b", 1), id("a", -1)].iter().all(|other| *other != id("a", 1)));
        assert_eq!(today.to - today.from, TimeDelta::days(1));
    }
}
