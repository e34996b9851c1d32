//! The recordings of a call: only what the rule allows and the customer consents to, and each file told once.

use crate::{call::past, given::*};
use vitrina_domain::{
    account::{RecordingMode, RecordingRule, Term},
    actor::Actor,
    aggregate::Aggregate,
    call::{
        Call, CallAction, CallEvent, RecordingAction,
        media::{ConsentKind, MediaAction},
        recording::{DeleteCause, Holds, RecordingFailure, RecordingFile, Switch},
    },
    event::EventSet,
    locale::Locale,
    refusal::Refusal,
};

fn asked(past: &[CallEvent], actor: Actor, action: RecordingAction) -> Result<Vec<CallEvent>, Refusal> {
    when::<Call>(past, actor, CallAction::Recording(action))
}

fn types(events: Result<Vec<CallEvent>, Refusal>) -> Vec<&'static str> {
    events.expect("it is not refused").iter().map(EventSet::event_type).collect()
}

fn switch(to: Switch, mode: RecordingMode) -> RecordingAction {
    RecordingAction::Switch { to, mode }
}

fn consent() -> CallAction {
    let (kind, text_version) = (ConsentKind::Recording, "2026-03".to_owned());
    CallAction::Media(MediaAction::GiveConsent { kind, text_version, locale: Locale::Es })
}

fn consented(state: &str) -> Vec<CallEvent> {
    after::<Call>(&past(state), [(BY_CUSTOMER, consent())])
}

fn recorded() -> Vec<CallEvent> {
    after::<Call>(&consented("live"), [(BY_ANA, CallAction::Recording(switch(Switch::On, RecordingMode::OnRequest)))])
}

fn state(past: &[CallEvent]) -> Call {
    let mut call = Call::default();
    past.iter().cloned().for_each(|event| cqrs_es::Aggregate::apply(&mut call, event));
    call
}

fn start(n: u128) -> RecordingAction {
    let (recording_id, node_id, participant_id) = (recording(n), node(1), participant(1));
    RecordingAction::Start { recording_id, node_id, participant_id, holds: Holds::Person, offset_ms: 700 }
}

fn stop(n: u128) -> RecordingAction {
    RecordingAction::Stop { recording_id: recording(n), duration_ms: 60_000, corrected: false }
}

fn keep(n: u128) -> RecordingAction {
    let file = RecordingFile { key: "k".into(), bytes: 7, sha256: "ab".repeat(32), mime: "video/webm".into() };
    RecordingAction::Keep { recording_id: recording(n), file, keep_until: Some(in_days(30)) }
}

fn told(past: &[CallEvent], actions: impl IntoIterator<Item = RecordingAction>) -> Vec<CallEvent> {
    after::<Call>(past, actions.into_iter().map(|action| (by_timer(), CallAction::Recording(action))))
}

#[test]
fn nothing_is_recorded_without_the_rule_and_the_customers_consent() {
    let on = |mode| switch(Switch::On, mode);
    assert!(matches!(asked(&consented("live"), BY_ANA, on(RecordingMode::Off)), Err(Refusal::NotAllowed(_))));
    for mode in [RecordingMode::OnRequest, RecordingMode::Always] {
        assert!(matches!(asked(&past("live"), BY_ANA, on(mode)), Err(Refusal::NotAllowed(_))));
        assert_eq!(types(asked(&consented("live"), BY_ANA, on(mode))), ["recording.switched"]);
    }
    assert!(matches!(asked(&consented("live"), BY_CUSTOMER, on(RecordingMode::Always)), Err(Refusal::NotAllowed(_))));
    assert!(matches!(asked(&consented("waiting"), BY_OWNER, on(RecordingMode::Always)), Err(Refusal::IllegalTransition { .. })));
}

#[test]
fn a_consent_that_is_withdrawn_ends_the_recording_at_once_and_so_does_the_calls_end() {
    assert!(state(&recorded()).is_recorded());
    let withdrawn = CallAction::Media(MediaAction::WithdrawConsent { kind: ConsentKind::Recording });
    assert!(!state(&after::<Call>(&recorded(), [(BY_CUSTOMER, withdrawn)])).is_recorded());
    let off = CallAction::Recording(switch(Switch::Off, RecordingMode::Off));
    assert!(!state(&after::<Call>(&recorded(), [(BY_ANA, off)])).is_recorded());
    let end = CallAction::End { reason: vitrina_domain::call::EndReason::ShopperHangup, wrap_up: vitrina_domain::call::WrapUp::Skip };
    assert!(!state(&after::<Call>(&recorded(), [(BY_ANA, end)])).is_recorded());
}

#[test]
fn where_every_call_is_recorded_it_begins_by_itself_and_a_hand_that_switches_it_off_is_obeyed() {
    let follow = |mode| RecordingAction::Follow { mode };
    assert_eq!(types(asked(&consented("live"), by_timer(), follow(RecordingMode::Always))), ["recording.switched"]);
    for (past, mode) in [
        (past("live"), RecordingMode::Always),
        (consented("claimed"), RecordingMode::Always),
        (consented("live"), RecordingMode::OnRequest),
        (told(&recorded(), [switch(Switch::Off, RecordingMode::Always)]), RecordingMode::Always),
    ] {
        assert_eq!(asked(&past, by_timer(), follow(mode)), Ok(vec![]));
    }
}

#[test]
fn what_a_node_tells_of_a_file_is_written_once_whatever_is_told_again() {
    let all = || [start(1), start(1), stop(1), stop(1), start(1), keep(1), keep(1), stop(1)];
    let past = recorded();
    let written: Vec<_> = told(&past, all())[past.len()..].iter().map(EventSet::event_type).collect();
    assert_eq!(written, ["recording.started", "recording.stopped", "recording.ready"]);
    assert_eq!(asked(&past, by_timer(), keep(2)), Ok(vec![]), "of a file that nobody knows");
    assert!(matches!(asked(&past, BY_ANA, start(1)), Err(Refusal::NotAllowed(_))));
}

#[test]
fn a_file_that_came_to_nothing_or_is_lost_is_told_so_unless_it_is_kept() {
    let (fail, lose) = (
        RecordingAction::Fail { recording_id: recording(1), reason: RecordingFailure::Disk },
        RecordingAction::Lose { recording_id: recording(1) },
    );
    for (action, event) in [(fail, "recording.failed"), (lose, "recording.lost")] {
        assert_eq!(types(asked(&told(&recorded(), [start(1)]), by_timer(), action.clone())), [event]);
        assert_eq!(asked(&told(&recorded(), [start(1), stop(1), keep(1)]), by_timer(), action), Ok(vec![]));
    }
}

#[test]
fn the_house_fetches_and_deletes_what_is_ready_and_a_customer_does_not() {
    let ready = told(&recorded(), [start(1), stop(1), keep(1)]);
    let download = RecordingAction::Download { recording_id: recording(1) };
    let delete = RecordingAction::Delete { recording_id: recording(1), cause: DeleteCause::ByHand };
    assert_eq!(types(asked(&ready, BY_OWNER, download.clone())), ["recording.downloaded"]);
    assert!(matches!(asked(&ready, BY_CUSTOMER, download.clone()), Err(Refusal::NotAllowed(_))));
    assert!(matches!(asked(&ready, BY_CUSTOMER, delete.clone()), Err(Refusal::NotAllowed(_))));
    let deleted = after::<Call>(&ready, [(BY_OWNER, CallAction::Recording(delete.clone()))]);
    assert_eq!(deleted.last().map(EventSet::event_type), Some("recording.deleted"));
    assert_eq!(asked(&deleted, by_timer(), delete), Ok(vec![]));
    assert_eq!(asked(&deleted, BY_OWNER, download.clone()), Err(Refusal::NotFound));
    assert!(matches!(asked(&told(&recorded(), [start(1)]), BY_OWNER, download), Err(Refusal::IllegalTransition { .. })));
}

#[test]
fn of_who_is_forgotten_a_recording_is_deleted_however_far_it_has_come_and_comes_back_no_more() {
    let delete = RecordingAction::Delete { recording_id: recording(1), cause: DeleteCause::Erased };
    let lose = RecordingAction::Lose { recording_id: recording(1) };
    let back = RecordingAction::Stop { recording_id: recording(1), duration_ms: 5, corrected: true };
    for steps in [vec![start(1)], vec![start(1), stop(1)], vec![start(1), stop(1), keep(1)], vec![start(1), lose]] {
        let deleted = steps.into_iter().chain([delete.clone()]).fold(recorded(), |before, step| told(&before, [step]));
        assert_eq!(deleted.last().map(EventSet::event_type), Some("recording.deleted"));
        assert_eq!(asked(&deleted, by_timer(), back.clone()), Ok(vec![]));
        assert_eq!(asked(&deleted, by_timer(), delete.clone()), Ok(vec![]));
    }
    assert_eq!(asked(&recorded(), by_timer(), delete), Err(Refusal::NotFound));
}

#[test]
fn a_recording_is_kept_for_as_many_days_as_the_rule_says() {
    let rule = RecordingRule::default();
    assert_eq!((rule.mode, rule.retention_days), (RecordingMode::Off, 730));
    assert_eq!(rule.changed(None, Some(Term::Days(30))).unwrap().keep_until(now()), Some(in_days(30)));
    assert_eq!(rule.changed(None, Some(Term::Unset)).unwrap().keep_until(now()), None);
    assert!(rule.changed(None, Some(Term::Days(3_661))).is_err());
    assert_eq!(state(&recorded()).state_name(), "live");
}

#[test]
fn a_file_that_was_given_up_is_kept_once_it_is_repaired_and_not_before() {
    let repaired = || RecordingAction::Stop { recording_id: recording(1), duration_ms: 60_000, corrected: true };
    let fail = RecordingAction::Fail { recording_id: recording(1), reason: RecordingFailure::Disk };
    for given_up in [fail, RecordingAction::Lose { recording_id: recording(1) }] {
        let gone = told(&recorded(), [start(1), given_up]);
        assert_eq!(types(asked(&gone, by_timer(), stop(1))), Vec::<&str>::new());
        assert_eq!(types(asked(&gone, by_timer(), keep(1))), Vec::<&str>::new());
        let whole = told(&gone, [repaired()]);
        assert_eq!(types(Ok(whole[gone.len()..].to_vec())), ["recording.stopped"]);
        assert_eq!(types(asked(&whole, by_timer(), keep(1))), ["recording.ready"]);
    }
    assert_eq!(types(asked(&recorded(), by_timer(), repaired())), Vec::<&str>::new(), "a file of which nobody knows is nobody's");
}
