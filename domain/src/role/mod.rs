//! A role: a named subset of the modules that the owner gives to users. Several add up (PRODUCT.md V23, V24).

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, module::Module, stream::Category};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A role's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Role {
    standing: Standing,
    name: String,
    modules: BTreeSet<Module>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    #[default]
    Absent,
    Active,
    Deleted,
}

impl_cqrs!(Role, Category::Role, RoleAction, RoleEvent);

impl Role {
    /// Its name, under which it is claimed in the account.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn fold(&mut self, event: RoleEvent) {
        match event {
            RoleEvent::Created(created) => {
                *self = Self { standing: Standing::Active, name: created.name, modules: created.modules };
            }
            RoleEvent::Updated(updated) => {
                self.name = updated.name.unwrap_or_else(|| std::mem::take(&mut self.name));
                self.modules = updated.modules.unwrap_or_else(|| std::mem::take(&mut self.modules));
            }
            RoleEvent::Deleted(_) => self.standing = Standing::Deleted,
        }
    }
}
