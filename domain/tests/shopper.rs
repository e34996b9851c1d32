//! A personal shopper.

use crate::given::*;
use chrono::NaiveTime;
use vitrina_domain::{
    personal::Personal,
    refusal::Refusal,
    routing::{CallLoad, Limits, Work},
    schedule::{Schedule, Window},
    shopper::*,
};

fn details() -> Details {
    Details {
        name: Some(" Ana Ruiz ".into()),
        email: Some("Ana@Example.com".into()),
        phone: Some("+34 600 111 222".into()),
        ..Details::default()
    }
}

fn create() -> ShopperAction {
    ShopperAction::Create { shopper_id: ANA, details: details(), collections: vec![], schedule: None }
}

fn created() -> Vec<ShopperEvent> {
    after::<Shopper>(&[], [(BY_OWNER, create())])
}

fn shopper(past: &[ShopperEvent], action: ShopperAction) -> Result<Vec<ShopperEvent>, Refusal> {
    when::<Shopper>(past, BY_OWNER, action)
}

fn mornings() -> Schedule {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour of the day");
    Schedule { zone: "Europe/Madrid".into(), windows: vec![Window { weekday: 1, from: time(9), to: time(14) }], exceptions: vec![] }
}

fn set(status: Status) -> ShopperAction {
    ShopperAction::SetStatus { status, cause: StatusCause::Manual }
}

#[test]
fn a_shopper_is_created_with_details_of_their_own() {
    let profile = Profile {
        name: Some(Personal::known(ANA, "Ana Ruiz".to_owned())),
        email: Some(Personal::known(ANA, "ana@example.com".to_owned())),
        phone: Some(Personal::known(ANA, "+34600111222".to_owned())),
        ..Profile::default()
    };
    assert_eq!(shopper(&[], create()), Ok(vec![ShopperEvent::Created(profile)]));
}

#[test]
fn collections_and_hours_given_at_once_are_events_of_their_own() {
    let collections = vec!["wood".into(), "light".into()];
    let events =
        shopper(&[], ShopperAction::Create { shopper_id: ANA, details: details(), collections, schedule: Some(mornings()) }).unwrap();
    let collections = vec!["light".into(), "wood".into()];
    assert_eq!(events[1], ShopperEvent::CollectionsChanged(CollectionsChanged { collections }));
    assert_eq!(events[2], ShopperEvent::ScheduleChanged(ScheduleChanged { schedule: Some(mornings()) }));
    assert_eq!(events.len(), 3);
}

#[test]
fn name_and_address_are_needed() {
    let with =
        |details| refused_field(shopper(&[], ShopperAction::Create { shopper_id: ANA, details, collections: vec![], schedule: None }));
    assert_eq!(with(Details { name: None, ..details() }), ("/name".into(), "required"));
    assert_eq!(with(Details { email: None, ..details() }), ("/email".into(), "required"));
    assert_eq!(with(Details { max_concurrent: Some(0), ..details() }), ("/max_concurrent".into(), "out_of_range"));
}

#[test]
fn a_shopper_is_created_once() {
    assert_eq!(shopper(&created(), create()), Err(Refusal::AlreadyExists));
    assert_eq!(shopper(&[], set(Status::Away)), Err(Refusal::NotFound));
}

#[test]
fn every_status_leads_to_every_other_with_its_cause() {
    use {Status::*, StatusCause::*};
    for from in [Available, Busy, Away, Offline] {
        let past = after::<Shopper>(&created(), [(BY_ANA, set(from))]);
        for to in [Available, Busy, Away, Offline] {
            for cause in [Manual, Schedule, IdleTimeout, Disconnect, Call] {
                let changed = ShopperEvent::StatusChanged(StatusChanged { from, to, cause });
                let expected = if from == to { vec![] } else { vec![changed] };
                assert_eq!(shopper(&past, ShopperAction::SetStatus { status: to, cause }), Ok(expected));
            }
        }
    }
}

#[test]
fn the_same_collections_and_hours_change_nothing() {
    let past = after::<Shopper>(&created(), [(BY_OWNER, ShopperAction::SetSchedule { schedule: Some(mornings()) })]);
    assert_eq!(shopper(&past, ShopperAction::SetSchedule { schedule: Some(mornings()) }), Ok(vec![]));
    assert_eq!(shopper(&past, ShopperAction::SetCollections { collections: vec![] }), Ok(vec![]));
    assert_eq!(shopper(&past, ShopperAction::Update { shopper_id: ANA, details: Details::default() }), Ok(vec![]));
}

#[test]
fn hours_that_cannot_be_told_are_refused() {
    let with = |change: fn(&mut Schedule)| {
        let mut schedule = mornings();
        change(&mut schedule);
        refused_field(shopper(&created(), ShopperAction::SetSchedule { schedule: Some(schedule) }))
    };
    assert_eq!(with(|s| s.zone = "Madrid".into()), ("/schedule/zone".into(), "zone"));
    assert_eq!(with(|s| s.windows[0].weekday = 8), ("/schedule/windows/0/weekday".into(), "weekday"));
    assert_eq!(with(|s| s.windows[0].to = s.windows[0].from), ("/schedule/windows/0/to".into(), "order"));
    assert_eq!(with(|s| s.windows = vec![s.windows[0].clone(); 401]), ("/schedule/windows".into(), "too_many"));
}

#[test]
fn a_deleted_shopper_refuses_everything() {
    let deleted = after::<Shopper>(&created(), [(BY_OWNER, ShopperAction::Delete)]);
    let actions = [
        create(),
        ShopperAction::Update { shopper_id: ANA, details: details() },
        ShopperAction::SetCollections { collections: vec![] },
        ShopperAction::SetSchedule { schedule: None },
        set(Status::Offline),
        ShopperAction::Delete,
    ];
    for action in actions {
        let expected = Err(Refusal::IllegalTransition { state: "deleted", action: action.name() });
        assert_eq!(shopper(&deleted, action), expected);
    }
}

fn assign(terms: Terms) -> ShopperAction {
    ShopperAction::Assign { work: Work::Call(CALL), terms }
}

const LIMITS: Limits = Limits { concurrent: 2, call: CallLoad::TakesAll };

#[test]
fn work_is_given_while_there_is_room_and_only_once() {
    let chat = ShopperAction::Assign { work: Work::Conversation(CONVERSATION), terms: Terms::Room(LIMITS) };
    let chatting = after::<Shopper>(&created(), [(BY_OWNER, chat.clone())]);
    assert_eq!(shopper(&chatting, chat), Ok(vec![]));
    let full = Err(Refusal::IllegalTransition { state: "full", action: "assign" });
    assert_eq!(shopper(&chatting, assign(Terms::Room(LIMITS))), full);
    assert_eq!(shopper(&chatting, assign(Terms::None)).unwrap().len(), 1);
    let freed = after::<Shopper>(&chatting, [(BY_OWNER, ShopperAction::Free { work: Work::Conversation(CONVERSATION), served: None })]);
    assert_eq!(shopper(&freed, assign(Terms::Room(LIMITS))).unwrap().len(), 1);
}

#[test]
fn work_that_is_offered_goes_to_the_available_only() {
    let offline = Err(Refusal::IllegalTransition { state: "offline", action: "assign" });
    assert_eq!(shopper(&created(), assign(Terms::Available(LIMITS))), offline);
    let available = after::<Shopper>(&created(), [(BY_ANA, set(Status::Available))]);
    assert_eq!(shopper(&available, assign(Terms::Available(LIMITS))).unwrap().len(), 1);
}

#[test]
fn a_shopper_who_does_not_come_back_goes_offline_at_the_end_of_the_grace() {
    let orders = [
        (BY_ANA, set(Status::Available)),
        (BY_ANA, ShopperAction::Connect { connection_id: connection(1) }),
        (BY_ANA, ShopperAction::Disconnect { connection_id: connection(1), until: Some(in_days(1)) }),
    ];
    let lost = after::<Shopper>(&created(), orders);
    let lose = || ShopperAction::Lose { connection_id: connection(1) };
    assert_eq!(when_at::<Shopper>(&lost, now(), by_timer(), lose()), Ok(vec![]));
    let changed = StatusChanged { from: Status::Available, to: Status::Offline, cause: StatusCause::Disconnect };
    assert_eq!(when_at::<Shopper>(&lost, in_days(1), by_timer(), lose()), Ok(vec![ShopperEvent::StatusChanged(changed)]));
    let back = after::<Shopper>(&lost, [(BY_ANA, ShopperAction::Connect { connection_id: connection(2) })]);
    assert_eq!(when_at::<Shopper>(&back, in_days(1), by_timer(), lose()), Ok(vec![]));
}
