//! Passwords: argon2id, away from the threads that serve, a few at a time.
//!
//! Each hash takes 19 MiB and tens of milliseconds, so a semaphore bounds memory and leaves cores to the others.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Shortest password, in characters (NIST SP 800-63B asks for 8; 12 keeps short words out).
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;
/// Longest, a bound on what is hashed.
pub(crate) const PASSWORD_CHARS_MAX: usize = 200;
/// Hashes at once: more would only wait for a core and hold 19 MiB each.
const HASHES_AT_ONCE: usize = 2;

/// A hash of no password, to spend the same time on an unknown e-mail address as on a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("there is nobody of this name"));

/// Hashes and checks passwords.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// With no hash running.
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(HASHES_AT_ONCE)) }
    }

    /// The PHC string of this password.
    pub(crate) async fn hash(&self, password: String) -> String {
        self.run(move || hash_now(&password)).await
    }

    /// Whether the password is the one of this PHC string; takes as long when there is none.
    pub(crate) async fn verify(&self, stored: Option<String>, password: String) -> bool {
        self.run(move || {
            let is_known = stored.is_some();
            let matches = verify_now(stored.as_deref().unwrap_or(&NOBODY), &password);
            is_known && matches
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

fn hash_now(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).expect("argon2id with its default parameters hashes any text").to_string()
}

fn verify_now(stored: &str, password: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn only_the_right_password_of_a_known_person_passes() {
        let passwords = Passwords::new();
        let stored = passwords.hash("correct horse battery".to_owned()).await;
        assert!(passwords.verify(Some(stored.clone()), "correct horse battery".to_owned()).await);
        assert!(!passwords.verify(Some(stored), "incorrect horse".to_owned()).await);
        assert!(!passwords.verify(None, "there is nobody of this name".to_owned()).await);
        assert!(!passwords.verify(Some("junk".to_owned()), "x".to_owned()).await);
    }
}
