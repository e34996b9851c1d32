//! Deciding is replayable: whatever is asked in whatever order, the state folded live, refolded from the stored events,
//! and folded in pieces through snapshots is the same state.

use crate::{
    call::{action, line, schedule},
    given::*,
    samples::decided,
};
use chrono::TimeDelta;
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::{from_value, to_value};
use std::fmt::Debug;
use vitrina_domain::{
    account::{Account, AccountAction, ConsentRule, RecordingMode, Terms},
    actor::Actor,
    aggregate::Aggregate,
    bot::Bot,
    call::{
        Call, CallAction, CancelReason, ReleaseCause, Side, State,
        media::{Consent, ConsentKind, Evidence, JoinFailure, LeaveReason, MediaAction, Source, TrackState},
        recording::{self, RecordingAction},
    },
    conversation::{
        Audience, Author, CloseReason, Content, Conversation, ConversationAction, File, Recipient, Status, TranscriptForm, Visibility,
    },
    customer::{self, Customer, CustomerAction},
    event::EventSet,
    ids::AnswerId,
    locale::Locale,
    module::Access,
    order::Order,
    routing::{Failed, PolicyChange, Why, Work},
    shopper::{self, Shopper, ShopperAction},
    sla::{Applied, Targets},
    survey::{Ballot, Publicity},
    user::{User, UserAction},
};

/// What one step asks: `which` of the actions that lead to something, with `value` in its fields.
type Step = (u8, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any::<Step>(), 1..60)
}

/// What an aggregate lives through when at each step one of the menu's actions is taken.
fn life<A: Aggregate>(menu: fn(u8) -> Vec<(Actor, A::Action)>, steps: &[Step]) -> (A, Vec<A::Event>) {
    let (mut state, mut events) = (A::default(), Vec::new());
    for (n, (which, value)) in steps.iter().enumerate() {
        let at = now() + TimeDelta::hours(n as i64);
        let answers = menu(*value).into_iter().filter_map(|(actor, action)| state.decide(&Order::new(actor, at, action)).ok());
        let mut possible: Vec<_> = answers.filter(|events| !events.is_empty()).collect();
        if possible.is_empty() {
            continue;
        }
        for event in possible.swap_remove(usize::from(*which) % possible.len()) {
            state.apply(event.clone());
            events.push(event);
        }
    }
    (state, events)
}

fn check<A: Aggregate + PartialEq + Debug>(
    menu: fn(u8) -> Vec<(Actor, A::Action)>,
    steps: &[Step],
    piece: usize,
) -> Result<(), TestCaseError> {
    let (live, events) = life::<A>(menu, steps);
    let mut refolded = A::default();
    let mut in_pieces = A::default();
    for (n, event) in events.iter().enumerate() {
        let stored =
            A::Event::decode(EventSet::event_type(event), event.payload()).map_err(|e| TestCaseError::fail(format!("{event:?}: {e}")))?;
        refolded.apply(stored);
        in_pieces.apply(event.clone());
        if n % piece == 0 {
            let snapshot = to_value(&in_pieces).expect("a state is plain data");
            in_pieces = from_value(snapshot).map_err(|e| TestCaseError::fail(format!("{in_pieces:?}: {e}")))?;
        }
    }
    prop_assert_eq!(&live, &refolded);
    prop_assert_eq!(&live, &in_pieces);
    Ok(())
}

/// One of a few answers, so that hiding now and then means the one that counts.
fn shown(value: u8) -> (AnswerId, Publicity) {
    (answer(u128::from(value % 3)), if value.is_multiple_of(2) { Publicity::Internal } else { Publicity::Public })
}

fn calls(value: u8) -> Vec<(Actor, CallAction)> {
    let names = [
        "request",
        "create",
        "queue",
        "claim",
        "release",
        "start",
        "invite",
        "transfer",
        "end",
        "finish",
        "archive",
        "unarchive",
        "show_product",
    ];
    let sku = format!("sku-{}", value % 3);
    let cart_id = Some(format!("of-{}", value % 2));
    let quantity = u32::from(value) + 1;
    let (answer_id, publicity) = shown(value);
    let mut menu: Vec<_> = names.into_iter().map(|name| (by_timer(), action(name))).collect();
    menu.extend([
        (BY_CUSTOMER, schedule(i64::from(value % 5) + 4)),
        (BY_ANA, CallAction::Transfer { to: ANA }),
        (by_timer(), CallAction::Release { cause: ReleaseCause::TimedOut { holder: ANA } }),
        (BY_CUSTOMER, CallAction::AddToCart { cart_id: format!("of-{}", value % 2), line: Box::new(line(&sku, quantity)) }),
        (BY_CUSTOMER, CallAction::UpdateCartItem { cart_id: cart_id.clone(), sku: sku.clone(), quantity }),
        (BY_CUSTOMER, CallAction::RemoveCartItem { cart_id, sku }),
        (BY_CUSTOMER, CallAction::SendSurvey),
        (BY_CUSTOMER, CallAction::Rate { answer_id, ballot: Ballot { nps: Some(value % 11), ..Ballot::default() } }),
        (BY_ANA, CallAction::ShowRating { answer_id, publicity }),
    ]);
    let connection_id = connection(u128::from(value % 2));
    menu.extend([
        (by_timer(), CallAction::Offer { shopper_id: ANA, until: now() }),
        (BY_ANA, CallAction::AcceptOffer { shopper_id: ANA, start_by: Some(now()) }),
        (BY_ANA, CallAction::DeclineOffer { shopper_id: ANA }),
        (by_timer(), CallAction::ExpireOffer { shopper_id: ANA }),
        (by_timer(), CallAction::Decide { decided: Box::new(decided()) }),
        (by_timer(), CallAction::FailRouting { failed: Failed { why: Why::AllBusy, reasons: [].into() } }),
        (BY_CUSTOMER, CallAction::ConnectCustomer { connection_id }),
        (BY_CUSTOMER, CallAction::DisconnectCustomer { connection_id, until: Some(now()) }),
    ]);
    if value > 230 {
        menu.push((by_timer(), CallAction::LoseCustomer { connection_id }));
        menu.push((BY_CUSTOMER, CallAction::Cancel { reason: CancelReason::ByCustomer }));
    }
    menu
}

/// A call that is soon live, and what happens to its media.
fn calls_with_media(value: u8) -> Vec<(Actor, CallAction)> {
    let begin = ["request", "queue", "claim", "start"].map(|name| (by_timer(), action(name)));
    let media = media(value).into_iter().map(|(actor, action)| (actor, CallAction::Media(action)));
    let recordings = recordings(value).into_iter().map(|(actor, action)| (actor, CallAction::Recording(action)));
    begin.into_iter().chain(media).chain(recordings).collect()
}

fn recordings(value: u8) -> Vec<(Actor, RecordingAction)> {
    use RecordingAction::{Delete, Download, Fail, Follow, Keep, Lose, Start, Stop, Switch};
    let (recording_id, participant_id) = (recording(u128::from(value % 4)), participant(u128::from(value % 6)));
    let file = recording::RecordingFile { key: "k".into(), bytes: 7, sha256: "ab".repeat(32), mime: "video/webm".into() };
    let to = if value.is_multiple_of(2) { recording::Switch::On } else { recording::Switch::Off };
    let mut menu = vec![
        (BY_ANA, Switch { to, mode: RecordingMode::OnRequest }),
        (by_timer(), Follow { mode: RecordingMode::Always }),
        (by_timer(), Start { recording_id, node_id: node(1), participant_id, holds: recording::Holds::Person, offset_ms: 1 }),
        (by_timer(), Stop { recording_id, duration_ms: 9, corrected: value > 200 }),
        (by_timer(), Keep { recording_id, file, keep_until: None }),
        (BY_OWNER, Download { recording_id }),
    ];
    if value > 200 {
        menu.push((by_timer(), Fail { recording_id, reason: recording::RecordingFailure::Empty }));
        menu.push((by_timer(), Lose { recording_id }));
        menu.push((BY_OWNER, Delete { recording_id, cause: recording::DeleteCause::ByHand }));
    }
    menu
}

fn media(value: u8) -> Vec<(Actor, MediaAction)> {
    let session_id = media_session(1);
    let participant_id = participant(u128::from(value % 6));
    let source = [Source::Microphone, Source::Camera, Source::Screen][usize::from(value / 6 % 3)];
    let state = [TrackState::On, TrackState::Muted, TrackState::Switched, TrackState::Off][usize::from(value / 18 % 4)];
    let who = if value.is_multiple_of(2) { BY_ANA } else { BY_CUSTOMER };
    let kind = if value < 100 { ConsentKind::Terms } else { ConsentKind::Recording };
    let reason = LeaveReason::RoomClosed;
    let enter =
        MediaAction::Enter { session_id, participant_id, node_id: node(1), address: "https://one.example".into(), consent: Consent::Free };
    let mut menu = vec![
        (BY_CUSTOMER, MediaAction::GiveConsent { kind, text_version: format!("{}", value % 2), locale: Locale::Pt }),
        (BY_CUSTOMER, MediaAction::WithdrawConsent { kind }),
        (BY_ANA, enter),
        (who.clone(), MediaAction::Connect { session_id, participant_id, device: None }),
        (who.clone(), MediaAction::Publish { participant_id, source }),
        (who.clone(), MediaAction::Unpublish { participant_id, source }),
        (who.clone(), MediaAction::Turn { participant_id, source, state }),
        (who.clone(), MediaAction::Leave { participant_id, reason, grace: Some(now()) }),
        (BY_CUSTOMER, MediaAction::IssueToken { role: Side::Customer, expires_at: now() }),
    ];
    if value > 240 {
        menu.push((who, MediaAction::FailJoin { participant_id, reason: JoinFailure::Timeout, detail: None }));
        menu.push((by_timer(), MediaAction::Close { session_id, reason, at: None, evidence: Evidence::Seen, grace: None }));
    }
    menu
}

fn conversations(value: u8) -> Vec<(Actor, ConversationAction)> {
    let (answer_id, publicity) = shown(value);
    let write = |author| ConversationAction::SendMessage {
        message_id: message(value.into()),
        author,
        body: format!("message {value}"),
        visibility: if value.is_multiple_of(5) { Visibility::Internal } else { Visibility::Public },
        mentions: vec![],
        template: None,
    };
    let status = [Status::InProgress, Status::WaitingCustomer, Status::NeedHelp][usize::from(value % 3)];
    let tag = format!("tag {}", value % 4);
    let shared = File {
        file_id: file(value.into()),
        name: "room.png".into(),
        media_type: "image/png".into(),
        bytes: value.into(),
        sha256: "ab".repeat(32),
        content: Content::Elsewhere("https://files.example/room.png".into()),
    };
    let targets = Targets { answer_s: Some(5_400), next_reply_s: Some(5_400), resolution_s: Some(36_000) };
    let mut menu = vec![
        (BY_CUSTOMER, open_chat()),
        (BY_CUSTOMER, ConversationAction::Promise { terms: Box::new(Applied { targets, schedule: None }) }),
        (by_timer(), ConversationAction::MarkOverdue),
        (BY_CUSTOMER, write(Author::Customer(CUSTOMER))),
        (BY_ANA, write(Author::Shopper(ANA))),
        (by_timer(), write(Author::System)),
        (BY_CUSTOMER, ConversationAction::ShareFile { author: Author::Customer(CUSTOMER), file: Box::new(shared) }),
        (BY_ANA, ConversationAction::Claim { shopper_id: ANA }),
        (BY_ANA, ConversationAction::StepIn { shopper_id: BRUNO }),
        (BY_BRUNO, ConversationAction::StepIn { shopper_id: BRUNO }),
        (BY_ANA, ConversationAction::HandOver { from: Some(ANA), to: Recipient::Shopper(BRUNO), note: Some(tag.clone()) }),
        (BY_BRUNO, ConversationAction::HandOver { from: Some(BRUNO), to: Recipient::Department(tag.clone()), note: None }),
        (BY_LUMI, ConversationAction::BringBot { bot_id: LUMI, bot: Bot { name: "Lumi".into(), image: None } }),
        (BY_LUMI, write(Author::Bot(LUMI))),
        (BY_ANA, ConversationAction::SetDepartment { department: (value > 100).then(|| tag.clone()) }),
        (BY_ANA, ConversationAction::SetPriority { priority: i32::from(value % 3) }),
        (BY_BRUNO, ConversationAction::Join { shopper_id: BRUNO }),
        (BY_ANA, ConversationAction::Leave { shopper_id: ANA }),
        (BY_ANA, ConversationAction::SetStatus { status }),
        (BY_ANA, ConversationAction::SetNote { text: tag.clone() }),
        (BY_ANA, ConversationAction::AddTag { tag: tag.clone() }),
        (BY_ANA, ConversationAction::RemoveTag { tag: tag.clone() }),
        (BY_ANA, ConversationAction::SetExpertise { expertise: vec![tag] }),
        (BY_CUSTOMER, ConversationAction::SendSurvey),
        (BY_CUSTOMER, ConversationAction::Rate { answer_id, ballot: Ballot { csat: Some(value % 5 + 1), ..Ballot::default() } }),
        (BY_ANA, ConversationAction::ShowRating { answer_id, publicity }),
    ];
    if value > 240 {
        let (form, audience) = (TranscriptForm::Pdf, Audience::Staff);
        menu.push((BY_ANA, ConversationAction::DownloadTranscript { form, audience }));
    }
    if value > 250 {
        menu.push((BY_CUSTOMER, ConversationAction::Continue { conversation_id: CONVERSATION }));
    }
    if value > 230 {
        menu.push((BY_ANA, ConversationAction::Close { reason: CloseReason::ByShopper }));
    }
    menu
}

fn shoppers(value: u8) -> Vec<(Actor, ShopperAction)> {
    use shopper::{Details, Status, StatusCause};
    let named = |name: &str| Details { name: Some(name.into()), email: Some("ana@example.com".into()), ..Details::default() };
    let status = [Status::Available, Status::Busy, Status::Away, Status::Offline][usize::from(value % 4)];
    let collections = vec![format!("collection {}", value % 3)];
    let mut menu = vec![
        (BY_OWNER, ShopperAction::Create { shopper_id: ANA, details: named("Ana"), collections: collections.clone(), schedule: None }),
        (BY_OWNER, ShopperAction::Update { shopper_id: ANA, details: named("Ana Ruiz") }),
        (BY_OWNER, ShopperAction::SetCollections { collections }),
        (BY_ANA, ShopperAction::SetStatus { status, cause: StatusCause::Manual }),
    ];
    let (connection_id, work) = (connection(u128::from(value % 2)), Work::Conversation(CONVERSATION));
    menu.extend([
        (BY_ANA, ShopperAction::Connect { connection_id }),
        (BY_ANA, ShopperAction::Disconnect { connection_id, until: Some(now()) }),
        (by_timer(), ShopperAction::Lose { connection_id }),
        (by_timer(), ShopperAction::Assign { work, terms: shopper::Terms::None }),
        (by_timer(), ShopperAction::Free { work, served: Some(CUSTOMER) }),
    ]);
    if value > 240 {
        menu.push((BY_OWNER, ShopperAction::Delete));
    }
    menu
}

fn users(value: u8) -> Vec<(Actor, UserAction)> {
    let expires_at = in_days(i64::from(value % 9) + 1);
    let access = if value.is_multiple_of(2) { Access::Owner } else { Access::Staff { modules: Default::default() } };
    let session_id = session(value.into());
    let mut menu = vec![
        (
            BY_OWNER,
            UserAction::Create {
                user_id: OWNER,
                email: "o@example.com".into(),
                name: "Olga".into(),
                access: access.clone(),
                password_hash: None,
            },
        ),
        (BY_OWNER, UserAction::SetPassword { user_id: OWNER, password_hash: "$argon2id$".into() }),
        (BY_OWNER, UserAction::SetAccess { access }),
        (BY_OWNER, UserAction::OpenSession { session_id, token_hash: "ab".repeat(32), expires_at, user_id: OWNER, device: None }),
        (BY_OWNER, UserAction::RevokeSession { session_id }),
        (BY_OWNER, UserAction::SetRoles { roles: (0..u128::from(value % 4)).map(role_id).collect() }),
        (by_timer(), UserAction::LockOut { failures: 5, until: expires_at }),
    ];
    if value > 240 {
        menu.push((BY_OWNER, UserAction::Delete));
    }
    menu
}

fn customers(value: u8) -> Vec<(Actor, CustomerAction)> {
    let details = customer::Details { name: Some(format!("customer {value}")), ..customer::Details::default() };
    vec![
        (BY_CUSTOMER, CustomerAction::Create { customer_id: CUSTOMER, details: details.clone() }),
        (BY_CUSTOMER, CustomerAction::Update { customer_id: CUSTOMER, details }),
    ]
}

fn required(value: u8) -> ConsentRule {
    ConsentRule::Required(Terms { text_version: value.to_string(), privacy_url: None, terms_url: None, texts: [].into() })
}

fn accounts(value: u8) -> Vec<(Actor, AccountAction)> {
    let name = format!("shop {}", value % 5);
    let currency = if value.is_multiple_of(2) { "EUR" } else { "PEN" };
    vec![
        (
            by_timer(),
            AccountAction::Create { store_name: name.clone(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: currency.into() },
        ),
        (BY_OWNER, AccountAction::SetConsent(if value > 128 { ConsentRule::Off } else { required(value) })),
        (BY_OWNER, AccountAction::ChangeRouting(PolicyChange { no_show_s: Some(value.into()), ..PolicyChange::default() })),
        (BY_OWNER, AccountAction::ChangeSettings { store_name: Some(name), zone: None, locale: None, currency: Some(currency.into()) }),
    ]
}

proptest! {
    #[test]
    fn calls_replay_to_the_same_state(steps in steps(), piece in 1..10usize) {
        check::<Call>(calls, &steps, piece)?;
        check::<Call>(calls_with_media, &steps, piece)?;
    }

    #[test]
    fn conversations_replay_to_the_same_state(steps in steps(), piece in 1..10usize) {
        check::<Conversation>(conversations, &steps, piece)?;
    }

    #[test]
    fn shoppers_replay_to_the_same_state(steps in steps(), piece in 1..10usize) {
        check::<Shopper>(shoppers, &steps, piece)?;
    }

    #[test]
    fn users_replay_to_the_same_state(steps in steps(), piece in 1..10usize) {
        check::<User>(users, &steps, piece)?;
    }

    #[test]
    fn customers_and_accounts_replay_to_the_same_state(steps in steps(), piece in 1..10usize) {
        check::<Customer>(customers, &steps, piece)?;
        check::<Account>(accounts, &steps, piece)?;
    }

    #[test]
    fn a_call_has_a_holder_exactly_while_somebody_has_it(steps in steps()) {
        let (call, _) = life::<Call>(calls, &steps);
        match call.state() {
            State::Absent | State::Requested | State::Scheduled | State::Waiting => prop_assert_eq!(call.holder(), None),
            State::Claimed | State::Live | State::WrapUp | State::Finished => {
                let holder = call.holder();
                prop_assert!(holder.is_some_and(|holder| call.participants().contains(&holder)), "{:?}", call);
            }
            State::Cancelled => {}
        }
    }

    #[test]
    fn a_user_never_has_more_sessions_than_the_most(steps in prop::collection::vec(any::<Step>(), 60..120)) {
        let (user, _) = life::<User>(users, &steps);
        prop_assert!(user.sessions().len() <= vitrina_domain::user::SESSIONS_MAX);
    }
}

/// A generator that never gets anywhere proves nothing.
#[test]
fn random_lives_reach_every_event_of_calls_and_conversations() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..500 {
        let steps = steps().new_tree(&mut runner).expect("steps are always possible").current();
        seen.extend(life::<Call>(calls, &steps).1.iter().map(EventSet::event_type));
        seen.extend(life::<Call>(calls_with_media, &steps).1.iter().map(EventSet::event_type));
        seen.extend(life::<Conversation>(conversations, &steps).1.iter().map(EventSet::event_type));
    }
    let never: Vec<_> = [<Call as cqrs_es::Aggregate>::Event::TYPES, <Conversation as cqrs_es::Aggregate>::Event::TYPES]
        .concat()
        .into_iter()
        .filter(|(event_type, _)| !seen.contains(event_type))
        .collect();
    assert_eq!(never, []);
}
