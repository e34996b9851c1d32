//! The words of the live protocol `vitrina.v1`: JSON texts in both directions.
//!
//! Reading is strict and bounded, since these bytes come from anybody; writing appends to one buffer, as WebSocket text
//! frames or as server-sent events.

use super::{outbox::SLOTS_MAX, topic::Topic, view::Shown};
use crate::error::{ApiError, Code, Problem};
use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use vitrina_domain::call::media::{Source, TrackState};
use vitrina_eventlog::Position;
use vitrina_media::OFFER_MAX;

/// The subprotocol's name.
pub(crate) const NAME: &str = "vitrina.v1";
/// Bytes of a text from a client: the longest legitimate one is an offer for a call's media, whose line ends JSON writes in four
/// bytes, with the words around it.
pub(crate) const FRAME_BYTES_MAX: usize = OFFER_MAX + OFFER_MAX / 8;
/// Characters of the id that a client gives its subscription; it comes back with every event.
const ID_CHARS_MAX: usize = 64;
/// Bytes of a signal's data as JSON.
const SIGNAL_BYTES_MAX: usize = 1024;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Said {
    /// Who it is, where the handshake did not say.
    Authenticate {
        /// The token.
        token: String,
    },
    /// It wants to follow something.
    Subscribe {
        /// Its own name for this.
        id: String,
        /// What.
        topic: Topic,
        /// Which one.
        #[serde(default)]
        key: Option<Uuid>,
        /// It has seen everything up to this position; absent: from now on.
        #[serde(default)]
        after: Option<i64>,
    },
    /// It does not any more.
    Unsubscribe {
        /// Its own name for it.
        id: String,
    },
    /// Something of the moment, for the others who follow the same.
    Signal {
        /// `conversation` or `call`.
        topic: Topic,
        /// Which one.
        key: Uuid,
        /// What.
        signal: Kind,
        /// The rest.
        #[serde(default)]
        data: Value,
    },
    /// It wants to be connected to a call's media, or goes on anew after a change of networks or for more lines.
    Offer {
        /// The call.
        call: Uuid,
        /// Its own id for this presence; coming back is another one.
        participant: Uuid,
        /// The offer.
        sdp: String,
        /// mobile, tablet, desktop or unknown.
        #[serde(default)]
        device: Option<String>,
    },
    /// It turns one of its tracks on or off.
    Media {
        /// The call.
        call: Uuid,
        /// Its presence.
        participant: Uuid,
        /// Which track.
        track: Source,
        /// How it is to be.
        state: TrackState,
    },
    /// It shows somebody's picture in this size: no larger layer is of use.
    Show {
        /// The call.
        call: Uuid,
        /// Its presence.
        participant: Uuid,
        /// Whose picture.
        of: Uuid,
        /// Which.
        track: Source,
        /// How large.
        size: Size,
    },
    /// It wants to be told over this connection what comes on its lines: after a connection was lost that was told before.
    Lines {
        /// The call.
        call: Uuid,
        /// Its presence.
        participant: Uuid,
    },
    /// It leaves the call's media.
    Leave {
        /// The call.
        call: Uuid,
        /// Its presence.
        participant: Uuid,
    },
    /// Is anybody there?
    Ping {},
}

/// How large a picture is shown: the sizes of a sender's layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    Small,
    Medium,
    Large,
}

/// What can be signalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Somebody is typing.
    Typing,
    /// Somebody has read as far as `data` says.
    Read,
    /// Somebody is there, or not.
    Presence,
    /// Somebody asks the others for something, or answers: `data` says what.
    Ask,
}

impl Kind {
    /// The name in the protocol.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Read => "read",
            Self::Presence => "presence",
            Self::Ask => "ask",
        }
    }
}

/// What the text says.
pub(crate) fn parse(text: &[u8]) -> Result<Said, ApiError> {
    // The shape first, so that a typing error is not called bad JSON.
    let value: Value =
        serde_json::from_slice(text).map_err(|error| ApiError::new(Code::MalformedJson, format!("a frame is a JSON object: {error}")))?;
    let said: Said = serde_json::from_value(value).map_err(|error| ApiError::new(Code::InvalidBody, error.to_string()))?;
    match &said {
        Said::Subscribe { id, .. } if id.is_empty() || id.chars().count() > ID_CHARS_MAX => {
            Err(ApiError::field("/id", "length", format!("1 to {ID_CHARS_MAX} characters of your own choice")))
        }
        Said::Signal { topic, .. } if !matches!(topic, Topic::Conversation | Topic::Call) => {
            Err(ApiError::field("/topic", "no_signals", "signals are about a conversation or a call"))
        }
        Said::Signal { data, .. } if !(data.is_object() || data.is_null()) || data.to_string().len() > SIGNAL_BYTES_MAX => {
            Err(ApiError::field("/data", "unusable", format!("an object of at most {SIGNAL_BYTES_MAX} bytes")))
        }
        _ => Ok(said),
    }
}

/// What the server says, besides events and signals.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Says<'a> {
    /// The caller is known.
    Welcome {
        /// Where the log stands.
        position: i64,
        /// The connection, as it is named in presence.
        connection_id: Uuid,
    },
    /// The subscription begins.
    Subscribed {
        /// The client's name for it.
        id: &'a str,
        /// Events after this follow.
        position: i64,
    },
    /// What was written before has been sent; now comes what is being written.
    CaughtUp {
        /// The client's name for it.
        id: &'a str,
        /// Everything up to here.
        position: i64,
    },
    /// The subscription has ended because its reader was too slow.
    Resume {
        /// The client's name for it.
        id: &'a str,
        /// Subscribe again after this.
        after: i64,
        /// Why.
        reason: &'static str,
    },
    /// It was asked for.
    Unsubscribed {
        /// The client's name for it.
        id: &'a str,
    },
    /// What was asked for is refused.
    Error {
        /// The client's name for the subscription that it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// The presence that it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        participant: Option<Uuid>,
        /// What was asked for it: `offer`, `media`, `show` or `leave`.
        #[serde(skip_serializing_if = "Option::is_none")]
        asked: Option<&'static str>,
        /// Why.
        problem: Box<Problem>,
    },
    /// The answer to a ping.
    Pong {},
    /// The credential holds no more.
    Revoked {},
}

impl Says<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Welcome { .. } => "welcome",
            Self::Subscribed { .. } => "subscribed",
            Self::CaughtUp { .. } => "caught_up",
            Self::Resume { .. } => "resume",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::Error { .. } => "error",
            Self::Pong {} => "pong",
            Self::Revoked {} => "revoked",
        }
    }
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// RFC 6455 text frames.
    WebSocket,
    /// The event stream of HTML.
    EventStream,
}

/// What is to be sent, as bytes.
#[derive(Debug)]
pub(crate) struct Out {
    /// How it is written.
    pub format: Format,
    /// Not sent yet.
    pub bytes: BytesMut,
    /// Texts since they were last counted.
    pub frames: u64,
}

impl Out {
    /// Nothing.
    pub(crate) fn new(format: Format) -> Self {
        Self { format, bytes: BytesMut::new(), frames: 0 }
    }

    /// An event for the subscriptions of these ids.
    pub(crate) fn event<'a>(&mut self, ids: impl Iterator<Item = &'a str>, shown: &Shown) {
        match self.format {
            Format::WebSocket => self.shared("event", ids, &shown.body),
            Format::EventStream => {
                let head = format!("id: {}\nevent: {}\ndata: {{", shown.position, shown.event_type);
                self.parts(&[head.as_bytes(), &shown.body, b"\n\n"]);
            }
        }
    }

    /// A signal for the subscriptions of these ids.
    pub(crate) fn signal<'a>(&mut self, ids: impl Iterator<Item = &'a str>, body: &Bytes) {
        match self.format {
            Format::WebSocket => self.shared("signal", ids, body),
            Format::EventStream => self.parts(&[b"event: signal\ndata: {", body, b"\n\n"]),
        }
    }

    /// A whole text that was put together elsewhere.
    pub(crate) fn text(&mut self, text: &[u8]) {
        match self.format {
            Format::WebSocket => {
                self.header(text.len());
                self.parts(&[text]);
            }
            Format::EventStream => self.parts(&[b"data: ", text, b"\n\n"]),
        }
    }

    /// Anything else.
    pub(crate) fn say(&mut self, says: &Says<'_>) {
        let text = serde_json::to_vec(says).expect("what the server says is plain data");
        match self.format {
            Format::WebSocket => {
                self.header(text.len());
                self.parts(&[&text]);
            }
            Format::EventStream => self.parts(&[b"event: ", says.name().as_bytes(), b"\ndata: ", &text, b"\n\n"]),
        }
    }

    /// That the stream stands here, so that a reader who comes back after a quiet time need not begin further back.
    pub(crate) fn standing(&mut self, position: Position) {
        self.parts(&[format!("id: {position}\n\n").as_bytes()]);
    }

    /// That somebody is there.
    pub(crate) fn comment(&mut self) {
        self.parts(&[b":\n\n"]);
    }

    fn shared<'a>(&mut self, kind: &str, ids: impl Iterator<Item = &'a str>, body: &Bytes) {
        let mut named: [&str; SLOTS_MAX] = [""; SLOTS_MAX];
        let count = ids.zip(&mut named).map(|(id, place)| *place = id).count();
        let ids = serde_json::to_string(&named[..count]).expect("texts are JSON");
        let head = format!("{{\"type\":\"{kind}\",\"ids\":{ids},");
        self.header(head.len() + body.len());
        self.parts(&[head.as_bytes(), body]);
    }

    fn parts(&mut self, parts: &[&[u8]]) {
        self.frames += 1;
        self.bytes.reserve(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| self.bytes.put_slice(part));
    }

    /// Head of an unmasked, unfragmented text frame (RFC 6455 section 5.2).
    fn header(&mut self, length: usize) {
        /// FIN and the opcode of text.
        const TEXT: u8 = 0x81;
        self.bytes.put_u8(TEXT);
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ ..=125), _) => self.bytes.put_u8(short),
            (_, Ok(medium)) => {
                self.bytes.put_u8(126);
                self.bytes.put_u16(medium);
            }
            _ => {
                self.bytes.put_u8(127);
                self.bytes.put_u64(length as u64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> Result<Said, ApiError> {
        parse(text.as_bytes())
    }

    #[test]
    fn the_longest_offer_finds_room_in_a_text() {
        // Short lines: JSON writes an end of line in four bytes.
        let sdp = "a=rtcp-rsize-some\r\n".repeat(OFFER_MAX / 19);
        let (call, participant) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let text =
            serde_json::json!({"type": "offer", "call": call, "participant": participant, "sdp": sdp, "device": "desktop"}).to_string();
        assert!(text.len() <= FRAME_BYTES_MAX, "{} bytes", text.len());
        assert!(matches!(said(&text), Ok(Said::Offer { .. })));
    }

    #[test]
    fn what_a_client_may_say_is_understood() {
        let key = "00000000-0000-0000-0000-000000000007";
        assert_eq!(
            said(&format!(r#"{{"type":"subscribe","id":"a","topic":"call","key":"{key}","after":3}}"#)).unwrap(),
            Said::Subscribe { id: "a".to_owned(), topic: Topic::Call, key: Some(Uuid::from_u128(7)), after: Some(3) }
        );
        assert!(matches!(said(r#"{"type":"subscribe","id":"a","topic":"queue"}"#), Ok(Said::Subscribe { after: None, key: None, .. })));
        assert!(matches!(said(&format!(r#"{{"type":"signal","topic":"call","key":"{key}","signal":"typing"}}"#)), Ok(Said::Signal { .. })));
        assert_eq!(said(r#"{"type":"ping"}"#).unwrap(), Said::Ping {});
        let of_call = format!(r#""call":"{key}","participant":"{key}""#);
        assert!(matches!(said(&format!(r#"{{"type":"offer",{of_call},"sdp":"v=0"}}"#)), Ok(Said::Offer { device: None, .. })));
        assert!(matches!(
            said(&format!(r#"{{"type":"media",{of_call},"track":"camera","state":"off"}}"#)),
            Ok(Said::Media { track: Source::Camera, state: TrackState::Off, .. })
        ));
        assert!(matches!(
            said(&format!(r#"{{"type":"show",{of_call},"of":"{key}","track":"camera","size":"small"}}"#)),
            Ok(Said::Show { size: Size::Small, .. })
        ));
        assert!(matches!(said(&format!(r#"{{"type":"lines",{of_call}}}"#)), Ok(Said::Lines { .. })));
        assert!(matches!(said(&format!(r#"{{"type":"leave",{of_call}}}"#)), Ok(Said::Leave { .. })));
    }

    #[test]
    fn what_it_may_not_is_refused_with_a_reason() {
        let code = |text: &str| said(text).unwrap_err().code();
        assert_eq!(code("["), Code::MalformedJson);
        assert_eq!(code("[]"), Code::InvalidBody);
        assert_eq!(code(r#"{"type":"subscribe","id":"a","topic":"everything"}"#), Code::InvalidBody);
        assert_eq!(code(r#"{"type":"subscribe","id":"a","topic":"queue","afterwards":1}"#), Code::InvalidBody);
        assert_eq!(code(r#"{"type":"subscribe","id":"","topic":"queue"}"#), Code::InvalidField);
    }

    fn payloads(mut bytes: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        while let [0x81, short, rest @ ..] = bytes {
            let (length, rest) = match short {
                126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
                127 => (usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap(), &rest[8..]),
                short => (usize::from(*short), rest),
            };
            lengths.push(length);
            bytes = &rest[length..];
        }
        assert!(bytes.is_empty());
        lengths
    }

    #[test]
    fn a_frames_head_tells_its_length_whatever_the_length() {
        let mut out = Out::new(Format::WebSocket);
        for length in [0_usize, 80, 200, 70_000] {
            let body = Bytes::from(vec![b'x'; length]);
            out.event(["a"].into_iter(), &Shown { position: Position(1), event_type: String::new(), body });
        }
        let head = r#"{"type":"event","ids":["a"],"#.len();
        assert_eq!(payloads(&out.bytes), [head, head + 80, head + 200, head + 70_000]);
    }

    proptest! {
        #[test]
        fn no_bytes_from_outside_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_json_from_outside_ends_in_a_panic(kind in "(subscribe|unsubscribe|signal|ping|authenticate|x)?", id in any::<String>(), after in any::<i64>()) {
            let frame = serde_json::json!({"type": kind, "id": id, "topic": "queue", "after": after});
            let _ = parse(frame.to_string().as_bytes());
        }
    }
}
