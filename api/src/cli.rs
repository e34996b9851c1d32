//! The command line: its arguments, and what each command does.

use crate::{
    ask,
    bring::ImportOptions,
    fork::ForkOptions,
    replay::ReplayOptions,
    trail::{ExportOptions, VerifyOptions},
    what_if::WhatIfOptions,
};
use clap::{Parser, Subcommand};
use serde_json::json;
use std::{path::PathBuf, process::ExitCode};
use vitrina_api::{Config, ConfigError, StartError, config::Effective, founding, house};

/// Live commerce: a customer asks for a person, who shows products over video or chat, fills the cart and is rated.
///
/// Without a command it serves. Every option is a line of config.default.toml; change it in a file of your own (--config)
/// or by a variable `VITRINA_<NAME>`, such as VITRINA_LISTEN, VITRINA_DATA_DIR or VITRINA_DATABASE_URL.
#[derive(Debug, Parser)]
#[command(name = "vitrina", version)]
pub struct Arguments {
    /// A TOML file with options; those that it leaves out keep their default.
    #[arg(long, global = true, env = "VITRINA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the API (the default). Brings the databases up to date first; the first start makes an account and its owner.
    Serve,
    /// Brings the databases up to date and ends: for deployments that do this before they start servers.
    Migrate,
    /// Makes a read model anew from the log: `queue`, `calls`, … or `all`.
    ///
    /// The same as `replay --model NAME --switch`.
    Rebuild {
        /// The read model, or `all`.
        name: String,
    },
    /// Makes read models anew beside the live ones, compares old and new row by row, and switches or not.
    ///
    /// A server may be serving meanwhile; one that runs with the same options does it. Exit status 0: all live rows are what the
    /// log says, or differ by a new version only. 3: rows differ, which are told, and stay as they are. 1: it could not be done, and the live
    /// read models are as they were.
    Replay(ReplayOptions),
    /// Works on the accounts: the shops that live in this installation.
    Account {
        /// What to do.
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Takes the event log away as a file that anybody can check.
    Log {
        /// What to do.
        #[command(subcommand)]
        command: LogCommand,
    },
    /// Checks an exported log, with nothing but the file: finds what was removed, changed, inserted, reordered or cut off.
    ///
    /// Without a file it checks the live log, in its tables. Exit status 0: whole and unchanged. 1: it is not, and where. 2: the file
    /// cannot be read.
    Verify(VerifyOptions),
    /// Plays the calls of a day again with other people or other rules: waits, abandonment and occupancy beside what was.
    ///
    /// It reads the log alone, beside a running server or without one.
    WhatIf(WhatIfOptions),
    /// Prints every option in effect, with where it comes from. Secrets are masked.
    Config,
    /// Plays a day of a shop against a running server and compares the books.
    Simulate(Box<vitrina_simulate::Options>),
    /// Prints live updates, one line of JSON for each event.
    Follow(Box<vitrina_simulate::Follow>),
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Makes an account and its owner, and prints their ids and, when none is given, a random password.
    ///
    /// A server that runs with the same options does it; without one it is done here.
    Create {
        /// Name of the shop.
        #[arg(long)]
        store_name: String,
        /// E-mail address of the owner.
        #[arg(long)]
        email: String,
        /// Password of the owner, at least 12 characters; better left out, since others may see a command line.
        #[arg(long)]
        password: Option<String>,
    },
}

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Writes the events out as JSON Lines, personal values sealed, each with its hash. A running server is not disturbed.
    Export(ExportOptions),
    /// Brings an exported log into an empty installation, on either engine, once it is found whole and unchanged.
    ///
    /// Events keep positions, ids, times and hashes. One that broke off leaves a log that nobody can serve until the same file is imported
    /// again, which goes on where it stopped.
    Import(ImportOptions),
    /// Writes the log of a sandbox: what happened in an account, with other ids and without its persons, as a log that can be imported.
    ///
    /// Times, order and amounts stay, so reports of the sandbox equal those of the account. Names, messages, mails, passwords, keys of
    /// programs and webhook endpoints are not in it, and no id of the account.
    Fork(ForkOptions),
}

/// What variables of `simulate` and `follow` begin with: they say where a server is and who asks, and are none of its options.
const COMMANDS_OWN: &str = "VITRINA_SIMULATE_";

/// The options in effect; warns of variables that look like options and are none.
pub fn configuration(arguments: &Arguments) -> Result<Config, ConfigError> {
    let is_no_commands = |name: &String| !name.starts_with(COMMANDS_OWN);
    for name in Config::unknown_variables(variables()).into_iter().filter(is_no_commands) {
        eprintln!("vitrina: warning: {name} is no option and is ignored");
    }
    Config::load(arguments.config.as_deref(), variables())
}

fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Serves until it is told to stop.
pub async fn serve(config: Config) -> Result<(), StartError> {
    let server = vitrina_api::build(vitrina_api::descriptors::within(config)).await?;
    match server.first_start() {
        Some(first) => println!("{}", first.greeting(server.url())),
        None => println!("Vitrina is ready at {} (all addresses: {}/docs)", server.url(), server.url()),
    }
    if let Some(account) = server.sandbox() {
        println!(
            "This is a sandbox: account {account} was copied from another one, without its persons. Nothing in it is told to anybody."
        );
    }
    told_to_stop().await;
    tracing::info!("stopping: running requests finish first");
    server.stop().await;
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        if let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
    }
    // Without signal handlers the process ends the hard way, which the log survives as it survives a power cut.
    let _ = tokio::signal::ctrl_c().await;
}

/// Brings the databases up to date.
pub async fn migrate(config: &Config) -> Result<(), StartError> {
    let log = house::open_log(config).await?;
    house::open_store(config).await?;
    println!("The databases are up to date; the log ends at position {}.", log.head());
    log.close().await;
    Ok(())
}

/// Plays a day and prints its report; success only when the books are equal.
pub async fn simulate(options: &vitrina_simulate::Options) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let report = vitrina_simulate::run(options).await?;
    println!("{report}");
    Ok(if report.is_equal() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes an account: through the server that runs on this configuration, or here when none does.
pub async fn account(config: &Config, command: AccountCommand) -> Result<(), StartError> {
    let AccountCommand::Create { store_name, email, password } = command;
    let mut wanted = json!({ "store_name": store_name, "email": email });
    if let Some(password) = &password {
        wanted["password"] = password.as_str().into();
    }
    if let Some(made) = ask::create_account(config, &wanted).await? {
        print_account(made["id"].as_str(), made["owner_id"].as_str(), &email, made["password"].as_str());
        return Ok(());
    }
    let log = house::open_log(config).await?;
    let random = password.is_none().then(founding::random_password);
    let made = founding::found(&log, &store_name, &email, password.as_deref().or(random.as_deref()).unwrap_or_default()).await;
    log.close().await;
    let made = made?;
    print_account(Some(&made.account.to_string()), Some(&made.owner.to_string()), &email, random.as_deref());
    Ok(())
}

fn print_account(account: Option<&str>, owner: Option<&str>, email: &str, password: Option<&str>) {
    let password = password.map_or_else(|| "the one that was given".to_owned(), |password| format!("{password}   (shown this once)"));
    println!("account    {}\nowner      {}\ne-mail     {email}\npassword   {password}", account.unwrap_or("?"), owner.unwrap_or("?"));
}

/// Prints the options in effect.
pub fn print(config: &Config) {
    for Effective { name, value, source } in config.effective() {
        println!("{name} = {value}   # {source}");
    }
}
