//! Picture numbers of one outgoing VP8 stream (RFC 7741 section 4.2, PictureID and TL0PICIDX): a decoder that meets a jump
//! throws pictures away, so they go on over a change of the layer as sequence numbers do.

use super::vp8::Descriptor;

/// How much is added to the numbers of the present source.
#[derive(Debug, Clone, Copy, Default)]
struct Later {
    picture: u16,
    base_picture: u8,
}

/// Gives one outgoing stream its picture numbers.
#[derive(Debug, Default)]
pub struct Pictures {
    later: Later,
    /// The last numbers that went out.
    last: Option<(u16, u8)>,
}

impl Pictures {
    /// The stream goes on from another source, whose key frame begins with this descriptor.
    pub fn switch(&mut self, first: &Descriptor) {
        let Some((picture, base_picture)) = self.last else { return };
        let number = first.picture.map_or(0, |picture| picture.number);
        let base_number = first.base_picture.map_or(0, |field| field.value);
        self.later = Later {
            picture: picture.wrapping_add(1).wrapping_sub(number),
            base_picture: base_picture.wrapping_add(1).wrapping_sub(base_number),
        };
    }

    /// Writes the outgoing numbers into a packet of the present source.
    pub fn write(&mut self, descriptor: &Descriptor, payload: &mut [u8]) {
        let (mut out, mut base_out) = self.last.unwrap_or_default();
        let mut is_newer = self.last.is_none();
        if let Some(picture) = descriptor.picture {
            let number = picture.width.wrap(picture.number.wrapping_add(self.later.picture));
            picture.write(payload, number);
            // A late packet does not take the numbers back.
            is_newer |= picture.width.wrap(number.wrapping_sub(out)) <= picture.width.wrap(u16::MAX) / 2;
            out = if is_newer { number } else { out };
        }
        if let Some(field) = descriptor.base_picture {
            let number = field.value.wrapping_add(self.later.base_picture);
            payload[field.at] = number;
            base_out = if is_newer { number } else { base_out };
        }
        self.last = Some((out, base_out));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: u16, base: u8) -> [u8; 7] {
        let [high, low] = number.to_be_bytes();
        [0x90, 0xe0, 0x80 | high, low, base, 0x00, 0x00]
    }

    fn sent(pictures: &mut Pictures, number: u16, base: u8) -> (u16, u8) {
        let mut payload = packet(number, base);
        let descriptor = Descriptor::parse(&payload).unwrap();
        pictures.write(&descriptor, &mut payload);
        let written = Descriptor::parse(&payload).unwrap();
        (written.picture.unwrap().number, written.base_picture.unwrap().value)
    }

    #[test]
    fn numbers_go_on_over_a_change_of_the_source() {
        let mut pictures = Pictures::default();
        assert_eq!(sent(&mut pictures, 0x7ffe, 254), (0x7ffe, 254));
        assert_eq!(sent(&mut pictures, 0x7fff, 255), (0x7fff, 255));
        pictures.switch(&Descriptor::parse(&packet(900, 40)).unwrap());
        assert_eq!(sent(&mut pictures, 900, 40), (0, 0));
        assert_eq!(sent(&mut pictures, 901, 41), (1, 1));
    }

    #[test]
    fn a_late_packet_has_its_number_and_moves_nothing() {
        let mut pictures = Pictures::default();
        for number in 10..13 {
            sent(&mut pictures, number, 0);
        }
        assert_eq!(sent(&mut pictures, 11, 0).0, 11);
        pictures.switch(&Descriptor::parse(&packet(500, 0)).unwrap());
        assert_eq!(sent(&mut pictures, 500, 0).0, 13);
    }
}
