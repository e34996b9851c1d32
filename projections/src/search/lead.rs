//! From a query to the way that leads past the fewest rows.
//!
//! A word leads by the customers and products that have it and by the shoppers who are called so: whatever has the word is reached by
//! one of them. Words that no product and no shopper has are words of the customer, so the customer must have them all. Where every
//! word is a common one the newest rows are looked at in turn, since then many of them are meant.

use super::{Check, beyond};
use crate::{
    error::Result,
    sql::{Store, Value},
    table::{Field, take},
};
use vitrina_domain::ids::{AccountId, ShopperId};

/// Words of a query that are looked up, the longest; the others are only checked.
const WORDS_MAX: usize = 4;
/// Customers, or products, of one word that are counted: with more, it leads only together with a rarer one.
const ENTITIES_MAX: i64 = 2_000;
/// The same of a word that leads together with another: both are read through, to find who has both.
const SHARED_MAX: i64 = 20_000;
/// Rows that customers or products may lead to: the keys of all of them are sorted.
const REACH_MAX: i64 = 10_000;
/// Shoppers, and products with many rows, that a word may lead by: each takes a statement.
const STREAMS_MAX: usize = 16;
/// A way to no more rows is taken without looking for a better one.
const REACH_ENOUGH: i64 = 250;

/// A table of words: how many things have one that is at least $2 and less than $3, at most $4.
pub(crate) struct ProductIndex {
    pub count: &'static str,
    /// Which, by their order, at most $4.
    pub list: &'static str,
}

/// What rows are reached by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lead {
    /// All there are, the newest first.
    Time,
    /// Customers who have both words.
    Customers(String, String),
    /// Products that have the word.
    Products(String),
    /// One product.
    Product(String),
    /// The shopper takes part or did.
    Shopper(ShopperId),
}

impl Lead {
    /// What it adds to the values of a statement: the begins and the ends of its words, or an id.
    pub(crate) fn values(&self) -> Vec<Value> {
        match self {
            Self::Time => Vec::new(),
            Self::Customers(one, other) => [bounds(one), bounds(other)].concat(),
            Self::Products(word) => bounds(word).into(),
            Self::Product(sku) => vec![Value::Text(sku.clone())],
            Self::Shopper(shopper) => vec![shopper.to_value()],
        }
    }
}

fn bounds(word: &str) -> [Value; 2] {
    [Value::Text(word.to_owned()), Value::Text(beyond(word))]
}

/// A list that rows are reached in.
pub(crate) trait Reach: Sync {
    /// How many rows the lead reaches, counted up to `most`.
    fn reach(&self, lead: &Lead, most: i64) -> impl Future<Output = Result<i64>> + Send;
}

/// Where words are looked up.
pub(crate) struct Indexes<'s> {
    pub store: &'s Store,
    pub account: AccountId,
    /// How many customers have a word.
    pub customers: &'static str,
    /// Of lists of what products are discussed in.
    pub products: Option<ProductIndex>,
}

/// A word and what has it.
struct Hits {
    word: String,
    shoppers: Vec<ShopperId>,
    customers: i64,
    products: i64,
}

/// The best ways, which together reach every row that is meant; none when nobody has one of the words.
pub(super) async fn leads(check: &Check, indexes: &Indexes<'_>, otherwise: Lead, list: &impl Reach) -> Result<Vec<Lead>> {
    let mut longest: Vec<&str> = check.words().collect();
    longest.sort_by_key(|word| std::cmp::Reverse(word.len()));
    longest.truncate(WORDS_MAX);
    let mut words = Vec::new();
    for word in longest {
        let hits = indexes.hits(check, word).await?;
        if hits.weight() == 0 {
            return Ok(Vec::new());
        }
        words.push(hits);
    }
    words.sort_by_key(Hits::weight);
    let mut best = (i64::MAX, vec![otherwise]);
    for hits in &words {
        if best.0 <= REACH_ENOUGH {
            break;
        }
        if let Some(found) = indexes.ways(hits, &words, list).await?
            && found.0 < best.0
        {
            best = found;
        }
    }
    Ok(best.1)
}

impl Hits {
    fn weight(&self) -> i64 {
        self.customers + self.products + i64::try_from(self.shoppers.len()).unwrap_or(i64::MAX / 4)
    }

    /// Whether nothing but a customer has it.
    fn is_of_customers(&self) -> bool {
        self.products == 0 && self.shoppers.is_empty()
    }
}

impl Indexes<'_> {
    async fn hits(&self, check: &Check, word: &str) -> Result<Hits> {
        let customers = self.count(self.customers, word, SHARED_MAX + 1).await?;
        let products = match &self.products {
            Some(index) => self.count(index.count, word, ENTITIES_MAX + 1).await?,
            None => 0,
        };
        Ok(Hits { word: word.to_owned(), shoppers: check.called(word), customers, products })
    }

    async fn count(&self, statement: &'static str, word: &str, most: i64) -> Result<i64> {
        let [from, to] = bounds(word);
        let rows = self.store.query(statement, vec![self.account.to_value(), from, to, Value::Int(most)]).await?;
        take(&mut rows.into_iter().flatten(), "words", "count")
    }

    /// By this word, and what it costs; `None` when it is too common.
    async fn ways(&self, hits: &Hits, words: &[Hits], list: &impl Reach) -> Result<Option<(i64, Vec<Lead>)>> {
        let mut streams: Vec<_> = hits.shoppers.iter().copied().map(Lead::Shopper).collect();
        let (mut weight, mut ways) = (0, Vec::new());
        if hits.customers > 0 {
            let other = words.iter().find(|other| other.word != hits.word && other.is_of_customers() && other.customers <= SHARED_MAX);
            let is_rare = hits.customers <= if other.is_some() { SHARED_MAX } else { ENTITIES_MAX };
            let lead = Lead::Customers(hits.word.clone(), other.unwrap_or(hits).word.clone());
            let reach = if is_rare { list.reach(&lead, REACH_MAX + 1).await? } else { i64::MAX };
            if reach > REACH_MAX {
                return Ok(None);
            }
            weight += reach;
            ways.push(lead);
        }
        if let Some(index) = self.products.as_ref().filter(|_| hits.products > 0) {
            let lead = Lead::Products(hits.word.clone());
            let is_rare = hits.products <= ENTITIES_MAX;
            let reach = if is_rare { list.reach(&lead, REACH_MAX + 1).await? } else { i64::MAX };
            if reach <= REACH_MAX {
                weight += reach;
                ways.push(lead);
            } else {
                streams.extend(self.few_products(index, &hits.word).await?.into_iter().map(Lead::Product));
            }
        }
        if streams.len() > STREAMS_MAX {
            return Ok(None);
        }
        // They are read in their order, however long they are. With one word there is nothing to choose.
        for stream in streams {
            weight += if words.len() > 1 { list.reach(&stream, REACH_MAX).await? } else { 0 };
            ways.push(stream);
        }
        Ok(Some((weight, ways)))
    }

    /// The products of a word, as far as they may lead, and one more.
    async fn few_products(&self, index: &ProductIndex, word: &str) -> Result<Vec<String>> {
        let ([from, to], most) = (bounds(word), i64::try_from(STREAMS_MAX + 1).unwrap_or(i64::MAX));
        let rows = self.store.query(index.list, vec![self.account.to_value(), from, to, Value::Int(most)]).await?;
        rows.into_iter().map(|row| take(&mut row.into_iter(), "product_words", "sku")).collect()
    }
}
