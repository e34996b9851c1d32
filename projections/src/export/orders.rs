//! The orders (PRODUCT.md V44, 5.6), those placed first first: each once, with what was given back and the call that it goes back to. What
//! was bought is told line by line in [`order_lines`](super::order_lines), of the same orders.

use super::{
    PAGE, Place, Take,
    ahead::Ahead,
    cell::Cell,
    customer,
    definition::{Definition, columns},
    jsonl, order_lines,
};
use crate::{
    asked,
    error::Result,
    orders::{NARROWED, OrderFilter, OrderRow},
    shoppers,
    sql::{Row, Store, Value, sql},
    table::{Field, Named, Table, take},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::ids::{AccountId, OrderId, ShopperId};
use vitrina_eventlog::Position;

/// The orders.
pub static ORDERS: Definition = Definition {
    name: "orders",
    version: 3,
    columns: columns! {
        "placed_at": "Placed", "Realizado", "Realizado", "Feta";
        "order_id": "Order", "Pedido", "Pedido", "Comanda";
        "id": "Vitrina's ID", "ID de Vitrina", "ID da Vitrina", "ID de Vitrina";
        "status": "Status", "Estado", "Status", "Estat";
        "customer_id": "Customer ID", "ID del cliente", "ID do cliente", "ID del client";
        "customer_external_id": "The shop's customer ID", "ID del cliente en la tienda", "ID do cliente na loja", "ID del client a la botiga";
        "customer_name": "Customer", "Cliente", "Cliente", "Client";
        "customer_email": "Customer's e-mail", "Correo del cliente", "E-mail do cliente", "Correu del client";
        "customer_phone": "Customer's telephone", "Teléfono del cliente", "Telefone do cliente", "Telèfon del client";
        "cart_id": "Cart", "Carrito", "Carrinho", "Cistella";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "rule": "Attributed by", "Atribuido por", "Atribuído por", "Atribuïda per";
        "shoppers": "Credited to", "Acreditado a", "Creditado a", "Acreditada a";
        "device": "Device", "Dispositivo", "Dispositivo", "Dispositiu";
        "lines": "Lines", "Líneas", "Linhas", "Línies";
        "units": "Units sold", "Unidades vendidas", "Unidades vendidas", "Unitats venudes";
        "currency": "Currency", "Moneda", "Moeda", "Moneda";
        "shipping": "Shipping", "Envío", "Frete", "Enviament";
        "tax": "Tax", "Impuestos", "Impostos", "Impostos";
        "discounts": "Discounts", "Descuentos", "Descontos", "Descomptes";
        "total": "Total", "Total", "Total", "Total";
        "given_back": "Given back", "Devuelto", "Devolvido", "Retornat";
        "sales": "Sales", "Ventas", "Vendas", "Vendes";
        "collection_units": "Units of the collection", "Unidades de la colección", "Unidades da coleção", "Unitats de la col·lecció";
        "collection_sales": "Sales of the collection", "Ventas de la colección", "Vendas da coleção", "Vendes de la col·lecció";
        "cancelled_at": "Cancelled", "Cancelado", "Cancelado", "Cancel·lada";
        "cancel_reason": "Reason", "Motivo", "Motivo", "Motiu";
        "received_at": "Told", "Comunicado", "Comunicado", "Comunicada";
        "attributed_at": "Attributed", "Atribuido", "Atribuído", "Atribuïda";
        "environment": "Environment", "Entorno", "Ambiente", "Entorn";
        "shopper_ids": "All shoppers' IDs", "ID de todos los shoppers", "IDs de todos os shoppers", "ID de tots els shoppers";
    },
};

/// The rows of the orders that `$page` gives.
macro_rules! told {
    ($page:expr) => {
        sql!(
            "SELECT ",
            OrderRow::COLUMNS,
            ", k_external, k_name, k_email, k_phone FROM (",
            $page,
            ") AS page ",
            customer::JOINED,
            " ORDER BY placed_at, order_id"
        )
    };
}

/// A page: $1 to $12 as in [`NARROWED`], $13 the end of the period, $14 and $15 the last row of the page.
const PAGED: &str = sql!(
    " FROM orders WHERE account_id = $1 AND placed_at < $13 AND (placed_at, order_id) > ($3, $4) AND (placed_at, order_id) <= ($14, $15) ",
    NARROWED,
    " ORDER BY placed_at, order_id"
);

/// Where a page ends; no row where it is the last one.
const END: &str = sql!("SELECT placed_at, order_id", PAGED, " LIMIT 1 OFFSET $5 - 1");

/// The rows of a page.
const ROWS: &str = told!(sql!("SELECT *", PAGED, " LIMIT $5"));

/// The same of these orders.
const SOME: &str =
    told!(sql!("SELECT * FROM orders WHERE account_id = $1 AND from_position <= $2 AND to_position > $2 AND order_id IN ", asked::SOME));

pub(super) const STATEMENTS: &[&str] = &[END, ROWS, SOME];

/// What is told of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    /// Each once.
    Order,
    /// Each line of each.
    Line,
}

/// The orders from their begin.
pub(super) struct Orders {
    pages: Ahead,
    each: Each,
    names: HashMap<ShopperId, String>,
}

impl Orders {
    pub(super) async fn open(store: &Store, account: AccountId, filter: &OrderFilter, each: Each, as_of: Position) -> Result<Self> {
        let names = shoppers::names(store, account, as_of).await?;
        let filter = filter.clone();
        let args = move |after, upto| args(account, &filter, as_of, after, upto);
        Ok(Self { pages: Ahead::begin(store, [END, ROWS], args), each, names })
    }

    pub(super) async fn read(&mut self, take_row: &mut Take<'_>) -> Result<bool> {
        let Some(rows) = self.pages.next().await? else { return Ok(false) };
        for row in rows {
            let line = Line::read(row)?;
            let place = Place { at: line.order.placed_at, id: line.order.order_id.0 };
            match self.each {
                Each::Order => take_row(place, &line.cells(&self.names)),
                // All of an order's lines have its place: they are as many for ever, and in one order.
                Each::Line => order_lines::each(&line.order, &self.names, |cells| take_row(place, cells)),
            }
        }
        Ok(true)
    }
}

fn args(account: AccountId, filter: &OrderFilter, as_of: Position, after: Option<Place>, upto: Option<Place>) -> Vec<Value> {
    let [at, id] = Place::after(after);
    let [_, to] = filter.placed.values();
    let mut args = vec![account.to_value(), Value::Int(as_of.0), at, id, Value::Int(PAGE)];
    args.extend(filter.values());
    args.push(to);
    args.extend(Place::upto(upto));
    args
}

/// These orders as the file tells them.
///
/// # Errors
/// When the database is away.
pub async fn some(store: &Store, account: AccountId, orders: &[OrderId], as_of: Position) -> Result<HashMap<OrderId, Box<RawValue>>> {
    let names = shoppers::names(store, account, as_of).await?;
    let mut told = HashMap::with_capacity(orders.len());
    for args in asked::some(account, as_of, orders) {
        for row in store.query(SOME, args).await? {
            let line = Line::read(row)?;
            told.insert(line.order.order_id, jsonl::value(&ORDERS, &line.cells(&names)));
        }
    }
    Ok(told)
}

/// An order with what is known of its customer.
struct Line {
    order: OrderRow,
    /// The shop's id, name, e-mail address, telephone.
    customer: [Option<String>; 4],
}

impl Line {
    fn read(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        let order = OrderRow::from_values(values)?;
        let mut customer = [const { None }; 4];
        for detail in &mut customer {
            *detail = take(values, "customers", "detail")?;
        }
        Ok(Self { order, customer })
    }

    fn cells<'l>(&'l self, names: &'l HashMap<ShopperId, String>) -> [Cell<'l>; 31] {
        let (order, [external, name, email, phone]) = (&self.order, &self.customer);
        let amount = |minor: i64| Cell::Amount { minor, currency: &order.currency };
        let credits = order.attribution.iter().flat_map(|attribution| &attribution.0.credits);
        let ids = credits.clone().map(|credit| credit.shopper_id.0);
        [
            Cell::Instant(order.placed_at),
            Cell::text(Some(&order.external_id)),
            Cell::Id(order.order_id.0),
            Cell::Name(order.stage.name()),
            Cell::id(order.customer_id.map(|id| id.0)),
            Cell::text(external.as_deref()),
            Cell::text(name.as_deref()),
            Cell::text(email.as_deref()),
            Cell::text(phone.as_deref()),
            Cell::text(order.cart_id.as_deref()),
            Cell::id(order.call_id.map(|id| id.0)),
            order.rule.map_or(Cell::Empty, |rule| Cell::Name(rule.as_str())),
            Cell::List(credits.filter_map(|credit| names.get(&credit.shopper_id)).map(|name| Cow::Borrowed(name.as_str())).collect()),
            Cell::Name(order.device.name()),
            Cell::int(i64::try_from(order.lines.0.len()).ok()),
            Cell::Int(order.units),
            Cell::Name(&order.currency),
            amount(order.shipping),
            amount(order.tax),
            amount(order.discounts),
            amount(order.total),
            amount(order.given_back),
            amount(order.total - order.given_back),
            Cell::Int(order.collection_units),
            amount(order.collection_sales),
            Cell::instant(order.cancelled_at),
            Cell::text(order.cancel_reason.as_deref()),
            Cell::Instant(order.received_at),
            Cell::instant(order.attributed_at),
            Cell::Name(order.environment.name()),
            Cell::ids(ids),
        ]
    }
}
