//! What an order answers to its commands.

use super::{Cancelled, LineAmount, Placed, Placing, Purchase, PurchaseAction, PurchaseEvent, Refunded, Stage, lines};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category, text};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// How far a shop's clock may be ahead of ours.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(5);
/// How old an order may be when it is told: beyond ten years, a date is a typing error.
const AGE_DAYS_MAX: i64 = 3_660;

impl Aggregate for Purchase {
    const CATEGORY: Category = Category::Order;
    type Action = PurchaseAction;

    fn decide(&self, order: &Order<PurchaseAction>) -> Result<Vec<PurchaseEvent>, Refusal> {
        let (action, now) = (&order.command, order.at);
        match (action, &self.placed) {
            (PurchaseAction::Place(_), Some(_)) => Err(Refusal::AlreadyExists),
            (PurchaseAction::Place(placing), None) => Ok(vec![PurchaseEvent::Placed(checked(placing, now)?)]),
            (_, None) => Err(Refusal::NotFound),
            (PurchaseAction::Attribute(_), Some(_)) if self.attributed => Ok(vec![]),
            (PurchaseAction::Attribute(attributed), Some(_)) => Ok(vec![PurchaseEvent::Attributed((**attributed).clone())]),
            (_, Some(_)) if self.stage != Stage::Placed => {
                Err(Refusal::IllegalTransition { state: self.stage.as_str(), action: action.name() })
            }
            (PurchaseAction::Refund { amount, lines, reason, at }, Some(placed)) => {
                let lines = lines::returned(lines)?;
                let worth = self.worth(placed, &lines)?;
                let amount = match amount {
                    Some(amount) => *amount,
                    None if lines.is_empty() => return Err(Refusal::invalid("/amount", "required", "an amount, lines, or both")),
                    None => worth.min(self.left()),
                };
                if !(1..=self.left()).contains(&amount) {
                    let expected = format!("1 to {}: what of the total was not given back yet", self.left());
                    return Err(Refusal::invalid("/amount", "out_of_range", expected));
                }
                let refunded_at = passed("/refunded_at", *at, now, Some(placed.placed_at))?;
                Ok(vec![PurchaseEvent::Refunded(Refunded { amount, lines, reason: said(reason)?, refunded_at })])
            }
            (PurchaseAction::Cancel { reason, at }, Some(placed)) => {
                let cancelled_at = passed("/cancelled_at", *at, now, Some(placed.placed_at))?;
                Ok(vec![PurchaseEvent::Cancelled(Cancelled { amount: self.left(), reason: said(reason)?, cancelled_at })])
            }
        }
    }

    fn state_name(&self) -> &'static str {
        self.stage.as_str()
    }
}

impl Purchase {
    /// What the pieces were bought for; refused when so many were not bought, or were given back already.
    fn worth(&self, placed: &Placed, lines: &[LineAmount]) -> Result<i64, Refusal> {
        let mut worth = 0_i64;
        for (index, line) in lines.iter().enumerate() {
            let bought = placed.lines.iter().filter(|bought| bought.sku == line.sku);
            let (mut pieces, mut skipped) = (line.quantity, self.returned.get(&line.sku).copied().unwrap_or_default());
            let mut left = 0_u32;
            for line in bought {
                let here = line.quantity - skipped.min(line.quantity);
                skipped -= skipped.min(line.quantity);
                left = left.saturating_add(here);
                let taken = here.min(pieces);
                pieces -= taken;
                worth = worth.saturating_add(line.unit_price.saturating_mul(taken.into()));
            }
            if pieces > 0 {
                let field = format!("/lines/{index}/quantity");
                return Err(Refusal::invalid(field, "out_of_range", format!("at most {left} pieces of {:?} can be given back", line.sku)));
            }
        }
        Ok(worth)
    }
}

fn checked(placing: &Placing, now: DateTime<Utc>) -> Result<Placed, Refusal> {
    let lines = lines::checked(&placing.lines)?;
    let shipping = lines::amount("/shipping", placing.shipping)?;
    let tax = lines::amount("/tax", placing.tax)?;
    let discounts = lines::amount("/discounts", placing.discounts)?;
    let total = lines::amount("/total", placing.total)?;
    let sum = lines.iter().try_fold(shipping + tax - discounts, |sum, line| sum.checked_add(line.amount()));
    if sum != Some(total) {
        let sum = sum.map_or_else(|| "far more".to_owned(), |sum| sum.to_string());
        return Err(Refusal::invalid("/total", "does_not_add_up", format!("lines + shipping + tax - discounts, which is {sum}")));
    }
    Ok(Placed {
        external_id: text::foreign_id("/order_id", &placing.external_id)?,
        cart_id: text::optional(&placing.cart_id, |id| text::foreign_id("/cart_id", id))?,
        customer_id: placing.customer_id,
        currency: text::currency("/currency", &placing.currency)?,
        lines,
        shipping,
        tax,
        discounts,
        total,
        device: placing.device,
        placed_at: passed("/placed_at", placing.placed_at, now, None)?,
    })
}

/// An instant that has passed, to the microsecond; now where none is given.
fn passed(
    field: &'static str,
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    not_before: Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>, Refusal> {
    let first = not_before.unwrap_or(now - TimeDelta::days(AGE_DAYS_MAX));
    // What is not told happened now, whatever the clock that placed it showed.
    let Some(at) = at else { return Ok(now.max(first).trunc_subsecs(6)) };
    if at > now + CLOCKS_APART {
        return Err(Refusal::invalid(field, "in_the_future", "an instant that has passed"));
    }
    if at < first {
        return Err(Refusal::invalid(field, "too_early", format!("{} or later", first.to_rfc3339())));
    }
    Ok(at.trunc_subsecs(6))
}

fn said(reason: &Option<String>) -> Result<Option<String>, Refusal> {
    text::optional(reason, |reason| text::name("/reason", reason))
}
