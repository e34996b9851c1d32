//! The words of a transcript in the four languages.
//!
//! `{who}` and `{to}` stand for people, other names in braces for what is told of them.

use super::What;
use crate::document::word::{Word, words};
use vitrina_domain::{
    call::{CancelReason, Device, EndReason, QueueReason, media::ConsentKind, recording::Switch},
    conversation::{CloseReason, Outcome, Status},
    survey::Face,
};

words! {
    TRANSCRIPT = "Transcript", "Transcripción", "Transcrição", "Transcripció";
    CONVERSATION_WITH = "Conversation with {who}", "Conversación con {who}", "Conversa com {who}", "Conversa amb {who}";
    CALL_WITH = "Video call with {who}", "Videollamada con {who}", "Videochamada com {who}", "Videotrucada amb {who}";
    TIMES_IN = "{day} · all times in {zone}", "{day} · todas las horas en {zone}", "{day} · todas as horas em {zone}", "{day} · totes les hores a {zone}";
    FOOT = "Record {id}, up to entry {position} of {at}", "Registro {id}, hasta el asiento {position} del {at}", "Registro {id}, até o lançamento {position} de {at}", "Registre {id}, fins a l’assentament {position} del {at}";
    PAGE = "page", "página", "página", "pàgina";
    DETAILS = "Details", "Datos", "Dados", "Dades";
    PEOPLE = "Participants", "Participantes", "Participantes", "Participants";
    TALK = "What was said and done", "Lo que se dijo y se hizo", "O que foi dito e feito", "El que es va dir i fer";
    PRODUCTS = "Products shown", "Productos mostrados", "Produtos mostrados", "Productes mostrats";
    CART = "Cart", "Carrito", "Carrinho", "Cistella";
    FILES = "Files", "Archivos", "Arquivos", "Fitxers";
    RATING = "Rating", "Valoración", "Avaliação", "Valoració";
    CALL = "Call", "Llamada", "Chamada", "Trucada";
    CONVERSATION = "Conversation", "Conversación", "Conversa", "Conversa";
    BEGAN = "Began", "Inicio", "Início", "Inici";
    ENDED_AT = "Ended", "Fin", "Fim", "Final";
    STILL_OPEN = "still open", "aún abierta", "ainda aberta", "encara oberta";
    CHANNEL = "Channel", "Canal", "Canal", "Canal";
    DEPARTMENT = "Department", "Departamento", "Departamento", "Departament";
    LANGUAGE = "Language", "Idioma", "Idioma", "Idioma";
    COUNTRY = "Country", "País", "País", "País";
    DEVICE = "Device", "Dispositivo", "Dispositivo", "Dispositiu";
    WAITED = "Wait", "Espera", "Espera", "Espera";
    DURATION = "Duration", "Duración", "Duração", "Durada";
    MESSAGES = "Messages and files", "Mensajes y archivos", "Mensagens e arquivos", "Missatges i fitxers";
    OUTCOME = "Outcome", "Resultado", "Desfecho", "Resultat";
    TAGS = "Tags", "Etiquetas", "Etiquetas", "Etiquetes";
    NOTE = "Note", "Nota", "Nota", "Nota";
    NAME = "Name", "Nombre", "Nome", "Nom";
    PART = "Part", "Papel", "Papel", "Paper";
    CONTACT = "Contact", "Contacto", "Contato", "Contacte";
    FROM = "From", "Desde", "Desde", "Des de";
    UNTIL = "Until", "Hasta", "Até", "Fins a";
    CUSTOMER = "Customer", "Cliente", "Cliente", "Client";
    SHOPPER = "Shopper", "Asesor", "Consultor", "Assessor";
    STAFF = "Staff", "Personal", "Equipe", "Personal";
    PROGRAM = "Program", "Programa", "Programa", "Programa";
    BOT = "Bot", "Bot", "Bot", "Bot";
    SYSTEM = "Automatic message", "Mensaje automático", "Mensagem automática", "Missatge automàtic";
    ERASED = "(erased)", "(borrado)", "(apagado)", "(esborrat)";
    TEMPLATE = "template", "plantilla", "modelo", "plantilla";
    PRIVATE = "private note", "nota privada", "nota privada", "nota privada";
    TIME = "Time", "Hora", "Hora", "Hora";
    REFERENCE = "Reference", "Referencia", "Referência", "Referència";
    PRODUCT = "Product", "Producto", "Produto", "Producte";
    PRICE = "Price", "Precio", "Preço", "Preu";
    QUANTITY = "Quantity", "Cantidad", "Quantidade", "Quantitat";
    AMOUNT = "Amount", "Importe", "Valor", "Import";
    TOTAL = "Total", "Total", "Total", "Total";
    FILE = "File", "Archivo", "Arquivo", "Fitxer";
    RECOMMENDS = "Would recommend", "Lo recomendaría", "Recomendaria", "Ho recomanaria";
    SATISFACTION = "Satisfaction", "Satisfacción", "Satisfação", "Satisfacció";
    FACE = "Face", "Cara", "Rosto", "Cara";
    COMMENT = "Comment", "Comentario", "Comentário", "Comentari";
    QUESTION = "Question", "Pregunta", "Pergunta", "Pregunta";
    OF_TEN = "{n} of 10", "{n} de 10", "{n} de 10", "{n} de 10";
    OF_FIVE = "{n} of 5", "{n} de 5", "{n} de 5", "{n} de 5";
}

/// The sentence for something that happened; `None` for what is said, which needs none.
pub(super) fn sentence(what: &What) -> Option<Word> {
    Some(Word(match what {
        What::Message { .. } | What::File { .. } | What::HandOverNote { .. } => return None,
        What::Opened => ["{who} began", "{who} inició la sesión", "{who} iniciou a sessão", "{who} va iniciar la sessió"],
        What::Scheduled { .. } => [
            "{who} made an appointment: {from} – {until}",
            "{who} fijó una cita: {from} – {until}",
            "{who} marcou um horário: {from} – {until}",
            "{who} va fixar una cita: {from} – {until}",
        ],
        What::Queued { reason } => match reason {
            QueueReason::Requested => ["The customer waits", "El cliente espera", "O cliente aguarda", "El client espera"],
            QueueReason::Scheduled => [
                "The time of the appointment has come; the customer waits",
                "Llegó la hora de la cita; el cliente espera",
                "Chegou a hora marcada; o cliente aguarda",
                "Ha arribat l’hora de la cita; el client espera",
            ],
            QueueReason::ClaimExpired | QueueReason::Released => [
                "The customer waits for somebody else",
                "El cliente espera a otra persona",
                "O cliente aguarda outra pessoa",
                "El client espera una altra persona",
            ],
            QueueReason::ShopperLost => [
                "The shopper’s connection was lost; the customer waits",
                "Se perdió la conexión del asesor; el cliente espera",
                "A conexão do consultor caiu; o cliente aguarda",
                "S’ha perdut la connexió de l’assessor; el client espera",
            ],
        },
        What::Joined => ["{who} joined", "{who} se unió", "{who} entrou", "{who} s’hi va afegir"],
        What::Left => ["{who} left", "{who} salió", "{who} saiu", "{who} va sortir"],
        What::Claimed => ["{who} took the call", "{who} tomó la llamada", "{who} assumiu a chamada", "{who} va agafar la trucada"],
        What::Invited { .. } => ["{who} asked {to} in", "{who} invitó a {to}", "{who} convidou {to}", "{who} va convidar {to}"],
        What::Transferred { .. } => {
            ["{who} handed over to {to}", "{who} transfirió a {to}", "{who} transferiu para {to}", "{who} va transferir a {to}"]
        }
        What::HandedToDepartment { .. } => [
            "{who} handed over to the department {department}",
            "{who} transfirió al departamento {department}",
            "{who} transferiu para o departamento {department}",
            "{who} va transferir al departament {department}",
        ],
        What::Started => ["The call began", "La llamada comenzó", "A chamada começou", "La trucada va començar"],
        What::Ended { reason } => match reason {
            EndReason::CustomerHangup => ["The customer hung up", "El cliente colgó", "O cliente desligou", "El client va penjar"],
            EndReason::ShopperHangup => {
                ["{who} ended the call", "{who} terminó la llamada", "{who} terminou a chamada", "{who} va acabar la trucada"]
            }
            EndReason::LinkLost => ["The connection was lost", "Se perdió la conexión", "A conexão caiu", "Es va perdre la connexió"],
            EndReason::Limit => [
                "The call reached its limit",
                "La llamada llegó a su límite",
                "A chamada atingiu o limite",
                "La trucada va arribar al límit",
            ],
        },
        What::Cancelled { reason } => match reason {
            CancelReason::ByCustomer => ["The customer cancelled", "El cliente canceló", "O cliente cancelou", "El client va cancel·lar"],
            CancelReason::ByShopper | CancelReason::ByAdmin => {
                ["{who} cancelled", "{who} canceló", "{who} cancelou", "{who} va cancel·lar"]
            }
            CancelReason::NoShowCustomer => {
                ["The customer did not come", "El cliente no vino", "O cliente não veio", "El client no va venir"]
            }
            CancelReason::NoShowShopper => {
                ["The shopper did not come", "El asesor no vino", "O consultor não veio", "L’assessor no va venir"]
            }
            CancelReason::Expired => ["Its time has passed", "El plazo venció", "O prazo expirou", "El termini va vèncer"],
            CancelReason::AbandonedInQueue => {
                ["The customer left the queue", "El cliente dejó la cola", "O cliente saiu da fila", "El client va deixar la cua"]
            }
            CancelReason::NoAgent => ["Nobody could come", "Nadie pudo venir", "Ninguém pôde vir", "Ningú no va poder venir"],
            CancelReason::System => ["It was cancelled", "Se canceló", "Foi cancelada", "Es va cancel·lar"],
        },
        What::StatusChanged { .. } => [
            "{who} set the status: {status}",
            "{who} cambió el estado: {status}",
            "{who} mudou o status: {status}",
            "{who} va canviar l’estat: {status}",
        ],
        What::ProductShown { .. } => {
            ["{who} showed {product}", "{who} mostró {product}", "{who} mostrou {product}", "{who} va mostrar {product}"]
        }
        What::CartAdded { .. } => [
            "{who} put {quantity} × {product} into the cart",
            "{who} añadió {quantity} × {product} al carrito",
            "{who} adicionou {quantity} × {product} ao carrinho",
            "{who} va afegir {quantity} × {product} a la cistella",
        ],
        What::CartChanged { .. } => [
            "{who} changed {product} in the cart from {from} to {until}",
            "{who} cambió {product} en el carrito de {from} a {until}",
            "{who} alterou {product} no carrinho de {from} para {until}",
            "{who} va canviar {product} a la cistella de {from} a {until}",
        ],
        What::CartRemoved { .. } => [
            "{who} took {quantity} × {product} out of the cart",
            "{who} quitó {quantity} × {product} del carrito",
            "{who} retirou {quantity} × {product} do carrinho",
            "{who} va treure {quantity} × {product} de la cistella",
        ],
        What::ConsentGiven { .. } => [
            "{who} consented: {kind}, text {version}",
            "{who} dio su consentimiento: {kind}, texto {version}",
            "{who} deu consentimento: {kind}, texto {version}",
            "{who} va donar el consentiment: {kind}, text {version}",
        ],
        What::ConsentWithdrawn { .. } => [
            "{who} withdrew consent: {kind}",
            "{who} retiró su consentimiento: {kind}",
            "{who} retirou o consentimento: {kind}",
            "{who} va retirar el consentiment: {kind}",
        ],
        What::Recording { state: Switch::On } => {
            ["Recording was switched on", "Se activó la grabación", "A gravação foi ligada", "Es va activar l’enregistrament"]
        }
        What::Recording { state: Switch::Off } => {
            ["Recording was switched off", "Se desactivó la grabación", "A gravação foi desligada", "Es va desactivar l’enregistrament"]
        }
        What::Rated { .. } => {
            ["The customer rated: {score}", "El cliente valoró: {score}", "O cliente avaliou: {score}", "El client va valorar: {score}"]
        }
        What::Closed { reason } => match reason {
            CloseReason::ByCustomer => [
                "The customer closed the conversation",
                "El cliente cerró la conversación",
                "O cliente encerrou a conversa",
                "El client va tancar la conversa",
            ],
            CloseReason::ByShopper | CloseReason::ByAdmin => {
                ["{who} closed the conversation", "{who} cerró la conversación", "{who} encerrou a conversa", "{who} va tancar la conversa"]
            }
            CloseReason::CallEnded => [
                "The conversation ended with the call",
                "La conversación terminó con la llamada",
                "A conversa terminou com a chamada",
                "La conversa va acabar amb la trucada",
            ],
            CloseReason::Inactivity => [
                "The conversation was closed: nobody wrote any more",
                "La conversación se cerró: nadie escribió más",
                "A conversa foi encerrada: ninguém escreveu mais",
                "La conversa es va tancar: ningú no va escriure més",
            ],
        },
        What::Continued { .. } => [
            "The talk goes on in {conversation}",
            "La charla sigue en {conversation}",
            "A conversa continua em {conversation}",
            "La conversa continua a {conversation}",
        ],
    }))
}

pub(super) const fn status(status: Status) -> Word {
    Word(match status {
        Status::InProgress => ["in progress", "en curso", "em andamento", "en curs"],
        Status::WaitingCustomer => ["waiting for the customer", "a la espera del cliente", "aguardando o cliente", "a l’espera del client"],
        Status::NeedHelp => ["needs help", "necesita ayuda", "precisa de ajuda", "necessita ajuda"],
    })
}

pub(super) const fn outcome(outcome: Outcome) -> Word {
    Word(match outcome {
        Outcome::Escalated => ["escalated", "escalada", "escalada", "escalada"],
        Outcome::NoAgent => ["nobody was available", "nadie disponible", "ninguém disponível", "ningú disponible"],
        Outcome::NoAnswer => {
            ["the customer did not answer", "el cliente no respondió", "o cliente não respondeu", "el client no va respondre"]
        }
        Outcome::Success => ["resolved", "resuelta", "resolvida", "resolta"],
    })
}

pub(super) const fn device(device: Device) -> Option<Word> {
    Some(Word(match device {
        Device::Mobile => ["phone", "móvil", "celular", "mòbil"],
        Device::Tablet => ["tablet", "tableta", "tablet", "tauleta"],
        Device::Desktop => ["computer", "ordenador", "computador", "ordinador"],
        Device::Unknown => return None,
    }))
}

pub(super) const fn face(face: Face) -> Word {
    Word(match face {
        Face::Satisfied => ["satisfied", "satisfecho", "satisfeito", "satisfet"],
        Face::Neutral => ["neutral", "neutral", "neutro", "neutral"],
        Face::Dissatisfied => ["dissatisfied", "insatisfecho", "insatisfeito", "insatisfet"],
    })
}

pub(super) const fn consent(kind: ConsentKind) -> Word {
    Word(match kind {
        ConsentKind::Terms => ["terms and privacy", "condiciones y privacidad", "termos e privacidade", "condicions i privacitat"],
        ConsentKind::Recording => ["recording", "grabación", "gravação", "enregistrament"],
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_word_has_the_same_blanks_in_all_languages() {
        crate::document::word::blanks_agree(super::ALL);
    }
}
