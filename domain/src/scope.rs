//! What an API key may do: read or write a part of the product. Written `calls:read`, `settings:write`.

use crate::{module::Module, refusal::Refusal};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Whether something is looked at or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Looks.
    Read,
    /// Changes.
    Write,
}

/// One part of the product and what may be done there. Writing does not include reading: a till that books sales needs
/// no list of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope {
    /// The part.
    pub module: Module,
    /// What may be done.
    pub deed: Deed,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 6] = [
        Self { module: Module::Calls, deed: Deed::Read },
        Self { module: Module::Calls, deed: Deed::Write },
        Self { module: Module::Analytics, deed: Deed::Read },
        Self { module: Module::Analytics, deed: Deed::Write },
        Self { module: Module::Settings, deed: Deed::Read },
        Self { module: Module::Settings, deed: Deed::Write },
    ];

    /// The name in the API and in events.
    pub const fn as_str(self) -> &'static str {
        match (self.module, self.deed) {
            (Module::Calls, Deed::Read) => "calls:read",
            (Module::Calls, Deed::Write) => "calls:write",
            (Module::Analytics, Deed::Read) => "analytics:read",
            (Module::Analytics, Deed::Write) => "analytics:write",
            (Module::Settings, Deed::Read) => "settings:read",
            (Module::Settings, Deed::Write) => "settings:write",
        }
    }

    /// The scopes of these names, of which there must be one at least.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the first that is none.
    pub fn set(field: &'static str, names: &[String]) -> Result<BTreeSet<Self>, Refusal> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        let scope = |(at, name): (usize, &String)| {
            name.parse().map_err(|NoScope| Refusal::invalid(format!("{field}/{at}"), "unknown", format!("one of {}", known())))
        };
        let scopes = names.iter().take(Self::ALL.len() + 1).enumerate().map(scope).collect::<Result<BTreeSet<_>, _>>()?;
        if scopes.is_empty() {
            return Err(Refusal::invalid(field, "empty", format!("one scope at least, of {}", known())));
        }
        Ok(scopes)
    }
}

/// No scope has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no scope has this name")]
pub struct NoScope;

impl FromStr for Scope {
    type Err = NoScope;

    fn from_str(name: &str) -> Result<Self, NoScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or(NoScope)
    }
}

impl TryFrom<String> for Scope {
    type Error = NoScope;

    fn try_from(name: String) -> Result<Self, NoScope> {
        name.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().to_owned()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
