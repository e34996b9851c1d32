//! Takes follow the call's state and not the order in which its events are looked at.

use super::Place;
use crate::recording::{Taking, studio};
use uuid::Uuid;
use vitrina_domain::{
    call::{
        CallEvent, Claimed, Started,
        media::{ConsentGiven, ConsentKind},
        recording::{Switch, Switched},
    },
    ids::{CallId, ShopperId},
    locale::Locale,
};

impl Place {
    /// A call that is live, and to be recorded.
    async fn recorded(&self) -> CallId {
        let (call, shopper_id) = (self.call().await, ShopperId(Uuid::now_v7()));
        let (kind, text_version) = (ConsentKind::Recording, "1".to_owned());
        for event in [
            CallEvent::Claimed(Claimed { shopper_id, start_by: None }),
            CallEvent::Started(Started { shopper_id }),
            CallEvent::ConsentGiven(ConsentGiven { kind, text_version, locale: Locale::Es }),
            CallEvent::RecordingSwitched(Switched { state: Switch::On }),
        ] {
            self.append(call, &event).await;
        }
        call
    }

    /// Looks at an event of the call's media again, the first or the last of them; the take that is under way then.
    async fn looked_at(&self, call: CallId, which: usize) -> Option<Taking> {
        let events = self.events(call).await;
        let media: Vec<_> = events.into_iter().filter(|event| event.event_type.starts_with("media.session_")).collect();
        studio::one(&self.state, media[which].clone()).await;
        self.state.recording.takes().get(&call).cloned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_event_ends_no_take_of_a_newer_session_and_leaves_none_untapped() {
    let place = Place::open().await;
    let (call, node) = (place.recorded().await, place.state.media.node.id);
    let first = place.opened(call, node).await;
    let taken = place.looked_at(call, 0).await.unwrap();
    assert_eq!(taken.session, first);
    place.closed(call, first).await;
    let second = place.opened(call, node).await;

    // The end of the first is looked at when the second has begun.
    let taken = place.looked_at(call, 1).await.unwrap();
    assert_eq!(taken.session, second);
    for late in [0, 1, 2] {
        let still = place.looked_at(call, late).await.unwrap();
        assert_eq!((still.session, still.take), (second, taken.take), "event {late}");
    }
    place.closed(call, second).await;
    assert!(place.looked_at(call, 0).await.is_none(), "whatever is looked at, nothing is there any more");
}
