//! What can be asked of a simulated day.

use crate::pace::Speed;
use clap::Args;
use std::path::PathBuf;

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
    /// How many hours the shop is open, at real speed.
    #[arg(long, default_value_t = 10.0)]
    pub hours: f64,
    /// Whether everybody also listens on a socket.
    #[arg(long, value_enum, default_value = "on")]
    pub sockets: Sockets,
    /// Writes the report as JSON into this file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Whether the people of the day listen to live updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sockets {
    /// They do, and what each heard is compared too.
    On,
    /// They do not.
    Off,
}
