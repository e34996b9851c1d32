//! A person's socket is how the house knows that they are there: the only thing of this folder that leads to events.
//!
//! The first subscription of a customer to their own call says that they came, the end of the connection that they may have
//! left; the call decides what that means, and how long it waits for them.

use super::registry::Connection;
use crate::wiring::State;
use actix_web::web;
use vitrina_domain::ids::CallId;

/// The customer has begun to follow their call.
pub(super) fn customer_came(_state: &web::Data<State>, connection: &Connection, call: CallId) {
    tracing::debug!(connection_id = %connection.id, %call, "a customer is there");
}

/// The connection over which the customer followed their call is gone.
pub(super) fn customer_left(_state: &web::Data<State>, connection: &Connection, call: CallId) {
    tracing::debug!(connection_id = %connection.id, %call, "a customer's connection is gone");
}
