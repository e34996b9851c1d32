//! Whether real customers are concerned. A stream is of one environment from its first event to its last.

use serde::{Deserialize, Serialize};

/// Whether real customers are concerned; every report includes or excludes `test` consistently (PRODUCT.md Z11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real ones.
    #[default]
    Production,
    /// Trials.
    Test,
}

impl Environment {
    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
        }
    }

    /// The environment stored under this name.
    pub fn from_stored(name: &str) -> Option<Self> {
        [Self::Production, Self::Test].into_iter().find(|e| e.as_str() == name)
    }

    /// Whether it is the ordinary one.
    pub fn is_production(&self) -> bool {
        *self == Self::Production
    }
}
