//! The call history (PRODUCT.md V39–V44), the oldest first.

use super::{
    PAGE, Place, Take,
    ahead::Ahead,
    cell::Cell,
    customer,
    definition::{Definition, columns},
};
use crate::{
    calls::{self, CallFilter, CallStatus, Origin},
    error::Result,
    search::Check,
    shoppers,
    sql::{Row, Store, Value, sql},
    table::{Field, Json, Named, take},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::{
    call::{CancelReason, Device, EndReason},
    ids::{AccountId, CallId, ConversationId, CustomerId, ShopperId},
    metrics::nps::Class,
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

/// Beside what [`calls::NARROWED`] takes: $3 and $4 the last row of the page before, $5 limit, $9 and $19 period.
const NARROWED: &str = sql!(
    calls::NARROWED,
    " AND (created_at, call_id) > ($3, $4) AND created_at >= $9 AND created_at < $19 ORDER BY created_at, call_id LIMIT $5"
);

/// As lists of calls: versions that are open come in order from an index; those that have ended since the position are few. Only their
/// keys are brought in order, the rows are looked up by them. What a call lasted is counted by the report's facts, so that the file
/// and the report agree. A call that was rated again later is there as often as it was.
const ROWS: &str = sql!(
    "SELECT created_at, call_id, status, outcome, cancel_reason, end_reason, origin, product, customer_id, shopper_id, participants,
       device, language, country, collections, first_queued_at, waited_us, started_at, ended_at, products_shown, cart_ids,
       conversation_id, product_search, k_search, k_name, k_email, k_phone, d_value, r_nps, r_csat
     FROM (SELECT account_id AS p_account, call_id AS p_call, from_position AS p_from
       FROM (SELECT * FROM (SELECT account_id, created_at, call_id, from_position FROM calls
               WHERE account_id = $1 AND to_position = 9223372036854775807 ",
    NARROWED,
    ") AS newest UNION ALL SELECT * FROM (SELECT account_id, created_at, call_id, from_position FROM calls
               WHERE account_id = $1 AND active = 1 AND to_position > $2 AND to_position < 9223372036854775807 ",
    NARROWED,
    ") AS ended UNION ALL SELECT * FROM (SELECT account_id, created_at, call_id, from_position FROM calls
               WHERE account_id = $1 AND active = 0 AND to_position > $2 AND to_position < 9223372036854775807 ",
    NARROWED,
    ") AS closed) AS valid ORDER BY created_at, call_id LIMIT $5) AS page
     JOIN calls ON account_id = p_account AND call_id = p_call AND from_position = p_from
     ",
    customer::JOINED,
    "
     LEFT JOIN (SELECT account_id AS d_account, measure AS d_measure, anchor AS d_anchor, stream_id AS d_stream,
                       from_position AS d_from, to_position AS d_to, value AS d_value FROM report_facts) AS d
       ON d_account = account_id AND d_measure = 'call_duration' AND d_anchor = closed_at AND d_stream = call_id
          AND d_from <= $2 AND d_to > $2
     LEFT JOIN (SELECT account_id AS r_account, call_id AS r_call, position AS r_position, superseded_position AS r_superseded,
                       nps AS r_nps, csat AS r_csat FROM ratings) AS r
       ON r_account = account_id AND r_call = call_id AND r_position <= $2 AND r_superseded > $2
     ORDER BY created_at, call_id, r_position DESC"
);

pub(crate) const STATEMENTS: &[&str] = &[ROWS];

/// The history from its begin: each read goes on where the one before ended.
pub(super) struct Calls {
    account: AccountId,
    filter: CallFilter,
    as_of: Position,
    after: Option<Place>,
    ahead: Ahead,
    names: HashMap<ShopperId, String>,
    check: Option<Check>,
}

impl Calls {
    /// The calls that the filter lets through, as of this position.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn open(store: &Store, account: AccountId, filter: &CallFilter, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        let check = filter.search.as_ref().map(|needle| Check::new(needle, &names));
        Ok(Self { account, filter: filter.clone(), as_of, after: None, ahead: Ahead::default(), names, check })
    }

    /// Hands the next rows over; says whether there may be more.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn read(&mut self, store: &Store, take: &mut Take<'_>) -> Result<bool> {
        let rows = match self.ahead.page().await {
            Some(rows) => rows?,
            None => store.query(ROWS, self.args(self.after)).await?,
        };
        // Calls that were rated again make it more rows, not more calls.
        let last = rows.last().filter(|_| rows.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX)).map(place).transpose()?;
        if let Some(last) = last {
            let args = self.args(Some(last));
            self.ahead.begin(store, ROWS, args).await;
        }
        for row in rows {
            let line = Line::read(row)?;
            let place = Place { at: line.created_at, id: line.call_id.0 };
            // Of several answers that count the newest is told, and comes first.
            if Some(place) != self.after && self.is_meant(&line) {
                take(place, &self.cells(&line));
            }
            self.after = Some(place);
        }
        Ok(last.is_some())
    }

    /// Whether it has what is searched for, as in the list.
    fn is_meant(&self, line: &Line) -> bool {
        let texts = line.product_search.iter().chain(&line.customer_search).map(String::as_str);
        let shoppers = line.participants.0.iter().copied().chain(line.shopper_id);
        self.check.as_ref().is_none_or(|check| check.finds(texts, shoppers))
    }

    fn args(&self, after: Option<Place>) -> Vec<Value> {
        let [at, id] = Place::values(after);
        let [_, to] = self.filter.created.values();
        let mut args = vec![self.account.to_value(), Value::Int(self.as_of.0), at, id, Value::Int(PAGE)];
        args.extend(self.filter.values());
        args.push(to);
        args
    }

    fn cells<'l>(&'l self, line: &'l Line) -> [Cell<'l>; 29] {
        let name = |id: &ShopperId| self.names.get(id).map(|name| Cow::Borrowed(name.as_str()));
        let reason = line.cancel_reason.map(|reason| reason.name()).or(line.end_reason.map(|reason| reason.name()));
        let product = line.product.as_ref().map(|product| &product.0);
        [
            Cell::Instant(line.created_at),
            Cell::Id(line.call_id.0),
            Cell::Name(line.status.name()),
            line.outcome.map_or(Cell::Empty, |outcome| Cell::Name(outcome.name())),
            reason.map_or(Cell::Empty, Cell::Name),
            Cell::Name(line.origin.name()),
            Cell::text(product.map(|product| &*product.sku)),
            Cell::text(product.map(|product| &*product.name)),
            Cell::text(product.and_then(|product| product.image_url.as_deref())),
            Cell::Id(line.customer_id.0),
            Cell::text(line.name.as_deref()),
            Cell::text(line.email.as_deref()),
            Cell::text(line.phone.as_deref()),
            line.shopper_id.as_ref().and_then(name).map_or(Cell::Empty, Cell::Text),
            Cell::List(line.participants.0.iter().filter_map(name).collect()),
            Cell::Name(line.device.name()),
            Cell::text(line.language.as_deref()),
            Cell::text(line.country.as_deref()),
            Cell::List(line.collections.0.iter().map(|name| Cow::Borrowed(name.as_str())).collect()),
            Cell::int(line.first_queued_at.map(|_| TimeDelta::microseconds(line.waited_us).num_seconds())),
            Cell::instant(line.started_at),
            Cell::instant(line.ended_at),
            Cell::int(line.duration_s),
            Cell::Int(line.products_shown),
            Cell::Int(i64::try_from(line.cart_ids.0.len()).unwrap_or(i64::MAX)),
            Cell::int(line.nps),
            line.nps.map_or(Cell::Empty, |nps| Cell::Name(Class::of(nps).as_str())),
            Cell::int(line.csat),
            Cell::Id(line.conversation_id.0),
        ]
    }
}

/// Where a row stands, by its first two columns.
fn place(row: &Row) -> Result<Place> {
    let values = &mut row.iter().take(2).cloned();
    Ok(Place { at: take(values, "calls", "created_at")?, id: take::<CallId>(values, "calls", "call_id")?.0 })
}

/// What of a product is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shown {
    sku: String,
    name: String,
    #[serde(default)]
    image_url: Option<String>,
}

/// A call with what others know of it.
struct Line {
    created_at: DateTime<Utc>,
    call_id: CallId,
    status: CallStatus,
    outcome: Option<CallStatus>,
    cancel_reason: Option<CancelReason>,
    end_reason: Option<EndReason>,
    origin: Origin,
    product: Option<Json<Shown>>,
    customer_id: CustomerId,
    shopper_id: Option<ShopperId>,
    participants: Json<Vec<ShopperId>>,
    device: Device,
    language: Option<String>,
    country: Option<String>,
    collections: Json<Vec<String>>,
    first_queued_at: Option<DateTime<Utc>>,
    waited_us: i64,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    products_shown: i64,
    cart_ids: Json<Vec<String>>,
    conversation_id: ConversationId,
    product_search: Option<String>,
    customer_search: Option<String>,
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
            created_at: take(values, "calls", "created_at")?,
            call_id: take(values, "calls", "call_id")?,
            status: take(values, "calls", "status")?,
            outcome: take(values, "calls", "outcome")?,
            cancel_reason: take(values, "calls", "cancel_reason")?,
            end_reason: take(values, "calls", "end_reason")?,
            origin: take(values, "calls", "origin")?,
            product: take(values, "calls", "product")?,
            customer_id: take(values, "calls", "customer_id")?,
            shopper_id: take(values, "calls", "shopper_id")?,
            participants: take(values, "calls", "participants")?,
            device: take(values, "calls", "device")?,
            language: take(values, "calls", "language")?,
            country: take(values, "calls", "country")?,
            collections: take(values, "calls", "collections")?,
            first_queued_at: take(values, "calls", "first_queued_at")?,
            waited_us: take(values, "calls", "waited_us")?,
            started_at: take(values, "calls", "started_at")?,
            ended_at: take(values, "calls", "ended_at")?,
            products_shown: take(values, "calls", "products_shown")?,
            cart_ids: take(values, "calls", "cart_ids")?,
            conversation_id: take(values, "calls", "conversation_id")?,
            product_search: take(values, "calls", "product_search")?,
            customer_search: take(values, "customers", "search")?,
            name: take(values, "customers", "name")?,
            email: take(values, "customers", "email")?,
            phone: take(values, "customers", "phone")?,
            duration_s: take(values, "report_facts", "value")?,
            nps: take(values, "ratings", "nps")?,
            csat: take(values, "ratings", "csat")?,
        })
    }
}
