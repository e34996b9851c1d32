//! Where a request comes from: the peer of the connection, or what the proxy in front says of it.

use actix_web::http::header::HeaderMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address that a quota is kept for. Of an IPv6 address that is the network: whoever has one has 2^64 addresses.
pub(crate) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, proxy_header: Option<&str>) -> Option<IpAddr> {
    let told = proxy_header.and_then(|name| headers.get_all(name).last()).and_then(|value| value.to_str().ok());
    // Our own proxy writes the last entry; those before it come from the caller and may be made up.
    let told = told.and_then(|list| list.rsplit(',').next()).and_then(|entry| entry.trim().parse().ok());
    told.or(peer.map(|peer| peer.ip())).map(network)
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn what_the_proxy_says_counts_only_when_it_is_asked_for_and_only_its_last_entry() {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static("1.1.1.1, 2.2.2.2"));
        let peer = Some("10.0.0.1:80".parse().unwrap());
        assert_eq!(of(peer, &headers, None), "10.0.0.1".parse().ok());
        assert_eq!(of(peer, &headers, Some("X-Forwarded-For")), "2.2.2.2".parse().ok());
        assert_eq!(of(peer, &HeaderMap::new(), Some("X-Forwarded-For")), "10.0.0.1".parse().ok());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
