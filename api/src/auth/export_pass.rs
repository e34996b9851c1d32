//! Tokens that open the file of one export for a while: `e1.<payload>.<hmac>`. A browser that downloads sends no header, so whoever may
//! see the export is given such an address. It opens nothing any more once the export is deleted.

use super::customer_token::{Sealed, Signer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, ExportId},
};

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExportPass {
    /// The account.
    #[serde(rename = "a")]
    pub account: AccountId,
    /// The export.
    #[serde(rename = "x")]
    pub export: ExportId,
    /// To whom it was given: who fetches is in the audit.
    #[serde(rename = "w")]
    pub who: Actor,
    /// The credential that it was given to.
    #[serde(rename = "c")]
    pub credential: Uuid,
    /// Seconds since the epoch at which it ends.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

impl Sealed for ExportPass {
    const VERSION: &'static str = "e1";

    fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

/// Signs and opens them.
pub(crate) type ExportPasses = Signer<ExportPass>;
