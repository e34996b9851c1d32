//! Blue/green: new tables are filled from the first event on beside the live ones, and take their place in one
//! transaction when both stand at the same position.

use super::{
    Shared,
    builds::{self, Survey, begin, drop_builds, physical, present, swap_script},
    feed::{BATCH_EVENTS_MAX, Feed},
    group::{Group, Member},
};
use crate::{
    error::{Error, Result},
    fold::Projection,
    sql::{
        EngineName, Store,
        commit::Outcome,
        writer::{LOCK_CHECKPOINTS, Writer},
    },
};
use std::{sync::Arc, time::Duration};
use vitrina_eventlog::{EventLog, Position};

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Every event up to here is in the new tables.
    pub position: Position,
    /// Where it has to come.
    pub head: Position,
}

/// Pause before trying again after a database was away.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a rebuild waits for a database that is away.
const AWAY_MAX: Duration = Duration::from_secs(120);

/// Builds a projection, or [`super::ALL`], anew from another process than the one that serves, or while none does.
///
/// # Errors
/// [`Error::UnknownProjection`], or what stops the build; the live tables are not touched then.
pub async fn rebuild(
    store: Store,
    log: EventLog,
    projections: Vec<Arc<dyn Projection>>,
    name: &str,
    progress: impl FnMut(Progress) + Send,
) -> Result<Position> {
    let shared = Shared::new(store, log, projections);
    let mut wanted = shared.named(name)?;
    let writer = shared.store.writer().await?;
    if writer.lead().await? {
        let outdated = builds::prepare(&writer, &shared.projections, shared.log.ping().await?).await?;
        // A build of these is due anyway, and they come in together.
        if outdated.iter().any(|outdated| wanted.iter().any(|wanted| wanted.name() == outdated.name())) {
            wanted.extend(outdated);
            wanted.sort_by_key(|projection| projection.name());
            wanted.dedup_by_key(|projection| projection.name());
        }
    }
    build(&shared, &wanted, progress).await
}

/// Builds these projections anew, in one pass, beside the live ones.
pub(super) async fn build(
    shared: &Shared,
    projections: &[Arc<dyn Projection>],
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Position> {
    let mut writer = shared.store.writer().await?;
    let (numbers, team) = begin(&writer, projections).await?;
    let mut away = Duration::ZERO;
    loop {
        match catch_up_and_swap(shared, &writer, projections, &numbers, &team, &mut progress).await {
            Ok(position) => return Ok(position),
            Err(error) if error.is_passing() && away < AWAY_MAX => {
                tracing::warn!(error = error.chain(), team, "a rebuild waits for its database");
                tokio::time::sleep(PAUSE).await;
                away += PAUSE;
                if let Ok(fresh) = shared.store.writer().await {
                    writer = fresh;
                }
            }
            Err(error) => {
                abandon(shared, &writer, projections, &team).await;
                return Err(error);
            }
        }
    }
}

async fn catch_up_and_swap(
    shared: &Shared,
    writer: &Writer,
    projections: &[Arc<dyn Projection>],
    numbers: &[i64],
    team: &str,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<Position> {
    let position = Survey::look(writer).await?.position_of(team).ok_or_else(lost)?;
    let engine = writer.engine_name();
    let members = projections.iter().zip(numbers).map(|(p, number)| Member::new(p.clone(), physical(p.as_ref(), *number, engine)));
    let mut group = Group::new(team, members.collect(), position);
    let mut feed = Feed::new(shared.log.clone());
    loop {
        let target = meeting_point(shared, writer, projections).await?;
        if target.0 - group.position().0 <= BATCH_EVENTS_MAX as i64 {
            break;
        }
        while group.position() < target {
            step(&mut group, &mut feed, writer, target).await?;
            progress(Progress { position: group.position(), head: target });
        }
    }
    if engine == EngineName::Postgres {
        // Queries plan by statistics, which the new tables do not have yet.
        let names = projections.iter().zip(numbers).flat_map(|(p, number)| physical(p.as_ref(), *number, engine));
        let tables: Vec<_> = names.map(|table| table.name.clone()).collect();
        writer.script(format!("ANALYZE {}", tables.join(", "))).await?;
    }
    let gate = shared.gate.lock().await;
    let hold = Hold::begin(shared, writer).await?;
    let target = meeting_point(shared, hold.writer(), projections).await?;
    while group.position() < target {
        step(&mut group, &mut feed, writer, target).await?;
    }
    progress(Progress { position: target, head: target });
    let survey = Survey::look(hold.writer()).await?;
    let script = swap_script(&survey, projections, numbers, team, engine);
    hold.end(script).await?;
    shared.changed.send_modify(|changes| *changes += 1);
    drop(gate);
    let replaced = |build: &builds::Build| !numbers.contains(&build.number) && projections.iter().any(|p| p.name() == build.name);
    let old: Vec<_> = survey.builds.iter().filter(|build| replaced(build) && !build.team.starts_with("rebuild-")).cloned().collect();
    drop_builds(writer, &old, projections).await?;
    if Survey::look(writer).await?.outdated(&shared.projections).is_empty() {
        present(writer).await;
    }
    Ok(group.position())
}

/// Where the new builds join the live team: where those of it stand that stay, and when none stays, at the head of the log.
async fn meeting_point(shared: &Shared, writer: &Writer, replaced: &[Arc<dyn Projection>]) -> Result<Position> {
    let staying = Survey::look(writer).await?.position_without(replaced);
    Ok(staying.unwrap_or(shared.log.head()))
}

async fn step(group: &mut Group, feed: &mut Feed, writer: &Writer, upto: Position) -> Result<()> {
    let after = group.position();
    let events = feed.after(after, upto).await?;
    if events.is_empty() {
        return Err(Error::Gap { expected: after.next(), found: after });
    }
    match group.step(writer, &events).await? {
        Outcome::Committed => Ok(()),
        Outcome::Lost => Err(lost()),
    }
}

fn lost() -> Error {
    Error::Open("the rebuild was given up: another process has taken over and cleared it away".to_owned())
}

async fn abandon(shared: &Shared, writer: &Writer, projections: &[Arc<dyn Projection>], team: &str) {
    let Ok(survey) = Survey::look(writer).await else { return };
    let builds: Vec<_> = survey.builds.into_iter().filter(|build| build.team == team).collect();
    if let Err(error) = drop_builds(writer, &builds, projections).await {
        // The next start clears it away.
        tracing::warn!(error = error.chain(), position = shared.position.borrow().0, "an unfinished build could not be removed");
    }
}

/// Makes the live checkpoints stand still: on SQLite the gate of the one process does; on PostgreSQL the lock that every
/// process takes before it moves them.
enum Hold<'w> {
    Here(&'w Writer),
    Everywhere(Writer),
}

impl<'w> Hold<'w> {
    async fn begin(shared: &Shared, writer: &'w Writer) -> Result<Self> {
        if writer.engine_name() == EngineName::Sqlite {
            return Ok(Self::Here(writer));
        }
        let own = shared.store.writer().await?;
        own.script(format!("BEGIN; {LOCK_CHECKPOINTS}")).await?;
        Ok(Self::Everywhere(own))
    }

    fn writer(&self) -> &Writer {
        match self {
            Self::Here(writer) => writer,
            Self::Everywhere(writer) => writer,
        }
    }

    /// Runs the script and lets go. When it fails, nothing of it has happened: the connection is dropped.
    async fn end(self, script: String) -> Result<()> {
        match self {
            Self::Here(writer) => writer.script(script).await,
            Self::Everywhere(writer) => writer.script(format!("{script} COMMIT")).await,
        }
    }
}
