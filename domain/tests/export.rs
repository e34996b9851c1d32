//! Exports: what becomes of one, and that nothing becomes of it twice.

use crate::{given::*, samples};
use vitrina_domain::{connection::ProcessId, event::Event, export::*, refusal::Refusal};

fn question() -> Question {
    let found = samples::samples().into_iter().find_map(|event| match event {
        Event::Export(ExportEvent::Requested(requested)) => Some(requested.question),
        _ => None,
    });
    found.expect("there is a sample of every event")
}

fn completed() -> Completed {
    Completed { rows: 1, bytes: 10, sha256: "ab".repeat(32), keep_until: in_days(7) }
}

fn export(past: &[ExportEvent], action: ExportAction) -> Result<Vec<ExportEvent>, Refusal> {
    when::<Export>(past, BY_OWNER, action)
}

fn requested() -> Vec<ExportEvent> {
    after::<Export>(&[], [(BY_OWNER, ExportAction::Request(question(), ProcessId::new(7)))])
}

#[test]
fn a_file_is_there_once_and_what_is_not_wanted_any_more_does_not_come_back() {
    let made = export(&requested(), ExportAction::Complete(completed())).unwrap();
    assert_eq!(made, vec![ExportEvent::Completed(completed())]);
    let ready = after::<Export>(&requested(), [(BY_OWNER, ExportAction::Complete(completed()))]);
    assert_eq!(export(&ready, ExportAction::Complete(completed())), Ok(vec![]));
    assert_eq!(export(&ready, ExportAction::Fail(ExportFailure::Storage)), Ok(vec![]));
    let deleted = after::<Export>(&requested(), [(BY_OWNER, ExportAction::Delete(Over::ByHand))]);
    assert_eq!(export(&deleted, ExportAction::Complete(completed())), Ok(vec![]));
    assert_eq!(export(&deleted, ExportAction::Delete(Over::Retention)), Ok(vec![]));
}

#[test]
fn only_a_file_that_is_there_is_fetched() {
    let illegal = |state| Err(Refusal::IllegalTransition { state, action: "download" });
    assert_eq!(export(&requested(), ExportAction::Download), illegal("requested"));
    let ready = after::<Export>(&requested(), [(BY_OWNER, ExportAction::Complete(completed()))]);
    assert_eq!(export(&ready, ExportAction::Download), Ok(vec![ExportEvent::Downloaded(Downloaded {})]));
    let failed = after::<Export>(&requested(), [(BY_OWNER, ExportAction::Fail(ExportFailure::Database))]);
    assert_eq!(export(&failed, ExportAction::Download), illegal("failed"));
    let deleted = after::<Export>(&ready, [(BY_OWNER, ExportAction::Delete(Over::Retention))]);
    assert_eq!(export(&deleted, ExportAction::Download), illegal("deleted"));
}

#[test]
fn what_went_over_the_wire_is_no_job() {
    let streamed = after::<Export>(&[], [(BY_OWNER, ExportAction::Stream(question()))]);
    assert_eq!(export(&streamed, ExportAction::Delete(Over::ByHand)), Err(Refusal::NotFound));
    assert_eq!(export(&streamed, ExportAction::Stream(question())), Err(Refusal::AlreadyExists));
    assert_eq!(export(&[], ExportAction::Download), Err(Refusal::NotFound));
}
