//! Orders of a story: placed, attributed to a call or to none, given back in parts or as a sum, cancelled.

use super::{Chapter, Story, beginning};
use vitrina_domain::{call::Device, event::Event, ids::*, purchase::*, stream::Category};
use vitrina_eventlog::StreamId;

pub(super) struct Order {
    account: AccountId,
    id: OrderId,
    placed: Placed,
    is_attributed: bool,
    /// Whether pieces are given back, or else sums.
    by_pieces: bool,
    /// Pieces of each line that were not given back.
    left: Vec<u32>,
    /// What was not given back.
    amount_left: i64,
    is_over: bool,
}

impl Story {
    pub(super) fn new_order(&mut self) -> Chapter {
        let index = self.draw(self.customers.len());
        let (account, customer_id) = self.customers[index];
        let id = OrderId(self.id());
        let lines: Vec<OrderLine> = (0..1 + self.draw(3))
            .map(|n| OrderLine {
                sku: format!("S{n}"),
                name: None,
                quantity: 1 + self.draw(3) as u32,
                unit_price: 100 + self.draw(5_000) as i64,
                collections: vec!["shoes".into()],
            })
            .collect();
        let (shipping, tax, discounts) = (self.draw(2) as i64 * 495, self.draw(2) as i64 * 77, self.draw(2) as i64 * 50);
        let sum: i64 = lines.iter().map(OrderLine::amount).sum();
        let placed = Placed {
            external_id: id.to_string(),
            cart_id: (self.draw(2) == 0).then(|| "cart".into()),
            customer_id: Some(customer_id),
            currency: ["EUR", "CLP"][self.draw(2)].into(),
            lines,
            shipping,
            tax,
            discounts,
            total: sum + shipping + tax - discounts,
            device: Device::Desktop,
            placed_at: beginning(),
        };
        let left = placed.lines.iter().map(|line| line.quantity).collect();
        let (by_pieces, amount_left) = (self.draw(2) == 0, placed.total);
        let events = vec![PurchaseEvent::Placed(placed.clone()).into()];
        self.orders.push(Order { account, id, placed, is_attributed: false, by_pieces, left, amount_left, is_over: false });
        (StreamId::new(account, Category::Order, id), events)
    }

    pub(super) fn order_goes_on(&mut self) -> Chapter {
        let index = self.draw(self.orders.len());
        let account = self.orders[index].account;
        let shoppers = [self.some_shopper(account), self.some_shopper(account)].map(Option::unwrap_or_default);
        let (unknown, choice, amount) = (CallId(self.id()), self.draw(8), self.draw(4_000) as i64);
        let calls: Vec<_> = self.calls.iter().filter(|call| call.account == account).map(|call| call.id).collect();
        let call_id = calls.get(amount as usize % calls.len().max(1)).copied().unwrap_or(unknown);
        let order = &mut self.orders[index];
        let stream = StreamId::new(account, Category::Order, order.id);
        let event = match choice {
            0..5 if !order.is_attributed => {
                order.is_attributed = true;
                let attribution = (choice > 0).then(|| attribution(&order.placed, call_id, shoppers));
                Some(PurchaseEvent::Attributed(Attributed { window_days: 7, attribution }))
            }
            _ if order.is_over => None,
            7 => {
                order.is_over = true;
                let amount = std::mem::take(&mut order.amount_left);
                Some(PurchaseEvent::Cancelled(Cancelled { amount, reason: None, cancelled_at: beginning() }))
            }
            _ => order.give_back(amount),
        };
        match event {
            Some(event) => (stream, vec![Event::from(event)]),
            None => self.new_order(),
        }
    }
}

impl Order {
    fn give_back(&mut self, amount: i64) -> Option<PurchaseEvent> {
        let (amount, lines) = if self.by_pieces {
            let index = self.left.iter().position(|left| *left > 0)?;
            let line = &self.placed.lines[index];
            if line.unit_price >= self.amount_left {
                return None;
            }
            self.left[index] -= 1;
            (line.unit_price, vec![LineAmount { sku: line.sku.clone(), quantity: 1 }])
        } else {
            (1 + amount.min(self.amount_left - 2), vec![])
        };
        if amount < 1 {
            return None;
        }
        self.amount_left -= amount;
        Some(PurchaseEvent::Refunded(Refunded { amount, lines, reason: None, refunded_at: beginning() }))
    }
}

/// Lines go to one shopper and the other in turn; shipping, taxes and what is taken off to who has the first line.
fn attribution(placed: &Placed, call_id: CallId, shoppers: [ShopperId; 2]) -> Attribution {
    let lines: Vec<_> = placed
        .lines
        .iter()
        .enumerate()
        .map(|(n, line)| LineCredit {
            shopper_id: shoppers[n % 2],
            added: u32::from(n == 0),
            shown: u32::from(n > 0),
            other: line.quantity - 1,
            collection: n < 2,
        })
        .collect();
    let mut credits: Vec<Credit> = Vec::new();
    for (line, of) in placed.lines.iter().zip(&lines) {
        match credits.iter_mut().find(|credit| credit.shopper_id == of.shopper_id) {
            Some(credit) => (credit.lines, credit.total) = (credit.lines + line.amount(), credit.total + line.amount()),
            None => {
                let (shipping, tax, discounts) =
                    if credits.is_empty() { (placed.shipping, placed.tax, placed.discounts) } else { (0, 0, 0) };
                let total = line.amount() + shipping + tax - discounts;
                credits.push(Credit { shopper_id: of.shopper_id, total, lines: line.amount(), shipping, tax, discounts });
            }
        }
    }
    let (conversation_id, customer_id) = (ConversationId(call_id.0), placed.customer_id.unwrap_or_default());
    Attribution { call_id, conversation_id, customer_id, rule: Rule::Cart, device: placed.device, credits, lines }
}
