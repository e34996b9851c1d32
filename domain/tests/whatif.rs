//! A day that is played again comes to what it was, and to something else where something is changed.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use vitrina_domain::{
    call::{CallEvent, CancelReason, Cancelled, Claimed, EndReason, Finished, QueueReason, Queued},
    event::Event,
    ids::ShopperId,
    routing::Policy,
    shopper::{ShopperEvent, Status, StatusCause, StatusChanged},
    whatif::{Change, Day, Figures, Past, Span, play},
};

/// Seconds after the day's begin.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("an instant") + TimeDelta::seconds(seconds)
}

const SHOPPER: ShopperId = ShopperId(Uuid::from_u128(77));

/// One shopper from begin to end. A customer a minute asks and is talked to for ninety seconds, four seconds after the shopper is free; each
/// fifth gives up after some time.
fn day() -> Day {
    let mut past = Past::new(Span { from: at(0), to: at(7_200) });
    let mut position = 0;
    let mut take = |seconds: i64, id: Uuid, event: Event| {
        position += 1;
        past.take(at(seconds), position, id, &event);
    };
    let to = |to| StatusChanged { from: Status::Offline, to, cause: StatusCause::Manual };
    take(-100, SHOPPER.0, Event::Shopper(ShopperEvent::StatusChanged(to(Status::Available))));
    let mut free = 0;
    for n in 0..40_i64 {
        let (id, asks) = (Uuid::from_u128(1_000 + n as u128), n * 60);
        take(asks, id, Event::Call(CallEvent::Queued(Queued { reason: QueueReason::Requested })));
        if n % 5 == 4 {
            let gone = Cancelled { reason: CancelReason::AbandonedInQueue };
            take(asks + 3 + n * 10, id, Event::Call(CallEvent::Cancelled(gone)));
            continue;
        }
        let claims = asks.max(free) + 4;
        free = claims + 90;
        take(claims, id, Event::Call(CallEvent::Claimed(Claimed { shopper_id: SHOPPER, start_by: None })));
        take(free, id, Event::Call(CallEvent::Finished(Finished { reason: EndReason::ShopperHangup })));
    }
    past.day()
}

fn mean(figures: &Figures) -> f64 {
    figures.waits_s.as_ref().expect("somebody was served").mean()
}

#[test]
fn a_day_that_is_played_unchanged_comes_near_what_the_log_says() {
    let day = day();
    let (told, again) = (Figures::told(&day), play(&day, &day, 1));
    assert_eq!((told.offered, told.served, told.abandoned), (40, 32, 8));
    assert_eq!(again.offered, 40);
    assert!(again.served.abs_diff(told.served) <= 2, "{told:?} {again:?}");
    assert!((mean(&again) - mean(&told)).abs() <= mean(&told) / 10.0, "{told:?} {again:?}");
    assert_eq!(again, play(&day, &day, 1), "the same seed has the same outcome");
}

#[test]
fn with_more_shoppers_customers_wait_less_and_with_none_they_give_up() {
    let day = day();
    let with = |staff| play(&day.clone().changed(&Change { staff, policy: day.policy.clone() }), &day, 1);
    let (one, two, none) = (with(0), with(1), with(-1));
    assert!(mean(&two) < mean(&one) / 2.0, "{one:?} {two:?}");
    assert!(two.abandoned <= one.abandoned && two.occupancy < one.occupancy);
    assert_eq!((none.served, none.waits_s), (0, None));
}

#[test]
fn with_room_for_two_calls_at_once_one_shopper_serves_as_two_do() {
    let day = day();
    let policy = Policy { call_takes_all: false, max_concurrent: 2, ..day.policy.clone() };
    let wide = play(&day.clone().changed(&Change { staff: 0, policy }), &day, 1);
    assert!(mean(&wide) < mean(&play(&day, &day, 1)) / 2.0);
}
