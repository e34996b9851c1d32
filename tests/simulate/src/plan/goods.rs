//! What the shop sells.

use crate::random::Random;

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The shop's id.
    pub sku: String,
    /// Its name.
    pub name: &'static str,
    /// In cents of a euro.
    pub cents: i64,
    /// The collection that it is in.
    pub collection: &'static str,
}

/// Names, cents and collections.
const SHELF: [(&str, i64, &str); 12] = [
    ("Walking boots", 12_900, "outdoor"),
    ("Rain jacket", 8_990, "outdoor"),
    ("Rucksack, 30 l", 7_450, "outdoor"),
    ("Blue wool coat", 24_900, "women"),
    ("Linen dress", 9_900, "women"),
    ("Silk scarf", 4_500, "women"),
    ("Oxford shirt", 5_990, "men"),
    ("Leather belt", 3_950, "men"),
    ("Ceramic lamp", 11_200, "home"),
    ("Set of six glasses", 2_490, "home"),
    ("Cotton bed linen", 6_900, "home"),
    ("Oak stool", 8_400, "home"),
];
/// Sizes and colours of each.
const VARIANTS: u32 = 5;

/// Every collection of the shop.
pub const COLLECTIONS: [&str; 4] = ["outdoor", "women", "men", "home"];

/// Any product.
pub fn any(random: &mut Random) -> Product {
    let number = random.below(SHELF.len() as u64);
    let (name, cents, collection) = SHELF[usize::try_from(number).unwrap_or(0)];
    Product { sku: format!("SKU-{number:02}-{}", random.between(1, VARIANTS)), name, cents, collection }
}
