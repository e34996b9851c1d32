//! What of a handshake is read before it has proved whose it is. Anybody can send records in somebody's name, and the handshake
//! keeps what it cannot use yet: so there is an end to them.

/// Bytes of unproven records that are read of one participant: some sixty times what a handshake has, for repetitions.
const UNPROVEN_MAX: usize = 128 * 1024;
/// Bytes of a record's header (RFC 6347 section 4.1).
const HEADER: usize = 13;

/// Whether the other side has proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The handshake is under way.
    Wanting,
    /// It is done: records under its keys are the client's, or are thrown away.
    There,
}

/// Unproven records of one participant.
#[derive(Debug, Default)]
pub struct Unproven {
    bytes: usize,
}

impl Unproven {
    /// Whether a datagram of records may be read.
    pub fn admits(&mut self, datagram: &[u8], proof: Proof) -> bool {
        if proof == Proof::There && !has_plain_records(datagram) {
            return true;
        }
        if self.bytes + datagram.len() > UNPROVEN_MAX {
            return false;
        }
        self.bytes += datagram.len();
        true
    }
}

/// Whether a datagram has records without encryption, or something else.
fn has_plain_records(datagram: &[u8]) -> bool {
    let mut rest = datagram;
    while !rest.is_empty() {
        let Some([_, _, _, epoch @ .., _, _, _, _, _, _, high, low]) = rest.first_chunk::<HEADER>() else { return true };
        let end = HEADER + usize::from(u16::from_be_bytes([*high, *low]));
        if epoch == &[0, 0] || rest.len() < end {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(epoch: u8, length: u8) -> Vec<u8> {
        let mut record = vec![22, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 1, 0, length];
        record.resize(HEADER + usize::from(length), 7);
        record
    }

    #[test]
    fn before_the_proof_there_is_an_end_to_what_is_read() {
        for epoch in [0, 1] {
            let (mut unproven, record) = (Unproven::default(), record(epoch, 87));
            let read = (0..10_000).filter(|_| unproven.admits(&record, Proof::Wanting)).count();
            assert_eq!(read, UNPROVEN_MAX / 100);
        }
    }

    #[test]
    fn after_it_only_what_is_encrypted_is_read_without_end() {
        let (mut unproven, both) = (Unproven::default(), [record(1, 5), record(0, 5)].concat());
        for datagram in [&both[..], &record(1, 5)[..10], &record(0, 5)] {
            let admits = |_: &i32| unproven.admits(datagram, Proof::There);
            assert!((0..20_000).filter(admits).count() < 20_000);
        }
        assert!((0..20_000).all(|_| unproven.admits(&[record(1, 5), record(1, 0)].concat(), Proof::There)));
    }
}
