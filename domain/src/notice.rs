//! What the system tells a customer in a conversation, in the customer's language.

use crate::locale::Locale;

/// Something that a customer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Somebody came to help (PRODUCT.md I09).
    HelpHasCome,
    /// Who talked with them is gone for good, and the customer waits for the next one.
    ShopperLost,
    /// Nobody can come now; when somebody will is told beside it, to be shown in the customer's own zone.
    NobodyUntil,
    /// Nobody can come now, and when somebody will is not known.
    Nobody,
}

impl Notice {
    /// The words.
    pub const fn words(self, locale: Locale) -> &'static str {
        let [en, es, pt, ca] = match self {
            Self::HelpHasCome => [
                "Somebody else of our team has joined to help you.",
                "Otra persona de nuestro equipo se ha unido para ayudarle.",
                "Outra pessoa da nossa equipe entrou para ajudar.",
                "Una altra persona del nostre equip s'hi ha afegit per ajudar-vos.",
            ],
            Self::ShopperLost => [
                "The connection of the person who was attending to you is lost. You keep your place, and somebody else will go on shortly.",
                "Se ha perdido la conexión de la persona que le atendía. Conserva usted su turno y otra persona continuará enseguida.",
                "A conexão da pessoa que o atendia caiu. O seu lugar na fila está guardado e outra pessoa continuará em seguida.",
                "S'ha perdut la connexió de la persona que us atenia. Conserveu el vostre torn i una altra persona continuarà de seguida.",
            ],
            Self::NobodyUntil => [
                "Nobody can attend to you right now. Somebody will be here again at the time shown.",
                "Ahora mismo nadie puede atenderle. Volveremos a estar a la hora indicada.",
                "Neste momento ninguém pode atendê-lo. Estaremos de volta na hora indicada.",
                "Ara mateix ningú no us pot atendre. Tornarem a ser-hi a l'hora indicada.",
            ],
            Self::Nobody => [
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
}
