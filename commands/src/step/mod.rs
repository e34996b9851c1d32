//! Steps of the floor as units: what a step of a call leads to in its conversation and in its shoppers' books of work is in
//! the same append, so that they can never disagree. HTTP handlers and process managers take the same steps.

mod call;
mod chat;
mod media;
mod notice;
mod presence;
mod recording;
mod shopper;
pub use call::*;
pub use chat::*;
pub use media::*;
pub use notice::*;
pub use presence::*;
pub use recording::*;
pub use shopper::*;

use crate::{Failure, Unit};
use vitrina_domain::{account::Account, routing::Policy};

/// The account's rules of the floor as they stand.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn policy(unit: &mut Unit<'_>) -> Result<Policy, Failure> {
    let account = unit.account();
    Ok(unit.state::<Account>(account)?.routing())
}
