//! Texts as the words that a search finds them by: lower case, no accents, so that "garcia" finds "García-Núñez".

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Characters of a word that are kept: a longer one is found by its beginning all the same.
const WORD_CHARS_MAX: usize = 64;
/// Words of one thing: a name, an address, a number, a company and the shop's id have a tenth.
const WORDS_MAX: usize = 100;
/// Digits from which on digits and signs are one number, such as "600 11 22 33".
const NUMBER_DIGITS_MIN: usize = 6;
/// Digits of the longest country code: a telephone number is also found without it.
const COUNTRY_CODE_DIGITS_MAX: usize = 3;

/// The words of one thing, in their order, each once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Adds those of a text: what stands between spaces, and the letters and digits between other signs.
    pub(crate) fn add(&mut self, text: &str) {
        let text = folded(text);
        if let Some(number) = number(&text) {
            self.word(&number);
        }
        for chunk in text.split_whitespace() {
            self.word(chunk.trim_matches(|c: char| !c.is_alphanumeric()));
            chunk.split(|c: char| !c.is_alphanumeric()).for_each(|piece| self.word(piece));
            if let Some(number) = number(chunk) {
                self.word(&number);
            }
        }
    }

    /// Adds a telephone number, whole and without its country code, whichever that is.
    pub(crate) fn add_phone(&mut self, text: &str) {
        self.add(text);
        if let Some(number) = number(&folded(text)) {
            (1..=COUNTRY_CODE_DIGITS_MAX).filter(|cut| number.len() > *cut).for_each(|cut| self.word(&number[cut..]));
        }
    }

    fn word(&mut self, word: &str) {
        let word: String = word.chars().take(WORD_CHARS_MAX).collect();
        if !word.is_empty() && self.0.len() < WORDS_MAX && !self.0.contains(&word) {
            self.0.push(word);
        }
    }

    /// The words of a query: what stands between spaces; digits and signs alone are one number.
    pub(super) fn of_query(text: &str) -> Self {
        let (text, mut words) = (folded(text), Self::default());
        match number(&text) {
            Some(number) => words.word(&number),
            None => text.split_whitespace().for_each(|chunk| words.word(chunk.trim_matches(|c: char| !c.is_alphanumeric()))),
        }
        words
    }

    /// Those that the other does not have.
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().filter(|word| !other.0.contains(word)).cloned().collect())
    }

    /// These and those of the other.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        let more = other.without(&self);
        self.0.extend(more.0);
        self
    }

    /// As one text, which [`Self::of_stored`] reads: a space before each.
    pub(crate) fn stored(&self) -> String {
        self.0.iter().fold(String::new(), |text, word| text + " " + word)
    }

    /// Those that were stored.
    pub(crate) fn of_stored(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }

    /// One after the other.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// What comes after every word with this beginning, in the order of bytes.
pub(crate) fn beyond(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

/// PostgreSQL's texts cannot hold the character NUL: it is no part of a word.
fn folded(text: &str) -> String {
    text.replace('\0', "").nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-./()".contains(c));
    (is_number && digits.len() >= NUMBER_DIGITS_MIN).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Words::default();
        words.add(text);
        words.0
    }

    #[test]
    fn a_text_is_found_by_its_chunks_and_by_their_pieces() {
        assert_eq!(words("José GARCÍA-Núñez"), ["jose", "garcia-nunez", "garcia", "nunez"]);
        assert_eq!(words("clara@example.com"), ["clara@example.com", "clara", "example", "com"]);
        assert_eq!(words(" (¡Olé!) – "), ["ole"]);
    }

    #[test]
    fn a_telephone_number_is_found_with_and_without_its_country_code() {
        let mut words = Words::default();
        words.add_phone("+34 600-11-22-33");
        for asked in ["+34600112233", "600 11 22 33", "34 600 11", "600112233"] {
            let query = Words::of_query(asked);
            let asked = query.iter().collect::<Vec<_>>();
            assert!(asked.iter().all(|asked| words.iter().any(|word| word.starts_with(asked))), "{asked:?} {words:?}");
        }
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let mut words = Words::default();
        words.add("Vestido rojo, talla 38");
        assert_eq!(Words::of_stored(&words.stored()), words);
    }
}
