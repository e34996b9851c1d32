//! What customers consent to before a call, as a body.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use vitrina_domain::{
    account::{ConsentRule, Terms},
    locale::Locale,
};

/// What customers consent to before a call: nothing (`off`), or this version of the terms (`required`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Consent {
    /// Nothing.
    Off {},
    /// Nobody is connected who has not consented.
    Required {
        /// Your name for this text; another one asks every customer anew.
        #[schema(max_length = 64, example = "2026-03")]
        text_version: String,
        /// Where the privacy policy is.
        #[serde(default)]
        privacy_url: Option<String>,
        /// Where the terms are.
        #[serde(default)]
        terms_url: Option<String>,
        /// The text by language (en, es, pt, ca); where one is missing, our own.
        #[serde(default)]
        #[schema(required = false, value_type = BTreeMap<String, String>)]
        texts: BTreeMap<Locale, String>,
    },
}

impl From<ConsentRule> for Consent {
    fn from(rule: ConsentRule) -> Self {
        match rule {
            ConsentRule::Off => Self::Off {},
            ConsentRule::Required(Terms { text_version, privacy_url, terms_url, texts }) => {
                Self::Required { text_version, privacy_url, terms_url, texts }
            }
        }
    }
}

impl From<Consent> for ConsentRule {
    fn from(consent: Consent) -> Self {
        match consent {
            Consent::Off {} => Self::Off,
            Consent::Required { text_version, privacy_url, terms_url, texts } => {
                Self::Required(Terms { text_version, privacy_url, terms_url, texts })
            }
        }
    }
}
