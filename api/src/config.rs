//! The options: `config.default.toml`, under a file, under `VITRINA_…` variables.
//!
//! One flat list of names serves all three sources, so there is one rule to remember. Nothing here opens a file of
//! data or a socket: a [`Config`] that exists is a valid one. Secrets are never printed.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use vitrina_domain::conversation::FILE_BYTES_MAX;

/// Defaults and documentation, compiled in.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// What every variable's name begins with.
const VARIABLE_PREFIX: &str = "VITRINA_";

/// Names whose values [`Config::effective`] masks.
const SECRETS: [&str; 4] = ["database_url", "master_key", "first_password", "media_turn_secret"];

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Every option, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The address that the world knows, when it is not `listen`.
    pub public_url: Option<String>,
    /// Folder of embedded databases and keys.
    pub data_dir: PathBuf,
    /// PostgreSQL, when it is not SQLite.
    pub database_url: Option<String>,
    /// Where files are kept, when it is not the data folder.
    pub storage_url: Option<String>,
    /// Where recordings are written, when it is not in the data folder.
    pub recordings_dir: Option<PathBuf>,
    /// The master key in hexadecimal, when it is not in its file.
    pub master_key: Option<String>,
    /// Name of the shop that the first start creates.
    pub first_store_name: String,
    /// E-mail address of the first owner.
    pub first_email: String,
    /// Password of the first owner, when it is not random.
    pub first_password: Option<String>,
    /// Filter of the log.
    pub log: String,
    /// Format of the log.
    pub log_format: LogFormat,
    /// Life of a session.
    pub session_ttl: Duration,
    /// Life of a customer's token.
    pub customer_token_ttl: Duration,
    /// Failed sign-ins for one e-mail address before further ones wait.
    pub sign_in_failures_max: u32,
    /// Failed sign-ins from one address of the network before further ones wait.
    pub sign_in_failures_max_network: u32,
    /// How long they wait.
    pub sign_in_lockout: Duration,
    /// Requests of one credential in a minute; 0 for no limit.
    pub rate_limit_caller: u32,
    /// Requests without a credential from one address in a minute; 0 for no limit.
    pub rate_limit_address: u32,
    /// The header in which a proxy says where a request comes from.
    pub client_address_header: Option<String>,
    /// Sites whose pages may call the API from a browser; `*` for all.
    pub cors_origins: Vec<String>,
    /// Threads that serve HTTP.
    pub workers: usize,
    /// Connections open at once.
    pub connections_max: usize,
    /// Bytes of a request's body.
    pub body_bytes_max: usize,
    /// Bytes of a shared file.
    pub file_bytes_max: u64,
    /// Time to send a request's head.
    pub header_timeout: Duration,
    /// Time that an idle connection is kept.
    pub keep_alive: Duration,
    /// Longest wait of a read for `at_least`.
    pub read_wait_max: Duration,
    /// Live connections open at once.
    pub live_sockets_max: usize,
    /// Live connections of one caller open at once.
    pub live_sockets_caller_max: usize,
    /// Quiet time after which a live connection is asked whether it is there.
    pub live_ping: Duration,
    /// Address of all media over UDP; `None` for no media here.
    pub media_listen: Option<SocketAddr>,
    /// Address of media over TCP, for networks without UDP.
    pub media_tcp_listen: Option<SocketAddr>,
    /// Addresses that clients are told to send media to; empty for those that are listened on.
    pub media_announce: Vec<IpAddr>,
    /// Threads that forward media.
    pub media_shards: usize,
    /// The address of this very process, where there are several.
    pub media_node_url: Option<String>,
    /// TURN and STUN servers that clients are told.
    pub media_turn_urls: Vec<String>,
    /// What this server shares with the TURN servers.
    pub media_turn_secret: Option<String>,
    /// Time to drain at the end.
    pub shutdown_timeout: Duration,
    effective: BTreeMap<String, (toml::Value, Source)>,
}

/// An option in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its name.
    pub name: String,
    /// Its value as TOML.
    pub value: String,
    /// Where it came from.
    pub source: String,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Default,
    File(PathBuf),
    Variable(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// An option that cannot be used; the text says which, from where, and what would do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("the configuration file {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {path} is not TOML: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// No option has this name.
    #[error("{path}: there is no option {name:?}{}", suggestion(.nearest))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// An option whose name is much like it.
        nearest: Option<String>,
    },
    /// The value is not acceptable.
    #[error("option {name} (from {origin}): {expected}")]
    Invalid {
        /// The option.
        name: String,
        /// Where the value came from.
        origin: String,
        /// What would have been accepted.
        expected: String,
    },
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default()
}

impl Config {
    /// The options in effect: defaults, the file if one is given, and these variables (name, value).
    ///
    /// # Errors
    /// [`ConfigError`] for the first option that cannot be used.
    pub fn load(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut layers = Layers::defaults();
        if let Some(path) = file {
            layers.read_file(path)?;
        }
        layers.read_variables(variables);
        layers.check()
    }

    /// The options in effect, secrets masked.
    pub fn effective(&self) -> Vec<Effective> {
        let shown = |name: &str, value: &toml::Value| {
            let is_set = value.as_str().is_none_or(|text| !text.is_empty());
            if SECRETS.contains(&name) && is_set { "\"********\"".to_owned() } else { value.to_string() }
        };
        let effective = |(name, (value, source)): (&String, &(toml::Value, Source))| Effective {
            name: name.clone(),
            value: shown(name, value),
            source: source.to_string(),
        };
        self.effective.iter().map(effective).collect()
    }

    /// Variables that begin like ours but name no option: a typing error to warn of, not to die of, since other tools
    /// may share the prefix.
    pub fn unknown_variables(variables: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
        let known = Layers::defaults().values;
        let is_unknown = |name: &String| {
            name.strip_prefix(VARIABLE_PREFIX)
                .is_some_and(|rest| rest != "CONFIG" && !rest.starts_with("TEST_") && !known.contains_key(&rest.to_lowercase()))
        };
        variables.into_iter().map(|(name, _)| name).filter(is_unknown).collect()
    }
}

/// A STUN or TURN URI (RFC 7064, RFC 7065).
fn turn_url(text: &str) -> Option<String> {
    let host = ["turn:", "turns:", "stun:", "stuns:"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    (!host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b))).then(|| text.to_owned())
}

/// The values of all names with their sources, not yet checked.
struct Layers {
    values: BTreeMap<String, (toml::Value, Source)>,
}

impl Layers {
    fn defaults() -> Self {
        let table: toml::Table = DEFAULTS.parse().expect("the compiled-in defaults are TOML; a test parses them");
        Self { values: table.into_iter().map(|(name, value)| (name, (value, Source::Default))).collect() }
    }

    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let table: toml::Table =
            text.parse().map_err(|e: toml::de::Error| ConfigError::Malformed { path: path.to_owned(), message: e.to_string() })?;
        for (name, value) in table {
            let nearest = self.nearest(&name);
            let slot = self.values.get_mut(&name).ok_or_else(|| ConfigError::Unknown { path: path.to_owned(), name, nearest })?;
            *slot = (value, Source::File(path.to_owned()));
        }
        Ok(())
    }

    fn read_variables(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (variable, text) in variables {
            let Some(name) = variable.strip_prefix(VARIABLE_PREFIX).map(str::to_lowercase) else { continue };
            let Some(slot) = self.values.get_mut(&name) else { continue };
            let value = match (&slot.0, text.parse::<i64>()) {
                (toml::Value::Integer(_), Ok(number)) => toml::Value::Integer(number),
                _ => toml::Value::String(text),
            };
            *slot = (value, Source::Variable(variable));
        }
    }

    /// The known name that shares the most leading letters or contains the unknown one.
    fn nearest(&self, name: &str) -> Option<String> {
        let shared = |known: &str| known.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        self.values.keys().filter(|known| shared(known) >= 3 || known.contains(name)).max_by_key(|known| shared(known)).cloned()
    }

    fn check(self) -> Result<Config, ConfigError> {
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
                |v| (v.starts_with("http://") || v.starts_with("https://")) && !v.ends_with('/'),
                "an address that begins with http:// or https:// and has no slash at its end",
            )?,
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
            keep_alive: Duration::from_secs(self.number("keep_alive_s", 1, 3600)?),
            read_wait_max: Duration::from_millis(self.number("read_wait_ms_max", 1, 60_000)?),
            live_sockets_max: self.size("live_sockets_max", 1, 1_000_000)?,
            live_sockets_caller_max: self.size("live_sockets_caller_max", 1, 1_000_000)?,
            live_ping: Duration::from_secs(self.number("live_ping_s", 1, 3600)?),
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

    fn value(&self, name: &str) -> &(toml::Value, Source) {
        self.values.get(name).expect("every name that is read here is in config.default.toml; a test reads them all")
    }

    fn invalid(&self, name: &str, expected: &str) -> ConfigError {
        ConfigError::Invalid { name: name.to_owned(), origin: self.value(name).1.to_string(), expected: format!("expected {expected}") }
    }

    fn text(&self, name: &str) -> Result<String, ConfigError> {
        self.value(name).0.as_str().map(|text| text.trim().to_owned()).ok_or_else(|| self.invalid(name, "a text in quotes"))
    }

    fn filled(&self, name: &str) -> Result<String, ConfigError> {
        Some(self.text(name)?).filter(|text| !text.is_empty()).ok_or_else(|| self.invalid(name, "something, not an empty text"))
    }

    fn checked(&self, name: &str, accepts: impl Fn(&str) -> bool, expected: &str) -> Result<Option<String>, ConfigError> {
        let text = self.text(name)?;
        match text.is_empty() {
            true => Ok(None),
            false if accepts(&text) => Ok(Some(text)),
            false => Err(self.invalid(name, expected)),
        }
    }

    fn number(&self, name: &str, min: u64, max: u64) -> Result<u64, ConfigError> {
        let number = self.value(name).0.as_integer().and_then(|n| u64::try_from(n).ok());
        number.filter(|n| (min..=max).contains(n)).ok_or_else(|| self.invalid(name, &format!("a whole number from {min} to {max}")))
    }

    fn size(&self, name: &str, min: u64, max: u64) -> Result<usize, ConfigError> {
        self.number(name, min, max).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    }

    fn quota(&self, name: &str) -> Result<u32, ConfigError> {
        self.number(name, 0, 1_000_000_000).map(|n| u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// Origins (RFC 6454) separated by commas.
    fn origins(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        let list: Vec<_> = self.text(name)?.split(',').map(|origin| origin.trim().to_owned()).filter(|origin| !origin.is_empty()).collect();
        let is_origin = |text: &String| {
            let host = text.strip_prefix("https://").or(text.strip_prefix("http://"));
            text == "*" || host.is_some_and(|host| !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && b != b'/'))
        };
        match list.iter().all(is_origin) {
            true => Ok(list),
            false => Err(self.invalid(name, "origins such as https://shop.example, separated by commas, or *")),
        }
    }

    /// An address and a port, or nothing.
    fn address(&self, name: &str) -> Result<Option<SocketAddr>, ConfigError> {
        let text = self.text(name)?;
        let parsed = (!text.is_empty()).then(|| text.parse()).transpose();
        parsed.map_err(|_| self.invalid(name, "an IP address and a port, such as 127.0.0.1:8081, or nothing"))
    }

    /// Values separated by commas.
    fn list<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>, expected: &str) -> Result<Vec<T>, ConfigError> {
        let text = self.text(name)?;
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(read).collect::<Option<_>>().ok_or_else(|| self.invalid(name, expected))
    }

    fn minutes(&self, name: &str, min: u64, max: u64) -> Result<Duration, ConfigError> {
        self.number(name, min, max).map(|n| Duration::from_secs(n * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_defaults_are_valid_and_every_one_is_read() {
        let config = Config::load(None, []).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.body_bytes_max, 256 * 1024);
        assert_eq!(config.session_ttl, Duration::from_secs(12 * 3600));
        assert!(config.database_url.is_none());
    }

    #[test]
    fn a_variable_wins_over_the_file_and_the_file_over_the_default() {
        let file = std::env::temp_dir().join(format!("vitrina-config-{}.toml", std::process::id()));
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\nworkers = 3\n").unwrap();
        let config = Config::load(Some(&file), variables(&[("VITRINA_LISTEN", "127.0.0.1:2")])).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!((config.listen.port(), config.workers), (2, 3));
    }

    #[test]
    fn a_bad_value_is_named_with_its_source_and_what_would_do() {
        let refused = |name: &str, value: &str| Config::load(None, variables(&[(name, value)])).unwrap_err().to_string();
        assert!(refused("VITRINA_LISTEN", "nowhere").contains("option listen (from VITRINA_LISTEN): expected an IP address"));
        assert!(refused("VITRINA_WORKERS", "many").contains("a whole number from 0 to 1024"));
        assert!(refused("VITRINA_DATABASE_URL", "mysql://x").contains("postgres://"));
        assert!(refused("VITRINA_MASTER_KEY", "abc").contains("64 hexadecimal digits"));
        assert!(refused("VITRINA_LOG_FORMAT", "xml").contains("text or json"));
    }

    #[test]
    fn an_unknown_name_in_the_file_is_refused_with_a_suggestion() {
        let file = std::env::temp_dir().join(format!("vitrina-unknown-{}.toml", std::process::id()));
        std::fs::write(&file, "liste = \"x\"\n").unwrap();
        let message = Config::load(Some(&file), []).unwrap_err().to_string();
        std::fs::remove_file(&file).unwrap();
        assert!(message.contains("\"liste\"") && message.contains("did you mean \"listen\""), "{message}");
    }

    #[test]
    fn secrets_are_masked() {
        let config = Config::load(None, variables(&[("VITRINA_DATABASE_URL", "postgres://u:secret@h/d")])).unwrap();
        assert!(config.effective().iter().all(|option| !option.value.contains("secret")));
    }

    #[test]
    fn a_mistyped_variable_is_found() {
        assert_eq!(
            Config::unknown_variables(variables(&[("VITRINA_LISTEM", "x"), ("VITRINA_LISTEN", "x"), ("PATH", "x")])),
            ["VITRINA_LISTEM"]
        );
    }
}
