//! One participant's encryption: the DTLS handshake (as its server, RFC 8842), and the SRTP keys that come of it (RFC 5764).
//!
//! The handshake accepts the certificate that the offer named and no other, so that only who made the offer gets in.

use super::{
    opening::{self, Material, Opening},
    unproven::{Proof, Unproven},
};
use bytes::BytesMut;
use rtc::{
    crypto::{HashAlgorithm, RTCCryptoProvider},
    dtls::{
        config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType},
        crypto::Certificate,
        endpoint::{Endpoint, EndpointEvent},
        extension::extension_use_srtp::SrtpProtectionProfile,
        state::State,
    },
    rtp,
    shared::{TransportProtocol, error::Error},
    srtp::{
        config::{Config, LABEL_EXTRACTOR_DTLS_SRTP},
        context::Context,
        protection_profile::ProtectionProfile,
    },
};
use std::{net::SocketAddr, sync::Arc, time::Instant};

/// Between the end of an SRTCP packet and its index stands the tag of the AES-CM profiles.
const SHA1_TAG: usize = 10;
/// Length of the SRTCP index; its first bit says that the packet is encrypted.
const INDEX: usize = 4;

/// What a node is known by to all its clients.
pub struct Identity {
    certificate: Certificate,
    /// SHA-256 of the certificate, as SDP writes it.
    pub fingerprint: String,
    /// Where randomness, hashes and ciphers come from.
    pub crypto: Arc<dyn RTCCryptoProvider>,
}

impl Identity {
    /// A new one; it lives as long as the process.
    pub fn new() -> Result<Self, String> {
        let crypto = rtc::crypto::default_provider().map_err(|error| error.to_string())?;
        let certificate = Certificate::generate_self_signed(["vitrina".to_owned()], crypto.crypto()).map_err(|error| error.to_string())?;
        let der = certificate.certificate.first().ok_or("no certificate")?;
        let fingerprint = fingerprint(der, &crypto).ok_or("no fingerprint")?;
        Ok(Self { certificate, fingerprint, crypto })
    }
}

/// SHA-256 in hexadecimal with colons (RFC 8122).
fn fingerprint(der: &[u8], crypto: &Arc<dyn RTCCryptoProvider>) -> Option<String> {
    let hash = crypto.crypto().hash(HashAlgorithm::Sha256, der).ok()?;
    Some(hash.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

/// Where the handshake stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing new.
    Same,
    /// Keys are there: media may flow.
    Up,
    /// The client has ended the connection.
    Closed,
}

/// One participant's encryption.
pub struct Secure {
    endpoint: Endpoint,
    crypto: Arc<dyn RTCCryptoProvider>,
    unproven: Unproven,
    keys: Option<Keys>,
    /// Kept, and changed for each packet that goes out.
    shape: rtp::Header,
}

struct Keys {
    outgoing: Context,
    incoming: Opening,
    /// Bytes from the end of an SRTCP packet to its index.
    index_from_end: usize,
}

/// The handshake goes on when the client's address changes, so it is not told the address.
fn anybody() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

impl Secure {
    /// Waits for the handshake of the client with this certificate (SHA-256, as SDP writes it).
    pub fn new(identity: &Identity, expected: &str) -> Result<Self, Error> {
        let expected = expected.to_ascii_uppercase();
        let crypto = Arc::clone(&identity.crypto);
        let is_expected = move |certificates: &[Vec<u8>]| {
            certificates.first().and_then(|der| fingerprint(der, &crypto)).is_some_and(|found| found == expected)
        };
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&identity.crypto))
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // There is no authority to ask: the fingerprint in the offer is what is checked.
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |certificates: &[Vec<u8>], _: &_| {
                if is_expected(certificates) { Ok(()) } else { Err(Error::ErrNoMatchingCertificateFingerprint) }
            })))
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(false, None)?;
        Ok(Self {
            endpoint: Endpoint::new(anybody(), TransportProtocol::UDP, Some(Arc::new(config))),
            crypto: Arc::clone(&identity.crypto),
            unproven: Unproven::default(),
            keys: None,
            shape: rtp::Header { version: 2, ..rtp::Header::default() },
        })
    }

    /// Takes a record of the handshake. What is to be sent for it comes from [`Secure::outgoing`], also after an error.
    pub fn handshake(&mut self, record: &[u8], now: Instant) -> Result<Progress, Error> {
        let proof = if self.is_up() { Proof::There } else { Proof::Wanting };
        if !self.unproven.admits(record, proof) {
            return Err(Error::ErrBufferFull);
        }
        let events = self.endpoint.read(now, anybody(), None, BytesMut::from(record))?;
        let mut progress = Progress::Same;
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    let state = self.endpoint.get_connection_state(anybody()).ok_or(Error::ErrNoSuchSrtpProfile)?;
                    self.keys = Some(Keys::export(state, &self.crypto)?);
                    progress = Progress::Up;
                }
                EndpointEvent::PeerClosed => return Ok(Progress::Closed),
                _ => {}
            }
        }
        Ok(progress)
    }

    /// The next record to be sent.
    pub fn outgoing(&mut self) -> Option<BytesMut> {
        self.endpoint.poll_transmit().map(|transmit| transmit.message)
    }

    /// When a record has to be sent again.
    pub fn due(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&anybody())
    }

    /// Sends again what is due.
    pub fn again(&mut self, now: Instant) {
        // A client that never answers is given up by the participant's own limit.
        let _ = self.endpoint.handle_timeout(anybody(), now);
    }

    /// Tells the client that this is the end.
    pub fn close(&mut self, now: Instant) {
        let _ = self.endpoint.close(now);
    }

    /// Where randomness, hashes and ciphers come from.
    pub fn crypto(&self) -> &Arc<dyn RTCCryptoProvider> {
        &self.crypto
    }

    /// Whether media may flow.
    pub fn is_up(&self) -> bool {
        self.keys.is_some()
    }

    /// Encrypts an RTP packet whose header has this many bytes.
    pub fn protect(&mut self, packet: &[u8], ssrc: u32, sequence: u16, header: usize) -> Option<BytesMut> {
        opening::shape(&mut self.shape, ssrc, sequence, header);
        self.keys.as_mut()?.outgoing.encrypt_rtp_with_header(packet, &self.shape).ok()
    }

    /// Decrypts an RTP packet; `None` when it is not from the client, or came before.
    pub fn open(&mut self, packet: &[u8], ssrc: u32, sequence: u16, header: usize) -> Option<BytesMut> {
        self.keys.as_mut()?.incoming.packet(packet, ssrc, sequence, header)
    }

    /// Encrypts an RTCP packet.
    pub fn protect_control(&mut self, packet: &[u8]) -> Option<BytesMut> {
        self.keys.as_mut()?.outgoing.encrypt_rtcp(packet).ok()
    }

    /// Decrypts an RTCP packet; `None` when it is not from the client, or came before.
    pub fn open_control(&mut self, packet: &[u8]) -> Option<BytesMut> {
        let keys = self.keys.as_mut()?;
        // One that says it is not encrypted would be taken without looking at its tag.
        let index = packet.len().checked_sub(keys.index_from_end)?;
        if packet.get(index)? & 0x80 == 0 {
            return None;
        }
        keys.incoming.control(packet)
    }
}

#[cfg(test)]
impl Secure {
    /// As after a handshake: the same keys both ways.
    pub fn keyed(&mut self) {
        let crypto = Arc::clone(&self.crypto);
        let profile = ProtectionProfile::AeadAes128Gcm;
        let material = opening::Material { key: vec![1; 16], salt: vec![2; 12], profile, crypto };
        let outgoing = Context::new(&material.key, &material.salt, profile, None, None, self.crypto.crypto()).unwrap();
        self.keys = Some(Keys { outgoing, incoming: Opening::new(material).unwrap(), index_from_end: INDEX });
    }
}

impl Keys {
    fn export(state: &State, crypto: &Arc<dyn RTCCryptoProvider>) -> Result<Self, Error> {
        let (profile, index_from_end) = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => (ProtectionProfile::AeadAes128Gcm, INDEX),
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => (ProtectionProfile::Aes128CmHmacSha1_80, SHA1_TAG + INDEX),
            _ => return Err(Error::ErrNoSuchSrtpProfile),
        };
        let mut config = Config { profile, ..Config::default() };
        let material = state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], config.keying_material_len())?;
        config.set_session_keys_from_keying_material(material.as_ref(), state.is_client())?;
        let keys = &config.keys;
        let outgoing = Context::new(&keys.local_master_key, &keys.local_master_salt, profile, None, None, crypto.crypto())?;
        let (key, salt) = (keys.remote_master_key.to_vec(), keys.remote_master_salt.to_vec());
        let incoming = Opening::new(Material { key, salt, profile, crypto: Arc::clone(crypto) })?;
        Ok(Self { outgoing, incoming, index_from_end })
    }
}
