//! Real connections on loopback: used again, looked at anew, encrypted.

use super::{super::address::Policy, *};
use futures_util::FutureExt;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore, ServerConfig, pki_types::PrivateKeyDer};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";
const LAST: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone";

fn policy() -> Policy {
    Policy { networks: vec!["127.0.0.0/8".parse().unwrap()], schemes: super::super::Schemes::HttpToo }
}

fn letter() -> Letter {
    Letter { id: "a_b".to_owned(), timestamp: 1, signature: "v1,x".to_owned(), body: Bytes::from_static(b"{}") }
}

/// Where every name leads to.
fn leads_to(to: impl Fn(usize) -> SocketAddr + Send + Sync + 'static) -> super::super::address::Lookup {
    let asked = AtomicUsize::new(0);
    Arc::new(move |_| {
        let address = to(asked.fetch_add(1, Ordering::Relaxed));
        async move { Ok(vec![address]) }.boxed()
    })
}

/// Answers each request of a connection so, until the other side has closed it.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, with: &str) {
    let mut came = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut came).await {
        // The body of all letters here.
        if came.ends_with(b"\r\n\r\n{}") {
            came.clear();
            stream.write_all(with.as_bytes()).await.unwrap();
            if with == LAST {
                return;
            }
        }
    }
}

/// A server in clear; how many connections it has taken.
async fn serve(with: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let (listener, taken) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), Arc::new(AtomicUsize::new(0)));
    let (address, counted) = (listener.local_addr().unwrap(), Arc::clone(&taken));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer(stream, with));
        }
    });
    (address, taken)
}

fn line(sender: Sender, url: &str) -> Line {
    Line::new(Arc::new(sender), url.parse().unwrap())
}

#[tokio::test]
async fn a_connection_is_used_again_and_one_that_was_closed_meanwhile_is_no_failure() {
    for (with, connections) in [(OK, 1), (LAST, 3)] {
        let (address, taken) = serve(with).await;
        let line = line(Sender::new(policy(), leads_to(move |_| address)).unwrap(), &format!("http://shop.example:{}/x", address.port()));
        for _ in 0..3 {
            let tried = line.send(letter()).await;
            assert_eq!((tried.status, &tried.failure, &tried.answer[..]), (Some(200), &None, "done"));
        }
        assert_eq!(taken.load(Ordering::Relaxed), connections);
    }
}

#[tokio::test]
async fn a_name_that_leads_into_the_house_the_second_time_is_refused_then() {
    let (address, taken) = serve(LAST).await;
    let inside = SocketAddr::from(([192, 168, 1, 1], address.port()));
    let lookup = leads_to(move |before| if before == 0 { address } else { inside });
    let line = line(Sender::new(policy(), lookup).unwrap(), &format!("http://shop.example:{}/", address.port()));
    assert!(line.send(letter()).await.is_taken());
    let tried = line.send(letter()).await;
    assert!(tried.failure.unwrap().contains("private") && tried.status.is_none());
    assert_eq!(taken.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_is_not_who_they_should_be_is_sent_nothing_and_who_is_trusted_is() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["shop.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    // The client's constructor has installed the provider.
    let unknown = Sender::new(policy(), leads_to(|_| unreachable!("an address is not looked up"))).unwrap();
    let server = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    answer(stream, OK).await;
                }
            });
        }
    });
    let tried = line(unknown, &format!("https://{address}/")).send(letter()).await;
    assert!(tried.failure.as_ref().is_some_and(|why| why.starts_with("no connection: invalid peer certificate")), "{tried:?}");
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let trusting = || ClientConfig::builder().with_root_certificates(roots.clone()).with_no_client_auth();
    let to = |url: &str| line(Sender::trusting(policy(), leads_to(move |_| address), trusting()), url);
    let tried = to(&format!("https://shop.example:{}/", address.port())).send(letter()).await;
    assert!(tried.is_taken(), "{tried:?}");
    let other = to(&format!("https://other.example:{}/", address.port())).send(letter()).await;
    assert!(other.failure.is_some_and(|why| why.contains("certificate not valid for name")));
}
