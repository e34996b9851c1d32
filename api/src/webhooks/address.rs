//! Where deliveries may go: to no address of the house's own network, whatever a name resolves to and however often it changes.
//!
//! The check is made on the addresses that are connected to, each time. An address that stands in the URL itself is never looked up, so the
//! URL is looked at too.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
};
use url::Url;

/// A network, such as 10.0.0.0/8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Why an address is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It is of a private network.
    #[error("the address is private (option webhook_networks)")]
    Private,
    /// Only https is sent to.
    #[error("the address is not https (option webhook_schemes)")]
    Plain,
    /// There is no host.
    #[error("the address names no host")]
    NoHost,
}

/// What may be connected to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// Private networks that may.
    pub networks: Vec<Network>,
    /// Whether http may.
    pub schemes: Schemes,
}

/// How servers are talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Schemes {
    /// Encrypted.
    #[default]
    Https,
    /// Also in clear.
    HttpToo,
}

impl Policy {
    /// Whether this may be connected to.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let address = plain(address);
        is_public(address) || self.networks.iter().any(|network| network.holds(address))
    }

    /// The addresses of a name. One that is private among several is a trap: none is connected to.
    pub(crate) fn passed(&self, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refused> {
        if found.iter().all(|address| self.allows(*address)) { Ok(found) } else { Err(Refused::Private) }
    }

    /// Refuses a URL that may not be sent to. A name is looked at when it is resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refused> {
        if url.scheme() != "https" && self.schemes == Schemes::Https {
            return Err(Refused::Plain);
        }
        let host = url.host_str().ok_or(Refused::NoHost)?;
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) if !self.allows(address) => Err(Refused::Private),
            _ => Ok(()),
        }
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        let (own, other, width) = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u128::from(own.to_bits()), u128::from(other.to_bits()), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits(), other.to_bits(), 128),
            _ => return false,
        };
        let shift = width - u32::from(self.bits);
        own.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').ok_or(())?;
        let (address, bits): (IpAddr, u8) = (address.parse().map_err(|_| ())?, bits.parse().map_err(|_| ())?);
        let width = if address.is_ipv4() { 32 } else { 128 };
        if bits > width { Err(()) } else { Ok(Self { address, bits }) }
    }
}

/// An IPv4 address in whichever coat it comes: mapped, compatible, NAT64 or 6to4.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let four = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] if !(six.is_loopback() || six.is_unspecified()) => four(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => four(high, low),
        [0x2002, high, low, ..] => four(high, low),
        _ => address,
    }
}

/// Whether the address is somebody's on the open network. What is reserved is nobody's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

fn is_public_v4(four: Ipv4Addr) -> bool {
    let [a, b, c, d] = four.octets();
    // Where a cloud's machines ask about themselves, though the address is a public one.
    let is_metadata = [a, b, c, d] == [168, 63, 129, 16];
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_protocol = a == 192 && b == 0 && c == 0;
    let is_relay = a == 192 && b == 88 && c == 99;
    let is_benchmark = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || four.is_private()
        || four.is_loopback()
        || four.is_link_local()
        || four.is_documentation()
        || four.is_multicast()
        || is_shared
        || is_protocol
        || is_relay
        || is_metadata
        || is_benchmark
        || a >= 240)
}

/// Only 2000::/3 is given out, and of it not documentation, Teredo and the like.
fn is_public_v6(six: Ipv6Addr) -> bool {
    let segments = six.segments();
    let is_documentation = (segments[0] == 0x2001 && segments[1] == 0xdb8) || (segments[0] == 0x3fff && segments[1] < 0x1000);
    let is_protocol = segments[0] == 0x2001 && segments[1] < 0x200;
    segments[0] & 0xe000 == 0x2000 && !is_documentation && !is_protocol
}

/// Finds the addresses of a name.
pub(crate) type Lookup = Arc<dyn Fn(String) -> futures_util::future::BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The system's own resolver.
pub(crate) fn system() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &Policy, address: &str) -> bool {
        policy.allows(address.parse().unwrap())
    }

    #[test]
    fn what_is_of_the_house_is_refused_in_every_coat() {
        let policy = Policy::default();
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.192",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "100::1",
        ];
        for address in inside {
            assert!(!allows(&policy, address), "{address}");
        }
        for address in ["93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"] {
            assert!(allows(&policy, address), "{address}");
        }
    }

    #[test]
    fn a_network_that_is_named_may_be_connected_to_and_no_other() {
        let policy = Policy { networks: vec!["127.0.0.1/32".parse().unwrap(), "fd00::/8".parse().unwrap()], ..Policy::default() };
        assert!(allows(&policy, "127.0.0.1") && allows(&policy, "::ffff:127.0.0.1") && allows(&policy, "fd12::1"));
        assert!(!allows(&policy, "127.0.0.2") && !allows(&policy, "fe80::1"));
        assert!(["10.0.0.0/33", "10.0.0.0", "x/8", "::/129"].iter().all(|bad| bad.parse::<Network>().is_err()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("1.2.3.4".parse().unwrap()));
    }

    #[test]
    fn an_address_in_the_url_is_looked_at_however_it_is_written() {
        let policy = Policy::default();
        let check = |url: &str| policy.check(&url.parse().unwrap());
        for url in ["https://127.0.0.1/x", "https://0x7f.1/", "https://2130706433/", "https://[::1]:8443/", "https://[::ffff:10.0.0.1]/"] {
            assert_eq!(check(url), Err(Refused::Private), "{url}");
        }
        assert_eq!(check("http://shop.example/"), Err(Refused::Plain));
        assert_eq!(check("https://shop.example/"), Ok(()));
    }

    #[test]
    fn a_name_of_which_one_address_is_private_is_refused() {
        let passed = |found: &[&str]| Policy::default().passed(found.iter().map(|address| address.parse().unwrap()).collect());
        assert_eq!(passed(&["8.8.8.8", "2606:4700::1111"]).unwrap().len(), 2);
        assert_eq!(passed(&["8.8.8.8", "192.168.1.1"]), Err(Refused::Private));
    }
}
