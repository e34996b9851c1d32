//! Whether a row is meant: looked up in the texts that belong to it at the position.

use super::{Needle, Words, needle::begins_a_word};
use std::collections::HashMap;
use vitrina_domain::ids::ShopperId;

/// A query, and what every shopper is called.
pub(crate) struct Check {
    needle: Needle,
    names: HashMap<ShopperId, String>,
}

impl Check {
    pub(crate) fn new(needle: &Needle, names: &HashMap<ShopperId, String>) -> Self {
        let stored = |name: &str| {
            let mut words = Words::default();
            words.add(name);
            words.stored()
        };
        Self { needle: needle.clone(), names: names.iter().map(|(id, name)| (*id, stored(name))).collect() }
    }

    /// Whether all the words are in the stored texts and in the names of these shoppers.
    pub(crate) fn finds<'t>(&self, texts: impl IntoIterator<Item = &'t str>, shoppers: impl IntoIterator<Item = ShopperId>) -> bool {
        let mut all: Vec<&str> = shoppers.into_iter().filter_map(|id| self.names.get(&id)).map(String::as_str).collect();
        all.extend(texts.into_iter().map(|text| -> &str { text }));
        self.needle.is_in(all.into_iter())
    }

    /// The words.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.needle.words()
    }

    /// Who has a word in the name that begins so.
    pub(super) fn called(&self, word: &str) -> Vec<ShopperId> {
        self.names.iter().filter(|(_, text)| begins_a_word(text, word)).map(|(id, _)| *id).collect()
    }
}
