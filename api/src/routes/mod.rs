//! One file or folder per resource. A new one is a new file and a line in [`configure`].

mod access;
mod account;
mod accounts;
mod api_keys;
mod audit;
pub(crate) mod by;
mod calls;
mod consent_rule;
mod conversations;
mod customers;
mod erasures;
mod event_types;
mod exports;
mod headers;
mod live;
pub(crate) mod named;
mod operations;
mod orders;
mod public;
mod queue;
pub(crate) mod rated;
mod ratings;
mod rebuilds;
mod recordings;
mod reports;
mod roles;
mod rows;
mod rules;
mod scores;
mod service_level;
mod sessions;
mod shapes;
mod shoppers;
mod tags;
mod transcripts;
mod trials;
mod users;
mod webhooks;
mod whose;

pub(crate) use calls::{media_lines, media_wants};

use utoipa_actix_web::service_config::ServiceConfig;

/// All routes. The router asks one after the other, so what is asked for most comes first.
pub(crate) fn configure(routes: &mut ServiceConfig) {
    conversations::configure(routes);
    calls::configure(routes);
    queue::configure(routes);
    shoppers::configure(routes);
    customers::configure(routes);
    erasures::configure(routes);
    access::configure(routes);
    tags::configure(routes);
    ratings::configure(routes);
    public::configure(routes);
    orders::configure(routes);
    reports::configure(routes);
    recordings::configure(routes);
    exports::configure(routes);
    transcripts::configure(routes);
    live::configure(routes);
    sessions::configure(routes);
    users::configure(routes);
    roles::configure(routes);
    api_keys::configure(routes);
    webhooks::configure(routes);
    event_types::configure(routes);
    audit::configure(routes);
    account::configure(routes);
    accounts::configure(routes);
    rebuilds::configure(routes);
    operations::configure(routes);
}
