//! Which node this is: the same after a restart, and no other's. So what it finds open under its name at its start is its own
//! and broken off.

use crate::config::Config;
use ring::digest;
use std::net::SocketAddr;
use vitrina_commands::step::MediaNode;
use vitrina_domain::ids::NodeId;

/// Where Linux tells the machine's name.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// This process as a node. Its own URL names it; without one, the machine and the address that it listens on.
pub(super) fn of(config: &Config, address: SocketAddr, public_url: &str) -> MediaNode {
    let name = config.media_node_url.clone().unwrap_or_else(|| {
        let host = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
        format!("{}/{address}", host.trim())
    });
    MediaNode { id: id(&name), address: config.media_node_url.clone().unwrap_or_else(|| public_url.to_owned()) }
}

fn id(name: &str) -> NodeId {
    let digest = digest::digest(&digest::SHA256, format!("media node {name}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    NodeId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(variables: &[(&str, &str)], port: u16) -> MediaNode {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::load(None, variables).unwrap();
        of(&config, SocketAddr::from(([127, 0, 0, 1], port)), "https://shop.example")
    }

    #[test]
    fn a_node_is_itself_after_a_restart_and_never_its_neighbour() {
        assert_eq!(node(&[], 1), node(&[], 1));
        assert_ne!(node(&[], 1).id, node(&[], 2).id);
        let named = [("VITRINA_MEDIA_NODE_URL", "https://one.shop.example")];
        assert_eq!(node(&named, 1), node(&named, 2));
        assert_eq!((node(&named, 1).address.as_str(), node(&[], 1).address.as_str()), ("https://one.shop.example", "https://shop.example"));
    }
}
