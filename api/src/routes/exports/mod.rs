//! Tables to be taken away (PRODUCT.md 5.8), one file each: at once over the wire, without a limit of rows, and for each its manifest;
//! large ones as [`jobs`], whose files are fetched when they are ready.

mod answer;
mod calls;
mod conversations;
mod jobs;
mod orders;
mod query;
mod ratings;
mod shoppers;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this folder; tables before jobs, whose ids are no names.
pub(super) fn configure(routes: &mut ServiceConfig) {
    calls::configure(routes);
    conversations::configure(routes);
    orders::configure(routes);
    ratings::configure(routes);
    shoppers::configure(routes);
    jobs::configure(routes);
}
