//! An API key: a program's credential, with scopes in place of roles. Its secret is stored hashed and shown once.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// A key's state. Whether it has expired is asked where it is used; deciding needs only whether it was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiKey {
    /// There is none.
    #[default]
    Absent,
    /// It was made.
    Active,
    /// It opens nothing any more.
    Revoked,
}

impl_cqrs!(ApiKey, Category::ApiKey, ApiKeyAction, ApiKeyEvent);

impl ApiKey {
    fn fold(&mut self, event: ApiKeyEvent) {
        *self = match event {
            ApiKeyEvent::Created(_) => Self::Active,
            ApiKeyEvent::Revoked(_) => Self::Revoked,
        };
    }
}
