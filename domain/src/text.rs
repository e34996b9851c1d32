//! Limits and shapes of texts that come from outside.
