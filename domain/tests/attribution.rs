//! Which call an order goes back to, and to whom it is credited (PRODUCT.md 5.6).

use crate::{
    call::{line, opened, product},
    given::*,
    purchase::bought,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    call::*,
    cart::CartLine,
    ids::{CallId, ShopperId},
    metrics::attribution::{Encounter, choose, credit},
    product::Product,
    purchase::{Attribution, OrderLine, Placed, Rule},
};

const WEEK: TimeDelta = TimeDelta::days(7);

type Told = (DateTime<Utc>, Actor, CallEvent);

fn minute(n: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(n)
}

fn call_id(n: u128) -> CallId {
    CallId(Uuid::from_u128(0xca00 + n))
}

/// A call that Ana took at this minute, what happened in it, and its end half an hour later.
fn call(begun: i64, inside: Vec<(Actor, CallEvent)>) -> Vec<Told> {
    let mut told = vec![
        (minute(begun - 1), BY_CUSTOMER, CallEvent::Requested(opened(None))),
        (minute(begun), BY_ANA, CallEvent::Started(Started { shopper_id: ANA })),
    ];
    told.extend(inside.into_iter().map(|(actor, event)| (minute(begun + 1), actor, event)));
    told.push((minute(begun + 30), BY_ANA, CallEvent::Ended(Ended { reason: EndReason::CustomerHangup })));
    told
}

fn added(cart: &str, sku: &str, quantity: u32) -> CallEvent {
    CallEvent::CartItemAdded(CartItemAdded { cart_id: cart.into(), line: line(sku, quantity) })
}

fn shown(sku: &str) -> CallEvent {
    CallEvent::ProductShown(ProductShown { product: Product { sku: sku.into(), ..product() } })
}

fn order(placed_at: DateTime<Utc>, cart: Option<&str>, lines: Vec<OrderLine>) -> Placed {
    let total = lines.iter().map(OrderLine::amount).sum();
    Placed {
        external_id: "1001".into(),
        cart_id: cart.map(str::to_owned),
        customer_id: Some(CUSTOMER),
        currency: "EUR".into(),
        lines,
        shipping: 0,
        tax: 0,
        discounts: 0,
        total,
        device: Device::Unknown,
        placed_at,
    }
}

fn encounters(order: &Placed, calls: &[Vec<Told>]) -> Vec<Encounter> {
    let of = |(n, told): (u128, &Vec<Told>)| {
        Encounter::until(order.placed_at, call_id(n), told.iter().map(|(at, actor, event)| (*at, actor, event)))
    };
    (0..).zip(calls).filter_map(of).collect()
}

fn attributed(order: &Placed, calls: &[Vec<Told>], window: TimeDelta) -> Option<Attribution> {
    let encounters = encounters(order, calls);
    let (encounter, rule) = choose(order, &encounters, window)?;
    Some(credit(order, encounter, rule, &BTreeMap::new()))
}

fn goes_back(order: &Placed, calls: &[Vec<Told>], window: TimeDelta) -> Option<(CallId, Rule)> {
    attributed(order, calls, window).map(|attribution| (attribution.call_id, attribution.rule))
}

fn lamp() -> Vec<OrderLine> {
    vec![bought("lamp", 1, 5_000)]
}

#[test]
fn the_last_call_with_the_cart_comes_before_a_later_one_of_the_customer() {
    let calls = [
        call(0, vec![(BY_ANA, added("of-1", "lamp", 1))]),
        call(100, vec![(BY_ANA, added("of-1", "lamp", 1))]),
        call(200, vec![(BY_ANA, shown("lamp"))]),
    ];
    let placed = order(minute(300), Some("of-1"), lamp());
    assert_eq!(goes_back(&placed, &calls, WEEK), Some((call_id(1), Rule::Cart)));
    let other_cart = order(minute(300), Some("of-2"), lamp());
    assert_eq!(goes_back(&other_cart, &calls, WEEK), Some((call_id(2), Rule::Customer)));
}

#[test]
fn a_cart_finds_its_call_whenever_the_order_comes_and_a_customer_within_the_window() {
    let calls = [call(0, vec![(BY_ANA, added("of-1", "lamp", 1))])];
    let late = minute(30) + WEEK + TimeDelta::seconds(1);
    assert_eq!(goes_back(&order(late, Some("of-1"), lamp()), &calls, WEEK), Some((call_id(0), Rule::Cart)));
    assert_eq!(goes_back(&order(late, None, lamp()), &calls, WEEK), None);
    assert_eq!(goes_back(&order(minute(30) + WEEK, None, lamp()), &calls, WEEK), Some((call_id(0), Rule::Customer)));
}

#[test]
fn a_window_of_zero_is_during_the_call() {
    let calls = [call(0, vec![(BY_ANA, shown("lamp"))])];
    let at = |n| goes_back(&order(minute(n), None, lamp()), &calls, TimeDelta::zero()).is_some();
    assert_eq!([at(-5), at(10), at(30), at(31)], [false, true, true, false]);
}

#[test]
fn an_order_of_something_else_or_of_somebody_else_goes_back_to_no_call() {
    let calls = [call(0, vec![(BY_ANA, shown("lamp"))])];
    let placed = order(minute(40), None, vec![bought("rug", 1, 9_900)]);
    assert_eq!(goes_back(&placed, &calls, WEEK), None);
    assert_eq!(goes_back(&Placed { customer_id: Some(STRANGER), ..order(minute(40), None, lamp()) }, &calls, WEEK), None);
    assert_eq!(goes_back(&Placed { customer_id: None, ..order(minute(40), None, lamp()) }, &calls, WEEK), None);
}

#[test]
fn a_cart_from_which_everything_was_taken_out_is_none_of_the_call() {
    let out = CallEvent::CartItemRemoved(CartItemRemoved { cart_id: "of-1".into(), sku: "lamp".into(), quantity: 1 });
    let calls = [call(0, vec![(BY_ANA, added("of-1", "lamp", 1)), (BY_CUSTOMER, out)])];
    assert_eq!(goes_back(&order(minute(40), Some("of-1"), lamp()), &calls, WEEK), None);
}

#[test]
fn what_happens_after_the_order_does_not_count() {
    let calls = [call(0, vec![(BY_ANA, added("of-1", "lamp", 1))])];
    assert_eq!(goes_back(&order(minute(-2), Some("of-1"), lamp()), &calls, WEEK), None);
}

#[test]
fn lines_are_added_up_to_what_is_in_the_cart_then_shown_then_others() {
    let calls = [call(0, vec![(BY_ANA, added("of-1", "lamp", 2)), (BY_ANA, shown("lamp"))])];
    let lines = vec![bought("lamp", 1, 5_000), bought("lamp", 3, 5_000), bought("rug", 1, 9_900)];
    let attribution = attributed(&order(minute(40), Some("of-1"), lines), &calls, WEEK).unwrap();
    let split: Vec<_> = attribution.lines.iter().map(|line| (line.added, line.shown, line.other)).collect();
    assert_eq!(split, [(1, 0, 0), (1, 2, 0), (0, 0, 1)]);
}

#[test]
fn who_added_a_line_is_credited_with_it_and_with_its_part_of_the_rest() {
    let calls = [call(0, vec![(BY_BRUNO, added("of-1", "lamp", 1)), (BY_CUSTOMER, added("of-1", "rug", 1))])];
    let placed = Placed {
        shipping: 101,
        discounts: 1_000,
        total: 20_000 + 101 - 1_000,
        ..order(minute(40), Some("of-1"), vec![bought("lamp", 1, 5_000), bought("rug", 1, 15_000)])
    };
    let attribution = attributed(&placed, &calls, WEEK).unwrap();
    let parts: Vec<_> = attribution.credits.iter().map(|one| (one.shopper_id, one.lines, one.shipping, one.discounts, one.total)).collect();
    assert_eq!(parts, [(BRUNO, 5_000, 25, 250, 4_775), (ANA, 15_000, 76, 750, 14_326)]);
}

#[test]
fn a_customer_who_takes_one_more_leaves_the_line_with_whom_it_came_from_unless_it_was_gone() {
    let more = added("of-1", "lamp", 1);
    let gone = CallEvent::CartItemRemoved(CartItemRemoved { cart_id: "of-1".into(), sku: "lamp".into(), quantity: 2 });
    let placed = order(minute(40), Some("of-1"), lamp());
    let credited = |inside| attributed(&placed, &[call(0, inside)], WEEK).unwrap().credits[0].shopper_id;
    assert_eq!(credited(vec![(BY_BRUNO, more.clone()), (BY_CUSTOMER, more.clone())]), BRUNO);
    assert_eq!(credited(vec![(BY_BRUNO, more.clone()), (BY_CUSTOMER, gone), (BY_CUSTOMER, more)]), ANA, "who held the call");
}

#[test]
fn a_collection_counts_for_whom_the_line_is_credited_to() {
    let calls = [call(0, vec![(BY_BRUNO, added("of-1", "lamp", 1)), (BY_ANA, shown("rug"))])];
    let of = |sku: &str| OrderLine { collections: vec!["light".into()], ..bought(sku, 1, 5_000) };
    let placed = order(minute(40), Some("of-1"), vec![of("lamp"), of("rug"), bought("nail", 1, 1)]);
    let found = encounters(&placed, &calls);
    let (encounter, rule) = choose(&placed, &found, WEEK).unwrap();
    assert_eq!(encounter.shoppers(), BTreeSet::from([ANA, BRUNO]));
    let collections = BTreeMap::from([(BRUNO, BTreeSet::from(["light".to_owned()]))]);
    let attribution = credit(&placed, encounter, rule, &collections);
    assert_eq!(attribution.lines.iter().map(|line| line.collection).collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn the_device_is_the_orders_and_else_the_calls() {
    let calls = [call(0, vec![(BY_ANA, added("of-1", "lamp", 1))])];
    let placed = order(minute(40), Some("of-1"), lamp());
    let CallEvent::Requested(requested) = &calls[0][0].2 else { panic!("a call begins with its request") };
    assert_eq!(attributed(&placed, &calls, WEEK).unwrap().device, requested.device);
    let told = Placed { device: Device::Tablet, ..placed };
    assert_eq!(attributed(&told, &calls, WEEK).unwrap().device, Device::Tablet);
}

const SKUS: [&str; 4] = ["a", "b", "c", "d"];
const CARTS: [&str; 2] = ["of-1", "of-2"];

/// One thing that happens in a call: by whom, in which cart, to which SKU, how often.
fn happening() -> impl Strategy<Value = (Actor, CallEvent)> {
    let actor = prop::sample::select(vec![BY_ANA, BY_BRUNO, BY_CUSTOMER]);
    (actor, 0..4_u8, 0..CARTS.len(), 0..SKUS.len(), 1..4_u32).prop_map(|(actor, what, cart, sku, quantity)| {
        let (cart_id, sku) = (CARTS[cart].to_owned(), SKUS[sku].to_owned());
        let event = match what {
            0 => shown(&sku),
            1 => CallEvent::CartItemRemoved(CartItemRemoved { cart_id, sku, quantity }),
            _ => {
                let line = CartLine { collections: vec![format!("of {sku}")], ..line(&sku, quantity) };
                CallEvent::CartItemAdded(CartItemAdded { cart_id, line })
            }
        };
        (actor, event)
    })
}

fn bought_lines() -> impl Strategy<Value = Vec<OrderLine>> {
    prop::collection::vec((0..SKUS.len(), 1..5_u32, 0..20_000_i64), 1..6)
        .prop_map(|lines| lines.into_iter().map(|(sku, quantity, price)| bought(SKUS[sku], quantity, price)).collect())
}

proptest! {
    #[test]
    fn an_order_goes_back_to_one_call_at_most_and_its_parts_are_the_whole(
        inside in prop::collection::vec(prop::collection::vec(happening(), 0..8), 0..5),
        lines in bought_lines(),
        cart in prop::option::of(0..CARTS.len()),
        at in 0..400_i64,
        beside in (0..2_000_i64, 0..2_000_i64, 0..1_000_i64),
        swap in any::<prop::sample::Index>(),
    ) {
        let calls: Vec<_> = (0..).zip(inside).map(|(n, inside)| call(n * 60, inside)).collect();
        let (shipping, tax, discounts) = beside;
        let sum: i64 = lines.iter().map(OrderLine::amount).sum();
        let discounts = discounts.min(sum + shipping + tax);
        let placed = Placed {
            shipping,
            tax,
            discounts,
            total: sum + shipping + tax - discounts,
            ..order(minute(at), cart.map(|cart| CARTS[cart]), lines)
        };
        let mut found = encounters(&placed, &calls);
        let all: BTreeSet<String> = ["of a".to_owned(), "of c".to_owned()].into();
        let collections: BTreeMap<ShopperId, BTreeSet<String>> = BTreeMap::from([(ANA, all)]);
        let first = choose(&placed, &found, WEEK).map(|(encounter, rule)| credit(&placed, encounter, rule, &collections));
        // In whatever order calls are found.
        if !found.is_empty() {
            let at = swap.index(found.len());
            found.rotate_left(at);
        }
        let again = choose(&placed, &found, WEEK).map(|(encounter, rule)| credit(&placed, encounter, rule, &collections));
        prop_assert_eq!(&first, &again);
        let Some(attribution) = first else { return Ok(()) };
        prop_assert_eq!(attribution.credits.iter().map(|credit| credit.total).sum::<i64>(), placed.total);
        prop_assert_eq!(attribution.credits.iter().map(|credit| credit.lines).sum::<i64>(), sum);
        prop_assert_eq!(attribution.credits.iter().map(|credit| credit.shipping).sum::<i64>(), shipping);
        prop_assert_eq!(attribution.credits.iter().map(|credit| credit.tax).sum::<i64>(), tax);
        prop_assert_eq!(attribution.credits.iter().map(|credit| credit.discounts).sum::<i64>(), discounts);
        prop_assert_eq!(attribution.lines.len(), placed.lines.len());
        let shoppers: BTreeSet<_> = attribution.credits.iter().map(|credit| credit.shopper_id).collect();
        prop_assert_eq!(shoppers.len(), attribution.credits.len(), "each shopper has one part");
        for (line, credit) in placed.lines.iter().zip(&attribution.lines) {
            prop_assert_eq!(credit.added + credit.shown + credit.other, line.quantity);
            prop_assert!(shoppers.contains(&credit.shopper_id));
            prop_assert!(!credit.collection || (credit.shopper_id == ANA && matches!(line.sku.as_str(), "a" | "c")));
        }
    }
}
