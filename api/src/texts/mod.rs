//! What the server says to people, in the four languages of the product, compiled in.
//!
//! The language is the caller's `Accept-Language` (RFC 9110 section 12.5.4): the known one with the highest weight.

mod consent;
mod problems;

pub(crate) use consent::consent;
pub(crate) use problems::title;

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Locale {
    /// English, the fallback.
    #[default]
    En,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
    /// Catalan.
    Ca,
}

impl From<Locale> for vitrina_domain::locale::Locale {
    fn from(locale: Locale) -> Self {
        match locale {
            Locale::En => Self::En,
            Locale::Es => Self::Es,
            Locale::Pt => Self::Pt,
            Locale::Ca => Self::Ca,
        }
    }
}

impl Locale {
    /// Its BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Pt => "pt",
            Self::Ca => "ca",
        }
    }

    /// The language of this tag, whatever its region.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        if tag.trim() == "*" { Some(Self::En) } else { vitrina_domain::locale::Locale::of(tag).map(Self::from) }
    }

    /// The best of our languages for an `Accept-Language` header.
    pub(crate) fn negotiate(accept_language: &str) -> Self {
        let weighed = accept_language.split(',').filter_map(|range| {
            let mut parts = range.split(';');
            let locale = Self::of(parts.next()?)?;
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            (weight > 0.0).then_some((locale, weight))
        });
        weighed
            .fold(None, |best: Option<(Self, f32)>, next| if best.is_none_or(|b| next.1 > b.1) { Some(next) } else { best })
            .map_or(Self::En, |(locale, _)| locale)
    }
}

impl From<vitrina_domain::locale::Locale> for Locale {
    fn from(locale: vitrina_domain::locale::Locale) -> Self {
        use vitrina_domain::locale::Locale as Known;
        match locale {
            Known::En => Self::En,
            Known::Es => Self::Es,
            Known::Pt => Self::Pt,
            Known::Ca => Self::Ca,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;
    use proptest::prelude::*;

    #[test]
    fn the_known_language_with_the_highest_weight_wins() {
        assert_eq!(Locale::negotiate("fr, es-MX;q=0.8, pt;q=0.9"), Locale::Pt);
        assert_eq!(Locale::negotiate("ca-ES, en;q=0.5"), Locale::Ca);
        assert_eq!(Locale::negotiate("de"), Locale::En);
        assert_eq!(Locale::negotiate("es;q=0, en;q=0.1"), Locale::En);
        assert_eq!(Locale::negotiate(";;,q=,"), Locale::En);
    }

    proptest! {
        #[test]
        fn any_wish_for_a_language_gets_one(text in any::<String>()) {
            let _ = Locale::negotiate(&text);
        }

        #[test]
        fn any_list_of_ranges_gets_one_of_ours(text in "([a-z*]{1,3}(-[A-Z]{2})?(;q=[0-9.]{0,5})?,? ?){0,6}") {
            prop_assert!(["en", "es", "pt", "ca"].contains(&Locale::negotiate(&text).tag()));
        }
    }
}
