//! The figures of each shopper (PRODUCT.md V37). Everything is credited to one of them or to nobody, so they add up to the total.

use super::{
    overview::FiguresView,
    query::{self, Compared, Wanted, compared_query},
    source::Source,
};
use crate::{
    auth::caller::Caller,
    error::Result,
    parameters::Query,
    reading::{self, Read},
    routes::{by::By, named},
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{ids::ShopperId, module::Module, report::Anchors};
use vitrina_projections::{
    Needle,
    report::Whose,
    shoppers::{self, Person},
};

compared_query! {
    /// Which shoppers.
    ShoppersQuery {
        /// Words of the name or e-mail address: all must be found, each as the beginning of a word, whatever its case and accents.
        search: Option<String>,
        /// As of the overview: `ended_at`, `call`, or both with a comma between.
        by: Option<String>,
    }
}

/// A shopper's figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShopperFigures {
    /// The shopper; `null` for what is credited to nobody, such as a call that nobody took.
    shopper_id: Option<Uuid>,
    /// Name; `null` also when the person was erased.
    name: Option<String>,
    /// The figures.
    #[serde(flatten)]
    figures: FiguresView,
}

/// The figures of shoppers.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShoppersView {
    /// By name, nobody last.
    items: Vec<ShopperFigures>,
    /// Everybody's, whatever is searched for.
    total: FiguresView,
}

/// The figures of each shopper.
#[utoipa::path(tag = "reports", params(ShoppersQuery), responses((status = 200, body = Read<Compared<ShoppersView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/shoppers")]
pub(crate) async fn report_shoppers(caller: Caller, query: Query<ShoppersQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    named::must_have_words("search", query.0.search.as_deref())?;
    let search = named::words("search", query.0.search.as_deref())?;
    let By { anchors, .. } = By::parse(query.0.by.as_deref(), &[], &Anchors::NAMES)?;
    query::answer(&state, account, query.0.common().anchored(anchors), query.0.compare.as_deref(), async |wanted: &Wanted| {
        ShoppersView::read(&state, wanted, search.as_ref()).await
    })
    .await
}

impl ShoppersView {
    async fn read(state: &State, wanted: &Wanted, search: Option<&Needle>) -> Result<Self> {
        let figures = FiguresView::read(state, wanted).await?;
        let of = |whose| FiguresView::of(Source::new(&figures, wanted, whose));
        let people = shoppers::by_name(&state.store, wanted.account, figures.credited(), wanted.selection.as_of).await;
        let is_wanted = |person: Option<&Person>| search.is_none_or(|needle| needle.is_in_plain(person.iter().flat_map(|one| one.texts())));
        let people = people.map_err(reading::problem)?.into_iter().filter(|(_, person)| is_wanted(person.as_ref()));
        let row = |(shopper, person): (Option<ShopperId>, Option<Person>)| ShopperFigures {
            shopper_id: shopper.map(|id| id.0),
            name: person.and_then(|person| person.name),
            figures: of(Whose::Of(shopper)),
        };
        Ok(Self { items: people.map(row).collect(), total: of(Whose::All) })
    }
}
