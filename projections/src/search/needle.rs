//! What is searched for.

use super::Words;

/// The words of a query, all of which must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    words: Words,
}

impl Needle {
    /// Of a query; `None` when there is no word in it, which finds everything.
    pub fn new(query: &str) -> Option<Self> {
        let words = Words::of_query(query);
        let is_empty = words.iter().next().is_none();
        (!is_empty).then_some(Self { words })
    }

    /// The words.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter()
    }

    /// Whether every word begins one of the words of these stored texts.
    pub(crate) fn is_in<'t>(&self, texts: impl Iterator<Item = &'t str> + Clone) -> bool {
        self.words().all(|word| texts.clone().any(|text| begins_a_word(text, word)))
    }

    /// Whether every word begins a word of these plain texts.
    pub fn is_in_plain<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> bool {
        let mut words = Words::default();
        texts.into_iter().for_each(|text| words.add(text));
        self.words().all(|asked| words.iter().any(|word| word.starts_with(asked)))
    }
}

/// Stored texts have a space before each word.
pub(super) fn begins_a_word(stored: &str, word: &str) -> bool {
    stored.match_indices(word).any(|(at, _)| stored[..at].ends_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_begins_some_word_of_some_text() {
        let texts = [" jose garcia-nunez garcia nunez", " vestido rojo"];
        let found = |query: &str| Needle::new(query).is_none_or(|needle| needle.is_in(texts.into_iter()));
        for query in ["garcia", "JOSÉ ves", "Garcia-N", "rojo nuñez", "  ", "…"] {
            assert!(found(query), "{query}");
        }
        for query in ["arcia", "jose azul", "josefa", "garcia-nunez-x"] {
            assert!(!found(query), "{query}");
        }
    }
}
