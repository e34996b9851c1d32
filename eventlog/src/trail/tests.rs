//! Whatever is done to an exported log is found, at the place where it was done.

use super::{
    Source,
    export::Export,
    fault::What,
    verify::{Verdict, verify, verify_after},
};
use crate::{
    AppendRequest, Environment, EventLog, Expected, NewEvent, Position, StreamId, Write, engine::memory, keyring::MasterKey, log::Options,
};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId, CorrelationId, EventId},
    stream::Category,
};

const ONE: AccountId = AccountId(Uuid::from_u128(1));

fn request(n: u128) -> AppendRequest {
    let account = if n % 3 == 2 { AccountId(Uuid::from_u128(2)) } else { ONE };
    let event = |_| NewEvent {
        event_type: "call.claimed",
        schema_version: 1,
        event_id: EventId(Uuid::now_v7()),
        occurred_at: DateTime::from_timestamp_micros(1_790_000_000_000_000 + n as i64).unwrap(),
        payload: format!(r#"{{"n":{n},"said":"ñ \n \"{n}\""}}"#),
    };
    AppendRequest {
        account,
        command_id: CommandId(Uuid::now_v7()),
        fingerprint: [0; 16],
        correlation_id: CorrelationId(Uuid::now_v7()),
        causation_id: n.is_multiple_of(2).then(|| EventId(Uuid::now_v7())),
        actor: Actor::System("test".to_owned()),
        reason: n.is_multiple_of(5).then(|| "a \"reason\"\n".to_owned()),
        writes: vec![Write {
            stream: StreamId::new(account, Category::Call, Uuid::from_u128(n % 4)),
            expected: Expected::Any,
            environment: Environment::Production,
            events: (0..1 + n % 2).map(event).collect(),
        }],
        guards: vec![],
        claims: vec![],
        releases: vec![],
        result: vec![],
    }
}

async fn written(account: Option<AccountId>, after: Option<Position>) -> Vec<u8> {
    let log = EventLog::open(memory::open(), Options::new(MasterKey::new([7; 32]))).await.unwrap();
    for n in 0..30 {
        log.append(request(n)).await.unwrap();
    }
    let source: Arc<dyn Source> = Arc::new(log.clone());
    let mut export = match (account, after) {
        (Some(account), Some(after)) => Export::after(source, account, after, log.head(), Utc::now()).await.unwrap().unwrap(),
        _ => Export::whole(source, account, log.head(), Utc::now()).await.unwrap(),
    };
    let mut file = Vec::new();
    while let Some(chunk) = export.next().await.unwrap() {
        file.extend(chunk);
    }
    file
}

/// A whole log, that of one account, and the end of it.
static FILES: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { [written(None, None).await, written(Some(ONE), None).await, written(Some(ONE), Some(Position(5))).await] })
});

fn checked(file: &[u8]) -> Verdict {
    verify(file, |_, _, _| {}).unwrap()
}

fn lines(file: &[u8]) -> Vec<Vec<u8>> {
    file.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn first_fault(file: &[u8]) -> Option<u64> {
    let verdict = checked(file);
    verdict.chains.faults.told.iter().map(|fault| fault.line.unwrap()).min()
}

#[test]
fn an_exported_log_that_nobody_touched_holds() {
    for file in FILES.iter() {
        let verdict = checked(file);
        assert!(verdict.holds(), "{:?}", verdict.chains.faults);
        assert_eq!(verdict.chains.events as usize + 2, lines(file).len());
    }
}

#[test]
fn what_was_done_is_said_as_what_it_was() {
    let file = &FILES[1];
    let what = |file: Vec<Vec<u8>>| checked(&file.concat()).chains.faults.told.remove(0).what;
    let mut swapped = lines(file);
    swapped.swap(5, 6);
    assert!(matches!(what(swapped), What::OutOfOrder { .. }));
    let mut doubled = lines(file);
    doubled.insert(5, doubled[4].clone());
    assert!(matches!(what(doubled), What::Repeated));
    let mut removed = lines(file);
    removed.remove(5);
    assert!(matches!(what(removed), What::Missing { .. } | What::Unlinked { .. }));
    let mut changed = lines(&FILES[0]);
    changed[5] = String::from_utf8(changed[5].clone()).unwrap().replace("system:test", "system:rest").into_bytes();
    assert_eq!(what(changed), What::Changed);
    let mut hash = lines(file);
    let at = hash[5].len() - 10;
    hash[5][at] = if hash[5][at] == b'0' { b'1' } else { b'0' };
    assert!(matches!(what(hash), What::HashChanged));
    let mut cut = lines(file);
    cut.pop();
    assert!(matches!(what(cut), What::Cut { .. }));
    let mut holed = lines(&FILES[0]);
    holed.remove(5);
    assert!(matches!(what(holed), What::Hole { .. } | What::Missing { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_changed_byte_is_found_on_its_line(which in 0..3_usize, at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut file = FILES[which].clone();
        let at = at.index(file.len());
        file[at] ^= flip;
        let line = FILES[which][..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let found = first_fault(&file);
        let is_end_of_line = FILES[which][at] == b'\n';
        // The head is under no hash but that of the file.
        prop_assert!(found == Some(line) || is_end_of_line && found == Some(line + 1) || line == 1 && found.is_some(), "line {line}, found {found:?}");
    }

    #[test]
    fn lines_that_are_removed_moved_doubled_or_cut_off_are_found_there(which in 0..3_usize, at in any::<prop::sample::Index>(), how in 0..5_u8) {
        let mut file = lines(&FILES[which]);
        // An event that has one after it.
        let at = 1 + at.index(file.len() - 3);
        let line = at as u64 + 1;
        let around = match how {
            0 => { file.remove(at); line..=line }
            1 => { file.swap(at, at + 1); line..=line + 1 }
            2 => { file.insert(at, file[at].clone()); line..=line + 1 }
            3 => { file.truncate(at + 1); line + 1..=line + 1 }
            _ => { let moved = file.remove(at); let last = file.len() - 1; file.insert(last, moved); line..=line }
        };
        let found = first_fault(&file.concat());
        prop_assert!(found.is_some_and(|found| around.contains(&found)), "line {line}, found {found:?}");
    }
}

async fn drained(mut export: Export) -> Vec<u8> {
    let mut file = Vec::new();
    while let Some(chunk) = export.next().await.unwrap() {
        file.extend(chunk);
    }
    file
}

#[tokio::test]
async fn files_that_go_on_where_the_one_before_ended_are_checked_as_one() {
    let log = EventLog::open(memory::open(), Options::new(MasterKey::new([7; 32]))).await.unwrap();
    for n in 0..30 {
        log.append(request(n)).await.unwrap();
    }
    let (source, now): (Arc<dyn Source>, _) = (Arc::new(log.clone()), DateTime::UNIX_EPOCH);
    let all = drained(Export::whole(source.clone(), Some(ONE), log.head(), now).await.unwrap()).await;
    let first = drained(Export::whole(source.clone(), Some(ONE), Position(20), now).await.unwrap()).await;
    let checked = |before, file: &[u8]| verify_after(before, file, |_, _, _| {}).unwrap();
    let end = checked(None, &first).chains.end.0;
    let next = drained(Export::after(source, ONE, end, log.head(), now).await.unwrap().unwrap()).await;
    let both = checked(Some(checked(None, &first)), &next);
    assert!(both.holds(), "{:?}", both.chains.faults);
    assert_eq!(both.chains.roots(), checked(None, &all).chains.roots());
    let alone = checked(None, &next);
    assert!(alone.holds() && alone.chains.roots().is_empty());
    let wrong = checked(Some(checked(None, &all)), &next);
    assert!(wrong.chains.faults.told.iter().any(|fault| matches!(fault.what, What::Apart { .. })), "{:?}", wrong.chains.faults);
}
