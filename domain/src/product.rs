//! A product of the shop, as it was when it was named: the shop's catalogue may change later, the record may not.

use crate::{money::Money, refusal::Refusal, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// What of it can be bought: sizes, colours (PRODUCT.md V34). Empty where the product itself is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

/// One of several things that a product is sold as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The shop's id of the stock-keeping unit that goes into the cart.
    pub sku: String,
    /// What tells it from the others, such as `41` or `Camel`.
    pub name: String,
    /// Its price, where it is not the product's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

/// Variants of one product: sizes times colours, and no catalogue.
const VARIANTS_MAX: usize = 100;

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
            variants: checked(&self.variants)?,
        })
    }
}

fn checked(variants: &[Variant]) -> Result<Vec<Variant>, Refusal> {
    if variants.len() > VARIANTS_MAX {
        return Err(Refusal::invalid("/variants", "too_many", format!("at most {VARIANTS_MAX} entries")));
    }
    let mut known = BTreeSet::new();
    if let Some(twice) = variants.iter().find(|variant| !known.insert(variant.sku.trim())) {
        return Err(Refusal::invalid("/variants", "twice", format!("{:?} once", twice.sku)));
    }
    variants.iter().enumerate().map(|(index, variant)| variant.checked().map_err(|r| r.under(&format!("/variants/{index}")))).collect()
}

impl Variant {
    fn checked(&self) -> Result<Self, Refusal> {
        Ok(Self {
            sku: text::foreign_id("/sku", &self.sku)?,
            name: text::label("/name", &self.name)?,
            price: self.price.as_ref().map(Money::checked).transpose().map_err(|r| r.under("/price"))?,
        })
    }
}
