//! Connections: the socket of a customer or a shopper opens, or is lost. A loss carries the end of the grace by the rules of
//! that moment; what follows at its end is a deadline's.

use super::{forsake, policy};
use crate::{Failure, Unit};
use vitrina_domain::{
    call::{Call, CallAction},
    ids::{CallId, ConnectionId, ShopperId},
    routing::{Work, after},
    shopper::{Shopper, ShopperAction},
};

/// The customer's device is there. To be given by the customer or the system.
///
/// # Errors
/// [`Failure`]: refused when the call is over.
pub fn customer_connected(unit: &mut Unit<'_>, call: CallId, connection_id: ConnectionId) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::ConnectCustomer { connection_id })
}

/// The customer's device is lost. To be given by the customer or the system.
///
/// # Errors
/// [`Failure`]: refused when the call is over.
pub fn customer_disconnected(unit: &mut Unit<'_>, call: CallId, connection_id: ConnectionId) -> Result<(), Failure> {
    let until = after(policy(unit)?.reconnect_grace_s, unit.at());
    unit.run::<Call>(call, CallAction::DisconnectCustomer { connection_id, until })
}

/// The shopper's device is there.
///
/// # Errors
/// [`Failure`]: refused when there is no such shopper.
pub fn shopper_connected(unit: &mut Unit<'_>, shopper: ShopperId, connection_id: ConnectionId) -> Result<(), Failure> {
    unit.run::<Shopper>(shopper, ShopperAction::Connect { connection_id })
}

/// The shopper's device is lost.
///
/// # Errors
/// [`Failure`]: refused when there is no such shopper.
pub fn shopper_disconnected(unit: &mut Unit<'_>, shopper: ShopperId, connection_id: ConnectionId) -> Result<(), Failure> {
    let until = after(policy(unit)?.reconnect_grace_s, unit.at());
    unit.run::<Shopper>(shopper, ShopperAction::Disconnect { connection_id, until })
}

/// The grace of a shopper has ended: they are offline, and the calls that they held are no longer theirs.
///
/// # Errors
/// [`Failure`]: refused when there is no such shopper.
pub fn lose_shopper(unit: &mut Unit<'_>, shopper: ShopperId, connection_id: ConnectionId) -> Result<(), Failure> {
    let before = unit.state::<Shopper>(shopper)?.status();
    unit.run::<Shopper>(shopper, ShopperAction::Lose { connection_id })?;
    let after = unit.state::<Shopper>(shopper)?;
    if after.status() == before {
        return Ok(());
    }
    let work = after.work().to_vec();
    work.into_iter().try_for_each(|work| match work {
        Work::Call(call) => forsake(unit, call, shopper),
        // A chat goes on in writing whenever somebody reads it; colleagues see that it is unanswered.
        Work::Conversation(_) => Ok(()),
    })
}
