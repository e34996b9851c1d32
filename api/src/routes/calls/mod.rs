//! Calls: how they begin, each step of their life, what happens in them, and how they are read.

mod cart;
mod consent;
mod lifecycle;
mod links;
mod media;
mod offers;
mod people;
mod read;
mod request;

pub(crate) use media::{lines as media_lines, wants as media_wants};

use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_commands::{Failure, Unit};
use vitrina_domain::{
    aggregate::Aggregate,
    customer::Customer,
    ids::{CustomerId, ShopperId},
    refusal::Refusal,
    shopper::Shopper,
};

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(request::create_call)
        .service(lifecycle::claim_call)
        .service(lifecycle::release_call)
        .service(offers::accept_offer)
        .service(offers::decline_offer)
        .service(offers::get_call_routing)
        .service(lifecycle::queue_call)
        .service(lifecycle::start_call)
        .service(lifecycle::end_call)
        .service(lifecycle::finish_call)
        .service(lifecycle::cancel_call)
        .service(lifecycle::archive_call)
        .service(lifecycle::unarchive_call)
        .service(lifecycle::schedule_call)
        .service(lifecycle::invite_to_call)
        .service(lifecycle::transfer_call)
        .service(cart::show_product)
        .service(cart::add_cart_item)
        .service(cart::update_cart_item)
        .service(cart::remove_cart_item)
        .service(cart::rate_call)
        .service(cart::send_call_survey)
        .service(read::list_calls)
        .service(read::get_call)
        .service(people::get_call_people)
        .service(read::get_cart)
        .service(read::get_call_history)
        .service(consent::get_consent)
        .service(consent::give_consent)
        .service(consent::withdraw_consent)
        .service(links::get_link)
        .service(links::make_media_token)
        .configure(media::configure);
}

/// Refuses an id that is no shopper of the account, or of one who has left.
pub(in crate::routes) fn must_be_a_shopper(unit: &mut Unit<'_>, id: ShopperId) -> Result<(), Failure> {
    must_be_active::<Shopper>(unit, id, "/shopper_id", "a shopper of your account who has not left")
}

/// Refuses an id that is no customer of the account.
pub(super) fn must_be_a_customer(unit: &mut Unit<'_>, id: CustomerId) -> Result<(), Failure> {
    must_be_active::<Customer>(unit, id, "/customer_id", "a customer of your account")
}

fn must_be_active<A: Aggregate>(
    unit: &mut Unit<'_>,
    id: impl Into<uuid::Uuid>,
    field: &'static str,
    expected: &str,
) -> Result<(), Failure> {
    let id = id.into();
    match unit.state::<A>(id)?.state_name() {
        "active" => Ok(()),
        _ => Err(unit.refuse::<A>(id, Refusal::invalid(field, "unknown", expected))),
    }
}

/// Puts the place of a nested body before the fields that a refusal names.
pub(super) fn under(prefix: &'static str, outcome: Result<(), Failure>) -> Result<(), Failure> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(mut refused) => {
            refused.refusal = refused.refusal.under(prefix);
            Failure::Refused(refused)
        }
        other => other,
    })
}
