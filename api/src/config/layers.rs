//! What every option is set to and by whom, not yet checked, and reading it as what it has to be: a number within its bounds, an
//! address, a list.

use super::{ConfigError, DEFAULTS, VARIABLE_PREFIX};
use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Default,
    File(PathBuf),
    Variable(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// The values of all names with their sources, not yet checked.
pub(super) struct Layers {
    pub(super) values: BTreeMap<String, (toml::Value, Source)>,
}

impl Layers {
    pub(super) fn defaults() -> Self {
        let table: toml::Table = DEFAULTS.parse().expect("the compiled-in defaults are TOML; a test parses them");
        Self { values: table.into_iter().map(|(name, value)| (name, (value, Source::Default))).collect() }
    }

    pub(super) fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
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

    pub(super) fn read_variables(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
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

    /// Whether there is an option of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The known name that shares the most leading letters or contains the unknown one.
    fn nearest(&self, name: &str) -> Option<String> {
        let shared = |known: &str| known.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        self.values.keys().filter(|known| shared(known) >= 3 || known.contains(name)).max_by_key(|known| shared(known)).cloned()
    }

    fn value(&self, name: &str) -> &(toml::Value, Source) {
        self.values.get(name).expect("every name that is read here is in config.default.toml; a test reads them all")
    }

    pub(super) fn invalid(&self, name: &str, expected: &str) -> ConfigError {
        ConfigError::Invalid { name: name.to_owned(), origin: self.value(name).1.to_string(), expected: format!("expected {expected}") }
    }

    pub(super) fn text(&self, name: &str) -> Result<String, ConfigError> {
        self.value(name).0.as_str().map(|text| text.trim().to_owned()).ok_or_else(|| self.invalid(name, "a text in quotes"))
    }

    pub(super) fn filled(&self, name: &str) -> Result<String, ConfigError> {
        Some(self.text(name)?).filter(|text| !text.is_empty()).ok_or_else(|| self.invalid(name, "something, not an empty text"))
    }

    pub(super) fn checked(&self, name: &str, accepts: impl Fn(&str) -> bool, expected: &str) -> Result<Option<String>, ConfigError> {
        let text = self.text(name)?;
        match text.is_empty() {
            true => Ok(None),
            false if accepts(&text) => Ok(Some(text)),
            false => Err(self.invalid(name, expected)),
        }
    }

    pub(super) fn number(&self, name: &str, min: u64, max: u64) -> Result<u64, ConfigError> {
        let number = self.value(name).0.as_integer().and_then(|n| u64::try_from(n).ok());
        number.filter(|n| (min..=max).contains(n)).ok_or_else(|| self.invalid(name, &format!("a whole number from {min} to {max}")))
    }

    pub(super) fn size(&self, name: &str, min: u64, max: u64) -> Result<usize, ConfigError> {
        self.number(name, min, max).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    }

    pub(super) fn quota(&self, name: &str) -> Result<u32, ConfigError> {
        self.number(name, 0, 1_000_000_000).map(|n| u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// Origins (RFC 6454) separated by commas.
    pub(super) fn origins(&self, name: &str) -> Result<Vec<String>, ConfigError> {
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
    pub(super) fn address(&self, name: &str) -> Result<Option<SocketAddr>, ConfigError> {
        let text = self.text(name)?;
        let parsed = (!text.is_empty()).then(|| text.parse()).transpose();
        parsed.map_err(|_| self.invalid(name, "an IP address and a port, such as 127.0.0.1:8081, or nothing"))
    }

    /// Values separated by commas.
    pub(super) fn list<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>, expected: &str) -> Result<Vec<T>, ConfigError> {
        let text = self.text(name)?;
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(read).collect::<Option<_>>().ok_or_else(|| self.invalid(name, expected))
    }

    pub(super) fn minutes(&self, name: &str, min: u64, max: u64) -> Result<Duration, ConfigError> {
        self.number(name, min, max).map(|n| Duration::from_secs(n * 60))
    }
}
