//! What only a shared database can show: several processes on one log, and what the server alone refuses. PostgreSQL.

mod engines;

use engines::{Place, account, all_events, request, stream, write};
use futures_util::future::join_all;
use uuid::Uuid;
use vitrina_domain::{stream::Category, subject::SubjectEvent};
use vitrina_eventlog::{
    AppendError, Expected, Filter, Living, Position, Processes, StreamId, Version,
    chain::{self, GENESIS},
    keyring::SubjectCipher,
};

#[tokio::test]
async fn a_payload_that_only_the_server_refuses_fails_alone() {
    let Some(place) = Place::postgres().await else { return };
    let log = place.open().await;
    let append = |n: u128| {
        let mut r = request(vec![write(stream(n), Expected::Any, 1)]);
        if n == 13 {
            // PostgreSQL's text knows no NUL; nothing before it minds.
            r.reason = Some("a\0b".to_owned());
        }
        if n == 17 {
            r.writes[0].events[0].payload = "{not json".to_owned();
        }
        log.append(r)
    };
    let results = join_all((0..40).map(append)).await;
    for (n, result) in results.iter().enumerate() {
        match n {
            13 | 17 => assert!(matches!(result, Err(AppendError::Refused(_))), "{n}: {result:?}"),
            _ => assert!(result.is_ok(), "{n}: {result:?}"),
        }
    }
    assert_eq!(all_events(&log).await.len(), 38);
}

#[tokio::test]
async fn an_append_waits_for_no_long_read() {
    let Some(place) = Place::postgres().await else { return };
    let Place::Postgres(url) = &place else { unreachable!() };
    let log = place.open().await;
    let (mut client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let (watching, watched) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(watched);
    let holding = client.transaction().await.unwrap();
    holding.batch_execute("LOCK TABLE keys.subject_keys").await.unwrap();
    // More reads than there are connections for them, all waiting.
    let reads: Vec<_> = (0..20)
        .map(|n| {
            let log = log.clone();
            tokio::spawn(async move { log.keyring().load(&[(account(1), Uuid::from_u128(n).into())]).await })
        })
        .collect();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while watching.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < 8 {
        tokio::task::yield_now().await;
    }
    log.append(request(vec![write(stream(1), Expected::Any, 1)])).await.unwrap();
    holding.rollback().await.unwrap();
    assert!(join_all(reads).await.into_iter().all(|read| read.unwrap().is_ok()));
}

#[tokio::test]
async fn a_new_partition_waits_for_no_reader() {
    let Some(place) = Place::postgres().await else { return };
    let Place::Postgres(url) = &place else { unreachable!() };
    place.open().await.close().await;
    let (mut client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    // Half of the first partition is full; the next event makes the second one.
    client.batch_execute("UPDATE log.head SET position = 4999999").await.unwrap();
    let log = place.open().await;
    let reading = client.transaction().await.unwrap();
    reading.query("SELECT position FROM log.events", &[]).await.unwrap();
    let committed = log.append(request(vec![write(stream(1), Expected::Any, 1)])).await.unwrap();
    assert_eq!(committed.position, Position(5_000_000));
    reading.rollback().await.unwrap();
    let made = client.query_one("SELECT to_regclass('log.events_p1') IS NOT NULL", &[]).await.unwrap();
    assert!(made.get::<_, bool>(0));
    // What is in a partition is guarded like the rest.
    client.batch_execute("UPDATE log.head SET position = 9999999").await.unwrap();
    let there = log.append(request(vec![write(stream(1), Expected::Any, 1)])).await.unwrap();
    assert_eq!(there.position, Position(10_000_000));
    assert!(client.execute("DELETE FROM log.events_p1", &[]).await.is_err());
}

#[tokio::test]
async fn several_processes_on_one_database_write_one_dense_log() {
    let Some(place) = Place::postgres().await else { return };
    let logs = [place.open().await, place.open().await, place.open().await];
    let mut reader = logs[2].subscribe(Position::ZERO, Filter::default());
    let append = |n: u128| {
        let log = logs[(n % 2) as usize].clone();
        // One hot stream with a version that the writer cannot know, and one of its own.
        async move { log.append(request(vec![write(stream(0), Expected::Any, 1), write(stream(1 + n), Expected::NoStream, 1)])).await.unwrap() }
    };
    let committed = join_all((0..400).map(append)).await;
    let mut seen = Vec::new();
    while seen.len() < 800 {
        seen.extend(reader.next(64).await.unwrap().events);
    }
    assert!(seen.iter().enumerate().all(|(index, event)| event.position.0 == index as i64 + 1));
    assert_eq!(seen.iter().filter(|e| e.stream == stream(0)).map(|e| e.version.0).max(), Some(400));
    let mut positions: Vec<_> = committed.iter().map(|c| c.position).collect();
    positions.sort();
    positions.dedup();
    assert_eq!(positions.len(), 400);
    let mut previous = GENESIS;
    for event in &seen {
        assert_eq!(event.hash, chain::expected_hash(&previous, event));
        previous = event.hash;
    }
}

#[tokio::test]
async fn a_stale_memory_of_a_stream_is_found_out() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (place.open().await, place.open().await);
    let exact = |version| request(vec![write(stream(1), Expected::Exact(Version(version)), 1)]);
    one.append(request(vec![write(stream(1), Expected::NoStream, 1)])).await.unwrap();
    other.append(exact(1)).await.unwrap();
    // `one` remembers version 1; it must neither accept on it nor refuse on it for ever.
    assert!(matches!(one.append(exact(1)).await, Err(AppendError::Conflict { actual: Version(2), .. })));
    one.append(exact(2)).await.unwrap();
    assert!(matches!(other.append(exact(2)).await, Err(AppendError::Conflict { actual: Version(3), .. })));
}

#[tokio::test]
async fn in_its_turn_a_command_cannot_be_overtaken() {
    let Some(place) = Place::postgres().await else { return };
    let (slow, fast) = (place.open().await, place.open().await);
    let hammering = {
        let fast = fast.clone();
        tokio::spawn(async move {
            loop {
                fast.append(request(vec![write(stream(1), Expected::Any, 1)])).await.unwrap();
            }
        })
    };
    for _ in 0..20 {
        let turn = slow.turn().await.unwrap();
        let seen = slow.read_stream(stream(1), Version::ZERO, 100_000).await.unwrap();
        let expected = seen.last().map_or(Expected::NoStream, |event| Expected::After(event.event_id));
        let committed = turn.append(request(vec![write(stream(1), expected, 1)])).outcome().await.unwrap();
        assert_eq!(committed.version.0, seen.len() as i64 + 1);
    }
    hammering.abort();
}

#[tokio::test]
async fn batches_under_way_at_the_same_time_hold_or_fail_together_when_another_process_writes() {
    let Some(place) = Place::postgres().await else { return };
    let logs = [place.open().await, place.open().await];
    // Crowds on both, opening streams and writing on to them at once, so that a batch rests on the one under way before.
    let visits = (0..2_usize).flat_map(|process| (0..48_u128).map(move |n| (process, n)));
    let visits = visits.map(|(process, n)| {
        let log = logs[process].clone();
        tokio::spawn(async move {
            let own = stream(1000 * (process as u128 + 1) + n);
            for round in 0..12 {
                let expected = if round == 0 { Expected::NoStream } else { Expected::Exact(Version(round)) };
                log.append(request(vec![write(own, expected, 1)])).await.unwrap();
            }
        })
    });
    for visit in visits.collect::<Vec<_>>() {
        visit.await.unwrap();
    }
    let events = all_events(&logs[0]).await;
    assert_eq!(events.len(), 2 * 48 * 12);
    let mut link = GENESIS;
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, Position(position));
        link = chain::expected_hash(&link, event);
        assert_eq!(event.hash, link, "the chain at {position}");
    }
}

#[tokio::test]
async fn a_process_that_ends_without_a_word_is_noticed_by_the_others() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (place.open().await, place.open().await);
    let (stays, dies) = (Processes::enter(&one).await.unwrap(), Processes::enter(&other).await.unwrap());
    let (survivor, victim) = (*stays.own().borrow(), *dies.own().borrow());
    let mut living = stays.living();
    let both = |known: &Option<Living>| known.as_ref().is_some_and(|known| known.processes == [survivor, victim].into());
    living.wait_for(both).await.unwrap();
    // Dropped, it counts no more and says nothing.
    drop(dies);
    living.wait_for(|known| known.as_ref().is_some_and(|known| known.processes == [survivor].into())).await.unwrap();
    stays.leave().await;
}

#[tokio::test]
async fn a_process_that_was_taken_for_dead_begins_a_new_life() {
    let Some(place) = Place::postgres().await else { return };
    let Place::Postgres(url) = &place else { unreachable!() };
    let log = place.open().await;
    let processes = Processes::enter(&log).await.unwrap();
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut own = processes.own();
    let before = *own.borrow_and_update();
    client.execute("DELETE FROM log.processes", &[]).await.unwrap();
    let after = *own.wait_for(|id| *id != before).await.unwrap();
    let mut living = processes.living();
    living.wait_for(|known| known.as_ref().is_some_and(|known| known.processes == [after].into())).await.unwrap();
    processes.leave().await;
    assert_eq!(client.query("SELECT process_id FROM log.processes", &[]).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_process_that_only_follows_forgets_the_key_of_whoever_is_to_be_forgotten() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (place.open().await, place.open().await);
    let person = Uuid::from_u128(77);
    let subject = (account(1), person.into());
    one.keyring().ensure(&[subject]).await.unwrap();
    other.keyring().load(&[subject]).await.unwrap();
    assert!(matches!(other.keyring().cached(&subject), Some(SubjectCipher::Key(_))));
    let mut following = other.subscribe(Position::ZERO, Filter::default());
    let mut asked = write(StreamId::new(account(1), Category::Subject, person), Expected::NoStream, 1);
    asked.events[0].event_type = SubjectEvent::ERASURE_REQUESTED;
    one.append(request(vec![asked])).await.unwrap();
    assert_eq!(following.next(10).await.unwrap().events.len(), 1);
    assert!(matches!(other.keyring().cached(&subject), Some(SubjectCipher::Destroyed)));
}
