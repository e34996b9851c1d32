//! A page of what a search finds: rows are looked at the newest first, as many as one answer may cost and no more. A page that is not
//! full by then says how far it has looked, and the next one goes on from there.

use super::{
    Check,
    lead::{Indexes, Lead, Reach, leads},
};
use crate::{
    asked::{LIMIT_MAX, Listed, Newest, Page},
    error::Result,
};
use std::cmp::Reverse;

/// How much is looked at for one page.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// Rows of a first look, doubled with each further one.
    first: u32,
    /// Rows in all, shared by the ways; each has a first look.
    all: u32,
}

/// A first look at a common word fills a page; all of them take some tens of milliseconds.
const BOUNDS: Bounds = Bounds { first: 250, all: 2_000 };

/// A row that is looked at.
pub(crate) trait Looked {
    /// What it is when it is meant.
    type Row;

    /// Its place in the list.
    fn place(&self) -> Newest;
    /// Whether it is meant.
    fn is_meant(&self, check: &Check) -> bool;
    /// What it is.
    fn read(self) -> Result<Self::Row>;
}

/// A list that is searched.
pub(crate) trait Source: Reach {
    /// Its rows.
    type Look: Looked + Send;

    /// Rows that are reached by the lead, the newest first, also ones that the filter does not let through.
    fn fetch(&self, lead: &Lead, page: Page<Newest>) -> impl Future<Output = Result<Vec<Self::Look>>> + Send;
}

type RowOf<S> = <<S as Source>::Look as Looked>::Row;

/// The page of the list by the best ways; by the one that is given where every word is common.
pub(crate) async fn page<S: Source>(
    list: &S,
    check: &Check,
    indexes: &Indexes<'_>,
    otherwise: Lead,
    page: Page<Newest>,
) -> Result<Listed<RowOf<S>>> {
    let leads = leads(check, indexes, otherwise, list).await?;
    walk(list, check, &leads, page).await
}

/// The page of the list by these ways.
pub(crate) async fn walk<S: Source>(list: &S, check: &Check, leads: &[Lead], page: Page<Newest>) -> Result<Listed<RowOf<S>>> {
    within(BOUNDS, list, check, leads, page).await
}

async fn within<S: Source>(bounds: Bounds, list: &S, check: &Check, leads: &[Lead], page: Page<Newest>) -> Result<Listed<RowOf<S>>> {
    let limit = usize::try_from(page.limit.min(LIMIT_MAX)).unwrap_or(usize::MAX);
    let share = (bounds.all / u32::try_from(leads.len().max(1)).unwrap_or(u32::MAX)).max(bounds.first);
    let (mut found, mut looked_to): (Vec<S::Look>, Option<Newest>) = (Vec::new(), None);
    for lead in leads {
        let (mut look, mut looked, mut count) = (Page { limit: bounds.first, ..page }, 0, 0);
        loop {
            let rows = list.fetch(lead, look).await?;
            let is_last = rows.len() < look.limit as usize;
            let Some(last) = rows.last().map(Looked::place) else { break };
            for row in rows {
                if row.is_meant(check) {
                    count += 1;
                    found.push(row);
                }
            }
            looked += look.limit;
            if is_last || count >= limit {
                break;
            }
            if looked >= share {
                // The way that has come the least far says what is complete.
                looked_to = Some(looked_to.filter(|to| order(to) > order(&last)).unwrap_or(last));
                break;
            }
            look = Page { after: Some(last), limit: (look.limit * 2).min(share - looked).min(LIMIT_MAX), ..look };
        }
    }
    if let Some(horizon) = looked_to {
        found.retain(|row| order(&row.place()) >= order(&horizon));
    }
    found.sort_by_key(|row| Reverse(order(&row.place())));
    found.dedup_by_key(|row| row.place().id);
    let goes_on = looked_to.filter(|_| found.len() < limit);
    found.truncate(limit);
    Ok(Listed { rows: found.into_iter().map(Looked::read).collect::<Result<_>>()?, goes_on })
}

fn order(place: &Newest) -> (chrono::DateTime<chrono::Utc>, uuid::Uuid) {
    (place.at, place.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Needle;
    use chrono::DateTime;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashMap};
    use uuid::Uuid;

    /// Numbers, of which those are meant that say so; a way leads to those with its number.
    struct Numbers(Vec<(u128, BTreeSet<String>, bool)>);

    #[derive(Debug, Clone)]
    struct Number(u128, bool);

    fn place_of(number: u128) -> Newest {
        Newest { at: DateTime::from_timestamp_micros(i64::try_from(number / 2).unwrap()).unwrap(), id: Uuid::from_u128(number) }
    }

    impl Looked for Number {
        type Row = u128;

        fn place(&self) -> Newest {
            place_of(self.0)
        }

        fn is_meant(&self, check: &Check) -> bool {
            check.finds(self.1.then_some(" meant"), None)
        }

        fn read(self) -> Result<u128> {
            Ok(self.0)
        }
    }

    impl Reach for Numbers {
        async fn reach(&self, _: &Lead, most: i64) -> Result<i64> {
            Ok(most)
        }
    }

    impl Source for Numbers {
        type Look = Number;

        async fn fetch(&self, lead: &Lead, page: Page<Newest>) -> Result<Vec<Number>> {
            let Lead::Product(way) = lead else { panic!("the ways of this test") };
            let rest = self
                .0
                .iter()
                .filter(|(number, ways, _)| ways.contains(way) && page.after.is_none_or(|after| order(&place_of(*number)) < order(&after)));
            Ok(rest.take(page.limit as usize).map(|(number, _, meant)| Number(*number, *meant)).collect())
        }
    }

    proptest! {
        #[test]
        fn pages_one_after_the_other_have_every_row_that_is_meant_once_in_order(
            rows in proptest::collection::vec((proptest::collection::btree_set("[abc]", 1..3), proptest::bool::weighted(0.3)), 0..80),
            limit in 1_u32..6,
            (first, all) in (1_u32..8, 1_u32..30),
        ) {
            let mut rows: Vec<_> = (0_u128..).zip(rows).map(|(number, (ways, meant))| (number, ways, meant)).collect();
            rows.reverse();
            let expected: Vec<_> = rows.iter().filter(|(.., meant)| *meant).map(|(number, ..)| *number).collect();
            let (list, check) = (Numbers(rows), Check::new(&Needle::new("mean").unwrap(), &HashMap::new()));
            let leads = ["a", "b", "c"].map(|way| Lead::Product(way.to_owned()));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (mut page, mut found) = (Page::first(vitrina_eventlog::Position(1), limit), Vec::new());
            loop {
                let listed = runtime.block_on(within(Bounds { first, all }, &list, &check, &leads, page)).unwrap();
                let last = listed.rows.last().filter(|_| listed.rows.len() == limit as usize).map(|number| place_of(*number));
                prop_assert!(listed.rows.len() <= limit as usize);
                found.extend(listed.rows);
                match listed.goes_on.or(last) {
                    Some(after) => page.after = Some(after),
                    None => break,
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
