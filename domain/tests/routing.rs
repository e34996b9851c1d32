//! The router: who serves whom, whatever the floor looks like.

use crate::given::*;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrina_domain::{
    ids::{CallId, ConversationId, ShopperId},
    routing::*,
    shopper::Status,
};

const WORDS: [&str; 3] = ["es", "ca", "en"];

fn shopper_id(n: usize) -> ShopperId {
    ShopperId(Uuid::from_u128(0xa000 + n as u128))
}

fn call(n: usize) -> Work {
    Work::Call(CallId(Uuid::from_u128(0xca00 + n as u128)))
}

fn at(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn request(n: usize) -> Request {
    Request {
        work: call(n),
        priority: 0,
        since: at(n as i64),
        position: n as i64,
        department: None,
        collections: vec![],
        expertise: vec![],
        language: None,
        country: None,
        previous: None,
        declined: [].into(),
    }
}

fn candidate(n: usize) -> Candidate {
    Candidate {
        shopper_id: shopper_id(n),
        status: Status::Available,
        hours: Hours::Open,
        load: Load::default(),
        max_concurrent: None,
        collections: vec![],
        departments: vec![],
        expertise: vec![],
        languages: vec![],
        country: None,
        last_assigned: None,
    }
}

fn chat(n: usize) -> Request {
    Request { work: Work::Conversation(ConversationId(Uuid::from_u128(0xcb00 + n as u128))), ..request(n) }
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(WORDS.to_vec(), 0..=3).prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

fn word() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned))
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    let one = (
        any::<bool>(),
        0..3_i32,
        0..5_i64,
        words(),
        words(),
        word(),
        word(),
        prop::option::of(0..6_usize),
        prop::collection::btree_set(0..6_usize, 0..2),
    );
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let made = all.into_iter().enumerate().map(
            |(n, (is_call, priority, since, collections, expertise, language, department, previous, declined))| Request {
                priority,
                since: at(since),
                department,
                collections,
                expertise,
                country: language.clone(),
                language,
                previous: previous.map(shopper_id),
                declined: declined.into_iter().map(shopper_id).collect(),
                ..if is_call { request(n) } else { chat(n) }
            },
        );
        made.collect()
    })
}

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let status = prop::sample::select(vec![Status::Available, Status::Available, Status::Busy, Status::Away, Status::Offline]);
    let hours = prop::sample::select(vec![Hours::Open, Hours::Open, Hours::Closed]);
    let one =
        (status, hours, 0..2_u32, 0..3_u32, prop::option::of(1..4_u32), words(), words(), words(), words(), prop::option::of(0..4_i64));
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let made = all.into_iter().enumerate().map(
            |(n, (status, hours, calls, conversations, max_concurrent, collections, departments, expertise, languages, last))| Candidate {
                status,
                hours,
                load: Load { calls, conversations },
                max_concurrent,
                collections,
                departments,
                expertise,
                country: languages.first().cloned(),
                languages,
                last_assigned: last.map(at),
                ..candidate(n)
            },
        );
        made.collect()
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let wish = || prop::sample::select(vec![Wish::Preferred, Wish::Required]);
    (any::<bool>(), wish(), wish(), 1..4_u32).prop_map(|(call_takes_all, collections, expertise, max_concurrent)| Policy {
        call_takes_all,
        collections,
        expertise,
        max_concurrent,
        ..Policy::default()
    })
}

/// Whether the department lets the shopper: theirs, or nobody's.
fn answers_for(request: &Request, shopper: &Candidate, all: &[Candidate]) -> bool {
    request.department.iter().all(|wanted| {
        let has = |one: &Candidate| one.departments.contains(wanted);
        has(shopper) || !all.iter().any(has)
    })
}

/// Whether the shopper may take the request with that much to do: said once more, naively.
fn may(request: &Request, shopper: &Candidate, load: Load, policy: &Policy, all: &[Candidate]) -> bool {
    let meets = |wish: Wish, wanted: &[String], has: &[String]| wish == Wish::Preferred || wanted.iter().all(|one| has.contains(one));
    shopper.status == Status::Available
        && shopper.hours == Hours::Open
        && answers_for(request, shopper, all)
        && meets(policy.collections, &request.collections, &shopper.collections)
        && meets(policy.expertise, &request.expertise, &shopper.expertise)
        && !request.declined.contains(&shopper.shopper_id)
        && load.has_room(request.work, shopper.limits(policy))
}

/// What everybody works on after these assignments.
fn loads(shoppers: &[Candidate], assignments: &[Assignment]) -> BTreeMap<ShopperId, Load> {
    let mut loads: BTreeMap<_, _> = shoppers.iter().map(|shopper| (shopper.shopper_id, shopper.load)).collect();
    for assignment in assignments {
        loads.get_mut(&assignment.shopper_id).expect("a shopper who was asked about").add(assignment.work);
    }
    loads
}

fn order(request: &Request) -> (std::cmp::Reverse<i32>, DateTime<Utc>, i64) {
    (std::cmp::Reverse(request.priority), request.since, request.position)
}

proptest! {
    #[test]
    fn no_request_waits_while_somebody_could_take_it(queue in requests(), shoppers in candidates(), policy in policies(), seed: u64) {
        let decision = route(&queue, &shoppers, &policy, seed);
        let then = loads(&shoppers, &decision.assignments);
        for request in &queue {
            if decision.assignments.iter().all(|assignment| assignment.work != request.work) {
                for shopper in &shoppers {
                    prop_assert!(!may(request, shopper, then[&shopper.shopper_id], &policy, &shoppers), "{request:?} waits, {shopper:?} is idle");
                }
            }
        }
        prop_assert_eq!(decision.assignments.len() + decision.unserved.len() + decision.not_reached, queue.len());
    }

    #[test]
    fn nobody_gets_more_than_they_may(queue in requests(), shoppers in candidates(), policy in policies(), seed: u64) {
        let decision = route(&queue, &shoppers, &policy, seed);
        for (n, assignment) in decision.assignments.iter().enumerate() {
            let before = loads(&shoppers, &decision.assignments[..n]);
            let request = queue.iter().find(|request| request.work == assignment.work).expect("what was asked");
            let shopper = shoppers.iter().find(|shopper| shopper.shopper_id == assignment.shopper_id).expect("who was asked");
            prop_assert!(may(request, shopper, before[&shopper.shopper_id], &policy, &shoppers));
        }
    }

    #[test]
    fn of_two_that_the_same_shopper_could_take_the_older_goes_first(queue in requests(), shoppers in candidates(), policy in policies(), seed: u64) {
        let decision = route(&queue, &shoppers, &policy, seed);
        for (n, assignment) in decision.assignments.iter().enumerate() {
            let before = loads(&shoppers, &decision.assignments[..n]);
            let served = queue.iter().find(|request| request.work == assignment.work).expect("what was asked");
            let shopper = shoppers.iter().find(|shopper| shopper.shopper_id == assignment.shopper_id).expect("who was asked");
            let passed_over = queue.iter().filter(|other| order(other) < order(served) && may(other, shopper, before[&shopper.shopper_id], &policy, &shoppers));
            for other in passed_over {
                prop_assert!(decision.assignments[..n].iter().any(|done| done.work == other.work), "{other:?} was passed over for {served:?}");
            }
        }
    }

    #[test]
    fn no_preference_beats_load(queue in requests(), shoppers in candidates(), policy in policies(), seed: u64) {
        let decision = route(&queue, &shoppers, &policy, seed);
        for (n, assignment) in decision.assignments.iter().enumerate() {
            let before = loads(&shoppers, &decision.assignments[..n]);
            let request = queue.iter().find(|request| request.work == assignment.work).expect("what was asked");
            for shopper in shoppers.iter().filter(|shopper| may(request, shopper, before[&shopper.shopper_id], &policy, &shoppers)) {
                prop_assert!(before[&shopper.shopper_id].total() >= before[&assignment.shopper_id].total());
            }
        }
    }

    #[test]
    fn the_same_input_has_the_same_decision_in_whatever_order_it_comes(queue in requests(), shoppers in candidates(), policy in policies(), seed: u64) {
        let decision = route(&queue, &shoppers, &policy, seed);
        let (backwards, reversed): (Vec<_>, Vec<_>) = (queue.iter().rev().cloned().collect(), shoppers.iter().rev().cloned().collect());
        let again = route(&backwards, &reversed, &policy, seed);
        let pairs = |decision: &Decision| decision.assignments.iter().map(|a| (a.work, a.shopper_id)).collect::<Vec<_>>();
        prop_assert_eq!(pairs(&decision), pairs(&again));
    }

    #[test]
    fn every_loser_has_a_reason(queue in requests(), shoppers in candidates(), policy in policies(), seed: u64) {
        for assignment in route(&queue, &shoppers, &policy, seed).assignments {
            prop_assert_eq!(assignment.considered.len() + 1, shoppers.len());
        }
    }
}

fn chosen(queue: &[Request], shoppers: &[Candidate]) -> ShopperId {
    route(queue, shoppers, &Policy::default(), 1).assignments[0].shopper_id
}

fn lost(queue: &[Request], shoppers: &[Candidate]) -> Lost {
    route(queue, shoppers, &Policy::default(), 1).assignments[0].considered[0].lost
}

#[test]
fn who_was_served_longest_ago_is_next_among_equals() {
    let shoppers = [Candidate { last_assigned: Some(at(9)), ..candidate(0) }, Candidate { last_assigned: Some(at(3)), ..candidate(1) }];
    assert_eq!(chosen(&[request(0)], &shoppers), shopper_id(1));
    assert_eq!(lost(&[request(0)], &shoppers), Lost::ServedLater);
}

#[test]
fn the_language_decides_among_those_who_have_equally_much_to_do() {
    let wanted = Request { language: Some("es-PE".into()), ..chat(0) };
    let speaks = Candidate { languages: vec!["es".into()], last_assigned: Some(at(9)), ..candidate(1) };
    assert_eq!(chosen(std::slice::from_ref(&wanted), &[candidate(0), speaks.clone()]), shopper_id(1));
    assert_eq!(lost(std::slice::from_ref(&wanted), &[candidate(0), speaks.clone()]), Lost::FitsLess);
    let busier = Candidate { load: Load { calls: 0, conversations: 1 }, ..speaks };
    assert_eq!(chosen(std::slice::from_ref(&wanted), &[candidate(0), busier.clone()]), shopper_id(0));
    assert_eq!(lost(&[wanted], &[candidate(0), busier]), Lost::MoreLoad);
}

#[test]
fn who_served_the_customer_before_comes_before_a_better_fit() {
    let wanted = Request { language: Some("es".into()), previous: Some(shopper_id(0)), ..request(0) };
    let speaks = Candidate { languages: vec!["es".into()], ..candidate(1) };
    assert_eq!(chosen(&[wanted], &[candidate(0), speaks]), shopper_id(0));
}

#[test]
fn a_department_is_for_its_own_shoppers_even_when_they_are_busy_and_for_all_when_it_has_none() {
    let policy = Policy::default();
    let wanted = Request { department: Some("returns".into()), ..chat(0) };
    let theirs = Candidate { departments: vec!["returns".into()], load: Load { calls: 0, conversations: 2 }, ..candidate(1) };
    let both = [candidate(0), theirs.clone()];
    assert_eq!(chosen(std::slice::from_ref(&wanted), &both), shopper_id(1));
    assert_eq!(lost(std::slice::from_ref(&wanted), &both), Lost::LacksDepartment);
    let gone_home = Candidate { status: Status::Offline, ..theirs };
    let unserved = route_one(&wanted, &[candidate(0), gone_home], &policy, 1).unwrap_err();
    assert_eq!((unserved.why, unserved.reasons), (Why::NobodyQualified, [(Lost::NotAvailable, 1), (Lost::LacksDepartment, 1)].into()));
    assert_eq!(chosen(&[wanted], &[candidate(0)]), shopper_id(0));
}

#[test]
fn a_compatriot_comes_before_a_stranger_who_fits_as_well() {
    let wanted = Request { country: Some("PE".into()), ..request(0) };
    let compatriot = Candidate { country: Some("PE".into()), last_assigned: Some(at(9)), ..candidate(1) };
    assert_eq!(chosen(std::slice::from_ref(&wanted), &[candidate(0), compatriot.clone()]), shopper_id(1));
    assert_eq!(lost(&[wanted], &[candidate(0), compatriot]), Lost::FitsLess);
}

#[test]
fn a_call_takes_all_the_room_and_a_chat_only_its_part() {
    let chatting = Candidate { load: Load { calls: 0, conversations: 1 }, ..candidate(0) };
    let decision = route(&[request(0), chat(1)], &[chatting], &Policy::default(), 1);
    assert_eq!(decision.assignments.iter().map(|a| a.work).collect::<Vec<_>>(), [chat(1).work]);
    let shared = Policy { call_takes_all: false, ..Policy::default() };
    let chatting = Candidate { load: Load { calls: 0, conversations: 1 }, ..candidate(0) };
    assert_eq!(route(&[request(0), chat(1)], &[chatting], &shared, 1).assignments.len(), 2);
}

#[test]
fn what_stands_in_the_way_is_told() {
    let why = |shoppers: &[Candidate], policy: &Policy| {
        route_one(&Request { collections: vec!["wood".into()], ..request(0) }, shoppers, policy, 1).unwrap_err().why
    };
    let (policy, strict) = (Policy::default(), Policy { collections: Wish::Required, ..Policy::default() });
    let away = Candidate { status: Status::Away, ..candidate(0) };
    let closed = Candidate { hours: Hours::Closed, ..candidate(1) };
    let full = Candidate { load: Load { calls: 1, conversations: 0 }, ..candidate(2) };
    assert_eq!(why(&[], &policy), Why::NoShoppers);
    assert_eq!(why(std::slice::from_ref(&away), &policy), Why::NobodyAvailable);
    assert_eq!(why(&[away.clone(), closed.clone()], &policy), Why::OutsideHours);
    assert_eq!(why(&[away.clone(), full.clone()], &policy), Why::AllBusy);
    assert_eq!(why(&[full, closed], &strict), Why::NobodyQualified);
}

#[test]
fn a_recorded_decision_stays_small() {
    let shoppers: Vec<_> = (0..500).map(candidate).collect();
    let policy = Policy::default();
    let decided = route(&[request(0)], &shoppers, &policy, 1).assignments[0].decided(&policy, 1);
    assert_eq!(decided.candidates.len(), NAMED_MAX);
    assert_eq!(decided.unnamed.values().sum::<u32>() as usize, 500 - 1 - NAMED_MAX);
}
