//! What each option has to be, and its bounds: from layers that anybody may have written to a configuration that is valid.

use super::{Config, ConfigError, LogFormat, layers::Layers};
use crate::webhooks::Schemes;
use std::{path::PathBuf, time::Duration};
use vitrina_domain::conversation::FILE_BYTES_MAX;

/// The longest pause between two attempts at a delivery.
const PAUSE_MAX_S: u64 = 7 * 86_400;

impl Layers {
    /// All options, or the first that cannot be used.
    pub(super) fn check(self) -> Result<Config, ConfigError> {
        let log_format = match self.text("log_format")?.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => return Err(self.invalid("log_format", "text or json")),
        };
        let listen = self
            .text("listen")?
            .parse()
            .map_err(|_| self.invalid("listen", "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080"))?;
        let workers = match self.number("workers", 0, 1024)? {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => usize::try_from(n).unwrap_or(1),
        };
        let email = self.text("first_email")?;
        if !email.contains('@') {
            return Err(self.invalid("first_email", "an e-mail address"));
        }
        Ok(Config {
            listen,
            log_format,
            workers,
            public_url: self.checked(
                "public_url",
                |v| node_url(v).is_some(),
                "an address that begins with http:// or https:// and has no slash at its end",
            )?,
            media_nodes: self.list("media_nodes", node_url, "addresses as media_node_url has them, separated by commas")?,
            data_dir: self.filled("data_dir")?.into(),
            database_url: self.checked(
                "database_url",
                |v| v.starts_with("postgres://") || v.starts_with("postgresql://"),
                "postgres://user:password@host:port/database, or nothing for SQLite",
            )?,
            storage_url: self.checked(
                "storage_url",
                |v| {
                    v.strip_prefix("file://").is_some_and(|path| path.starts_with('/'))
                        || v.strip_prefix("s3://").is_some_and(|v| !v.is_empty())
                },
                "file:///folder, s3://bucket or s3://bucket/prefix, or nothing for the data folder",
            )?,
            recordings_dir: self.checked("recordings_dir", |_| true, "a folder")?.map(PathBuf::from),
            exports_kept: Duration::from_secs(self.number("export_keep_days", 1, 3_650)? * 24 * 3_600),
            webhook_pauses: self
                .list(
                    "webhook_pauses_s",
                    |text| text.parse().ok().filter(|s| *s <= PAUSE_MAX_S),
                    "seconds, at most 604800 each, separated by commas",
                )?
                .into_iter()
                .map(Duration::from_secs)
                .collect(),
            webhook_disabled_after: Duration::from_secs(self.number("webhook_disabled_after_s", 1, 10 * 365 * 86_400)?),
            webhook_networks: self.list(
                "webhook_networks",
                |text| text.parse().ok(),
                "networks such as 10.0.0.0/8, separated by commas",
            )?,
            webhook_schemes: match self.text("webhook_schemes")?.as_str() {
                "https" => Schemes::Https,
                "http" => Schemes::HttpToo,
                _ => return Err(self.invalid("webhook_schemes", "https or http")),
            },
            pdf_font_dirs: self.list("pdf_font_dirs", |folder| Some(PathBuf::from(folder)), "folders, separated by commas")?,
            master_key: self.checked(
                "master_key",
                |v| v.len() == 64 && v.bytes().all(|b| b.is_ascii_hexdigit()),
                "64 hexadecimal digits, or nothing to use the key file",
            )?,
            first_store_name: self.filled("first_store_name")?,
            first_email: email,
            first_password: self.checked(
                "first_password",
                |v| v.chars().count() >= 12,
                "at least 12 characters, or nothing for a random one",
            )?,
            log: self.filled("log")?,
            session_ttl: self.minutes("session_ttl_minutes", 1, 90 * 24 * 60)?,
            customer_token_ttl: self.minutes("customer_token_ttl_minutes", 1, 90 * 24 * 60)?,
            sign_in_failures_max: u32::try_from(self.number("sign_in_failures_max", 1, 1000)?).unwrap_or(u32::MAX),
            sign_in_failures_max_network: u32::try_from(self.number("sign_in_failures_max_network", 1, 1_000_000)?).unwrap_or(u32::MAX),
            sign_in_lockout: Duration::from_secs(self.number("sign_in_lockout_s", 1, 86_400)?),
            rate_limit_caller: self.quota("rate_limit_caller_per_minute")?,
            rate_limit_address: self.quota("rate_limit_address_per_minute")?,
            client_address_header: self.checked(
                "client_address_header",
                |v| v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "the name of a header, such as X-Forwarded-For, or nothing when no proxy is in front",
            )?,
            cors_origins: self.origins("cors_origins")?,
            connections_max: self.size("connections_max", 1, 1_000_000)?,
            body_bytes_max: self.size("body_bytes_max", 1024, 64 * 1024 * 1024)?,
            file_bytes_max: self.number("file_bytes_max", 1, FILE_BYTES_MAX)?,
            header_timeout: Duration::from_millis(self.number("header_timeout_ms", 100, 600_000)?),
            unread_max: Duration::from_secs(self.number("unread_s_max", 1, 3600)?),
            keep_alive: Duration::from_secs(self.number("keep_alive_s", 1, 3600)?),
            read_wait_max: Duration::from_millis(self.number("read_wait_ms_max", 1, 60_000)?),
            live_sockets_max: self.size("live_sockets_max", 1, 1_000_000)?,
            live_sockets_caller_max: self.size("live_sockets_caller_max", 1, 1_000_000)?,
            live_ping: Duration::from_secs(self.number("live_ping_s", 1, 3600)?),
            integrity_check: Some(self.number("integrity_check_s", 0, 86_400)?).filter(|s| *s > 0).map(Duration::from_secs),
            checkpoint_every: Some(self.number("checkpoint_every_s", 0, 30 * 86_400)?).filter(|s| *s > 0).map(Duration::from_secs),
            media_listen: self.address("media_listen")?,
            media_tcp_listen: self.address("media_tcp_listen")?,
            media_announce: self.list("media_announce", |text| text.parse().ok(), "IP addresses separated by commas")?,
            media_shards: match self.size("media_shards", 0, 256)? {
                0 => workers,
                shards => shards,
            },
            media_node_url: self.checked(
                "media_node_url",
                |v| (v.starts_with("http://") || v.starts_with("https://")) && !v.ends_with('/'),
                "an address that begins with http:// or https:// and has no slash at its end",
            )?,
            media_turn_urls: self.list(
                "media_turn_urls",
                turn_url,
                "addresses such as turn:turn.shop.example:3478, separated by commas",
            )?,
            media_turn_secret: self.checked("media_turn_secret", |v| v.len() >= 16, "at least 16 characters, or nothing")?,
            shutdown_timeout: Duration::from_secs(self.number("shutdown_timeout_s", 0, 600)?),
            effective: self.values,
        })
    }
}

/// The address of a process, to which paths are added. It stands in a header and in events.
fn node_url(text: &str) -> Option<String> {
    let host = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    let is_plain = host.bytes().all(|b| b.is_ascii_graphic() && !b";,'\"<>".contains(&b));
    (!host.is_empty() && is_plain && !host.ends_with('/')).then(|| text.to_owned())
}

/// A STUN or TURN URI (RFC 7064, RFC 7065).
fn turn_url(text: &str) -> Option<String> {
    let host = ["turn:", "turns:", "stun:", "stuns:"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    (!host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b))).then(|| text.to_owned())
}
