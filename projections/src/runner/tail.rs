//! The live loop: one process at a time folds the log into the read models; the others follow what it writes.

use super::{
    Shared,
    builds::{Survey, prepare},
    feed::Feed,
    order::Order,
    rebuild,
    status::State,
};
use crate::{
    error::{Error, Result},
    sql::{
        commit::Outcome,
        writer::{STANDSTILL, Writer},
    },
};
use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};
use vitrina_eventlog::{LogError, Position};

/// First pause after a database was away; doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Longest pause: the read models are back within about that after the database is.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// How often a follower tries to become the one who writes.
const TAKE_OVER_EVERY: Duration = Duration::from_secs(1);
/// How often a follower looks for the checkpoint while it is behind the log.
const FOLLOW_EVERY: Duration = Duration::from_millis(10);
/// After a batch that ended this recently there is more to come: the runner waits a moment for the next one to grow, because
/// a transaction for twenty events costs nearly as much as one for two hundred, and takes its time from the commands. A lone
/// event is never waited for, and nobody who asks for a position waits.
const BUSY: Duration = Duration::from_millis(20);
/// How long that moment is: what a read that asks for no position may be older under load, and only then.
const GATHER: Duration = Duration::from_millis(4);
/// Events that need no wait to be worth a transaction.
const ENOUGH: i64 = 256;

/// Runs until it fails for good. A database that is away is waited for.
pub(super) async fn follow(shared: &Shared) {
    let mut pause = PAUSE_MIN;
    loop {
        let begun = Instant::now();
        let Err(error) = lead(shared).await else { continue };
        if matches!(error, Error::Closed | Error::Log(LogError::Closed)) {
            return;
        }
        if !error.is_passing() {
            tracing::error!(
                error = error.chain(),
                position = shared.position.borrow().0,
                "the read models stand still: the projections have stopped"
            );
            metrics::gauge!("vitrina_projections_failed").set(1.0);
            shared.set_state(State::Failed(error.chain()));
            return;
        }
        if begun.elapsed() > PAUSE_MAX {
            pause = PAUSE_MIN;
        }
        tracing::warn!(error = error.chain(), pause_ms = pause.as_millis(), "the read models wait for their database");
        shared.set_state(State::Waiting(error.chain()));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Waits for its turn to write, and then writes until something comes in between.
async fn lead(shared: &Shared) -> Result<()> {
    let writer = shared.store.writer().await?;
    let mut stands = (Position::ZERO, Instant::now());
    while !writer.lead().await? {
        let reached = watch_another(shared, &writer).await?;
        if reached != Some(stands.0) || reached >= Some(shared.log.head()) {
            stands = (reached.unwrap_or(Position::ZERO), Instant::now());
        } else if stands.1.elapsed() >= STANDSTILL {
            writer.depose().await?;
        }
    }
    let reached = Survey::look(&writer).await?.live_position().unwrap_or(Position::ZERO);
    // Asked after the position is known: the log is always ahead of its read models.
    let head = if reached > shared.log.head() { shared.log.ping().await? } else { shared.log.head() };
    let outdated = prepare(&writer, &shared.projections, head).await?;
    let missing: Vec<_> = outdated.iter().map(|projection| projection.name()).collect();
    shared.status.send_modify(|status| status.missing = missing);
    if outdated.is_empty() {
        return run(shared, &writer).await;
    }
    tracing::info!(projections = ?shared.status.borrow().missing, "building read models anew");
    let building = async {
        rebuild::build(shared, &outdated, Order::MISSING, &mut |_| ControlFlow::Continue(())).await?;
        shared.status.send_modify(|status| status.missing.clear());
        std::future::pending().await
    };
    tokio::select! {
        ended = run(shared, &writer) => ended,
        failed = building => failed,
    }
}

/// Folds batch after batch.
async fn run(shared: &Shared, writer: &Writer) -> Result<()> {
    let mut head = shared.log.watch();
    let mut changed = shared.changed.subscribe();
    let mut wanted = shared.wanted.subscribe();
    loop {
        changed.mark_unchanged();
        let mut group = Survey::look(writer).await?.group(&shared.projections);
        let mut feed = Feed::new(shared.log.clone());
        if group.is_empty() {
            // Nothing can be read yet: a rebuild will tell when there is.
            changed.changed().await.map_err(|_| Error::Closed)?;
            continue;
        }
        shared.set_state(State::Running);
        shared.publish(group.position());
        let mut ended: Option<Instant> = None;
        loop {
            let after = group.position();
            tokio::select! {
                known = head.wait_for(|head| *head > after) => { known.map_err(|_| Error::Closed)?; }
                _ = changed.changed() => break,
            }
            if ended.is_some_and(|ended| ended.elapsed() < BUSY) && head.borrow().0 - after.0 < ENOUGH {
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    _ = wanted.wait_for(|wanted| *wanted > after) => {}
                }
            }
            let events = feed.after(after, Position(i64::MAX)).await?;
            if events.is_empty() {
                return Err(Error::Gap { expected: after.next(), found: *head.borrow() });
            }
            let started = Instant::now();
            let turn = shared.gate.lock().await;
            // A swap may have happened while the gate was waited for.
            let outcome = if changed.has_changed().unwrap_or(false) { Outcome::Lost } else { group.step(writer, &events).await? };
            drop(turn);
            if outcome == Outcome::Lost {
                tracing::info!(position = after.0, "the checkpoints were moved by another hand; looking again");
                break;
            }
            metrics::histogram!("vitrina_projections_batch_seconds").record(started.elapsed().as_secs_f64());
            metrics::counter!("vitrina_projections_events_total").increment(events.len() as u64);
            shared.publish(group.position());
            ended = Some(Instant::now());
        }
    }
}

/// Makes known how far the process that writes has come, until it is time to try to take over, and answers with it.
async fn watch_another(shared: &Shared, writer: &Writer) -> Result<Option<Position>> {
    shared.set_state(State::Following);
    let mut head = shared.log.watch();
    let until = tokio::time::Instant::now() + TAKE_OVER_EVERY;
    let mut live = None;
    while tokio::time::Instant::now() < until {
        let survey = Survey::look(writer).await?;
        let missing: Vec<_> = survey.outdated(&shared.projections).iter().map(|projection| projection.name()).collect();
        shared.status.send_if_modified(|status| std::mem::replace(&mut status.missing, missing.clone()) != missing);
        live = survey.live_position();
        let reached = live.unwrap_or(Position::ZERO);
        shared.publish(reached);
        let behind = reached < *head.borrow_and_update();
        let pause = if behind { FOLLOW_EVERY } else { TAKE_OVER_EVERY };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = head.changed() => {}
        }
    }
    Ok(live)
}
