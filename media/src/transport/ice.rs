//! ICE as a server with a known address does it (ICE-lite, RFC 8445 section 2.5): it answers the client's checks, and takes
//! the pair that the client nominates.

use ring::rand::SecureRandom;
use rtc::{
    crypto::RTCCryptoProvider,
    stun::{
        attributes::{ATTR_USE_CANDIDATE, ATTR_USERNAME},
        fingerprint::FINGERPRINT,
        integrity::MessageIntegrity,
        message::{BINDING_REQUEST, BINDING_SUCCESS, Message, TransactionId},
        xoraddr::XorMappedAddress,
    },
};
use std::{net::SocketAddr, sync::Arc};

/// A binding request begins with this.
const REQUEST: [u8; 2] = [0, 1];
const USER_NAME: u16 = 6;
const STUN_HEADER: usize = 20;
/// Attributes that are looked through for a user name, at most: browsers send seven.
const ATTRIBUTES_MAX: usize = 32;
const UFRAG: usize = 12;
const PASSWORD: usize = 24;
/// What a fragment or a password may consist of (RFC 8839 section 5.4).
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a datagram is (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A check of the client's.
    Stun,
    /// A record of the handshake.
    Dtls,
    /// RTP or RTCP, encrypted.
    Media,
    /// Neither.
    Strange,
}

/// Tells by the first byte what a datagram is.
pub fn kind(datagram: &[u8]) -> Kind {
    match datagram.first() {
        Some(0..=3) => Kind::Stun,
        Some(20..=63) => Kind::Dtls,
        Some(128..=191) => Kind::Media,
        _ => Kind::Strange,
    }
}

/// What one side proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Name, good for one participant; its first two digits say on which shard.
    pub ufrag: String,
    /// Secret.
    pub password: String,
}

impl Credentials {
    /// New ones for a participant of this shard; `None` when there is no randomness to be had.
    pub fn new(shard: u8, random: &dyn SecureRandom) -> Option<Self> {
        let mut bytes = [0; UFRAG + PASSWORD];
        random.fill(&mut bytes).ok()?;
        let text = |bytes: &[u8]| bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 63)])).collect::<String>();
        Some(Self { ufrag: format!("{shard:02x}{}", text(&bytes[..UFRAG])), password: text(&bytes[UFRAG..]) })
    }
}

/// The shard that a name was made on.
pub fn shard(ufrag: &str) -> Option<usize> {
    ufrag.get(..2).and_then(|digits| usize::from_str_radix(digits, 16).ok())
}

/// Whom a check is for: the first half of its user name.
pub fn addressee(datagram: &[u8]) -> Option<&str> {
    if datagram.first_chunk() != Some(&REQUEST) {
        return None;
    }
    let mut rest = datagram.get(STUN_HEADER..)?;
    for _ in 0..ATTRIBUTES_MAX {
        let [kind_high, kind_low, length_high, length_low] = *rest.first_chunk()?;
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let value = rest.get(4..4 + length)?;
        if u16::from_be_bytes([kind_high, kind_low]) == USER_NAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
    None
}

/// A check that proves to know the password.
#[derive(Debug)]
pub struct Check {
    transaction: TransactionId,
    /// Whether the client wants this pair.
    pub nominates: bool,
}

impl Check {
    /// The check in a datagram; `None` when it is none, is for somebody else, or knows the wrong password.
    pub fn parse(datagram: &[u8], local: &Credentials, crypto: &Arc<dyn RTCCryptoProvider>) -> Option<Self> {
        if addressee(datagram)? != local.ufrag {
            return None;
        }
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        if message.typ != BINDING_REQUEST || !message.contains(ATTR_USERNAME) {
            return None;
        }
        MessageIntegrity::check(&mut message, local.password.as_bytes(), crypto.crypto()).ok()?;
        Some(Self { transaction: message.transaction_id, nominates: message.contains(ATTR_USE_CANDIDATE) })
    }

    /// What the client is told: the address that it was heard from.
    pub fn answer(&self, heard_from: SocketAddr, local: &Credentials, crypto: &Arc<dyn RTCCryptoProvider>) -> Option<Vec<u8>> {
        let mut message = Message::new();
        message
            .build(&[
                Box::new(BINDING_SUCCESS),
                Box::new(self.transaction),
                Box::new(XorMappedAddress { ip: heard_from.ip(), port: heard_from.port() }),
                Box::new(MessageIntegrity::new_short_term_integrity_with_provider(local.password.clone(), crypto.crypto())),
                Box::new(FINGERPRINT),
            ])
            .ok()?;
        Some(message.raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc::stun::textattrs::TextAttribute;

    fn crypto() -> Arc<dyn RTCCryptoProvider> {
        rtc::crypto::default_provider().unwrap()
    }

    fn request(ufrag: &str, password: &str) -> Vec<u8> {
        let mut message = Message::new();
        message
            .build(&[
                Box::new(BINDING_REQUEST),
                Box::new(TransactionId::new()),
                Box::new(TextAttribute::new(ATTR_USERNAME, format!("{ufrag}:them"))),
                Box::new(MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto().crypto())),
                Box::new(FINGERPRINT),
            ])
            .unwrap();
        message.raw
    }

    #[test]
    fn a_check_with_the_password_is_answered_and_any_other_is_not() {
        let local = Credentials::new(3, &ring::rand::SystemRandom::new()).unwrap();
        assert_eq!(shard(&local.ufrag), Some(3));
        let good = request(&local.ufrag, &local.password);
        assert_eq!(addressee(&good), Some(local.ufrag.as_str()));
        let check = Check::parse(&good, &local, &crypto()).unwrap();
        assert!(!check.nominates);
        let answer = check.answer(SocketAddr::from(([192, 0, 2, 1], 5)), &local, &crypto()).unwrap();
        let mut read = Message::new();
        read.unmarshal_binary(&answer).unwrap();
        assert_eq!(read.typ, BINDING_SUCCESS);
        assert!(Check::parse(&request(&local.ufrag, "wrong"), &local, &crypto()).is_none());
        assert!(Check::parse(&request("somebody", &local.password), &local, &crypto()).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(mut datagram in prop::collection::vec(any::<u8>(), 0..80), cut in 0_usize..120) {
            let local = Credentials { ufrag: "00a".into(), password: "b".into() };
            if datagram.len() > 1 {
                datagram[..2].copy_from_slice(&REQUEST);
            }
            let _ = addressee(&datagram);
            prop_assert!(Check::parse(&datagram, &local, &crypto()).is_none());
            let good = request("00a", "b");
            let _ = Check::parse(&good[..cut.min(good.len())], &local, &crypto());
        }
    }
}
