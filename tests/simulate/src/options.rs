//! What can be asked of a simulated day.

use crate::{pace::Speed, plan::Size};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Hours that a shop is open whose day goes by faster than the clock.
const HOURS: f64 = 10.0;
/// Hours that customers come at real speed: a rush that somebody can stay and watch.
pub const RUSH_HOURS: f64 = 0.2;
/// A day is a day.
const HOURS_MAX: f64 = 24.0;

/// Calls with media at once at most: each is two or three connections that encrypt what they send.
const MEETINGS_MAX: u32 = 32;

/// Plays a seeded day of a shop against a running server and compares its own books with what the server says afterwards.
///
/// Exit status 0 only when the books are equal.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Where the server is; several, separated by commas, are processes of one installation, and whoever gets no answer
    /// from one asks the next.
    #[arg(long, env = "VITRINA_SIMULATE_URL", value_name = "URL", value_delimiter = ',', default_value = "http://127.0.0.1:8080")]
    pub url: Vec<String>,
    /// The owner's e-mail address.
    #[arg(long, env = "VITRINA_SIMULATE_EMAIL", default_value = "owner@example.com")]
    pub email: String,
    /// The owner's password; not needed with a token.
    #[arg(long, env = "VITRINA_SIMULATE_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// The owner's token in place of e-mail address and password.
    #[arg(long, env = "VITRINA_SIMULATE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// How many customers come in the day, for a call or a chat.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub calls: u32,
    /// How many shoppers work.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub shoppers: u32,
    /// How many customers are in the shop at once at most; more wait at the door.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub customers: u32,
    /// The day follows from it: the same seed, the same day.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// `max`: nobody pauses; `real`: as long as the shop is open; a number: so many times as fast.
    #[arg(long, default_value = "max")]
    pub speed: Speed,
    /// How many hours the shop is open, by its own clock; 10 when left out, and a rush of 12 minutes at real speed.
    #[arg(long, value_parser = hours)]
    pub hours: Option<f64>,
    /// How calls and chats find a shopper while the day lasts: `pull`, shoppers take them; `push`, calls are offered and chats
    /// joined at once. As the account has it when left out.
    #[arg(long, value_enum)]
    pub mode: Option<Mode>,
    /// How many of a hundred callers ask for a call at a later time. Each takes some seconds, also at full speed.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub appointments: u32,
    /// Whether everybody also listens on a socket.
    #[arg(long, value_enum, default_value = "on")]
    pub sockets: Sockets,
    /// People are also in their calls' media and send real packets: in so many calls at once, 4 when no number is given.
    #[arg(long, value_name = "CALLS", num_args = 0..=1, require_equals = true, default_missing_value = "4",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MEETINGS_MAX)))]
    pub with_media: Option<u32>,
    /// Writes the report as JSON into this file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

impl Options {
    /// How many hours the shop is open, by its own clock.
    pub fn hours(&self) -> f64 {
        let usual = if self.speed == Speed::REAL { RUSH_HOURS } else { HOURS };
        self.hours.unwrap_or(usual)
    }

    /// How large the day is, with this many who only help.
    pub fn size(&self, colleagues: u32) -> Size {
        let appointments_percent = self.appointments;
        Size { visits: self.calls, shoppers: self.shoppers + colleagues, hours: self.hours(), appointments_percent }
    }
}

fn hours(text: &str) -> Result<f64, String> {
    let hours: f64 = text.parse().map_err(|_| "expected a number of hours, such as 0.5")?;
    if hours > 0.0 && hours <= HOURS_MAX { Ok(hours) } else { Err(format!("expected more than 0 and at most {HOURS_MAX} hours")) }
}

/// How calls and chats find a shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Shoppers take them.
    Pull,
    /// Calls are offered to one shopper after the other, chats are joined at once.
    Push,
}

/// Whether the people of the day listen to live updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sockets {
    /// They do, and what each heard is compared too.
    On,
    /// They do not.
    Off,
}
