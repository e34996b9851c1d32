//! What a customer must have consented to before a call's media begins (V13).

use crate::{call::media::Consent, locale::Locale, refusal::Refusal, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Characters of a consent's text: a page, since nobody reads more before a call.
pub const CONSENT_CHARS_MAX: usize = 4_000;

/// Whether the shop asks for consent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ConsentRule {
    /// It does not.
    #[default]
    Off,
    /// Nobody is connected who has not consented to these.
    Required(Terms),
}

/// What is consented to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The shop's name for this text; another one asks every customer anew.
    pub text_version: String,
    /// Where the privacy policy is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_url: Option<String>,
    /// Where the terms are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_url: Option<String>,
    /// The text by language; where one is missing, the product's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Locale, String>,
}

impl ConsentRule {
    /// The rule with its values checked.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] relative to the rule.
    pub fn checked(&self) -> Result<Self, Refusal> {
        let Self::Required(terms) = self else { return Ok(Self::Off) };
        let block = |(locale, given): (&Locale, &String)| Ok((*locale, text::block("/texts", given, CONSENT_CHARS_MAX)?));
        Ok(Self::Required(Terms {
            text_version: text::label("/text_version", &terms.text_version)?,
            privacy_url: text::optional(&terms.privacy_url, |url| text::url("/privacy_url", url))?,
            terms_url: text::optional(&terms.terms_url, |url| text::url("/terms_url", url))?,
            texts: terms.texts.iter().map(block).collect::<Result<_, Refusal>>()?,
        }))
    }

    /// What it asks of a customer who enters a call.
    pub fn consent(&self) -> Consent {
        match self {
            Self::Off => Consent::Free,
            Self::Required(terms) => Consent::Required(terms.text_version.clone()),
        }
    }
}
