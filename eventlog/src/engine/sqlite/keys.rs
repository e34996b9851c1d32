//! The key store on SQLite: a file of its own, so that the log can be backed up without it.

use super::failed;
use crate::{
    LogError,
    engine::{KeyStore, StoredKey, SubjectKey},
    keyring::MasterKey,
};
use futures_util::future::{BoxFuture, FutureExt, ready};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::{Mutex, MutexGuard, PoisonError};

const LOAD: &str = "SELECT wrapped FROM subject_keys WHERE account = ?1 AND subject = ?2";
const CREATE: &str = "INSERT INTO subject_keys (account, subject, wrapped) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const DESTROY: &str = "INSERT INTO subject_keys (account, subject, wrapped) VALUES (?1, ?2, NULL) \
     ON CONFLICT (account, subject) DO UPDATE SET wrapped = NULL";
const CHECK: &str = "SELECT digest FROM master_check WHERE one = 1";
const SET_CHECK: &str = "INSERT INTO master_check (one, digest) VALUES (1, ?1)";

/// Keys in `keys.sqlite`.
pub struct SqliteKeys {
    connection: Mutex<Connection>,
}

impl SqliteKeys {
    /// A store over this file, for this master key only.
    pub fn new(connection: Connection, master: &MasterKey) -> Result<Self, LogError> {
        // A destroyed key must not survive in free pages.
        connection.pragma_update(None, "secure_delete", "ON").map_err(|e| failed(&e))?;
        let digest = master.derive("master-check").to_vec();
        let kept: Option<Vec<u8>> = connection.query_row(CHECK, [], |r| r.get(0)).optional().map_err(|e| failed(&e))?;
        match kept {
            None => drop(connection.execute(SET_CHECK, params![digest]).map_err(|e| failed(&e))?),
            Some(kept) if kept == digest => {}
            Some(_) => return Err(LogError::Open(crate::keyring::OTHER_MASTER.to_owned())),
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(connection: &Connection, subject: &SubjectKey) -> Result<Option<StoredKey>, LogError> {
    let found: Option<Option<Vec<u8>>> = connection
        .prepare_cached(LOAD)
        .and_then(|mut s| s.query_row(params![subject.0.0.as_bytes(), subject.1.0.as_bytes()], |r| r.get(0)).optional())
        .map_err(|e| failed(&e))?;
    Ok(found.map(|wrapped| wrapped.map_or(StoredKey::Destroyed, StoredKey::Wrapped)))
}

impl KeyStore for SqliteKeys {
    fn load<'a>(&'a self, subjects: &'a [SubjectKey]) -> BoxFuture<'a, Result<Vec<(SubjectKey, StoredKey)>, LogError>> {
        let connection = self.connection();
        let found = subjects.iter().filter_map(|s| load(&connection, s).map(|key| Some((*s, key?))).transpose()).collect();
        ready(found).boxed()
    }

    fn create(&self, subject: SubjectKey, wrapped: Vec<u8>) -> BoxFuture<'_, Result<StoredKey, LogError>> {
        let connection = self.connection();
        let kept = connection
            .prepare_cached(CREATE)
            .and_then(|mut s| s.execute(params![subject.0.0.as_bytes(), subject.1.0.as_bytes(), wrapped]))
            .map_err(|e| failed(&e))
            .and_then(|_| load(&connection, &subject))
            .map(|kept| kept.unwrap_or(StoredKey::Destroyed));
        ready(kept).boxed()
    }

    fn destroy(&self, subject: SubjectKey) -> BoxFuture<'_, Result<(), LogError>> {
        let connection = self.connection();
        let done = connection
            .execute(DESTROY, params![subject.0.0.as_bytes(), subject.1.0.as_bytes()])
            // The old bytes leave the write-ahead log as well.
            .and_then(|_| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
            .map_err(|e| failed(&e));
        ready(done).boxed()
    }
}
