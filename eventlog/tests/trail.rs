//! The log in its tables: whatever is done to them from outside is found, and a log that is taken away can be brought into another
//! engine as it was.

mod engines;

use chrono::Utc;
use engines::{Place, account, master, request, stream, write};
use std::{collections::BTreeSet, io::BufReader, sync::Arc};
use uuid::Uuid;
use vitrina_domain::stream::Category;
use vitrina_eventlog::{
    EventLog, Expected, LogError, Position, StreamId,
    engine::{postgres, sqlite},
    log::Options,
    trail::{
        chains::Chains,
        export::Export,
        import::{ImportError, import},
        live::{Tables, check},
        verify::verify,
        witness::Witness,
    },
};

/// Events of two accounts in several streams, at least forty.
async fn fill(log: &EventLog) {
    for n in 0..20 {
        let of_other = StreamId::new(account(2), Category::Conversation, Uuid::from_u128(100 + n % 2));
        let one = if n % 4 == 3 { of_other } else { stream(n % 3) };
        log.append(request(vec![write(one, Expected::Any, 1 + (n % 4) as usize)])).await.expect("it works in a test");
    }
}

fn tables(place: &Place) -> Arc<dyn Tables> {
    match place {
        Place::Sqlite(folder) => sqlite::source(folder).expect("it works in a test"),
        Place::Postgres(url) => postgres::source(url).expect("it works in a test"),
        Place::Memory(_) => unreachable!("it has no tables"),
    }
}

async fn checked(place: &Place) -> Chains {
    check(&*tables(place), &mut Witness::default(), |_, _| {}).await.expect("it works in a test")
}

/// Does it to the tables as somebody with the password of the database can. Names are those of PostgreSQL.
async fn tamper(place: &Place, statements: &str) {
    match place {
        Place::Sqlite(folder) => {
            let connection = rusqlite::Connection::open(folder.join(sqlite::LOG_FILE)).expect("it works in a test");
            let plain = statements.replace("log.head", "log_head").replace("log.", "").replace("::json", "");
            connection
                .execute_batch(&format!(
                    "DROP TRIGGER IF EXISTS events_are_never_changed; DROP TRIGGER IF EXISTS events_are_never_removed; {plain}"
                ))
                .expect("it works in a test");
        }
        Place::Postgres(url) => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("it works in a test");
            tokio::spawn(connection);
            let all = format!("DROP TRIGGER IF EXISTS events_are_never_changed ON log.events; {statements}");
            client.batch_execute(&all).await.expect("it works in a test");
        }
        Place::Memory(_) => unreachable!("it has no tables"),
    }
}

async fn databases() -> Vec<Place> {
    let mut all = vec![Place::sqlite()];
    all.extend(Place::postgres().await);
    all
}

/// What is done, and the positions of which one at least is named.
const TAMPERING: [(&str, &[i64]); 12] = [
    ("UPDATE log.events SET payload = '{\"tag\":\"other\"}'::json WHERE position = 7", &[7]),
    ("UPDATE log.events SET actor = 'system:somebody' WHERE position = 7", &[7]),
    ("UPDATE log.events SET actor = 'nobody' WHERE position = 7", &[7]),
    ("UPDATE log.events SET occurred_at = occurred_at + 1 WHERE position = 7", &[7]),
    ("UPDATE log.events SET recorded_at = recorded_at - 1 WHERE position = 7", &[7]),
    ("UPDATE log.events SET hash = (SELECT hash FROM log.events WHERE position = 8) WHERE position = 7", &[7]),
    ("DELETE FROM log.events WHERE position = 7", &[8]),
    (
        "UPDATE log.events SET position = -7 WHERE position = 7; UPDATE log.events SET position = 7 WHERE position = 8; \
         UPDATE log.events SET position = 8 WHERE position = -7",
        &[7, 8],
    ),
    ("DELETE FROM log.events WHERE position > 30", &[30]),
    ("UPDATE log.streams SET version = version + 1 WHERE stream_key = 1", &[]),
    ("UPDATE log.chains SET hash = (SELECT hash FROM log.events WHERE position = 1)", &[]),
    ("DELETE FROM log.commands WHERE first_position = 1", &[1]),
];

#[tokio::test]
async fn a_row_that_cannot_be_read_as_one_is_named_and_the_others_are_checked() {
    let place = Place::sqlite();
    let log = place.open().await;
    fill(&log).await;
    log.close().await;
    tamper(&place, "UPDATE events SET event_id = x'00' WHERE position = 7; UPDATE events SET actor = 'nobody' WHERE position = 9").await;
    let found: BTreeSet<i64> = checked(&place).await.faults.told.iter().filter_map(|fault| Some(fault.position?.0)).collect();
    assert!(found.contains(&7) && found.contains(&9), "{found:?}");
}

#[tokio::test]
async fn a_log_whose_tail_is_cut_off_is_not_exported_as_a_whole_one() {
    for place in databases().await {
        let log = place.open().await;
        fill(&log).await;
        log.close().await;
        tamper(&place, "DELETE FROM log.events WHERE position > 30").await;
        let source = tables(&place);
        let head = source.head().await.expect("it works in a test");
        let mut export = Export::whole(source, None, head, Utc::now()).await.expect("it works in a test");
        let refused = loop {
            match export.next().await {
                Ok(Some(_)) => {}
                other => break other,
            }
        };
        assert!(matches!(refused, Err(LogError::Damaged { position: Position(31), .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn whatever_is_done_to_the_tables_is_found_and_named() {
    for (what, named) in TAMPERING {
        for place in databases().await {
            // Partitions do not take negative positions, and move rows: the swap is done in another order there.
            let what = if matches!(place, Place::Postgres(_)) { what.replace("-7", "9000000") } else { what.to_owned() };
            let log = place.open().await;
            fill(&log).await;
            log.close().await;
            let before = checked(&place).await;
            assert_eq!(before.faults.count, 0, "{:?}", before.faults);
            tamper(&place, &what).await;
            let after = checked(&place).await;
            assert!(after.faults.count > 0, "{what}");
            let found: BTreeSet<i64> = after.faults.told.iter().filter_map(|fault| Some(fault.position?.0)).collect();
            assert!(named.is_empty() || named.iter().any(|position| found.contains(position)), "{what}: {:?}", after.faults.told);
        }
    }
}

async fn exported(log: &EventLog) -> Vec<u8> {
    let mut export = Export::whole(Arc::new(log.clone()), None, log.head(), Utc::now()).await.expect("it works in a test");
    let mut file = Vec::new();
    while let Some(chunk) = export.next().await.expect("it works in a test") {
        file.extend(chunk);
    }
    file
}

/// A file whose disk fails behind what is here.
struct Broken<'a>(&'a [u8]);

impl std::io::Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() { Err(std::io::Error::other("the disk is gone")) } else { self.0.read(buffer) }
    }
}

#[tokio::test]
async fn a_log_is_brought_into_every_engine_as_it_was_once_and_goes_on_there() {
    let origin = Place::sqlite();
    let log = origin.open().await;
    fill(&log).await;
    let file = exported(&log).await;
    let events = log.read(Position::ZERO, 1_000).await.expect("it works in a test");
    for place in Place::all().await {
        let stores = place.stores().await;
        // One that broke off goes on where it stopped.
        let part = (20..).find(|at| events[*at].command_id != events[at - 1].command_id).expect("it works in a test");
        let half: Vec<u8> = file.split_inclusive(|byte| *byte == b'\n').take(1 + part).flatten().copied().collect();
        let at = |event: &vitrina_eventlog::Recorded| (event.position, event.hash);
        let (whole, begun) = (at(events.last().expect("there are some")), at(&events[part - 1]));
        let broken = import(BufReader::new(Broken(&half)), whole, &*stores.engine, |_| {}).await;
        assert!(matches!(broken, Err(ImportError::File(_))), "{broken:?}");
        let other = import(BufReader::new(&*half), begun, &*stores.engine, |_| {}).await;
        assert!(matches!(other, Err(ImportError::Another { upto, .. }) if upto == whole.0), "{other:?}");
        drop(stores);
        let refused = EventLog::open(place.stores().await, Options::new(master())).await.err().expect("a part of a log is not served");
        assert!(refused.to_string().contains("imported up to position"), "{refused}");
        let stores = place.stores().await;
        let end = import(BufReader::new(&*file), whole, &*stores.engine, |_| {}).await.expect("it works in a test");
        assert_eq!(end, log.head());
        let again = import(BufReader::new(&*file), whole, &*stores.engine, |_| {}).await;
        assert!(matches!(again, Err(ImportError::Again(_))), "{again:?}");
        drop(stores);
        let copy = place.open().await;
        assert_eq!(copy.imported(), log.head());
        assert_eq!(copy.read(Position::ZERO, 1_000).await.expect("it works in a test"), events);
        fill(&copy).await;
        let longer = exported(&copy).await;
        assert!(verify(&*longer, |_, _, _| {}).expect("it works in a test").holds());
        copy.close().await;
        if !matches!(place, Place::Memory(_)) {
            let found = checked(&place).await;
            assert_eq!(found.faults.count, 0, "{:?}", found.faults);
            let refused = import(BufReader::new(&*file), whole, &*place.stores().await.engine, |_| {}).await;
            assert!(matches!(refused, Err(ImportError::AccountExists(_))), "{refused:?}");
        }
    }
}
