//! Which call an order goes back to, and to whom it is credited (PRODUCT.md 5.6): a function of the order and of what had
//! happened in calls until then, so that it can be asked again and answers the same.

use super::share::apportion;
use crate::{
    actor::Actor,
    call::{CallEvent, Device, Opened, Side},
    ids::{CallId, ConversationId, CustomerId, ShopperId},
    purchase::{Attribution, Credit, LineCredit, Placed, Rule},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What came that much later than the order still counts: the shop's clock is compared with ours.
pub const CLOCKS_APART: TimeDelta = TimeDelta::minutes(1);

/// What had happened in a call until an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encounter {
    call_id: CallId,
    conversation_id: ConversationId,
    customer_id: CustomerId,
    /// As it was told with the request, then that of the first join.
    device: Device,
    joined: bool,
    /// When it first went live.
    begun: DateTime<Utc>,
    /// When it last ceased to be live; `None` while it is.
    ended: Option<DateTime<Utc>>,
    /// Who holds it, or held it last.
    holder: ShopperId,
    /// How many of each SKU each cart has.
    carts: BTreeMap<String, BTreeMap<String, u32>>,
    /// The shopper who last put the SKU into a cart that still has some of it.
    added_by: BTreeMap<String, ShopperId>,
    shown: BTreeSet<String>,
    collections: BTreeMap<String, Vec<String>>,
}

impl Encounter {
    /// What these events of a call come to for an order that was placed then: events with who did it and when they were
    /// recorded, in order. What came a moment later still counts, since two clocks are compared. `None` for a call that was
    /// never live before.
    pub fn until<'e>(
        placed_at: DateTime<Utc>,
        call_id: CallId,
        events: impl IntoIterator<Item = (DateTime<Utc>, &'e Actor, &'e CallEvent)>,
    ) -> Option<Self> {
        let mut opened: Option<&Opened> = None;
        let mut encounter: Option<Self> = None;
        for (at, actor, event) in events {
            if at > placed_at + CLOCKS_APART {
                break;
            }
            match (event, &mut encounter) {
                (CallEvent::Requested(told) | CallEvent::Created(told), _) => opened = Some(told),
                (CallEvent::Started(started), None) => {
                    let opened = opened?;
                    encounter = Some(Self {
                        call_id,
                        conversation_id: opened.conversation_id,
                        customer_id: opened.customer_id,
                        device: opened.device,
                        joined: false,
                        begun: at,
                        ended: None,
                        holder: started.shopper_id,
                        carts: BTreeMap::new(),
                        added_by: BTreeMap::new(),
                        shown: BTreeSet::new(),
                        collections: BTreeMap::new(),
                    });
                }
                (event, Some(encounter)) => encounter.apply(at, actor, event),
                _ => {}
            }
        }
        encounter
    }

    fn apply(&mut self, at: DateTime<Utc>, actor: &Actor, event: &CallEvent) {
        match event {
            CallEvent::Started(started) => (self.holder, self.ended) = (started.shopper_id, None),
            CallEvent::Claimed(claimed) => self.holder = claimed.shopper_id,
            CallEvent::Transferred(transferred) => self.holder = transferred.to,
            CallEvent::Ended(_) | CallEvent::Queued(_) | CallEvent::Finished(_) | CallEvent::Cancelled(_) => {
                self.ended.get_or_insert(at);
            }
            CallEvent::MediaParticipantJoined(joined) if joined.role == Side::Customer && !self.joined => {
                if let Some(device) = joined.device {
                    (self.device, self.joined) = (device, true);
                }
            }
            CallEvent::ProductShown(shown) => {
                let product = &shown.product;
                for sku in std::iter::once(&product.sku).chain(product.variants.iter().map(|variant| &variant.sku)) {
                    self.shown.insert(sku.clone());
                    self.belongs_to(sku, &product.collections);
                }
            }
            CallEvent::CartItemAdded(added) => {
                let sku = &added.line.sku;
                *self.carts.entry(added.cart_id.clone()).or_default().entry(sku.clone()).or_default() += added.line.quantity;
                self.belongs_to(sku, &added.line.collections);
                // A customer who takes one more of what a shopper put there does not make the line another's.
                if let Actor::Shopper(shopper) = actor {
                    self.added_by.insert(sku.clone(), *shopper);
                }
            }
            CallEvent::CartItemUpdated(updated) => {
                self.carts.entry(updated.cart_id.clone()).or_default().insert(updated.sku.clone(), updated.to);
            }
            CallEvent::CartItemRemoved(removed) => {
                self.carts.entry(removed.cart_id.clone()).or_default().remove(&removed.sku);
                // Of a line that is gone nobody added what may come back.
                if self.added(&removed.sku) == 0 {
                    self.added_by.remove(&removed.sku);
                }
            }
            _ => {}
        }
    }

    fn belongs_to(&mut self, sku: &str, collections: &[String]) {
        if !collections.is_empty() {
            self.collections.insert(sku.to_owned(), collections.to_vec());
        }
    }

    /// Everybody to whom something may be credited.
    pub fn shoppers(&self) -> BTreeSet<ShopperId> {
        self.added_by.values().copied().chain([self.holder]).collect()
    }

    /// Pieces of the SKU that are in its carts.
    fn added(&self, sku: &str) -> u32 {
        self.carts.values().filter_map(|cart| cart.get(sku)).fold(0, |sum, pieces| sum.saturating_add(*pieces))
    }

    fn has_cart(&self, id: &str) -> bool {
        self.carts.get(id).is_some_and(|cart| cart.values().any(|pieces| *pieces > 0))
    }

    fn is_recent(&self, placed_at: DateTime<Utc>, window: TimeDelta) -> bool {
        self.begun <= placed_at + CLOCKS_APART && self.ended.is_none_or(|ended| placed_at <= ended + window)
    }

    fn touched(&self, order: &Placed) -> bool {
        order.lines.iter().any(|line| self.shown.contains(&line.sku) || self.added(&line.sku) > 0)
    }
}

/// The one of these calls that the order goes back to, and by which rule: the last one with the order's cart, else the last one
/// of its customer in which something of it was put into a cart or shown, and which ended at most `window` before.
pub fn choose<'e>(order: &Placed, encounters: &'e [Encounter], window: TimeDelta) -> Option<(&'e Encounter, Rule)> {
    let last = |fits: &dyn Fn(&Encounter) -> bool| encounters.iter().filter(|one| fits(one)).max_by_key(|one| (one.begun, one.call_id));
    let by_cart = order.cart_id.as_ref().and_then(|cart| last(&|one| one.has_cart(cart)));
    if let Some(encounter) = by_cart {
        return Some((encounter, Rule::Cart));
    }
    let customer = order.customer_id?;
    let met = |one: &Encounter| one.customer_id == customer && one.is_recent(order.placed_at, window) && one.touched(order);
    last(&met).map(|encounter| (encounter, Rule::Customer))
}

/// Who is credited with what of the order; `collections` are those that each shopper had when it was placed. A line is credited
/// to who added it, else to who held the call; what is not of a line is shared in proportion to the lines.
pub fn credit(order: &Placed, encounter: &Encounter, rule: Rule, collections: &BTreeMap<ShopperId, BTreeSet<String>>) -> Attribution {
    let mut unused: BTreeMap<&str, u32> = BTreeMap::new();
    let mut amounts: Vec<(ShopperId, u64)> = Vec::new();
    let mut lines = Vec::with_capacity(order.lines.len());
    for line in &order.lines {
        let sku = line.sku.as_str();
        let shopper_id = match encounter.added(sku) {
            0 => encounter.holder,
            _ => encounter.added_by.get(sku).copied().unwrap_or(encounter.holder),
        };
        let left = unused.entry(sku).or_insert_with(|| encounter.added(sku));
        let added = line.quantity.min(*left);
        *left -= added;
        let rest = line.quantity - added;
        let (shown, other) = if encounter.shown.contains(sku) { (rest, 0) } else { (0, rest) };
        let of =
            if line.collections.is_empty() { encounter.collections.get(sku).map_or(&[][..], Vec::as_slice) } else { &line.collections };
        let collection = collections.get(&shopper_id).is_some_and(|own| of.iter().any(|one| own.contains(one)));
        let amount = u64::try_from(line.amount()).unwrap_or_default();
        match amounts.iter_mut().find(|(known, _)| *known == shopper_id) {
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => amounts.push((shopper_id, amount)),
        }
        lines.push(LineCredit { shopper_id, added, shown, other, collection });
    }
    let weights: Vec<u64> = amounts.iter().map(|(_, amount)| *amount).collect();
    let [shipping, tax, discounts] = [order.shipping, order.tax, order.discounts].map(|amount| apportion(amount, &weights));
    let part = |(index, (shopper_id, amount)): (usize, &(ShopperId, u64))| {
        let lines = i64::try_from(*amount).unwrap_or(i64::MAX);
        let (shipping, tax, discounts) = (shipping[index], tax[index], discounts[index]);
        Credit { shopper_id: *shopper_id, total: lines + shipping + tax - discounts, lines, shipping, tax, discounts }
    };
    Attribution {
        call_id: encounter.call_id,
        conversation_id: encounter.conversation_id,
        customer_id: encounter.customer_id,
        rule,
        device: if order.device == Device::Unknown { encounter.device } else { order.device },
        credits: amounts.iter().enumerate().map(part).collect(),
        lines,
    }
}
