//! However a history is cut into batches, the tables are the same, and the same on both engines.

use super::{
    engines::{Place, assert_same, contents},
    story::{self, Story},
};
use crate::{
    Store,
    fold::{CACHED_ROWS_MAX, Projection},
    runner::builds::{Survey, prepare},
    sql::{Row, commit::Outcome},
};
use proptest::prelude::*;
use std::sync::Arc;
use vitrina_eventlog::{Decoded, Position};

/// Folds a history in batches of these sizes, over and over.
pub(super) async fn fold(store: &Store, events: &[Decoded], sizes: &[usize]) {
    fold_into(store, &crate::all(), events, sizes).await;
}

/// The same, into some of the read models.
pub(super) async fn fold_into(store: &Store, projections: &[Arc<dyn Projection>], events: &[Decoded], sizes: &[usize]) {
    let writer = store.writer().await.unwrap();
    prepare(&writer, projections, Position(i64::MAX)).await.unwrap();
    let mut group = Survey::look(&writer).await.unwrap().group(projections);
    let mut left = events;
    for size in sizes.iter().cycle() {
        if left.is_empty() {
            break;
        }
        let (batch, rest) = left.split_at((*size).clamp(1, left.len()));
        assert_eq!(group.step(&writer, batch).await.unwrap(), Outcome::Committed);
        left = rest;
    }
}

async fn folded(place: &Place, events: &[Decoded], sizes: &[usize]) -> Vec<(&'static str, Vec<Row>)> {
    let store = place.open().await;
    fold(&store, events, sizes).await;
    contents(&store).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn batches_of_any_size_lead_to_the_same_rows(seed in any::<u64>(), sizes in prop::collection::vec(1usize..200, 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let log = story::log().await;
            Story::new(seed).tell(&log, 600).await;
            let events = story::decoded(&log).await;
            let whole = folded(&Place::sqlite(), &events, &[usize::MAX]).await;
            let cut = folded(&Place::sqlite(), &events, &sizes).await;
            assert_same(&whole, &cut);
        });
    }
}

#[tokio::test]
async fn one_by_one_and_all_at_once_are_the_same_on_both_engines() {
    let log = story::log().await;
    let mut story = Story::new(7);
    story.tell(&log, 1_500).await;
    story::append(&log, vec![story.nobody_is_forgotten()]).await;
    let events = story::decoded(&log).await;
    let reference = folded(&Place::sqlite(), &events, &[1]).await;
    for (table, rows) in &reference {
        assert!(!rows.is_empty(), "the story says nothing about {table}");
    }
    for sizes in [&[1][..], &[3, 50, 1], &[usize::MAX]] {
        for place in Place::all().await {
            assert_same(&reference, &folded(&place, &events, sizes).await);
        }
    }
}

#[tokio::test]
async fn rows_that_have_left_the_cache_are_loaded_again() {
    // More conversations than rows are kept; then all of them go on.
    let story_size = 1_200;
    assert!(CACHED_ROWS_MAX > story_size, "the bound is larger than a test should be: the cache is dropped by hand instead");
    let log = story::log().await;
    Story::new(11).tell(&log, story_size).await;
    let events = story::decoded(&log).await;
    let reference = folded(&Place::sqlite(), &events, &[usize::MAX]).await;
    for place in Place::all().await {
        let store = place.open().await;
        let writer = store.writer().await.unwrap();
        prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
        for batch in events.chunks(37) {
            // A new group knows no row.
            let mut group = Survey::look(&writer).await.unwrap().group(&crate::all());
            assert_eq!(group.step(&writer, batch).await.unwrap(), Outcome::Committed);
        }
        assert_same(&reference, &contents(&store).await);
    }
}

#[tokio::test]
async fn a_gap_and_a_repetition_stop_the_fold() {
    let log = story::log().await;
    Story::new(3).tell(&log, 100).await;
    let events = story::decoded(&log).await;
    let place = Place::sqlite();
    let store = place.open().await;
    let writer = store.writer().await.unwrap();
    prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let mut group = Survey::look(&writer).await.unwrap().group(&crate::all());
    assert!(matches!(group.step(&writer, &events[1..10]).await, Err(crate::Error::Gap { .. })));
    assert_eq!(group.step(&writer, &events[..10]).await.unwrap(), Outcome::Committed);
    assert!(matches!(group.step(&writer, &events[..10]).await, Err(crate::Error::Gap { .. })));
}

#[tokio::test]
async fn of_two_writers_at_the_same_checkpoint_one_loses_and_writes_nothing() {
    let log = story::log().await;
    Story::new(5).tell(&log, 300).await;
    let events = story::decoded(&log).await;
    let reference = folded(&Place::sqlite(), &events, &[100]).await;
    for place in Place::all().await {
        let store = place.open().await;
        let (one, other) = (store.writer().await.unwrap(), store.writer().await.unwrap());
        prepare(&one, &crate::all(), Position::ZERO).await.unwrap();
        let mut first = Survey::look(&one).await.unwrap().group(&crate::all());
        let mut second = Survey::look(&other).await.unwrap().group(&crate::all());
        assert_eq!(first.step(&one, &events[..100]).await.unwrap(), Outcome::Committed);
        assert_eq!(second.step(&other, &events[..150]).await.unwrap(), Outcome::Lost);
        let mut second = Survey::look(&other).await.unwrap().group(&crate::all());
        assert_eq!(second.position(), Position(100));
        assert_eq!(second.step(&other, &events[100..]).await.unwrap(), Outcome::Committed);
        assert_same(&reference, &contents(&store).await);
    }
}
