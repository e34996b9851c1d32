//! What every engine must do: the guarantees G1–G7 and the append protocol. Each case runs on memory, SQLite and
//! PostgreSQL.

mod engines;

use chrono::{DateTime, Duration, Utc};
use engines::{Place, account, all_events, event, request, stream, write};
use futures_util::future::join_all;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;
use vitrina_domain::{ids::EventId, stream::Category};
use vitrina_eventlog::{
    AppendError, Claim, Environment, Expected, Filter, Guard, LogError, Position, StreamId, Version, Write,
    chain::{self, GENESIS},
};

#[tokio::test]
async fn positions_and_versions_are_dense_under_many_callers() {
    for place in Place::all().await {
        let log = place.open().await;
        let append = |n: u128| {
            let log = log.clone();
            async move { log.append(request(vec![write(stream(n % 7), Expected::Any, 1 + (n % 3) as usize)])).await.unwrap() }
        };
        let committed = join_all((0..300).map(append)).await;
        let events = all_events(&log).await;
        assert_eq!(events.len() as i64, log.head().0);
        for (index, event) in events.iter().enumerate() {
            assert_eq!(event.position.0, index as i64 + 1);
        }
        for n in 0..7 {
            let versions: Vec<_> = events.iter().filter(|e| e.stream == stream(n)).map(|e| e.version.0).collect();
            assert_eq!(versions, (1..=versions.len() as i64).collect::<Vec<_>>());
            assert_eq!(log.read_stream(stream(n), Version::ZERO, 1000).await.unwrap().len(), versions.len());
        }
        for one in committed {
            assert!(one.first_position <= one.position && one.position <= log.head());
        }
    }
}

#[tokio::test]
async fn each_of_the_expectations_is_kept() {
    for place in Place::all().await {
        let log = place.open().await;
        let append = |expected| log.append(request(vec![write(stream(1), expected, 1)]));
        let refused = |result| matches!(result, Err(AppendError::Conflict { .. }));
        assert!(refused(append(Expected::Exists).await));
        assert!(refused(append(Expected::Exact(Version(1))).await));
        assert_eq!(append(Expected::NoStream).await.unwrap().version, Version(1));
        assert!(refused(append(Expected::NoStream).await));
        assert_eq!(append(Expected::Exists).await.unwrap().version, Version(2));
        assert!(refused(append(Expected::Exact(Version(1))).await));
        assert_eq!(append(Expected::Exact(Version(2))).await.unwrap().version, Version(3));
        assert_eq!(append(Expected::Any).await.unwrap().version, Version(4));
        let last = log.read_stream(stream(1), Version(3), 1).await.unwrap()[0].event_id;
        assert_eq!(append(Expected::After(last)).await.unwrap().version, Version(5));
        assert!(refused(append(Expected::After(last)).await));
        assert_eq!(log.head(), Position(5));
    }
}

#[tokio::test]
async fn writes_to_several_streams_are_all_or_nothing() {
    for place in Place::all().await {
        let log = place.open().await;
        let both = |second| request(vec![write(stream(1), Expected::Any, 2), write(stream(2), second, 1)]);
        assert!(matches!(log.append(both(Expected::Exists)).await, Err(AppendError::Conflict { .. })));
        assert_eq!(log.ping().await.unwrap(), Position::ZERO);
        assert_eq!(log.append(both(Expected::NoStream)).await.unwrap().position, Position(3));
    }
}

#[tokio::test]
async fn a_guard_on_another_stream_is_kept() {
    for place in Place::all().await {
        let log = place.open().await;
        let guarded = |expected| {
            let mut r = request(vec![write(stream(1), Expected::Any, 1)]);
            r.guards.push(Guard { stream: stream(2), expected });
            log.append(r)
        };
        assert!(matches!(guarded(Expected::Exists).await, Err(AppendError::Conflict { .. })));
        guarded(Expected::NoStream).await.unwrap();
        log.append(request(vec![write(stream(2), Expected::Any, 1)])).await.unwrap();
        assert!(matches!(guarded(Expected::NoStream).await, Err(AppendError::Conflict { .. })));
        guarded(Expected::Exact(Version(1))).await.unwrap();
    }
}

#[tokio::test]
async fn a_name_has_one_holder_until_it_is_given_back() {
    for place in Place::all().await {
        let log = place.open().await;
        let claim = |holder: u128| Claim { scope: "user-email", name: b"a@b.example".to_vec(), holder: Uuid::from_u128(holder) };
        let taking = |holder: u128| {
            let mut r = request(vec![write(stream(holder), Expected::Any, 1)]);
            r.claims.push(claim(holder));
            r
        };
        log.append(taking(1)).await.unwrap();
        assert!(matches!(log.append(taking(2)).await, Err(AppendError::ClaimTaken { holder, .. }) if holder == Uuid::from_u128(1)));
        log.append(taking(1)).await.unwrap();
        assert_eq!(log.holder(account(1), "user-email", b"a@b.example").await.unwrap(), Some(Uuid::from_u128(1)));
        let mut giving = request(vec![write(stream(1), Expected::Any, 1)]);
        giving.releases.push(claim(1));
        log.append(giving).await.unwrap();
        assert_eq!(log.holder(account(1), "user-email", b"a@b.example").await.unwrap(), None);
        log.append(taking(2)).await.unwrap();
    }
}

#[tokio::test]
async fn two_claims_of_one_name_at_once_give_one_holder() {
    for place in Place::all().await {
        let log = place.open().await;
        let take = |n: u128| {
            let mut r = request(vec![write(stream(n), Expected::Any, 1)]);
            r.claims.push(Claim { scope: "s", name: b"n".to_vec(), holder: Uuid::from_u128(n) });
            log.append(r)
        };
        let results = join_all((1..=20).map(take)).await;
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
        assert_eq!(log.head(), Position(1));
    }
}

#[tokio::test]
async fn the_same_command_is_written_once_also_after_a_restart() {
    for place in Place::all().await {
        let log = place.open().await;
        let once = request(vec![write(stream(1), Expected::Any, 2)]);
        let first = log.append(once.clone()).await.unwrap();
        let again = log.append(once.clone()).await.unwrap();
        assert!(!first.replayed && again.replayed);
        assert_eq!((first.position, first.version, first.recorded_at), (again.position, again.version, again.recorded_at));
        assert_eq!(again.result, b"said again");
        log.close().await;
        drop(log);
        let log = place.open().await;
        // Among others, so that a whole batch meets the unique key.
        let others = join_all((0..20).map(|n| log.append(request(vec![write(stream(n), Expected::Any, 1)]))));
        let (repeated, others) = tokio::join!(log.append(once), others);
        assert_eq!(repeated.unwrap().position, first.position);
        assert!(others.iter().all(|o| o.is_ok()));
        assert_eq!(log.head(), Position(22));
    }
}

#[tokio::test]
async fn the_same_command_twice_in_one_batch_is_written_once() {
    for place in Place::all().await {
        let log = place.open().await;
        let once = request(vec![write(stream(1), Expected::Any, 1)]);
        let results = join_all((0..10).map(|_| log.append(once.clone()))).await;
        assert_eq!(results.iter().filter(|r| !r.as_ref().unwrap().replayed).count(), 1);
        assert_eq!(log.head(), Position(1));
    }
}

#[tokio::test]
async fn a_repeated_command_is_a_duplicate_also_where_it_would_be_a_conflict_by_now() {
    for place in Place::all().await {
        let log = place.open().await;
        let once = request(vec![write(stream(1), Expected::NoStream, 1)]);
        let first = log.append(once.clone()).await.unwrap();
        log.close().await;
        drop(log);
        let log = place.open().await;
        let other = log.append(request(vec![write(stream(2), Expected::Any, 1)]));
        let (other, again) = tokio::join!(other, log.append(once));
        assert!(other.is_ok());
        assert_eq!(again.map(|c| (c.position, c.replayed)).map_err(|e| e.to_string()), Ok((first.position, true)));
    }
}

#[tokio::test]
async fn recorded_time_never_goes_back_when_the_clock_does() {
    for place in Place::all().await {
        let seconds = Arc::new(AtomicI64::new(1000));
        let read = Arc::clone(&seconds);
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let log = place.open_at(move || start + Duration::seconds(read.load(Ordering::SeqCst))).await;
        for now in [1000, 2000, 500, 1500, 3000] {
            seconds.store(now, Ordering::SeqCst);
            log.append(request(vec![write(stream(1), Expected::Any, 1)])).await.unwrap();
        }
        let times: Vec<_> = all_events(&log).await.iter().map(|e| e.recorded_at.timestamp()).collect();
        assert_eq!(times, [1000, 2000, 2000, 2000, 3000]);
        let at = |second| log.position_at(start + Duration::seconds(second));
        assert_eq!(at(999).await.unwrap(), Position::ZERO);
        assert_eq!(at(1000).await.unwrap(), Position(1));
        assert_eq!(at(2500).await.unwrap(), Position(4));
        assert_eq!(at(9999).await.unwrap(), Position(5));
    }
}

#[tokio::test]
async fn a_subscription_catches_up_and_goes_on_without_gap_or_double() {
    for place in Place::all().await {
        let log = place.open().await;
        for n in 0..50 {
            log.append(request(vec![write(stream(n % 5), Expected::Any, 1)])).await.unwrap();
        }
        let mut subscription = log.subscribe(Position(10), Filter::default());
        let appender = log.clone();
        let writing = tokio::spawn(async move {
            for n in 0..150 {
                appender.append(request(vec![write(stream(n % 5), Expected::Any, 1)])).await.unwrap();
            }
        });
        let mut seen = Vec::new();
        while seen.len() < 190 {
            seen.extend(subscription.next(7).await.unwrap().events.iter().map(|e| e.position.0));
        }
        writing.await.unwrap();
        assert_eq!(seen, (11..=200).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_filtered_subscription_still_tells_how_far_it_has_read() {
    for place in Place::all().await {
        let log = place.open().await;
        for n in 0..10 {
            log.append(request(vec![write(stream(n), Expected::Any, 1)])).await.unwrap();
        }
        let other = Filter { account: Some(account(2)), ..Filter::default() };
        let batch = log.subscribe(Position::ZERO, other).next(100).await.unwrap();
        assert!(batch.is_empty());
        assert_eq!(batch.upto, Position(10));
    }
}

#[tokio::test]
async fn every_accounts_chain_verifies_and_each_has_its_own() {
    for place in Place::all().await {
        let log = place.open().await;
        for n in 0..30_u128 {
            let stream = StreamId::new(account(1 + n % 3), Category::Call, Uuid::from_u128(n % 4));
            log.append(request(vec![write(stream, Expected::Any, 2)])).await.unwrap();
        }
        log.close().await;
        drop(log);
        let log = place.open().await;
        log.append(request(vec![write(stream(9), Expected::Any, 1)])).await.unwrap();
        for n in 1..=3 {
            let mut previous = GENESIS;
            for event in all_events(&log).await.iter().filter(|e| e.stream.account == account(n)) {
                assert_eq!(event.hash, chain::expected_hash(&previous, event), "position {}", event.position);
                previous = event.hash;
            }
        }
        let mut changed = (*all_events(&log).await[0]).clone();
        changed.reason = Some(String::new());
        assert_ne!(changed.hash, chain::expected_hash(&GENESIS, &changed));
    }
}

#[tokio::test]
async fn a_request_without_events_or_for_another_account_is_refused() {
    for place in Place::all().await {
        let log = place.open().await;
        let mut foreign = request(vec![write(stream(1), Expected::Any, 1)]);
        foreign.account = account(2);
        for bad in [request(vec![]), request(vec![write(stream(1), Expected::Any, 0)]), foreign] {
            assert!(matches!(log.append(bad).await, Err(AppendError::Refused(_))));
        }
        assert_eq!(log.ping().await.unwrap(), Position::ZERO);
    }
}

#[tokio::test]
async fn a_closed_log_refuses_and_has_written_what_came_before() {
    for place in Place::all().await {
        let log = place.open().await;
        let waiting: Vec<_> = (0..100).map(|n| log.slot().unwrap().append(request(vec![write(stream(n), Expected::Any, 1)]))).collect();
        log.close().await;
        assert!(join_all(waiting.into_iter().map(|p| p.outcome())).await.iter().all(Result::is_ok));
        assert!(log.append(request(vec![write(stream(1), Expected::Any, 1)])).await.is_err());
    }
}

#[tokio::test]
async fn a_statement_that_fails_for_everybody_is_no_fault_of_the_request() {
    for place in Place::all().await {
        let log = place.open().await;
        let append = || log.append(request(vec![write(stream(1), Expected::Any, 1)]));
        append().await.unwrap();
        match &place {
            Place::Memory(_) => continue,
            Place::Sqlite(folder) => {
                let file = rusqlite::Connection::open(folder.join("log.sqlite")).unwrap();
                file.execute_batch("ALTER TABLE commands RENAME TO mislaid").unwrap();
            }
            Place::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute("ALTER TABLE log.commands RENAME TO mislaid").await.unwrap();
            }
        }
        let failed = append().await;
        assert!(matches!(failed, Err(AppendError::Log(LogError::Database(_)))), "{failed:?}");
    }
}

#[tokio::test]
async fn nobody_can_change_or_remove_an_event() {
    for place in Place::all().await {
        let log = place.open().await;
        log.append(request(vec![write(stream(1), Expected::Any, 1)])).await.unwrap();
        match &place {
            Place::Memory(_) => {}
            Place::Sqlite(folder) => {
                let file = rusqlite::Connection::open(folder.join("log.sqlite")).unwrap();
                assert!(file.execute("UPDATE events SET actor = 'x'", []).is_err());
                assert!(file.execute("DELETE FROM events", []).is_err());
            }
            Place::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                assert!(client.execute("UPDATE log.events SET actor = 'x'", &[]).await.is_err());
                assert!(client.execute("DELETE FROM log.events", &[]).await.is_err());
            }
        }
        assert_eq!(all_events(&log).await.len(), 1);
    }
}

#[tokio::test]
async fn a_second_process_on_one_folder_and_another_master_key_are_refused() {
    let place = Place::sqlite();
    let Place::Sqlite(folder) = &place else { unreachable!() };
    let log = place.open().await;
    let second = vitrina_eventlog::engine::sqlite::open(folder, &engines::master());
    assert!(second.err().unwrap().to_string().contains("another process"));
    log.close().await;
    drop(log);
    let other = vitrina_eventlog::keyring::MasterKey::new([8; 32]);
    let refused = vitrina_eventlog::engine::sqlite::open(folder, &other).err().unwrap().to_string();
    assert!(refused.contains("master key"), "{refused}");
}

#[tokio::test]
async fn an_event_keeps_every_part_of_its_envelope() {
    for place in Place::all().await {
        let log = place.open().await;
        let mut r = request(vec![Write {
            stream: stream(1),
            expected: Expected::Any,
            environment: Environment::Test,
            events: vec![event("é\u{1F600}\"")],
        }]);
        r.writes[0].events[0].payload = r#"{"tag":"é 😀 \" \u0000"}"#.to_owned();
        r.causation_id = Some(EventId(Uuid::now_v7()));
        r.reason = Some("because".to_owned());
        log.append(r.clone()).await.unwrap();
        log.close().await;
        drop(log);
        let log = place.open().await;
        let stored = &all_events(&log).await[0];
        let sent = &r.writes[0].events[0];
        assert_eq!(stored.payload, sent.payload);
        assert_eq!((stored.event_id, stored.occurred_at, stored.schema_version), (sent.event_id, sent.occurred_at, 1));
        assert_eq!((stored.command_id, stored.correlation_id, stored.causation_id), (r.command_id, r.correlation_id, r.causation_id));
        assert_eq!((&stored.actor, &stored.reason, stored.environment), (&r.actor, &r.reason, r.writes[0].environment));
        assert_eq!(stored.event_type, "conversation.tag_added");
    }
}
