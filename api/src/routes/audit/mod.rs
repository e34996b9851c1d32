//! What was done, for those who look into it: the changes of rights and settings, all events, the log itself, and what it is proven by.

mod changes;
mod checkpoints;
mod events;
mod log;
mod proof;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    changes::configure(routes);
    checkpoints::configure(routes);
    proof::configure(routes);
    events::configure(routes);
    log::configure(routes);
}
