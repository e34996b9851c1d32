//! Who calls, and how that is known: passwords, sessions of staff, tokens of customers.

pub(crate) mod caller;
pub(crate) mod customer_token;
pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod throttle;
pub(crate) mod token;
