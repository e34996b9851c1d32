//! What is deleted when: recordings whose time has come, contents that nothing names.

use super::Place;
use crate::{
    recording::retention,
    storage::{Key, sweep},
};
use chrono::{TimeDelta, Utc};
use uuid::Uuid;
use vitrina_domain::{
    call::{
        CallEvent,
        recording::{DeleteCause, RecordingDeleted},
    },
    ids::{AccountId, FileId},
};
use vitrina_media::record::Form;

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_when_its_time_has_come_and_not_before_and_once() {
    let place = Place::open().await;
    let (call, now) = (place.call().await, Utc::now());
    let short = place.ready(call, now + TimeDelta::days(30)).await;
    let long = place.ready(call, now + TimeDelta::days(60)).await;
    let keys = [short, long].map(|id| Key::recording(place.account, call, id.0, Form::WebM));
    place.caught_up().await;

    let day = |n| now + TimeDelta::days(n);
    assert_eq!(retention::sweep(&place.state, day(29)).await.unwrap(), 0);
    assert_eq!((place.has(&keys[0]).await, place.has(&keys[1]).await), (true, true));
    assert_eq!(retention::sweep(&place.state, day(31)).await.unwrap(), 1);
    assert_eq!((place.has(&keys[0]).await, place.has(&keys[1]).await), (false, true));
    assert_eq!(retention::sweep(&place.state, day(31)).await.unwrap(), 0);
    assert_eq!(place.deletions(call).await, [(short, DeleteCause::Retention)]);

    // As if the process had died between the event and the deed.
    place.put(&keys[0]).await;
    retention::take_away_again(&place.state, Utc::now()).await;
    assert_eq!((place.has(&keys[0]).await, place.has(&keys[1]).await), (false, true));
    assert_eq!(place.deletions(call).await, [(short, DeleteCause::Retention)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_storage_does_not_give_up_is_deleted_once_in_the_record_and_taken_away_when_it_does() {
    let place = Place::open().await;
    let (call, now) = (place.call().await, Utc::now());
    let recording = place.ready(call, now).await;
    let key = Key::recording(place.account, call, recording.0, Form::WebM);
    place.caught_up().await;

    // A folder is nothing that can be removed as an object is.
    let object = place.folder.join("objects").join(key.to_string());
    std::fs::remove_file(&object).unwrap();
    std::fs::create_dir(&object).unwrap();
    assert_eq!(retention::sweep(&place.state, now).await.unwrap(), 1);
    retention::take_away_again(&place.state, Utc::now()).await;
    assert!(object.is_dir(), "it is refused again");
    assert_eq!(retention::sweep(&place.state, now).await.unwrap(), 0, "nothing is due any more");

    std::fs::remove_dir(&object).unwrap();
    place.put(&key).await;
    retention::take_away_again(&place.state, Utc::now()).await;
    assert!(!place.has(&key).await);
    assert_eq!(place.deletions(call).await, [(recording, DeleteCause::Retention)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_while_it_was_brought_to_the_storage_is_not_there_afterwards() {
    let place = Place::open().await;
    let call = place.call().await;
    let brought = place.begun(call, place.state.media.node.id).await;
    let left = place.begun(call, place.state.media.node.id).await;
    for recording_id in [brought, left] {
        let deleted = RecordingDeleted { recording_id, cause: DeleteCause::Erased };
        place.append(call, &CallEvent::RecordingDeleted(deleted)).await;
        // The upload ended after the record had said so, and the storage did not take it back then.
        place.put(&place.key_of(call, recording_id)).await;
    }
    let path = place.file(call, brought);
    place.caught_up().await;

    // The node that had it goes on, and everybody looks for what was left.
    place.stored(call, brought, &path).await;
    assert_eq!((path.exists(), place.has(&place.key_of(call, brought)).await), (false, false));
    assert!(place.has(&place.key_of(call, left)).await);
    retention::take_away_again(&place.state, Utc::now()).await;
    assert!(!place.has(&place.key_of(call, left)).await);
}

#[tokio::test]
async fn a_look_ends_however_much_is_due() {
    let mut looks = 0;
    let sweep = || {
        looks += 1;
        std::future::ready(Ok(retention::AT_ONCE))
    };
    retention::look(sweep).await;
    assert_eq!(looks, retention::IN_A_ROW);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_that_nothing_names_goes_after_a_day_and_what_is_named_or_not_ours_stays() {
    let place = Place::open().await;
    let (call, now) = (place.call().await, Utc::now());
    let recording = Key::recording(place.account, call, place.ready(call, now + TimeDelta::days(60)).await.0, Form::WebM);
    let file = Key::file(place.account, place.shared().await);
    let strays = [Key::file(place.account, FileId(Uuid::now_v7())), Key::recording(place.account, call, Uuid::now_v7(), Form::Matroska)];
    let anothers = Key::file(AccountId(Uuid::now_v7()), FileId(Uuid::now_v7()));
    for key in strays.iter().chain([&anothers]) {
        place.put(key).await;
    }
    let pieces = place.folder.join("objects").join(format!("{recording}#1"));
    std::fs::write(&pieces, b"half").unwrap();
    place.caught_up().await;

    assert_eq!(sweep(&place.state, now).await.unwrap(), 0);
    assert!(pieces.exists() && place.has(&strays[0]).await);
    assert_eq!(sweep(&place.state, now + TimeDelta::days(2)).await.unwrap(), 2);
    assert!(!pieces.exists());
    for key in &strays {
        assert!(!place.has(key).await, "{key}");
    }
    for key in [&recording, &file, &anothers] {
        assert!(place.has(key).await, "{key}");
    }
}
