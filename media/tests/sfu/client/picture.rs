//! Payloads that say whose they are: a mark, a layer and a number in what otherwise looks like a picture.

/// A picture of one packet, with everything that an SFU may look at.
pub fn picture(number: u16, is_key: bool, mark: u8, layer: u8, size: usize) -> Vec<u8> {
    let [high, low] = (number & 0x7fff).to_be_bytes();
    let mut payload =
        vec![0x90, 0xe0, 0x80 | high, low, low, 0x00, u8::from(!is_key), 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01, mark, layer];
    payload.resize(size, 0);
    payload
}

/// The same in H.264: parameters and a whole picture together, or one that needs another.
pub fn coarse_picture(is_key: bool, mark: u8, layer: u8, size: usize) -> Vec<u8> {
    let [high, low] = (size as u16 - 15).to_be_bytes();
    let mut payload = vec![0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 4, 0x68, 0xce, 0x3c, 0x80, high, low, 0x65];
    if !is_key {
        payload[0] = 0x41;
    }
    payload.extend([mark, layer]);
    payload.resize(size, 0);
    payload
}

/// Who made a picture, and which layer it is of.
pub fn origin(payload: &[u8]) -> (u8, u8) {
    (payload[16], payload[17])
}

pub fn picture_number(payload: &[u8]) -> u16 {
    u16::from_be_bytes([payload[2] & 0x7f, payload[3]])
}

/// The number at its sender of a packet that came.
pub fn number(payload: &[u8]) -> u32 {
    u32::from_be_bytes(*payload.last_chunk().unwrap())
}
