//! The book of an order: what of it is credited to whom, and what is given back of that. Nothing is counted before the order is
//! attributed to a call; what was given back until then is counted with it, each at its own time.

use super::{
    About, Change, Fact, Measure, Told,
    fact::{Mark, name_of},
};
use crate::{
    conversation::CALL_CHANNEL,
    ids::ShopperId,
    metrics::share::apportion,
    purchase::{Attribution, LineAmount, Placed, PurchaseEvent},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What of an order later facts need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderBook {
    about: About,
    mark: Mark,
    placed_at: DateTime<Utc>,
    currency: String,
    lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribution: Option<Attribution>,
    /// What was given back before it was attributed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<Booking>,
    /// What of each shopper's part was not given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left: Vec<i64>,
    /// Facts so far: each has a number of its own.
    facts: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    sku: String,
    /// Pieces that were not given back.
    left: u32,
    unit_price: i64,
}

/// How something is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Back {
    Refunded,
    Cancelled,
}

/// Something that is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Booking {
    back: Back,
    position: i64,
    at: DateTime<Utc>,
    amount: i64,
    lines: Vec<LineAmount>,
}

impl OrderBook {
    pub(super) fn about(&self) -> &About {
        &self.about
    }

    pub(super) fn open(told: &Told<'_>, event: &PurchaseEvent) -> Option<Self> {
        let PurchaseEvent::Placed(placed) = event else { return None };
        let Placed { customer_id, currency, lines, placed_at, .. } = placed;
        let line = |line: &crate::purchase::OrderLine| Line { sku: line.sku.clone(), left: line.quantity, unit_price: line.unit_price };
        Some(Self {
            about: About { customer: *customer_id, ..About::default() },
            mark: told.mark(),
            placed_at: *placed_at,
            currency: currency.clone(),
            lines: lines.iter().map(line).collect(),
            attribution: None,
            waiting: Vec::new(),
            left: Vec::new(),
            facts: 0,
        })
    }

    pub(super) fn apply(&mut self, told: &Told<'_>, event: &PurchaseEvent, changes: &mut Vec<Change>) {
        let position = told.position;
        let booking = match event {
            PurchaseEvent::Placed(_) => return,
            PurchaseEvent::Attributed(attributed) => {
                if let (Some(attribution), None) = (&attributed.attribution, &self.attribution) {
                    self.attributed(told, attribution, changes);
                }
                return;
            }
            PurchaseEvent::Refunded(refunded) => {
                Booking { back: Back::Refunded, position, at: refunded.refunded_at, amount: refunded.amount, lines: refunded.lines.clone() }
            }
            PurchaseEvent::Cancelled(cancelled) => {
                Booking { back: Back::Cancelled, position, at: cancelled.cancelled_at, amount: cancelled.amount, lines: Vec::new() }
            }
        };
        if self.attribution.is_some() {
            self.book(told, &booking, changes);
        } else {
            self.waiting.push(booking);
        }
    }

    fn attributed(&mut self, told: &Told<'_>, attribution: &Attribution, changes: &mut Vec<Change>) {
        self.about = About {
            call: Some(attribution.call_id),
            conversation: Some(attribution.conversation_id),
            customer: Some(attribution.customer_id),
            channel: Some(CALL_CHANNEL.to_owned()),
        };
        self.left = attribution.credits.iter().map(|credit| credit.total).collect();
        self.attribution = Some(attribution.clone());
        let placed_at = self.placed_at;
        let mut put = |measure, shopper: ShopperId, value: i64| {
            let fact = Fact::new(told, measure, placed_at, value).since(Some(self.mark));
            changes.push(finished(fact, shopper, attribution, &self.currency, &mut self.facts));
        };
        let Some(main) = main(attribution) else { return };
        put(Measure::Order, main, 1);
        for credit in &attribution.credits {
            put(Measure::Sales, credit.shopper_id, credit.total);
            let beside = [(Measure::Shipping, credit.shipping), (Measure::Tax, credit.tax), (Measure::Discounts, credit.discounts)];
            beside.into_iter().filter(|(_, amount)| *amount != 0).for_each(|(measure, amount)| put(measure, credit.shopper_id, amount));
        }
        for (line, credit) in self.lines.iter().zip(&attribution.lines) {
            let pieces = [
                (Measure::SalesLinesAdded, credit.added),
                (Measure::SalesLinesShown, credit.shown),
                (Measure::SalesOtherLines, credit.other),
            ];
            for (measure, pieces) in pieces.into_iter().filter(|(_, pieces)| *pieces > 0) {
                put(measure, credit.shopper_id, line.unit_price * i64::from(pieces));
            }
            if credit.collection {
                put(Measure::CollectionSales, credit.shopper_id, line.unit_price * i64::from(line.left));
                put(Measure::CollectionUnits, credit.shopper_id, line.left.into());
            }
        }
        for booking in std::mem::take(&mut self.waiting) {
            self.book(told, &booking, changes);
        }
    }

    /// What is given back is booked when it is, and to those to whom it was credited.
    fn book(&mut self, told: &Told<'_>, booking: &Booking, changes: &mut Vec<Change>) {
        let Some(attribution) = self.attribution.clone() else { return };
        let returned = self.take(booking);
        let worth: Vec<u64> = attribution
            .credits
            .iter()
            .map(|credit| {
                let own =
                    returned.iter().filter(|(index, _)| attribution.lines.get(*index).is_some_and(|l| l.shopper_id == credit.shopper_id));
                own.map(|(index, pieces)| natural(self.lines[*index].unit_price).saturating_mul(u64::from(*pieces))).sum()
            })
            .collect();
        let parts = self.parts(booking, &worth);
        let mut put = |measure, shopper: ShopperId, value: i64| {
            let mut fact = Fact::new(told, measure, booking.at, value).detail(name_of(&booking.back)).since(Some(self.mark));
            fact.position = booking.position;
            fact.event_type = match booking.back {
                Back::Refunded => "order.refunded",
                Back::Cancelled => "order.cancelled",
            };
            changes.push(finished(fact, shopper, &attribution, &self.currency, &mut self.facts));
        };
        for (index, (credit, part)) in attribution.credits.iter().zip(&parts).enumerate() {
            self.left[index] -= part;
            if *part != 0 {
                put(Measure::Sales, credit.shopper_id, -part);
            }
        }
        for (index, pieces) in returned {
            let Some(credit) = attribution.lines.get(index).filter(|credit| credit.collection) else { continue };
            put(Measure::CollectionSales, credit.shopper_id, -self.lines[index].unit_price * i64::from(pieces));
            put(Measure::CollectionUnits, credit.shopper_id, -i64::from(pieces));
        }
        if let (Back::Cancelled, Some(main)) = (booking.back, main(&attribution)) {
            put(Measure::OrderCancelled, main, 1);
        }
    }

    /// Which pieces of which lines go back: those named, and with a cancellation all that are left.
    fn take(&mut self, booking: &Booking) -> Vec<(usize, u32)> {
        let mut returned = Vec::new();
        for (index, line) in self.lines.iter_mut().enumerate() {
            if booking.back == Back::Cancelled && line.left > 0 {
                returned.push((index, line.left));
                line.left = 0;
            }
        }
        for wanted in &booking.lines {
            let mut pieces = wanted.quantity;
            for (index, line) in self.lines.iter_mut().enumerate().filter(|(_, line)| line.sku == wanted.sku) {
                let taken = pieces.min(line.left);
                if taken > 0 {
                    returned.push((index, taken));
                    line.left -= taken;
                    pieces -= taken;
                }
            }
        }
        returned
    }

    /// Everybody's part of what is given back: as much of it as the lines were worth to whom the lines are credited, the rest in
    /// proportion to what they still have, and from nobody more than that.
    fn parts(&self, booking: &Booking, worth: &[u64]) -> Vec<i64> {
        if booking.back == Back::Cancelled {
            return self.left.clone();
        }
        let room: Vec<u64> = self.left.iter().map(|left| natural(*left)).collect();
        let whole: i64 = worth.iter().map(|amount| i64::try_from(*amount).unwrap_or(i64::MAX)).fold(0, i64::saturating_add);
        let of_lines = apportion(booking.amount.min(whole), worth);
        let others = apportion((booking.amount - whole).max(0), &room);
        let mut parts: Vec<i64> = of_lines.iter().zip(&others).map(|(lines, other)| lines + other).collect();
        let mut excess = 0;
        for (part, room) in parts.iter_mut().zip(&room) {
            let most = i64::try_from(*room).unwrap_or(i64::MAX);
            excess += (*part - most).max(0);
            *part = (*part).min(most);
        }
        for (part, room) in parts.iter_mut().zip(&room) {
            let more = excess.min(i64::try_from(*room).unwrap_or(i64::MAX) - *part);
            *part += more;
            excess -= more;
        }
        parts
    }
}

/// To whom the order itself is credited, as one: who has the largest part of it, among equal ones the first.
fn main(attribution: &Attribution) -> Option<ShopperId> {
    let largest = attribution.credits.iter().map(|credit| credit.lines).max()?;
    attribution.credits.iter().find(|credit| credit.lines == largest).map(|credit| credit.shopper_id)
}

fn finished(fact: Fact, shopper: ShopperId, attribution: &Attribution, currency: &str, facts: &mut u32) -> Change {
    let mut fact = fact.part(*facts).by(Some(shopper));
    *facts += 1;
    fact.device = Some(attribution.device);
    fact.detail = fact.detail.or_else(|| match fact.key.measure {
        Measure::Sales | Measure::CollectionSales | Measure::CollectionUnits => Some("placed".to_owned()),
        _ => None,
    });
    if fact.key.measure.unit() == super::Unit::Amount {
        fact.currency = Some(currency.to_owned());
    }
    Change::Put(fact)
}

fn natural(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or_default()
}
