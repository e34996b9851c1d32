//! What is promised of a chat: which clock runs until when, what was in time, and what was late (PRODUCT.md 5.7).

use crate::given::*;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;
use vitrina_domain::{
    account::{Account, AccountAction, BusinessHours},
    actor::Actor,
    conversation::*,
    ids::ShopperId,
    locale::Locale,
    schedule::{Schedule, Window},
    sla::{Applied, Clocks, Counting, SlaChange, Target, Targets, Verdict, Within},
};

type Past = Vec<ConversationEvent>;

const TARGETS: Targets = Targets { answer_s: Some(60), next_reply_s: Some(120), resolution_s: Some(3_600) };

/// Seconds after the opening.
fn at(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn promise(schedule: Option<Schedule>) -> ConversationAction {
    ConversationAction::Promise { terms: Box::new(Applied { targets: TARGETS, schedule }) }
}

fn says(author: Author) -> ConversationAction {
    ConversationAction::SendMessage {
        message_id: message(1),
        author,
        body: "Hola".into(),
        visibility: Visibility::Public,
        mentions: vec![],
        template: None,
    }
}

fn customer_says() -> (Actor, ConversationAction) {
    (BY_CUSTOMER, says(Author::Customer(CUSTOMER)))
}

fn says_of(shopper: ShopperId) -> (Actor, ConversationAction) {
    (Actor::Shopper(shopper), says(Author::Shopper(shopper)))
}

fn set(status: Status) -> (Actor, ConversationAction) {
    (BY_ANA, ConversationAction::SetStatus { status })
}

fn close() -> (Actor, ConversationAction) {
    (BY_ANA, ConversationAction::Close { reason: CloseReason::ByShopper })
}

fn overdue() -> (Actor, ConversationAction) {
    (by_timer(), ConversationAction::MarkOverdue)
}

/// A chat that Ana has taken, and what follows, each at so many seconds from its opening.
fn chat(schedule: Option<Schedule>, then: impl IntoIterator<Item = (i64, (Actor, ConversationAction))>) -> Past {
    let first = [
        (0, (BY_CUSTOMER, open_chat())),
        (0, (BY_CUSTOMER, promise(schedule))),
        (0, (BY_ANA, ConversationAction::Claim { shopper_id: ANA })),
    ];
    first.into_iter().chain(then).fold(Past::new(), |mut past, (seconds, (actor, action))| {
        let events = when_at::<Conversation>(&past, at(seconds), actor, action).expect("the test's past is possible");
        past.extend(events);
        past
    })
}

/// What is told of promises, as `name target seconds`.
fn told(past: &[ConversationEvent]) -> Vec<String> {
    let seconds = |due: DateTime<Utc>| (due - now()).num_seconds();
    let tell = |event: &ConversationEvent| match event {
        ConversationEvent::SlaClockStarted(e) => Some(format!("due {} {}", e.target.as_str(), seconds(e.due_at))),
        ConversationEvent::SlaClockStopped(e) => Some(format!("stopped {} {:?}", e.target.as_str(), e.left_ms)),
        ConversationEvent::SlaMet(e) => Some(format!("met {} {}", e.target.as_str(), seconds(e.due_at))),
        ConversationEvent::SlaBreached(e) => Some(format!("late {} {}", e.target.as_str(), seconds(e.due_at))),
        ConversationEvent::SlaSettled(e) => Some(format!("{:?} {:?}", e.result, e.missed)),
        _ => None,
    };
    past.iter().filter_map(tell).collect()
}

#[test]
fn a_chat_in_which_all_comes_in_time_is_a_hit() {
    let past = chat(
        None,
        [(10, customer_says()), (20, customer_says()), (69, says_of(ANA)), (100, customer_says()), (219, says_of(ANA)), (3_599, close())],
    );
    assert_eq!(
        told(&past),
        [
            "due resolution 3600",
            "due answer 70",
            "met answer 70",
            "due next_reply 220",
            "met next_reply 220",
            "met resolution 3600",
            "Hit []",
        ]
    );
}

#[test]
fn what_is_late_is_told_with_the_instant_at_which_it_was_due_and_once() {
    let late = [(10, customer_says()), (69, overdue()), (70, overdue()), (71, overdue()), (80, customer_says()), (90, says_of(ANA))];
    let past = chat(None, late.into_iter().chain([(95, customer_says()), (4_000, close())]));
    assert_eq!(
        told(&past),
        [
            "due resolution 3600",
            "due answer 70",
            "late answer 70",
            "due next_reply 215",
            "late next_reply 215",
            "late resolution 3600",
            "Missed [Answer, NextReply, Resolution]",
        ]
    );
}

#[test]
fn whoever_answers_too_late_tells_so_before_the_answer() {
    let past = chat(None, [(10, customer_says()), (70, says_of(ANA))]);
    assert_eq!(told(&past), ["due resolution 3600", "due answer 70", "late answer 70"]);
    let ends: Vec<_> = past.iter().rev().take(2).collect();
    assert!(matches!(ends[..], [ConversationEvent::MessageSent(_), ConversationEvent::SlaBreached(_)]));
}

#[test]
fn while_the_customer_is_waited_for_the_clock_of_the_resolution_stands_and_no_other() {
    let waits =
        [(100, set(Status::WaitingCustomer)), (10_000, customer_says()), (10_120, overdue()), (13_499, says_of(ANA)), (13_499, close())];
    assert_eq!(
        told(&chat(None, waits)),
        [
            "due resolution 3600",
            "stopped resolution Some(3500000)",
            "due answer 10060",
            "due resolution 13500",
            "late answer 10060",
            "met resolution 13500",
            "Missed [Answer]",
        ]
    );
}

#[test]
fn what_ends_while_the_customer_is_waited_for_is_resolved_in_time() {
    let past = chat(None, [(100, set(Status::WaitingCustomer)), (90_000, close())]);
    assert_eq!(
        told(&past),
        ["due resolution 3600", "stopped resolution Some(3500000)", "due resolution 93500", "met resolution 93500", "Hit []"]
    );
}

#[test]
fn what_is_set_down_after_the_end_starts_nothing() {
    let tag = (BY_ANA, ConversationAction::AddTag { tag: "vip".into() });
    let past = chat(None, [(10, customer_says()), (20, says_of(ANA)), (30, customer_says()), (40, close()), (50, tag)]);
    let again = (BY_ANA, ConversationAction::AddTag { tag: "late".into() });
    let later = when_at::<Conversation>(&past, at(9_000), again.0, again.1).expect("a closed chat takes tags");
    assert_eq!((told(&past).last().map(String::as_str), told(&later)), (Some("Hit []"), vec![]));
}

#[test]
fn a_greeting_is_no_answer() {
    let past = chat(None, [(5, says_of(ANA)), (10, customer_says()), (70, overdue())]);
    assert_eq!(told(&past), ["due resolution 3600", "due answer 70", "late answer 70"]);
}

#[test]
fn a_bot_beside_a_shopper_takes_nothing_off_the_shopper() {
    let past = chat(None, [(10, customer_says()), (20, (BY_LUMI, ConversationAction::BringBot { bot_id: LUMI, bot: bot() }))]);
    assert_eq!(told(&past), ["due resolution 3600", "due answer 70"]);
}

#[test]
fn to_a_bot_nobody_owes_an_answer_until_it_hands_over() {
    let bot = bot();
    let opened = [(BY_CUSTOMER, open_chat()), (BY_CUSTOMER, promise(None)), customer_says()];
    let with_bot = [(BY_LUMI, ConversationAction::BringBot { bot_id: LUMI, bot }), (BY_LUMI, says(Author::Bot(LUMI))), customer_says()];
    let past = after::<Conversation>(&[], opened.into_iter().chain(with_bot));
    assert_eq!(told(&past), ["due resolution 3600", "due answer 60", "stopped answer None"]);
    let to = Recipient::Department("returns".into());
    let handed = when_at::<Conversation>(&past, at(500), BY_LUMI, ConversationAction::HandOver { from: None, to, note: None }).unwrap();
    assert_eq!(told(&handed), ["due answer 560"]);
    let joined = when_at::<Conversation>(&past, at(500), BY_ANA, ConversationAction::Claim { shopper_id: ANA }).unwrap();
    assert_eq!(told(&joined), ["due answer 560"], "who comes by themselves answers for it");
}

fn bot() -> vitrina_domain::bot::Bot {
    vitrina_domain::bot::Bot { name: "Lumi".into(), image: None }
}

/// An hour from now, on every day; `now` is at 9:46:40 UTC.
fn from_eleven() -> Schedule {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour of the day");
    let windows = (1..=7).map(|weekday| Window { weekday, from: time(11), to: time(12) }).collect();
    Schedule { zone: "UTC".into(), windows, exceptions: vec![] }
}

#[test]
fn within_business_hours_only_open_time_counts() {
    let eleven = (NaiveTime::from_hms_opt(11, 0, 0).unwrap() - now().time()).num_seconds();
    let past =
        chat(Some(from_eleven()), [(10, customer_says()), (eleven + 59, says_of(ANA)), (eleven + 1_800, set(Status::WaitingCustomer))]);
    assert_eq!(
        told(&past),
        [
            format!("due resolution {}", eleven + 3_600),
            format!("due answer {}", eleven + 60),
            format!("met answer {}", eleven + 60),
            "stopped resolution Some(1800000)".to_owned(),
        ]
    );
}

#[test]
fn where_nothing_is_promised_nothing_is_told() {
    let orders =
        [(BY_CUSTOMER, open_chat()), customer_says(), (BY_ANA, ConversationAction::Claim { shopper_id: ANA }), says_of(ANA), close()];
    let past = after::<Conversation>(&[], orders);
    assert!(past.iter().all(|event| !event.is_of_sla()));
    assert_eq!(
        when::<Conversation>(&after::<Conversation>(&[], [(BY_CUSTOMER, open_chat())]), by_timer(), ConversationAction::MarkOverdue),
        Ok(vec![])
    );
}

#[test]
fn only_the_clock_says_what_is_late() {
    let past = chat(None, [(10, customer_says())]);
    for actor in [BY_CUSTOMER, BY_ANA, BY_OWNER] {
        assert!(is_not_allowed(&when_at::<Conversation>(&past, at(70), actor, ConversationAction::MarkOverdue)));
    }
}

/// A shop, and what was asked of it.
fn shop(orders: impl IntoIterator<Item = AccountAction>) -> Vec<vitrina_domain::account::AccountEvent> {
    let create =
        AccountAction::Create {
            store_name: "La Lámpara".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "EUR".into()
        };
    after::<Account>(&[], std::iter::once(create).chain(orders).map(|action| (BY_OWNER, action)))
}

fn state(past: &[vitrina_domain::account::AccountEvent]) -> Account {
    past.iter().cloned().fold(Account::default(), |mut state, event| {
        cqrs_es::Aggregate::apply(&mut state, event);
        state
    })
}

#[test]
fn an_account_promises_by_hours_that_it_has_and_keeps_these_while_it_does() {
    let by_hours = || SlaChange { answer: Some(Within::Seconds(60)), counting: Some(Counting::BusinessHours), ..SlaChange::default() };
    let without = when::<Account>(&shop([]), BY_OWNER, AccountAction::ChangeSla(by_hours()));
    assert_eq!(refused_field(without), ("/sla/counting".to_owned(), "no_hours"));
    let never = BusinessHours { schedule: Some(Schedule { windows: vec![], ..from_eleven() }) };
    let past = shop([AccountAction::SetBusinessHours(never.clone())]);
    assert_eq!(refused_field(when::<Account>(&past, BY_OWNER, AccountAction::ChangeSla(by_hours()))).1, "no_hours");
    let hours = BusinessHours { schedule: Some(from_eleven()) };
    let past = shop([AccountAction::SetBusinessHours(hours), AccountAction::ChangeSla(by_hours())]);
    let promised = state(&past).promise().unwrap();
    assert_eq!((promised.targets.answer_s, promised.schedule), (Some(60), Some(from_eleven())));
    let taken = when::<Account>(&past, BY_OWNER, AccountAction::SetBusinessHours(BusinessHours::default()));
    assert_eq!(refused_field(taken), ("/schedule".to_owned(), "in_use"));
    let closed = when::<Account>(&past, BY_OWNER, AccountAction::SetBusinessHours(never));
    assert_eq!(refused_field(closed), ("/schedule".to_owned(), "in_use"));
    for (seconds, fits) in [(0, false), (1, true), (2_592_000, true), (2_592_001, false)] {
        let change = SlaChange { resolution: Some(Within::Seconds(seconds)), ..SlaChange::default() };
        assert_eq!(when::<Account>(&past, BY_OWNER, AccountAction::ChangeSla(change)).is_ok(), fits, "{seconds}");
    }
    let cleared = SlaChange { answer: Some(Within::Unset), ..SlaChange::default() };
    assert_eq!(
        state(&shop([
            AccountAction::ChangeSla(SlaChange { answer: Some(Within::Seconds(5)), ..SlaChange::default() }),
            AccountAction::ChangeSla(cleared)
        ]))
        .promise(),
        None
    );
}

/// What may happen next, `seconds` later.
fn anything() -> impl Strategy<Value = (i64, (Actor, ConversationAction))> {
    let action = prop_oneof![
        3 => Just(customer_says()),
        3 => Just(says_of(ANA)),
        1 => Just(set(Status::WaitingCustomer)),
        1 => Just(set(Status::InProgress)),
        1 => Just(set(Status::NeedHelp)),
        2 => Just(overdue()),
        1 => Just((BY_ANA, ConversationAction::AddTag { tag: "vip".into() })),
    ];
    (0_i64..400, action)
}

proptest! {
    /// Every clock that started is met, late or stopped once; nothing is told late before it was due, nor in time after.
    #[test]
    fn every_clock_has_one_end(steps in prop::collection::vec(anything(), 0..40)) {
        let mut seconds = 0;
        let steps: Vec<_> = steps.into_iter().map(|(later, order)| { seconds += later; (seconds, order) }).collect();
        let past = chat(None, steps.into_iter().chain([(seconds + 1, close())]));
        let mut clocks = Clocks::default();
        let mut open: std::collections::BTreeMap<Target, DateTime<Utc>> = Default::default();
        for event in &past {
            match event {
                ConversationEvent::SlaClockStarted(e) => prop_assert_eq!(open.insert(e.target, e.due_at), None),
                ConversationEvent::SlaClockStopped(e) => prop_assert!(open.remove(&e.target).is_some()),
                ConversationEvent::SlaMet(e) => prop_assert_eq!(open.remove(&e.target), Some(e.due_at)),
                ConversationEvent::SlaBreached(e) => prop_assert_eq!(open.remove(&e.target), Some(e.due_at)),
                _ => {}
            }
            clocks.fold(event);
        }
        prop_assert!(!open.contains_key(&Target::Resolution));
        let tag = ConversationAction::AddTag { tag: "after the end".into() };
        let after = when_at::<Conversation>(&past, at(seconds + 100_000), BY_ANA, tag).expect("a closed chat takes tags");
        prop_assert!(after.iter().all(|event| !event.is_of_sla()));
        let breached = past.iter().any(|event| matches!(event, ConversationEvent::SlaBreached(_)));
        prop_assert_eq!(clocks.result, Some(if breached { Verdict::Missed } else { Verdict::Hit }));
        prop_assert!(clocks.due.is_empty());
    }
}
