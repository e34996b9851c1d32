//! Request headers of commands, as the API's description lists them. The handlers read them through
//! [`crate::writing::Command`].

use utoipa::IntoParams;

/// Of a command that creates something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "only the description reads these")]
pub(crate) struct Creates {
    /// A text of your own, new for each intent and the same when you repeat it: the same command twice happens once.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^(\"([ !#-\\[\\]-~]|\\\\[\"\\\\])+\"|[!#-~][ -~]*)$",
        example = "\"6f1c7d1e\""
    )]
    idempotency_key: String,
}

/// Of a command that changes something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "only the description reads these")]
pub(crate) struct Changes {
    /// A text of your own, new for each intent and the same when you repeat it: the same command twice happens once.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, required = false, value_type = String, pattern = "^(\"([ !#-\\[\\]-~]|\\\\[\"\\\\])+\"|[!#-~][ -~]*)$")]
    idempotency_key: Option<String>,
    /// The `ETag` that you have seen: the command is refused with 412 when the version is another by now.
    #[param(rename = "If-Match", required = false, value_type = String, pattern = "^([*]|\"[0-9]{1,18}\")$", example = "\"3\"")]
    if_match: Option<String>,
}
