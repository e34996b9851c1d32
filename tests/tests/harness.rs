//! The harness itself: what the other suites rest on.

use std::time::Duration;
use vitrina_tests::{
    engine::{Engine, Place, Store},
    leash::Leash,
    patience::wait_for,
    postgres::{self, Durability, Postgres, Stop},
};

#[test]
fn what_was_committed_before_an_immediate_stop_is_there_after_it() {
    let server = Postgres::start(Durability::Fsync);
    let database = server.database("stop");
    postgres::query(&database.url, "CREATE TABLE t AS SELECT 1 AS n").unwrap();
    server.stop(Stop::Immediate);
    assert!(postgres::query(&database.url, "SELECT n FROM t").is_err());
    server.start_again();
    assert_eq!(postgres::query(&database.url, "SELECT n FROM t").unwrap(), [[Some("1".to_owned())]]);
}

#[test]
fn a_stopped_server_leaves_neither_process_nor_file() {
    let server = Postgres::start(Durability::Lax);
    let pid = server.pid();
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    drop(server);
    // A reaper may come a moment later.
    let gone = || (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(());
    assert!(wait_for(Duration::from_secs(60), gone).is_some());
}

#[test]
fn a_leash_that_is_let_go_does_nothing() {
    let place = Engine::Sqlite.place("leash");
    let mark = place.folder().join("mark");
    drop(Leash::hold(&format!("touch {}", mark.display())));
    assert!(wait_for(Duration::from_millis(50), || mark.exists().then_some(())).is_none());
}

#[test]
fn both_engines_give_the_same_rows_as_text() {
    let on_files = Engine::Sqlite.place("rows");
    let on_server: Place = Engine::Postgres.place("rows");
    let url = on_server.database_url().unwrap();
    postgres::query(url, "CREATE SCHEMA log; CREATE TABLE log.t (n bigint, s text, b bytea)").unwrap();
    postgres::query(url, "INSERT INTO log.t VALUES (7, 'x', '\\x00ff'), (NULL, NULL, NULL)").unwrap();
    on_files.query(Store::Log, "CREATE TABLE t (n INTEGER, s TEXT, b BLOB)");
    on_files.query(Store::Log, "INSERT INTO t VALUES (7, 'x', x'00ff'), (NULL, NULL, NULL)");
    for place in [&on_files, &on_server] {
        assert_eq!(place.tables(Store::Log), ["t"]);
        let row = [Some("7"), Some("x"), Some("\\x00ff")].map(|value| value.map(str::to_owned));
        assert_eq!(place.rows(Store::Log, "t"), [vec![None; 3], row.to_vec()]);
    }
}
