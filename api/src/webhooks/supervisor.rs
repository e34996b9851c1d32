//! Which endpoints this process tells: those that nobody holds, and those of processes that are dead.

use super::{
    notes::{self, Of},
    worker::{End, Worker},
};
use crate::wiring::State;
use actix_web::web;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle, time::interval};
use vitrina_domain::{
    connection::ProcessId,
    ids::{AccountId, WebhookId},
};
use vitrina_eventlog::{Living, StreamId, Version};
use vitrina_projections::webhooks;

/// How often it is looked who tells what.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Endpoints that one read looks at.
const LOOK_MAX: u32 = 500;
/// Endpoints of all shops, at most; more are not told, which is said in the log.
const ENDPOINTS_MAX: usize = 50_000;
/// How long a look waits for the read models.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Looks until the server ends.
pub(super) async fn watch_over(state: web::Data<State>, living: watch::Receiver<Option<Living>>, mut stop: watch::Receiver<bool>) {
    let mut workers: HashMap<WebhookId, (AccountId, JoinHandle<()>)> = HashMap::new();
    let mut looks = interval(LOOK_EVERY);
    while !*stop.borrow() {
        tokio::select! {
            _ = looks.tick() => {}
            () = state.webhooks.feed.endpoints.notified() => {
                // The list of them is a read model.
                let _ = state.runner.at_least(state.log.head(), WAIT_MAX).await;
            }
            _ = stop.changed() => break,
        }
        workers.retain(|_, (account, worker)| {
            let is_at_work = !worker.is_finished();
            if !is_at_work {
                state.webhooks.feed.leave(*account);
            }
            is_at_work
        });
        if let Err(error) = look(&state, &living, &stop, &mut workers).await {
            tracing::warn!(error = error.chain(), "webhook endpoints are looked at again");
        }
        metrics::gauge!("vitrina_webhook_endpoints").set(workers.len() as f64);
    }
    for (_, (_, worker)) in workers {
        // It panicked, or has noted what it knows.
        let _ = worker.await;
    }
}

async fn look(
    state: &web::Data<State>,
    living: &watch::Receiver<Option<Living>>,
    stop: &watch::Receiver<bool>,
    workers: &mut HashMap<WebhookId, (AccountId, JoinHandle<()>)>,
) -> vitrina_projections::Result<()> {
    let told = told(state).await?;
    if told.iter().all(|(_, webhook)| workers.contains_key(webhook)) {
        return Ok(());
    }
    let own = state.webhooks.process();
    let holders = holders(state).await?;
    for (account, webhook) in told {
        let of = Of { account, webhook };
        if workers.contains_key(&webhook) {
            continue;
        }
        let held_by = match holders.get(&webhook) {
            None => {
                let Some(after) = begins_after(state, of).await else { continue };
                notes::begin(&state.webhooks.notes, of, after).await?;
                None
            }
            Some(holder) => *holder,
        };
        let is_dead = |holder: ProcessId| holder == own || living.borrow().as_ref().is_some_and(|all| !all.processes.contains(&holder));
        if held_by.is_some_and(|holder| !is_dead(holder)) {
            continue;
        }
        if let Some(place) = notes::take(&state.webhooks.notes, of, own, held_by).await? {
            let work = tell(state.clone(), of, own, place, stop.clone());
            workers.insert(webhook, (account, tokio::spawn(work)));
        }
    }
    Ok(())
}

async fn tell(state: web::Data<State>, of: Of, own: ProcessId, place: notes::Place, stop: watch::Receiver<bool>) {
    let ended = match Worker::begin(state, of, own, place).await {
        Ok(worker) => worker.run(stop).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(End::Over) => {}
        Ok(End::Lost) => tracing::info!(webhook = %of.webhook, "another process tells a webhook endpoint"),
        // It is still held by this process, which takes it anew at the next look.
        Err(error) => tracing::warn!(%error, webhook = %of.webhook, "a webhook endpoint waits"),
    }
}

/// All endpoints that somebody has to tell.
async fn told(state: &State) -> vitrina_projections::Result<Vec<(AccountId, WebhookId)>> {
    let mut told = Vec::new();
    loop {
        let after = told.last().copied();
        let page = webhooks::told_ones(&state.store, after, LOOK_MAX).await?;
        let is_last = page.len() < LOOK_MAX as usize;
        told.extend(page);
        if is_last {
            return Ok(told);
        }
        if told.len() >= ENDPOINTS_MAX {
            tracing::error!("there are more webhook endpoints than one installation tells");
            return Ok(told);
        }
    }
}

async fn holders(state: &State) -> vitrina_projections::Result<BTreeMap<WebhookId, Option<ProcessId>>> {
    let mut all = BTreeMap::new();
    loop {
        let after = all.last_key_value().map(|(webhook, _)| *webhook);
        let page = notes::holders(&state.webhooks.notes, after, LOOK_MAX).await?;
        let is_last = page.len() < LOOK_MAX as usize;
        all.extend(page.into_iter().map(|(of, holder)| (of.webhook, holder)));
        if is_last || all.len() >= ENDPOINTS_MAX {
            return Ok(all);
        }
    }
}

/// Where the endpoint begins, as its first event says.
async fn begins_after(state: &State, of: Of) -> Option<i64> {
    let stream = StreamId::new(of.account, vitrina_domain::stream::Category::Webhook, of.webhook);
    let first = state.log.read_stream(stream, Version(0), 1).await.ok()?;
    let mut webhook = vitrina_domain::webhook::Webhook::default();
    for event in state.log.decode_as(first).await.ok()? {
        webhook.fold(event);
    }
    Some(super::begins_after(state, &webhook))
}
