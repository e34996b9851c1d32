//! Names that must be unique in an account. E-mail addresses go in as blind indexes: the log must not hold them in clear.

use vitrina_domain::environment::Environment;
use vitrina_eventlog::keyring::MasterKey;

/// Addresses to sign in with.
pub(crate) const USER_EMAIL: &str = "user-email";
/// Names of roles.
pub(crate) const ROLE_NAME: &str = "role-name";
/// The shop's own ids of its customers.
pub(crate) const CUSTOMER_EXTERNAL_ID: &str = "customer-external-id";

/// The shop's own ids of its orders.
const ORDER_ID: &str = "order-id";
/// The same of trials: a trial takes no number away from a real order.
const TRIAL_ORDER_ID: &str = "trial-order-id";

/// The shop's own ids of the orders of an environment.
pub(crate) const fn orders(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => ORDER_ID,
        Environment::Test => TRIAL_ORDER_ID,
    }
}

/// The field of a body whose value is such a name.
pub(crate) fn field_of(scope: &str) -> &'static str {
    match scope {
        USER_EMAIL => "/email",
        ROLE_NAME => "/name",
        CUSTOMER_EXTERNAL_ID => "/external_id",
        ORDER_ID | TRIAL_ORDER_ID => "/order_id",
        _ => "",
    }
}

/// What somebody is told who wants one that is taken.
pub(crate) fn taken(scope: &str) -> &'static str {
    match scope {
        ROLE_NAME => "another role of your account has this name already; take another one",
        CUSTOMER_EXTERNAL_ID => "another customer of your account has this id already; name that one by customer_id",
        ORDER_ID | TRIAL_ORDER_ID => {
            "an order of your account has this id already: GET /v1/orders/{id} has it, refunds and cancel change it"
        }
        _ => "somebody else in your account has it already",
    }
}

/// A role's name as it is compared.
pub(crate) fn role(name: &str) -> Vec<u8> {
    name.trim().to_lowercase().into_bytes()
}

/// The blind index of an address; case and surrounding space make no difference.
pub(crate) fn email(master: &MasterKey, address: &str) -> Vec<u8> {
    master.blind_index(USER_EMAIL, &address.trim().to_lowercase())
}
