//! Amounts: integer minor units and an ISO 4217 code. Never added across currencies (PRODUCT.md 5.6).

use serde::{Deserialize, Serialize};

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// In minor units of the currency (cents).
    pub amount: i64,
    /// ISO 4217 code, three upper-case letters.
    pub currency: String,
}
