//! The keyring's memory against its store.

mod engines;

use engines::{account, master};
use futures_util::{
    FutureExt,
    future::{BoxFuture, join},
};
use tokio::sync::Semaphore;
use uuid::Uuid;
use vitrina_eventlog::{
    LogError,
    engine::{KeyStore, StoredKey, SubjectKey, memory::MemoryKeys},
    keyring::{Keyring, SubjectCipher},
};

/// A store whose answers to a load arrive only when they are let through.
struct Slow {
    keys: MemoryKeys,
    gate: Semaphore,
}

impl KeyStore for Slow {
    fn load<'a>(&'a self, subjects: &'a [SubjectKey]) -> BoxFuture<'a, Result<Vec<(SubjectKey, StoredKey)>, LogError>> {
        let found = self.keys.load(subjects);
        async move {
            drop(self.gate.acquire().await);
            found.await
        }
        .boxed()
    }

    fn create(&self, subject: SubjectKey, wrapped: Vec<u8>) -> BoxFuture<'_, Result<StoredKey, LogError>> {
        self.keys.create(subject, wrapped)
    }

    fn destroy(&self, subject: SubjectKey) -> BoxFuture<'_, Result<(), LogError>> {
        self.keys.destroy(subject)
    }
}

#[tokio::test]
async fn a_key_that_is_destroyed_while_it_is_being_read_does_not_come_back() {
    let store = std::sync::Arc::new(Slow { keys: MemoryKeys::default(), gate: Semaphore::new(1) });
    let keyring = Keyring::new(store.clone(), &master());
    let subject = (account(1), Uuid::from_u128(5).into());
    keyring.ensure(&[subject]).await.unwrap();
    let keyring = Keyring::new(store.clone(), &master());
    let closed = store.gate.acquire().await.unwrap();
    let wanted = [subject];
    let destroying = async {
        keyring.destroy(subject).await.unwrap();
        drop(closed);
    };
    let (loaded, ()) = join(keyring.load(&wanted), destroying).await;
    loaded.unwrap();
    assert!(matches!(keyring.cached(&subject), Some(SubjectCipher::Destroyed)));
}

#[tokio::test]
async fn a_reader_that_finds_no_key_does_not_keep_a_writer_from_making_one() {
    let store = std::sync::Arc::new(MemoryKeys::default());
    let keyring = Keyring::new(store, &master());
    let subject = (account(1), Uuid::from_u128(5).into());
    keyring.load(&[subject]).await.unwrap();
    assert!(keyring.cached(&subject).is_none());
    keyring.ensure(&[subject]).await.unwrap();
    assert!(matches!(keyring.cached(&subject), Some(SubjectCipher::Key(_))));
}
