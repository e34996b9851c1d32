//! The limit of `command`: the server of this build, with the same options, whose commands are answered at once and never
//! carried out. What is left is HTTP, authentication, parsing and rendering.

use vitrina_api::{Commands, Config, House, build_with, house};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load(None, std::env::vars())?;
    vitrina_api::install_log(&config.log, config.log_format)?;
    // As the real one does it.
    tokio::runtime::Runtime::new()?.block_on(async {
        let house = house::open(&config).await?;
        let _server = build_with(config, House { commands: Commands::Null, ..house }).await?;
        std::future::pending().await
    })
}
