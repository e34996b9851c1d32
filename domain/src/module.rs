//! The three permission modules of the product (PRODUCT.md V08–V10, V23–V25).

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A part of the product that a role opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Module {
    /// Calls, conversations, the queue, own availability.
    Calls,
    /// Reports, ratings, history, exports.
    Analytics,
    /// Shoppers, texts, users and other options.
    Settings,
}

impl Module {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Analytics => "analytics",
            Self::Settings => "settings",
        }
    }
}

/// What a user may open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Access {
    /// Everything, and the only one who creates users and roles.
    Owner,
    /// Any subset of the modules.
    Staff {
        /// The modules that are open.
        modules: BTreeSet<Module>,
    },
}

impl Access {
    /// Whether this access opens the module.
    pub fn opens(&self, module: Module) -> bool {
        match self {
            Self::Owner => true,
            Self::Staff { modules } => modules.contains(&module),
        }
    }
}
