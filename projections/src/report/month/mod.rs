//! A month's report for people: what [`super::Figures`] and the charts say of a month and of the one before, as a document.

mod document;
mod words;

pub use document::document;

use super::{
    figures::{Figures, Whose},
    pictures::{self, Style},
    query::Selection,
};
use crate::{
    accounts,
    chart::{Picture, Theme},
    document::Manner,
    error::Result,
    shoppers,
    sql::Store,
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    account::Brand,
    ids::{AccountId, ShopperId},
    metrics::{calendar::Step, range::Range},
    report::Measure,
};
use vitrina_eventlog::Position;

/// What is summed up.
const SUMMED: &[Measure] = &[
    Measure::CallCreated,
    Measure::CallFinished,
    Measure::CallCancelled,
    Measure::CallSeconds,
    Measure::Cart,
    Measure::ConversationOpened,
    Measure::UnansweredByAgent,
    Measure::FirstResponseMissing,
    Measure::ReplyMissing,
    Measure::ReactionMissing,
    Measure::Answered,
    Measure::Order,
    Measure::Sales,
    Measure::CollectionSales,
    Measure::CollectionUnits,
];
/// Of which values are told apart.
const TOLD_APART: &[Measure] = &[
    Measure::Nps,
    Measure::Csat,
    Measure::WaitServed,
    Measure::WaitAbandoned,
    Measure::WaitEnded,
    Measure::FirstResponse,
    Measure::Reply,
    Measure::Reaction,
    Measure::CallDuration,
];
/// Parts of a month at most.
const PARTS_MAX: usize = 31;

/// Everything that a month's report tells.
#[derive(Debug, Clone)]
pub struct Month {
    shop: String,
    brand: Brand,
    range: Range,
    /// The account's zone, whose months are billed (PRODUCT.md 5.13).
    billed_in: Option<String>,
    as_of: Position,
    now: Figures,
    before: Figures,
    /// Until when the one before counts; `None` where that is all of it.
    before_until: Option<DateTime<Utc>>,
    /// By name, nobody last.
    shoppers: Vec<(Option<ShopperId>, Option<String>)>,
    calls: Picture,
    nps: Picture,
    waits: Picture,
}

/// Reads the month of this selection; its charts in this language. It stands beside the one before it, of which as much counts as has
/// passed of this one at `now`.
///
/// # Errors
/// When the database is away.
pub async fn read(store: &Store, account: AccountId, selection: &Selection, manner: Manner, now: DateTime<Utc>) -> Result<Month> {
    let during = |range| Selection { range, ..selection.clone() };
    let earlier = selection.range.previous(manner.zone, now);
    let before = Figures::of(store, account, &during(earlier), SUMMED, TOLD_APART).await?;
    let now = Figures::of(store, account, selection, SUMMED, TOLD_APART).await?;
    let row = accounts::get(store, account, selection.as_of).await?.map(|at| at.row);
    let brand = row.as_ref().map(|row| row.brand.0).unwrap_or_default();
    let style = Style { manner, theme: Theme::Light, brand };
    let parts = |step: Step| step.parts(selection.range, manner.zone, PARTS_MAX).unwrap_or_else(|| vec![selection.range]);
    Ok(Month {
        billed_in: row.as_ref().map(|row| row.zone.clone()),
        shop: row.map(|row| row.store_name).unwrap_or_default(),
        brand,
        range: selection.range,
        as_of: selection.as_of,
        shoppers: named(store, account, &now, selection.as_of).await?,
        now,
        before,
        before_until: (earlier.to < selection.range.from).then_some(earlier.to),
        calls: pictures::calls(store, account, selection, (Step::Day, &parts(Step::Day)), style).await?,
        nps: pictures::nps(store, account, selection, (Step::Week, &parts(Step::Week)), style).await?,
        waits: pictures::waits(store, account, selection, style).await?,
    })
}

/// Everybody to whom calls, answers or sales are credited.
async fn named(store: &Store, account: AccountId, figures: &Figures, as_of: Position) -> Result<Vec<(Option<ShopperId>, Option<String>)>> {
    // Whatever of a shopper's is in the table's rows, so that they add up to its last one.
    let told = [Measure::CallCreated, Measure::CallSeconds, Measure::Cart, Measure::Answered, Measure::Sales];
    let has_some = |shopper: &Option<ShopperId>| told.iter().any(|measure| figures.count(*measure, Whose::Of(*shopper)) > 0);
    let people = shoppers::by_name(store, account, figures.credited().into_iter().filter(has_some), as_of).await?;
    Ok(people.into_iter().map(|(shopper, person)| (shopper, person.and_then(|person| person.name))).collect())
}
