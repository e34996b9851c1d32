//! Projections that advance together: one fold of a batch into one transaction.

use crate::{
    error::{Error, Result},
    fold::{FoldError, Gone, Keys, Projection, Rows, Scrubs, Tables},
    sql::{
        commit::{Advance, Commit, Load, Outcome, TableWrites, Traces},
        writer::Writer,
    },
    table::Physical,
};
use std::sync::Arc;
use vitrina_domain::{
    event::Event,
    ids::SubjectId,
    retention::{ContentExpired, RetentionEvent},
    subject::{Forgotten, SubjectEvent},
};
use vitrina_eventlog::{Decoded, Position};

/// A projection and the build of its tables that is written.
pub(crate) struct Member {
    projection: Arc<dyn Projection>,
    tables: Vec<Arc<Physical>>,
    rows: Rows,
}

impl Member {
    pub fn new(projection: Arc<dyn Projection>, tables: Vec<Arc<Physical>>) -> Self {
        let mut named = Tables::default();
        projection.tables(&mut named);
        Self { projection, tables, rows: Rows::new(named) }
    }
}

/// A team at a position.
pub(crate) struct Group {
    team: String,
    members: Vec<Member>,
    position: Position,
}

impl Group {
    pub fn new(team: impl Into<String>, members: Vec<Member>, position: Position) -> Self {
        Self { team: team.into(), members, position }
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Every event up to here is in the tables.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Folds the events that follow the position, all or none of them. After anything but success the cached rows are
    /// dropped and the position must be read anew.
    ///
    /// # Errors
    /// [`Error::Gap`] and [`Error::Fold`] stop the projections; others pass.
    pub async fn step(&mut self, writer: &Writer, events: &[Decoded]) -> Result<Outcome> {
        let done = self.try_step(writer, events).await;
        if !matches!(done, Ok(Outcome::Committed)) {
            self.forget();
        }
        done
    }

    /// An event that has something forgotten is a batch by itself: what is to be blanked is in the tables by then.
    async fn try_step(&mut self, writer: &Writer, events: &[Decoded]) -> Result<Outcome> {
        self.must_follow(events)?;
        let mut done = Outcome::Committed;
        for batch in events.chunk_by(|one, next| blanking(one).is_none() && blanking(next).is_none()) {
            if done == Outcome::Committed {
                done = self.batch(writer, batch).await?;
            }
        }
        Ok(done)
    }

    async fn batch(&mut self, writer: &Writer, events: &[Decoded]) -> Result<Outcome> {
        let Some(last) = events.last() else { return Ok(Outcome::Committed) };
        let to = last.recorded.position;
        self.load(writer, events).await?;
        self.fold(events)?;
        let advance = Advance { team: self.team.clone(), members: self.members.len(), from: self.position, to };
        let writes = self.members.iter_mut().flat_map(|member| {
            let tables = member.tables.iter();
            member.rows.buffers().iter_mut().zip(tables).map(|(buffer, table)| buffer.writes(table.clone()))
        });
        let mut writes: Vec<_> = writes.filter(|writes| !writes.is_empty()).collect();
        let blanks = blanking(last).is_some();
        if blanks {
            writes.extend(self.blank(writer, last).await?);
        }
        let traces = if blanks { Traces::Go } else { Traces::Stay };
        let outcome = writer.commit(Commit { advance, writes, traces }).await?;
        if outcome == Outcome::Committed {
            self.position = to;
            self.members.iter_mut().flat_map(|member| member.rows.buffers()).for_each(|buffer| buffer.settled());
        }
        if blanks {
            self.forget();
        }
        Ok(outcome)
    }

    /// What is written anew since this event has something forgotten.
    async fn blank(&mut self, writer: &Writer, event: &Decoded) -> Result<Vec<TableWrites>> {
        let Some(told) = blanking(event) else { return Ok(Vec::new()) };
        let (stream, mut writes) = (event.recorded.stream, Vec::new());
        for member in &mut self.members {
            let mut scrubs = Scrubs::default();
            match told {
                Blanking::Person(told) => member.projection.forgets(stream.account, SubjectId(stream.id), told, &mut scrubs),
                Blanking::Contents(told) => member.projection.expires(stream.account, told, &mut scrubs),
            }
            let tables = member.tables.clone();
            let table = |name| tables.iter().find(|table| table.descriptor.name == name).expect("a projection names its own tables");
            for scrub in scrubs.0 {
                let (of, mut gone) = (table(scrub.table), Gone::default());
                let stored = writer.query(&of.found_by(scrub.by, scrub.order), scrub.values.clone()).await?;
                let rewrites = (scrub.rewrite)(stored, &mut gone)?;
                writes.push(TableWrites { rewrites, ..TableWrites::new(of.clone()) });
                writes.extend(
                    gone.0.into_iter().map(|(name, key)| TableWrites { deletes: vec![key], ..TableWrites::new(table(name).clone()) }),
                );
            }
        }
        writes.retain(|writes| !writes.is_empty());
        Ok(writes)
    }

    /// The log promises dense positions; whoever reads it holds it to that.
    fn must_follow(&self, events: &[Decoded]) -> Result<()> {
        let mut expected = self.position.next();
        for event in events {
            if event.recorded.position != expected {
                return Err(Error::Gap { expected, found: event.recorded.position });
            }
            expected = expected.next();
        }
        Ok(())
    }

    /// Brings the rows that the events will touch and that are not here yet.
    async fn load(&mut self, writer: &Writer, events: &[Decoded]) -> Result<()> {
        let mut loads = Vec::new();
        for member in &mut self.members {
            let mut keys = Keys::new(&mut member.rows);
            for event in events.iter().filter(|event| member.projection.wants(&event.event)) {
                member.projection.keys(event, &mut keys);
            }
            for (buffer, table) in member.rows.buffers().iter().zip(&member.tables) {
                let keys = buffer.wanted();
                if !keys.is_empty() {
                    loads.push(Load { table: table.clone(), keys });
                }
            }
        }
        if loads.is_empty() {
            return Ok(());
        }
        let mut answers = writer.load(loads).await?.into_iter();
        for buffer in self.members.iter_mut().flat_map(|member| member.rows.buffers()) {
            if !buffer.wanted().is_empty() {
                buffer.loaded(answers.next().unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn fold(&mut self, events: &[Decoded]) -> Result<()> {
        for member in &mut self.members {
            for event in events.iter().filter(|event| member.projection.wants(&event.event)) {
                let position = event.recorded.position;
                member.rows.at(position.0);
                member.projection.apply(event, &mut member.rows).map_err(|FoldError(reason)| Error::Fold {
                    projection: member.projection.name(),
                    position,
                    reason,
                })?;
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.members.iter_mut().flat_map(|member| member.rows.buffers()).for_each(|buffer| buffer.clear());
    }
}

/// What rows of the past are blank of.
#[derive(Clone, Copy)]
enum Blanking<'e> {
    Person(&'e Forgotten),
    Contents(&'e ContentExpired),
}

fn blanking(event: &Decoded) -> Option<Blanking<'_>> {
    match &event.event {
        Event::Subject(SubjectEvent::Forgotten(forgotten)) => Some(Blanking::Person(forgotten)),
        Event::Retention(RetentionEvent::ContentExpired(expired)) => Some(Blanking::Contents(expired)),
        _ => None,
    }
}
