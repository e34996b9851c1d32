//! A bot: a program that writes to customers under a name of its own (PRODUCT.md L25). It is known by the id of its API key.

use crate::{refusal::Refusal, text};
use serde::{Deserialize, Serialize};

/// What customers see of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// What it is called.
    pub name: String,
    /// Where its picture is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Bot {
    /// The same with its values checked.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] relative to the bot.
    pub fn checked(&self) -> Result<Self, Refusal> {
        Ok(Self { name: text::label("/name", &self.name)?, image: text::optional(&self.image, |url| text::url("/image", url))? })
    }
}
