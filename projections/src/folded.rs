//! Texts folded for searching: lower case, no accents, so that "garcia" finds "García".

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text as it is compared.
pub(crate) fn folded(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

/// A pattern for `LIKE … ESCAPE '\'` that finds the folded text anywhere.
pub(crate) fn anywhere(query: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded(query).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(folded(" José GARCÍA-Núñez "), "jose garcia-nunez");
        assert_eq!(folded("ﬁne ＡＢＣ"), "fine abc");
    }

    #[test]
    fn signs_of_a_pattern_are_taken_literally() {
        assert_eq!(anywhere("50%_a\\"), "%50\\%\\_a\\\\%");
    }
}
