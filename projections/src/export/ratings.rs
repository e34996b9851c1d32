//! The answers that count, with what their customers wrote (PRODUCT.md L16), the oldest first.

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
    error::Result,
    ratings::{ALL, COUNTING, CREDITED, NARROWED, RatingFilter, RatingRow},
    shoppers,
    sql::{Row, Store, Value, sql},
    table::{Field, Named, Table, take},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::{
    conversation::CALL_CHANNEL,
    ids::{AccountId, AnswerId, ShopperId},
    metrics::nps::Class,
};
use vitrina_eventlog::Position;

/// The answers.
pub static RATINGS: Definition = Definition {
    name: "ratings",
    version: 4,
    columns: columns! {
        "answered_at": "Answered", "Respondida", "Respondida", "Resposta el";
        "answer_id": "Answer", "Respuesta", "Resposta", "Resposta";
        "nps": "NPS answer", "Respuesta NPS", "Resposta NPS", "Resposta NPS";
        "nps_class": "NPS class", "Clase NPS", "Classe NPS", "Classe NPS";
        "face": "Face", "Cara", "Rosto", "Cara";
        "csat": "Satisfaction", "Satisfacción", "Satisfação", "Satisfacció";
        "comment": "Comment", "Comentario", "Comentário", "Comentari";
        "customer_id": "Customer ID", "ID del cliente", "ID do cliente", "ID del client";
        "customer_name": "Customer", "Cliente", "Cliente", "Client";
        "customer_email": "Customer's e-mail", "Correo del cliente", "E-mail do cliente", "Correu del client";
        "customer_phone": "Customer's telephone", "Teléfono del cliente", "Telefone do cliente", "Telèfon del client";
        "shopper": "Shopper", "Personal shopper", "Personal shopper", "Personal shopper";
        "shoppers": "All shoppers", "Todos los shoppers", "Todos os shoppers", "Tots els shoppers";
        "channel": "Channel", "Canal", "Canal", "Canal";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "conversation_id": "Conversation", "Conversación", "Conversa", "Conversa";
        "is_hidden": "Hidden from the public", "Oculta al público", "Oculta do público", "Amagada al públic";
        "environment": "Environment", "Entorno", "Ambiente", "Entorn";
        "question": "Question asked", "Pregunta de la encuesta", "Pergunta da pesquisa", "Pregunta de l'enquesta";
        "shopper_id": "Personal shopper's ID", "ID del personal shopper", "ID do personal shopper", "ID del personal shopper";
        "shopper_ids": "All shoppers' IDs", "ID de todos los shoppers", "IDs de todos os shoppers", "ID de tots els shoppers";
    },
};

/// The rows of the answers that `$page` gives, with the channel of the conversation that was rated.
macro_rules! told {
    ($page:expr) => {
        sql!(
            "SELECT ",
            RatingRow::COLUMNS,
            ", k_name, k_email, k_phone, v_channel FROM (",
            $page,
            ") AS counting ",
            customer::JOINED,
            " LEFT JOIN (SELECT account_id AS v_account, conversation_id AS v_conversation, from_position AS v_from, to_position AS v_to,
                                channel AS v_channel FROM conversations) AS v
               ON v_account = account_id AND v_conversation = conversation_id AND v_from <= $2 AND v_to > $2
             ORDER BY answered_at, answer_id"
        )
    };
}

/// A page as of [`crate::ratings::list`], the oldest first: $5 and $6 the last row of the page before, $17 and $18 that of the page.
const PAGED: &str = sql!(
    ALL,
    COUNTING,
    NARROWED,
    " AND (r.answered_at, r.answer_id) > ($5, $6) AND (r.answered_at, r.answer_id) <= ($17, $18)
      ORDER BY r.answered_at, r.answer_id"
);
const PAGED_OF_SHOPPER: &str = sql!(
    CREDITED,
    COUNTING,
    NARROWED,
    " AND c.shopper_id = $14 AND (c.answered_at, c.answer_id) > ($5, $6) AND (c.answered_at, c.answer_id) <= ($17, $18)
      ORDER BY c.answered_at, c.answer_id"
);

/// Where a page ends; no row where it is the last one.
const END: &str = sql!("SELECT r.answered_at, r.answer_id", PAGED, " LIMIT 1 OFFSET $7 - 1");
const END_OF_SHOPPER: &str = sql!("SELECT c.answered_at, c.answer_id", PAGED_OF_SHOPPER, " LIMIT 1 OFFSET $7 - 1");

/// The rows of a page.
const ROWS: &str = told!(sql!("SELECT r.*", PAGED, " LIMIT $7"));
const ROWS_OF_SHOPPER: &str = told!(sql!("SELECT r.*", PAGED_OF_SHOPPER, " LIMIT $7"));

/// The same of these answers.
const SOME: &str = told!(sql!("SELECT r.* FROM ratings r WHERE r.account_id = $1 AND r.position <= $2 AND r.answer_id IN ", asked::SOME));

pub(super) const STATEMENTS: &[&str] = &[END, END_OF_SHOPPER, ROWS, ROWS_OF_SHOPPER, SOME];

/// The answers from their begin.
pub(super) struct Ratings {
    pages: Ahead,
    as_of: Position,
    names: HashMap<ShopperId, String>,
}

impl Ratings {
    pub(super) async fn open(store: &Store, account: AccountId, filter: RatingFilter, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        let statements = if filter.shopper.is_some() { [END_OF_SHOPPER, ROWS_OF_SHOPPER] } else { [END, ROWS] };
        let args = move |after, upto| args(account, &filter, as_of, after, upto);
        Ok(Self { pages: Ahead::begin(store, statements, args), as_of, names })
    }

    pub(super) async fn read(&mut self, take_row: &mut Take<'_>) -> Result<bool> {
        let Some(rows) = self.pages.next().await? else { return Ok(false) };
        for row in rows {
            let line = Line::read(row)?;
            let place = Place { at: line.rating.answered_at, id: line.rating.answer_id.0 };
            take_row(place, &line.cells(&self.names, self.as_of));
        }
        Ok(true)
    }
}

fn args(account: AccountId, filter: &RatingFilter, as_of: Position, after: Option<Place>, upto: Option<Place>) -> Vec<Value> {
    let ([at, id], [from, to]) = (Place::after(after), filter.answered.values());
    let mut args = vec![account.to_value(), Value::Int(as_of.0), from, to, at, id, Value::Int(PAGE)];
    args.extend(filter.values());
    args.extend(Place::upto(upto));
    args
}

/// These answers as the file tells them.
///
/// # Errors
/// When the database is away.
pub async fn some(store: &Store, account: AccountId, answers: &[AnswerId], as_of: Position) -> Result<HashMap<AnswerId, Box<RawValue>>> {
    let names = shoppers::names(store, account, as_of).await?;
    let mut told = HashMap::with_capacity(answers.len());
    for args in asked::some(account, as_of, answers) {
        for row in store.query(SOME, args).await? {
            let line = Line::read(row)?;
            told.insert(line.rating.answer_id, jsonl::value(&RATINGS, &line.cells(&names, as_of)));
        }
    }
    Ok(told)
}

/// An answer with what others know of it.
struct Line {
    rating: RatingRow,
    /// The customer's name, e-mail address, telephone.
    customer: [Option<String>; 3],
    channel: Option<String>,
}

impl Line {
    fn read(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        let rating = RatingRow::from_values(values)?;
        let mut customer = [const { None }; 3];
        for detail in &mut customer {
            *detail = take(values, "customers", "detail")?;
        }
        Ok(Self { rating, customer, channel: take(values, "conversations", "channel")? })
    }

    fn cells<'l>(&'l self, names: &'l HashMap<ShopperId, String>, as_of: Position) -> [Cell<'l>; 21] {
        let called = |id: &ShopperId| names.get(id).map(|name| Cow::Borrowed(name.as_str()));
        let (rating, [name, email, phone]) = (&self.rating, &self.customer);
        let channel = if rating.call_id.is_some() { Some(CALL_CHANNEL) } else { self.channel.as_deref() };
        [
            Cell::Instant(rating.answered_at),
            Cell::Id(rating.answer_id.0),
            Cell::int(rating.nps),
            rating.nps.map_or(Cell::Empty, |nps| Cell::Name(Class::of(nps).as_str())),
            rating.face.map_or(Cell::Empty, |face| Cell::Name(face.name())),
            Cell::int(rating.csat),
            Cell::text(rating.comment.as_deref()),
            Cell::id(rating.customer_id.map(|id| id.0)),
            Cell::text(name.as_deref()),
            Cell::text(email.as_deref()),
            Cell::text(phone.as_deref()),
            rating.shopper_id.as_ref().and_then(called).map_or(Cell::Empty, Cell::Text),
            Cell::List(rating.shoppers.0.iter().filter_map(called).collect()),
            Cell::text(channel),
            Cell::id(rating.call_id.map(|id| id.0)),
            Cell::id(rating.conversation_id.map(|id| id.0)),
            Cell::Bool(rating.is_hidden(as_of)),
            Cell::Name(rating.environment.name()),
            Cell::text(rating.question.as_deref()),
            Cell::id(rating.shopper_id.map(|id| id.0)),
            Cell::ids(rating.shoppers.0.iter().map(|id| id.0)),
        ]
    }
}
