//! A database of its own for each test, on the server of `VITRINA_TEST_DATABASE_URL`.

use uuid::Uuid;

/// The URL of an empty database, with what it is of in its name; `None` without a server, after saying so.
pub async fn fresh(of: &str) -> Option<String> {
    let Ok(server) = std::env::var("VITRINA_TEST_DATABASE_URL") else {
        eprintln!("skipped on PostgreSQL: VITRINA_TEST_DATABASE_URL is not set (tests/run sets it)");
        return None;
    };
    let name = format!("vitrina_test_{of}_{}", Uuid::now_v7().simple());
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.expect("the test server answers");
    tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
    let (base, query) = server.split_once('?').map_or((server.as_str(), String::new()), |(b, q)| (b, format!("?{q}")));
    let (base, _) = base.rsplit_once('/').expect("the URL names a database");
    Some(format!("{base}/{name}{query}"))
}

/// Leaves nothing on a server that stays. On a thread of its own, since a test's runtime cannot be blocked on.
pub fn dropped(url: &str) {
    if std::env::var_os("VITRINA_TEST_DATABASE_THROWAWAY").is_some() {
        return;
    }
    let server = std::env::var("VITRINA_TEST_DATABASE_URL").unwrap_or_default();
    let name = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap_or_default().to_owned();
    let drop_it = async move {
        let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let dropping = std::thread::spawn(move || runtime.map(|runtime| runtime.block_on(drop_it)));
    let _ = dropping.join();
}
