//! `vitrina log fork`: the log of a sandbox as a file, beside a running server or without one.

use crate::trail::{TELL_EVERY, beside};
use clap::Args;
use std::{io::Write, path::PathBuf, time::Instant};
use uuid::Uuid;
use vitrina_api::{Config, StartError, house};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::trail::fork::Fork;

/// What `vitrina log fork` is told.
#[derive(Debug, Args)]
pub struct ForkOptions {
    /// The account whose history is copied.
    #[arg(long, value_name = "ID")]
    account: Uuid,
    /// The file; it is there when it is whole. None may be there under this name.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Writes the log of a sandbox.
pub async fn fork(config: &Config, options: &ForkOptions) -> Result<(), StartError> {
    let ForkOptions { account, to } = options;
    let name = to.display().to_string();
    if to.exists() {
        return Err(StartError::Fork(format!("{name} is there already; delete it, or name another file")));
    }
    let source = house::open_tables(config)?;
    let upto = source.head().await?;
    let mut fork = Fork::new(source, AccountId(*account), upto, chrono::Utc::now())?;
    let mut told = Instant::now();
    beside(to, async |file| {
        while let Some(chunk) = fork.next().await? {
            file.write_all(&chunk).map_err(|source| StartError::Folder { what: "cannot write", path: name.clone(), source })?;
            if told.elapsed() > TELL_EVERY {
                eprintln!("position {} of {upto}", fork.at());
                told = Instant::now();
            }
        }
        if fork.so_far().1 == 0 {
            return Err(StartError::Fork(format!("there is no account {account} in this log")));
        }
        Ok(())
    })
    .await?;
    let (sandbox, events) = fork.so_far();
    eprintln!("{events} events of a sandbox, account {sandbox}, written to {name}; import it into an empty installation");
    Ok(())
}
