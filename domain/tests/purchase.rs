//! An order: placed once, given back in parts, cancelled once, attributed once.

use crate::given::*;
use chrono::{DateTime, Utc};
use vitrina_domain::{call::Device, purchase::*, refusal::Refusal};

pub fn bought(sku: &str, quantity: u32, unit_price: i64) -> OrderLine {
    OrderLine { sku: sku.into(), name: None, quantity, unit_price, collections: vec![] }
}

pub fn placing(lines: Vec<OrderLine>, shipping: i64, discounts: i64) -> Placing {
    let total = lines.iter().map(OrderLine::amount).sum::<i64>() + shipping - discounts;
    Placing {
        external_id: "1001".into(),
        cart_id: Some("of-1".into()),
        customer_id: Some(CUSTOMER),
        currency: "EUR".into(),
        lines,
        shipping,
        tax: 0,
        discounts,
        total,
        device: Device::Unknown,
        placed_at: None,
    }
}

fn place(placing: Placing) -> PurchaseAction {
    PurchaseAction::Place(Box::new(placing))
}

fn refund(amount: Option<i64>, lines: &[(&str, u32)]) -> PurchaseAction {
    let lines = lines.iter().map(|(sku, quantity)| LineAmount { sku: (*sku).into(), quantity: *quantity }).collect();
    PurchaseAction::Refund { amount, lines, reason: None, at: None }
}

fn cancel(at: Option<DateTime<Utc>>) -> PurchaseAction {
    PurchaseAction::Cancel { reason: Some(" Too late ".into()), at }
}

/// Two lamps of 50.00 and a bulb of 5.00, 4.95 of shipping, 10.00 off: 99.95.
fn placed() -> Vec<PurchaseEvent> {
    let order = placing(vec![bought("lamp", 2, 5_000), bought("bulb", 1, 500)], 495, 1_000);
    assert_eq!(order.total, 9_995);
    after::<Purchase>(&[], [(BY_OWNER, place(order))])
}

fn answer(past: &[PurchaseEvent], action: PurchaseAction) -> Result<Vec<PurchaseEvent>, Refusal> {
    when::<Purchase>(past, BY_OWNER, action)
}

fn amount(answer: Result<Vec<PurchaseEvent>, Refusal>) -> i64 {
    match answer.expect("it is possible").as_slice() {
        [PurchaseEvent::Refunded(refunded)] => refunded.amount,
        [PurchaseEvent::Cancelled(cancelled)] => cancelled.amount,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_order_that_does_not_add_up_is_refused_at_its_total() {
    let wrong = Placing { total: 9_994, ..placing(vec![bought("lamp", 2, 5_000)], 495, 0) };
    assert_eq!(refused_field(answer(&[], place(wrong))), ("/total".into(), "does_not_add_up"));
}

#[test]
fn amounts_are_not_below_zero_nor_beyond_every_figure() {
    let order = |lines| placing(lines, 0, 0);
    let line = |unit_price| Placing { total: unit_price, ..order(vec![bought("lamp", 1, unit_price)]) };
    assert_eq!(refused_field(answer(&[], place(line(-1)))), ("/lines/0/unit_price".into(), "out_of_range"));
    assert_eq!(refused_field(answer(&[], place(line(i64::MAX)))), ("/lines/0/unit_price".into(), "out_of_range"));
    assert_eq!(refused_field(answer(&[], place(order(vec![])))), ("/lines".into(), "out_of_range"));
    let none = Placing { total: 0, ..order(vec![bought("lamp", 0, 1)]) };
    assert_eq!(refused_field(answer(&[], place(none))), ("/lines/0/quantity".into(), "out_of_range"));
}

#[test]
fn an_order_may_be_told_late_but_not_before_it_is_placed() {
    let at = |at| place(Placing { placed_at: Some(at), ..placing(vec![bought("lamp", 1, 1)], 0, 0) });
    assert!(answer(&[], at(in_days(-400))).is_ok());
    assert_eq!(refused_field(answer(&[], at(in_days(1)))), ("/placed_at".into(), "in_the_future"));
    assert_eq!(refused_field(answer(&[], at(in_days(-4_000)))), ("/placed_at".into(), "too_early"));
}

#[test]
fn an_order_is_placed_once_and_nothing_becomes_of_one_that_was_not() {
    assert_eq!(answer(&placed(), place(placing(vec![bought("lamp", 1, 1)], 0, 0))), Err(Refusal::AlreadyExists));
    assert_eq!(answer(&[], refund(Some(1), &[])), Err(Refusal::NotFound));
    assert_eq!(answer(&[], cancel(None)), Err(Refusal::NotFound));
}

#[test]
fn pieces_are_given_back_for_what_they_were_bought_for() {
    assert_eq!(amount(answer(&placed(), refund(None, &[("lamp", 1)]))), 5_000);
    assert_eq!(amount(answer(&placed(), refund(Some(4_500), &[("lamp", 1)]))), 4_500);
    // All pieces are worth more than was paid.
    assert_eq!(amount(answer(&placed(), refund(None, &[("lamp", 2), ("bulb", 1)]))), 9_995);
}

#[test]
fn no_more_is_given_back_than_was_bought_and_paid() {
    let past = after::<Purchase>(&placed(), [(BY_OWNER, refund(None, &[("lamp", 1)]))]);
    assert_eq!(refused_field(answer(&past, refund(None, &[("lamp", 2)]))), ("/lines/0/quantity".into(), "out_of_range"));
    assert_eq!(refused_field(answer(&past, refund(None, &[("rug", 1)]))), ("/lines/0/quantity".into(), "out_of_range"));
    assert_eq!(refused_field(answer(&past, refund(Some(4_996), &[]))), ("/amount".into(), "out_of_range"));
    assert_eq!(refused_field(answer(&past, refund(Some(0), &[]))), ("/amount".into(), "out_of_range"));
    assert_eq!(refused_field(answer(&past, refund(None, &[]))), ("/amount".into(), "required"));
    assert_eq!(amount(answer(&past, refund(Some(4_995), &[]))), 4_995);
}

#[test]
fn a_cancellation_gives_back_what_is_left_once() {
    let past = after::<Purchase>(&placed(), [(BY_OWNER, refund(None, &[("lamp", 1)]))]);
    assert_eq!(amount(answer(&past, cancel(None))), 4_995);
    let past = after::<Purchase>(&past, [(BY_OWNER, cancel(None))]);
    assert_eq!(answer(&past, cancel(None)), Err(Refusal::IllegalTransition { state: "cancelled", action: "cancel" }));
    assert_eq!(answer(&past, refund(Some(1), &[])), Err(Refusal::IllegalTransition { state: "cancelled", action: "refund" }));
    let past = after::<Purchase>(&placed(), [(BY_OWNER, refund(Some(9_995), &[]))]);
    assert_eq!(answer(&past, cancel(None)), Err(Refusal::IllegalTransition { state: "refunded", action: "cancel" }));
}

#[test]
fn nothing_is_given_back_before_it_was_bought() {
    assert_eq!(refused_field(answer(&placed(), cancel(Some(in_days(-1))))), ("/cancelled_at".into(), "too_early"));
    assert_eq!(refused_field(answer(&placed(), cancel(Some(in_days(1))))), ("/cancelled_at".into(), "in_the_future"));
}

#[test]
fn an_order_is_attributed_once_also_when_it_was_cancelled_before() {
    let attribute = || PurchaseAction::Attribute(Box::new(Attributed { window_days: 7, attribution: None }));
    let past = after::<Purchase>(&placed(), [(BY_OWNER, cancel(None))]);
    assert_eq!(when::<Purchase>(&past, by_timer(), attribute()).unwrap().len(), 1);
    let past = after::<Purchase>(&past, [(by_timer(), attribute())]);
    assert_eq!(when::<Purchase>(&past, by_timer(), attribute()), Ok(vec![]));
}
