//! The write side of a request: who gives the command, under which id, and what became of it.
//!
//! A handler takes a [`Command`], decides in whose name it is given, and runs it. The reply is a pure function of the
//! request and the stored outcome, so a repetition is answered with the same bytes.

mod commands;
mod refused;

pub use commands::Commands;
pub(crate) use refused::{log as log_problem, problem as refused};

use crate::{
    auth::caller::{self, Caller, Giver, state_of},
    body,
    conditional::{etag, if_match},
    error::{ApiError, Result},
    idempotency::{self, Need},
    limits::address_of,
    telemetry::RequestId,
    wiring::State,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, dev::Payload, http::header, web};
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::net::IpAddr;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Failure, Unit};
use vitrina_domain::ids::CommandId;
use vitrina_eventlog::{Position, Version};

/// The header that carries the position of what was written or read.
pub(crate) const POSITION: &str = "Vitrina-Position";

/// The body of a command that needs none.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A request that wants something to happen. An absent body counts as `{}`.
pub(crate) struct Command<T> {
    /// Who sent it.
    pub caller: Caller,
    /// What it says.
    pub body: T,
    /// The server.
    pub state: web::Data<State>,
    fingerprint: [u8; 16],
    request: HttpRequest,
}

impl<T: DeserializeOwned + 'static> FromRequest for Command<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, bytes) = (request.clone(), web::Bytes::from_request(request, payload));
        Box::pin(async move {
            let state = state_of(&request);
            let caller = caller::of(&state, &request).await?;
            let bytes = bytes.await.map_err(|error| body::unreadable(&error))?;
            let body = body::parse(&request, &bytes)?;
            Ok(Self { caller, body, state, fingerprint: body::fingerprint(&bytes), request })
        })
    }
}

/// What became of a command.
#[derive(Debug)]
pub(crate) struct Done<R> {
    /// Its id.
    pub command_id: CommandId,
    /// Position of its last event.
    pub position: Position,
    /// Version of the stream that it is about.
    pub version: Version,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// What was stored with it: the ids that it gave out.
    pub result: R,
    replayed: bool,
    written: bool,
}

/// The answer to most commands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Written {
    /// What was made or changed.
    pub id: Uuid,
    /// Position of the last event that this led to; reads with `at_least` of it show the change.
    #[schema(example = 42)]
    pub position: i64,
    /// The version it has now, as in `ETag`.
    #[schema(example = 3)]
    pub version: i64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl<T> Command<T> {
    /// A command whose body was read otherwise; `fingerprint` tells what it said from anything else.
    pub(crate) fn of(caller: Caller, body: T, state: web::Data<State>, fingerprint: [u8; 16], request: HttpRequest) -> Self {
        Self { caller, body, state, fingerprint, request }
    }

    /// Takes the fingerprint under a key of the server's, so that what is stored tells nothing about a secret in the body.
    pub(crate) fn has_secret(&mut self) {
        self.fingerprint = self.state.secret_fingerprint(&self.fingerprint);
    }

    /// The address in the network that the request comes from.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        address_of(self.request.peer_addr(), self.request.headers(), self.state.config.client_address_header.as_deref())
    }

    /// A header of the request, when it is readable text.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<String> {
        self.request.headers().get(name)?.to_str().ok().map(str::to_owned)
    }

    /// The id of this command, given by `giver`.
    pub(crate) fn id(&self, need: Need, giver: &Giver) -> Result<CommandId> {
        idempotency::command_id(&self.request, need, giver.account, giver.credential)
    }

    /// Runs the command: `decide` may be called again after a conflict. `result` is stored with the first outcome, and
    /// what was stored then comes back.
    pub(crate) async fn run<R: Serialize + DeserializeOwned>(
        &self,
        need: Need,
        giver: Giver,
        result: R,
        decide: impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
    ) -> Result<Done<R>> {
        let command_id = self.id(need, &giver)?;
        self.run_as(command_id, giver, result, decide).await
    }

    /// The same, under an id that is known already.
    pub(crate) async fn run_as<R: Serialize + DeserializeOwned>(
        &self,
        command_id: CommandId,
        giver: Giver,
        result: R,
        decide: impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
    ) -> Result<Done<R>> {
        let meta = CommandMeta {
            fingerprint: self.fingerprint,
            correlation_id: self.request.extensions().get::<RequestId>().map(RequestId::correlation_id).unwrap_or_default(),
            opens_in: giver.opens_in,
            if_match: if_match(self.request.headers())?.map(Version),
            ..CommandMeta::new(giver.account, command_id, giver.actor, Utc::now())
        };
        let stored = serde_json::to_vec(&result).map_err(ApiError::internal)?;
        let committed = self.state.commands.execute(&meta, stored, decide).await.map_err(refused::problem)?;
        let written = !committed.result.is_empty();
        let result =
            if committed.result.is_empty() { result } else { serde_json::from_slice(&committed.result).map_err(ApiError::internal)? };
        Ok(Done {
            command_id,
            position: committed.position,
            version: committed.version,
            recorded_at: committed.recorded_at,
            result,
            replayed: committed.replayed,
            written,
        })
    }
}

impl<R> Done<R> {
    /// The answer that something now exists.
    pub(crate) fn created(&self, reply: &impl Serialize) -> HttpResponse {
        self.answer(HttpResponse::Created(), reply)
    }

    /// The answer that something will be done.
    pub(crate) fn accepted(&self, reply: &impl Serialize) -> HttpResponse {
        self.answer(HttpResponse::Accepted(), reply)
    }

    /// Whether it was written, now or before; not so when it changed nothing.
    pub(crate) fn wrote(&self) -> bool {
        self.written
    }

    /// An answer of its own.
    pub(crate) fn replied(&self, reply: &impl Serialize) -> HttpResponse {
        self.answer(HttpResponse::Ok(), reply)
    }

    /// The answer that something has changed.
    pub(crate) fn changed(&self, id: impl Into<Uuid>) -> HttpResponse {
        self.answer(HttpResponse::Ok(), &self.written(id))
    }

    /// What most commands answer.
    pub(crate) fn written(&self, id: impl Into<Uuid>) -> Written {
        Written { id: id.into(), position: self.position.0, version: self.version.0, recorded_at: self.recorded_at }
    }

    fn answer(&self, mut response: HttpResponseBuilder, reply: &impl Serialize) -> HttpResponse {
        response.insert_header((header::ETAG, etag(self.version.0))).insert_header((POSITION, self.position.0));
        if self.replayed {
            response.insert_header((idempotency::REPLAYED, "true"));
        }
        let mut response = response.json(reply);
        response.extensions_mut().insert(self.command_id);
        response
    }
}
