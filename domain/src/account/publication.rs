//! Which channels' ratings everybody may see (PRODUCT.md L14, L15): none, until the shop says so.

use crate::{refusal::Refusal, survey::Publicity, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Channels of one account whose ratings are public, at most: a shop has a handful.
pub const PUBLIC_CHANNELS_MAX: usize = 50;

/// `channel.published` and `channel.unpublished`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelShown {
    /// How customers write: `web`, `whatsapp` and so on.
    pub channel: String,
}

/// The channels whose ratings are public.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicChannels {
    channels: BTreeSet<String>,
}

impl PublicChannels {
    /// Whether this one's are.
    pub fn has(&self, channel: &str) -> bool {
        self.channels.contains(channel)
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.channels.iter().map(String::as_str)
    }

    /// Makes a channel's ratings public, or ends that; `None` when it is so already.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of `/channel`: no name of one, or one too many.
    pub fn show(&self, channel: &str, publicity: Publicity) -> Result<Option<ChannelShown>, Refusal> {
        let channel = text::label("/channel", channel)?;
        if self.has(&channel) == (publicity == Publicity::Public) {
            return Ok(None);
        }
        if publicity == Publicity::Public && self.channels.len() >= PUBLIC_CHANNELS_MAX {
            return Err(Refusal::invalid("/channel", "too_many", format!("at most {PUBLIC_CHANNELS_MAX} channels with public ratings")));
        }
        Ok(Some(ChannelShown { channel }))
    }

    /// From now on it is so.
    pub fn shown(&mut self, shown: &ChannelShown, publicity: Publicity) {
        match publicity {
            Publicity::Public => self.channels.insert(shown.channel.clone()),
            Publicity::Internal => self.channels.remove(&shown.channel),
        };
    }
}
