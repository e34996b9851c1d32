//! What has changed between two positions: both tables are read side by side, in the order of their places, and what stands alike in
//! both is left out. So nothing that can be seen in a row is forgotten, whatever it comes from, and deltas one after the other make the
//! whole. It costs two reads and the memory of two pages.

use super::{
    Place,
    definition::{Change, Sheet},
    rows::{Filter, Rows},
};
use crate::{error::Result, sql::Store};
use std::{cmp::Ordering, collections::VecDeque};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::Position;

/// The table at two positions.
pub(super) struct Changes {
    before: Side,
    after: Side,
}

impl Changes {
    pub(super) async fn open(store: &Store, account: AccountId, filter: &Filter, since: Position, as_of: Position) -> Result<Self> {
        let before = Side::of(Rows::open(store, account, filter, since).await?);
        Ok(Self { before, after: Side::of(Rows::open(store, account, filter, as_of).await?) })
    }

    /// Writes what has changed in the next pages; says whether there may be more.
    pub(super) async fn read(&mut self, store: &Store, sheet: &mut Sheet, out: &mut Vec<u8>) -> Result<bool> {
        self.before.fill(store, sheet).await?;
        self.after.fill(store, sheet).await?;
        loop {
            let order = match (self.before.place(), self.after.place()) {
                (None, None) => return Ok(self.before.may_go_on || self.after.may_go_on),
                // What comes next there is not known yet.
                (None, Some(_)) if self.before.may_go_on => return Ok(true),
                (Some(_), None) if self.after.may_go_on => return Ok(true),
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(before), Some(after)) => before.cmp(&after),
            };
            let before = if order == Ordering::Greater { None } else { self.before.read.pop_front() };
            let after = if order == Ordering::Less { None } else { self.after.read.pop_front() };
            match (before, after) {
                (Some((_, gone)), None) => sheet.change(Change::Gone, &gone, out),
                (Some((_, was)), Some((_, is))) if was == is => {}
                (_, Some((_, is))) => sheet.change(Change::Set, &is, out),
                (None, None) => {}
            }
        }
    }
}

/// The table at one position, with the rows that were read and not compared yet.
struct Side {
    rows: Rows,
    read: VecDeque<(Place, Vec<u8>)>,
    may_go_on: bool,
}

impl Side {
    fn of(rows: Rows) -> Self {
        Self { rows, read: VecDeque::new(), may_go_on: true }
    }

    fn place(&self) -> Option<Place> {
        self.read.front().map(|(place, _)| *place)
    }

    async fn fill(&mut self, store: &Store, sheet: &mut Sheet) -> Result<()> {
        if self.read.is_empty() && self.may_go_on {
            let read = &mut self.read;
            let mut take = |place, cells: &[super::cell::Cell<'_>]| {
                let mut row = Vec::new();
                sheet.render(cells, &mut row);
                read.push_back((place, row));
            };
            self.may_go_on = self.rows.read(store, &mut take).await?;
            // A table that is one page may be in an order for people.
            self.read.make_contiguous().sort_by_key(|(place, _)| *place);
        }
        Ok(())
    }
}
