//! Decrypts what comes under a client's keys. Whoever knows the client's address can send packets of any stream, and the library
//! keeps something of every stream that it is shown: so it is shown a stream only once a packet of it has proved to be the client's.

use super::packet::HEADER;
use bytes::BytesMut;
use rtc::{
    crypto::RTCCryptoProvider,
    rtp::Header,
    shared::error::Error,
    srtp::{
        context::Context,
        option::{srtcp_replay_protection, srtp_replay_protection},
        protection_profile::ProtectionProfile,
    },
};
use std::{collections::BTreeSet, sync::Arc};

/// How far back packets may come late without being taken for replayed: a second of a large picture.
const REPLAY_WINDOW: usize = 1_024;
/// Streams of one client, from its first to its last packet: its encoders may begin anew some dozen times.
const STREAMS_MAX: usize = 256;
/// Packets of unknown streams that are tried before what was kept of them is thrown away.
const TRIED_MAX: usize = 256;

/// Where contexts come from.
pub struct Material {
    /// The client's master key.
    pub key: Vec<u8>,
    /// Its salt.
    pub salt: Vec<u8>,
    /// Which ciphers.
    pub profile: ProtectionProfile,
    /// Who has them.
    pub crypto: Arc<dyn RTCCryptoProvider>,
}

impl Material {
    fn context(&self) -> Result<Context, Error> {
        let replay = (srtp_replay_protection(REPLAY_WINDOW), srtcp_replay_protection(REPLAY_WINDOW));
        Context::new(&self.key, &self.salt, self.profile, Some(replay.0), Some(replay.1), self.crypto.crypto())
    }

    /// One that takes what came before too, and is small.
    fn trial(&self) -> Result<Context, Error> {
        Context::new(&self.key, &self.salt, self.profile, None, None, self.crypto.crypto())
    }
}

/// Decrypts what comes.
pub struct Opening {
    material: Material,
    context: Context,
    trial: Context,
    tried: usize,
    /// Streams of which a packet was the client's.
    streams: BTreeSet<u32>,
    /// Streams of which a report was.
    reported: BTreeSet<u32>,
    shape: Header,
}

impl Opening {
    /// Under these keys.
    pub fn new(material: Material) -> Result<Self, Error> {
        let (context, trial) = (material.context()?, material.trial()?);
        let shape = Header { version: 2, ..Header::default() };
        Ok(Self { material, context, trial, tried: 0, streams: BTreeSet::new(), reported: BTreeSet::new(), shape })
    }

    /// Decrypts an RTP packet whose header has this many bytes; `None` when it is not from the client, or came before.
    pub fn packet(&mut self, packet: &[u8], ssrc: u32, sequence: u16, header: usize) -> Option<BytesMut> {
        shape(&mut self.shape, ssrc, sequence, header);
        if !self.streams.contains(&ssrc) {
            if self.streams.len() >= STREAMS_MAX {
                return None;
            }
            self.renew_trial()?;
            self.trial.decrypt_rtp_with_header(packet, &self.shape).ok()?;
            self.streams.insert(ssrc);
        }
        self.context.decrypt_rtp_with_header(packet, &self.shape).ok()
    }

    /// Decrypts an RTCP packet; `None` when it is not from the client, or came before.
    pub fn control(&mut self, packet: &[u8]) -> Option<BytesMut> {
        let ssrc = u32::from_be_bytes(*packet.get(4..)?.first_chunk()?);
        if !self.reported.contains(&ssrc) {
            if self.reported.len() >= STREAMS_MAX {
                return None;
            }
            self.renew_trial()?;
            self.trial.decrypt_rtcp(packet).ok()?;
            self.reported.insert(ssrc);
        }
        self.context.decrypt_rtcp(packet).ok()
    }

    fn renew_trial(&mut self) -> Option<()> {
        self.tried += 1;
        if self.tried > TRIED_MAX {
            (self.trial, self.tried) = (self.material.trial().ok()?, 1);
        }
        Some(())
    }
}

/// Makes a header up: only the numbers and the size of one are looked at by the cipher.
pub fn shape(header: &mut Header, ssrc: u32, sequence: u16, length: usize) {
    header.ssrc = ssrc;
    header.sequence_number = sequence;
    // Any header of this size does; words of contributing sources make it up.
    header.csrc.resize((length - HEADER) / 4, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn material() -> Material {
        let crypto = rtc::crypto::default_provider().unwrap();
        Material { key: vec![1; 16], salt: vec![2; 12], profile: ProtectionProfile::AeadAes128Gcm, crypto }
    }

    fn packet(ssrc: u32, sequence: u16) -> Vec<u8> {
        [&[0x80, 96][..], &sequence.to_be_bytes(), &[0, 0, 0, 9], &ssrc.to_be_bytes(), b"payload, and room for a tag"].concat()
    }

    /// A receiver report without reports.
    fn report(ssrc: u32) -> Vec<u8> {
        [&[0x80, 201, 0, 1][..], &ssrc.to_be_bytes()].concat()
    }

    fn open(opening: &mut Opening, packet: &[u8], ssrc: u32, sequence: u16) -> bool {
        opening.packet(packet, ssrc, sequence, HEADER).is_some()
    }

    #[test]
    fn of_streams_that_are_not_the_clients_nothing_is_kept() {
        let (mut opening, mut client) = (Opening::new(material()).unwrap(), material().trial().unwrap());
        for ssrc in 0..2_000 {
            assert!(!open(&mut opening, &packet(ssrc, 1), ssrc, 1));
            assert!(opening.control(&[&report(ssrc)[..], &[0x80, 0, 0, 1], &[7; 16]].concat()).is_none());
            assert!(opening.tried <= TRIED_MAX);
        }
        assert!(opening.streams.is_empty() && opening.reported.is_empty());
        let genuine = client.encrypt_rtp(&packet(5, 1)).unwrap();
        assert!(open(&mut opening, &genuine, 5, 1));
        assert!(!open(&mut opening, &genuine, 5, 1), "it came before");
        let genuine = client.encrypt_rtcp(&report(5)).unwrap();
        assert!(opening.control(&genuine).is_some());
        assert!(opening.control(&genuine).is_none(), "it came before");
    }

    #[test]
    fn there_is_an_end_to_the_clients_own_streams() {
        let (mut opening, mut client) = (Opening::new(material()).unwrap(), material().trial().unwrap());
        let opened = (0..1_000).filter(|ssrc| open(&mut opening, &client.encrypt_rtp(&packet(*ssrc, 1)).unwrap(), *ssrc, 1)).count();
        let told = (0..1_000).filter(|ssrc| opening.control(&client.encrypt_rtcp(&report(*ssrc)).unwrap()).is_some()).count();
        assert_eq!((opened, told), (STREAMS_MAX, STREAMS_MAX));
        assert!(open(&mut opening, &client.encrypt_rtp(&packet(0, 2)).unwrap(), 0, 2), "those it has go on");
    }
}
