//! Titles of the problem documents. One row a kind; the compiler sees to it that none is missing.

use super::Locale;
use crate::error::Code;

/// The kind in a few words.
pub(crate) const fn title(code: Code, locale: Locale) -> &'static str {
    let [en, es, pt, ca] = titles(code);
    match locale {
        Locale::En => en,
        Locale::Es => es,
        Locale::Pt => pt,
        Locale::Ca => ca,
    }
}

#[rustfmt::skip]
const fn titles(code: Code) -> [&'static str; 4] {
    match code {
        Code::MalformedJson => ["The body is not JSON", "El cuerpo no es JSON", "O corpo não é JSON", "El cos no és JSON"],
        Code::InvalidBody => ["The body has another shape", "El cuerpo tiene otra forma", "O corpo tem outra forma", "El cos té una altra forma"],
        Code::InvalidField => ["A value is not acceptable", "Un valor no es aceptable", "Um valor não é aceitável", "Un valor no és acceptable"],
        Code::BodyTooLarge => ["The body is too large", "El cuerpo es demasiado grande", "O corpo é grande demais", "El cos és massa gran"],
        Code::UnsupportedMediaType => ["This content type is not accepted", "No se acepta este tipo de contenido", "Este tipo de conteúdo não é aceito", "No s'accepta aquest tipus de contingut"],
        Code::InvalidParameter => ["A parameter is not acceptable", "Un parámetro no es aceptable", "Um parâmetro não é aceitável", "Un paràmetre no és acceptable"],
        Code::InvalidCursor => ["The cursor cannot be used", "No se puede usar el cursor", "O cursor não pode ser usado", "No es pot fer servir el cursor"],
        Code::IdempotencyKeyMissing => ["An Idempotency-Key is needed", "Falta Idempotency-Key", "Falta Idempotency-Key", "Falta Idempotency-Key"],
        Code::IdempotencyKeyInvalid => ["The Idempotency-Key is malformed", "Idempotency-Key está mal formada", "Idempotency-Key está malformada", "Idempotency-Key està mal formada"],
        Code::IdempotencyKeyReused => ["The Idempotency-Key was used before", "Idempotency-Key ya fue usada", "Idempotency-Key já foi usada", "Idempotency-Key ja s'ha fet servir"],
        Code::RequestInProgress => ["The first request is still running", "La primera petición sigue en curso", "O primeiro pedido ainda está em andamento", "La primera petició encara està en curs"],
        Code::Unauthenticated => ["Sign in first", "Primero inicie sesión", "Primeiro inicie a sessão", "Primer inicieu la sessió"],
        Code::SignInFailed => ["Signing in failed", "No se pudo iniciar sesión", "Não foi possível iniciar a sessão", "No s'ha pogut iniciar la sessió"],
        Code::TooManyAttempts => ["Too many attempts", "Demasiados intentos", "Tentativas demais", "Massa intents"],
        Code::ModuleMissing => ["Your role does not open this", "Su rol no da acceso a esto", "Sua função não dá acesso a isto", "El vostre rol no hi dona accés"],
        Code::QuotaExceeded => ["Too many requests", "Demasiadas peticiones", "Pedidos demais", "Massa peticions"],
        Code::ScopeMissing => ["Your API key does not open this", "Su clave de API no da acceso a esto", "Sua chave de API não dá acesso a isto", "La vostra clau d'API no hi dona accés"],
        Code::NotAllowed => ["Not allowed", "No está permitido", "Não é permitido", "No està permès"],
        Code::NotFound => ["Not found", "No encontrado", "Não encontrado", "No trobat"],
        Code::NoSuchRoute => ["No such address", "No existe esta dirección", "Este endereço não existe", "Aquesta adreça no existeix"],
        Code::MethodNotAllowed => ["This method is not taken here", "Aquí no se acepta este método", "Este método não é aceito aqui", "Aquí no s'accepta aquest mètode"],
        Code::IllegalTransition => ["Its state does not allow this", "Su estado no lo permite", "O estado não o permite", "El seu estat no ho permet"],
        Code::AlreadyExists => ["It exists already", "Ya existe", "Já existe", "Ja existeix"],
        Code::AlreadyTaken => ["It is taken already", "Ya está ocupado", "Já está em uso", "Ja està ocupat"],
        Code::Contended => ["Too many changes at once", "Demasiados cambios a la vez", "Mudanças demais ao mesmo tempo", "Massa canvis alhora"],
        Code::ConsentRequired => ["Consent is needed first", "Primero hace falta su consentimiento", "Primeiro é preciso o seu consentimento", "Primer cal el vostre consentiment"],
        Code::MediaElsewhere => ["The call is at another node", "La llamada está en otro nodo", "A chamada está em outro nó", "La trucada és en un altre node"],
        Code::OfferUnacceptable => ["The offer cannot be answered", "No se puede responder a la oferta", "A oferta não pode ser respondida", "No es pot respondre a l'oferta"],
        Code::FeedLeased => [
            "Others have the next events of this feed",
            "Otros tienen los próximos eventos de este canal",
            "Outros têm os próximos eventos deste canal",
            "Altres tenen els propers esdeveniments d'aquest canal",
        ],
        Code::LeaseLost => [
            "This lease has ended",
            "Esta reserva ha terminado",
            "Esta reserva terminou",
            "Aquesta reserva s'ha acabat",
        ],
        Code::ExportsUnderWay => [
            "Too many exports are being made",
            "Se están preparando demasiadas exportaciones",
            "Há exportações demais em preparação",
            "S'estan preparant massa exportacions",
        ],
        Code::RoomFull => ["The call is full", "La llamada está completa", "A chamada está cheia", "La trucada és plena"],
        Code::MediaUnavailable => ["No video here now", "Ahora no hay vídeo aquí", "Não há vídeo aqui agora", "Ara no hi ha vídeo aquí"],
        Code::VersionMismatch => ["It has changed meanwhile", "Ha cambiado entretanto", "Mudou entretanto", "Ha canviat mentrestant"],
        Code::Busy => ["The server is busy", "El servidor está ocupado", "O servidor está ocupado", "El servidor està ocupat"],
        Code::RangeNotSatisfiable => ["The file has no such part", "El archivo no tiene esa parte", "O arquivo não tem essa parte", "El fitxer no té aquesta part"],
        Code::TranscriptTooLong => ["Too long for a transcript", "Demasiado largo para una transcripción", "Longo demais para uma transcrição", "Massa llarg per a una transcripció"],
        Code::StorageUnavailable => ["Files cannot be reached", "No se puede acceder a los archivos", "Os arquivos estão inacessíveis", "No es pot accedir als fitxers"],
        Code::DatabaseUnavailable => ["The database cannot be reached", "No se puede acceder a la base de datos", "O banco de dados está inacessível", "No es pot accedir a la base de dades"],
        Code::PositionNotReached => ["Not that far yet", "Aún no se ha llegado ahí", "Ainda não chegou lá", "Encara no s'hi ha arribat"],
        Code::NotReady => ["The server is not ready", "El servidor no está listo", "O servidor não está pronto", "El servidor no està a punt"],
        Code::Internal => ["A mistake of ours", "Un error nuestro", "Um erro nosso", "Un error nostre"],
    }
}
