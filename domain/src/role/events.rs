//! Events of a role. That a user has one is an event of the user.

use crate::{event::events, module::Module};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

events! {
    /// What happened to a role.
    RoleEvent {
        /// The owner made it.
        Created(Created) = "role.created", 1;
        /// Its name or its modules were changed; absent ones stay. It counts at once for everybody who has it.
        Updated(Updated) = "role.updated", 1;
        /// It opens nothing any more.
        Deleted(Deleted) = "role.deleted", 1;
    }
}

/// `role.created`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Name; unique in the account by a claim.
    pub name: String,
    /// The modules that it opens.
    pub modules: BTreeSet<Module>,
}

/// `role.updated`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Updated {
    /// Name; unique in the account by a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The modules that it opens from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modules: Option<BTreeSet<Module>>,
}

/// `role.deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}
