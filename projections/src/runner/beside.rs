//! The builds that stand beside new ones: which are to be compared, and where.
//!
//! One that advances is met where it stands when the new one has caught up; one that stands still, because its version or its
//! checkpoint is outdated, is met on the way.

use super::{
    builds::{Build, RETIRED, Survey, physical},
    compare::{self, Comparison, Pair},
    order::{Compare, Order},
    pace::Walk,
};
use crate::{
    error::Result,
    fold::Projection,
    sql::{Store, commit::LIVE, snapshot::Snapshot, writer::Writer},
};
use std::sync::Arc;
use vitrina_eventlog::Position;

/// Old builds to be compared with, and what has been found.
pub(super) struct Beside {
    still: Vec<(Position, Pair)>,
    live: Vec<Pair>,
    told_max: usize,
    pub found: Comparison,
}

impl Beside {
    /// Looks which there are.
    pub async fn look(writer: &Writer, projections: &[Arc<dyn Projection>], numbers: &[i64], order: Order) -> Result<Self> {
        let survey = Survey::look(writer).await?;
        let mut beside = Self { still: Vec::new(), live: Vec::new(), told_max: order.told_max, found: Comparison::default() };
        for (projection, number) in projections.iter().zip(numbers) {
            let is_old = |build: &&Build| build.name == projection.name() && [LIVE, RETIRED].contains(&build.team.as_str());
            for old in survey.builds.iter().filter(is_old) {
                let is_same = old.version == i64::from(projection.version());
                if old.position == Position::ZERO || !is_same && order.compare == Compare::SameVersion {
                    continue;
                }
                for table in physical(projection.as_ref(), *number, writer.engine_name()) {
                    let stem = table.descriptor.name;
                    let pair = Pair {
                        projection: projection.name(),
                        descriptor: table.descriptor,
                        old: (format!("{stem}_v{}_{}", old.version, old.number), old.version),
                        new: (table.name.clone(), projection.version().into()),
                    };
                    if old.team == LIVE { beside.live.push(pair) } else { beside.still.push((old.position, pair)) }
                }
            }
        }
        Ok(beside)
    }

    /// The next position at which one stands that stands still.
    pub fn next_stop(&self) -> Option<Position> {
        self.still.iter().map(|(position, _)| *position).min()
    }

    /// Whether there are some that advance and were not compared yet.
    pub fn is_due(&self) -> bool {
        !self.live.is_empty()
    }

    /// Compares those that stand here.
    pub async fn compare_at(&mut self, store: &Store, position: Position, walk: &mut Walk<'_>) -> Result<()> {
        let snapshot = Snapshot::take(store).await?;
        // One after the other leaves when it was compared: what breaks off is gone on with.
        while let Some(at) = self.still.iter().position(|(stands, _)| *stands <= position) {
            let pair = self.still[at].1.clone();
            self.compare(&snapshot, &pair, position, walk).await?;
            self.still.remove(at);
        }
        Ok(())
    }

    /// A look at new and live tables; these stand still until it is taken.
    pub async fn snapshot(&self, store: &Store) -> Result<Snapshot> {
        Snapshot::take(store).await
    }

    /// Compares those that stood at this position when the snapshot was taken.
    pub async fn compare_live(&mut self, snapshot: Snapshot, position: Position, walk: &mut Walk<'_>) -> Result<()> {
        while let Some(pair) = self.live.first().cloned() {
            self.compare(&snapshot, &pair, position, walk).await?;
            self.live.remove(0);
        }
        Ok(())
    }

    async fn compare(&mut self, snapshot: &Snapshot, pair: &Pair, position: Position, walk: &mut Walk<'_>) -> Result<()> {
        let told = self.found.told.len();
        let compared = match compare::table(snapshot, pair, position, (&mut self.found, self.told_max), walk).await {
            Ok(compared) => compared,
            Err(error) => {
                // It is compared from its beginning: what was found so far would be told twice.
                self.found.told.truncate(told);
                return Err(error);
            }
        };
        if compared.differing() > 0 && compared.old_version == compared.new_version {
            tracing::warn!(table = compared.table, rows = compared.differing(), position = position.0, "rows were not what the log says");
        }
        self.found.tables.push(compared);
        Ok(())
    }
}
