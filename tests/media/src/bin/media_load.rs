//! Puts a load on an SFU and prints one JSON object.
//!
//! `media_load ours|janus HTTP-ADDRESS PID PUBLISHERS SUBSCRIBERS PACKETS-PER-SECOND BYTES SECONDS [OWN-IP]`

use std::{error::Error, time::Duration};
use vitrina_media_bench::load::{Load, Server, run};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, address, pid, publishers, subscribers, rate, bytes, seconds, rest @ ..] = &arguments[..] else {
        return Err("usage: media_load ours|janus HTTP-ADDRESS PID PUBLISHERS SUBSCRIBERS PACKETS-PER-SECOND BYTES SECONDS [OWN-IP]".into());
    };
    let server = if server == "janus" { Server::Janus } else { Server::Ours };
    let load = Load {
        publishers: publishers.parse()?,
        subscribers: subscribers.parse()?,
        rate: rate.parse()?,
        bytes: bytes.parse()?,
        window: Duration::from_secs_f64(seconds.parse()?),
    };
    let ip = rest.first().map_or("127.0.0.1", String::as_str).parse()?;
    println!("{}", run(server, address.parse()?, ip, pid.parse()?, load)?);
    Ok(())
}
