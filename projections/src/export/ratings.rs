//! The answers that count, with what their customers wrote (PRODUCT.md L16), the oldest first.

use super::{
    PAGE, Place, Take,
    cell::Cell,
    customer,
    definition::{Definition, columns},
};
use crate::{
    error::Result,
    ratings::{ALL, COUNTING, CREDITED, NARROWED, RatingFilter, RatingRow},
    shoppers,
    sql::{Store, Value, sql},
    table::{Field, Named, Table, take},
};
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::{
    ids::{AccountId, ShopperId},
    metrics::nps::Class,
};
use vitrina_eventlog::Position;

/// The answers.
pub static RATINGS: Definition = Definition {
    name: "ratings",
    version: 1,
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
        "shopper": "Shopper", "Personal shopper", "Personal shopper", "Personal shopper";
        "shoppers": "All shoppers", "Todos los shoppers", "Todos os shoppers", "Tots els shoppers";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "conversation_id": "Conversation", "Conversación", "Conversa", "Conversa";
    },
};

/// $1 account, $2 position, $3 and $4 period, $5 and $6 the last row of the page before, $7 limit, $8 to $11 as in [`NARROWED`], $12 shopper.
const BEGIN: &str = sql!("SELECT ", RatingRow::COLUMNS, ", k_name, k_email FROM (SELECT r.*");
const END: &str = sql!(") AS counting ", customer::JOINED, " ORDER BY answered_at, answer_id");

const ROWS: &str =
    sql!(BEGIN, ALL, COUNTING, NARROWED, " AND (r.answered_at, r.answer_id) > ($5, $6) ORDER BY r.answered_at, r.answer_id LIMIT $7", END);
const OF_SHOPPER: &str = sql!(
    BEGIN,
    CREDITED,
    COUNTING,
    NARROWED,
    " AND c.shopper_id = $12 AND (c.answered_at, c.answer_id) > ($5, $6) ORDER BY c.answered_at, c.answer_id LIMIT $7",
    END
);

pub(super) const STATEMENTS: &[&str] = &[ROWS, OF_SHOPPER];

/// The answers from their begin.
pub(super) struct Ratings {
    account: AccountId,
    filter: RatingFilter,
    as_of: Position,
    after: Option<Place>,
    names: HashMap<ShopperId, String>,
}

impl Ratings {
    pub(super) async fn open(store: &Store, account: AccountId, filter: RatingFilter, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        Ok(Self { account, filter, as_of, after: None, names })
    }

    pub(super) async fn read(&mut self, store: &Store, take_row: &mut Take<'_>) -> Result<bool> {
        let [at, id] = Place::values(self.after);
        let [from, to] = self.filter.answered.values();
        let [_, least, most, csat, face] = self.filter.rated.values();
        let mut args = vec![self.account.to_value(), Value::Int(self.as_of.0), from, to, at, id, Value::Int(PAGE), least, most, csat, face];
        args.extend(self.filter.shopper.map(|shopper| shopper.to_value()));
        let rows = store.query(if self.filter.shopper.is_some() { OF_SHOPPER } else { ROWS }, args).await?;
        let may_go_on = rows.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in rows {
            let values = &mut row.into_iter();
            let rating = RatingRow::from_values(values)?;
            let (name, email): (Option<String>, Option<String>) = (take(values, "customers", "name")?, take(values, "customers", "email")?);
            let place = Place { at: rating.answered_at, id: rating.answer_id.0 };
            take_row(place, &self.cells(&rating, name.as_deref(), email.as_deref()));
            self.after = Some(place);
        }
        Ok(may_go_on)
    }

    fn cells<'r>(&'r self, rating: &'r RatingRow, name: Option<&'r str>, email: Option<&'r str>) -> [Cell<'r>; 14] {
        let called = |id: &ShopperId| self.names.get(id).map(|name| Cow::Borrowed(name.as_str()));
        [
            Cell::Instant(rating.answered_at),
            Cell::Id(rating.answer_id.0),
            Cell::int(rating.nps),
            rating.nps.map_or(Cell::Empty, |nps| Cell::Name(Class::of(nps).as_str())),
            rating.face.map_or(Cell::Empty, |face| Cell::Name(face.name())),
            Cell::int(rating.csat),
            Cell::text(rating.comment.as_deref()),
            Cell::id(rating.customer_id.map(|id| id.0)),
            Cell::text(name),
            Cell::text(email),
            rating.shopper_id.as_ref().and_then(called).map_or(Cell::Empty, Cell::Text),
            Cell::List(rating.shoppers.0.iter().filter_map(called).collect()),
            Cell::id(rating.call_id.map(|id| id.0)),
            Cell::id(rating.conversation_id.map(|id| id.0)),
        ]
    }
}
