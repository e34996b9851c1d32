//! What stands in one place of a table that is taken away, before any format has written it.

use chrono::{DateTime, Utc};
use std::{borrow::Cow, io::Write};
use uuid::Uuid;
use vitrina_domain::money::digits_of;

/// One value. Formats decide how it looks; a CSV guards [`Cell::Text`] and [`Cell::List`] alone, since only they can hold what somebody
/// typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Unknown, or not there.
    Empty,
    /// What people or shops wrote.
    Text(Cow<'a, str>),
    /// A name of ours, such as a status.
    Name(&'a str),
    /// An id of ours.
    Id(Uuid),
    /// A count, whole seconds, an answer.
    Int(i64),
    /// An amount in minor units of its currency, which has a column of its own.
    Amount {
        /// Minor units.
        minor: i64,
        /// ISO 4217 code.
        currency: &'a str,
    },
    /// A share or a score, with one decimal.
    Tenths(i64),
    /// An instant, shown in the export's zone.
    Instant(DateTime<Utc>),
    /// Yes or no.
    Bool(bool),
    /// Several texts.
    List(Vec<Cow<'a, str>>),
    /// One value for each currency.
    Each(Vec<Cell<'a>>),
}

impl<'a> Cell<'a> {
    /// A text that may be absent.
    pub fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Empty, |text| Self::Text(Cow::Borrowed(text)))
    }

    /// A number that may be absent.
    pub fn int(value: Option<impl Into<i64>>) -> Self {
        value.map_or(Self::Empty, |number| Self::Int(number.into()))
    }

    /// An instant that may be absent.
    pub fn instant(value: Option<DateTime<Utc>>) -> Self {
        value.map_or(Self::Empty, Self::Instant)
    }

    /// A number as a text with a dot.
    pub(super) fn plain(&self) -> String {
        let mut out = Vec::new();
        match self {
            Self::Int(number) => push_decimal(&mut out, *number, 0),
            Self::Amount { minor, currency } => push_decimal(&mut out, *minor, decimals(currency)),
            Self::Tenths(tenths) => push_decimal(&mut out, *tenths, 1),
            _ => {}
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// An id that may be absent.
    pub fn id(value: Option<Uuid>) -> Self {
        value.map_or(Self::Empty, Self::Id)
    }

    /// Several ids.
    pub fn ids(ids: impl Iterator<Item = Uuid>) -> Self {
        Self::List(ids.map(|id| Cow::Owned(id.to_string())).collect())
    }
}

/// Decimals of a currency's minor unit.
pub(super) fn decimals(currency: &str) -> usize {
    digits_of(currency) as usize
}

/// An integer with this many of its digits after a dot.
pub(super) fn push_decimal(out: &mut Vec<u8>, value: i64, decimals: usize) {
    if decimals == 0 {
        write!(out, "{value}").expect("a buffer takes all");
        return;
    }
    let digits = format!("{:0width$}", value.unsigned_abs(), width = decimals + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(whole.as_bytes());
    out.push(b'.');
    out.extend_from_slice(rest.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(value: i64, decimals: usize) -> String {
        let mut out = Vec::new();
        push_decimal(&mut out, value, decimals);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(decimal(12_900, decimals("EUR")), "129.00");
        assert_eq!(decimal(-5, decimals("EUR")), "-0.05");
        assert_eq!(decimal(12_900, decimals("JPY")), "12900");
        assert_eq!(decimal(1, decimals("KWD")), "0.001");
        assert_eq!(decimal(i64::MIN, 2), "-92233720368547758.08");
    }

    proptest! {
        #[test]
        fn no_digit_is_lost(value in any::<i64>(), decimals in 0_usize..5) {
            prop_assert_eq!(decimal(value, decimals).replace('.', "").parse::<i64>().unwrap(), value);
        }
    }
}
