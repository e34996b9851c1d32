//! The log of a place, opened as a library: for benches that measure below HTTP or write a long past.

use crate::engine::{Engine, Place};
use vitrina_eventlog::{
    EventLog,
    engine::{Stores, postgres, sqlite},
    keyring::MasterKey,
    log::Options,
};

/// The master key of places that only benches use; the server is given the same.
pub const MASTER_KEY_HEX: &str = "4242424242424242424242424242424242424242424242424242424242424242";

/// Opens the log of a place.
///
/// # Panics
/// When it cannot be opened.
pub async fn open(place: &Place) -> EventLog {
    let stores = stores(place).await;
    EventLog::open(stores, Options::new(master())).await.expect("the log of a place of ours opens")
}

/// The engine and key store of a place.
///
/// # Panics
/// When they cannot be opened.
pub async fn stores(place: &Place) -> Stores {
    match place.engine() {
        Engine::Sqlite => sqlite::open(place.folder(), &master()).expect("the files of a place of ours open"),
        Engine::Postgres => {
            let url = place.database_url().expect("a place on PostgreSQL has an address");
            postgres::open(url, &master()).await.expect("the database of a place of ours opens")
        }
    }
}

fn master() -> MasterKey {
    MasterKey::new([0x42; 32])
}

/// A runtime with a thread for each of the two cores that the figures are quoted for.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime needs nothing but memory")
}
