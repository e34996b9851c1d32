//! What a customer consents to, in the customer's language.

use super::Locale;

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
