//! The carts of a call.

use crate::{
    call::{line, past},
    given::*,
};
use vitrina_domain::{call::*, cart::CartLine, cart::QUANTITY_MAX, money::Money, refusal::Refusal};

fn live(action: CallAction) -> Result<Vec<CallEvent>, Refusal> {
    when::<Call>(&past("live"), BY_CUSTOMER, action)
}

fn add(cart_id: &str, line: CartLine) -> CallAction {
    CallAction::AddToCart { cart_id: cart_id.into(), line: Box::new(line) }
}

fn update(cart_id: Option<&str>, sku: &str, quantity: u32) -> CallAction {
    CallAction::UpdateCartItem { cart_id: cart_id.map(str::to_owned), sku: sku.into(), quantity }
}

fn remove(cart_id: Option<&str>, sku: &str) -> CallAction {
    CallAction::RemoveCartItem { cart_id: cart_id.map(str::to_owned), sku: sku.into() }
}

fn updated(from: u32, to: u32) -> CallEvent {
    CallEvent::CartItemUpdated(CartItemUpdated { cart_id: "of-1".into(), sku: "lamp".into(), from, to })
}

#[test]
fn adding_the_same_sku_adds_up() {
    let past = after::<Call>(&past("live"), [(BY_CUSTOMER, add("of-1", line("lamp", 3)))]);
    assert_eq!(when::<Call>(&past, BY_CUSTOMER, update(None, "lamp", 1)), Ok(vec![updated(5, 1)]));
}

#[test]
fn a_change_carries_the_quantity_before_and_after() {
    assert_eq!(live(update(Some("of-1"), "lamp", 7)), Ok(vec![updated(2, 7)]));
}

#[test]
fn updating_to_the_same_quantity_changes_nothing() {
    assert_eq!(live(update(None, "lamp", 2)), Ok(vec![]));
}

#[test]
fn a_line_taken_out_carries_how_many_there_were_and_is_gone() {
    let removed = CallEvent::CartItemRemoved(CartItemRemoved { cart_id: "of-1".into(), sku: "lamp".into(), quantity: 2 });
    assert_eq!(live(remove(None, "lamp")), Ok(vec![removed]));
    let without = after::<Call>(&past("live"), [(BY_CUSTOMER, remove(None, "lamp"))]);
    assert_eq!(refused_field(when::<Call>(&without, BY_CUSTOMER, remove(None, "lamp"))), ("/sku".into(), "unknown"));
}

#[test]
fn an_unknown_sku_or_cart_is_refused() {
    assert_eq!(refused_field(live(update(None, "sofa", 1))), ("/sku".into(), "unknown"));
    assert_eq!(refused_field(live(remove(Some("of-9"), "lamp"))), ("/sku".into(), "unknown"));
}

#[test]
fn a_quantity_is_from_one_to_the_most() {
    for quantity in [0, QUANTITY_MAX + 1] {
        assert_eq!(refused_field(live(update(None, "lamp", quantity))), ("/quantity".into(), "out_of_range"));
        assert_eq!(refused_field(live(add("of-1", line("chair", quantity)))), ("/quantity".into(), "out_of_range"));
    }
    assert!(live(add("of-1", line("lamp", QUANTITY_MAX - 2))).is_ok());
    assert_eq!(refused_field(live(add("of-1", line("lamp", QUANTITY_MAX - 1)))), ("/quantity".into(), "out_of_range"));
}

#[test]
fn the_cart_is_to_be_named_when_several_have_the_sku() {
    let two = after::<Call>(&past("live"), [(BY_CUSTOMER, add("of-2", line("lamp", 1)))]);
    assert_eq!(refused_field(when::<Call>(&two, BY_CUSTOMER, update(None, "lamp", 9))), ("/cart_id".into(), "required"));
    assert_eq!(when::<Call>(&two, BY_CUSTOMER, update(Some("of-1"), "lamp", 9)), Ok(vec![updated(2, 9)]));
}

#[test]
fn a_price_is_not_negative_and_has_a_currency() {
    let priced = |amount, currency: &str| {
        let unit_price = Money { amount, currency: currency.into() };
        refused_field(live(add("of-1", CartLine { unit_price, ..line("chair", 1) })))
    };
    assert_eq!(priced(-1, "EUR"), ("/unit_price/amount".into(), "out_of_range"));
    assert_eq!(priced(1, "euro"), ("/unit_price/currency".into(), "currency"));
}

#[test]
fn carts_and_lines_are_bounded() {
    let carts = (1..CARTS_MAX).map(|n| (BY_CUSTOMER, add(&format!("more-{n}"), line("lamp", 1))));
    let full = after::<Call>(&past("live"), carts);
    assert_eq!(refused_field(when::<Call>(&full, BY_CUSTOMER, add("another", line("lamp", 1)))), ("/cart_id".into(), "too_many"));

    let added = |n| CallEvent::CartItemAdded(CartItemAdded { cart_id: "of-1".into(), line: line(&format!("sku-{n}"), 1) });
    let full = [past("live"), (1..LINES_MAX).map(added).collect()].concat();
    assert_eq!(refused_field(when::<Call>(&full, BY_CUSTOMER, add("of-1", line("chair", 1)))), ("/sku".into(), "too_many"));
    assert!(when::<Call>(&full, BY_CUSTOMER, add("of-1", line("lamp", 1))).is_ok());
}
