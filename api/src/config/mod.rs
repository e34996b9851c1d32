//! The options: `config.default.toml`, under a file, under `VITRINA_…` variables.
//!
//! One flat list of names serves all three sources, so there is one rule to remember. Nothing here opens a file of
//! data or a socket: a [`Config`] that exists is a valid one. Secrets are never printed.

mod layers;
mod options;

use crate::webhooks::{Network, Schemes};
use layers::{Layers, Source};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

/// Defaults and documentation, compiled in.
pub const DEFAULTS: &str = include_str!("../../../config.default.toml");

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
    /// Days for which the files of exports are kept.
    pub exports_kept: Duration,
    /// Pauses between the attempts at one delivery.
    pub webhook_pauses: Vec<Duration>,
    /// How long an endpoint may take nothing before it is disabled.
    pub webhook_disabled_after: Duration,
    /// Private networks that webhooks may be sent to.
    pub webhook_networks: Vec<Network>,
    /// How webhooks are sent.
    pub webhook_schemes: Schemes,
    /// Folders of fonts for PDFs, besides those that the product brings.
    pub pdf_font_dirs: Vec<PathBuf>,
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
    /// Time that a client may leave unread what it was sent.
    pub unread_max: Duration,
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
    /// How often the figures are checked against each other; `None`: never.
    pub integrity_check: Option<Duration>,
    /// How often the logs of accounts are signed; `None`: when asked only.
    pub checkpoint_every: Option<Duration>,
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
    /// Where all processes are, where there are several: pages may talk to these.
    pub media_nodes: Vec<String>,
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
        let known = Layers::defaults();
        let is_unknown = |name: &String| {
            name.strip_prefix(VARIABLE_PREFIX)
                .is_some_and(|rest| rest != "CONFIG" && !rest.starts_with("TEST_") && !known.has(&rest.to_lowercase()))
        };
        variables.into_iter().map(|(name, _)| name).filter(is_unknown).collect()
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
