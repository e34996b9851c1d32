//! What a report needs of a period, read once; totals and shoppers' parts come from the same cells, so that they agree.

use super::query::{self, Bucket, Cell, Selection, Tally, buckets, cells, tallies};
use crate::{error::Result, sql::Store};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use vitrina_domain::{
    call::Device,
    ids::{AccountId, ShopperId},
    metrics::{
        csat::{self, Faces, Scale},
        nps,
        percentile::Summary,
        share::{Share, shares},
        wait,
    },
    report::{Measure, Unit},
    survey::Face,
};

/// Whose figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's, nobody's with them.
    All,
    /// Those credited to this shopper, or to nobody.
    Of(Option<ShopperId>),
}

impl Whose {
    fn takes(self, shopper: Option<ShopperId>) -> bool {
        self == Self::All || self == Self::Of(shopper)
    }
}

/// The figures of a period.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    cells: BTreeMap<Measure, Vec<Cell>>,
    tallies: BTreeMap<Measure, Vec<Tally>>,
}

impl Figures {
    /// What the facts of `summed` come to, and how often each value of `told_apart` is there.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(store: &Store, account: AccountId, selection: &Selection, summed: &[Measure], told_apart: &[Measure]) -> Result<Self> {
        let mut figures = Self::default();
        for measure in summed {
            figures.cells.insert(*measure, cells(store, account, *measure, selection).await?);
        }
        for measure in told_apart {
            figures.tallies.insert(*measure, tallies(store, account, *measure, selection).await?);
        }
        Ok(figures)
    }

    /// The same of each part that a period is cut into, of everybody together and of no detail: `part` says to which one a quarter of an hour
    /// belongs.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn cut(
        store: &Store,
        account: AccountId,
        selection: &Selection,
        (summed, told_apart): (&[Measure], &[Measure]),
        parts: usize,
        part: impl Fn(DateTime<Utc>) -> usize,
    ) -> Result<Vec<Self>> {
        let mut cut = vec![Self::default(); parts];
        for measure in summed {
            for Bucket { from, count, sum } in buckets(store, account, *measure, selection).await? {
                if let Some(figures) = cut.get_mut(part(from)) {
                    let cell = Cell { shopper: None, device: None, currency: None, detail: None, count, sum };
                    figures.cells.entry(*measure).or_default().push(cell);
                }
            }
        }
        for measure in told_apart {
            for (quarter, value, count) in query::told_apart(store, account, *measure, selection).await? {
                if let Some(figures) = cut.get_mut(part(quarter)) {
                    figures.tallies.entry(*measure).or_default().push(Tally { shopper: None, value, count });
                }
            }
        }
        Ok(cut)
    }

    /// Everybody to whom something is credited, nobody first.
    pub fn credited(&self) -> BTreeSet<Option<ShopperId>> {
        let of_cells = self.cells.values().flatten().map(|cell| cell.shopper);
        of_cells.chain(self.tallies.values().flatten().map(|tally| tally.shopper)).collect()
    }

    fn cells_of(&self, measure: Measure, whose: Whose) -> impl Iterator<Item = &Cell> {
        self.cells.get(&measure).into_iter().flatten().filter(move |cell| whose.takes(cell.shopper))
    }

    /// How many facts.
    pub fn count(&self, measure: Measure, whose: Whose) -> i64 {
        self.cells_of(measure, whose).map(|cell| cell.count).sum()
    }

    /// The sum of their values.
    pub fn sum(&self, measure: Measure, whose: Whose) -> i64 {
        self.cells_of(measure, whose).map(|cell| cell.sum).sum()
    }

    /// Count and sum by what the measure says that they are.
    pub fn by_detail(&self, measure: Measure, whose: Whose) -> BTreeMap<String, (i64, i64)> {
        let mut details = BTreeMap::new();
        for cell in self.cells_of(measure, whose) {
            let (count, sum) = details.entry(cell.detail.clone().unwrap_or_default()).or_insert((0, 0));
            *count += cell.count;
            *sum += cell.sum;
        }
        details
    }

    /// How many facts are of customers with such a device.
    pub fn of_device(&self, measure: Measure, whose: Whose, device: Device) -> i64 {
        self.cells_of(measure, whose).filter(|cell| cell.device.unwrap_or_default() == device).map(|cell| cell.count).sum()
    }

    fn amounts<'f>(&'f self, measure: Measure, whose: Whose, currency: &'f str) -> impl Iterator<Item = &'f Cell> {
        self.cells_of(measure, whose).filter(move |cell| cell.currency.as_deref() == Some(currency))
    }

    /// In which currencies there are amounts: two are never added.
    pub fn currencies(&self, whose: Whose) -> BTreeSet<String> {
        let amounts = self.cells.keys().filter(|measure| measure.unit() == Unit::Amount);
        amounts.flat_map(|measure| self.cells_of(*measure, whose)).filter_map(|cell| cell.currency.clone()).collect()
    }

    /// The sum of amounts of a currency, in its minor units.
    pub fn amount(&self, measure: Measure, whose: Whose, currency: &str) -> i64 {
        self.amounts(measure, whose, currency).map(|cell| cell.sum).sum()
    }

    /// The same of what the measure says that it is so.
    pub fn amount_detailed(&self, measure: Measure, whose: Whose, currency: &str, detail: &str) -> i64 {
        self.amounts(measure, whose, currency).filter(|cell| cell.detail.as_deref() == Some(detail)).map(|cell| cell.sum).sum()
    }

    /// The same of customers with such a device.
    pub fn amount_of_device(&self, measure: Measure, whose: Whose, currency: &str, device: Device) -> i64 {
        self.amounts(measure, whose, currency).filter(|cell| cell.device.unwrap_or_default() == device).map(|cell| cell.sum).sum()
    }

    /// Shares of sales on mobiles (tablets are some), on desktops and on what nobody told; `None` where more was given back than sold.
    pub fn sold_by_device(&self, whose: Whose, currency: &str) -> Option<[Share; 3]> {
        let amount = |device| self.amount_of_device(Measure::Sales, whose, currency, device);
        let parts = [amount(Device::Mobile) + amount(Device::Tablet), amount(Device::Desktop), amount(Device::Unknown)];
        parts.iter().all(|part| *part >= 0).then(|| shares(parts.map(i64::unsigned_abs))).flatten()
    }

    /// Orders for each hundred carts, in tenths; an order may come without a cart, so they may be above a hundred.
    pub fn conversion(&self, whose: Whose) -> Option<i64> {
        let (orders, carts) = (self.count(Measure::Order, whose), self.count(Measure::Cart, whose));
        (carts > 0).then(|| (orders * 2_000 + carts) / (carts * 2))
    }

    /// Each value with how often it is there.
    pub fn values(&self, measure: Measure, whose: Whose) -> BTreeMap<i64, i64> {
        let mut values = BTreeMap::new();
        let tallies = self.tallies.get(&measure).into_iter().flatten().filter(|tally| whose.takes(tally.shopper));
        tallies.for_each(|tally| *values.entry(tally.value).or_insert(0) += tally.count);
        values
    }

    /// Number, extremes, mean and percentiles of durations; `None` without any.
    pub fn summary(&self, measure: Measure, whose: Whose) -> Option<Summary> {
        Summary::tallied(self.values(measure, whose).into_iter().map(|(value, count)| (natural(value), natural(count))).collect())
    }

    /// Those who gave up waiting among all who were served or gave up.
    pub fn abandonment(&self, whose: Whose) -> Option<Share> {
        let all = |measure| all(&self.values(measure, whose));
        wait::abandonment(all(Measure::WaitAbandoned), all(Measure::WaitServed))
    }

    /// Those served within so many seconds among all who waited.
    pub fn service_level(&self, within_s: u64, whose: Whose) -> Option<Share> {
        let served = self.values(Measure::WaitServed, whose);
        let within = i64::try_from(within_s).unwrap_or(i64::MAX);
        let in_time = served.range(..=within).map(|(_, count)| natural(*count)).sum();
        let others = [Measure::WaitAbandoned, Measure::WaitEnded].map(|measure| all(&self.values(measure, whose)));
        wait::service_level(in_time, all(&served) + others.iter().sum::<u64>())
    }

    /// Of the surveys that were sent, those that were answered.
    pub fn response_rate(&self, whose: Whose) -> Option<Share> {
        csat::response_rate(natural(self.count(Measure::SurveyReturned, whose)), natural(self.count(Measure::SurveySent, whose)))
    }

    /// Chats that ended with all that was promised in time, among those of which something was.
    pub fn sla(&self, whose: Whose) -> Option<Share> {
        let (hit, missed) = (natural(self.count(Measure::SlaHit, whose)), natural(self.count(Measure::SlaMissed, whose)));
        shares([hit, missed]).map(|[hit, _]| hit)
    }

    /// The pooled answers of 0–10.
    pub fn nps(&self, whose: Whose) -> nps::Tally {
        pooled(&self.values(Measure::Nps, whose))
    }

    /// The answers of 1–5.
    pub fn csat(&self, whose: Whose) -> Scale {
        let values = self.values(Measure::Csat, whose);
        Scale { counts: [1, 2, 3, 4, 5].map(|answer| natural(values.get(&answer).copied().unwrap_or_default())) }
    }

    /// The faces.
    pub fn faces(&self, whose: Whose) -> Faces {
        let values = self.values(Measure::Face, whose);
        let [satisfied, neutral, dissatisfied] = [Face::Satisfied, Face::Neutral, Face::Dissatisfied]
            .map(|face| natural(values.get(&i64::from(face.score())).copied().unwrap_or_default()));
        Faces { satisfied, neutral, dissatisfied }
    }
}

/// The classes of answers of 0–10, each with how often it was given.
pub fn pooled(values: &BTreeMap<i64, i64>) -> nps::Tally {
    values.iter().fold(nps::Tally::default(), |mut tally, (answer, count)| {
        let class = match nps::Class::of(u8::try_from(*answer).unwrap_or(u8::MAX)) {
            nps::Class::Promoter => &mut tally.promoters,
            nps::Class::Passive => &mut tally.passives,
            nps::Class::Detractor => &mut tally.detractors,
        };
        *class += natural(*count);
        tally
    })
}

/// How many values there are.
fn all(values: &BTreeMap<i64, i64>) -> u64 {
    values.values().map(|count| natural(*count)).sum()
}

/// Counts and durations are never below zero.
fn natural(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
