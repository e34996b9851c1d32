//! Forgetting: begun once, told part by part, finished once.

use crate::given::*;
use vitrina_domain::{
    aggregate::Aggregate,
    ids::{NodeId, RecordingId},
    order::Order,
    refusal::Refusal,
    subject::{
        AccessGiven, Cleared, Erased, ErasureReason, ErasureRequested, Forgotten, Pending, Purged, Subject, SubjectAction, SubjectEvent,
        SubjectKind::{self, Customer},
    },
};

fn order(action: SubjectAction) -> Order<SubjectAction> {
    Order { actor: BY_OWNER, at: now(), command: action }
}

fn told(before: &[SubjectEvent], action: SubjectAction) -> Result<usize, Refusal> {
    let mut state = Subject::default();
    before.iter().for_each(|event| cqrs_es::Aggregate::apply(&mut state, event.clone()));
    state.decide(&order(action)).map(|events| events.len())
}

fn requested(kind: SubjectKind) -> ErasureRequested {
    ErasureRequested { kind, reason: ErasureReason::Objected }
}

fn part(part: u32) -> Forgotten {
    Forgotten { kind: Customer, part, conversations: vec![], calls: vec![] }
}

fn finished() -> Box<Erased> {
    Box::new(Erased { kind: Customer, purged: Purged::default(), taken: vec![], told: vec![], pending: vec![], receipt: String::new() })
}

#[test]
fn it_is_begun_once_and_each_part_is_told_once_in_its_order() {
    let begun = SubjectEvent::ErasureRequested(requested(Customer));
    assert_eq!(told(&[], SubjectAction::RequestErasure(requested(Customer))), Ok(1));
    assert_eq!(told(std::slice::from_ref(&begun), SubjectAction::RequestErasure(requested(Customer))), Ok(0));
    assert_eq!(told(std::slice::from_ref(&begun), SubjectAction::Forget(part(1))), Ok(0));
    assert_eq!(told(std::slice::from_ref(&begun), SubjectAction::Forget(part(0))), Ok(1));
    assert_eq!(told(&[begun, SubjectEvent::Forgotten(part(0))], SubjectAction::Forget(part(0))), Ok(0));
}

#[test]
fn it_is_finished_once_and_not_before_the_read_models_were_told() {
    let begun = SubjectEvent::ErasureRequested(requested(Customer));
    let (part, erased) = (SubjectEvent::Forgotten(part(0)), SubjectEvent::Erased(*finished()));
    assert_eq!(told(&[], SubjectAction::Finish(finished())), Err(Refusal::NotFound));
    assert_eq!(told(std::slice::from_ref(&begun), SubjectAction::Finish(finished())), Ok(0));
    assert_eq!(told(&[begun.clone(), part.clone()], SubjectAction::Finish(finished())), Ok(1));
    assert_eq!(told(&[begun, part, erased], SubjectAction::Finish(finished())), Ok(0));
}

#[test]
fn everything_about_a_person_is_given_out_as_often_as_it_is_asked_and_not_once_they_are_to_be_forgotten() {
    let give = || SubjectAction::GiveAccess(AccessGiven { kind: Customer });
    let given = SubjectEvent::AccessGiven(AccessGiven { kind: Customer });
    assert_eq!((told(&[], give()), told(std::slice::from_ref(&given), give())), (Ok(1), Ok(1)));
    assert_eq!(told(std::slice::from_ref(&given), SubjectAction::RequestErasure(requested(Customer))), Ok(1));
    let begun = [given, SubjectEvent::ErasureRequested(requested(Customer))];
    assert!(matches!(told(&begun, give()), Err(Refusal::IllegalTransition { .. })));
}

#[test]
fn what_was_pending_at_the_receipt_is_told_deleted_once_each() {
    let [one, other, strange] = [1, 2, 3].map(|id| RecordingId(uuid::Uuid::from_u128(id)));
    let pending =
        [one, other].map(|recording_id| Pending { recording_id, call_id: CALL, node_id: NodeId(uuid::Uuid::from_u128(4)) }).to_vec();
    let erased = SubjectEvent::Erased(Erased { pending, ..*finished() });
    let mut before = vec![SubjectEvent::ErasureRequested(requested(Customer)), SubjectEvent::Forgotten(part(0))];
    assert_eq!(told(&before, SubjectAction::Clear(one)), Ok(0), "nothing is signed yet");
    before.push(erased);
    assert_eq!(told(&before, SubjectAction::Finish(finished())), Ok(0));
    assert_eq!(told(&before, SubjectAction::Clear(strange)), Ok(0));
    for file in [one, other] {
        assert_eq!(told(&before, SubjectAction::Clear(file)), Ok(1));
        before.push(SubjectEvent::Cleared(Cleared { recording_id: file }));
        assert_eq!(told(&before, SubjectAction::Clear(file)), Ok(0));
    }
}
