//! A product of the shop, as it was when it was named: the shop's catalogue may change later, the record may not.

use crate::{money::Money, refusal::Refusal, text};
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

impl Product {
    /// The product as it is recorded: trimmed and within the limits of [`text`].
    ///
    /// # Errors
    /// [`Refusal::Invalid`], relative to the product.
    pub fn checked(&self) -> Result<Self, Refusal> {
        Ok(Self {
            sku: text::foreign_id("/sku", &self.sku)?,
            name: text::name("/name", &self.name)?,
            image_url: text::optional(&self.image_url, |t| text::url("/image_url", t))?,
            url: text::optional(&self.url, |t| text::url("/url", t))?,
            price: self.price.as_ref().map(Money::checked).transpose().map_err(|r| r.under("/price"))?,
            collections: text::set("/collections", &self.collections, text::foreign_id)?,
        })
    }
}
