//! The key store on PostgreSQL: a schema of its own, so that the log can be backed up without it.

use super::{connect, error::failed, in_time};
use crate::{
    LogError,
    engine::{KeyStore, StoredKey, SubjectKey},
    keyring::{MasterKey, OTHER_MASTER},
};
use deadpool_postgres::Pool;
use futures_util::future::{BoxFuture, FutureExt};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

const LOAD: &str = "SELECT k.account, k.subject, k.wrapped FROM unnest($1::uuid[], $2::uuid[]) AS s(account, subject) \
     JOIN keys.subject_keys k ON k.account = s.account AND k.subject = s.subject";
const CREATE: &str = "INSERT INTO keys.subject_keys (account, subject, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const DESTROY: &str = "INSERT INTO keys.subject_keys (account, subject, wrapped) VALUES ($1, $2, NULL) \
     ON CONFLICT (account, subject) DO UPDATE SET wrapped = NULL";
const CHECK: &str = "WITH made AS (INSERT INTO keys.master_check (one, digest) VALUES (1, $1) ON CONFLICT DO NOTHING RETURNING digest) \
     SELECT digest FROM made UNION ALL SELECT digest FROM keys.master_check LIMIT 1";

/// Keys in the schema `keys`.
pub struct PostgresKeys {
    pool: Pool,
}

impl PostgresKeys {
    /// A store in this database, for this master key only.
    pub async fn new(pool: Pool, master: &MasterKey) -> Result<Self, LogError> {
        let digest = master.derive("master-check").to_vec();
        let client = connect::get(&pool).await?;
        let kept: Vec<u8> = client.query_one(CHECK, &[&digest]).await.map_err(|e| failed(&e))?.get(0);
        drop(client);
        if kept == digest { Ok(Self { pool }) } else { Err(LogError::Open(OTHER_MASTER.to_owned())) }
    }

    async fn load_all(&self, subjects: &[SubjectKey]) -> Result<Vec<(SubjectKey, StoredKey)>, LogError> {
        let client = connect::get(&self.pool).await?;
        let statement = client.prepare_cached(LOAD).await.map_err(|e| failed(&e))?;
        let accounts: Vec<Uuid> = subjects.iter().map(|(account, _)| account.0).collect();
        let ids: Vec<Uuid> = subjects.iter().map(|(_, subject)| subject.0).collect();
        let rows = client.query(&statement, &[&accounts, &ids]).await.map_err(|e| failed(&e))?;
        let key = |wrapped: Option<Vec<u8>>| wrapped.map_or(StoredKey::Destroyed, StoredKey::Wrapped);
        Ok(rows.iter().map(|r| ((r.get::<_, Uuid>(0).into(), r.get::<_, Uuid>(1).into()), key(r.get(2)))).collect())
    }

    async fn execute(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<(), LogError> {
        let client = connect::get(&self.pool).await?;
        let statement = client.prepare_cached(sql).await.map_err(|e| failed(&e))?;
        client.execute(&statement, parameters).await.map(drop).map_err(|e| failed(&e))
    }
}

impl KeyStore for PostgresKeys {
    fn load<'a>(&'a self, subjects: &'a [SubjectKey]) -> BoxFuture<'a, Result<Vec<(SubjectKey, StoredKey)>, LogError>> {
        in_time(self.load_all(subjects)).boxed()
    }

    fn create(&self, subject: SubjectKey, wrapped: Vec<u8>) -> BoxFuture<'_, Result<StoredKey, LogError>> {
        let create = async move {
            self.execute(CREATE, &[&subject.0.0, &subject.1.0, &wrapped]).await?;
            Ok(self.load_all(&[subject]).await?.pop().map_or(StoredKey::Destroyed, |(_, kept)| kept))
        };
        in_time(create).boxed()
    }

    fn destroy(&self, subject: SubjectKey) -> BoxFuture<'_, Result<(), LogError>> {
        in_time(async move { self.execute(DESTROY, &[&subject.0.0, &subject.1.0]).await }).boxed()
    }
}
