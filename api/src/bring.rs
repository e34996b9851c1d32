//! `vitrina log import`: bringing an exported log into this installation, once it is found whole, unchanged and fit to be kept.

use crate::trail::{TELL_EVERY, print, sentence};
use clap::Args;
use std::{fs::File, io::BufReader, path::PathBuf, process::ExitCode, time::Instant};
use vitrina_api::{Config, StartError, house};
use vitrina_eventlog::trail::{fork::FORKED, import, kept::Fit, verify::verify};

/// What `vitrina log import` is told.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// An exported log of a whole installation, or of an account that was alone in one.
    pub file: PathBuf,
}

/// Brings an exported log into this installation, which must be empty, once it is found whole and unchanged.
pub async fn import(config: &Config, options: &ImportOptions) -> Result<ExitCode, StartError> {
    let name = options.file.display().to_string();
    let failed = |source| StartError::Folder { what: "cannot read", path: name.clone(), source };
    let began = Instant::now();
    let mut fit = Fit::default();
    let mut is_sandbox = false;
    let verdict = verify(File::open(&options.file).map_err(failed)?, |event, _, _| {
        fit.see(event);
        is_sandbox = event.event_type == FORKED;
    });
    let verdict = verdict.map_err(failed)?;
    if !verdict.holds() {
        print(&verdict, &name, began.elapsed().as_secs_f64());
        sentence(&verdict.chains);
        eprintln!("vitrina: nothing was imported");
        return Ok(ExitCode::FAILURE);
    }
    fit.end()?;
    let stores = house::open_stores(config).await?;
    let file = BufReader::new(File::open(&options.file).map_err(failed)?);
    let mut told = Instant::now();
    let position = import::import(file, verdict.chains.end, &*stores.engine, |position| {
        if told.elapsed() > TELL_EVERY {
            eprintln!("position {position} of {}", verdict.chains.end.0);
            told = Instant::now();
        }
    })
    .await?;
    println!("{} events imported, up to position {position}; the chain holds as it did.", verdict.chains.events);
    if is_sandbox {
        println!("It is a sandbox, without the persons of the account that it was made of.");
        println!("The next `vitrina serve` makes an owner in it, with the options first_email and first_password.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("Not in a log, and so not here:");
    println!("  keys of persons: personal values read as erased, as long as the keys of the installation that they come from are not here");
    println!("  taken names, such as addresses of users: nobody can sign in by them, and they can be taken again");
    println!("  what was told to webhooks: endpoints hear of what happens from now on, and of nothing that happened there");
    println!("  files of chats, recordings and exports");
    Ok(ExitCode::SUCCESS)
}
