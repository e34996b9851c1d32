//! The table of shoppers (PRODUCT.md V37, V38): the figures of the report, from the same cells. By name, nobody last.

use super::{
    Place, Take,
    cell::Cell,
    definition::{Definition, columns},
};
use crate::{
    asked::Kind,
    error::Result,
    report::{Figures, Selection, Whose},
    search::Needle,
    shoppers::{self, Person},
    sql::Store,
};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use uuid::Uuid;
use vitrina_domain::{
    call::Device,
    ids::{AccountId, ShopperId},
    metrics::{range::Range, share::shares},
    report::{Anchors, Measure},
};
use vitrina_eventlog::{Environment, Position};

/// The figures of each shopper.
pub static SHOPPERS: Definition = Definition {
    name: "shoppers",
    version: 2,
    columns: columns! {
        "shopper_id": "Shopper ID", "ID del shopper", "ID do shopper", "ID del shopper";
        "shopper": "Shopper", "Personal shopper", "Personal shopper", "Personal shopper";
        "email": "E-mail", "Correo", "E-mail", "Correu";
        "calls": "Calls", "Llamadas", "Chamadas", "Trucades";
        "finished": "Finished", "Finalizadas", "Finalizadas", "Finalitzades";
        "cancelled": "Cancelled", "Canceladas", "Canceladas", "Cancel·lades";
        "duration_s": "Duration (s)", "Duración (s)", "Duração (s)", "Durada (s)";
        "carts": "Carts", "Carritos", "Carrinhos", "Cistelles";
        "orders": "Orders", "Pedidos", "Pedidos", "Comandes";
        "conversion_percent": "Orders per cart (%)", "Pedidos por carrito (%)", "Pedidos por carrinho (%)", "Comandes per cistella (%)";
        "currency": "Currency", "Moneda", "Moeda", "Moneda";
        "sales": "Sales", "Ventas", "Vendas", "Vendes";
        "sales_mobile_percent": "Sales by mobile (%)", "Ventas desde móvil (%)", "Vendas por celular (%)", "Vendes des del mòbil (%)";
        "sales_desktop_percent": "Sales by desktop (%)", "Ventas desde ordenador (%)", "Vendas por computador (%)", "Vendes des de l'ordinador (%)";
        "collection_units": "Units of the collection", "Unidades de la colección", "Unidades da coleção", "Unitats de la col·lecció";
        "collection_sales": "Sales of the collection", "Ventas de la colección", "Vendas da coleção", "Vendes de la col·lecció";
        "calls_mobile_percent": "Calls by mobile (%)", "Llamadas desde móvil (%)", "Chamadas por celular (%)", "Trucades des del mòbil (%)";
        "calls_desktop_percent": "Calls by desktop (%)", "Llamadas desde ordenador (%)", "Chamadas por computador (%)", "Trucades des de l'ordinador (%)";
        "conversations": "Conversations", "Conversaciones", "Conversas", "Converses";
        "conversations_closed": "Conversations closed", "Conversaciones cerradas", "Conversas encerradas", "Converses tancades";
        "answers": "Surveys answered", "Encuestas respondidas", "Pesquisas respondidas", "Enquestes respostes";
        "nps": "NPS", "NPS", "NPS", "NPS";
        "promoters": "Promoters", "Promotores", "Promotores", "Promotors";
        "passives": "Passives", "Pasivos", "Neutros", "Passius";
        "detractors": "Detractors", "Detractores", "Detratores", "Detractors";
        "csat_percent": "Satisfaction (%)", "Satisfacción (%)", "Satisfação (%)", "Satisfacció (%)";
        "satisfied": "Satisfied", "Satisfechos", "Satisfeitos", "Satisfets";
        "neutral": "Neutral", "Neutrales", "Indiferentes", "Neutrals";
        "dissatisfied": "Dissatisfied", "Insatisfechos", "Insatisfeitos", "Insatisfets";
    },
};

const SUMMED: &[Measure] = &[
    Measure::CallCreated,
    Measure::CallFinished,
    Measure::CallCancelled,
    Measure::CallSeconds,
    Measure::Cart,
    Measure::Order,
    Measure::Sales,
    Measure::CollectionUnits,
    Measure::CollectionSales,
    Measure::ConversationOpened,
    Measure::ConversationClosed,
    Measure::Answered,
];
const TOLD_APART: &[Measure] = &[Measure::Nps, Measure::Csat, Measure::Face];

/// Which shoppers' figures.
#[derive(Debug, Clone)]
pub struct ShoppersFilter {
    /// Of this period.
    pub range: Range,
    /// Production or test ones.
    pub environment: Option<Environment>,
    /// Of calls with what they own, or of chats.
    pub kind: Option<Kind>,
    /// Of this shopper only.
    pub shopper: Option<ShopperId>,
    /// Those of customers who write this way.
    pub channel: Option<String>,
    /// Where those stand that may stand in two places.
    pub anchors: Anchors,
    /// Of those whose names or e-mail addresses have these words.
    pub search: Option<Needle>,
}

/// The table, which is one page.
pub(super) struct Shoppers {
    account: AccountId,
    selection: Selection,
    search: Option<Needle>,
}

impl Shoppers {
    pub(super) fn new(account: AccountId, filter: &ShoppersFilter, as_of: Position) -> Self {
        let ShoppersFilter { range, environment, kind, shopper, channel, anchors, search } = filter.clone();
        let selection = Selection { kind, shopper, channel, anchors, ..Selection::of(range, environment, as_of) };
        Self { account, selection, search }
    }

    pub(super) async fn read(&mut self, store: &Store, take: &mut Take<'_>) -> Result<bool> {
        let figures = Figures::of(store, self.account, &self.selection, SUMMED, TOLD_APART).await?;
        for (shopper, person) in &shoppers::by_name(store, self.account, figures.credited(), self.selection.as_of).await? {
            if !self.is_wanted(person.as_ref()) {
                continue;
            }
            // What has no anchor of its own stands where its id puts it, nobody behind everybody.
            let place = Place { at: DateTime::<Utc>::UNIX_EPOCH, id: shopper.map_or(Uuid::max(), |id| id.0) };
            let currencies: Vec<_> = figures.currencies(Whose::Of(*shopper)).into_iter().collect();
            take(place, &cells(&figures, *shopper, person.as_ref(), &currencies));
        }
        Ok(false)
    }

    fn is_wanted(&self, person: Option<&Person>) -> bool {
        self.search.as_ref().is_none_or(|needle| needle.is_in_plain(person.iter().flat_map(|one| one.texts())))
    }
}

fn cells<'r>(figures: &Figures, shopper: Option<ShopperId>, person: Option<&'r Person>, currencies: &'r [String]) -> [Cell<'r>; 29] {
    let whose = Whose::Of(shopper);
    let count = |measure| Cell::Int(figures.count(measure, whose));
    let natural = |n: u64| Cell::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let of = |device| u64::try_from(figures.of_device(Measure::CallCreated, whose, device)).unwrap_or_default();
    let devices = shares([of(Device::Mobile) + of(Device::Tablet), of(Device::Desktop), of(Device::Unknown)]);
    let share = |n: usize| devices.map_or(Cell::Empty, |shares| Cell::Tenths(shares[n].tenths().into()));
    let amounts = |measure| {
        let of = |currency: &'r String| Cell::Amount { minor: figures.amount(measure, whose, currency), currency };
        Cell::Each(currencies.iter().map(of).collect())
    };
    let sold_on = |n: usize| {
        let of = |currency| figures.sold_by_device(whose, currency).map_or(Cell::Empty, |shares| Cell::Tenths(shares[n].tenths().into()));
        Cell::Each(currencies.iter().map(|currency| of(currency.as_str())).collect())
    };
    let (nps, faces) = (figures.nps(whose), figures.faces(whose));
    #[allow(clippy::cast_possible_truncation, reason = "a score has one decimal and is between -100 and 100")]
    let score = nps.score().map_or(Cell::Empty, |score| Cell::Tenths((score * 10.0).round() as i64));
    [
        Cell::id(shopper.map(|id| id.0)),
        Cell::text(person.and_then(|one| one.name.as_deref())),
        Cell::text(person.and_then(|one| one.email.as_deref())),
        count(Measure::CallCreated),
        count(Measure::CallFinished),
        count(Measure::CallCancelled),
        Cell::Int(figures.sum(Measure::CallSeconds, whose)),
        count(Measure::Cart),
        count(Measure::Order),
        figures.conversion(whose).map_or(Cell::Empty, Cell::Tenths),
        Cell::List(currencies.iter().map(|currency| Cow::Borrowed(currency.as_str())).collect()),
        amounts(Measure::Sales),
        sold_on(0),
        sold_on(1),
        Cell::Int(figures.sum(Measure::CollectionUnits, whose)),
        amounts(Measure::CollectionSales),
        share(0),
        share(1),
        count(Measure::ConversationOpened),
        count(Measure::ConversationClosed),
        count(Measure::Answered),
        score,
        natural(nps.promoters),
        natural(nps.passives),
        natural(nps.detractors),
        figures.csat(whose).satisfied().map_or(Cell::Empty, |share| Cell::Tenths(share.tenths().into())),
        natural(faces.satisfied),
        natural(faces.neutral),
        natural(faces.dissatisfied),
    ]
}
