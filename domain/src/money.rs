//! Amounts: integer minor units and an ISO 4217 code. Never added across currencies (PRODUCT.md 5.6).

use crate::{refusal::Refusal, text};
use serde::{Deserialize, Serialize};

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// In minor units of the currency (cents).
    pub amount: i64,
    /// ISO 4217 code, three upper-case letters.
    pub currency: String,
}

impl Money {
    /// A price: not negative, its currency in upper case.
    ///
    /// # Errors
    /// `out_of_range` or `currency`, under `/amount` or `/currency`.
    pub fn checked(&self) -> Result<Self, Refusal> {
        if self.amount < 0 {
            return Err(Refusal::invalid("/amount", "out_of_range", "minor units, 0 or more"));
        }
        Ok(Self { amount: self.amount, currency: text::currency("/currency", &self.currency)? })
    }
}
