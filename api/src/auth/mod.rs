//! Who calls, and how that is known: passwords, sessions of staff, tokens of customers. What each may open: `right` reads
//! the declaration of a route, `guard` enforces it.

pub(crate) mod caller;
pub(crate) mod customer_token;
pub(crate) mod export_pass;
pub(crate) mod guard;
pub(crate) mod link;
pub(crate) mod media_token;
pub(crate) mod password;
pub(crate) mod recording_pass;
pub(crate) mod right;
pub(crate) mod sessions;
pub(crate) mod sign_in;
mod throttle;
pub(crate) mod token;
