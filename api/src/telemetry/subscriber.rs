//! Where log lines go: standard error, as text for people or JSON for machines.

use crate::config::LogFormat;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, filter::ParseError};

/// Sends the process's log lines that pass the filter to standard error. Only the first call in a process counts.
///
/// # Errors
/// When the filter is not one.
pub fn install(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?;
    // Colours are for a terminal; in a file they are noise.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // An error means that a test has installed its own before, which is as good.
    let _ = match format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}
