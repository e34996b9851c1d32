//! `vitrina`: the server, and the commands of those who run it.
//!
//! This file is a table of contents: each command is a few lines, and what it does is in the library.

mod ask;
mod bring;
mod cli;
mod fork;
mod receipt;
mod replay;
mod trail;
mod what_if;

use clap::Parser;
use cli::{Arguments, Command, LogCommand};
use replay::ReplayOptions;
use std::process::ExitCode;
use vitrina_api::{Config, ConfigError};

/// Exit code of an option that cannot be used.
const BAD_OPTION: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // An auditor has no installation.
    if let Some(Command::Verify(options)) = &arguments.command
        && !options.files.is_empty()
    {
        return receipt::check(&options.files[0], &options.key).unwrap_or_else(|| trail::check(options));
    }
    let config = match cli::configuration(&arguments) {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = vitrina_api::install_log(&config.log, config.log_format) {
        eprintln!("vitrina: option log: {error}");
        return ExitCode::from(BAD_OPTION);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let outcome = runtime.block_on(run(arguments.command.unwrap_or(Command::Serve), config));
    match outcome {
        Ok(code) => code,
        Err(error) => fail(&*error),
    }
}

async fn run(command: Command, config: Config) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match command {
        Command::Serve => cli::serve(config).await?,
        Command::Migrate => cli::migrate(&config).await?,
        Command::Rebuild { name } => return Ok(replay::replay(&config, &ReplayOptions::switching(name)).await?),
        Command::Replay(options) => return Ok(replay::replay(&config, &options).await?),
        Command::Account { command } => cli::account(&config, command).await?,
        Command::Log { command: LogCommand::Export(options) } => trail::export(&config, &options).await?,
        Command::Log { command: LogCommand::Fork(options) } => fork::fork(&config, &options).await?,
        Command::Log { command: LogCommand::Import(options) } => return Ok(bring::import(&config, &options).await?),
        Command::Verify(options) => return Ok(trail::check_live(&config, &options).await?),
        Command::WhatIf(options) => what_if::what_if(&config, &options).await?,
        Command::Config => cli::print(&config),
        Command::Simulate(options) => return cli::simulate(&options).await,
        Command::Follow(options) => vitrina_simulate::follow(&options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(error: &ConfigError) -> ExitCode {
    eprintln!("vitrina: {error}");
    eprintln!("         `vitrina --help` and config.default.toml explain every option.");
    ExitCode::from(BAD_OPTION)
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("vitrina: {error}");
    ExitCode::FAILURE
}
