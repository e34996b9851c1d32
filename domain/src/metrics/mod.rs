//! Numbers with a definition.
