//! What was sold: an order that goes back to a call counts with all that became of it.

use super::{Slow, slow};
use chrono::{DateTime, Utc};
use vitrina_domain::{event::Event, ids::ShopperId, purchase::PurchaseEvent, report::Measure};
use vitrina_eventlog::Decoded;

pub(super) fn counted(stream: &[&Decoded]) -> Vec<Slow> {
    let events: Vec<_> = stream.iter().filter_map(|event| if let Event::Order(told) = &event.event { Some(told) } else { None }).collect();
    let PurchaseEvent::Placed(placed) = events[0] else { panic!("an order begins with its placing") };
    let Some(attribution) = events.iter().find_map(|event| match event {
        PurchaseEvent::Attributed(attributed) => attributed.attribution.as_ref(),
        _ => None,
    }) else {
        return Vec::new();
    };
    let mut told = Vec::new();
    let mut add = |measure: Measure, at: DateTime<Utc>, value: i64, shopper: ShopperId, detail: Option<&str>| {
        let is_amount = !matches!(measure, Measure::Order | Measure::OrderCancelled | Measure::CollectionUnits);
        told.push(Slow {
            detail: detail.map(str::to_owned),
            channel: Some("web".to_owned()),
            device: Some("desktop"),
            currency: is_amount.then(|| placed.currency.clone()),
            ..slow(stream, measure, at, value, Some(shopper))
        });
    };
    let most = attribution.credits.iter().map(|credit| credit.lines).max().unwrap();
    let main = attribution.credits.iter().find(|credit| credit.lines == most).unwrap().shopper_id;
    let at = placed.placed_at;
    add(Measure::Order, at, 1, main, None);
    for credit in &attribution.credits {
        add(Measure::Sales, at, credit.total, credit.shopper_id, Some("placed"));
        for (measure, amount) in [(Measure::Shipping, credit.shipping), (Measure::Tax, credit.tax), (Measure::Discounts, credit.discounts)]
        {
            if amount != 0 {
                add(measure, at, amount, credit.shopper_id, None);
            }
        }
    }
    for (line, credit) in placed.lines.iter().zip(&attribution.lines) {
        for (measure, pieces) in
            [(Measure::SalesLinesAdded, credit.added), (Measure::SalesLinesShown, credit.shown), (Measure::SalesOtherLines, credit.other)]
        {
            if pieces > 0 {
                add(measure, at, i64::from(pieces) * line.unit_price, credit.shopper_id, None);
            }
        }
        if credit.collection {
            add(Measure::CollectionSales, at, line.amount(), credit.shopper_id, Some("placed"));
            add(Measure::CollectionUnits, at, line.quantity.into(), credit.shopper_id, Some("placed"));
        }
    }
    let mut has: Vec<i64> = attribution.credits.iter().map(|credit| credit.total).collect();
    let mut pieces: Vec<u32> = placed.lines.iter().map(|line| line.quantity).collect();
    for event in &events {
        let (at, detail, parts, returned) = match event {
            PurchaseEvent::Refunded(refunded) if refunded.lines.is_empty() => {
                (refunded.refunded_at, "refunded", in_proportion(refunded.amount, &has), vec![])
            }
            PurchaseEvent::Refunded(refunded) => {
                // A story gives single pieces back, of SKUs that are in one line each, for what they were bought for.
                let index = placed.lines.iter().position(|line| line.sku == refunded.lines[0].sku).unwrap();
                let whose = attribution.credits.iter().position(|credit| credit.shopper_id == attribution.lines[index].shopper_id).unwrap();
                (refunded.refunded_at, "refunded", first_from(whose, refunded.amount, &has), vec![(index, 1)])
            }
            PurchaseEvent::Cancelled(cancelled) => {
                let all = pieces.iter().copied().enumerate().filter(|(_, pieces)| *pieces > 0).collect();
                (cancelled.cancelled_at, "cancelled", has.clone(), all)
            }
            _ => continue,
        };
        for (index, part) in parts.into_iter().enumerate().filter(|(_, part)| *part != 0) {
            has[index] -= part;
            add(Measure::Sales, at, -part, attribution.credits[index].shopper_id, Some(detail));
        }
        for (index, given_back) in returned {
            pieces[index] -= given_back;
            let (line, credit) = (&placed.lines[index], &attribution.lines[index]);
            if credit.collection {
                add(Measure::CollectionSales, at, -line.unit_price * i64::from(given_back), credit.shopper_id, Some(detail));
                add(Measure::CollectionUnits, at, -i64::from(given_back), credit.shopper_id, Some(detail));
            }
        }
        if detail == "cancelled" {
            add(Measure::OrderCancelled, at, 1, main, Some("cancelled"));
        }
    }
    told
}

/// All from this one, and from the others what this one has no more, after an earlier refund of no certain line.
fn first_from(whose: usize, amount: i64, has: &[i64]) -> Vec<i64> {
    let mut parts = vec![0; has.len()];
    let mut rest = amount;
    for index in std::iter::once(whose).chain((0..has.len()).filter(|index| *index != whose)) {
        parts[index] = rest.min(has[index]);
        rest -= parts[index];
    }
    parts
}

/// Each one's part, cent by cent: the next one to whom is the furthest behind what is due.
fn in_proportion(amount: i64, has: &[i64]) -> Vec<i64> {
    let all: i64 = has.iter().sum();
    let mut parts: Vec<i64> = has.iter().map(|own| amount * own / all).collect();
    while parts.iter().sum::<i64>() < amount {
        let behind = |index: usize| amount * has[index] - parts[index] * all;
        let most = (0..has.len()).map(behind).max().unwrap();
        let next = (0..has.len()).find(|index| behind(*index) == most).unwrap();
        parts[next] += 1;
    }
    parts
}
