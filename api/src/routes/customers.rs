//! Customers: what the shop knows of them.

use crate::{
    auth::caller::{Caller, Giver},
    change::Change,
    claims,
    error::{ApiError, Result},
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::{
        conversations::{self, ConversationView, Viewer},
        headers::Changes,
    },
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpRequest, HttpResponse, get, patch, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    customer::{Customer, CustomerAction, Detail, Details},
    ids::CustomerId,
    module::Module,
};
use vitrina_projections::{
    asked::Newest,
    conversations::ConversationFilter,
    customers::{self, CustomerRow},
};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(get_customer).service(list_conversations_of_customer).service(update_customer);
}

/// A customer; what was not given or was erased is `null`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerView {
    /// The customer.
    id: Uuid,
    /// The shop's own id.
    external_id: Option<String>,
    /// Name.
    name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Postal address.
    address: Option<String>,
    /// BCP 47 tag.
    language: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// The shop's segment; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    /// The company bought for.
    company: Option<String>,
    /// When the shop met the customer.
    created_at: DateTime<Utc>,
    /// The version, as in `ETag`.
    version: i64,
}

list_query! {
    /// Which of the customer's conversations.
    CustomerConversationsQuery {}
}

/// What changes of a customer: absent fields stay, `null` clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerChange {
    /// The shop's own id of the customer, unique in the account. Only staff may give it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    external_id: Change<String>,
    /// Name.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Ana")]
    name: Change<String>,
    /// E-mail address.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "ana@example.com")]
    email: Change<String>,
    /// Telephone, E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+34600000000")]
    phone: Change<String>,
    /// Postal address, up to 500 characters, in as many lines as it takes.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Carrer de Mallorca 401, 08013 Barcelona")]
    address: Change<String>,
    /// BCP 47 tag.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "es-ES")]
    language: Change<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "ES")]
    country: Change<String>,
    /// The shop's segment. Only staff may give it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    segment: Change<String>,
    /// The company that a B2B customer buys for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    company: Change<String>,
}

impl CustomerChange {
    fn details(&self) -> Details {
        let cleared = [
            (&self.external_id, Detail::ExternalId),
            (&self.name, Detail::Name),
            (&self.email, Detail::Email),
            (&self.phone, Detail::Phone),
            (&self.address, Detail::Address),
            (&self.language, Detail::Language),
            (&self.country, Detail::Country),
            (&self.segment, Detail::Segment),
            (&self.company, Detail::Company),
        ];
        Details {
            external_id: self.external_id.given().cloned(),
            name: self.name.given().cloned(),
            email: self.email.given().cloned(),
            phone: self.phone.given().cloned(),
            address: self.address.given().cloned(),
            language: self.language.given().cloned(),
            country: self.country.given().cloned(),
            segment: self.segment.given().cloned(),
            company: self.company.given().cloned(),
            cleared: cleared.into_iter().filter(|(change, _)| change.clears()).map(|(_, detail)| detail).collect(),
        }
    }
}

impl CustomerView {
    /// As staff sees it.
    pub(super) fn for_staff(row: CustomerRow) -> Self {
        Self {
            id: row.customer_id.0,
            external_id: row.external_id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            address: row.address,
            language: row.language,
            country: row.country,
            segment: row.segment,
            company: row.company,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// Whose customer this is, if the caller may see it: staff, or the customer in person.
fn giver(caller: &Caller, id: CustomerId) -> Result<Giver> {
    match caller {
        Caller::Customer(claims) if claims.customer == id => Ok(Giver::customer(claims.account, id)),
        Caller::Customer(_) => Err(ApiError::not_found("customer")),
        _ => Ok(caller.staff(Module::Calls)?.giver()),
    }
}

/// One customer.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<CustomerView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/customers/{id}")]
pub(crate) async fn get_customer(
    caller: Caller,
    id: Id<CustomerId>,
    query: Query<ReadAt>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = giver(&caller, id.0)?.account;
    let position = query.0.position(&state).await?;
    let found = customers::get(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("customer"))?.row;
    let mut view = CustomerView::for_staff(row);
    if !matches!(caller, Caller::Staff(_)) {
        view.segment = None;
    }
    let version = view.version;
    Ok(reading::answer(view, version, position))
}

/// The customer's conversations, the newest first. For staff.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), CustomerConversationsQuery), responses((status = 200, body = Paged<ConversationView>)), security(("bearer" = ["calls"])))]
#[get("/v1/customers/{id}/conversations")]
pub(crate) async fn list_conversations_of_customer(
    caller: Caller,
    id: Id<CustomerId>,
    query: Query<CustomerConversationsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let staff = caller.staff(Module::Calls)?;
    let asked = query.0.page::<Newest>(&state, &request).await?;
    if customers::get(&state.store, staff.account, id.0, asked.position).await.map_err(reading::problem)?.is_none() {
        return Err(ApiError::not_found("customer"));
    }
    let filter = ConversationFilter { customer: Some(id.0), ..ConversationFilter::default() };
    let viewer = Viewer::staff(&state, staff, asked.position).await?;
    conversations::answer(&state, &request, &asked, staff.account, &filter, &viewer).await
}

/// Give, correct or take back details: absent fields stay, `null` clears.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), Changes), request_body = CustomerChange, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[patch("/v1/customers/{id}")]
pub(crate) async fn update_customer(command: Command<CustomerChange>, id: Id<CustomerId>) -> Result<HttpResponse> {
    let giver = giver(&command.caller, id.0)?;
    let body = &command.body;
    if matches!(command.caller, Caller::Customer(_)) && !(body.external_id.keeps() && body.segment.keeps()) {
        return Err(ApiError::field("/external_id", "staff_only", "only staff may give external_id and segment; leave them out"));
    }
    let done = command
        .run(Need::Optional, giver, (), |unit| {
            let name = |customer: &Customer| customer.external_id().map(|name| name.as_bytes().to_vec());
            let old = name(unit.state::<Customer>(id.0)?);
            unit.run::<Customer>(id.0, CustomerAction::Update { customer_id: id.0, details: body.details() })?;
            let new = name(unit.state::<Customer>(id.0)?);
            if old != new {
                old.into_iter().for_each(|old| unit.release(claims::CUSTOMER_EXTERNAL_ID, old, id.0));
                new.into_iter().for_each(|new| unit.claim(claims::CUSTOMER_EXTERNAL_ID, new, id.0));
            }
            Ok(())
        })
        .await?;
    Ok(done.changed(id.0))
}
