//! What was bought (PRODUCT.md V44): the lines of the [`orders`](super::orders), each with where its pieces came from and what of them was
//! not given back. A cancelled order has sold none of them.

use super::{
    cell::Cell,
    definition::{Definition, columns},
};
use crate::{orders::OrderRow, table::Named};
use std::{borrow::Cow, collections::HashMap};
use vitrina_domain::ids::ShopperId;

/// The lines of the orders.
pub static ORDER_LINES: Definition = Definition {
    name: "order_lines",
    version: 2,
    columns: columns! {
        "placed_at": "Placed", "Realizado", "Realizado", "Feta";
        "order_id": "Order", "Pedido", "Pedido", "Comanda";
        "id": "Vitrina's ID", "ID de Vitrina", "ID da Vitrina", "ID de Vitrina";
        "line": "Line", "Línea", "Linha", "Línia";
        "status": "Status", "Estado", "Status", "Estat";
        "sku": "Product ID", "ID del producto", "ID do produto", "ID del producte";
        "name": "Product", "Producto", "Produto", "Producte";
        "quantity": "Units ordered", "Unidades pedidas", "Unidades pedidas", "Unitats demanades";
        "units": "Units sold", "Unidades vendidas", "Unidades vendidas", "Unitats venudes";
        "currency": "Currency", "Moneda", "Moeda", "Moneda";
        "unit_price": "Price of one", "Precio por unidad", "Preço por unidade", "Preu per unitat";
        "amount": "Amount", "Importe", "Valor", "Import";
        "collections": "Collections", "Colecciones", "Coleções", "Col·leccions";
        "is_collection": "Of the collection", "De la colección", "Da coleção", "De la col·lecció";
        "customer_id": "Customer ID", "ID del cliente", "ID do cliente", "ID del client";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "shopper_id": "Shopper ID", "ID del shopper", "ID do shopper", "ID del shopper";
        "shopper": "Credited to", "Acreditado a", "Creditado a", "Acreditada a";
        "added": "Put into the cart", "Añadidas al carrito", "Postas no carrinho", "Afegides a la cistella";
        "shown": "Shown", "Mostradas", "Mostradas", "Mostrades";
        "other": "Other units", "Otras unidades", "Outras unidades", "Altres unitats";
        "environment": "Environment", "Entorno", "Ambiente", "Entorn";
    },
};

/// Hands over each line of the order.
pub(super) fn each(order: &OrderRow, names: &HashMap<ShopperId, String>, mut tell: impl FnMut(&[Cell<'_>])) {
    let credits = order.attribution.iter().flat_map(|attribution| &attribution.0.lines).map(Some).chain(std::iter::repeat(None));
    for (((number, line), kept), credit) in (1..).zip(&order.lines.0).zip(order.kept()).zip(credits) {
        let shopper = credit.and_then(|credit| names.get(&credit.shopper_id));
        tell(&[
            Cell::Instant(order.placed_at),
            Cell::text(Some(&order.external_id)),
            Cell::Id(order.order_id.0),
            Cell::Int(number),
            Cell::Name(order.stage.name()),
            Cell::text(Some(&line.sku)),
            Cell::text(line.name.as_deref()),
            Cell::Int(line.quantity.into()),
            Cell::Int(kept.into()),
            Cell::Name(&order.currency),
            Cell::Amount { minor: line.unit_price, currency: &order.currency },
            Cell::Amount { minor: line.amount(), currency: &order.currency },
            Cell::List(line.collections.iter().map(|name| Cow::Borrowed(name.as_str())).collect()),
            credit.map_or(Cell::Empty, |credit| Cell::Bool(credit.collection)),
            Cell::id(order.customer_id.map(|id| id.0)),
            Cell::id(order.call_id.map(|id| id.0)),
            Cell::id(credit.map(|credit| credit.shopper_id.0)),
            Cell::text(shopper.map(String::as_str)),
            Cell::int(credit.map(|credit| credit.added)),
            Cell::int(credit.map(|credit| credit.shown)),
            Cell::int(credit.map(|credit| credit.other)),
            Cell::Name(order.environment.name()),
        ]);
    }
}
