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

/// Digits of a currency's minor unit (ISO 4217), where they are not two.
pub(crate) const UNUSUAL_DIGITS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// How many digits of a currency's amounts are behind the point: 2 for euros, 0 for Chilean pesos (ISO 4217).
pub fn digits_of(currency: &str) -> u32 {
    UNUSUAL_DIGITS.iter().find(|(unusual, _)| *unusual == currency).map_or(2, |(_, digits)| *digits)
}

impl Money {
    /// How many digits of the amount are behind the point: 2 for euros, 0 for Chilean pesos (ISO 4217).
    pub fn digits(&self) -> u32 {
        digits_of(&self.currency)
    }

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

#[cfg(test)]
mod tests {
    use super::Money;

    #[test]
    fn every_currency_has_the_digits_of_its_minor_unit() {
        for (currency, digits) in [("EUR", 2), ("CLP", 0), ("JPY", 0), ("KWD", 3), ("MXN", 2)] {
            assert_eq!(Money { amount: 1, currency: currency.into() }.digits(), digits, "{currency}");
        }
    }
}
