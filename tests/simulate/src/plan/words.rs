//! What people say, in four languages.

use crate::random::Random;

/// The languages of the shop and the countries where they are spoken.
pub const LANGUAGES: [(&str, &[&str]); 4] =
    [("es", &["ES", "MX", "AR"]), ("pt", &["PT", "BR"]), ("en", &["GB", "US", "IE"]), ("ca", &["ES", "AD"])];

/// When something is said.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    /// The shopper begins.
    Greeting,
    /// The customer asks.
    Question,
    /// The shopper answers.
    Answer,
    /// The customer ends it.
    Goodbye,
    /// The customer is pleased, and says so in the survey.
    Praise,
    /// The customer is not.
    Complaint,
}

type Lines = &'static [&'static str];

const ES: [Lines; 6] = [
    &["¡Hola! Soy tu personal shopper, ¿en qué te ayudo?", "Hola, ¡bienvenida! ¿Qué buscas hoy?"],
    &["¿Lo tenéis en la talla 41?", "¿Es impermeable?", "¿Cuánto tarda el envío a Sevilla?", "¿Hay otros colores?"],
    &["Sí, te lo enseño ahora mismo.", "Quedan dos unidades en ese color.", "El envío tarda dos días laborables."],
    &["Perfecto, muchas gracias.", "Gracias, me lo llevo."],
    &["Un trato excelente, volveré.", "Muy amable y muy rápida."],
    &["Esperé demasiado.", "No encontré lo que buscaba."],
];
const PT: [Lines; 6] = [
    &["Olá! Como posso ajudar?", "Bem-vinda! O que você procura hoje?"],
    &["Vocês têm no tamanho 41?", "É impermeável?", "Quanto demora o frete para Porto Alegre?", "Tem em outras cores?"],
    &["Sim, já mostro.", "Restam duas unidades nessa cor.", "A entrega demora dois dias úteis."],
    &["Perfeito, muito obrigado.", "Obrigada, vou levar."],
    &["Atendimento excelente, voltarei.", "Muito simpática e rápida."],
    &["Esperei demais.", "Não encontrei o que procurava."],
];
const EN: [Lines; 6] = [
    &["Hello! How can I help you?", "Welcome! What are you looking for today?"],
    &["Do you have it in size 41?", "Is it waterproof?", "How long does delivery to Leeds take?", "Does it come in other colours?"],
    &["Yes, let me show you.", "There are two left in that colour.", "Delivery takes two working days."],
    &["Perfect, thank you.", "Thanks, I’ll take it."],
    &["Excellent service, I’ll be back.", "Very kind and very quick."],
    &["I waited too long.", "I did not find what I wanted."],
];
const CA: [Lines; 6] = [
    &["Hola! Com et puc ajudar?", "Benvinguda! Què busques avui?"],
    &["El teniu en la talla 41?", "És impermeable?", "Quant triga l’enviament a Girona?", "N’hi ha d’altres colors?"],
    &["Sí, ara t’ho ensenyo.", "En queden dues unitats d’aquest color.", "L’enviament triga dos dies feiners."],
    &["Perfecte, moltes gràcies.", "Gràcies, me l’enduc."],
    &["Un tracte excel·lent, tornaré.", "Molt amable i molt ràpida."],
    &["He esperat massa.", "No he trobat el que buscava."],
];

/// Something that fits the moment.
pub fn say(random: &mut Random, language: &str, moment: Moment) -> String {
    let all = match language {
        "es" => &ES,
        "pt" => &PT,
        "ca" => &CA,
        _ => &EN,
    };
    random.pick(all[moment as usize]).to_owned()
}
