//! What follows from an attempt: it was told, it waits, it could not be told at all, or the endpoint is told nothing any more.

use super::{Job, Made, Origin, Worker};
use crate::{
    insist::insist,
    webhooks::{
        MANAGER,
        notes::{Attempt, Waiting},
        schedule,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use tokio::{task::JoinError, time::Instant};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    actor::Actor,
    ids::CommandId,
    webhook::{Cause, DeliveryExhausted, Webhook, WebhookAction},
};

/// Attempts that are kept of one endpoint: enough to look back, whatever it is told a second.
const ATTEMPTS_MAX: i64 = 100_000;
/// Attempts after which older ones are forgotten.
const TRIMMED_EACH: u64 = 10_000;

impl Worker {
    /// Takes note of an attempt.
    pub(super) async fn settle_one(&mut self, made: Result<Made, JoinError>) {
        // It panicked before it was sent, which is a fault of ours: the event stays open, and is told by the next who holds the endpoint.
        let made = match made {
            Ok(made) => made,
            Err(error) => return tracing::error!(%error, webhook = %self.of.webhook, "a delivery broke off"),
        };
        let outcome = if made.tried.is_taken() { "taken" } else { "failed" };
        metrics::counter!("vitrina_webhook_attempts_total", "outcome" => outcome).increment(1);
        let (job, tried) = (&made.job, &made.tried);
        self.changes.tried(Attempt {
            position: job.event.position,
            tried_at: made.at,
            event_id: job.event.event_id,
            attempt: job.attempts + 1,
            status: tried.status,
            failure: tried.failure.clone(),
            latency_us: i64::try_from(tried.latency.as_micros()).unwrap_or(i64::MAX),
            answer: if self.forgotten_at.is_some_and(|at| made.begun < at) { String::new() } else { tried.answer.clone() },
        });
        self.attempts += 1;
        if self.attempts.is_multiple_of(TRIMMED_EACH) {
            self.changes.trim(self.of, ATTEMPTS_MAX);
        }
        if tried.is_taken() {
            self.told(&made.job, made.tried.latency);
        } else {
            self.not_told(&made).await;
        }
    }

    /// Nothing more is noted of it.
    pub(super) fn forget(&mut self, stream: Uuid, position: i64) {
        self.changes.told(self.of, position);
        self.backlog.remove(stream, position);
        self.backlog.end(position);
    }

    fn told(&mut self, job: &Job, latency: Duration) {
        self.pace.taken(latency);
        self.place.failing_since = None;
        // On whichever way it was told: it waits no more, and is no dead letter.
        if self.backlog.may_know(job.event.position) {
            self.forget(job.event.stream, job.event.position);
        }
        if job.origin == Origin::Waiting {
            self.backlog.look_soon();
        }
        self.leave_lane(job);
        if let Some(behind) = self.busy.get_mut(&job.event.stream) {
            match behind.pop_front() {
                Some(next) => {
                    self.held -= 1;
                    self.ready.push_back(next);
                }
                None => drop(self.busy.remove(&job.event.stream)),
            }
        }
    }

    async fn not_told(&mut self, made: &Made) {
        let (job, tried, now) = (&made.job, &made.tried, Utc::now());
        self.pace.failed(tried, made.begun, Instant::now());
        let failing_since = *self.place.failing_since.get_or_insert(made.at);
        let attempts = job.attempts + 1;
        let pause = match tried.is_gone() {
            // It is over by itself; should somebody enable it again, this is told first.
            true => Some(Duration::ZERO),
            false => schedule::pause(&self.state.config.webhook_pauses, self.of.webhook, job.event.position, attempts),
        };
        let due_at = pause.map(|pause| now + delta(pause.max(tried.retry_after.unwrap_or_default())));
        self.changes.wait(self.of, &Waiting { attempts, due_at, status: tried.status, ..waiting(job) });
        match due_at {
            Some(_) => self.backlog.add(job.event.stream, job.event.position),
            None => self.backlog.remove(job.event.stream, job.event.position),
        }
        self.backlog.end(job.event.position);
        self.leave_lane(job);
        for behind in self.busy.remove(&job.event.stream).unwrap_or_default() {
            self.held -= 1;
            self.put_behind(&behind, now);
        }
        if due_at.is_none() {
            self.exhausted(job, tried.status, attempts).await;
        }
        if tried.is_gone() {
            self.disable(Cause::Gone, made.at).await;
        } else if now - failing_since >= delta(self.state.config.webhook_disabled_after) {
            self.disable(Cause::Failing, made.at).await;
        }
    }

    /// Has one wait behind others of its stream.
    pub(super) fn put_behind(&mut self, job: &Job, now: DateTime<Utc>) {
        if job.origin == Origin::Waiting {
            // It waits already.
            return self.backlog.end(job.event.position);
        }
        self.changes.wait(self.of, &Waiting { due_at: Some(now), ..waiting(job) });
        self.backlog.add(job.event.stream, job.event.position);
        self.backlog.hurry();
        self.leave_lane(job);
    }

    fn leave_lane(&mut self, job: &Job) {
        let position = job.event.position;
        if let Some(lane) = self.lane(job.origin) {
            lane.settle(position);
        }
    }

    async fn exhausted(&self, job: &Job, status: Option<u16>, attempts: u32) {
        let (event_id, position) = (job.event.event_id, job.event.position);
        let told = DeliveryExhausted { event_id, position, attempts, status };
        let id = derived("webhook-exhausted", self.of.webhook.0, event_id, job.first_at.timestamp_micros());
        insist(&self.state, &self.meta(id), |unit| unit.run::<Webhook>(self.of.webhook, WebhookAction::Exhaust(told.clone()))).await;
    }

    async fn disable(&self, cause: Cause, at: DateTime<Utc>) {
        tracing::warn!(webhook = %self.of.webhook, ?cause, "a webhook endpoint is disabled");
        let id = derived("webhook-disabled", self.of.webhook.0, self.of.account, at.timestamp_micros());
        insist(&self.state, &self.meta(id), |unit| unit.run::<Webhook>(self.of.webhook, WebhookAction::Disable(cause))).await;
    }

    fn meta(&self, id: CommandId) -> CommandMeta {
        CommandMeta::new(self.of.account, id, Actor::System(MANAGER.to_owned()), Utc::now())
    }
}

fn waiting(job: &Job) -> Waiting {
    let (position, stream) = (job.event.position, job.event.stream);
    Waiting { position, stream, attempts: job.attempts, first_at: job.first_at, due_at: None, status: None }
}

fn delta(pause: Duration) -> TimeDelta {
    TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)
}
