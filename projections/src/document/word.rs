//! Words in the four languages, compiled in: one that lacks a language does not compile.

use vitrina_domain::locale::Locale;

/// A word or a sentence in English, Spanish, Portuguese and Catalan; names in braces are blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) [&'static str; 4]);

impl Word {
    /// The word in this language.
    pub(crate) const fn of(self, locale: Locale) -> &'static str {
        self.0[locale as usize]
    }

    /// The sentence with its blanks filled in one pass, so that a name with braces in it stays a name.
    pub(crate) fn filled(self, locale: Locale, blanks: &[(&str, String)]) -> String {
        let mut out = String::new();
        let mut rest = self.of(locale);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(blanks.iter().find(|(blank, _)| *blank == name).map_or("", |(_, value)| value));
            rest = behind;
        }
        out + rest
    }
}

/// Declares words: `NAME = "English", "Spanish", "Portuguese", "Catalan";`
macro_rules! words {
    ($($name:ident = $en:literal, $es:literal, $pt:literal, $ca:literal;)*) => {
        $(pub(super) const $name: $crate::document::word::Word = $crate::document::word::Word([$en, $es, $pt, $ca]);)*
        /// Every word of this file, for the test that looks at them all.
        #[cfg(test)]
        pub(super) const ALL: &[$crate::document::word::Word] = &[$($name),*];
    };
}
pub(crate) use words;

/// Refuses words whose blanks differ between languages.
#[cfg(test)]
#[track_caller]
pub(crate) fn blanks_agree(words: &[Word]) {
    use std::collections::BTreeSet;
    for word in words {
        let blanks = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next().map(str::to_owned)).collect()
        };
        for text in &word.0[1..] {
            assert_eq!(blanks(text), blanks(word.0[0]), "{text}");
            assert!(!text.is_empty() && text.chars().all(is_on_every_paper), "{text}");
        }
        portuguese_is_of_brazil(word.of(Locale::Pt));
    }
}

/// Whether what the product says itself can be printed everywhere: the fonts that it brings have these letters and signs.
#[cfg(test)]
pub(crate) fn is_on_every_paper(c: char) -> bool {
    c <= '\u{24f}' || "–—’…·«»−€".contains(c)
}

/// Refuses words that are Portugal's alone.
#[cfg(test)]
#[track_caller]
pub(crate) fn portuguese_is_of_brazil(text: &str) {
    let text = text.to_lowercase();
    for other in [
        "ficheiro",
        "equipa ",
        "telemóvel",
        "ligação",
        "encomenda",
        "inquérito",
        "ecrã",
        "utilizador",
        "até ao",
        "contacto",
        "em curso",
        " num ",
    ] {
        assert!(!format!("{text} ").contains(other), "{other} in {text}");
    }
}
