//! Blue/green: new tables are filled from the first event on beside the live ones, compared with them where both stand at the same
//! position, and take their place in one transaction, or go.

use super::{
    Shared,
    beside::Beside,
    builds::{self, Survey, begin, claim, drop_builds, physical, present, swap_script},
    feed::Feed,
    group::{Group, Member},
    order::{Listener, Order, Rebuilt, Stage, Then},
    pace::Walk,
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
use vitrina_eventlog::{Decoded, EventLog, Position};

/// Pause before trying again after a database was away.
const PAUSE: Duration = Duration::from_millis(500);
/// Events that may be left when the live read models are made to stand still: some hundredths of a second.
const NEAR_EVENTS: i64 = 250;
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
    order: Order,
    listener: Listener<'_>,
) -> Result<Rebuilt> {
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
    build(&shared, &wanted, order, listener).await
}

/// Builds these projections anew, in one pass, beside the live ones.
pub(super) async fn build(shared: &Shared, projections: &[Arc<dyn Projection>], order: Order, listener: Listener<'_>) -> Result<Rebuilt> {
    let mut writer = shared.store.writer().await?;
    let (numbers, team) = begin(&writer, projections).await?;
    let mut walk = Walk::new(listener, order.pace, shared.log.clone());
    let mut beside = Beside::look(&writer, projections, &numbers, order).await?;
    let mut away = Duration::ZERO;
    loop {
        let building = Building { shared, projections, numbers: &numbers, team: &team };
        match building.run(&writer, order.then, &mut beside, &mut walk).await {
            Ok(position) => return Ok(Rebuilt { position, comparison: beside.found, then: order.then }),
            Err(error) if error.is_passing() && away < AWAY_MAX => {
                tracing::warn!(error = error.chain(), team, "a rebuild waits for its database");
                tokio::time::sleep(PAUSE).await;
                away += PAUSE;
                // The writer that is there holds the build still, unless its session has ended: then nobody does, and another one takes it.
                if !matches!(claim(&writer, &team).await, Ok(true))
                    && let Ok(fresh) = shared.store.writer().await
                    && matches!(claim(&fresh, &team).await, Ok(true))
                {
                    writer = fresh;
                }
            }
            Err(error) => {
                building.abandon(&writer).await;
                return Err(error);
            }
        }
    }
}

/// New tables on their way.
struct Building<'a> {
    shared: &'a Shared,
    projections: &'a [Arc<dyn Projection>],
    numbers: &'a [i64],
    team: &'a str,
}

impl Building<'_> {
    async fn run(&self, writer: &Writer, then: Then, beside: &mut Beside, walk: &mut Walk<'_>) -> Result<Position> {
        let position = Survey::look(writer).await?.position_of(self.team).ok_or_else(lost)?;
        let engine = writer.engine_name();
        let members = self.projections.iter().zip(self.numbers);
        let members = members.map(|(p, number)| Member::new(p.clone(), physical(p.as_ref(), *number, engine)));
        let mut group = Group::new(self.team, members.collect(), position);
        let mut feed = Feed::new(self.shared.log.clone());
        // Old ones that nobody advances are met on the way.
        while let Some(stop) = beside.next_stop() {
            self.fill(&mut group, &mut feed, writer, stop, walk).await?;
            beside.compare_at(&self.shared.store, stop, walk).await?;
        }
        if beside.is_due() {
            self.come_near(&mut group, &mut feed, writer, beside, walk).await?;
            let gate = self.shared.gate.lock().await;
            let hold = Hold::begin(self.shared, writer).await?;
            let target = self.meeting_point(hold.writer(), beside).await?;
            self.come_to(&mut group, &mut feed, writer, target).await?;
            let snapshot = beside.snapshot(&self.shared.store).await?;
            hold.end(String::new()).await?;
            drop(gate);
            beside.compare_live(snapshot, target, walk).await?;
        }
        if then == Then::Drop {
            walk.tell(Stage::Filling, group.position(), group.position())?;
            self.drop_own(writer).await?;
            return Ok(group.position());
        }
        self.come_near(&mut group, &mut feed, writer, beside, walk).await?;
        if engine == EngineName::Postgres {
            // Queries plan by statistics, which the new tables do not have yet.
            let names = self.projections.iter().zip(self.numbers).flat_map(|(p, number)| physical(p.as_ref(), *number, engine));
            let tables: Vec<_> = names.map(|table| table.name.clone()).collect();
            writer.script(format!("ANALYZE {}", tables.join(", "))).await?;
        }
        let gate = self.shared.gate.lock().await;
        let hold = Hold::begin(self.shared, writer).await?;
        let target = self.meeting_point(hold.writer(), beside).await?;
        self.come_to(&mut group, &mut feed, writer, target).await?;
        walk.tell(Stage::Filling, target, target)?;
        let survey = Survey::look(hold.writer()).await?;
        hold.end(swap_script(&survey, self.projections, self.numbers, self.team, engine)).await?;
        self.shared.changed.send_modify(|changes| *changes += 1);
        drop(gate);
        let replaced =
            |build: &builds::Build| !self.numbers.contains(&build.number) && self.projections.iter().any(|p| p.name() == build.name);
        let old: Vec<_> = survey.builds.iter().filter(|build| replaced(build) && !build.team.starts_with("rebuild-")).cloned().collect();
        drop_builds(writer, &old, self.projections).await?;
        if Survey::look(writer).await?.outdated(&self.shared.projections).is_empty() {
            present(writer).await;
        }
        Ok(group.position())
    }

    /// Folds up to a few events before where it is to meet the others, who go on meanwhile.
    async fn come_near(&self, group: &mut Group, feed: &mut Feed, writer: &Writer, beside: &Beside, walk: &mut Walk<'_>) -> Result<()> {
        let mut before = i64::MAX;
        loop {
            let target = self.meeting_point(writer, beside).await?;
            let behind = target.0 - group.position().0;
            if behind <= NEAR_EVENTS {
                return Ok(());
            }
            // As long as each round leaves half of what the one before left it arrives, without taking more from others.
            if behind > before / 2 {
                walk.hurry();
            }
            before = behind;
            self.fill(group, feed, writer, target, walk).await?;
        }
    }

    /// Folds up to the position at the pace of the walk.
    async fn fill(&self, group: &mut Group, feed: &mut Feed, writer: &Writer, target: Position, walk: &mut Walk<'_>) -> Result<()> {
        while group.position() < target {
            let events = next(group.position(), feed, target).await?;
            let mut left = &events[..];
            while !left.is_empty() {
                let (part, later) = left.split_at(walk.step().events.min(left.len()));
                step(group, writer, part).await?;
                walk.on(Stage::Filling, group.position(), target).await?;
                left = later;
            }
        }
        Ok(())
    }

    /// Folds the few events that are left while the others stand still.
    async fn come_to(&self, group: &mut Group, feed: &mut Feed, writer: &Writer, target: Position) -> Result<()> {
        while group.position() < target {
            let events = next(group.position(), feed, target).await?;
            step(group, writer, &events).await?;
        }
        Ok(())
    }

    /// Where the new tables meet the live ones: to be compared, where these stand; to join them, where those of them stand that stay,
    /// and when none stays, at the head of the log.
    async fn meeting_point(&self, writer: &Writer, beside: &Beside) -> Result<Position> {
        let survey = Survey::look(writer).await?;
        let met = if beside.is_due() { survey.live_position() } else { survey.position_without(self.projections) };
        Ok(met.unwrap_or(self.shared.log.head()))
    }

    async fn drop_own(&self, writer: &Writer) -> Result<()> {
        let builds: Vec<_> = Survey::look(writer).await?.builds.into_iter().filter(|build| build.team == self.team).collect();
        drop_builds(writer, &builds, self.projections).await
    }

    async fn abandon(&self, writer: &Writer) {
        if let Err(error) = self.drop_own(writer).await {
            // The next start clears it away.
            let position = self.shared.position.borrow().0;
            tracing::warn!(error = error.chain(), position, "an unfinished build could not be removed");
        }
    }
}

async fn next(after: Position, feed: &mut Feed, upto: Position) -> Result<Vec<Decoded>> {
    let events = feed.after(after, upto).await?;
    if events.is_empty() { Err(Error::Gap { expected: after.next(), found: after }) } else { Ok(events) }
}

async fn step(group: &mut Group, writer: &Writer, events: &[Decoded]) -> Result<()> {
    match group.step(writer, events).await? {
        Outcome::Committed => Ok(()),
        Outcome::Lost => Err(lost()),
    }
}

fn lost() -> Error {
    Error::Open("the rebuild was given up: another process has taken over and cleared it away".to_owned())
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
