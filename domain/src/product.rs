//! A product of the shop, as it was when it was named: the shop's catalogue may change later, the record may not.

use crate::money::Money;
use serde::{Deserialize, Serialize};

/// A product as shown or asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The shop's id of the stock-keeping unit.
    pub sku: String,
    /// Its name at that time.
    pub name: String,
    /// Where its picture is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Its page in the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its price at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The collections that it was in at that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
}
