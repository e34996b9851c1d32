//! Who calls: nobody, a member of staff with a session, a program with an API key, or a customer with a token for one call
//! or conversation.
//!
//! What a caller may not see does not exist for them: another account's id and another customer's call are answered
//! with *not found*, like an id that was never given out.

use crate::{
    error::{ApiError, Code, Result},
    wiring::State,
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web,
};
use chrono::Utc;
use futures_util::future::LocalBoxFuture;
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    bot::Bot,
    environment::Environment,
    ids::{AccountId, CallId, ConversationId, CustomerId, SessionId, ShopperId, UserId},
    module::{Access, Module},
    scope::{Deed, Scope},
};

use super::{customer_token::Claims, media_token::Pass, token};

/// A signed-in member of staff, or a program that works for the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Staff {
    /// The account.
    pub account: AccountId,
    /// The person; of a program, the id of its key.
    pub user: UserId,
    /// What may be opened: by direct access and all roles together, or by the scopes of the key.
    pub access: Access,
    /// What was shown.
    pub credential: Credential,
    /// Whether the person is a shopper, with the same UUID.
    pub is_shopper: bool,
    /// In which environment calls, conversations and orders are opened: a key for trials opens none in production.
    pub opens_in: Environment,
    /// As whom the program writes to customers, where it is a bot.
    pub bot: Option<Arc<Bot>>,
}

/// What a member of staff has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A session's token.
    Session(SessionId),
    /// An API key, which may do this.
    Key(Arc<BTreeSet<Scope>>),
}

/// Whoever sent the request.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// No credential came with it.
    Nobody,
    /// A session's token or an API key.
    Staff(Staff),
    /// A customer's token.
    Customer(Claims),
    /// A token for the media of one call.
    Guest(Pass),
    /// Who runs the server: knows its master key. Opens no account.
    Operator,
}

/// In whose name a command is given, and under which credential its idempotency key counts.
#[derive(Debug, Clone)]
pub(crate) struct Giver {
    /// The account.
    pub account: AccountId,
    /// The credential: the user's, the key's or the customer's id, nil for nobody.
    pub credential: Uuid,
    /// The author of the events.
    pub actor: Actor,
    /// In which environment calls, conversations and orders are opened.
    pub opens_in: Environment,
}

impl Staff {
    /// Refuses when the role does not open the module.
    pub(crate) fn must_open(&self, module: Module) -> Result<()> {
        if self.access.opens(module) { Ok(()) } else { Err(ApiError::module_missing(module)) }
    }

    /// Refuses all but the owner.
    pub(crate) fn must_own(&self) -> Result<()> {
        match self.access {
            Access::Owner => Ok(()),
            Access::Staff { .. } => Err(ApiError::new(Code::NotAllowed, "only the owner of the account may do this; ask the owner")),
        }
    }

    /// The session, which a program has none of.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(session) => Some(session),
            Credential::Key(_) => None,
        }
    }

    /// As the author of a command: a shopper acts in their own name, the owner may act in anybody's.
    pub(crate) fn giver(&self) -> Giver {
        let actor = match self.credential {
            Credential::Key(_) => Actor::ApiKey(self.user.0.into()),
            Credential::Session(_) if self.is_shopper && self.access != Access::Owner => Actor::Shopper(self.user.into()),
            Credential::Session(_) => Actor::User(self.user),
        };
        Giver { opens_in: self.opens_in, ..Giver::new(self.account, self.user.0, actor) }
    }

    /// The shopper that a command is about: the one named, or the caller.
    pub(crate) fn shopper_or_self(&self, named: Option<ShopperId>) -> Result<ShopperId> {
        let own = self.is_shopper.then(|| self.user.into());
        named.or(own).ok_or_else(|| ApiError::field("/shopper_id", "required", "you are not a shopper: name the one whom this is about"))
    }
}

impl Pass {
    /// As the author of a command; who has it shares the credential of whoever it was made for.
    pub(crate) fn giver(&self) -> Giver {
        let credential = self.who.id().parse().unwrap_or_default();
        Giver::new(self.account, credential, self.who.clone())
    }
}

impl Giver {
    /// The author of a command that opens in production.
    pub(crate) fn new(account: AccountId, credential: Uuid, actor: Actor) -> Self {
        Self { account, credential, actor, opens_in: Environment::Production }
    }

    /// A customer as the author.
    pub(crate) fn customer(account: AccountId, customer: CustomerId) -> Self {
        Self::new(account, customer.0, Actor::Customer(customer))
    }

    /// The same, opening in the environment that the body asks for.
    ///
    /// # Errors
    /// When a key for trials asks for production.
    pub(crate) fn opening(self, asked: Option<Environment>) -> Result<Self> {
        match (self.opens_in, asked) {
            (Environment::Test, Some(Environment::Production)) => {
                Err(ApiError::field("/environment", "test_key", "this key is for trials: leave it out, or use a key for production"))
            }
            (own, asked) => Ok(Self { opens_in: asked.unwrap_or(own), ..self }),
        }
    }
}

/// Somebody who takes part in a call or conversation, as far as the credential tells.
pub(crate) enum Party<'a> {
    /// Staff with the module calls.
    Staff(&'a Staff),
    /// The customer whose call or conversation it is.
    Customer(&'a Claims),
}

impl Party<'_> {
    /// The account.
    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::Staff(staff) => staff.account,
            Self::Customer(claims) => claims.account,
        }
    }

    /// As the author of a command.
    pub(crate) fn giver(&self) -> Giver {
        match self {
            Self::Staff(staff) => staff.giver(),
            Self::Customer(claims) => Giver::customer(claims.account, claims.customer),
        }
    }
}

impl Caller {
    /// The member of staff, who must have signed in and whose role must open the module.
    pub(crate) fn staff(&self, module: Module) -> Result<&Staff> {
        let staff = self.any_staff()?;
        staff.must_open(module)?;
        Ok(staff)
    }

    /// The same, of a program only when it may read: for what is not behind the gate of a route.
    pub(crate) fn reader(&self, module: Module) -> Result<&Staff> {
        let (staff, scope) = (self.staff(module)?, Scope { module, deed: Deed::Read });
        match &staff.credential {
            Credential::Key(scopes) if !scopes.contains(&scope) => Err(ApiError::scope_missing(scope)),
            _ => Ok(staff),
        }
    }

    /// The member of staff, whatever the role.
    pub(crate) fn any_staff(&self) -> Result<&Staff> {
        match self {
            Self::Staff(staff) => Ok(staff),
            Self::Nobody => Err(unauthenticated("sign in with POST /v1/sessions and send its token as Authorization: Bearer")),
            Self::Customer(_) => Err(ApiError::new(Code::NotAllowed, "a customer's token does not open this; sign in as staff")),
            Self::Guest(_) => Err(ApiError::new(Code::NotAllowed, "a token for a call's media opens nothing else; sign in as staff")),
            Self::Operator => Err(ApiError::new(Code::NotAllowed, "the operator's token opens no account; sign in as staff")),
        }
    }

    /// Staff, or the customer whose call this is.
    pub(crate) fn party_of_call(&self, call: CallId) -> Result<Party<'_>> {
        self.party(|claims| claims.call == Some(call), "call")
    }

    /// Whoever may take part in the media of the call, as far as the credential tells.
    pub(crate) fn seat_in(&self, call: CallId) -> Result<Giver> {
        match self {
            Self::Guest(pass) if pass.call == call => Ok(pass.giver()),
            Self::Guest(_) => Err(ApiError::not_found("call")),
            _ => self.party_of_call(call).map(|party| party.giver()),
        }
    }

    /// Staff, or the customer whose conversation this is; for one that continues another, see [`crate::continuation`].
    pub(crate) fn party_of_conversation(&self, conversation: ConversationId) -> Result<Party<'_>> {
        self.party(|claims| claims.conversation == conversation, "conversation")
    }

    /// Staff, or a customer whose token may open the conversation: whether it does is settled with [`crate::continuation`].
    pub(crate) fn party_of_some_conversation(&self) -> Result<Party<'_>> {
        self.party(|_| true, "conversation")
    }

    fn party(&self, opens: impl FnOnce(&Claims) -> bool, what: &str) -> Result<Party<'_>> {
        match self {
            Self::Customer(claims) if opens(claims) => Ok(Party::Customer(claims)),
            Self::Customer(_) => Err(ApiError::not_found(what)),
            _ => self.staff(Module::Calls).map(Party::Staff),
        }
    }
}

pub(super) fn unauthenticated(detail: &str) -> ApiError {
    ApiError::new(Code::Unauthenticated, detail)
}

/// Finds out who sent the request with these headers.
pub(crate) async fn identify(state: &State, headers: &HeaderMap) -> Result<Caller> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(Caller::Nobody) };
    let token = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let token = token.ok_or_else(|| unauthenticated("send the token as Authorization: Bearer <token>"))?;
    if token::is_operators(state.log.master(), token) {
        return Ok(Caller::Operator);
    }
    if let Some(claims) = state.signer.open(token, Utc::now()) {
        return Ok(Caller::Customer(claims));
    }
    if let Some(pass) = state.passes.open(token, Utc::now()) {
        return Ok(Caller::Guest(pass));
    }
    match state.sessions.find(state, token).await? {
        Some(staff) => Ok(Caller::Staff(staff)),
        None => Err(unauthenticated("this token is not valid or not any more; sign in again with POST /v1/sessions")),
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { of(&state_of(&request), &request).await })
    }
}

/// Who sent the request: the gate knows already, except on routes that are open to everybody.
pub(crate) async fn of(state: &State, request: &HttpRequest) -> Result<Caller> {
    let known = request.extensions().get::<Caller>().cloned();
    match known {
        Some(caller) => Ok(caller),
        None => identify(state, request.headers()).await,
    }
}

/// The server's state, which every request has.
pub(crate) fn state_of(request: &HttpRequest) -> web::Data<State> {
    request.app_data::<web::Data<State>>().expect("the server is built with its state").clone()
}
