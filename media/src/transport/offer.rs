//! What a client's offer says (SDP, RFC 8829), as far as an answer needs it. Everything here reads text from outside.

use crate::{core::codec::Codec, node::JoinError};
use rtc::sdp::description::{common::Attribute, media::MediaDescription, session::SessionDescription};
use std::io::Cursor;

/// Bytes of an offer at most: one with thirty lines has some 60 kB.
pub const OFFER_MAX: usize = 128 * 1024;
/// Lines of an offer at most: three for oneself and two for each of the others, twice over.
pub const LINES_MAX: usize = 64;

/// An offer that can be answered.
#[derive(Debug)]
pub struct Offer {
    /// SHA-256 of the client's certificate.
    pub fingerprint: String,
    /// The client's name for its checks; another one than before is an ICE restart.
    pub ufrag: String,
    /// In the order of the offer.
    pub lines: Vec<Offered>,
}

/// A line of an offer.
#[derive(Debug)]
pub struct Offered {
    /// Its name.
    pub mid: String,
    /// The first word of its line, repeated in the answer.
    pub media: String,
    /// The protocol, repeated in the answer.
    pub protocol: String,
    /// The first format, repeated in the answer when the line is rejected.
    pub format: String,
    /// How it can be used; `None` when it cannot.
    pub usable: Option<Usable>,
}

/// How a line can be used.
#[derive(Debug)]
pub struct Usable {
    /// Sound or picture.
    pub kind: Kind,
    /// Whether the client means to send.
    pub sends: bool,
    /// Whether the client takes something.
    pub receives: bool,
    /// What of the offer is used, the rather used codec first; never empty.
    pub formats: Vec<Format>,
    /// Header extensions, by the client's numbers.
    pub extensions: Extensions,
    /// The client's simulcast layers, smallest first.
    pub layers: Vec<String>,
    /// Whether the client takes reports that are no more than what they are for (`a=rtcp-rsize`, RFC 5506).
    pub takes_short_reports: bool,
    /// Streams that the client names, each with its stream of retransmissions.
    pub streams: Vec<(u32, Option<u32>)>,
}

/// What a line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opus.
    Audio,
    /// VP8 or H.264.
    Video,
}

/// A codec as the client numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// Which.
    pub codec: Codec,
    /// Its number.
    pub payload_type: u8,
    /// The number of retransmissions of it (RFC 4588).
    pub retransmission: Option<u8>,
    /// What may be told of its packets.
    pub feedback: Vec<Feedback>,
    /// Of H.264 the profile and level, repeated in the answer.
    pub profile: Option<String>,
}

/// What a receiver may tell its sender (`a=rtcp-fb`, RFC 4585).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// That packets are missing.
    Missing,
    /// That it has lost a picture.
    PictureLost,
    /// That it needs a whole picture (RFC 5104).
    WholePicture,
    /// When packets came, by their transport-wide numbers.
    Arrivals,
}

impl Feedback {
    /// All that this server has a use for.
    pub const ALL: [Self; 4] = [Self::PictureLost, Self::WholePicture, Self::Missing, Self::Arrivals];

    /// Its name in an offer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "nack",
            Self::PictureLost => "nack pli",
            Self::WholePicture => "ccm fir",
            Self::Arrivals => "transport-cc",
        }
    }
}

/// Header extensions by the client's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions {
    /// Which line a packet belongs to.
    pub mid: Option<u8>,
    /// Which simulcast layer.
    pub layer: Option<u8>,
    /// Which simulcast layer a retransmission is of.
    pub repaired_layer: Option<u8>,
    /// How loud a packet is (RFC 6464).
    pub loudness: Option<u8>,
    /// The transport-wide number.
    pub transport: Option<u8>,
}

/// Names of the extensions above, in their order.
pub const EXTENSIONS: [&str; 5] = [
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
];

impl Extensions {
    /// In the order of [`EXTENSIONS`].
    pub fn ids(&self) -> [Option<u8>; 5] {
        [self.mid, self.layer, self.repaired_layer, self.loudness, self.transport]
    }

    /// These, and where one is lacking that of another line: within a BUNDLE group numbers mean the same.
    pub fn or(self, other: Self) -> Self {
        Self {
            mid: self.mid.or(other.mid),
            layer: self.layer.or(other.layer),
            repaired_layer: self.repaired_layer.or(other.repaired_layer),
            loudness: self.loudness.or(other.loudness),
            transport: self.transport.or(other.transport),
        }
    }

    fn read(media: &MediaDescription) -> Self {
        let find = |name: &str| {
            values(&media.attributes, "extmap").find_map(|value| {
                let (id, uri) = value.split_once(' ')?;
                let id = id.split('/').next()?.parse::<u8>().ok()?;
                // Numbers above 14 need the long form, which browsers use for no extension of ours.
                (uri.split(' ').next() == Some(name) && (1..=14).contains(&id)).then_some(id)
            })
        };
        let [mid, layer, repaired_layer, loudness, transport] = EXTENSIONS.map(find);
        Self { mid, layer, repaired_layer, loudness, transport }
    }
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// [`JoinError::Offer`] says what an answer lacks.
    pub fn parse(text: &str) -> Result<Self, JoinError> {
        let wrong = |what: &str| JoinError::Offer(what.to_owned());
        if text.len() > OFFER_MAX {
            return Err(wrong("it is too long"));
        }
        let session = SessionDescription::unmarshal(&mut Cursor::new(text)).map_err(|error| JoinError::Offer(error.to_string()))?;
        if session.media_descriptions.len() > LINES_MAX {
            return Err(wrong("it has too many media lines"));
        }
        // With BUNDLE all lines share the first one's transport; each repeats it, or the session says it once.
        let anywhere = |name: &str| {
            let in_lines = session.media_descriptions.iter().find_map(|media| first(&media.attributes, name));
            first(&session.attributes, name).or(in_lines).map(str::to_owned)
        };
        let fingerprint = anywhere("fingerprint").ok_or_else(|| wrong("there is no fingerprint"))?;
        let Some(("sha-256", fingerprint)) = fingerprint.split_once(' ').map(|(hash, value)| (hash, value.trim())) else {
            return Err(wrong("the fingerprint is not of SHA-256"));
        };
        let ufrag = anywhere("ice-ufrag").ok_or_else(|| wrong("there is no ice-ufrag"))?;
        if anywhere("setup").is_some_and(|role| role == "passive") {
            return Err(wrong("the client has to be able to begin the handshake (a=setup:actpass)"));
        }
        let bundle = values(&session.attributes, "group").find_map(|group| group.strip_prefix("BUNDLE"));
        let is_alone = session.media_descriptions.len() == 1;
        let bundled = |mid: &str| bundle.map_or(is_alone, |mids| mids.split(' ').any(|one| one == mid));
        let lines: Vec<_> = session.media_descriptions.iter().map(|media| Offered::read(media, &bundled)).collect();
        if lines.iter().all(|line| line.usable.is_none()) {
            return Err(wrong("there is no line of Opus, VP8 or H.264 (packetization-mode=1) with rtcp-mux in a BUNDLE group"));
        }
        Ok(Self { fingerprint: fingerprint.to_owned(), ufrag, lines })
    }
}

impl Offer {
    /// Puts the formats of this codec before the others.
    pub fn prefer(&mut self, codec: Codec) {
        let usable = self.lines.iter_mut().filter_map(|line| line.usable.as_mut());
        usable.for_each(|usable| usable.formats.sort_by_key(|format| format.codec != codec));
    }
}

impl Offered {
    fn read(media: &MediaDescription, bundled: &dyn Fn(&str) -> bool) -> Self {
        let mid = first(&media.attributes, "mid").unwrap_or_default().to_owned();
        let usable = bundled(&mid).then(|| Usable::read(media)).flatten();
        Self {
            mid,
            media: media.media_name.media.clone(),
            protocol: media.media_name.protos.join("/"),
            format: media.media_name.formats.first().cloned().unwrap_or_else(|| "0".to_owned()),
            usable,
        }
    }
}

impl Usable {
    fn read(media: &MediaDescription) -> Option<Self> {
        let kind = match media.media_name.media.as_str() {
            "audio" => Kind::Audio,
            "video" => Kind::Video,
            _ => return None,
        };
        let has = |name: &str| media.attributes.iter().any(|attribute| attribute.key == name);
        // A line whose port is 0 is off (RFC 3264), unless it is only bundled with another.
        let is_off = media.media_name.port.value == 0 && !has("bundle-only");
        if is_off || !has("rtcp-mux") || media.media_name.protos.join("/") != "UDP/TLS/RTP/SAVPF" {
            return None;
        }
        let (sends, receives) = match (has("sendonly"), has("recvonly"), has("inactive")) {
            (true, ..) => (true, false),
            (_, true, _) => (false, true),
            (.., true) => (false, false),
            _ => (true, true),
        };
        Some(Self {
            kind,
            sends,
            receives,
            formats: Format::all(media, kind)?,
            extensions: Extensions::read(media),
            layers: layers(media),
            takes_short_reports: has("rtcp-rsize"),
            streams: streams(media),
        })
    }
}

impl Format {
    /// What of a line is used; `None` when nothing is.
    fn all(media: &MediaDescription, kind: Kind) -> Option<Vec<Self>> {
        let codecs: &[Codec] = match kind {
            Kind::Audio => &[Codec::Opus],
            Kind::Video => &Codec::PICTURES,
        };
        let formats: Vec<_> = codecs.iter().filter_map(|codec| Self::read(media, *codec)).collect();
        (!formats.is_empty()).then_some(formats)
    }

    fn read(media: &MediaDescription, codec: Codec) -> Option<Self> {
        let number = |value: &str| value.parse::<u8>().ok().filter(|number| *number < 128);
        let numbers = values(&media.attributes, "rtpmap").filter_map(|value| {
            let (text, name) = value.split_once(' ')?;
            name.trim().eq_ignore_ascii_case(codec.name()).then(|| number(text)).flatten()
        });
        let (payload_type, profile) = match codec {
            Codec::Opus | Codec::Vp8 => (numbers.into_iter().next()?, None),
            Codec::H264 => {
                let profiled = numbers.filter_map(|number| Some((number, profile(parameters(media, number)?)?)));
                // Of equals the first.
                let (payload_type, profile) = profiled.min_by_key(|(_, profile)| rank(profile))?;
                (payload_type, Some(profile.to_owned()))
            }
        };
        let is_retransmission = |number: u8| {
            let mapped = |value: &str| {
                value
                    .split_once(' ')
                    .is_some_and(|(text, codec)| text.parse() == Ok(number) && codec.trim().eq_ignore_ascii_case("rtx/90000"))
            };
            values(&media.attributes, "rtpmap").any(mapped)
        };
        let retransmission = values(&media.attributes, "fmtp").find_map(|value| {
            let (number_text, parameters) = value.split_once(' ')?;
            (parameter(parameters, "apt")?.parse() == Ok(payload_type)).then(|| number(number_text)).flatten()
        });
        let is_offered = |wanted: &Feedback| {
            values(&media.attributes, "rtcp-fb").any(|value| {
                value
                    .split_once(' ')
                    .is_some_and(|(number, what)| what.trim() == wanted.name() && (number == "*" || number.parse() == Ok(payload_type)))
            })
        };
        Some(Self {
            codec,
            payload_type,
            retransmission: retransmission.filter(|number| is_retransmission(*number)),
            feedback: Feedback::ALL.into_iter().filter(is_offered).collect(),
            profile,
        })
    }
}

/// What is said of a codec's number (`a=fmtp`).
fn parameters(media: &MediaDescription, number: u8) -> Option<&str> {
    values(&media.attributes, "fmtp")
        .find_map(|value| value.split_once(' ').filter(|(text, _)| text.parse() == Ok(number)).map(|(_, rest)| rest))
}

fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(one, _)| one.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Profile and level of a format of H.264 in the one mode that is used.
fn profile(parameters: &str) -> Option<&str> {
    // Where nothing is said, it is the baseline at its lowest level (RFC 6184 section 8.1).
    let profile = parameter(parameters, "profile-level-id").unwrap_or("42000a");
    let is_one = profile.len() == 6 && profile.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_one && parameter(parameters, "packetization-mode") == Some("1")).then_some(profile)
}

/// The constrained baseline, which every browser decodes (RFC 7742 section 6.2), before the others.
fn rank(profile: &str) -> usize {
    ["42e0", "4200", "4d00"].iter().position(|known| profile[..4].eq_ignore_ascii_case(known)).unwrap_or(usize::MAX)
}

/// The layers that the client sends, smallest first: by the names that browsers are told to use, else in the order of the offer.
fn layers(media: &MediaDescription) -> Vec<String> {
    let Some(simulcast) = first(&media.attributes, "simulcast") else { return Vec::new() };
    let mut words = simulcast.split(' ');
    let mut names = Vec::new();
    while let (Some(direction), Some(list)) = (words.next(), words.next()) {
        if direction == "send" {
            // Alternatives of a layer stand behind commas; `~` is one that is paused.
            names =
                list.split(';').filter_map(|layer| layer.split(',').next()).map(|name| name.trim_start_matches('~').to_owned()).collect();
        }
    }
    names.retain(|name| !name.is_empty() && name.len() <= 16 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    names.truncate(crate::core::layers::LAYERS_MAX);
    let known = |name: &String| ["q", "h", "f"].iter().position(|known| known == name);
    if names.iter().all(|name| known(name).is_some()) {
        names.sort_by_key(known);
    }
    names
}

fn streams(media: &MediaDescription) -> Vec<(u32, Option<u32>)> {
    let groups: Vec<(u32, u32)> = values(&media.attributes, "ssrc-group")
        .filter_map(|value| {
            let mut words = value.strip_prefix("FID ")?.split(' ');
            Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
        })
        .collect();
    let mut found: Vec<(u32, Option<u32>)> = Vec::new();
    for value in values(&media.attributes, "ssrc") {
        let Some(ssrc) = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok()) else { continue };
        if found.iter().any(|(one, _)| *one == ssrc) || groups.iter().any(|(_, repair)| *repair == ssrc) {
            continue;
        }
        found.push((ssrc, groups.iter().find(|(one, _)| *one == ssrc).map(|(_, repair)| *repair)));
    }
    found.truncate(crate::core::layers::LAYERS_MAX);
    found
}

fn values<'a>(attributes: &'a [Attribute], name: &'a str) -> impl Iterator<Item = &'a str> {
    attributes.iter().filter(move |attribute| attribute.key == name).filter_map(|attribute| attribute.value.as_deref())
}

fn first<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.key == name)?.value.as_deref().map(str::trim)
}
