//! Commands of a role. That only the owner gives them is checked before, by the right of the route.

use crate::module::Module;
use std::collections::BTreeSet;

/// What can be asked of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleAction {
    /// Makes it.
    Create {
        /// Name; the caller adds the unique claim.
        name: String,
        /// The modules that it opens; any subset.
        modules: BTreeSet<Module>,
    },
    /// Changes it; absent fields stay.
    Update {
        /// Name; the caller moves the unique claim.
        name: Option<String>,
        /// The modules that it opens.
        modules: Option<BTreeSet<Module>>,
    },
    /// Takes it away from everybody who has it.
    Delete,
}

impl RoleAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete => "delete",
        }
    }
}
