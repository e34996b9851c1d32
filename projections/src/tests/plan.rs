//! The plan's meter on calls of which the billable seconds are known: the golden ones of PRODUCT.md 5.13, one over a month's border, one
//! whose media was away for a while, and a trial.

use super::{
    batches::fold,
    engines::Place,
    story::{self, Story},
};
use crate::report::{self, FactFilter, Metered, Selection};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Madrid;
use std::sync::Arc;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    call::{self, CallEvent, Device, Side, media::*},
    event::Event,
    ids::*,
    metrics::{
        minutes::{Interval, Rounding, by_month},
        range::Range,
    },
    report::Measure,
    stream::Category,
};
use vitrina_eventlog::{Position, StreamId};

/// Both sides have media in these seconds after the start; all calls are over by [`CALL_S`].
type Talk<'t> = &'t [(i64, i64)];
/// A call is live for so long: longer than anybody talks.
const CALL_S: i64 = 1_000;
/// Not a multiple of three: those are trials.
const REAL: u128 = 10;
const TRIAL: u128 = 9;

fn joined(session_id: MediaSessionId, participant_id: ParticipantId, role: Side) -> CallEvent {
    let who = match role {
        Side::Customer => Actor::Customer(CustomerId::default()),
        _ => Actor::Shopper(ShopperId::default()),
    };
    CallEvent::MediaParticipantJoined(ParticipantJoined { session_id, participant_id, who, role, device: Some(Device::Desktop) })
}

/// What happens in a call, and how many seconds after its start.
fn told(talk: Talk<'_>) -> Vec<(i64, CallEvent)> {
    let session = MediaSessionId(Uuid::from_u128(1));
    let opened = call::Opened {
        customer_id: CustomerId(Uuid::from_u128(1)),
        conversation_id: ConversationId(Uuid::from_u128(1)),
        shopper_id: None,
        product: None,
        platform: call::Platform::Web,
        device: Device::Desktop,
        language: None,
        country: None,
        collections: vec![],
        priority: 0,
    };
    let reason = call::EndReason::CustomerHangup;
    let media = SessionOpened { session_id: session, node_id: NodeId(Uuid::from_u128(1)), address: "https://one.example".into() };
    let mut told = vec![
        (0, CallEvent::Created(opened)),
        (0, CallEvent::Started(call::Started { shopper_id: ShopperId::default() })),
        (0, CallEvent::MediaSessionOpened(media)),
    ];
    for ((from, to), number) in talk.iter().zip(1..) {
        for (side, id) in [(Side::Customer, number), (Side::Shopper, 100 + number)] {
            let participant_id = ParticipantId(Uuid::from_u128(id));
            told.push((*from, joined(session, participant_id, side)));
            let left = ParticipantLeft { participant_id, reason: LeaveReason::ClientInitiated, at: None, corrected: false };
            told.push((*to, CallEvent::MediaParticipantLeft(left)));
        }
    }
    told.push((CALL_S, CallEvent::Ended(call::Ended { reason })));
    told.push((CALL_S, CallEvent::Finished(call::Finished { reason })));
    told.sort_by_key(|(at, _)| *at);
    told
}

#[tokio::test]
async fn the_golden_calls_make_thirteen_minutes_and_fourteen_when_each_is_rounded_and_a_trial_is_free() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    // In Madrid the last one begins half a minute before May does.
    let calls: [(u128, &str, Talk<'_>); 7] = [
        (REAL, "2026-03-02T10:00:00Z", &[(0, 61)]),
        (REAL + 1, "2026-03-02T11:00:00Z", &[(0, 59)]),
        (REAL + 3, "2026-03-02T12:00:00Z", &[(5, 6)]),
        // Over two quarters of the clock.
        (REAL + 4, "2026-03-02T13:10:00Z", &[(0, 600)]),
        (TRIAL, "2026-03-02T14:00:00Z", &[(0, 600)]),
        (REAL + 6, "2026-04-02T10:00:00Z", &[(0, 61), (70, 130)]),
        (REAL + 7, "2026-04-30T21:59:30Z", &[(0, 90)]),
    ];
    let log = story::log().await;
    let (stream, founded) = Story::new(1).next();
    let account = stream.account;
    let (mut chapters, mut instants) = (vec![(stream, founded.clone())], vec![at("2026-01-01T00:00:00Z"); founded.len()]);
    for (id, begun, talk) in calls {
        for (after_s, event) in told(talk) {
            chapters.push((StreamId::new(account, Category::Call, CallId(Uuid::from_u128(id))), vec![Event::from(event)]));
            instants.push(at(begun) + TimeDelta::seconds(after_s));
        }
    }
    story::append(&log, chapters).await;
    let mut events = story::decoded(&log).await;
    for (event, instant) in events.iter_mut().zip(instants) {
        let recorded = Arc::make_mut(&mut event.recorded);
        (recorded.recorded_at, recorded.occurred_at) = (instant, instant);
    }
    let as_of = Position(events.len() as i64);
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[7]).await;
        let metered = async |month: &str| Metered::of(&store, account, Range::month(month, Madrid).unwrap(), as_of).await.unwrap();
        let (march, april, may) = (metered("2026-03").await, metered("2026-04").await, metered("2026-05").await);
        let what = place.name();
        assert_eq!((march.calls(), march.seconds()), (4, 721), "{what}");
        assert_eq!((march.minutes(Rounding::PerPeriod), march.minutes(Rounding::PerCall)), (13, 14), "{what}");
        // The gap is bridged, and the last call is split at the border.
        let border = by_month(&[Interval::new(at(calls[6].1), at(calls[6].1) + TimeDelta::seconds(90))], Madrid);
        assert_eq!((april.calls(), april.seconds()), (2, 130 + border[&(2026, 4)]), "{what}");
        assert_eq!((april.minutes(Rounding::PerPeriod), april.minutes(Rounding::PerCall)), (3, 4), "{what}");
        assert_eq!((may.calls(), may.seconds(), may.minutes(Rounding::PerPeriod)), (1, border[&(2026, 5)], 1), "{what}");
        assert_eq!(metered("2026-06").await, Metered::default(), "{what}");

        // The facts that a figure leads to come to it, each once.
        let range = Range::month("2026-03", Madrid).unwrap();
        let environment = Some(vitrina_eventlog::Environment::Production);
        let selection = Selection::of(range, environment, as_of);
        let page = crate::Page::first(as_of, 100);
        let facts = report::facts(&store, account, Measure::CallSeconds, &selection, &FactFilter::default(), page).await.unwrap();
        assert_eq!(facts.iter().map(|fact| fact.row.value).sum::<i64>(), march.seconds(), "{what}");
    }
}
