//! How a waiting call finds its shopper, and what becomes of it when somebody does not come.

use crate::{call::past, given::*, samples::decided};
use chrono::{DateTime, TimeDelta, Utc};
use vitrina_domain::{
    aggregate::Aggregate,
    call::*,
    routing::{Failed, Why},
};

fn soon(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn offered() -> Vec<CallEvent> {
    [past("waiting"), vec![CallEvent::Offered(Offered { shopper_id: ANA, until: soon(30) })]].concat()
}

fn lost(from: &str) -> Vec<CallEvent> {
    let connected = CallEvent::CustomerConnected(CustomerConnected { connection_id: connection(1) });
    let lost = CallEvent::CustomerDisconnected(CustomerDisconnected { connection_id: connection(1), until: Some(soon(30)) });
    [past(from), vec![connected, lost]].concat()
}

fn at(past: &[CallEvent], seconds: i64, action: CallAction) -> Vec<CallEvent> {
    when_at::<Call>(past, soon(seconds), by_timer(), action).expect("a timer is never refused")
}

#[test]
fn an_offer_is_accepted_by_who_was_asked_and_nobody_else() {
    let accept = |shopper_id| CallAction::AcceptOffer { shopper_id, start_by: Some(soon(150)) };
    let claimed = CallEvent::Claimed(Claimed { shopper_id: ANA, start_by: Some(soon(150)) });
    assert_eq!(when::<Call>(&offered(), BY_ANA, accept(ANA)), Ok(vec![claimed]));
    assert!(when::<Call>(&offered(), BY_BRUNO, accept(BRUNO)).is_err());
    assert!(is_not_allowed(&when::<Call>(&offered(), BY_BRUNO, accept(ANA))));
    assert!(when::<Call>(&past("waiting"), BY_ANA, accept(ANA)).is_err());
}

#[test]
fn one_offer_stands_at_a_time_and_only_the_system_makes_it() {
    let offer = CallAction::Offer { shopper_id: BRUNO, until: soon(60) };
    assert!(when::<Call>(&offered(), by_timer(), offer.clone()).is_err());
    assert!(is_not_allowed(&when::<Call>(&past("waiting"), BY_OWNER, offer)));
}

#[test]
fn a_declined_offer_leaves_the_customer_waiting() {
    let events = when::<Call>(&offered(), BY_ANA, CallAction::DeclineOffer { shopper_id: ANA }).unwrap();
    assert_eq!(events, [CallEvent::OfferDeclined(OfferDeclined { shopper_id: ANA })]);
    let call = folded(&[offered(), events].concat());
    assert_eq!((call.state(), call.offer()), (State::Waiting, None));
}

#[test]
fn an_offer_ends_at_its_time_and_not_before() {
    let expire = || CallAction::ExpireOffer { shopper_id: ANA };
    assert_eq!(at(&offered(), 29, expire()), []);
    assert_eq!(at(&offered(), 30, expire()), [CallEvent::OfferExpired(OfferDeclined { shopper_id: ANA })]);
    assert_eq!(at(&past("claimed"), 30, expire()), []);
}

#[test]
fn a_claim_by_hand_takes_the_offer_away() {
    let claimed = when::<Call>(&offered(), BY_BRUNO, CallAction::Claim { shopper_id: BRUNO, start_by: None }).unwrap();
    assert_eq!(folded(&[offered(), claimed].concat()).offer(), None);
}

#[test]
fn a_claim_ends_at_its_time_and_not_before() {
    let claim = CallAction::Claim { shopper_id: ANA, start_by: Some(soon(120)) };
    let claimed = after::<Call>(&past("waiting"), [(BY_ANA, claim)]);
    let timed_out = || CallAction::Release { cause: ReleaseCause::TimedOut { holder: ANA } };
    assert_eq!(at(&claimed, 119, timed_out()), []);
    assert_eq!(at(&claimed, 120, timed_out()).len(), 2);
}

#[test]
fn an_appointment_that_is_claimed_does_not_end_by_the_claim() {
    let claim = CallAction::Claim { shopper_id: ANA, start_by: Some(soon(120)) };
    let events = when::<Call>(&past("scheduled"), BY_ANA, claim).unwrap();
    assert_eq!(events, [CallEvent::Claimed(Claimed { shopper_id: ANA, start_by: None })]);
}

#[test]
fn a_failure_is_told_once_for_each_reason() {
    let failed = |why| CallAction::FailRouting { failed: Failed { why, reasons: [].into() } };
    let once = after::<Call>(&past("waiting"), [(by_timer(), failed(Why::AllBusy))]);
    assert_eq!(at(&once, 0, failed(Why::AllBusy)), []);
    assert_eq!(at(&once, 0, failed(Why::NobodyAvailable)).len(), 1);
    let decided = after::<Call>(&once, [(by_timer(), CallAction::Decide { decided: Box::new(decided()) })]);
    assert_eq!(at(&decided, 0, failed(Why::AllBusy)).len(), 1);
}

#[test]
fn only_the_newest_connection_counts() {
    let connect = |n| (BY_CUSTOMER, CallAction::ConnectCustomer { connection_id: connection(n) });
    let reconnected = after::<Call>(&past("waiting"), [connect(1), connect(2)]);
    let disconnect = |n| CallAction::DisconnectCustomer { connection_id: connection(n), until: Some(soon(30)) };
    assert_eq!(when::<Call>(&reconnected, BY_CUSTOMER, disconnect(1)), Ok(vec![]));
    assert_eq!(when::<Call>(&reconnected, BY_CUSTOMER, disconnect(2)).unwrap().len(), 1);
}

#[test]
fn a_customer_who_does_not_come_back_ends_what_there_was() {
    let gone = || CallAction::LoseCustomer { connection_id: connection(1) };
    assert_eq!(at(&lost("waiting"), 29, gone()), []);
    assert_eq!(at(&lost("waiting"), 30, gone()), [CallEvent::Cancelled(Cancelled { reason: CancelReason::AbandonedInQueue })]);
    assert_eq!(at(&lost("claimed"), 30, gone()), [CallEvent::Cancelled(Cancelled { reason: CancelReason::NoShowCustomer })]);
    let reason = EndReason::LinkLost;
    assert_eq!(at(&lost("live"), 30, gone()), [CallEvent::Ended(Ended { reason }), CallEvent::Finished(Finished { reason })]);
    assert_eq!(at(&lost("scheduled"), 30, gone()), []);
    let back = [lost("waiting"), vec![CallEvent::CustomerConnected(CustomerConnected { connection_id: connection(2) })]].concat();
    assert_eq!(at(&back, 30, gone()), []);
}

#[test]
fn a_shopper_who_does_not_come_back_leaves_the_customer_to_the_next() {
    let gone = |shopper_id| CallAction::LoseShopper { shopper_id };
    let waits_again = [CallEvent::Queued(Queued { reason: QueueReason::ShopperLost })];
    assert_eq!(at(&past("live"), 0, gone(ANA)), waits_again);
    assert_eq!(at(&past("claimed"), 0, gone(ANA)), waits_again);
    for elsewhere in ["waiting", "wrap_up", "finished", "cancelled_when_live"] {
        assert_eq!(at(&past(elsewhere), 0, gone(ANA)), [], "{elsewhere}");
    }
    assert_eq!(at(&past("live"), 0, gone(BRUNO)), [], "somebody else holds it");
    assert!(is_not_allowed(&when::<Call>(&past("live"), BY_OWNER, gone(ANA))));
    // Who took part while it was live did, whoever ends it.
    let left = [past("live"), waits_again.to_vec()].concat();
    assert_eq!((folded(&left).state(), folded(&left).holder()), (State::Waiting, None));
    let taken = after::<Call>(&left, [(BY_BRUNO, CallAction::Claim { shopper_id: BRUNO, start_by: None }), (BY_BRUNO, CallAction::Start)]);
    assert_eq!(folded(&taken).participants(), [ANA, BRUNO]);
}

#[test]
fn an_appointment_that_nobody_came_to_says_who_did_not_come() {
    let scheduled = past("scheduled");
    let starts_at = scheduled.iter().find_map(|event| match event {
        CallEvent::Scheduled(scheduled) => Some(scheduled.starts_at),
        _ => None,
    });
    let starts_at = starts_at.expect("it was scheduled");
    let no_show = |past: &[CallEvent], at| when_at::<Call>(past, at, by_timer(), CallAction::NoShow { starts_at }).unwrap();
    assert_eq!(no_show(&scheduled, starts_at - TimeDelta::seconds(1)), []);
    assert_eq!(no_show(&scheduled, starts_at), [CallEvent::Cancelled(Cancelled { reason: CancelReason::NoShowCustomer })]);
    let connected = [scheduled, vec![CallEvent::CustomerConnected(CustomerConnected { connection_id: connection(1) })]].concat();
    assert_eq!(no_show(&connected, starts_at), [CallEvent::Cancelled(Cancelled { reason: CancelReason::NoShowShopper })]);
    assert_eq!(no_show(&past("waiting"), starts_at), []);
}

#[test]
fn an_appointment_whose_customer_came_and_waited_is_not_given_up_when_a_shopper_takes_it_late() {
    let scheduled = past("scheduled");
    let starts_at = scheduled.iter().find_map(|event| match event {
        CallEvent::Scheduled(scheduled) => Some(scheduled.starts_at),
        _ => None,
    });
    let starts_at = starts_at.expect("it was scheduled");
    let claimed = || CallEvent::Claimed(Claimed { shopper_id: ANA, start_by: None });
    let late =
        |past: &[CallEvent]| when_at::<Call>(past, starts_at + TimeDelta::hours(1), by_timer(), CallAction::NoShow { starts_at }).unwrap();
    let came = [scheduled.clone(), vec![CallEvent::Queued(Queued { reason: QueueReason::Scheduled }), claimed()]].concat();
    assert_eq!(late(&came), []);
    let taken_ahead = [scheduled, vec![claimed()]].concat();
    assert_eq!(late(&taken_ahead), [CallEvent::Cancelled(Cancelled { reason: CancelReason::NoShowCustomer })]);
}

fn folded(events: &[CallEvent]) -> Call {
    let mut call = Call::default();
    events.iter().for_each(|event| cqrs_es::Aggregate::apply(&mut call, event.clone()));
    assert_ne!(call.state_name(), "absent");
    call
}
