//! `latency`: median time of one command, one client, idle server. Limit: one commit of one row with fsync on the same
//! engine, in the same run: SQLite in write-ahead mode with synchronous=FULL on the same disk, PostgreSQL one prepared
//! INSERT over the same kind of connection.

use crate::{
    bench::{
        Scene, Size,
        measure::{Figure, in_turn, median_ms},
        served::{Served, message_of},
        store,
    },
    engine::{Engine, Place},
    folder::Folder,
    load::{self, Until},
};
use std::time::Instant;

/// Runs it and prints one line.
pub fn run(engine: Engine, size: Size) {
    let (rounds, commands) = size.pick((7, 400), (1, 20));
    let scene = Scene::new(engine);
    let place = scene.place("latency");
    let served = Served::start(&place);
    let visit = served.visit();
    let mut commits = Commits::new(&place);
    let ours = || {
        let answers = load::run(served.address(), vec![message_of(&visit)], Until::Count(commands)).all_good();
        median_ms(&answers.micros)
    };
    let (ours, limit) = in_turn(rounds, ours, || median_ms(&commits.micros(commands)));
    Figure::new("latency", engine, ours, limit, "ms").print();
}

/// One row a commit.
enum Commits {
    Sqlite { connection: rusqlite::Connection, _folder: Folder },
    Postgres { runtime: tokio::runtime::Runtime, client: tokio_postgres::Client, insert: tokio_postgres::Statement },
}

const ROW: &str = "one row of about the size of a short event, so that the commit writes a page and not only its head";

impl Commits {
    fn new(place: &Place) -> Self {
        match place.database_url() {
            None => {
                let folder = Folder::new("commits");
                let connection = rusqlite::Connection::open(folder.path().join("one.sqlite")).expect("a folder of ours can be written");
                connection
                    .execute_batch(
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE one (n INTEGER PRIMARY KEY, t TEXT);",
                    )
                    .expect("an empty database takes a table");
                Self::Sqlite { connection, _folder: folder }
            }
            Some(url) => {
                let runtime = store::runtime();
                let (client, insert) = runtime.block_on(async {
                    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the server runs");
                    tokio::spawn(connection);
                    client
                        .batch_execute("CREATE TABLE one (n bigserial PRIMARY KEY, t text)")
                        .await
                        .expect("a database of ours takes a table");
                    let insert = client.prepare("INSERT INTO one (t) VALUES ($1)").await.expect("the table is there");
                    (client, insert)
                });
                Self::Postgres { runtime, client, insert }
            }
        }
    }

    fn micros(&mut self, count: u32) -> Vec<u32> {
        let since = |begun: Instant| u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
        match self {
            Self::Sqlite { connection, .. } => {
                let mut insert = connection.prepare_cached("INSERT INTO one (t) VALUES (?1)").expect("the table is there");
                let mut commit = || {
                    let begun = Instant::now();
                    insert.execute([ROW]).expect("nobody else writes");
                    since(begun)
                };
                (0..count).map(|_| commit()).collect()
            }
            Self::Postgres { runtime, client, insert } => runtime.block_on(async {
                let mut micros = Vec::new();
                for _ in 0..count {
                    let begun = Instant::now();
                    client.execute(insert, &[&ROW]).await.expect("nobody else writes");
                    micros.push(since(begun));
                }
                micros
            }),
        }
    }
}
