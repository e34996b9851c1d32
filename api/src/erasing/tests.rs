//! Recordings of who is forgotten, with files: those that were given up here, those on a node that is away, and those of later calls.

use super::{remains, round};
use crate::recording::tests::Place;
use chrono::Utc;
use uuid::Uuid;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    actor::Actor,
    call::recording::DeleteCause,
    ids::{CommandId, CustomerId, NodeId},
    subject::{ErasureReason, ErasureRequested, Subject, SubjectAction, SubjectKind},
};
use vitrina_projections::erasures::{self, ErasureRow, ErasureStage};

impl Place {
    async fn forget(&self, customer: CustomerId) -> ErasureRow {
        let meta = CommandMeta::new(self.account, CommandId(Uuid::now_v7()), Actor::System("test".to_owned()), Utc::now());
        let asked = ErasureRequested { kind: SubjectKind::Customer, reason: ErasureReason::Objected };
        let ask = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Subject>(customer, SubjectAction::RequestErasure(asked.clone()));
        self.state.commands.execute(&meta, Vec::new(), ask).await.unwrap();
        self.go_round(customer).await
    }

    async fn go_round(&self, customer: CustomerId) -> ErasureRow {
        round(&self.state, &mut Default::default()).await.unwrap();
        remains::round(&self.state).await.unwrap();
        erasures::get(&self.state.store, self.account, customer.into()).await.unwrap().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_the_disk_had_failed_is_deleted_before_the_receipt_is_signed() {
    let place = Place::open().await;
    let customer = CustomerId(Uuid::now_v7());
    let call = place.call_of(customer).await;
    let recording = place.begun(call, place.state.media.node.id).await;
    place.failed(call, recording).await;
    let path = place.file(call, recording);

    let row = place.forget(customer).await;
    assert!(!path.exists());
    assert_eq!((row.stage, row.outcome.unwrap().0.purged.recordings), (ErasureStage::Erased, 1));
    assert_eq!(place.deletions(call).await, [(recording, DeleteCause::Erased)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_a_node_that_is_away_is_pending_in_the_receipt_and_deleted_when_it_is_back() {
    let place = Place::open().await;
    let customer = CustomerId(Uuid::now_v7());
    let call = place.call_of(customer).await;
    let recording = place.begun(call, NodeId(Uuid::from_u128(9))).await;
    place.lost(call, recording).await;

    let row = place.forget(customer).await;
    assert_eq!((row.stage, row.pending.as_ref().map(|pending| pending.0.len())), (ErasureStage::Pending, Some(1)));
    let outcome = row.outcome.unwrap().0;
    assert_eq!((outcome.purged.recordings, outcome.pending[0].recording_id), (0, recording));
    assert!(outcome.receipt.contains("\nrecordings 0\nrecordings pending 1\n"), "{}", outcome.receipt);
    assert_eq!(place.go_round(customer).await.stage, ErasureStage::Pending, "it is still away");

    // It is back, with the file.
    let path = place.file(call, recording);
    place.mended().await;
    assert!(!path.exists());
    assert_eq!(place.deletions(call).await, [(recording, DeleteCause::Erased)]);
    let row = place.go_round(customer).await;
    assert_eq!((row.stage, row.pending), (ErasureStage::Erased, None));
    assert_eq!(row.outcome.unwrap().0.receipt, outcome.receipt, "what was signed stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_of_somebody_who_is_forgotten_already_is_never_kept() {
    let place = Place::open().await;
    let customer = CustomerId(Uuid::now_v7());
    assert_eq!(place.forget(customer).await.stage, ErasureStage::Erased);
    let call = place.call_of(customer).await;
    let recording = place.begun(call, place.state.media.node.id).await;
    let path = place.file(call, recording);
    place.stopped_and_stored(call, recording, &path).await;
    assert!(!path.exists() && !place.has(&place.key_of(call, recording)).await);
    assert_eq!(place.deletions(call).await, [(recording, DeleteCause::Erased)]);
}
