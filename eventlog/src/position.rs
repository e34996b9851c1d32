//! Where an event stands: its position in the log, its version in its stream.

use serde::{Deserialize, Serialize};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Before the first one.
            pub const ZERO: Self = Self(0);

            /// The next one.
            #[must_use]
            pub const fn next(self) -> Self { Self(self.0 + 1) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    )*};
}

counters! {
    /// Place in the log: dense, 1 for the first event, in commit order. Code outside the engines only compares it.
    Position,
    /// Place in a stream: dense, 1 for its first event; 0 is the version of a stream that does not exist.
    Version
}
