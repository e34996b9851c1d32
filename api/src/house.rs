//! Opening the stores: SQLite in the data folder or PostgreSQL, the master key, the executor and the read models.

use crate::{auth::token, config::Config, wiring::House, writing::Commands};
use ring::rand::{SecureRandom, SystemRandom};
use std::{io::Write, path::Path, sync::Arc};
use vitrina_commands::Executor;
use vitrina_eventlog::{
    EventLog, LogError,
    engine::{Stores, postgres, sqlite},
    keyring::MasterKey,
    log::Options,
    trail::{import::ImportError, live::Tables},
};
use vitrina_projections::{
    Runner, Store,
    sql::{self, notebook::Notebook},
};

/// Connections of one process for reading the read models: more would only wait for the database's cores.
const READ_CONNECTIONS: usize = 16;

/// Why the server does not start. The text is for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder or the key in it.
    #[error("{what} {path}: {source}")]
    Folder {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: String,
        /// What came of it.
        source: std::io::Error,
    },
    /// The key file does not hold a key.
    #[error("{0} does not hold 64 hexadecimal digits; restore it from your copy, since without it personal data cannot be read")]
    Key(String),
    /// The log.
    #[error("{0}")]
    Log(#[from] LogError),
    /// The read models.
    #[error("{}", .0.chain())]
    Views(#[from] vitrina_projections::Error),
    /// The address to listen on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The media node.
    #[error("{} (options media_listen and media_tcp_listen; an empty media_listen is no media)", chain(.0))]
    Media(#[from] vitrina_media::StartError),
    /// The running server does not do what it was asked.
    #[error("the server at {address} refuses: {detail}")]
    Refused {
        /// Its address.
        address: std::net::SocketAddr,
        /// What it says.
        detail: String,
    },
    /// Where files are kept.
    #[error("the storage of files cannot be used: {0}")]
    Storage(String),
    /// What deliveries are sent with.
    #[error("webhooks cannot be sent: {0}")]
    Webhooks(String),
    /// What the log's filter is written in.
    #[error("option log: {0}")]
    LogFilter(#[from] tracing_subscriber::filter::ParseError),
    /// A day could not be played again.
    #[error("{0}")]
    WhatIf(String),
    /// A log could not be imported.
    #[error("{0}")]
    Import(#[from] ImportError),
    /// A log could not be forked.
    #[error("the log was not forked: {0}")]
    Fork(String),
    /// An account could not be made.
    #[error("the account could not be made: {0}")]
    FirstStart(String),
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |source| source.source()).fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

/// Opens the log alone, migrated.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn open_log(config: &Config) -> Result<EventLog, StartError> {
    let master = master_key(config)?;
    let stores = open_stores(config).await?;
    Ok(EventLog::open(stores, Options::new(master)).await?)
}

/// The stores of the log alone, migrated; nobody else serves them.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn open_stores(config: &Config) -> Result<Stores, StartError> {
    let master = master_key(config)?;
    Ok(match &config.database_url {
        Some(url) => postgres::open(url, &master).await?,
        None => sqlite::open(&config.data_dir, &master)?,
    })
}

/// The log's tables for reading alone, beside whoever serves them.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub fn open_tables(config: &Config) -> Result<Arc<dyn Tables>, StartError> {
    match &config.database_url {
        Some(url) => Ok(postgres::source(url)?),
        None => Ok(sqlite::source(&config.data_dir)?),
    }
}

/// Opens the read models alone, migrated.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn open_store(config: &Config) -> Result<Store, StartError> {
    match &config.database_url {
        Some(url) => Ok(Store::postgres(sql::pool(url, READ_CONNECTIONS)?).await?),
        None => Ok(Store::sqlite(&config.data_dir).await?),
    }
}

/// Opens the notes on deliveries.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn open_notebook(config: &Config) -> Result<Notebook, StartError> {
    match &config.database_url {
        Some(url) => Ok(Notebook::postgres(url).await?),
        None => Ok(Notebook::sqlite(&config.data_dir).await?),
    }
}

/// Opens everything and starts to keep the read models.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn open(config: &Config) -> Result<House, StartError> {
    let log = open_log(config).await?;
    let store = open_store(config).await?;
    let runner = Arc::new(Runner::start(store.clone(), log.clone(), vitrina_projections::all())?);
    Ok(House { commands: Commands::Executor(Executor::new(log.clone())), log, store, runner })
}

/// The token with which who runs the server may ask it for what only they may ask.
///
/// # Errors
/// [`StartError`] when the master key cannot be read.
pub fn operator_token(config: &Config) -> Result<String, StartError> {
    Ok(token::operators(&master_key(config)?))
}

/// The master key: the option, or the file in the data folder, which is made when neither is there.
fn master_key(config: &Config) -> Result<MasterKey, StartError> {
    if let Some(text) = &config.master_key {
        return parse_key(text).ok_or_else(|| StartError::Key("the option master_key".to_owned()));
    }
    let folder = config.data_dir.join("keys");
    let path = folder.join("master.key");
    match std::fs::read_to_string(&path) {
        Ok(text) => parse_key(text.trim()).ok_or_else(|| StartError::Key(path.display().to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(&folder).map_err(|source| failed("cannot make the folder", &folder, source))?;
            make_key(&path).map_err(|source| failed("cannot write", &path, source))
        }
        Err(source) => Err(failed("cannot read", &path, source)),
    }
}

fn failed(what: &'static str, path: &Path, source: std::io::Error) -> StartError {
    StartError::Folder { what, path: path.display().to_string(), source }
}

/// Makes a key and keeps it where only its owner can read it, on the disk before it is used.
fn make_key(path: &Path) -> std::io::Result<MasterKey> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| std::io::Error::other("the system has no source of randomness"))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    Ok(MasterKey::new(bytes))
}

fn parse_key(text: &str) -> Option<MasterKey> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(MasterKey::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::parse_key;

    #[test]
    fn a_key_has_64_hexadecimal_digits() {
        assert!(parse_key(&"0f".repeat(32)).is_some());
        assert!(parse_key(&"0f".repeat(31)).is_none());
        assert!(parse_key(&"zz".repeat(32)).is_none());
    }
}
