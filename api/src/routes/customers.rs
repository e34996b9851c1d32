//! Customers: what the shop knows of them.

use crate::{
    auth::caller::{Caller, Giver},
    claims,
    error::{ApiError, Result},
    idempotency::Need,
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::{headers::Changes, shapes::CustomerDetails},
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpResponse, get, patch, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    customer::{Customer, CustomerAction},
    ids::CustomerId,
    module::Module,
};
use vitrina_projections::customers;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(get_customer).service(update_customer);
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
    let view = CustomerView {
        id: row.customer_id.0,
        external_id: row.external_id,
        name: row.name,
        email: row.email,
        phone: row.phone,
        language: row.language,
        country: row.country,
        segment: row.segment.filter(|_| matches!(caller, Caller::Staff(_))),
        company: row.company,
        created_at: row.created_at,
        version: row.version,
    };
    Ok(reading::answer(view, row.version, position))
}

/// Give or correct details; absent fields stay.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), Changes), request_body = CustomerDetails, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[patch("/v1/customers/{id}")]
pub(crate) async fn update_customer(command: Command<CustomerDetails>, id: Id<CustomerId>) -> Result<HttpResponse> {
    let giver = giver(&command.caller, id.0)?;
    let (body, state) = (&command.body, &command.state);
    if matches!(command.caller, Caller::Customer(_)) && (body.external_id.is_some() || body.segment.is_some()) {
        return Err(ApiError::field("/external_id", "staff_only", "only staff may give external_id and segment; leave them out"));
    }
    let renamed = match &body.external_id {
        None => None,
        Some(new) => {
            let known = customers::get(&state.store, giver.account, id.0, state.applied()).await.map_err(reading::problem)?;
            let old = known.and_then(|known| known.row.external_id);
            let name = |text: &str| text.trim().as_bytes().to_vec();
            (old.as_deref() != Some(new.trim())).then(|| (old.as_deref().map(name), name(new)))
        }
    };
    let update = || CustomerAction::Update { customer_id: id.0, details: body.clone().into() };
    let done = command
        .run(Need::Optional, giver, (), |unit| {
            unit.run::<Customer>(id.0, update())?;
            if let Some((old, new)) = &renamed {
                if let Some(old) = old {
                    unit.release(claims::CUSTOMER_EXTERNAL_ID, old.clone(), id.0);
                }
                unit.claim(claims::CUSTOMER_EXTERNAL_ID, new.clone(), id.0);
            }
            Ok(())
        })
        .await?;
    Ok(done.changed(id.0))
}
