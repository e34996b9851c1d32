//! How sound and pictures are coded. Nothing is decoded or coded anew here: who gets a track has to take its codec.

/// A codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Sound (RFC 7587); clock of 48 kHz.
    Opus,
    /// Pictures (RFC 7741); clock of 90 kHz.
    Vp8,
    /// Pictures (RFC 6184, packetization mode 1); clock of 90 kHz.
    H264,
}

impl Codec {
    /// Those of pictures, the one that is rather used first: every browser has both, and recordings of the first play everywhere.
    pub const PICTURES: [Self; 2] = [Self::Vp8, Self::H264];

    /// Its name in an offer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus/48000/2",
            Self::Vp8 => "VP8/90000",
            Self::H264 => "H264/90000",
        }
    }
}
