//! Keys of persons: one data key per subject, wrapped under the deployment's master key, kept apart from the log.
//!
//! Destroying a subject's key is how a person is forgotten (PRODUCT.md 5.12): what was sealed under it can never be read
//! again, while every event, count and hash stays. A key once destroyed is never made again.

use crate::{
    LogError,
    engine::{KeyStore, StoredKey, SubjectKey},
};
use lru::LruCache;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

/// Unwrapped keys in memory, at most: some tens of megabytes.
const CACHED_MAX: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

/// What a wrong master key is answered with.
pub(crate) const OTHER_MASTER: &str =
    "the master key does not open the stored keys: give the VITRINA_MASTER_KEY (or keys/master.key) that they were made with";

/// The deployment's secret: everything else is derived from it. All processes on one database share it.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// A master key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key for one purpose; different purposes give independent keys.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose.as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(tag.as_ref());
        key
    }

    /// A blind index: tells equal values from different ones without showing them. For unique names that are personal.
    pub fn blind_index(&self, scope: &str, value: &str) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive(&format!("blind-index:{scope}")));
        hmac::sign(&key, value.as_bytes()).as_ref().to_vec()
    }
}

/// A subject's data key as far as it is known here.
#[derive(Clone)]
pub enum SubjectCipher {
    /// Seals and opens.
    Key(Arc<LessSafeKey>),
    /// Destroyed: reads as erased, and what is written is erased at once.
    Destroyed,
}

/// The keys of all subjects, cached.
pub struct Keyring {
    store: Arc<dyn KeyStore>,
    wrapping: LessSafeKey,
    random: SystemRandom,
    cache: Mutex<LruCache<SubjectKey, SubjectCipher>>,
}

impl Keyring {
    /// A keyring over this store.
    pub fn new(store: Arc<dyn KeyStore>, master: &MasterKey) -> Self {
        Self {
            store,
            wrapping: cipher(&master.derive("wrap-subject-keys")),
            random: SystemRandom::new(),
            cache: Mutex::new(LruCache::new(CACHED_MAX)),
        }
    }

    /// The subject's key, if it is in memory.
    pub fn cached(&self, subject: &SubjectKey) -> Option<SubjectCipher> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(subject).cloned()
    }

    /// Brings the keys of these subjects into memory, as far as they were ever made.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the store is away; [`LogError::Open`] when the master key is not the one that the
    /// keys were wrapped under.
    pub async fn load(&self, subjects: &[SubjectKey]) -> Result<(), LogError> {
        let missing: Vec<_> = subjects.iter().filter(|s| self.cached(s).is_none()).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.store.load(&missing).await?.iter().try_for_each(|(subject, stored)| self.remember(*subject, stored))
    }

    /// Brings the keys of these subjects into memory, making those that do not exist, durably.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn ensure(&self, subjects: &[SubjectKey]) -> Result<(), LogError> {
        for subject in subjects.iter().filter(|s| self.cached(s).is_none()) {
            let stored = match self.store.load(std::slice::from_ref(subject)).await?.pop() {
                Some((_, stored)) => stored,
                None => self.store.create(*subject, self.wrap(subject, &self.draw::<32>()?)?).await?,
            };
            self.remember(*subject, &stored)?;
        }
        Ok(())
    }

    /// Destroys a subject's key for good.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the store is away.
    pub async fn destroy(&self, subject: SubjectKey) -> Result<(), LogError> {
        self.store.destroy(subject).await?;
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(subject, SubjectCipher::Destroyed);
        Ok(())
    }

    /// The person is to be forgotten: as far as this process goes the key is destroyed, whether it is yet or not.
    pub fn forget(&self, subject: SubjectKey) {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(subject, SubjectCipher::Destroyed);
    }

    /// Random bytes from the operating system.
    pub(crate) fn draw<const N: usize>(&self) -> Result<[u8; N], LogError> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| LogError::Unavailable("the system gives no random bytes".to_owned()))?;
        Ok(bytes)
    }

    fn remember(&self, subject: SubjectKey, stored: &StoredKey) -> Result<(), LogError> {
        let known = match stored {
            StoredKey::Destroyed => SubjectCipher::Destroyed,
            StoredKey::Wrapped(wrapped) => SubjectCipher::Key(Arc::new(self.unwrap(&subject, wrapped)?)),
        };
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        // What was read from the store before a destruction may arrive after it: destroyed is for good.
        if !matches!(cache.get(&subject), Some(SubjectCipher::Destroyed)) {
            cache.put(subject, known);
        }
        Ok(())
    }

    fn wrap(&self, subject: &SubjectKey, key: &[u8; 32]) -> Result<Vec<u8>, LogError> {
        let nonce = self.draw::<NONCE_LEN>()?;
        let mut sealed = key.to_vec();
        self.wrapping
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(wrapped_for(subject)), &mut sealed)
            .expect("32 bytes are within the cipher's limits");
        Ok([&nonce[..], &sealed].concat())
    }

    fn unwrap(&self, subject: &SubjectKey, wrapped: &[u8]) -> Result<LessSafeKey, LogError> {
        let wrong = || LogError::Open(OTHER_MASTER.to_owned());
        let (nonce, sealed) = wrapped.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut sealed = sealed.to_vec();
        let key = self.wrapping.open_in_place(nonce, Aad::from(wrapped_for(subject)), &mut sealed).map_err(|_| wrong())?;
        Ok(cipher(<&[u8; 32]>::try_from(&*key).map_err(|_| wrong())?))
    }
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has the cipher's length"))
}

fn wrapped_for(subject: &SubjectKey) -> [u8; 32] {
    let mut bound = [0; 32];
    bound[..16].copy_from_slice(subject.0.0.as_bytes());
    bound[16..].copy_from_slice(subject.1.0.as_bytes());
    bound
}
