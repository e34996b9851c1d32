//! Builds of the read models: which are there, at which checkpoint, and how a new one takes an old one's place.
//!
//! Tables carry their projection's version and the number of the build; queries use views. A build becomes visible by
//! pointing the views at it, in the transaction that makes it a member of the live team.

use super::group::{Group, Member};
use crate::{
    error::Result,
    fold::{Projection, Rows, Tables},
    sql::{EngineName, Value, commit::LIVE, writer::Writer},
    table::{Physical, take},
};
use std::sync::Arc;
use vitrina_eventlog::Position;

/// Builds that queries see until their successor is there, and that nobody advances.
pub(super) const RETIRED: &str = "retired";
/// Typed views for people, on PostgreSQL.
const BI: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/read/bi.sql"));

/// What teams are called that are not live: this and a number.
const TEAM: &str = "rebuild-";

const ALL: &str = "SELECT build, name, version, team, position FROM projections ORDER BY build";

/// A build as it is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Build {
    pub number: i64,
    pub name: String,
    pub version: i64,
    pub team: String,
    pub position: Position,
}

/// The builds of the database in the light of this build's projections.
pub(crate) struct Survey {
    pub builds: Vec<Build>,
    engine: EngineName,
}

impl Survey {
    /// Looks.
    pub async fn look(writer: &Writer) -> Result<Self> {
        let rows = writer.query(ALL, Vec::new()).await?;
        let read = |row: Vec<Value>| {
            let values = &mut row.into_iter();
            Ok(Build {
                number: take(values, "projections", "build")?,
                name: take(values, "projections", "name")?,
                version: take(values, "projections", "version")?,
                team: take(values, "projections", "team")?,
                position: Position(take(values, "projections", "position")?),
            })
        };
        Ok(Self { builds: rows.into_iter().map(read).collect::<Result<_>>()?, engine: writer.engine_name() })
    }

    fn live(&self) -> impl Iterator<Item = &Build> {
        self.builds.iter().filter(|build| build.team == LIVE)
    }

    /// Where the live team stands; `None` when there is none.
    pub fn live_position(&self) -> Option<Position> {
        self.live().map(|build| build.position).max()
    }

    /// Where those of the live team stand that are not of these projections; `None` when there are none.
    pub fn position_without(&self, projections: &[Arc<dyn Projection>]) -> Option<Position> {
        let others = self.live().filter(|build| !projections.iter().any(|projection| projection.name() == build.name));
        others.map(|build| build.position).max()
    }

    /// The projections that have no live build of their version at the team's position.
    pub fn outdated(&self, projections: &[Arc<dyn Projection>]) -> Vec<Arc<dyn Projection>> {
        let position = self.live_position();
        let current = |projection: &Arc<dyn Projection>| {
            self.live().any(|build| is_of(build, projection.as_ref()) && Some(build.position) == position)
        };
        projections.iter().filter(|projection| !current(projection)).cloned().collect()
    }

    /// The team that queries see, ready to go on from its checkpoint.
    pub fn group(&self, projections: &[Arc<dyn Projection>]) -> Group {
        let position = self.live_position().unwrap_or(Position::ZERO);
        let of = |build: &Build| projections.iter().find(|projection| is_of(build, projection.as_ref()));
        let members = self.live().filter_map(|build| {
            let projection = of(build)?;
            Some(Member::new(projection.clone(), physical(projection.as_ref(), build.number, self.engine)))
        });
        Group::new(LIVE, members.collect(), position)
    }

    /// The position of a team, or `None` when it is no longer there.
    pub fn position_of(&self, team: &str) -> Option<Position> {
        self.builds.iter().find(|build| build.team == team).map(|build| build.position)
    }
}

fn is_of(build: &Build, projection: &dyn Projection) -> bool {
    build.name == projection.name() && build.version == i64::from(projection.version())
}

/// The tables of a build.
pub(crate) fn physical(projection: &dyn Projection, build: i64, engine: EngineName) -> Vec<Arc<Physical>> {
    let mut tables = Tables::default();
    projection.tables(&mut tables);
    let mut rows = Rows::new(tables);
    let descriptors = rows.buffers().iter().map(|buffer| buffer.descriptor()).collect::<Vec<_>>();
    descriptors.into_iter().map(|d| Arc::new(Physical::new(d, projection.version(), build, engine))).collect()
}

/// Puts the house in order before the live team goes on: throws away what cannot be gone on with and nobody fills, makes everything in an
/// empty house. Answers with the projections that must be built beside the live ones.
pub(crate) async fn prepare(writer: &Writer, projections: &[Arc<dyn Projection>], head: Position) -> Result<Vec<Arc<dyn Projection>>> {
    let mut survey = Survey::look(writer).await?;
    if survey.live_position().is_some_and(|position| position > head) {
        tracing::warn!(%head, "the read models are ahead of the log, as after restoring an older log: making them again");
        drop_builds(writer, &survey.builds, projections).await?;
        survey.builds.clear();
    }
    clear_dead(writer, projections).await?;
    survey.builds.retain(|build| !build.team.starts_with(TEAM));
    let outdated = survey.outdated(projections);
    if survey.builds.is_empty() {
        let (numbers, team) = begin(writer, &outdated).await?;
        let swap = swap_script(&survey, &outdated, &numbers, &team, writer.engine_name());
        writer.script(swap).await?;
        present(writer).await;
        return Ok(Vec::new());
    }
    let kept: Vec<_> = projections.iter().filter(|p| !outdated.iter().any(|o| o.name() == p.name())).collect();
    for build in survey.live().filter(|build| !kept.iter().any(|projection| is_of(build, projection.as_ref()))) {
        writer.script(format!("UPDATE projections SET team = '{RETIRED}' WHERE build = {}", build.number)).await?;
    }
    if outdated.is_empty() {
        present(writer).await;
    }
    Ok(outdated)
}

/// The number of a team that is not live.
fn number_of(team: &str) -> Option<i64> {
    team.strip_prefix(TEAM)?.parse().ok()
}

/// Says that this writer fills the team's tables; whether no other one does.
pub(super) async fn claim(writer: &Writer, team: &str) -> Result<bool> {
    match number_of(team) {
        Some(number) => writer.claim(number).await,
        None => Ok(false),
    }
}

/// Throws away what somebody had begun who fills it no more: a process that was killed, or a build that broke off. What somebody fills is
/// left alone, whoever leads.
async fn clear_dead(writer: &Writer, projections: &[Arc<dyn Projection>]) -> Result<()> {
    let mut builds = Survey::look(writer).await?.builds;
    builds.retain(|build| build.team.starts_with(TEAM));
    while let Some(team) = builds.first().map(|build| build.team.clone()) {
        let (dead, rest): (Vec<_>, Vec<_>) = builds.into_iter().partition(|build| build.team == team);
        if let Some(number) = number_of(&team)
            && writer.claim(number).await?
        {
            tracing::info!(team, "throwing away a build that nobody fills any more");
            drop_builds(writer, &dead, projections).await?;
            writer.let_go(number).await?;
        }
        builds = rest;
    }
    Ok(())
}

/// Makes the tables of new builds. Answers with their numbers and their team.
pub(crate) async fn begin(writer: &Writer, projections: &[Arc<dyn Projection>]) -> Result<(Vec<i64>, String)> {
    let count = i64::try_from(projections.len()).unwrap_or(i64::MAX);
    clear_dead(writer, projections).await?;
    let take_numbers = "UPDATE house SET value = value + $2 WHERE name = $1 RETURNING value";
    let last = writer.query(take_numbers, vec![Value::Text("builds".to_owned()), Value::Int(count)]).await?;
    let last: i64 = take(&mut last.into_iter().flatten(), "house", "value")?;
    let numbers: Vec<i64> = (last - count + 1..=last).collect();
    let team = format!("{TEAM}{last}");
    claim(writer, &team).await?;
    let engine = writer.engine_name();
    let mut script = String::new();
    for (projection, number) in projections.iter().zip(&numbers) {
        for table in physical(projection.as_ref(), *number, engine) {
            script.push_str(&table.ddl(engine));
        }
        let (name, version) = (projection.name(), projection.version());
        script.push_str(&format!(
            "INSERT INTO projections (build, name, version, team, position) VALUES ({number}, '{name}', {version}, '{team}', 0);\n"
        ));
    }
    writer.script(script).await?;
    Ok((numbers, team))
}

/// The statements that put new builds in the place of the old ones: views and book-keeping. One transaction.
pub(crate) fn swap_script(survey: &Survey, projections: &[Arc<dyn Projection>], numbers: &[i64], team: &str, engine: EngineName) -> String {
    let mut script = String::new();
    for (projection, number) in projections.iter().zip(numbers) {
        let same_version = survey.builds.iter().any(|b| (b.team == LIVE || b.team == RETIRED) && is_of(b, projection.as_ref()));
        for table in physical(projection.as_ref(), *number, engine) {
            let (view, physical) = (table.descriptor.name, &table.name);
            script.push_str(&match engine {
                // Replacing keeps the views for people, and what they were granted.
                EngineName::Postgres if same_version => format!("CREATE OR REPLACE VIEW {view} AS SELECT * FROM {physical};\n"),
                EngineName::Postgres => format!("DROP VIEW IF EXISTS {view} CASCADE;\nCREATE VIEW {view} AS SELECT * FROM {physical};\n"),
                EngineName::Sqlite => format!("DROP VIEW IF EXISTS {view};\nCREATE VIEW {view} AS SELECT * FROM {physical};\n"),
            });
        }
        let name = projection.name();
        script.push_str(&format!("DELETE FROM projections WHERE name = '{name}' AND team IN ('{LIVE}', '{RETIRED}');\n"));
    }
    script.push_str(&format!("UPDATE projections SET team = '{LIVE}' WHERE team = '{team}';\n"));
    script
}

/// Removes the tables of builds that nobody sees or advances any more.
pub(crate) async fn drop_builds(writer: &Writer, builds: &[Build], projections: &[Arc<dyn Projection>]) -> Result<()> {
    let mut script = String::new();
    for build in builds {
        // What a projection that is no longer there had for tables is not known; its tables are left for a person to drop.
        let known = projections.iter().find(|projection| projection.name() == build.name);
        for table in known.iter().flat_map(|p| physical(p.as_ref(), build.number, writer.engine_name())) {
            let stem = table.descriptor.name;
            let name = format!("{stem}_v{}_{}", build.version, build.number);
            let cascade = if writer.engine_name() == EngineName::Postgres { " CASCADE" } else { "" };
            script.push_str(&format!("DROP TABLE IF EXISTS {name}{cascade};\n"));
        }
        script.push_str(&format!("DELETE FROM projections WHERE build = {};\n", build.number));
    }
    writer.script(script).await
}

/// Makes the typed views for people, on PostgreSQL. They are a convenience: the product goes on without them.
pub(crate) async fn present(writer: &Writer) {
    if writer.engine_name() == EngineName::Postgres
        && let Err(error) = writer.script(BI.to_owned()).await
    {
        tracing::warn!(error = error.chain(), "the views of schema bi could not be made");
    }
}
