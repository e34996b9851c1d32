//! Who may declare a call or a conversation a trial, which no report and no plan counts (PRODUCT.md Z11).

use serde::{Deserialize, Serialize};

/// Who may; whoever has a trial's own token goes on in it in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trials {
    /// Staff and API keys: no customer takes their own call out of the books.
    #[default]
    Staff,
    /// Visitors too, by a word in the request: for a shop that is not open yet.
    Anyone,
}
