//! Files that are kept for a while. The clock is the test's.

use super::{Asked, Question, Table, keep, verify};
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
    account::Invariant,
    actor::Actor,
    connection::ProcessId,
    export::{Completed, Export, ExportAction},
    ids::{CommandId, ExportId},
};
use vitrina_projections::{
    export_jobs::{self, ExportStage},
    integrity::Breach,
};

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

/// A finished export of all calls, whose file is what `change` makes of it and whose manifest counts so many rows more; what is found.
async fn verified(place: &Place, format: &str, rows_more: u64, change: impl Fn(Vec<u8>) -> Vec<u8>) -> (ExportId, Vec<Breach>) {
    let (state, account, export) = (&place.state, place.account, ExportId(Uuid::now_v7()));
    let (from, to) = (Some("2000-01-01".to_owned()), Some("2100-01-01".to_owned()));
    let mut asked = Asked { format: Some(format.to_owned()), from, to, ..Asked::default() };
    asked.filters.add("environment", Some("all"));
    let question = Question::of(state, account, Table::Calls, asked).await.unwrap();
    let (mut answer, mut file) = (question.answer(state).await.unwrap(), Vec::new());
    while let Some(more) = answer.next().await.unwrap() {
        file.extend(more);
    }
    let manifest = question.check(state).await.unwrap();
    assert!(manifest.rows > 0, "there are calls");
    let mut upload = state.storage.upload(&Key::export(account, export));
    upload.write(Bytes::from(change(file))).await.unwrap();
    upload.finish().await.unwrap();
    let keep_until = Utc::now() + TimeDelta::days(7);
    let completed = Completed { rows: manifest.rows + rows_more, bytes: manifest.bytes, sha256: manifest.sha256, keep_until };
    let meta = CommandMeta::new(account, CommandId(Uuid::now_v7()), Actor::System("test".into()), Utc::now());
    let both = state.commands.execute(&meta, Vec::new(), |unit| {
        unit.open::<Export>(export, ExportAction::Request(question.logged(export), ProcessId::new(1)))?;
        unit.run::<Export>(export, ExportAction::Complete(completed.clone()))
    });
    both.await.unwrap();
    reading::wait_for(state, state.log.head()).await.unwrap();
    let row = export_jobs::get(&state.store, account, export).await.unwrap().unwrap();
    (export, verify(state, &row).await.unwrap())
}

#[tokio::test]
async fn rows_of_a_finished_file_are_those_of_its_manifest_and_of_the_list_and_what_is_not_so_is_found() {
    let place = Place::open().await;
    place.call().await;
    place.call().await;
    reading::wait_for(&place.state, place.state.log.head()).await.unwrap();
    for format in ["csv", "jsonl", "xlsx"] {
        assert_eq!(verified(&place, format, 0, |file| file).await.1, [], "{format}");
    }
    let (export, found) = verified(&place, "csv", 1, |file| file).await;
    let rows = found[0].found;
    let breach = |export: ExportId, what: &str, expected, found| {
        let subject = format!("{export} {what}");
        Breach { invariant: Invariant::ExportRows, subject, expected, found }
    };
    assert_eq!(found, [breach(export, "rows", rows + 1, rows), breach(export, "list", rows + 1, rows)]);
    let (export, found) = verified(&place, "csv", 0, |mut file| {
        *file.last_mut().unwrap() = b' ';
        file
    })
    .await;
    assert_eq!(found, [breach(export, "sha256", 1, 0), breach(export, "rows", rows, rows - 1)], "as long, and another");
    let (export, found) = verified(&place, "jsonl", 0, |file| [&file[..], b"{}"].concat()).await;
    assert_eq!(found[1..], [breach(export, "sha256", 1, 0)], "{found:?}");
    assert_eq!((&found[0].subject[..], found[0].found), (&format!("{export} bytes")[..], found[0].expected + 1), "it is longer");
}
