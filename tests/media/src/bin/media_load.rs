//! Puts a load on an SFU and prints one JSON object.
//!
//! `media_load ours|janus HTTP-ADDRESS PID OWN-IP PUBLISHERS SUBSCRIBERS PACKETS-PER-SECOND BYTES SECONDS`, or
//! `media_load ours HTTP-ADDRESS PID OWN-IP CALLS SECONDS`, calls of one to one, or
//! `media_load ours|janus HTTP-ADDRESS PID OWN-IP CONNECTIONS`, which only connects them all at once.

use std::{error::Error, net::IpAddr, time::Duration};
use vitrina_media_bench::load::{Load, Server, calls, connect, run};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, address, pid, ip, rest @ ..] = &arguments[..] else { return Err("see the first lines of the source".into()) };
    let server = if server == "janus" { Server::Janus } else { Server::Ours };
    let (address, pid, ip): (_, _, IpAddr) = (address.parse()?, pid.parse()?, ip.parse()?);
    let figures = match rest {
        [connections] => connect(server, address, ip, pid, connections.parse()?)?,
        [held, seconds] => calls(address, ip, pid, held.parse()?, Duration::from_secs_f64(seconds.parse()?))?,
        [publishers, subscribers, rate, bytes, seconds] => {
            let load = Load {
                publishers: publishers.parse()?,
                subscribers: subscribers.parse()?,
                rate: rate.parse()?,
                bytes: bytes.parse()?,
                window: Duration::from_secs_f64(seconds.parse()?),
            };
            run(server, address, ip, pid, load)?
        }
        _ => return Err("see the first lines of the source".into()),
    };
    println!("{figures}");
    Ok(())
}
