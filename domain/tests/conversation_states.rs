//! Who answers in a conversation, and where it stands after each action: the table of states by actions, hand-over,
//! exclusiveness, and what holds after any life.

use crate::given::*;
use proptest::prelude::*;
use vitrina_domain::{actor::Actor, aggregate::Aggregate, conversation::*, ids::ShopperId, personal::Personal, refusal::Refusal};

type Past = Vec<ConversationEvent>;

fn past(orders: impl IntoIterator<Item = (Actor, ConversationAction)>) -> Past {
    after::<Conversation>(&[], std::iter::once((BY_CUSTOMER, open_chat())).chain(orders))
}

fn set(status: Status) -> ConversationAction {
    ConversationAction::SetStatus { status }
}

fn claim(shopper_id: ShopperId) -> ConversationAction {
    ConversationAction::Claim { shopper_id }
}

fn step_in(shopper_id: ShopperId) -> ConversationAction {
    ConversationAction::StepIn { shopper_id }
}

fn to_shopper(from: ShopperId, to: ShopperId) -> ConversationAction {
    ConversationAction::HandOver { from: Some(from), to: Recipient::Shopper(to), note: Some("wants blue".into()) }
}

fn to_returns() -> ConversationAction {
    ConversationAction::HandOver { from: Some(ANA), to: Recipient::Department("returns".into()), note: None }
}

fn state(past: &[ConversationEvent]) -> Conversation {
    past.iter().cloned().fold(Conversation::default(), |mut state, event| {
        cqrs_es::Aggregate::apply(&mut state, event);
        state
    })
}

/// The five states, each with Ana present where somebody can be.
fn states() -> [(&'static str, Past); 5] {
    let with = |orders: Vec<(Actor, ConversationAction)>| past(std::iter::once((BY_ANA, claim(ANA))).chain(orders));
    [
        ("absent", vec![]),
        ("in_progress", with(vec![])),
        ("waiting_customer", with(vec![(BY_ANA, set(Status::WaitingCustomer))])),
        ("need_help", with(vec![(BY_ANA, set(Status::NeedHelp))])),
        ("closed", with(vec![(BY_ANA, ConversationAction::Close { reason: CloseReason::ByShopper })])),
    ]
}

#[test]
fn every_action_leads_from_every_state_where_the_table_says() {
    let say = |author| ConversationAction::SendMessage {
        message_id: message(1),
        author,
        body: "Hola".into(),
        visibility: Visibility::Public,
        mentions: vec![],
        template: None,
    };
    // The state afterwards: of absent, in_progress, waiting_customer, need_help, closed. `-` is a refusal.
    let table: Vec<(Actor, ConversationAction, [&str; 5])> = vec![
        (BY_CUSTOMER, open_chat(), ["in_progress", "-", "-", "-", "-"]),
        (BY_CUSTOMER, say(Author::Customer(CUSTOMER)), ["-", "in_progress", "in_progress", "need_help", "-"]),
        (BY_ANA, say(Author::Shopper(ANA)), ["-", "in_progress", "waiting_customer", "need_help", "-"]),
        (BY_ANA, set(Status::InProgress), ["-", "in_progress", "in_progress", "in_progress", "-"]),
        (BY_ANA, set(Status::WaitingCustomer), ["-", "waiting_customer", "waiting_customer", "waiting_customer", "-"]),
        (BY_ANA, set(Status::NeedHelp), ["-", "need_help", "need_help", "need_help", "-"]),
        (BY_BRUNO, claim(BRUNO), ["-", "-", "-", "-", "-"]),
        (BY_ANA, claim(ANA), ["-", "in_progress", "waiting_customer", "need_help", "-"]),
        (BY_BRUNO, step_in(BRUNO), ["-", "-", "-", "in_progress", "-"]),
        (BY_ANA, step_in(BRUNO), ["-", "in_progress", "waiting_customer", "in_progress", "-"]),
        (BY_ANA, ConversationAction::Leave { shopper_id: ANA }, ["-", "in_progress", "waiting_customer", "need_help", "-"]),
        (BY_ANA, to_shopper(ANA, BRUNO), ["-", "in_progress", "in_progress", "in_progress", "-"]),
        (BY_ANA, to_returns(), ["-", "in_progress", "in_progress", "in_progress", "-"]),
        (BY_ANA, ConversationAction::SetPriority { priority: 1 }, ["-", "in_progress", "waiting_customer", "need_help", "-"]),
        (BY_ANA, ConversationAction::AddTag { tag: "vip".into() }, ["-", "in_progress", "waiting_customer", "need_help", "closed"]),
        (BY_ANA, ConversationAction::SetNote { text: "x".into() }, ["-", "in_progress", "waiting_customer", "need_help", "closed"]),
        (BY_CUSTOMER, ConversationAction::Continue { conversation_id: CONVERSATION }, ["-", "-", "-", "-", "closed"]),
        (BY_CUSTOMER, ConversationAction::Close { reason: CloseReason::ByCustomer }, ["-", "closed", "closed", "closed", "-"]),
    ];
    for (actor, action, expected) in table {
        for ((name, past), expected) in states().into_iter().zip(expected) {
            let answer = when::<Conversation>(&past, actor.clone(), action.clone());
            let to = answer.map(|events| state(&[past, events].concat()).state_name());
            assert_eq!(to.as_ref().copied().unwrap_or("-"), expected, "{} in {name}: {to:?}", action.name());
        }
    }
}

#[test]
fn a_claim_of_what_is_taken_says_so() {
    let taken = past([(BY_ANA, claim(ANA))]);
    let refused = Err(Refusal::IllegalTransition { state: "taken", action: "claim" });
    assert_eq!(when::<Conversation>(&taken, BY_BRUNO, claim(BRUNO)), refused);
    let left = after::<Conversation>(&taken, [(BY_ANA, ConversationAction::Leave { shopper_id: ANA })]);
    let joined = ConversationEvent::AgentJoined(AgentJoined { shopper_id: BRUNO });
    assert_eq!(when::<Conversation>(&left, BY_BRUNO, claim(BRUNO)), Ok(vec![joined]));
}

#[test]
fn a_hand_over_to_a_colleague_brings_them_in_and_takes_the_giver_out() {
    let waiting = past([(BY_ANA, claim(ANA)), (BY_ANA, set(Status::WaitingCustomer))]);
    let note = Some(Personal::known(CUSTOMER, "wants blue".to_owned()).with_stream());
    let expected = vec![
        ConversationEvent::HandedOff(HandedOff { from: Some(ANA), bot_id: None, to: Recipient::Shopper(BRUNO), note }),
        ConversationEvent::AgentJoined(AgentJoined { shopper_id: BRUNO }),
        ConversationEvent::AgentLeft(AgentLeft { shopper_id: ANA }),
        ConversationEvent::StatusChanged(StatusChanged {
            from: Status::WaitingCustomer,
            to: Status::InProgress,
            cause: StatusCause::HandedOff,
        }),
    ];
    assert_eq!(when::<Conversation>(&waiting, BY_ANA, to_shopper(ANA, BRUNO)), Ok(expected));
    assert_eq!(refused_field(when::<Conversation>(&waiting, BY_ANA, to_shopper(ANA, ANA))), ("/to/shopper_id".into(), "same"));
}

#[test]
fn a_hand_over_to_a_department_leaves_nobody_and_is_for_those_who_take_part() {
    let two = past([(BY_ANA, claim(ANA)), (BY_ANA, step_in(BRUNO))]);
    let handed = after::<Conversation>(&two, [(BY_ANA, to_returns())]);
    let now = state(&handed);
    assert!(!now.is_attended());
    assert_eq!(now.department(), Some("returns"));
    let one = past([(BY_ANA, claim(ANA))]);
    assert!(is_not_allowed(&when::<Conversation>(&one, BY_BRUNO, to_returns())));
    assert!(is_not_allowed(&when::<Conversation>(&one, BY_CUSTOMER, to_returns())));
    assert!(when::<Conversation>(&handed, BY_BRUNO, to_returns()).is_ok(), "what waits may be moved on");
}

#[test]
fn colleagues_are_called_upon_in_private_notes_only_and_once_each() {
    let note = |visibility, mentions| ConversationAction::SendMessage {
        message_id: message(1),
        author: Author::Shopper(ANA),
        body: "could you look?".into(),
        visibility,
        mentions,
        template: None,
    };
    let past = past([(BY_ANA, claim(ANA))]);
    let public = when::<Conversation>(&past, BY_ANA, note(Visibility::Public, vec![BRUNO]));
    assert_eq!(refused_field(public), ("/mentions".into(), "internal_only"));
    let many = (0..=MENTIONS_MAX as u128).map(|n| ShopperId(uuid::Uuid::from_u128(n))).collect();
    assert_eq!(refused_field(when::<Conversation>(&past, BY_ANA, note(Visibility::Internal, many))), ("/mentions".into(), "too_many"));
    let events = when::<Conversation>(&past, BY_ANA, note(Visibility::Internal, vec![BRUNO, BRUNO])).unwrap();
    assert!(matches!(&events[..], [ConversationEvent::MessageSent(sent)] if sent.mentions == [BRUNO]), "{events:?}");
}

#[test]
fn a_priority_has_bounds() {
    let far = ConversationAction::SetPriority { priority: PRIORITY_MAX + 1 };
    assert_eq!(refused_field(when::<Conversation>(&past([]), BY_ANA, far)), ("/priority".into(), "out_of_range"));
}

fn action() -> impl Strategy<Value = (Actor, ConversationAction)> {
    let shopper = || (1..5_u128).prop_map(|n| ShopperId(uuid::Uuid::from_u128(n)));
    prop_oneof![
        shopper().prop_map(|id| (Actor::Shopper(id), claim(id))),
        shopper().prop_map(|id| (Actor::Shopper(id), step_in(id))),
        (shopper(), shopper()).prop_map(|(by, id)| (Actor::Shopper(by), step_in(id))),
        shopper().prop_map(|id| (Actor::Shopper(id), ConversationAction::Leave { shopper_id: id })),
        (shopper(), shopper()).prop_map(|(from, to)| (Actor::Shopper(from), to_shopper(from, to))),
        shopper().prop_map(|id| (Actor::Shopper(id), to_returns())),
        shopper().prop_map(|id| (Actor::Shopper(id), set(Status::NeedHelp))),
        shopper().prop_map(|id| (Actor::Shopper(id), set(Status::WaitingCustomer))),
    ]
}

proptest! {
    /// Nobody comes in unasked: who comes by themselves meets nobody, or a need for help; and a claim always meets nobody.
    #[test]
    fn whoever_comes_was_wanted(actions in prop::collection::vec(action(), 0..60)) {
        let mut past = past([]);
        for (actor, action) in actions {
            let before = state(&past);
            let Ok(events) = when::<Conversation>(&past, actor.clone(), action.clone()) else { continue };
            let came: Vec<_> = events.iter().filter_map(|event| match event {
                ConversationEvent::AgentJoined(joined) => Some(joined.shopper_id),
                _ => None,
            }).collect();
            match &action {
                ConversationAction::Claim { .. } if !came.is_empty() => prop_assert!(!before.is_attended()),
                ConversationAction::StepIn { shopper_id } if !came.is_empty() && actor == Actor::Shopper(*shopper_id) => {
                    prop_assert!(!before.is_attended() || before.status() == Status::NeedHelp);
                }
                _ => {}
            }
            past.extend(events);
            let now = state(&past);
            prop_assert!(came.iter().all(|id| now.has_joined(*id)), "who came is there");
            if matches!(action, ConversationAction::HandOver { to: Recipient::Department(_), .. }) {
                prop_assert!(!now.is_attended());
            }
            if !came.is_empty() {
                prop_assert_ne!(now.status(), Status::NeedHelp, "help has come");
            }
        }
    }
}

#[test]
fn the_routers_choice_is_recorded_by_the_system_or_who_was_chosen_and_while_nobody_is_there() {
    let decide = || ConversationAction::Decide { decided: Box::new(crate::samples::decided()) };
    let waiting = past([]);
    let recorded = vec![ConversationEvent::RoutingDecided(crate::samples::decided())];
    let chosen = crate::samples::decided().shopper_id;
    assert_eq!(when::<Conversation>(&waiting, by_timer(), decide()), Ok(recorded.clone()));
    assert_eq!(when::<Conversation>(&waiting, Actor::Shopper(chosen), decide()), Ok(recorded));
    for other in [Actor::Shopper(if chosen == ANA { BRUNO } else { ANA }), BY_CUSTOMER] {
        assert!(is_not_allowed(&when::<Conversation>(&waiting, other, decide())));
    }
    let taken = past([(BY_ANA, claim(ANA))]);
    let refused = Err(Refusal::IllegalTransition { state: "taken", action: "decide" });
    assert_eq!(when::<Conversation>(&taken, by_timer(), decide()), refused);
}
