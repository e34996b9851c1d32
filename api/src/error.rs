//! Every refusal, as an RFC 9457 problem document. The only file that knows the HTTP status of a refusal.
//!
//! A handler returns an [`ApiError`]; [`crate::telemetry`] renders it with what only the request knows: its language,
//! path and id. A refusal names the field or the state and says what to do, and never tells what another account has.

use crate::texts::{self, Locale};
use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::{module::Module, scope::Scope};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $status:ident;)*) => {
        /// The kinds of refusal. The name is stable: programs may branch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])* $variant),* }

        impl Code {
            /// All of them, in the order of the registry.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name, last part of the type's URI.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it means and what to do, in English, for the registry.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*)),* }
            }

            /// Its HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),* }
            }
        }
    };
}

codes! {
    /// The body is not JSON. Mend it where `detail` says.
    MalformedJson = "malformed_json", BAD_REQUEST;
    /// The body is JSON of another shape: a field is unknown, missing or of another type. `errors` names it.
    InvalidBody = "invalid_body", UNPROCESSABLE_ENTITY;
    /// A field's value is not acceptable. `errors` names the field and what would do.
    InvalidField = "invalid_field", UNPROCESSABLE_ENTITY;
    /// The body is larger than this server accepts.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE;
    /// Bodies are sent as `Content-Type: application/json`.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// A parameter of the path or the query, or a header, is not acceptable. `errors` names it.
    InvalidParameter = "invalid_parameter", BAD_REQUEST;
    /// The cursor is not one of ours, or belongs to another list or other filters. Begin again without it.
    InvalidCursor = "invalid_cursor", BAD_REQUEST;
    /// This request creates something, so it needs an `Idempotency-Key`: any text of your own that is new for each intent.
    IdempotencyKeyMissing = "idempotency_key_missing", BAD_REQUEST;
    /// The `Idempotency-Key` is not a text of 1 to 255 printable ASCII characters.
    IdempotencyKeyInvalid = "idempotency_key_invalid", BAD_REQUEST;
    /// This `Idempotency-Key` was used with another body. Take a new key for a new intent.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY;
    /// The first request with this `Idempotency-Key` is still running. Repeat it in a moment.
    RequestInProgress = "request_in_progress", CONFLICT;
    /// No valid credential came with the request. Sign in and send `Authorization: Bearer` and the token.
    Unauthenticated = "unauthenticated", UNAUTHORIZED;
    /// The e-mail address and the password do not belong together.
    SignInFailed = "sign_in_failed", UNAUTHORIZED;
    /// Too many attempts. Wait as long as `Retry-After` says.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS;
    /// You have sent more requests than your quota allows. `violated-policies` names it; come again after `Retry-After` seconds.
    QuotaExceeded = "quota_exceeded", TOO_MANY_REQUESTS;
    /// None of your roles opens the module that `module` names. The owner of the account can give you one that does.
    ModuleMissing = "module_missing", FORBIDDEN;
    /// Your API key does not have the scope that `scope` names. The owner of the account can make one that has it.
    ScopeMissing = "scope_missing", FORBIDDEN;
    /// You may not do this here; `detail` says why.
    NotAllowed = "not_allowed", FORBIDDEN;
    /// There is no such thing in your account.
    NotFound = "not_found", NOT_FOUND;
    /// There is no such address. /docs lists them all.
    NoSuchRoute = "no_such_route", NOT_FOUND;
    /// This address does not take this method. `Allow` lists those it takes.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// Its state does not allow this. `current_state` and `version` say how it stands; read it again and decide anew.
    IllegalTransition = "illegal_transition", CONFLICT;
    /// It exists already.
    AlreadyExists = "already_exists", CONFLICT;
    /// Something that must be unique is taken. `errors` names the field.
    AlreadyTaken = "already_taken", CONFLICT;
    /// Others changed it again and again at the same moment. Repeat the request.
    Contended = "contended", CONFLICT;
    /// The customer must consent to the shop's terms first: GET and POST /v1/calls/{id}/consent.
    ConsentRequired = "consent_required", FORBIDDEN;
    /// The media of this call is at another node: send the offer to the one at `node_url`.
    MediaElsewhere = "media_elsewhere", CONFLICT;
    /// The offer cannot be answered: it is no SDP, or lacks what an answer needs.
    OfferUnacceptable = "offer_unacceptable", UNPROCESSABLE_ENTITY;
    /// As many take part in the call as can.
    RoomFull = "room_full", CONFLICT;
    /// This server has no media now: it is switched off, or as many calls run as it can bear. Repeat after `Retry-After` seconds.
    MediaUnavailable = "media_unavailable", SERVICE_UNAVAILABLE;
    /// It has changed since the version in `If-Match`. `version` is the current one; read it again and decide anew.
    VersionMismatch = "version_mismatch", PRECONDITION_FAILED;
    /// The file has no such part. `Content-Range` of another answer says how large it is.
    RangeNotSatisfiable = "range_not_satisfiable", RANGE_NOT_SATISFIABLE;
    /// The conversation is too long for one transcript. Read its messages and its history by pages.
    TranscriptTooLong = "transcript_too_long", UNPROCESSABLE_ENTITY;
    /// As many files of exports are being made for your account as may be. Wait for one, or delete one.
    ExportsUnderWay = "exports_under_way", TOO_MANY_REQUESTS;
    /// Others have leased the next events of this feed, and have not committed them. Repeat after `Retry-After` seconds.
    FeedLeased = "feed_leased", CONFLICT;
    /// This lease has ended, was committed before, or does not hold that position. Lease again.
    LeaseLost = "lease_lost", CONFLICT;
    /// Where files are kept cannot be reached, or is full. Repeat after `Retry-After` seconds.
    StorageUnavailable = "storage_unavailable", SERVICE_UNAVAILABLE;
    /// More work waits than this server takes on. Repeat after `Retry-After` seconds.
    Busy = "busy", SERVICE_UNAVAILABLE;
    /// The database cannot be reached. Nothing is lost; repeat after `Retry-After` seconds.
    DatabaseUnavailable = "database_unavailable", SERVICE_UNAVAILABLE;
    /// The read models have not come as far as `at_least` asks for. Repeat after `Retry-After` seconds.
    PositionNotReached = "position_not_reached", SERVICE_UNAVAILABLE;
    /// The server is not ready to serve; `detail` says which part is not.
    NotReady = "not_ready", SERVICE_UNAVAILABLE;
    /// A mistake of ours. `request_id` finds it in the logs.
    Internal = "internal", INTERNAL_SERVER_ERROR;
}

/// What the draft on RateLimit header fields has registered for all servers.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

impl Code {
    /// The URI of the kind: in our registry, where it can be opened, or in the one that all servers share.
    pub(crate) fn type_uri(self, public_url: &str) -> String {
        match self {
            Self::QuotaExceeded => QUOTA_EXCEEDED.to_owned(),
            _ => format!("{public_url}/problems/{}", self.name()),
        }
    }
}

/// A field that was not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer of the field in the body, or the name of the parameter or header.
    #[schema(example = "/customer/email")]
    pub pointer: String,
    /// Stable machine-readable reason.
    #[schema(example = "unknown_field")]
    pub code: String,
    /// What would have been accepted.
    pub detail: String,
}

/// A refusal on its way to the caller. One pointer wide, since it travels in every `Result`.
#[derive(Debug)]
pub struct ApiError(Box<Refused>);

#[derive(Debug)]
struct Refused {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    module: Option<Module>,
    scope: Option<Scope>,
    violated_policies: Vec<&'static str>,
    current_state: Option<String>,
    version: Option<i64>,
    node_url: Option<String>,
    retry_after_s: Option<u64>,
    allow: Option<String>,
    cause: Option<String>,
}

/// `Retry-After` of what is expected to pass within a moment.
pub const RETRY_SOON_S: u64 = 1;

/// What a handler returns.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    /// A refusal of this kind; `detail` is for a person and says what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Refused {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            module: None,
            scope: None,
            violated_policies: Vec::new(),
            current_state: None,
            version: None,
            node_url: None,
            retry_after_s: None,
            allow: None,
            cause: None,
        }))
    }

    /// A field of the body that is not acceptable.
    pub fn field(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::of_field(Code::InvalidField, pointer, code, detail)
    }

    /// A parameter or header that is not acceptable.
    pub fn parameter(name: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::of_field(Code::InvalidParameter, name, code, detail)
    }

    /// The same refusal of a value that came in the body under the parameter's name.
    #[must_use]
    pub(crate) fn of_body(mut self) -> Self {
        if self.0.code == Code::InvalidParameter {
            self.0.code = Code::InvalidField;
            for error in &mut self.0.errors {
                error.pointer = format!("/{}", error.pointer);
                self.0.detail = format!("{}: {}", error.pointer, error.detail);
            }
        }
        self
    }

    /// A refusal of this kind that one field is the reason of.
    pub fn of_field(kind: Code, pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        let (pointer, detail) = (pointer.into(), detail.into());
        // Of the whole body there is nothing to name.
        let mut error = Self::new(kind, if pointer.is_empty() { detail.clone() } else { format!("{pointer}: {detail}") });
        error.0.errors.push(FieldError { pointer, code: code.into(), detail });
        error
    }

    /// There is no such `what` in this account.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what} in your account"))
    }

    /// The caller's role does not open this module.
    pub fn module_missing(module: Module) -> Self {
        let mut error = Self::new(
            Code::ModuleMissing,
            format!(
                "none of your roles opens the module {:?}; ask the owner of the account, who can give you one that does: PUT /v1/users/{{your id}}/roles",
                module.as_str()
            ),
        );
        error.0.module = Some(module);
        error
    }

    /// The caller's API key does not have this scope.
    pub fn scope_missing(scope: Scope) -> Self {
        let detail =
            format!("your API key does not have the scope {scope}; ask the owner of the account for one that has it: POST /v1/api-keys");
        let mut error = Self::new(Code::ScopeMissing, detail);
        error.0.scope = Some(scope);
        error
    }

    /// A mistake of ours; the cause goes to the log, never to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::Internal, "an unexpected error; the logs have more under this request_id").because(cause)
    }

    /// The database is away; the cause goes to the log only, since it may name hosts and users.
    pub fn database_unavailable(cause: impl std::fmt::Display) -> Self {
        let detail =
            "the database cannot be reached; nothing that was acknowledged is lost, repeat the request with the same Idempotency-Key";
        Self::new(Code::DatabaseUnavailable, detail).retry_after_s(RETRY_SOON_S).because(cause)
    }

    /// The storage of files is away; the cause goes to the log only.
    pub fn storage_unavailable(cause: impl std::fmt::Display) -> Self {
        let detail = "files cannot be kept or read now; nothing was changed, repeat the request with the same Idempotency-Key";
        Self::new(Code::StorageUnavailable, detail).retry_after_s(RETRY_SOON_S).because(cause)
    }

    /// Adds what the log should say.
    #[must_use]
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// What the log should say, beyond what the caller is told.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Adds the state that stood in the way and its version.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>, version: i64) -> Self {
        self.0.current_state = Some(state.into());
        self.0.version = Some(version);
        self
    }

    /// Adds the current version.
    #[must_use]
    pub fn with_version(mut self, version: i64) -> Self {
        self.0.version = Some(version);
        self
    }

    /// The call's media is at the node of this address.
    pub fn media_elsewhere(node_url: impl Into<String>) -> Self {
        let node_url = node_url.into();
        let detail = format!("the media of this call is at {node_url}; send the offer there, with the same token");
        let mut error = Self::new(Code::MediaElsewhere, detail);
        error.0.node_url = Some(node_url);
        error
    }

    /// Says when to come again.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Names the quota that is used up.
    #[must_use]
    pub fn violating(mut self, policy: &'static str) -> Self {
        self.0.violated_policies.push(policy);
        self
    }

    /// Says which methods there are.
    #[must_use]
    pub fn allowing(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// Its kind.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The problem document, in the words and with the marks of one request.
    pub(crate) fn problem(&self, context: &Context<'_>) -> Problem {
        let refused = &*self.0;
        Problem {
            kind: refused.code.type_uri(context.public_url),
            title: texts::title(refused.code, context.locale).to_owned(),
            status: refused.code.status().as_u16(),
            detail: refused.detail.clone(),
            instance: context.path.to_owned(),
            code: refused.code.name().to_owned(),
            errors: refused.errors.clone(),
            module: refused.module.map(|module| module.as_str().to_owned()),
            scope: refused.scope.map(|scope| scope.as_str().to_owned()),
            violated_policies: refused.violated_policies.clone(),
            current_state: refused.current_state.clone(),
            version: refused.version,
            node_url: refused.node_url.clone(),
            request_id: context.request_id.to_owned(),
        }
    }

    /// The response, in the words and with the marks of one request.
    pub(crate) fn respond(&self, context: &Context<'_>) -> HttpResponse {
        let refused = &*self.0;
        let status = refused.code.status();
        let problem = self.problem(context);
        let mut response = HttpResponse::build(status);
        response.content_type("application/problem+json").insert_header((header::CONTENT_LANGUAGE, context.locale.tag()));
        if let Some(seconds) = refused.retry_after_s {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = &refused.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(serde_json::to_string(&problem).expect("a problem is plain data"))
    }
}

/// What only the request knows.
pub(crate) struct Context<'a> {
    /// The server's public address.
    pub public_url: &'a str,
    /// The language to answer in.
    pub locale: Locale,
    /// The path that was asked for.
    pub path: &'a str,
    /// The request's id.
    pub request_id: &'a str,
}

/// A problem document, RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URI of the kind; it can be opened and says what to do.
    #[serde(rename = "type")]
    #[schema(example = "https://vitrina.example/problems/illegal_transition")]
    pub kind: String,
    /// The kind in a few words, in the caller's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here and what to do.
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// The kind's stable name.
    pub code: String,
    /// The fields that were not acceptable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// The module that the caller's role lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The scope that the caller's API key lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The quotas that are used up.
    #[serde(rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<String>)]
    pub violated_policies: Vec<&'static str>,
    /// The state that stood in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_state: Option<String>,
    /// The current version of what was to be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The node that the call's media is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_url: Option<String>,
    /// The id of this request, to be found in the logs.
    pub request_id: String,
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.name(), self.0.detail)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    /// The bare status: the outermost middleware replaces it by [`ApiError::respond`].
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
