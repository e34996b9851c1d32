//! The last whole picture of a layer and what came after it: whoever begins with the layer right then sees at once what others
//! see, and its sender is not asked for another.

use super::leg::Incoming;
use crate::core::layers;
use std::time::{Duration, Instant};

/// Packets that are kept at most: what a receiver is sent at once.
const PACKETS_MAX: usize = 64;
/// A whole picture older than this is of no use: what came after it would be shown late.
const AGE_MAX: Duration = Duration::from_millis(600);

/// The last packets of one layer.
#[derive(Debug, Default)]
pub struct Recent {
    began: Option<Instant>,
    packets: Vec<Incoming>,
}

impl Recent {
    /// A packet has come, and has been forwarded.
    pub fn came(&mut self, packet: &Incoming, now: Instant) {
        if packet.kind == layers::Kind::KeyFrameStart {
            self.packets.clear();
            self.began = Some(now);
        }
        let Some(began) = self.began else { return };
        if self.packets.len() >= PACKETS_MAX || now.saturating_duration_since(began) > AGE_MAX {
            // What is not all of it is nothing.
            *self = Self::default();
            return;
        }
        self.packets.push(packet.clone());
    }

    /// What a receiver begins with; nothing when it would not be up to date.
    pub fn packets(&self, now: Instant) -> &[Incoming] {
        match self.began {
            Some(began) if now.saturating_duration_since(began) <= AGE_MAX => &self.packets,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{codec::Codec, layers::Layer, numbering::Numbers};
    use bytes::Bytes;

    fn packet(sequence: u16, kind: layers::Kind) -> Incoming {
        let numbers = Numbers { sequence, timestamp: 0 };
        Incoming { codec: Codec::Vp8, layer: Layer(0), numbers, marker: false, payload: Bytes::from_static(b"x"), descriptor: None, kind }
    }

    #[test]
    fn it_holds_all_since_the_last_whole_picture_or_nothing() {
        let start = Instant::now();
        let mut recent = Recent::default();
        recent.came(&packet(1, layers::Kind::Other), start);
        assert!(recent.packets(start).is_empty());
        recent.came(&packet(2, layers::Kind::KeyFrameStart), start);
        recent.came(&packet(3, layers::Kind::Other), start);
        assert_eq!(recent.packets(start).len(), 2);
        assert!(recent.packets(start + AGE_MAX * 2).is_empty());
        recent.came(&packet(4, layers::Kind::KeyFrameStart), start);
        assert_eq!(recent.packets(start).len(), 1);
        for sequence in 0..PACKETS_MAX as u16 {
            recent.came(&packet(5 + sequence, layers::Kind::Other), start);
        }
        assert!(recent.packets(start).is_empty());
    }
}
