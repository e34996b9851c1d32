//! Files that are kept for a while. The clock is the test's.

use super::{Asked, Question, Table, keep};
use crate::{
    reading,
    recording::tests::Place,
    storage::{Key, sweep},
};
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use uuid::Uuid;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    actor::Actor,
    connection::ProcessId,
    export::{Completed, Export, ExportAction},
    ids::{CommandId, ExportId},
};
use vitrina_projections::export_jobs::{self, ExportStage};

#[tokio::test]
async fn a_file_is_deleted_when_its_time_has_come_and_no_sooner() {
    let place = Place::open().await;
    let (state, account, export) = (&place.state, place.account, ExportId(Uuid::now_v7()));
    let mut asked = Asked::default();
    asked.filters.add("q", Some("Clara"));
    let question = Question::of(state, account, Table::Conversations, asked).await.unwrap();
    let logged = question.logged(export);
    assert!(logged.filters.is_empty() && logged.search.is_some(), "what may be a name is not in the log in clear");
    assert_eq!(Question::from_log(account, &logged).unwrap().logged(export), logged);
    let mut upload = state.storage.upload(&Key::export(account, export));
    upload.write(Bytes::from_static(b"opened_at\r\n")).await.unwrap();
    let kept = upload.finish().await.unwrap();
    let keep_until = Utc::now() + TimeDelta::days(7);
    let completed = Completed { rows: 0, bytes: kept.bytes, sha256: kept.sha256, keep_until };
    let meta = CommandMeta::new(account, CommandId(Uuid::now_v7()), Actor::System("test".into()), Utc::now());
    let both = state.commands.execute(&meta, Vec::new(), |unit| {
        unit.open::<Export>(export, ExportAction::Request(logged.clone(), ProcessId::new(1)))?;
        unit.run::<Export>(export, ExportAction::Complete(completed.clone()))
    });
    both.await.unwrap();
    reading::wait_for(state, state.log.head()).await.unwrap();

    assert_eq!(keep::sweep(state, keep_until - TimeDelta::seconds(1)).await.unwrap(), 0);
    sweep(state, Utc::now() + TimeDelta::days(2)).await.unwrap();
    assert!(state.storage.read(&Key::export(account, export), 0..1).await.is_ok(), "an export names it");
    assert_eq!(keep::sweep(state, keep_until).await.unwrap(), 1);
    reading::wait_for(state, state.log.head()).await.unwrap();
    let row = export_jobs::get(&state.store, account, export).await.unwrap().unwrap();
    assert_eq!((row.stage, row.question.0.search), (ExportStage::Deleted, None));
    assert!(state.storage.read(&Key::export(account, export), 0..1).await.is_err());
    assert_eq!(keep::sweep(state, keep_until).await.unwrap(), 0);
}
