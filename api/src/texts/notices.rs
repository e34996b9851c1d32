//! What the system tells a customer in a conversation, in the customer's language.

use super::Locale;

/// Something that a customer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Somebody came to help (PRODUCT.md I09).
    HelpHasCome,
    /// Nobody can come now; when somebody will is told beside it, to be shown in the customer's own zone.
    NobodyUntil,
    /// Nobody can come now, and when somebody will is not known.
    Nobody,
}

/// What a customer consents to, where the shop has no words of its own.
pub(crate) fn consent(store_name: &str, locale: Locale) -> String {
    match locale {
        Locale::En => {
            format!("I accept the terms and the privacy policy of {store_name}, and that my picture and voice are sent during the call.")
        }
        Locale::Es => {
            format!(
                "Acepto los términos y la política de privacidad de {store_name}, y que mi imagen y mi voz se transmitan durante la llamada."
            )
        }
        Locale::Pt => {
            format!(
                "Aceito os termos e a política de privacidade de {store_name}, e que minha imagem e minha voz sejam transmitidas durante a chamada."
            )
        }
        Locale::Ca => {
            format!(
                "Accepto els termes i la política de privacitat de {store_name}, i que la meva imatge i la meva veu es transmetin durant la trucada."
            )
        }
    }
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
        Notice::NobodyUntil => [
            "Nobody can attend to you right now. Somebody will be here again at the time shown.",
            "Ahora mismo nadie puede atenderle. Volveremos a estar a la hora indicada.",
            "Neste momento ninguém pode atendê-lo. Estaremos de volta na hora indicada.",
            "Ara mateix ningú no us pot atendre. Tornarem a ser-hi a l'hora indicada.",
        ],
        Notice::Nobody => [
            "Nobody can attend to you right now. Leave us a message and we will get back to you.",
            "Ahora mismo nadie puede atenderle. Déjenos un mensaje y le responderemos.",
            "Neste momento ninguém pode atendê-lo. Deixe uma mensagem e responderemos.",
            "Ara mateix ningú no us pot atendre. Deixeu-nos un missatge i us respondrem.",
        ],
    };
    match locale {
        Locale::En => en,
        Locale::Es => es,
        Locale::Pt => pt,
        Locale::Ca => ca,
    }
}
