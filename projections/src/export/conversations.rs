//! The register of conversations (PRODUCT.md Z01, Z05), the oldest first.

use super::{
    PAGE, Place, Take,
    ahead::Ahead,
    cell::Cell,
    customer,
    definition::{Definition, columns},
    jsonl,
};
use crate::{
    asked,
    conversations::{COUNTS, Conversation, ConversationFilter, ConversationRow, NARROWED, Participant},
    error::Result,
    search::Check,
    shoppers,
    sql::{Row, Store, Value, sql},
    table::{Field, Named, Table, take},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::{
    ids::{AccountId, ConversationId, ShopperId},
    metrics::nps::Class,
    survey::Face,
};
use vitrina_eventlog::Position;

/// The conversations.
pub static CONVERSATIONS: Definition = Definition {
    name: "conversations",
    version: 6,
    columns: columns! {
        "opened_at": "Opened", "Abierta", "Aberta", "Oberta";
        "conversation_id": "Conversation", "Conversación", "Conversa", "Conversa";
        "status": "Status", "Estado", "Status", "Estat";
        "outcome": "Outcome", "Desenlace", "Desfecho", "Desenllaç";
        "close_reason": "Reason", "Motivo", "Motivo", "Motiu";
        "channel": "Channel", "Canal", "Canal", "Canal";
        "department": "Department", "Departamento", "Departamento", "Departament";
        "customer_id": "Customer ID", "ID del cliente", "ID do cliente", "ID del client";
        "customer_external_id": "The shop's customer ID", "ID del cliente en la tienda", "ID do cliente na loja", "ID del client a la botiga";
        "customer_name": "Customer", "Cliente", "Cliente", "Client";
        "customer_email": "Customer's e-mail", "Correo del cliente", "E-mail do cliente", "Correu del client";
        "customer_phone": "Customer's telephone", "Teléfono del cliente", "Telefone do cliente", "Telèfon del client";
        "customer_company": "Company", "Empresa", "Empresa", "Empresa";
        "language": "Language", "Idioma", "Idioma", "Idioma";
        "country": "Country", "País", "País", "País";
        "shopper": "Shopper", "Personal shopper", "Personal shopper", "Personal shopper";
        "shoppers": "All shoppers", "Todos los shoppers", "Todos os shoppers", "Tots els shoppers";
        "tags": "Tags", "Etiquetas", "Etiquetas", "Etiquetes";
        "expertise": "Expertise", "Especialidades", "Especialidades", "Especialitats";
        "messages": "Messages", "Mensajes", "Mensagens", "Missatges";
        "customer_messages": "Customer's messages", "Mensajes del cliente", "Mensagens do cliente", "Missatges del client";
        "shopper_messages": "Shoppers' messages", "Mensajes de los shoppers", "Mensagens dos shoppers", "Missatges dels shoppers";
        "closed_at": "Closed", "Cerrada", "Encerrada", "Tancada";
        "duration_s": "Duration (s)", "Duración (s)", "Duração (s)", "Durada (s)";
        "agent_replied": "Answered by a person", "Respondida por una persona", "Respondida por uma pessoa", "Resposta per una persona";
        "nps": "NPS answer", "Respuesta NPS", "Resposta NPS", "Resposta NPS";
        "nps_class": "NPS class", "Clase NPS", "Classe NPS", "Classe NPS";
        "csat": "Satisfaction", "Satisfacción", "Satisfação", "Satisfacció";
        "face": "Face", "Cara", "Rosto", "Cara";
        "comment": "Comment", "Comentario", "Comentário", "Comentari";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "previous_id": "Continues", "Continúa", "Continua", "Continua";
        "chat": "Chat", "Chat", "Chat", "Xat";
        "environment": "Environment", "Entorno", "Ambiente", "Entorn";
        "bot_id": "Bot ID", "ID del bot", "ID do bot", "ID del bot";
        "bot": "Bot", "Bot", "Bot", "Bot";
        "customer_address": "Customer's address", "Dirección del cliente", "Endereço do cliente", "Adreça del client";
        "question": "Question asked", "Pregunta de la encuesta", "Pergunta da pesquisa", "Pregunta de l'enquesta";
        "shopper_id": "Personal shopper's ID", "ID del personal shopper", "ID do personal shopper", "ID del personal shopper";
        "shopper_ids": "All shoppers' IDs", "ID de todos los shoppers", "IDs de todos os shoppers", "ID de tots els shoppers";
        "sla": "Service level", "Nivel de servicio", "Nível de serviço", "Nivell de servei";
        "sla_missed": "Not in time", "Fuera de plazo", "Fora do prazo", "Fora de termini";
    },
};

/// The answer that counts at $2; that of its call where a call owns the conversation.
macro_rules! rated {
    ($column:literal) => {
        concat!(
            ", (SELECT ",
            $column,
            " FROM ratings r WHERE r.account_id = valid.account_id AND r.conversation_id = valid.conversation_id
                AND r.position <= $2 AND r.superseded_position > $2 ORDER BY r.position DESC LIMIT 1),
             (SELECT ",
            $column,
            " FROM ratings r WHERE r.account_id = valid.account_id AND r.call_id = valid.call_id
                AND r.position <= $2 AND r.superseded_position > $2 ORDER BY r.position DESC LIMIT 1)"
        )
    };
}

/// $1 to $29 as in [`NARROWED`], $30 the end of the period, $31 and $32 the last row of the page.
const PAGED: &str = " AND (opened_at, conversation_id) > ($3, $4) AND (opened_at, conversation_id) <= ($31, $32)
      AND opened_at >= $9 AND opened_at < $30 ORDER BY opened_at, conversation_id LIMIT $5";

/// `$what` of a page.
macro_rules! page {
    ($what:literal) => {
        sql!(
            "SELECT * FROM (SELECT * FROM (SELECT ",
            $what,
            " FROM conversations WHERE account_id = $1 AND to_position = 9223372036854775807 ",
            NARROWED,
            PAGED,
            ") AS newest UNION ALL SELECT * FROM (SELECT ",
            $what,
            " FROM conversations WHERE account_id = $1 AND open = 1 AND to_position > $2 AND to_position < 9223372036854775807 ",
            NARROWED,
            PAGED,
            ") AS ended UNION ALL SELECT * FROM (SELECT ",
            $what,
            " FROM conversations WHERE account_id = $1 AND open = 0 AND to_position > $2 AND to_position < 9223372036854775807 ",
            NARROWED,
            PAGED,
            ") AS closed) AS page ORDER BY opened_at, conversation_id LIMIT $5"
        )
    };
}

/// Where a page ends; no row where it is the last one.
const END: &str =
    sql!("SELECT * FROM (", page!("opened_at, conversation_id"), ") AS page ORDER BY opened_at, conversation_id LIMIT 1 OFFSET $5 - 1");

/// The rows of the conversations that `$page` gives.
macro_rules! told {
    ($page:expr) => {
        sql!(
            "SELECT from_position, ",
            ConversationRow::COLUMNS,
            COUNTS,
            ", k_search, k_external, k_name, k_email, k_phone, k_company, k_address",
            rated!("nps"),
            rated!("csat"),
            rated!("face"),
            rated!("comment"),
            rated!("question"),
            " FROM (",
            $page,
            ") AS valid ",
            customer::JOINED,
            " ORDER BY opened_at, conversation_id"
        )
    };
}

/// The rows of a page.
const ROWS: &str = told!(page!("*"));

/// The same of these conversations.
const SOME: &str = told!(sql!(
    "SELECT * FROM conversations WHERE account_id = $1 AND from_position <= $2 AND to_position > $2 AND conversation_id IN ",
    asked::SOME
));

pub(super) const STATEMENTS: &[&str] = &[END, ROWS, SOME];

/// The conversations from their begin.
pub(super) struct Conversations {
    pages: Ahead,
    names: HashMap<ShopperId, String>,
    check: Option<Check>,
}

impl Conversations {
    pub(super) async fn open(store: &Store, account: AccountId, filter: &ConversationFilter, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        let check = filter.search.as_ref().map(|needle| Check::new(needle, &names));
        let filter = filter.clone();
        let args = move |after, upto| args(account, &filter, as_of, after, upto);
        Ok(Self { pages: Ahead::begin(store, [END, ROWS], args), names, check })
    }

    pub(super) async fn read(&mut self, take_row: &mut Take<'_>) -> Result<bool> {
        let Some(rows) = self.pages.next().await? else { return Ok(false) };
        for row in rows {
            let line = Line::read(row)?;
            let place = Place { at: line.conversation.row.opened_at, id: line.conversation.row.conversation_id.0 };
            if self.is_meant(&line) {
                take_row(place, &line.cells(&self.names));
            }
        }
        Ok(true)
    }

    /// Whether it has what is searched for, as in the list.
    fn is_meant(&self, line: &Line) -> bool {
        let shoppers = line.conversation.row.participants.0.iter().map(|participant| participant.shopper_id);
        self.check.as_ref().is_none_or(|check| check.finds(line.customer_search.as_deref(), shoppers))
    }
}

fn args(account: AccountId, filter: &ConversationFilter, as_of: Position, after: Option<Place>, upto: Option<Place>) -> Vec<Value> {
    let [at, id] = Place::after(after);
    let [_, to] = filter.opened.values();
    let mut args = vec![account.to_value(), Value::Int(as_of.0), at, id, Value::Int(PAGE)];
    args.extend(filter.values());
    args.push(to);
    args.extend(Place::upto(upto));
    args
}

/// These conversations as the file tells them.
///
/// # Errors
/// When the database is away.
pub async fn some(
    store: &Store,
    account: AccountId,
    conversations: &[ConversationId],
    as_of: Position,
) -> Result<HashMap<ConversationId, Box<RawValue>>> {
    let names = shoppers::names(store, account, as_of).await?;
    let mut told = HashMap::with_capacity(conversations.len());
    for args in asked::some(account, as_of, conversations) {
        for row in store.query(SOME, args).await? {
            let line = Line::read(row)?;
            told.insert(line.conversation.row.conversation_id, jsonl::value(&CONVERSATIONS, &line.cells(&names)));
        }
    }
    Ok(told)
}

impl Line {
    fn cells<'l>(&'l self, names: &'l HashMap<ShopperId, String>) -> [Cell<'l>; 42] {
        let (line, row, counts) = (self, &self.conversation.row, &self.conversation.counts);
        let called = |id: &ShopperId| names.get(id).map(|name| Cow::Borrowed(name.as_str()));
        let list = |texts: &'l [String]| Cell::List(texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect());
        let shoppers = row.participants.0.iter().map(|participant| &participant.shopper_id);
        let [external, name, email, phone, company, address] = &line.customer;
        let credited = Participant::credited(&row.participants.0);
        let missed = row.sla.iter().flat_map(|sla| &sla.0.clocks.missed);
        [
            Cell::Instant(row.opened_at),
            Cell::Id(row.conversation_id.0),
            Cell::Name(row.status.name()),
            row.outcome.map_or(Cell::Empty, |outcome| Cell::Name(outcome.name())),
            row.close_reason.map_or(Cell::Empty, |reason| Cell::Name(reason.name())),
            Cell::text(Some(&row.channel)),
            Cell::text(row.department.as_deref()),
            Cell::Id(row.customer_id.0),
            Cell::text(external.as_deref()),
            Cell::text(name.as_deref()),
            Cell::text(email.as_deref()),
            Cell::text(phone.as_deref()),
            Cell::text(company.as_deref()),
            Cell::text(row.language.as_deref()),
            Cell::text(row.country.as_deref()),
            credited.as_ref().and_then(called).map_or(Cell::Empty, Cell::Text),
            Cell::List(shoppers.filter_map(called).collect()),
            list(&row.tags.0),
            list(&row.expertise.0),
            Cell::Int(counts.messages),
            Cell::Int(counts.customer),
            Cell::Int(counts.agent),
            Cell::instant(row.closed_at),
            Cell::int(row.closed_at.map(|closed| (closed - row.opened_at).num_seconds())),
            row.agent_replied.map_or(Cell::Empty, Cell::Bool),
            Cell::int(line.nps),
            line.nps.map_or(Cell::Empty, |nps| Cell::Name(Class::of(nps).as_str())),
            Cell::int(line.csat),
            line.face.map_or(Cell::Empty, |face| Cell::Name(face.name())),
            Cell::text(line.comment.as_deref()),
            Cell::id(row.call_id.map(|id| id.0)),
            Cell::id(row.previous_id.map(|id| id.0)),
            Cell::Text(Cow::Owned(format!("/v1/conversations/{}/transcript", row.conversation_id))),
            Cell::Name(row.environment.name()),
            Cell::id(row.bot_id.map(|id| id.0)),
            Cell::text(row.bot.as_ref().map(|bot| bot.0.name.as_str())),
            Cell::text(address.as_deref()),
            Cell::text(line.question.as_deref()),
            Cell::id(credited.map(|id| id.0)),
            Cell::ids(row.participants.0.iter().map(|participant| participant.shopper_id.0)),
            row.sla_standing.map_or(Cell::Empty, |standing| Cell::Name(standing.name())),
            Cell::List(missed.map(|target| Cow::Borrowed(target.as_str())).collect()),
        ]
    }
}

/// A conversation with what others know of it.
struct Line {
    conversation: Conversation,
    customer_search: Option<String>,
    /// The shop's id, name, e-mail address, telephone, company, address.
    customer: [Option<String>; 6],
    nps: Option<u8>,
    csat: Option<u8>,
    face: Option<Face>,
    comment: Option<String>,
    question: Option<String>,
}

impl Line {
    fn read(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        let conversation = Conversation::from_values(values)?;
        let customer_search = take(values, "customers", "search")?;
        let mut customer = [const { None }; 6];
        for detail in &mut customer {
            *detail = take(values, "customers", "detail")?;
        }
        let (nps, csat, face) = (either(values)?, either(values)?, either(values)?);
        let (comment, question) = (either(values)?, either(values)?);
        Ok(Self { conversation, customer_search, customer, nps, csat, face, comment, question })
    }
}

/// The first of two that is there.
fn either<F: Field>(values: &mut dyn Iterator<Item = Value>) -> Result<Option<F>> {
    let (own, of_call): (Option<F>, Option<F>) = (take(values, "ratings", "answer")?, take(values, "ratings", "answer")?);
    Ok(own.or(of_call))
}
