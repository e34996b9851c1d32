//! What the system tells a customer in a conversation, in the customer's language.

use super::Locale;

/// Something that a customer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Somebody came to help (PRODUCT.md I09).
    HelpHasCome,
}

/// The words.
pub(crate) const fn notice(notice: Notice, locale: Locale) -> &'static str {
    let [en, es, pt, ca] = match notice {
        Notice::HelpHasCome => [
            "Somebody else of our team has joined to help you.",
            "Otra persona de nuestro equipo se ha unido para ayudarle.",
            "Outra pessoa da nossa equipe entrou para ajudar.",
            "Una altra persona del nostre equip s'hi ha afegit per ajudar-vos.",
        ],
    };
    match locale {
        Locale::En => en,
        Locale::Es => es,
        Locale::Pt => pt,
        Locale::Ca => ca,
    }
}
