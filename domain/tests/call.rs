//! A call, from request to archive.

use crate::given::*;
use vitrina_domain::{
    aggregate::Aggregate,
    call::*,
    cart::CartLine,
    ids::ShopperId,
    money::Money,
    product::{Product, Variant},
    refusal::Refusal,
    routing::{Failed, Why},
    survey::{Answered, Ballot},
};

/// Every past that the table of states knows.
pub const PAST: [&str; 13] = [
    "absent",
    "requested",
    "created",
    "scheduled",
    "waiting",
    "offered",
    "claimed",
    "live",
    "wrap_up",
    "finished",
    "cancelled",
    "cancelled_when_live",
    "archived",
];

/// What has happened to a call that stands there. While it was live, one line came into the cart.
pub fn past(state: &str) -> Vec<CallEvent> {
    let step = |from: &str, event: CallEvent| [past(from), vec![event]].concat();
    match state {
        "absent" => vec![],
        "requested" => vec![CallEvent::Requested(opened(None))],
        "created" => vec![CallEvent::Created(opened(Some(ANA)))],
        "scheduled" => step("requested", CallEvent::Scheduled(appointment(1, 0))),
        "waiting" => step("requested", CallEvent::Queued(Queued { reason: QueueReason::Requested })),
        "offered" => step("waiting", CallEvent::Offered(Offered { shopper_id: ANA, until: in_days(1) })),
        "claimed" => step("waiting", CallEvent::Claimed(Claimed { shopper_id: ANA, start_by: None })),
        "live" => {
            let started = step("claimed", CallEvent::Started(Started { shopper_id: ANA }));
            let added = CallEvent::CartItemAdded(CartItemAdded { cart_id: "of-1".into(), line: line("lamp", 2) });
            [started, vec![added]].concat()
        }
        "wrap_up" => step("live", CallEvent::Ended(Ended { reason: EndReason::CustomerHangup })),
        "finished" => step("wrap_up", CallEvent::Finished(Finished { reason: EndReason::CustomerHangup })),
        "cancelled" => step("waiting", CallEvent::Cancelled(Cancelled { reason: CancelReason::ByCustomer })),
        "cancelled_when_live" => step("live", CallEvent::Cancelled(Cancelled { reason: CancelReason::System })),
        "archived" => step("finished", CallEvent::Archived(Archived {})),
        other => panic!("no past leads to {other}"),
    }
}

/// An action of that name that no value stands in the way of.
pub fn action(name: &str) -> CallAction {
    match name {
        "request" => CallAction::Request(Box::new(details())),
        "create" => CallAction::Create { shopper_id: ANA, details: Box::new(details()) },
        "schedule" => schedule(2),
        "queue" => CallAction::Queue,
        "claim" => CallAction::Claim { shopper_id: ANA, start_by: None },
        "decide" => CallAction::Decide { decided: Box::new(crate::samples::decided()) },
        "fail_routing" => CallAction::FailRouting { failed: Failed { why: Why::AllBusy, reasons: [].into() } },
        "offer" => CallAction::Offer { shopper_id: ANA, until: in_days(1) },
        "accept" => CallAction::AcceptOffer { shopper_id: ANA, start_by: None },
        "decline" => CallAction::DeclineOffer { shopper_id: ANA },
        "connect" => CallAction::ConnectCustomer { connection_id: connection(1) },
        "disconnect" => CallAction::DisconnectCustomer { connection_id: connection(1), until: None },
        "release" => CallAction::Release { cause: ReleaseCause::ByHand },
        "start" => CallAction::Start,
        "invite" => CallAction::Invite { shopper_id: BRUNO },
        "transfer" => CallAction::Transfer { to: BRUNO },
        "end" => CallAction::End { reason: EndReason::ShopperHangup, wrap_up: WrapUp::Keep },
        "finish" => CallAction::Finish,
        "cancel" => CallAction::Cancel { reason: CancelReason::ByAdmin },
        "archive" => CallAction::Archive,
        "unarchive" => CallAction::Unarchive,
        "show_product" => CallAction::ShowProduct { product: Box::new(product()) },
        "add_to_cart" => CallAction::AddToCart { cart_id: "of-1".into(), line: Box::new(line("chair", 1)) },
        "update_cart_item" => CallAction::UpdateCartItem { cart_id: None, sku: "lamp".into(), quantity: 3 },
        "remove_cart_item" => CallAction::RemoveCartItem { cart_id: None, sku: "lamp".into() },
        "rate" => CallAction::Rate { answer_id: answer(1), ballot: Ballot { nps: Some(9), ..Ballot::default() } },
        other => panic!("no action is called {other}"),
    }
}

pub fn details() -> Details {
    Details { customer_id: CUSTOMER, conversation_id: CONVERSATION, ..Details::default() }
}

pub fn opened(shopper_id: Option<ShopperId>) -> Opened {
    Opened {
        customer_id: CUSTOMER,
        conversation_id: CONVERSATION,
        shopper_id,
        product: None,
        platform: Platform::Web,
        device: Device::Unknown,
        language: None,
        country: None,
        collections: vec![],
        priority: 0,
    }
}

fn appointment(day: i64, sequence: u32) -> Scheduled {
    let starts_at = in_days(day);
    Scheduled { starts_at, ends_at: starts_at + chrono::TimeDelta::minutes(30), zone: "Europe/Madrid".into(), sequence }
}

pub fn schedule(day: i64) -> CallAction {
    let Scheduled { starts_at, ends_at, zone, .. } = appointment(day, 0);
    CallAction::Schedule { starts_at, ends_at, zone }
}

pub fn product() -> Product {
    Product {
        sku: "lamp".into(),
        name: "Lamp".into(),
        image_url: None,
        url: Some("https://shop.example/lamp".into()),
        price: Some(Money { amount: 4_990, currency: "EUR".into() }),
        collections: vec!["light".into()],
        variants: vec![],
    }
}

pub fn line(sku: &str, quantity: u32) -> CartLine {
    let unit_price = Money { amount: 4_990, currency: "EUR".into() };
    CartLine { sku: sku.into(), name: "Lamp".into(), quantity, unit_price, collections: vec![] }
}

fn call(state: &str, actor: vitrina_domain::actor::Actor, action: CallAction) -> Result<Vec<CallEvent>, Refusal> {
    when::<Call>(&past(state), actor, action)
}

#[test]
fn a_customer_requests_waits_is_served_and_the_call_is_finished() {
    let orders = [
        (BY_CUSTOMER, action("request")),
        (BY_CUSTOMER, CallAction::Queue),
        (BY_ANA, action("claim")),
        (BY_ANA, CallAction::Start),
        (BY_CUSTOMER, CallAction::End { reason: EndReason::CustomerHangup, wrap_up: WrapUp::Keep }),
        (BY_ANA, CallAction::Finish),
        (BY_OWNER, CallAction::Archive),
    ];
    let types: Vec<_> = after::<Call>(&[], orders).iter().map(vitrina_domain::event::EventSet::event_type).collect();
    let expected = ["call.requested", "call.queued", "call.claimed", "call.started", "call.ended", "call.finished", "call.archived"];
    assert_eq!(types, expected);
}

#[test]
fn a_private_call_is_claimed_and_started_without_a_queue() {
    let orders = [(BY_ANA, action("create")), (BY_ANA, action("claim")), (BY_ANA, CallAction::Start)];
    assert_eq!(fold(&after::<Call>(&[], orders)).state(), State::Live);
}

#[test]
fn a_second_claim_on_the_same_call_is_refused() {
    let second = call("claimed", BY_BRUNO, CallAction::Claim { shopper_id: BRUNO, start_by: None });
    assert_eq!(second, Err(Refusal::IllegalTransition { state: "claimed", action: "claim" }));
}

#[test]
fn a_call_given_back_by_hand_waits_again() {
    let answer = call("claimed", BY_ANA, action("release"));
    assert_eq!(answer, Ok(vec![CallEvent::Queued(Queued { reason: QueueReason::Released })]));
}

#[test]
fn a_claim_that_timed_out_expires_and_the_call_waits_again() {
    let answer = call("claimed", by_timer(), CallAction::Release { cause: ReleaseCause::TimedOut { holder: ANA } });
    let expected =
        vec![CallEvent::ClaimExpired(ClaimExpired { shopper_id: ANA }), CallEvent::Queued(Queued { reason: QueueReason::ClaimExpired })];
    assert_eq!(answer, Ok(expected));
}

#[test]
fn a_timer_that_comes_too_late_changes_nothing() {
    for (state, holder) in [("claimed", BRUNO), ("live", ANA), ("finished", ANA), ("waiting", ANA)] {
        let answer = call(state, by_timer(), CallAction::Release { cause: ReleaseCause::TimedOut { holder } });
        assert_eq!(answer, Ok(vec![]), "{state}");
    }
}

#[test]
fn who_gave_the_call_back_is_no_participant_any_more() {
    let released = after::<Call>(&past("claimed"), [(BY_ANA, action("release"))]);
    assert_eq!(fold(&released).holder(), None);
    assert!(fold(&released).participants().is_empty());
}

#[test]
fn ending_without_wrap_up_finishes_with_the_same_reason() {
    let answer = call("live", BY_ANA, CallAction::End { reason: EndReason::LinkLost, wrap_up: WrapUp::Skip });
    let reason = EndReason::LinkLost;
    assert_eq!(answer, Ok(vec![CallEvent::Ended(Ended { reason }), CallEvent::Finished(Finished { reason })]));
}

#[test]
fn finishing_keeps_the_reason_of_the_end() {
    let answer = call("wrap_up", BY_ANA, CallAction::Finish);
    assert_eq!(answer, Ok(vec![CallEvent::Finished(Finished { reason: EndReason::CustomerHangup })]));
}

#[test]
fn a_call_is_cancelled_with_each_reason_from_each_state_that_is_not_terminal() {
    use CancelReason::*;
    for reason in [ByCustomer, ByShopper, ByAdmin, NoShowCustomer, NoShowShopper, Expired, AbandonedInQueue, NoAgent, System] {
        for state in ["requested", "created", "scheduled", "waiting", "claimed", "live", "wrap_up"] {
            let answer = call(state, by_timer(), CallAction::Cancel { reason });
            assert_eq!(answer, Ok(vec![CallEvent::Cancelled(Cancelled { reason })]), "{reason:?} in {state}");
        }
    }
}

#[test]
fn a_customer_cancels_only_with_a_reason_of_their_own() {
    use CancelReason::*;
    for reason in [ByCustomer, NoShowShopper, AbandonedInQueue] {
        assert!(call("waiting", BY_CUSTOMER, CallAction::Cancel { reason }).is_ok(), "{reason:?}");
    }
    for reason in [ByShopper, ByAdmin, NoShowCustomer, Expired, NoAgent, System] {
        assert!(is_not_allowed(&call("waiting", BY_CUSTOMER, CallAction::Cancel { reason })), "{reason:?}");
    }
}

#[test]
fn an_appointment_is_made_and_moved_with_a_rising_sequence() {
    let made = call("requested", BY_CUSTOMER, schedule(1));
    assert_eq!(made, Ok(vec![CallEvent::Scheduled(appointment(1, 0))]));
    let moved = call("scheduled", BY_CUSTOMER, schedule(2));
    assert_eq!(moved, Ok(vec![CallEvent::Rescheduled(appointment(2, 1))]));
}

#[test]
fn moving_an_appointment_to_where_it_is_changes_nothing() {
    assert_eq!(call("scheduled", BY_CUSTOMER, schedule(1)), Ok(vec![]));
}

#[test]
fn an_appointment_needs_an_order_of_times_a_future_and_a_zone() {
    let with = |starts_at, ends_at, zone: &str| {
        refused_field(call("requested", BY_ANA, CallAction::Schedule { starts_at, ends_at, zone: zone.into() }))
    };
    assert_eq!(with(in_days(1), in_days(1), "Europe/Madrid"), ("/ends_at".into(), "order"));
    assert_eq!(with(in_days(1), in_days(3), "Europe/Madrid"), ("/ends_at".into(), "too_long"));
    assert_eq!(with(in_days(-2), in_days(-1), "Europe/Madrid"), ("/ends_at".into(), "in_the_past"));
    assert_eq!(with(in_days(1), in_days(2), "Madrid"), ("/zone".into(), "zone"));
}

#[test]
fn why_a_call_waits_tells_whether_it_had_an_appointment() {
    let reason = |state| call(state, BY_CUSTOMER, CallAction::Queue);
    assert_eq!(reason("requested"), Ok(vec![CallEvent::Queued(Queued { reason: QueueReason::Requested })]));
    assert_eq!(reason("scheduled"), Ok(vec![CallEvent::Queued(Queued { reason: QueueReason::Scheduled })]));
}

#[test]
fn a_shopper_asked_in_takes_part_once() {
    let invited = after::<Call>(&past("live"), [(BY_ANA, action("invite"))]);
    assert_eq!(fold(&invited).participants(), [ANA, BRUNO]);
    assert_eq!(when::<Call>(&invited, BY_ANA, action("invite")), Ok(vec![]));
}

#[test]
fn a_live_call_handed_over_keeps_both_as_participants() {
    let handed = after::<Call>(&past("live"), [(BY_ANA, action("transfer"))]);
    assert_eq!(fold(&handed).holder(), Some(BRUNO));
    assert_eq!(fold(&handed).participants(), [ANA, BRUNO]);
}

#[test]
fn a_call_handed_over_before_it_began_leaves_the_first_shopper_out() {
    let handed = after::<Call>(&past("claimed"), [(BY_ANA, action("transfer"))]);
    assert_eq!(fold(&handed).participants(), [BRUNO]);
    let started = after::<Call>(&handed, [(BY_BRUNO, CallAction::Start)]);
    assert_eq!(started.last(), Some(&CallEvent::Started(Started { shopper_id: BRUNO })));
}

#[test]
fn handing_a_call_to_its_holder_changes_nothing() {
    assert_eq!(call("live", BY_ANA, CallAction::Transfer { to: ANA }), Ok(vec![]));
}

#[test]
fn a_call_takes_a_bounded_number_of_shoppers() {
    let guests = (1..PARTICIPANTS_MAX as u128).map(|n| CallAction::Invite { shopper_id: ShopperId(uuid::Uuid::from_u128(n)) });
    let full = after::<Call>(&past("live"), guests.map(|invite| (BY_ANA, invite)));
    assert_eq!(refused_field(when::<Call>(&full, BY_ANA, action("invite"))), ("/shopper_id".into(), "too_many"));
}

#[test]
fn archiving_twice_and_taking_out_twice_change_nothing_the_second_time() {
    assert_eq!(call("archived", BY_OWNER, CallAction::Archive), Ok(vec![]));
    assert_eq!(call("archived", BY_OWNER, CallAction::Unarchive), Ok(vec![CallEvent::Unarchived(Archived {})]));
    assert_eq!(call("finished", BY_OWNER, CallAction::Unarchive), Ok(vec![]));
}

#[test]
fn a_shopper_acts_only_in_their_own_name() {
    assert!(is_not_allowed(&call("waiting", BY_BRUNO, CallAction::Claim { shopper_id: ANA, start_by: None })));
    assert!(is_not_allowed(&call("absent", BY_BRUNO, action("create"))));
    assert!(call("waiting", BY_OWNER, CallAction::Claim { shopper_id: ANA, start_by: None }).is_ok());
}

#[test]
fn only_the_holder_starts_or_gives_back() {
    for name in ["start", "release"] {
        assert!(is_not_allowed(&call("claimed", BY_BRUNO, action(name))), "{name}");
        assert!(is_not_allowed(&call("claimed", BY_CUSTOMER, action(name))), "{name}");
        assert!(call("claimed", BY_OWNER, action(name)).is_ok(), "{name}");
    }
}

#[test]
fn a_shopper_who_does_not_take_part_can_do_nothing_in_a_live_call() {
    for name in ["invite", "transfer", "end", "cancel", "show_product", "add_to_cart", "update_cart_item", "remove_cart_item"] {
        assert!(is_not_allowed(&call("live", BY_BRUNO, action(name))), "{name}");
    }
    assert!(is_not_allowed(&call("wrap_up", BY_BRUNO, CallAction::Finish)));
}

#[test]
fn the_customer_ends_and_fills_the_cart_but_neither_shows_nor_hands_over() {
    for name in ["end", "add_to_cart", "update_cart_item", "remove_cart_item", "rate"] {
        assert!(call("live", BY_CUSTOMER, action(name)).is_ok(), "{name}");
        assert!(is_not_allowed(&call("live", BY_STRANGER, action(name))), "{name}");
    }
    for name in ["invite", "transfer", "show_product"] {
        assert!(is_not_allowed(&call("live", BY_CUSTOMER, action(name))), "{name}");
    }
    assert!(is_not_allowed(&call("finished", BY_CUSTOMER, CallAction::Archive)));
}

#[test]
fn another_customer_can_neither_request_queue_schedule_nor_cancel() {
    assert!(is_not_allowed(&call("absent", BY_STRANGER, action("request"))));
    assert!(is_not_allowed(&call("requested", BY_STRANGER, CallAction::Queue)));
    assert!(is_not_allowed(&call("requested", BY_STRANGER, schedule(1))));
    assert!(is_not_allowed(&call("waiting", BY_STRANGER, CallAction::Cancel { reason: CancelReason::ByCustomer })));
}

#[test]
fn details_are_checked_and_the_pointer_reaches_into_the_product() {
    let with = |details: Details| refused_field(call("absent", BY_CUSTOMER, CallAction::Request(Box::new(details))));
    let bad_product = Product { sku: " ".into(), ..product() };
    assert_eq!(with(Details { product: Some(bad_product), ..details() }), ("/product/sku".into(), "required"));
    let free = Product { price: Some(Money { amount: -1, currency: "EUR".into() }), ..product() };
    assert_eq!(with(Details { product: Some(free), ..details() }), ("/product/price/amount".into(), "out_of_range"));
    assert_eq!(with(Details { language: Some("español".into()), ..details() }), ("/language".into(), "language"));
    assert_eq!(with(Details { country: Some("ESP".into()), ..details() }), ("/country".into(), "country"));
    let collections = vec!["light".into(), "".into()];
    assert_eq!(with(Details { collections, ..details() }), ("/collections/1".into(), "required"));
}

#[test]
fn a_products_variants_are_checked_and_each_is_there_once() {
    let variant = |sku: &str, name: &str| Variant { sku: sku.into(), name: name.into(), price: None };
    let show =
        |variants: Vec<Variant>| call("live", BY_ANA, CallAction::ShowProduct { product: Box::new(Product { variants, ..product() }) });
    let shown = show(vec![variant(" lamp-s ", "Small"), variant("lamp-l", "Large")]);
    let recorded = Product { variants: vec![variant("lamp-s", "Small"), variant("lamp-l", "Large")], ..product() };
    assert_eq!(shown, Ok(vec![CallEvent::ProductShown(ProductShown { product: recorded })]));
    let nameless = show(vec![variant("lamp-s", "Small"), variant("lamp-l", " ")]);
    assert_eq!(refused_field(nameless), ("/variants/1/name".into(), "required"));
    assert_eq!(refused_field(show(vec![variant("lamp-s", "Small"), variant(" lamp-s", "Large")])), ("/variants".into(), "twice"));
}

#[test]
fn a_product_shown_is_recorded_as_it_was() {
    let shown = call("live", BY_ANA, action("show_product"));
    assert_eq!(shown, Ok(vec![CallEvent::ProductShown(ProductShown { product: product() })]));
}

#[test]
fn a_rating_is_credited_to_the_holder_first_and_then_to_the_others() {
    let handed = after::<Call>(&past("live"), [(BY_ANA, action("transfer")), (BY_BRUNO, action("end"))]);
    let rated = when::<Call>(&handed, BY_CUSTOMER, action("rate")).unwrap();
    let expected = Answered {
        answer_id: answer(1),
        answered_at: now(),
        nps: Some(9),
        face: None,
        csat: None,
        comment: None,
        question: None,
        shoppers: vec![BRUNO, ANA],
    };
    assert_eq!(rated, vec![CallEvent::SurveyAnswered(expected)]);
}

#[test]
fn a_call_that_was_never_live_is_not_rated() {
    let answer = call("cancelled", BY_CUSTOMER, action("rate"));
    assert_eq!(answer, Err(Refusal::IllegalTransition { state: "cancelled", action: "rate" }));
}

fn fold(events: &[CallEvent]) -> Call {
    let mut state = Call::default();
    events.iter().cloned().for_each(|event| cqrs_es::Aggregate::apply(&mut state, event));
    assert_eq!(state.state_name(), state.state().as_str());
    state
}
