//! The answer to an offer (SDP, RFC 8829): what of it is used, and what this server sends on which line.

use super::{
    ice::Credentials,
    offer::{EXTENSIONS, Format, Offer, Offered, Usable},
};
use crate::core::codec::Codec;
use std::{fmt::Write, net::SocketAddr};

/// What this server is to its clients.
#[derive(Debug)]
pub struct Host {
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// Where it is reached over UDP.
    pub udp: Vec<SocketAddr>,
    /// Where it is reached over TCP.
    pub tcp: Vec<SocketAddr>,
}

/// A stream that this server sends on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The stream.
    pub ssrc: u32,
    /// Its retransmissions.
    pub retransmission: u32,
    /// Lines of the same group are played in step.
    pub group: usize,
}

/// Writes the answer; `outgoing` has a stream for each line that the client receives on.
pub fn write(
    offer: &Offer,
    outgoing: &dyn Fn(usize) -> Option<Outgoing>,
    credentials: &Credentials,
    host: &Host,
    (session, version): (u64, u64),
) -> String {
    let mids: Vec<_> = offer.lines.iter().filter(|line| line.usable.is_some()).map(|line| line.mid.as_str()).collect();
    let mut text = format!(
        "v=0\r\no=- {session} {version} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE {}\r\na=msid-semantic: WMS *\r\n",
        mids.join(" ")
    );
    let mut has_candidates = false;
    for (at, line) in offer.lines.iter().enumerate() {
        match &line.usable {
            None => reject(&mut text, line),
            Some(usable) => {
                let stream = usable.receives.then(|| outgoing(at)).flatten();
                accept(&mut text, line, usable, stream, credentials, host);
                if !std::mem::replace(&mut has_candidates, true) {
                    candidates(&mut text, host);
                }
            }
        }
    }
    text
}

fn line(text: &mut String, args: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = text.write_fmt(args);
    text.push_str("\r\n");
}

fn reject(text: &mut String, offered: &Offered) {
    line(text, format_args!("m={} 0 {} {}", offered.media, offered.protocol, offered.format));
    line(text, format_args!("c=IN IP4 0.0.0.0"));
    line(text, format_args!("a=mid:{}", offered.mid));
    line(text, format_args!("a=inactive"));
}

fn accept(text: &mut String, offered: &Offered, usable: &Usable, stream: Option<Outgoing>, credentials: &Credentials, host: &Host) {
    let numbers = usable.formats.iter().flat_map(|format| [Some(format.payload_type), format.retransmission]).flatten();
    let numbers = numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    line(text, format_args!("m={} 9 {} {numbers}", offered.media, offered.protocol));
    line(text, format_args!("c=IN IP4 0.0.0.0"));
    line(text, format_args!("a=ice-ufrag:{}", credentials.ufrag));
    line(text, format_args!("a=ice-pwd:{}", credentials.password));
    line(text, format_args!("a=fingerprint:sha-256 {}", host.fingerprint));
    line(text, format_args!("a=setup:passive"));
    line(text, format_args!("a=mid:{}", offered.mid));
    for (id, name) in usable.extensions.ids().iter().zip(EXTENSIONS) {
        if let Some(id) = id {
            line(text, format_args!("a=extmap:{id} {name}"));
        }
    }
    let direction = match (usable.sends, stream.is_some()) {
        (true, true) => "sendrecv",
        (true, false) => "recvonly",
        (false, true) => "sendonly",
        (false, false) => "inactive",
    };
    line(text, format_args!("a={direction}"));
    line(text, format_args!("a=rtcp-mux"));
    if usable.takes_short_reports {
        line(text, format_args!("a=rtcp-rsize"));
    }
    usable.formats.iter().for_each(|format| describe(text, format));
    if usable.sends && !usable.layers.is_empty() {
        for name in &usable.layers {
            line(text, format_args!("a=rid:{name} recv"));
        }
        line(text, format_args!("a=simulcast:recv {}", usable.layers.join(";")));
    }
    if let Some(Outgoing { ssrc, retransmission, group }) = stream {
        line(text, format_args!("a=msid:group-{group} line-{ssrc}"));
        let is_repaired = usable.formats.iter().any(|format| format.retransmission.is_some());
        if is_repaired {
            line(text, format_args!("a=ssrc-group:FID {ssrc} {retransmission}"));
        }
        line(text, format_args!("a=ssrc:{ssrc} cname:group-{group}"));
        if is_repaired {
            line(text, format_args!("a=ssrc:{retransmission} cname:group-{group}"));
        }
    }
}

fn describe(text: &mut String, format: &Format) {
    let Format { codec, payload_type, .. } = format;
    line(text, format_args!("a=rtpmap:{payload_type} {}", codec.name()));
    match codec {
        Codec::Opus => line(text, format_args!("a=fmtp:{payload_type} minptime=10;useinbandfec=1")),
        Codec::Vp8 => {}
        Codec::H264 => {
            let profile = format.profile.as_deref().unwrap_or_default();
            let parameters = "level-asymmetry-allowed=1;packetization-mode=1";
            line(text, format_args!("a=fmtp:{payload_type} {parameters};profile-level-id={profile}"));
        }
    }
    if let Some(number) = format.retransmission {
        line(text, format_args!("a=rtpmap:{number} rtx/90000"));
        line(text, format_args!("a=fmtp:{number} apt={payload_type}"));
    }
    for feedback in &format.feedback {
        line(text, format_args!("a=rtcp-fb:{payload_type} {}", feedback.name()));
    }
}

fn candidates(text: &mut String, host: &Host) {
    // Priorities by RFC 8445 section 5.1.2.1: UDP before TCP, earlier addresses before later ones.
    for (at, address) in host.udp.iter().enumerate() {
        let priority = (126_u32 << 24) | (65_535 - at as u32) << 8 | 255;
        line(text, format_args!("a=candidate:1{at} 1 udp {priority} {} {} typ host", address.ip(), address.port()));
    }
    for (at, address) in host.tcp.iter().enumerate() {
        let priority = (90_u32 << 24) | (65_535 - at as u32) << 8 | 255;
        line(text, format_args!("a=candidate:2{at} 1 tcp {priority} {} {} typ host tcptype passive", address.ip(), address.port()));
    }
    line(text, format_args!("a=end-of-candidates"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::offer::{Feedback, Kind};
    use proptest::prelude::*;

    /// As Chromium writes it, shortened to what matters and what is refused.
    const OFFER: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3\r\n\
        a=extmap-allow-mixed\r\na=msid-semantic: WMS stream\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efghijklmnopqrstuvwxyz12\r\n\
        a=ice-options:trickle\r\na=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:0\r\n\
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=sendrecv\r\n\
        a=msid:stream audio\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n\
        a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=ssrc:1001 cname:x\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efghijklmnopqrstuvwxyz12\r\n\
        a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:1\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
        a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
        a=sendrecv\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc\r\n\
        a=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
        a=rtpmap:102 H264/90000\r\na=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f\r\na=rtcp-fb:102 nack\r\n\
        a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n\
        a=rtpmap:106 H264/90000\r\na=fmtp:106 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\r\n\
        a=rtpmap:104 H264/90000\r\na=fmtp:104 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtcp-fb:104 nack\r\n\
        a=rtpmap:105 rtx/90000\r\na=fmtp:105 apt=104\r\na=rid:f send\r\na=rid:q send\r\na=rid:h send\r\na=simulcast:send f;q;h\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=setup:actpass\r\na=mid:2\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:3\r\na=sctp-port:5000\r\n";

    fn host() -> Host {
        Host {
            fingerprint: "CC:DD".into(),
            udp: vec![SocketAddr::from(([127, 0, 0, 1], 8081))],
            tcp: vec![SocketAddr::from(([127, 0, 0, 1], 8082))],
        }
    }

    fn answer(offer: &Offer) -> String {
        let credentials = Credentials { ufrag: "00x".into(), password: "y".into() };
        let outgoing = |at: usize| Some(Outgoing { ssrc: at as u32 + 1, retransmission: at as u32 + 101, group: 0 });
        write(offer, &outgoing, &credentials, &host(), (1, 2))
    }

    #[test]
    fn a_browsers_offer_is_understood_line_by_line() {
        let offer = Offer::parse(OFFER).unwrap();
        assert_eq!((offer.fingerprint.as_str(), offer.ufrag.as_str()), ("AA:BB", "abcd"));
        let audio = offer.lines[0].usable.as_ref().unwrap();
        assert_eq!((audio.kind, audio.formats[0].payload_type, audio.extensions.loudness), (Kind::Audio, 111, Some(1)));
        assert_eq!(audio.streams, [(1001, None)]);
        let camera = offer.lines[1].usable.as_ref().unwrap();
        let vp8 = Format { codec: Codec::Vp8, payload_type: 96, retransmission: Some(97), feedback: Feedback::ALL.to_vec(), profile: None };
        let h264 = Format {
            codec: Codec::H264,
            payload_type: 104,
            retransmission: Some(105),
            feedback: vec![Feedback::Missing],
            profile: Some("42e01f".into()),
        };
        assert_eq!(camera.formats, [vp8, h264], "the constrained baseline in mode 1, after VP8");
        assert_eq!(camera.layers, ["q", "h", "f"]);
        let screen = offer.lines[2].usable.as_ref().unwrap();
        assert_eq!((screen.sends, screen.receives), (false, true));
        assert!(offer.lines[3].usable.is_none());
    }

    #[test]
    fn an_answer_takes_what_it_can_and_refuses_the_rest() {
        let text = answer(&Offer::parse(OFFER).unwrap());
        assert!(text.contains("a=group:BUNDLE 0 1 2\r\n"));
        assert!(text.contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
        assert!(text.contains("a=simulcast:recv q;h;f\r\n"));
        assert!(text.contains("a=ssrc-group:FID 2 102\r\n"));
        assert_eq!(text.matches("a=candidate:").count(), 2);
        assert_eq!(text.matches("a=setup:passive").count(), 3);
        assert!(text.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97 104 105\r\n"), "VP8 first");
        assert!(text.contains("a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"));
        let lines: Vec<_> = text.lines().filter(|line| line.ends_with("recv") || line.ends_with("only")).collect();
        assert_eq!(lines, ["a=sendrecv", "a=sendrecv", "a=rid:q recv", "a=rid:h recv", "a=rid:f recv", "a=sendonly"]);
    }

    #[test]
    fn an_answer_says_nothing_of_reports_that_was_not_offered() {
        let bare = OFFER.replace("a=rtcp-rsize\r\n", "").replace("a=rtcp-fb:96 nack pli\r\n", "").replace("a=rtcp-fb:96 ccm fir\r\n", "");
        let (with, without) = (answer(&Offer::parse(OFFER).unwrap()), answer(&Offer::parse(&bare).unwrap()));
        for what in ["a=rtcp-rsize\r\n", "a=rtcp-fb:96 nack pli\r\n", "a=rtcp-fb:96 ccm fir\r\n"] {
            assert_eq!((with.contains(what), without.contains(what)), (true, false), "{what}");
        }
        // The third line takes pictures, and offers no more than that.
        assert_eq!(with.matches("a=rtcp-rsize\r\n").count(), 2);
        assert_eq!(with.matches("a=rtcp-fb:96 nack\r\n").count(), 1);
    }

    #[test]
    fn an_offer_that_cannot_be_answered_is_told_why() {
        for (from, to) in [
            ("a=fingerprint:sha-256 AA:BB\r\n", ""),
            ("sha-256", "sha-1"),
            ("a=ice-ufrag:abcd\r\n", ""),
            ("a=rtcp-mux\r\n", ""),
            ("actpass", "passive"),
        ] {
            assert!(matches!(Offer::parse(&OFFER.replace(from, to)), Err(crate::JoinError::Offer(_))), "{from}");
        }
        assert!(Offer::parse("").is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(cuts in prop::collection::vec((0_usize..OFFER.len(), 0_usize..40, "[ -~\r\n]{0,6}"), 0..8)) {
            let mut text = OFFER.to_owned();
            for (from, length, with) in cuts {
                let from = from.min(text.len());
                let to = (from + length).min(text.len());
                text.replace_range(from..to, &with);
            }
            if let Ok(offer) = Offer::parse(&text) {
                prop_assert!(answer(&offer).ends_with("\r\n"));
            }
        }
    }
}
