//! The call history (PRODUCT.md V39–V44), the oldest first.

use super::{
    cell::Cell,
    definition::{Definition, Sheet, columns},
};
use crate::{
    asked::{LIMIT_MAX, Newest, optional},
    calls::{CallFilter, CallRow},
    error::Result,
    shoppers,
    sql::{Row, Store, Value, sql},
    table::{At, Field, Named, Table, take},
};
use chrono::TimeDelta;
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::{
    ids::{AccountId, ShopperId},
    metrics::nps::Class,
    product::Product,
};
use vitrina_eventlog::Position;

/// The call history.
pub static CALLS: Definition = Definition {
    name: "calls",
    version: 1,
    columns: columns! {
        "created_at": "Created", "Creada", "Criada", "Creada";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "status": "Status", "Estado", "Status", "Estat";
        "outcome": "Outcome", "Desenlace", "Desfecho", "Desenllaç";
        "reason": "Reason", "Motivo", "Motivo", "Motiu";
        "origin": "Begun by", "Iniciada por", "Iniciada por", "Iniciada per";
        "product_id": "Product ID", "ID del producto", "ID do produto", "ID del producte";
        "product_name": "Product", "Producto", "Produto", "Producte";
        "product_image": "Product image", "Imagen del producto", "Imagem do produto", "Imatge del producte";
        "customer_id": "Customer ID", "ID del cliente", "ID do cliente", "ID del client";
        "customer_name": "Customer", "Cliente", "Cliente", "Client";
        "customer_email": "Customer's e-mail", "Correo del cliente", "E-mail do cliente", "Correu del client";
        "customer_phone": "Customer's telephone", "Teléfono del cliente", "Telefone do cliente", "Telèfon del client";
        "shopper": "Shopper", "Personal shopper", "Personal shopper", "Personal shopper";
        "shoppers": "All shoppers", "Todos los shoppers", "Todos os shoppers", "Tots els shoppers";
        "device": "Device", "Dispositivo", "Dispositivo", "Dispositiu";
        "language": "Language", "Idioma", "Idioma", "Idioma";
        "country": "Country", "País", "País", "País";
        "collections": "Collections", "Colecciones", "Coleções", "Col·leccions";
        "waited_s": "Waited (s)", "Espera (s)", "Espera (s)", "Espera (s)";
        "started_at": "Started", "Inicio", "Início", "Inici";
        "ended_at": "Ended", "Fin", "Fim", "Fi";
        "duration_s": "Duration (s)", "Duración (s)", "Duração (s)", "Durada (s)";
        "products_shown": "Products shown", "Productos mostrados", "Produtos mostrados", "Productes mostrats";
        "carts": "Carts", "Carritos", "Carrinhos", "Cistelles";
        "nps": "NPS answer", "Respuesta NPS", "Resposta NPS", "Resposta NPS";
        "nps_class": "NPS class", "Clase NPS", "Classe NPS", "Classe NPS";
        "csat": "Satisfaction", "Satisfacción", "Satisfação", "Satisfacció";
        "conversation_id": "Conversation", "Conversación", "Conversa", "Conversa";
    },
};

/// Rows of one read: enough to share its cost, few enough for little memory.
const PAGE: i64 = LIMIT_MAX as i64;

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 status, $7 shopper, $8 customer, $9 and $10 period.
const NARROWED: &str = "AND from_position <= $2 AND (created_at, call_id) > ($3, $4) AND created_at >= $9 AND created_at < $10
      AND (status = $6 OR $6 IS NULL) AND (shopper_id = $7 OR $7 IS NULL) AND (customer_id = $8 OR $8 IS NULL)
      ORDER BY created_at, call_id LIMIT $5";

/// As lists of calls: versions that are open come in order from an index; those that have ended since the position are few. What a
/// call lasted is counted by the report's facts, so that the file and the report agree.
const ROWS: &str = sql!(
    "SELECT from_position, ",
    CallRow::COLUMNS,
    ", k_name, k_email, k_phone, d_value,
       (SELECT nps FROM ratings WHERE ratings.account_id = page.account_id AND ratings.call_id = page.call_id AND position <= $2
          AND superseded_position > $2 ORDER BY position DESC LIMIT 1),
       (SELECT csat FROM ratings WHERE ratings.account_id = page.account_id AND ratings.call_id = page.call_id AND position <= $2
          AND superseded_position > $2 ORDER BY position DESC LIMIT 1)
     FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND to_position = 9223372036854775807 ",
    NARROWED,
    ") AS newest UNION ALL SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 1
               AND to_position > $2 AND to_position < 9223372036854775807 ",
    NARROWED,
    ") AS ended UNION ALL SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 0
               AND to_position > $2 AND to_position < 9223372036854775807 ",
    NARROWED,
    ") AS closed) AS valid ORDER BY created_at, call_id LIMIT $5) AS page
     LEFT JOIN (SELECT account_id AS k_account, customer_id AS k_customer, from_position AS k_from, to_position AS k_to,
                       name AS k_name, email AS k_email, phone AS k_phone FROM customers) AS k
       ON k_account = account_id AND k_customer = customer_id AND k_from <= $2 AND k_to > $2
     LEFT JOIN (SELECT account_id AS d_account, measure AS d_measure, anchor AS d_anchor, stream_id AS d_stream,
                       from_position AS d_from, to_position AS d_to, value AS d_value FROM report_facts) AS d
       ON d_account = account_id AND d_measure = 'call_duration' AND d_anchor = closed_at AND d_stream = call_id
          AND d_from <= $2 AND d_to > $2
     ORDER BY created_at, call_id"
);

pub(crate) const STATEMENTS: &[&str] = &[ROWS];

/// The history from its begin: each read goes on where the one before ended.
pub struct Calls {
    account: AccountId,
    filter: CallFilter,
    as_of: Position,
    after: Option<Newest>,
    names: HashMap<ShopperId, String>,
}

impl Calls {
    /// The calls that the filter lets through, as of this position.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn open(store: &Store, account: AccountId, filter: CallFilter, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        Ok(Self { account, filter, as_of, after: None, names })
    }

    /// Writes the next rows; says whether there may be more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn read(&mut self, store: &Store, sheet: &mut Sheet, out: &mut Vec<u8>) -> Result<bool> {
        let (at, id) = self.after.map_or((i64::MIN, Vec::new()), |after| (after.at.timestamp_micros(), after.id.as_bytes().to_vec()));
        let [from, to] = self.filter.created.values();
        let args = vec![
            self.account.to_value(),
            Value::Int(self.as_of.0),
            Value::Int(at),
            Value::Bytes(id),
            Value::Int(PAGE),
            optional(self.filter.status),
            optional(self.filter.shopper),
            optional(self.filter.customer),
            from,
            to,
        ];
        let rows = store.query(ROWS, args).await?;
        let may_go_on = rows.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in rows {
            let line = Line::read(row)?;
            self.after = Some(Newest { at: line.call.created_at, id: line.call.call_id.0 });
            sheet.row(&self.cells(&line), out);
        }
        Ok(may_go_on)
    }

    fn cells<'l>(&'l self, line: &'l Line) -> [Cell<'l>; 29] {
        let call = &line.call;
        let product: Option<&Product> = call.product.as_ref().map(|product| &product.0);
        let name = |id: &ShopperId| self.names.get(id).map(|name| Cow::Borrowed(name.as_str()));
        let reason = call.cancel_reason.map(|reason| reason.name()).or(call.end_reason.map(|reason| reason.name()));
        [
            Cell::Instant(call.created_at),
            Cell::Id(call.call_id.0),
            Cell::Name(call.status.name()),
            call.outcome.map_or(Cell::Empty, |outcome| Cell::Name(outcome.name())),
            reason.map_or(Cell::Empty, Cell::Name),
            Cell::Name(call.origin.name()),
            Cell::text(product.map(|product| product.sku.as_str())),
            Cell::text(product.map(|product| product.name.as_str())),
            Cell::text(product.and_then(|product| product.image_url.as_deref())),
            Cell::Id(call.customer_id.0),
            Cell::text(line.name.as_deref()),
            Cell::text(line.email.as_deref()),
            Cell::text(line.phone.as_deref()),
            call.shopper_id.as_ref().and_then(name).map_or(Cell::Empty, Cell::Text),
            Cell::List(call.participants.0.iter().filter_map(name).collect()),
            Cell::Name(call.device.name()),
            Cell::text(call.language.as_deref()),
            Cell::text(call.country.as_deref()),
            Cell::List(call.collections.0.iter().map(|name| Cow::Borrowed(name.as_str())).collect()),
            Cell::int(call.first_queued_at.map(|_| TimeDelta::microseconds(call.waited_us).num_seconds())),
            Cell::instant(call.started_at),
            Cell::instant(call.ended_at),
            Cell::int(line.duration_s),
            Cell::Int(call.products_shown),
            Cell::Int(i64::try_from(call.cart_ids.0.len()).unwrap_or(i64::MAX)),
            Cell::int(line.nps),
            line.nps.map_or(Cell::Empty, |nps| Cell::Name(Class::of(nps).as_str())),
            Cell::int(line.csat),
            Cell::Id(call.conversation_id.0),
        ]
    }
}

/// A call with what others know of it.
struct Line {
    call: CallRow,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    duration_s: Option<i64>,
    nps: Option<u8>,
    csat: Option<u8>,
}

impl Line {
    fn read(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        Ok(Self {
            call: At::<CallRow>::from_values(values)?.row,
            name: take(values, "customers", "name")?,
            email: take(values, "customers", "email")?,
            phone: take(values, "customers", "phone")?,
            duration_s: take(values, "report_facts", "value")?,
            nps: take(values, "ratings", "nps")?,
            csat: take(values, "ratings", "csat")?,
        })
    }
}
