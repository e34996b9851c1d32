//! Recordings on nodes that do not come back, and on one that does after all.

use super::Place;
use crate::recording::abandoned::give_up;
use chrono::{TimeDelta, Utc};
use uuid::Uuid;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    actor::Actor,
    call::{Call, CallAction, RecordingAction},
    ids::{CommandId, NodeId, RecordingId},
};
use vitrina_projections::recordings::{RecordingStage, get};

impl Place {
    async fn stage(&self, recording: RecordingId) -> RecordingStage {
        self.caught_up().await;
        get(&self.state.store, self.account, recording, self.state.applied()).await.unwrap().unwrap().row.stage
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_has_that_does_not_come_back_is_lost_after_days_and_found_when_it_does() {
    let place = Place::open().await;
    let (call, gone, now) = (place.call().await, NodeId(Uuid::from_u128(9)), Utc::now());
    let (theirs, own) = (place.begun(call, gone).await, place.begun(call, place.state.media.node.id).await);
    // Another one is written still, however long ago it was begun.
    let long = place.call().await;
    place.opened(long, gone).await;
    let written = place.begun(long, gone).await;
    place.caught_up().await;

    give_up(&place.state, now + TimeDelta::days(2)).await.unwrap();
    assert_eq!(place.stage(theirs).await, RecordingStage::Recording);
    for _ in 0..2 {
        give_up(&place.state, now + TimeDelta::days(4)).await.unwrap();
        let stages = (place.stage(theirs).await, place.stage(own).await, place.stage(written).await);
        assert_eq!(stages, (RecordingStage::Lost, RecordingStage::Recording, RecordingStage::Recording));
    }
    let lost = place.events(call).await.iter().filter(|event| event.event_type.as_ref() == "recording.lost").count();
    assert_eq!(lost, 1);

    let back = RecordingAction::Stop { recording_id: theirs, duration_ms: 5, corrected: true };
    let meta = CommandMeta::new(place.account, CommandId(Uuid::now_v7()), Actor::System("test".to_owned()), Utc::now());
    let unit = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Call>(call, CallAction::Recording(back.clone()));
    place.state.commands.execute(&meta, Vec::new(), unit).await.unwrap();
    assert_eq!(place.stage(theirs).await, RecordingStage::Stopped);
}
