//! Tokens that open one recording for a while: `r1.<payload>.<hmac>`. A player asks for parts of a file again and again and
//! cannot send a header, so the list of a call's recordings gives such an address to whoever may see it.

use super::customer_token::{Sealed, Signer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, RecordingId},
};

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordingPass {
    /// The account.
    #[serde(rename = "a")]
    pub account: AccountId,
    /// The recording.
    #[serde(rename = "r")]
    pub recording: RecordingId,
    /// To whom it was given: who fetches is in the call's history.
    #[serde(rename = "w")]
    pub who: Actor,
    /// The credential that it was given to.
    #[serde(rename = "c")]
    pub credential: Uuid,
    /// Seconds since the epoch at which it ends.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

impl Sealed for RecordingPass {
    const VERSION: &'static str = "r1";

    fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

/// Signs and opens them.
pub(crate) type RecordingPasses = Signer<RecordingPass>;
