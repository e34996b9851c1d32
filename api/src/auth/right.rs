//! What opens a route: declared once, beside the route, as `security` of its description; enforced by
//! [`super::guard`] from there, and shown in the description as `x-right`.
//!
//! `security((), ("bearer" = ["customer"]), ("bearer" = ["calls"]))` reads: nobody in particular, or the customer whose
//! it is, or staff whose role opens the module calls. Any one of them is enough. Which customer's call it is, only the
//! handler can tell.

use super::caller::{Caller, Credential, unauthenticated};
use crate::error::{ApiError, Code, Result};
use actix_web::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::{extensions::Extensions, path::Operation};
use vitrina_domain::{
    module::{Access, Module},
    scope::{Deed, Scope},
};

/// The member of an operation that names what opens it.
const EXTENSION: &str = "x-right";
/// Why everybody else is refused what is the operator's.
const OPERATORS_ONLY: &str = "only who runs the server may do this: use the commands of `vitrina` on its machine";

/// One way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opener {
    /// No credential at all.
    Public,
    /// A customer's token; the handler looks whether call, conversation or customer is theirs.
    Customer,
    /// A token for the media of one call; the handler looks which.
    Media,
    /// Anybody who has signed in.
    Staff,
    /// The very user that the path names.
    Oneself,
    /// Staff whose roles open the module, or an API key with the scope of it: reading for GET, else writing.
    Module(Module),
    /// The owner of the account.
    Owner,
    /// Who runs the server.
    Operator,
}

/// What somebody who sends this does.
fn deed(method: &Method) -> Deed {
    if *method == Method::GET { Deed::Read } else { Deed::Write }
}

/// What opens one route, in the order of its declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Right {
    openers: Vec<Opener>,
}

impl Opener {
    const ALL: [Self; 10] = [
        Self::Public,
        Self::Customer,
        Self::Media,
        Self::Staff,
        Self::Oneself,
        Self::Module(Module::Calls),
        Self::Module(Module::Analytics),
        Self::Module(Module::Settings),
        Self::Owner,
        Self::Operator,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Customer => "customer",
            Self::Media => "media",
            Self::Staff => "staff",
            Self::Oneself => "self",
            Self::Module(module) => module.as_str(),
            Self::Owner => "owner",
            Self::Operator => "operator",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|opener| opener.name() == name)
    }

    fn admits(self, caller: &Caller, deed: Deed, path: &str) -> bool {
        match (self, caller) {
            (Self::Public, Caller::Nobody)
            | (Self::Customer, Caller::Customer(_))
            | (Self::Media, Caller::Guest(_))
            | (Self::Operator, Caller::Operator) => true,
            (opener, Caller::Staff(staff)) => match (opener, &staff.credential) {
                (Self::Module(module), Credential::Key(scopes)) => scopes.contains(&Scope { module, deed }),
                (_, Credential::Key(_)) => false,
                (Self::Staff, Credential::Session(_)) => true,
                (Self::Oneself, Credential::Session(_)) => path.split('/').any(|part| part.parse() == Ok(staff.user)),
                (Self::Module(module), Credential::Session(_)) => staff.access.opens(module),
                (Self::Owner, Credential::Session(_)) => staff.access == Access::Owner,
                (Self::Public | Self::Customer | Self::Media | Self::Operator, Credential::Session(_)) => false,
            },
            _ => false,
        }
    }
}

impl Right {
    /// What the operation declares; `None` when that is nothing, or a word that means nothing.
    pub(crate) fn declared(operation: &Operation) -> Option<Self> {
        let alternatives = serde_json::to_value(operation.security.as_ref()?).ok()?;
        let openers = alternatives.as_array()?.iter().map(|alternative| match alternative.get("bearer") {
            None => Some(Opener::Public),
            Some(names) => match names.as_array()?.as_slice() {
                [Value::String(name)] => Opener::of(name),
                _ => None,
            },
        });
        openers.collect::<Option<Vec<_>>>().filter(|openers| !openers.is_empty()).map(|openers| Self { openers })
    }

    /// The right of a route that declares none: whoever forgot it must notice, and nobody else gains by it.
    pub(crate) fn undeclared() -> Self {
        Self { openers: vec![Opener::Operator] }
    }

    /// Whether nobody is ever refused.
    pub(crate) fn is_public(&self) -> bool {
        self.openers == [Opener::Public]
    }

    /// Puts the names where readers of the description find them.
    pub(crate) fn describe(&self, method: &Method, operation: &mut Operation) {
        let deed = deed(method);
        let names: Vec<_> = self.openers.iter().map(|opener| opener.name()).chain(self.scopes(deed).map(Scope::as_str)).collect();
        let shown = Extensions::builder().add(EXTENSION, json!(names)).build();
        operation.extensions.get_or_insert_default().merge(shown);
    }

    /// The scopes of API keys that open it.
    fn scopes(&self, deed: Deed) -> impl Iterator<Item = Scope> {
        self.openers.iter().filter_map(move |opener| match opener {
            Opener::Module(module) => Some(Scope { module: *module, deed }),
            _ => None,
        })
    }

    /// Refuses a caller whom nothing opens this for, naming what is missing and whom to ask (PRODUCT.md V25).
    pub(crate) fn must_admit(&self, caller: &Caller, method: &Method, path: &str) -> Result<()> {
        let deed = deed(method);
        if self.is_public() || self.openers.iter().any(|opener| opener.admits(caller, deed, path)) {
            return Ok(());
        }
        Err(self.refusal(caller, deed))
    }

    fn refusal(&self, caller: &Caller, deed: Deed) -> ApiError {
        let refused = |why: &str| ApiError::new(Code::NotAllowed, why);
        let modules = self.openers.iter().find_map(|opener| if let Opener::Module(module) = opener { Some(*module) } else { None });
        match caller {
            Caller::Nobody if self.openers == [Opener::Operator] => unauthenticated(OPERATORS_ONLY),
            _ if self.openers == [Opener::Operator] => refused(OPERATORS_ONLY),
            Caller::Nobody if self.openers == [Opener::Customer] => {
                unauthenticated("send the customer's token, which asking for the call answered with, as Authorization: Bearer")
            }
            Caller::Nobody => unauthenticated("sign in with POST /v1/sessions and send its token as Authorization: Bearer"),
            Caller::Customer(_) => refused("a customer's token does not open this; sign in as staff"),
            Caller::Guest(_) => refused("a token for a call's media opens nothing else; sign in as staff"),
            Caller::Operator => refused("the operator's token opens no account; sign in as staff"),
            Caller::Staff(staff) if staff.session().is_none() => match self.scopes(deed).next() {
                Some(scope) => ApiError::scope_missing(scope),
                None => refused("an API key does not open this; sign in as a person with POST /v1/sessions"),
            },
            Caller::Staff(_) => match modules {
                Some(module) => ApiError::module_missing(module),
                None if self.openers.contains(&Opener::Owner) => refused("only the owner of the account may do this; ask the owner"),
                None => refused("only the customer may do this, with the token that asking for the call answered with"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::openapi::security::SecurityRequirement;

    fn operation(alternatives: Vec<SecurityRequirement>) -> Operation {
        let mut operation = Operation::default();
        operation.security = Some(alternatives);
        operation
    }

    #[test]
    fn a_declaration_lists_what_opens_the_route_and_is_shown() {
        let bearer = |name: &str| SecurityRequirement::new("bearer", [name]);
        let mut declared = operation(vec![SecurityRequirement::default(), bearer("customer"), bearer("calls")]);
        let right = Right::declared(&declared).unwrap();
        assert_eq!(right.openers, [Opener::Public, Opener::Customer, Opener::Module(Module::Calls)]);
        right.describe(&Method::POST, &mut declared);
        assert_eq!(serde_json::to_value(&declared).unwrap()[EXTENSION], json!(["public", "customer", "calls", "calls:write"]));
    }

    #[test]
    fn what_declares_nothing_or_nonsense_is_open_to_the_operator_only() {
        let none = SecurityRequirement::new::<_, [&str; 0], _>("bearer", []);
        for forgotten in [Operation::default(), operation(vec![none]), operation(vec![SecurityRequirement::new("bearer", ["boss"])])] {
            assert_eq!(Right::declared(&forgotten), None);
        }
        assert!(Right::undeclared().must_admit(&Caller::Nobody, &Method::GET, "/").is_err());
    }
}
