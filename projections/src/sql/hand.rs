//! A hand that writes read models on SQLite. What PostgreSQL keeps for a connection, locks that go with it, is kept here for a hand.

use super::sqlite::Sqlite;
use std::{
    collections::HashMap,
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Who holds what, of those who write one file.
#[derive(Default)]
pub(super) struct Held {
    next: AtomicU64,
    by: Mutex<HashMap<i64, u64>>,
}

/// One of those who write a file. What it holds is free when it is dropped.
pub(crate) struct Hand {
    sqlite: Arc<Sqlite>,
    number: u64,
}

impl Hand {
    pub(super) fn new(sqlite: Arc<Sqlite>) -> Self {
        let number = sqlite.held.next.fetch_add(1, Ordering::Relaxed);
        Self { sqlite, number }
    }

    /// Takes what has this number, unless another hand holds it; whether it is this one's now.
    pub(super) fn take(&self, what: i64) -> bool {
        let mut by = self.sqlite.held.by.lock().unwrap_or_else(PoisonError::into_inner);
        *by.entry(what).or_insert(self.number) == self.number
    }

    /// Lets go of it.
    pub(super) fn let_go(&self, what: i64) {
        let mut by = self.sqlite.held.by.lock().unwrap_or_else(PoisonError::into_inner);
        by.retain(|held, number| *held != what || *number != self.number);
    }
}

impl Deref for Hand {
    type Target = Sqlite;

    fn deref(&self) -> &Sqlite {
        &self.sqlite
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.sqlite.held.by.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, number| *number != self.number);
    }
}
