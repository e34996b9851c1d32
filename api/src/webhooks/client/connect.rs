//! Connections to endpoints, to addresses that may be connected to.

use super::{
    super::address::{Lookup, Policy, Refused},
    Failure,
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::ConfigVerifierExt;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// For the connection: its name, its addresses, encryption.
const CONNECT_MAX: Duration = Duration::from_secs(8);
/// Of it, for all addresses together.
const REACH_MAX: Duration = Duration::from_secs(4);
/// Bytes that are read ahead of an answer, its headers among them.
const BUFFER_BYTES_MAX: usize = 16 * 1_024;
/// Headers of an answer.
const HEADERS_MAX: usize = 64;

/// A connection that takes a request.
pub(super) type Connection = SendRequest<Full<Bytes>>;

/// Connects to what the policy allows.
pub(crate) struct Sender {
    policy: Policy,
    lookup: Lookup,
    tls: TlsConnector,
}

impl Sender {
    /// One that trusts whom the system trusts.
    ///
    /// # Errors
    /// When the system says of nobody that they are to be trusted.
    pub(crate) fn new(policy: Policy, lookup: Lookup) -> Result<Self, rustls::Error> {
        // It is installed already when something else uses TLS in this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self::trusting(policy, lookup, ClientConfig::with_platform_verifier()?))
    }

    /// One that trusts whom this says.
    pub(super) fn trusting(policy: Policy, lookup: Lookup, mut config: ClientConfig) -> Self {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { policy, lookup, tls: TlsConnector::from(Arc::new(config)) }
    }

    /// Refuses a URL that would never be sent to.
    pub(crate) fn check(&self, url: &str) -> Result<(), Refused> {
        self.policy.check(&url.parse().map_err(|_| Refused::NoHost)?)
    }

    /// A new connection. Its addresses are looked at here, whatever they were the last time.
    pub(super) async fn connect(&self, url: &Url) -> Result<Connection, Failure> {
        timeout(CONNECT_MAX, self.connected(url)).await.map_err(|_| Failure::Late)?
    }

    async fn connected(&self, url: &Url) -> Result<Connection, Failure> {
        self.policy.check(url)?;
        let port = url.port_or_known_default().ok_or(Refused::NoHost)?;
        let (addresses, name) = match url.host().ok_or(Refused::NoHost)? {
            Host::Ipv4(four) => (vec![SocketAddr::from((four, port))], ServerName::from(IpAddr::V4(four))),
            Host::Ipv6(six) => (vec![SocketAddr::from((six, port))], ServerName::from(IpAddr::V6(six))),
            Host::Domain(name) => {
                let found = (self.lookup)(name.to_owned()).await.map_err(Failure::Connect)?;
                let name = ServerName::try_from(name.to_owned()).map_err(|_| Refused::NoHost)?;
                let addresses: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
                (self.policy.passed(addresses)?.into_iter().map(|address| SocketAddr::from((address, port))).collect(), name)
            }
        };
        let stream = reach(&addresses).await?;
        stream.set_nodelay(true).map_err(Failure::Connect)?;
        match url.scheme() {
            "https" => shaken(self.tls.connect(name, stream).await.map_err(Failure::Connect)?).await,
            _ => shaken(stream).await,
        }
    }
}

/// The first address at which somebody is. Each has its part of the time: one that is dead does not take it from the next.
async fn reach(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    let (within, mut last) = (REACH_MAX / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX), Failure::Refused(Refused::NoHost));
    for address in addresses {
        match timeout(within, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Failure::Connect(error),
            Err(_) => last = Failure::Connect(io::ErrorKind::TimedOut.into()),
        }
    }
    Err(last)
}

async fn shaken(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Connection, Failure> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(BUFFER_BYTES_MAX).max_headers(HEADERS_MAX);
    let (connection, driver) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| Failure::Connect(io::Error::other(error)))?;
    // It ends with the connection's last holder, or the other side; who waits for an answer is told by the request itself.
    tokio::spawn(driver);
    Ok(connection)
}
