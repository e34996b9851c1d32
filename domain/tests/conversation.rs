//! A conversation, from the first message to its outcome.

use crate::given::*;
use vitrina_domain::{
    actor::Actor,
    bot::Bot,
    conversation::*,
    ids::{ApiKeyId, ShopperId},
    personal::Personal,
    refusal::Refusal,
    survey::Ballot,
};

type Answer = Result<Vec<ConversationEvent>, Refusal>;

fn write(author: Author) -> ConversationAction {
    let body = "Hola, ¿la tienen en azul?".into();
    ConversationAction::SendMessage {
        message_id: message(1),
        author,
        body,
        visibility: Visibility::Public,
        mentions: vec![],
        template: None,
    }
}

fn whisper(author: Author) -> ConversationAction {
    let body = "she is a regular".into();
    ConversationAction::SendMessage {
        message_id: message(2),
        author,
        body,
        visibility: Visibility::Internal,
        mentions: vec![],
        template: None,
    }
}

fn share(author: Author) -> ConversationAction {
    let file = File {
        file_id: file(1),
        name: "room.png".into(),
        media_type: "image/png".into(),
        bytes: 2_048,
        sha256: "AB".repeat(32),
        content: Content::Elsewhere("https://files.example/room.png".into()),
    };
    ConversationAction::ShareFile { author, file: Box::new(file) }
}

fn join(shopper_id: ShopperId) -> ConversationAction {
    ConversationAction::Join { shopper_id }
}

fn leave(shopper_id: ShopperId) -> ConversationAction {
    ConversationAction::Leave { shopper_id }
}

fn set(status: Status) -> ConversationAction {
    ConversationAction::SetStatus { status }
}

fn close(reason: CloseReason) -> ConversationAction {
    ConversationAction::Close { reason }
}

fn tag(tag: &str) -> ConversationAction {
    ConversationAction::AddTag { tag: tag.into() }
}

fn rate() -> ConversationAction {
    ConversationAction::Rate { answer_id: answer(1), ballot: Ballot { csat: Some(5), ..Ballot::default() } }
}

const AS_CUSTOMER: Author = Author::Customer(CUSTOMER);
const AS_ANA: Author = Author::Shopper(ANA);

/// What has happened after these orders on an open conversation.
fn past(orders: impl IntoIterator<Item = (Actor, ConversationAction)>) -> Vec<ConversationEvent> {
    after::<Conversation>(&[], std::iter::once((BY_CUSTOMER, open_chat())).chain(orders))
}

fn with_ana() -> Vec<ConversationEvent> {
    past([(BY_ANA, join(ANA))])
}

fn conversation(past: &[ConversationEvent], actor: Actor, action: ConversationAction) -> Answer {
    when::<Conversation>(past, actor, action)
}

fn changed(from: Status, to: Status, cause: StatusCause) -> ConversationEvent {
    ConversationEvent::StatusChanged(StatusChanged { from, to, cause })
}

#[test]
fn a_message_is_recorded_with_its_author_and_belongs_to_the_customer() {
    let sent = MessageSent {
        message_id: message(1),
        author: AS_CUSTOMER,
        body: Personal::known(CUSTOMER, "Hola, ¿la tienen en azul?".to_owned()).with_stream(),
        visibility: Visibility::Public,
        mentions: vec![],
        template: None,
    };
    assert_eq!(conversation(&past([]), BY_CUSTOMER, write(AS_CUSTOMER)), Ok(vec![ConversationEvent::MessageSent(sent)]));
}

#[test]
fn a_template_is_named_with_the_shops_public_words_and_with_no_others() {
    let say = |author, visibility, template: &str| ConversationAction::SendMessage {
        message_id: message(1),
        author,
        body: "Your order has left.".to_owned(),
        visibility,
        mentions: vec![],
        template: Some(template.to_owned()),
    };
    let present = past([(BY_ANA, join(ANA))]);
    let told = conversation(&present, BY_ANA, say(AS_ANA, Visibility::Public, " order_update ")).unwrap();
    assert!(matches!(&told[0], ConversationEvent::MessageSent(sent) if sent.template.as_deref() == Some("order_update")), "{told:?}");
    for (actor, author, visibility) in [(BY_CUSTOMER, AS_CUSTOMER, Visibility::Public), (BY_ANA, AS_ANA, Visibility::Internal)] {
        let refused = conversation(&present, actor, say(author, visibility, "order_update")).unwrap_err();
        assert!(matches!(&refused, Refusal::Invalid { field, .. } if field == "/template"), "{refused:?}");
    }
    let long = conversation(&present, BY_ANA, say(AS_ANA, Visibility::Public, &"x".repeat(129)));
    assert!(matches!(long, Err(Refusal::Invalid { .. })), "{long:?}");
}

#[test]
fn a_customers_message_ends_the_waiting_for_it_in_the_same_decision() {
    let waiting = past([(BY_ANA, set(Status::WaitingCustomer))]);
    for action in [write(AS_CUSTOMER), share(AS_CUSTOMER)] {
        let events = conversation(&waiting, BY_CUSTOMER, action).unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!(events[1], changed(Status::WaitingCustomer, Status::InProgress, StatusCause::CustomerMessage));
    }
}

#[test]
fn a_shoppers_message_leaves_the_waiting_as_it_is() {
    let waiting = past([(BY_ANA, join(ANA)), (BY_ANA, set(Status::WaitingCustomer))]);
    assert_eq!(conversation(&waiting, BY_ANA, write(AS_ANA)).unwrap().len(), 1);
}

#[test]
fn a_customers_message_leaves_a_need_for_help_as_it_is() {
    let helpless = past([(BY_ANA, set(Status::NeedHelp))]);
    assert_eq!(conversation(&helpless, BY_CUSTOMER, write(AS_CUSTOMER)).unwrap().len(), 1);
}

#[test]
fn joining_a_conversation_in_need_of_help_brings_it_back_in_progress() {
    let helpless = past([(BY_ANA, join(ANA)), (BY_ANA, set(Status::NeedHelp))]);
    let expected = vec![
        ConversationEvent::AgentJoined(AgentJoined { shopper_id: BRUNO }),
        changed(Status::NeedHelp, Status::InProgress, StatusCause::Joined),
    ];
    assert_eq!(conversation(&helpless, BY_BRUNO, join(BRUNO)), Ok(expected));
}

#[test]
fn joining_twice_and_leaving_twice_change_nothing_the_second_time() {
    assert_eq!(conversation(&with_ana(), BY_ANA, join(ANA)), Ok(vec![]));
    assert_eq!(conversation(&past([]), BY_ANA, leave(ANA)), Ok(vec![]));
}

#[test]
fn a_shopper_joins_in_their_own_name_or_is_brought_in_by_one_who_has_joined() {
    assert!(is_not_allowed(&conversation(&past([]), BY_ANA, join(BRUNO))));
    assert!(is_not_allowed(&conversation(&past([]), BY_CUSTOMER, join(BRUNO))));
    let brought = ConversationEvent::AgentJoined(AgentJoined { shopper_id: BRUNO });
    assert_eq!(conversation(&with_ana(), BY_ANA, join(BRUNO)), Ok(vec![brought]));
    assert!(is_not_allowed(&conversation(&with_ana(), BY_BRUNO, leave(ANA))));
}

#[test]
fn leaving_does_not_end_the_conversation_and_coming_back_is_possible() {
    let left = after::<Conversation>(&with_ana(), [(BY_ANA, leave(ANA))]);
    assert!(conversation(&left, BY_CUSTOMER, write(AS_CUSTOMER)).is_ok());
    assert!(is_not_allowed(&conversation(&left, BY_ANA, write(AS_ANA))));
    let back = ConversationEvent::AgentJoined(AgentJoined { shopper_id: ANA });
    assert_eq!(conversation(&left, BY_ANA, join(ANA)), Ok(vec![back]));
}

#[test]
fn a_shopper_writes_to_the_customer_only_after_joining() {
    assert!(is_not_allowed(&conversation(&past([]), BY_ANA, write(AS_ANA))));
    assert!(is_not_allowed(&conversation(&past([]), BY_OWNER, write(AS_ANA))));
    assert!(is_not_allowed(&conversation(&past([]), BY_ANA, share(AS_ANA))));
    assert!(conversation(&with_ana(), BY_ANA, write(AS_ANA)).is_ok());
    assert!(conversation(&with_ana(), BY_OWNER, write(AS_ANA)).is_ok());
}

#[test]
fn nobody_writes_in_the_name_of_another() {
    let attempts = [
        (BY_BRUNO, AS_ANA),
        (BY_ANA, AS_CUSTOMER),
        (BY_OWNER, AS_CUSTOMER),
        (BY_CUSTOMER, AS_ANA),
        (BY_STRANGER, AS_CUSTOMER),
        (BY_STRANGER, Author::Customer(STRANGER)),
        (BY_ANA, Author::System),
    ];
    for (actor, author) in attempts {
        assert!(is_not_allowed(&conversation(&with_ana(), actor.clone(), write(author))), "{actor:?} as {author:?}");
    }
    assert!(conversation(&with_ana(), by_timer(), write(Author::System)).is_ok());
    assert!(conversation(&with_ana(), by_timer(), write(AS_CUSTOMER)).is_ok(), "received over another channel");
}

#[test]
fn private_notes_are_for_the_house_and_need_no_joining() {
    assert!(is_not_allowed(&conversation(&past([]), BY_CUSTOMER, whisper(AS_CUSTOMER))));
    assert!(conversation(&past([]), BY_BRUNO, whisper(Author::Shopper(BRUNO))).is_ok());
}

#[test]
fn a_customer_changes_neither_status_note_tags_nor_expertise() {
    let actions = [
        set(Status::NeedHelp),
        ConversationAction::SetNote { text: "x".into() },
        tag("vip"),
        ConversationAction::RemoveTag { tag: "vip".into() },
        ConversationAction::SetExpertise { expertise: vec![] },
        join(ANA),
        leave(ANA),
    ];
    for action in actions {
        assert!(is_not_allowed(&conversation(&with_ana(), BY_CUSTOMER, action.clone())), "{action:?}");
    }
}

#[test]
fn the_same_status_again_changes_nothing() {
    assert_eq!(conversation(&past([]), BY_ANA, set(Status::InProgress)), Ok(vec![]));
    let expected = changed(Status::InProgress, Status::NeedHelp, StatusCause::Manual);
    assert_eq!(conversation(&past([]), BY_ANA, set(Status::NeedHelp)), Ok(vec![expected]));
}

#[test]
fn a_tag_is_put_on_once_and_taken_off_once() {
    let tagged = past([(BY_ANA, tag("vip"))]);
    assert_eq!(conversation(&tagged, BY_ANA, tag(" vip ")), Ok(vec![]));
    let off = ConversationAction::RemoveTag { tag: "vip".into() };
    let removed = ConversationEvent::TagRemoved(Tagged { tag: "vip".into() });
    assert_eq!(conversation(&tagged, BY_ANA, off.clone()), Ok(vec![removed]));
    assert_eq!(conversation(&past([]), BY_ANA, off), Ok(vec![]));
}

#[test]
fn tags_and_shoppers_are_bounded() {
    let tags = past((0..TAGS_MAX).map(|n| (BY_ANA, tag(&format!("tag {n}")))));
    assert_eq!(refused_field(conversation(&tags, BY_ANA, tag("one more"))), ("/tag".into(), "too_many"));
    let many = (1..=AGENTS_MAX as u128).map(|n| (BY_OWNER, join(ShopperId(uuid::Uuid::from_u128(n)))));
    assert_eq!(refused_field(conversation(&past(many), BY_ANA, join(ANA))), ("/shopper_id".into(), "too_many"));
}

#[test]
fn expertise_is_kept_sorted_without_doubles() {
    let wanted = |list: &[&str]| ConversationAction::SetExpertise { expertise: list.iter().map(|e| (*e).to_owned()).collect() };
    let set = ConversationEvent::ExpertiseSet(ExpertiseSet { expertise: vec!["light".into(), "wood".into()] });
    let events = conversation(&past([]), BY_ANA, wanted(&["wood", "light", "wood"])).unwrap();
    assert_eq!(events, [set]);
    let known = [past([]), events].concat();
    assert_eq!(conversation(&known, BY_ANA, wanted(&["light", "wood"])), Ok(vec![]));
}

#[test]
fn a_note_is_written_whole_and_cleared_by_an_empty_one() {
    let note = |text: &str| ConversationAction::SetNote { text: text.into() };
    let written =
        |text: &str| Ok(vec![ConversationEvent::NoteSet(NoteSet { text: Personal::known(CUSTOMER, text.to_owned()).with_stream() })]);
    assert_eq!(conversation(&past([]), BY_ANA, note("wants blue")), written("wants blue"));
    assert_eq!(conversation(&past([]), BY_ANA, note("  ")), written(""));
}

#[test]
fn a_closed_conversation_takes_nothing_but_note_tags_and_rating() {
    let closed = after::<Conversation>(&with_ana(), [(BY_ANA, close(CloseReason::ByShopper))]);
    for action in [
        write(AS_ANA),
        share(AS_ANA),
        set(Status::NeedHelp),
        join(BRUNO),
        leave(ANA),
        ConversationAction::SetExpertise { expertise: vec!["light".into()] },
        close(CloseReason::ByAdmin),
    ] {
        let expected = Err(Refusal::IllegalTransition { state: "closed", action: action.name() });
        assert_eq!(conversation(&closed, by_timer(), action), expected);
    }
    for action in [ConversationAction::SetNote { text: "done".into() }, tag("vip"), rate()] {
        assert!(conversation(&closed, by_timer(), action.clone()).is_ok(), "{action:?}");
    }
    assert_eq!(conversation(&closed, BY_CUSTOMER, open_chat()), Err(Refusal::AlreadyExists));
}

#[test]
fn a_conversation_that_does_not_exist_takes_nothing_but_opening() {
    for action in [write(AS_CUSTOMER), join(ANA), tag("vip"), rate(), close(CloseReason::ByAdmin)] {
        assert_eq!(conversation(&[], by_timer(), action), Err(Refusal::NotFound));
    }
}

fn closed_after(orders: impl IntoIterator<Item = (Actor, ConversationAction)>) -> (Outcome, bool) {
    let events = conversation(&past(orders), by_timer(), close(CloseReason::Inactivity)).expect("an open conversation can be closed");
    match &events[..] {
        [ConversationEvent::Closed(closed)] => (closed.outcome, closed.agent_replied),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_conversation_that_nobody_joined_had_no_agent() {
    assert_eq!(closed_after([(BY_CUSTOMER, write(AS_CUSTOMER))]), (Outcome::NoAgent, false));
    assert_eq!(closed_after([(BY_BRUNO, whisper(Author::Shopper(BRUNO)))]), (Outcome::NoAgent, false));
}

#[test]
fn a_customer_who_never_wrote_after_the_agent_gave_no_answer() {
    let asked_first = [(BY_CUSTOMER, write(AS_CUSTOMER)), (BY_ANA, join(ANA)), (BY_ANA, write(AS_ANA))];
    assert_eq!(closed_after(asked_first), (Outcome::NoAnswer, true));
}

#[test]
fn an_agent_who_never_wrote_is_no_answer_and_told_apart() {
    let silent = [(BY_ANA, join(ANA)), (BY_CUSTOMER, write(AS_CUSTOMER)), (BY_ANA, whisper(AS_ANA))];
    assert_eq!(closed_after(silent), (Outcome::NoAnswer, false));
}

#[test]
fn a_customer_who_wrote_after_the_agent_makes_it_a_success() {
    let talk = [(BY_ANA, join(ANA)), (BY_ANA, write(AS_ANA)), (BY_CUSTOMER, write(AS_CUSTOMER))];
    assert_eq!(closed_after(talk), (Outcome::Success, true));
}

#[test]
fn two_agents_who_took_part_make_it_escalated_even_if_one_left() {
    let talk = [(BY_ANA, join(ANA)), (BY_ANA, leave(ANA)), (BY_BRUNO, join(BRUNO))];
    assert_eq!(closed_after(talk), (Outcome::Escalated, false));
}

#[test]
fn one_agent_who_left_and_came_back_is_one_agent() {
    let talk = [(BY_ANA, join(ANA)), (BY_ANA, leave(ANA)), (BY_ANA, join(ANA))];
    assert_eq!(closed_after(talk), (Outcome::NoAnswer, false));
}

#[test]
fn a_notice_of_the_system_is_no_reply() {
    let talk = [(BY_ANA, join(ANA)), (by_timer(), write(Author::System)), (BY_CUSTOMER, write(AS_CUSTOMER))];
    assert_eq!(closed_after(talk), (Outcome::NoAnswer, false));
}

#[test]
fn a_customer_closes_only_in_their_own_name() {
    assert!(conversation(&past([]), BY_CUSTOMER, close(CloseReason::ByCustomer)).is_ok());
    assert!(is_not_allowed(&conversation(&past([]), BY_CUSTOMER, close(CloseReason::ByShopper))));
    assert!(is_not_allowed(&conversation(&past([]), BY_STRANGER, close(CloseReason::ByCustomer))));
}

#[test]
fn a_customer_who_hangs_up_closes_the_conversation_of_the_call_with_it() {
    assert!(conversation(&owned_by_a_call(), BY_CUSTOMER, close(CloseReason::CallEnded)).is_ok());
    assert!(is_not_allowed(&conversation(&past([]), BY_CUSTOMER, close(CloseReason::CallEnded))));
}

#[test]
fn a_conversation_is_rated_by_its_customer_and_credited_to_who_came_last() {
    let talk = past([(BY_ANA, join(ANA)), (BY_BRUNO, join(BRUNO))]);
    let events = conversation(&talk, BY_CUSTOMER, rate()).unwrap();
    let [ConversationEvent::SurveyAnswered(answered)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(answered.shoppers, [BRUNO, ANA]);
    assert!(is_not_allowed(&conversation(&talk, BY_ANA, rate())));
}

#[test]
fn who_helps_and_leaves_is_not_the_one_who_is_rated_first() {
    let credited = |talk: &[ConversationEvent]| match &conversation(talk, BY_CUSTOMER, rate()).unwrap()[..] {
        [ConversationEvent::SurveyAnswered(answered)] => answered.shoppers.clone(),
        other => panic!("{other:?}"),
    };
    let helped = past([(BY_ANA, join(ANA)), (BY_BRUNO, join(BRUNO)), (BY_BRUNO, leave(BRUNO))]);
    assert_eq!(credited(&helped), [ANA, BRUNO]);
    let back = after::<Conversation>(&helped, [(BY_BRUNO, join(BRUNO)), (BY_ANA, leave(ANA)), (BY_BRUNO, leave(BRUNO))]);
    assert_eq!(credited(&back), [BRUNO, ANA], "who left last");
    let back = after::<Conversation>(&helped, [(BY_BRUNO, join(BRUNO)), (BY_BRUNO, leave(BRUNO)), (BY_ANA, leave(ANA))]);
    assert_eq!(credited(&back), [ANA, BRUNO], "who left last");
}

#[test]
fn a_conversation_of_a_call_is_rated_with_its_call() {
    assert!(is_not_allowed(&conversation(&owned_by_a_call(), BY_CUSTOMER, rate())));
}

fn owned_by_a_call() -> Vec<ConversationEvent> {
    let ConversationAction::Open { customer_id, channel, language, country, .. } = open_chat() else { panic!("an opening") };
    let owned =
        ConversationAction::Open { customer_id, call_id: Some(CALL), channel, language, country, department: None, continues: None };
    after::<Conversation>(&[], [(BY_CUSTOMER, owned)])
}

#[test]
fn a_country_that_no_list_names_is_refused_at_the_begin_and_carried_on_where_it_was_written_before() {
    let opening = |continues| ConversationAction::Open {
        customer_id: CUSTOMER,
        call_id: None,
        channel: "web".into(),
        language: None,
        country: Some("XX".into()),
        department: None,
        continues,
    };
    let opened = |continues| conversation(&[], BY_CUSTOMER, opening(continues));
    assert_eq!(refused_field(opened(None)), ("/country".into(), "country"));
    let goes_on = opened(Some(Continues { previous_id: CONVERSATION, origin_id: CONVERSATION }));
    assert!(
        matches!(goes_on.as_deref(), Ok([ConversationEvent::Opened(Opened { country: Some(country), .. })]) if country == "XX"),
        "{goes_on:?}"
    );
}

#[test]
fn what_is_written_has_a_length_and_no_control_characters() {
    let body = |body: &str| {
        let body = body.to_owned();
        let action = ConversationAction::SendMessage {
            message_id: message(1),
            author: AS_CUSTOMER,
            body,
            visibility: Visibility::Public,
            mentions: vec![],
            template: None,
        };
        refused_field(conversation(&past([]), BY_CUSTOMER, action))
    };
    assert_eq!(body(" \n "), ("/body".into(), "required"));
    assert_eq!(body(&"x".repeat(10_001)), ("/body".into(), "too_long"));
    assert_eq!(body("a\u{0}b"), ("/body".into(), "control_character"));
}

#[test]
fn a_shared_file_is_checked_field_by_field() {
    let with = |change: fn(&mut File)| {
        let ConversationAction::ShareFile { author, mut file } = share(AS_CUSTOMER) else { panic!("a file") };
        change(&mut file);
        refused_field(conversation(&past([]), BY_CUSTOMER, ConversationAction::ShareFile { author, file }))
    };
    assert_eq!(with(|f| f.name = "".into()), ("/name".into(), "required"));
    assert_eq!(with(|f| f.media_type = "png".into()), ("/media_type".into(), "media_type"));
    assert_eq!(with(|f| f.bytes = FILE_BYTES_MAX + 1), ("/bytes".into(), "too_long"));
    assert_eq!(with(|f| f.sha256 = "abc".into()), ("/sha256".into(), "sha256"));
    assert_eq!(with(|f| f.content = Content::Elsewhere("javascript:alert(1)".into())), ("/url".into(), "url"));
}

#[test]
fn a_long_conversation_keeps_a_small_state() {
    let talk = (0..500).map(|_| (BY_CUSTOMER, write(AS_CUSTOMER)));
    let mut state = Conversation::default();
    past(talk).into_iter().for_each(|event| cqrs_es::Aggregate::apply(&mut state, event));
    let stored = serde_json::to_string(&state).unwrap();
    assert!(stored.len() < 500, "{stored}");
    assert!(!stored.contains("Hola"));
}

fn bring() -> ConversationAction {
    ConversationAction::BringBot { bot_id: LUMI, bot: Bot { name: "Lumi".into(), image: None } }
}

#[test]
fn a_bot_writes_in_its_own_name_once_it_takes_part_and_is_alone_of_its_kind() {
    let with_lumi = past([(BY_LUMI, bring())]);
    assert_eq!(conversation(&with_lumi, BY_LUMI, bring()), Ok(vec![]));
    assert!(matches!(conversation(&past([]), BY_LUMI, write(Author::Bot(LUMI))), Err(Refusal::NotAllowed(_))));
    assert!(matches!(conversation(&with_lumi, BY_ANA, write(Author::Bot(LUMI))), Err(Refusal::NotAllowed(_))));
    assert!(matches!(conversation(&past([]), BY_OWNER, bring()), Err(Refusal::NotAllowed(_))));
    assert!(conversation(&with_lumi, BY_LUMI, write(Author::Bot(LUMI))).is_ok());
    let other = ApiKeyId(ANA.0);
    let another = ConversationAction::BringBot { bot_id: other, bot: Bot { name: "Sparky".into(), image: None } };
    assert!(matches!(conversation(&with_lumi, Actor::ApiKey(other), another), Err(Refusal::NotAllowed(_))));
}

#[test]
fn what_a_bot_says_is_no_agents_answer() {
    let talk = [(BY_LUMI, bring()), (BY_LUMI, write(Author::Bot(LUMI))), (BY_CUSTOMER, write(Author::Customer(CUSTOMER)))];
    assert_eq!(closed_after(talk.clone()), (Outcome::NoAgent, false));
    let served = talk.into_iter().chain([
        (BY_ANA, join(ANA)),
        (BY_ANA, write(Author::Shopper(ANA))),
        (BY_LUMI, write(Author::Bot(LUMI))),
        (BY_CUSTOMER, write(Author::Customer(CUSTOMER))),
    ]);
    assert_eq!(closed_after(served), (Outcome::Success, true), "one person and a bot are not two people");
}

#[test]
fn a_bots_hand_over_says_that_it_was_the_bots() {
    let hand = || ConversationAction::HandOver { from: None, to: Recipient::Shopper(ANA), note: None };
    let by = |actor: Actor| {
        let events = conversation(&past([(BY_LUMI, bring())]), actor, hand()).expect("it is handed over");
        events.into_iter().find_map(|event| if let ConversationEvent::HandedOff(handed) = event { Some(handed.bot_id) } else { None })
    };
    assert_eq!((by(BY_LUMI), by(BY_OWNER)), (Some(Some(LUMI)), Some(None)));
}
