//! The media of a call: consent, the node, facts that come once however often they are told, and what each side may do.

use crate::{call::past, given::*};
use vitrina_domain::{
    actor::Actor,
    call::{
        Call, CallAction, CallEvent, CustomerConnected, CustomerDisconnected, Side,
        media::{Consent, ConsentKind, Evidence, FAILURES_MAX, JoinFailed, JoinFailure, LeaveReason, MediaAction, Source, TrackState},
    },
    event::EventSet,
    locale::Locale,
    refusal::Refusal,
};

fn media(past: &[CallEvent], actor: Actor, action: MediaAction) -> Result<Vec<CallEvent>, Refusal> {
    when::<Call>(past, actor, CallAction::Media(action))
}

fn enter(n: u128, consent: Consent) -> MediaAction {
    let (session_id, participant_id, address) = (media_session(n), participant(99), format!("https://{n}.shop.example"));
    MediaAction::Enter { session_id, participant_id, node_id: node(n), address, consent }
}

fn connect(n: u128) -> MediaAction {
    MediaAction::Connect { session_id: media_session(1), participant_id: participant(n), device: None }
}

fn leave(n: u128) -> MediaAction {
    MediaAction::Leave { participant_id: participant(n), reason: LeaveReason::ClientInitiated, grace: Some(in_days(1)) }
}

/// This past, and what these lead to.
fn with(past: &[CallEvent], orders: impl IntoIterator<Item = (Actor, MediaAction)>) -> Vec<CallEvent> {
    after::<Call>(past, orders.into_iter().map(|(actor, action)| (actor, CallAction::Media(action))))
}

/// A live call with the customer as the first and the shopper as the second participant.
fn connected() -> Vec<CallEvent> {
    with(&past("live"), [(BY_CUSTOMER, enter(1, Consent::Free)), (BY_CUSTOMER, connect(1)), (BY_ANA, connect(2))])
}

fn types(events: &[CallEvent]) -> Vec<&'static str> {
    events.iter().map(EventSet::event_type).collect()
}

#[test]
fn the_first_who_enters_pins_the_call_to_the_node_and_another_node_is_told_where_it_is() {
    let pinned = with(&past("claimed"), [(BY_CUSTOMER, enter(1, Consent::Free))]);
    assert_eq!(pinned.last().map(EventSet::event_type), Some("media.session_opened"));
    assert_eq!(media(&pinned, BY_ANA, enter(1, Consent::Free)), Ok(vec![]));
    assert_eq!(media(&pinned, BY_ANA, enter(2, Consent::Free)), Err(Refusal::Elsewhere("https://1.shop.example".into())));
}

#[test]
fn a_call_is_entered_while_it_is_claimed_or_live_by_those_who_take_part() {
    for state in ["requested", "waiting", "wrap_up", "finished", "cancelled"] {
        assert!(matches!(media(&past(state), BY_OWNER, enter(1, Consent::Free)), Err(Refusal::IllegalTransition { .. })), "{state}");
    }
    for state in ["claimed", "live"] {
        assert!(media(&past(state), BY_CUSTOMER, enter(1, Consent::Free)).is_ok());
        assert!(media(&past(state), BY_ANA, enter(1, Consent::Free)).is_ok());
        assert!(is_not_allowed(&media(&past(state), BY_BRUNO, enter(1, Consent::Free))));
        assert!(is_not_allowed(&media(&past(state), BY_STRANGER, enter(1, Consent::Free))));
    }
}

#[test]
fn a_customer_consents_before_anything_is_sent_and_to_the_text_that_is_in_force() {
    let consent = |version: &str| MediaAction::GiveConsent { kind: ConsentKind::Terms, text_version: version.into(), locale: Locale::Es };
    let required = || enter(1, Consent::Required("2".into()));
    assert_eq!(media(&past("claimed"), BY_CUSTOMER, required()), Err(Refusal::ConsentRequired));
    assert!(media(&past("claimed"), BY_ANA, required()).is_ok(), "the house consents to nothing");
    let old = with(&past("waiting"), [(BY_CUSTOMER, consent("1"))]);
    assert_eq!(types(&old).last(), Some(&"consent.given"));
    assert_eq!(media(&old, BY_CUSTOMER, consent("1")), Ok(vec![]));
    let given = with(&past("claimed"), [(BY_CUSTOMER, consent("1")), (BY_CUSTOMER, consent("2"))]);
    assert!(media(&given, BY_CUSTOMER, required()).is_ok());
    let withdrawn = with(&given, [(BY_CUSTOMER, MediaAction::WithdrawConsent { kind: ConsentKind::Terms })]);
    assert_eq!(media(&withdrawn, BY_CUSTOMER, required()), Err(Refusal::ConsentRequired));
    assert!(is_not_allowed(&media(&past("claimed"), BY_ANA, consent("2"))), "nobody consents for the customer");
}

#[test]
fn who_is_connected_is_told_once_and_what_comes_late_leads_to_nothing() {
    let call = connected();
    assert_eq!(media(&call, BY_CUSTOMER, connect(1)), Ok(vec![]));
    let gone = with(&call, [(BY_CUSTOMER, leave(1))]);
    assert_eq!(types(&gone).last(), Some(&"media.participant_left"));
    assert_eq!(media(&gone, BY_CUSTOMER, leave(1)), Ok(vec![]));
    assert_eq!(media(&gone, BY_CUSTOMER, connect(1)), Ok(vec![]), "coming back is another presence");
    assert_eq!(types(&media(&gone, BY_CUSTOMER, connect(3)).unwrap()), ["media.participant_joined"]);
    let enter_as = |n| MediaAction::Enter {
        session_id: media_session(1),
        participant_id: participant(n),
        node_id: node(1),
        address: String::new(),
        consent: Consent::Free,
    };
    assert_eq!(refused_field(media(&gone, BY_CUSTOMER, enter_as(1))), ("/participant".into(), "used"));
    assert_eq!(media(&call, BY_CUSTOMER, enter_as(1)), Ok(vec![]), "a repetition");
    assert_eq!(refused_field(media(&call, BY_ANA, enter_as(1))), ("/participant".into(), "used"));
    let of_another_session = MediaAction::Connect { session_id: media_session(2), participant_id: participant(4), device: None };
    assert_eq!(media(&call, BY_ANA, of_another_session), Ok(vec![]));
}

#[test]
fn who_never_came_to_be_connected_is_told_with_the_reason() {
    let said = |detail: &str| MediaAction::FailJoin {
        participant_id: participant(1),
        reason: JoinFailure::PermissionDenied,
        detail: Some(detail.to_owned()),
    };
    let fail = said("NotAllowedError: Ana Ruiz has not allowed it");
    let failed = with(&past("live"), [(BY_CUSTOMER, fail.clone())]);
    assert!(matches!(failed.last(), Some(CallEvent::MediaJoinFailed(failed)) if failed.detail.as_deref() == Some("NotAllowedError")));
    let failed_of_whom = with(&past("live"), [(BY_CUSTOMER, said("Ana Ruiz"))]);
    assert!(
        matches!(failed_of_whom.last(), Some(CallEvent::MediaJoinFailed(failed)) if failed.detail.is_none()),
        "nobody's words are kept"
    );
    assert_eq!(media(&failed, BY_CUSTOMER, fail), Ok(vec![]));
}

#[test]
fn who_is_told_to_have_failed_and_is_connected_after_all_is_in_the_call() {
    let fail = MediaAction::FailJoin { participant_id: participant(3), reason: JoinFailure::DeviceMissing, detail: None };
    // Anybody of the call may have told it.
    let failed = with(&connected(), [(BY_CUSTOMER, fail.clone())]);
    assert_eq!(types(&media(&failed, BY_ANA, connect(3)).unwrap()), ["media.participant_joined"]);
    let joined = with(&failed, [(BY_ANA, connect(3))]);
    assert_eq!(media(&joined, BY_CUSTOMER, fail), Ok(vec![]), "who is connected does not fail");
    assert_eq!(types(&media(&joined, BY_ANA, leave(3)).unwrap()), ["media.participant_left"]);
}

#[test]
fn failures_are_told_up_to_a_bound_and_keep_nobody_out() {
    let fail = |n| MediaAction::FailJoin { participant_id: participant(n), reason: JoinFailure::Timeout, detail: None };
    let told = |n: usize| {
        let failed = JoinFailed { participant_id: participant(n as u128), who: BY_CUSTOMER, reason: JoinFailure::Timeout, detail: None };
        CallEvent::MediaJoinFailed(failed)
    };
    let few: Vec<_> = past("live").into_iter().chain((10..).map(told).take(FAILURES_MAX - 1)).collect();
    assert_eq!(types(&media(&few, BY_CUSTOMER, fail(1)).unwrap()), ["media.join_failed"]);
    let full: Vec<_> = past("live").into_iter().chain((10..).map(told).take(FAILURES_MAX)).collect();
    assert_eq!(media(&full, BY_CUSTOMER, fail(1)), Ok(vec![]));
    assert!(media(&full, BY_CUSTOMER, enter(1, Consent::Free)).is_ok());
}

#[test]
fn tracks_begin_and_end_once_and_leaving_ends_them() {
    let publish = |source| MediaAction::Publish { participant_id: participant(2), source };
    let call = with(&connected(), [(BY_ANA, publish(Source::Camera)), (BY_ANA, publish(Source::Screen))]);
    assert_eq!(types(&call[call.len() - 3..]), ["media.track_published", "media.track_published", "media.screen_share_started"]);
    assert_eq!(media(&call, BY_ANA, publish(Source::Screen)), Ok(vec![]));
    let turn_off = MediaAction::Turn { participant_id: participant(2), source: Source::Screen, state: TrackState::Off };
    let stopped = with(&call, [(BY_ANA, turn_off)]);
    assert_eq!(types(&stopped[call.len()..]), ["media.track_unpublished", "media.screen_share_stopped"]);
    let gone = with(&call, [(BY_ANA, leave(2))]);
    let unpublish = MediaAction::Unpublish { participant_id: participant(2), source: Source::Camera };
    assert_eq!(media(&gone, BY_ANA, unpublish), Ok(vec![]));
}

#[test]
fn microphone_and_camera_are_turned_off_and_on_and_only_a_camera_is_switched() {
    let turn = |source, state| MediaAction::Turn { participant_id: participant(1), source, state };
    let told = |past: &[CallEvent], source, state| types(&media(past, BY_CUSTOMER, turn(source, state)).unwrap());
    let call = connected();
    assert_eq!(told(&call, Source::Microphone, TrackState::On), Vec::<&str>::new());
    assert_eq!(told(&call, Source::Microphone, TrackState::Muted), ["media.mic_muted"]);
    assert_eq!(told(&call, Source::Camera, TrackState::Off), ["media.camera_off"]);
    assert_eq!(told(&call, Source::Camera, TrackState::Switched), ["media.camera_switched"]);
    let muted =
        with(&call, [(BY_CUSTOMER, turn(Source::Microphone, TrackState::Muted)), (BY_CUSTOMER, turn(Source::Camera, TrackState::Off))]);
    assert_eq!(told(&muted, Source::Microphone, TrackState::Off), Vec::<&str>::new());
    assert_eq!(told(&muted, Source::Microphone, TrackState::On), ["media.mic_unmuted"]);
    assert_eq!(told(&muted, Source::Camera, TrackState::On), ["media.camera_on"]);
    assert_eq!(refused_field(media(&call, BY_CUSTOMER, turn(Source::Microphone, TrackState::Switched))), ("/state".into(), "unknown"));
}

#[test]
fn only_a_shopper_shares_a_screen_and_nobody_turns_what_is_anothers() {
    let publish = |n| MediaAction::Publish { participant_id: participant(n), source: Source::Screen };
    assert!(is_not_allowed(&media(&connected(), BY_CUSTOMER, publish(1))));
    assert!(media(&connected(), BY_ANA, publish(2)).is_ok());
    let mute = |n| MediaAction::Turn { participant_id: participant(n), source: Source::Microphone, state: TrackState::Muted };
    assert!(is_not_allowed(&media(&connected(), BY_ANA, mute(1))));
    assert!(is_not_allowed(&media(&connected(), BY_CUSTOMER, leave(2))));
}

#[test]
fn the_close_of_a_session_ends_every_presence_once_and_frees_the_call_for_another_node() {
    let close = || MediaAction::Close {
        session_id: media_session(1),
        reason: LeaveReason::ServerShutdown,
        at: Some(now()),
        evidence: Evidence::Corrected,
        grace: None,
    };
    let closed = with(&connected(), [(by_timer(), close())]);
    let told = &closed[connected().len()..];
    assert_eq!(types(told), ["media.participant_left", "media.participant_left", "media.session_closed"]);
    assert!(told.iter().all(|event| !matches!(event, CallEvent::MediaParticipantLeft(left) if !left.corrected || left.at != Some(now()))));
    assert_eq!(media(&closed, by_timer(), close()), Ok(vec![]));
    assert!(media(&closed, BY_ANA, enter(2, Consent::Free)).is_ok());
    assert!(is_not_allowed(&media(&connected(), BY_ANA, close())));
}

#[test]
fn a_customer_whose_socket_is_lost_is_there_as_long_as_media_is_connected() {
    let connected_by_socket =
        [connected(), vec![CallEvent::CustomerConnected(CustomerConnected { connection_id: connection(1) })]].concat();
    let until = Some(in_days(1));
    let lost = |until| CallEvent::CustomerDisconnected(CustomerDisconnected { connection_id: connection(1), until });
    let disconnect = CallAction::DisconnectCustomer { connection_id: connection(1), until };
    assert_eq!(when::<Call>(&connected_by_socket, by_timer(), disconnect), Ok(vec![lost(None)]), "no end is set");
    let by_media_only = [connected_by_socket, vec![lost(None)]].concat();
    let left = media(&by_media_only, BY_CUSTOMER, leave(1)).unwrap();
    assert_eq!(left[1..], [lost(until)], "now it is");
    let back_by_media = with(&[by_media_only, left].concat(), [(BY_CUSTOMER, connect(3))]);
    assert_eq!(back_by_media.last(), Some(&lost(None)));
}

#[test]
fn a_side_is_told_by_who_acts() {
    let call = connected();
    let sides: Vec<_> = call
        .iter()
        .filter_map(|event| if let CallEvent::MediaParticipantJoined(joined) = event { Some(joined.role) } else { None })
        .collect();
    assert_eq!(sides, [Side::Customer, Side::Shopper]);
}
