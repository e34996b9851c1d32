//! Reading a line piece by piece. Strict: each value has one way to be written, so that no byte can be changed unseen.

use crate::chain::Hash;
use std::borrow::Cow;
use uuid::Uuid;

/// What is left of a line, and what was expected where it differed.
pub(super) struct Scan<'a> {
    rest: &'a [u8],
}

/// What was expected and is not there.
pub(super) type Scanned<T> = Result<T, &'static str>;

impl<'a> Scan<'a> {
    pub fn new(line: &'a [u8]) -> Self {
        Self { rest: line }
    }

    /// Exactly this text.
    pub fn word(&mut self, word: &'static str) -> Scanned<()> {
        self.rest = self.rest.strip_prefix(word.as_bytes()).ok_or(word)?;
        Ok(())
    }

    /// Whether this text comes next; then it is taken.
    pub fn takes(&mut self, word: &'static str) -> bool {
        self.word(word).is_ok()
    }

    fn bytes(&mut self, count: usize, expected: &'static str) -> Scanned<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(expected)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A number from 0 on, without leading zeros.
    pub fn number(&mut self) -> Scanned<i64> {
        const EXPECTED: &str = "a number";
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = self.bytes(count, EXPECTED)?;
        if digits.is_empty() || (digits.len() > 1 && digits[0] == b'0') {
            return Err(EXPECTED);
        }
        digits.iter().try_fold(0_i64, |number, digit| number.checked_mul(10)?.checked_add(i64::from(digit - b'0'))).ok_or(EXPECTED)
    }

    /// A UUID in quotes, lower case.
    pub fn id(&mut self) -> Scanned<Uuid> {
        const EXPECTED: &str = "an id in quotes";
        let text = self.bytes(38, EXPECTED)?;
        let mut id = [0; 16];
        let mut pairs = 0;
        let mut at = 1;
        while pairs < 16 {
            if matches!(at, 9 | 14 | 19 | 24) {
                if text[at] != b'-' {
                    return Err(EXPECTED);
                }
                at += 1;
            }
            id[pairs] = pair(text[at], text[at + 1]).ok_or(EXPECTED)?;
            (pairs, at) = (pairs + 1, at + 2);
        }
        if text[0] == b'"' && text[37] == b'"' { Ok(Uuid::from_bytes(id)) } else { Err(EXPECTED) }
    }

    /// A hash in quotes, lower-case hexadecimal.
    pub fn hash(&mut self) -> Scanned<Hash> {
        const EXPECTED: &str = "a hash in quotes";
        let text = self.bytes(66, EXPECTED)?;
        let mut hash = [0; 32];
        for (byte, digits) in hash.iter_mut().zip(text[1..65].chunks_exact(2)) {
            *byte = pair(digits[0], digits[1]).ok_or(EXPECTED)?;
        }
        if text[0] == b'"' && text[65] == b'"' { Ok(hash) } else { Err(EXPECTED) }
    }

    /// An instant in quotes, `2026-03-01T12:00:00.000000Z`, as microseconds since 1970.
    pub fn instant(&mut self) -> Scanned<i64> {
        const EXPECTED: &str = "an instant with microseconds, in quotes";
        let text = self.bytes(29, EXPECTED)?;
        let marks = [(0, b'"'), (5, b'-'), (8, b'-'), (11, b'T'), (14, b':'), (17, b':'), (20, b'.'), (27, b'Z'), (28, b'"')];
        if marks.iter().any(|(at, mark)| text[*at] != *mark) {
            return Err(EXPECTED);
        }
        let part = |range: std::ops::Range<usize>| {
            text[range].iter().try_fold(0_i64, |n, digit| digit.is_ascii_digit().then(|| n * 10 + i64::from(digit - b'0'))).ok_or(EXPECTED)
        };
        let (year, month, day) = (part(1..5)?, part(6..8)?, part(9..11)?);
        let (hour, minute, second, micros) = (part(12..14)?, part(15..17)?, part(18..20)?, part(21..27)?);
        let days_of_month = match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if !(1..=12).contains(&month) || !(1..=days_of_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return Err(EXPECTED);
        }
        Ok((((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros)
    }

    /// A text in quotes, escaped as JSON is.
    pub fn text(&mut self) -> Scanned<Cow<'a, str>> {
        const EXPECTED: &str = "a text in quotes";
        self.word("\"").map_err(|_| EXPECTED)?;
        let mut end = 0;
        let mut is_plain = true;
        loop {
            match self.rest.get(end).ok_or(EXPECTED)? {
                b'"' => break,
                b'\\' => (end, is_plain) = (end + 2, false),
                0..=31 => return Err(EXPECTED),
                _ => end += 1,
            }
        }
        let inner = self.bytes(end, EXPECTED)?;
        self.bytes(1, EXPECTED)?;
        let inner = std::str::from_utf8(inner).map_err(|_| EXPECTED)?;
        if is_plain {
            return Ok(Cow::Borrowed(inner));
        }
        let text: String = serde_json::from_str(&format!("\"{inner}\"")).map_err(|_| EXPECTED)?;
        // The one way in which it is written.
        if serde_json::to_string(&text).is_ok_and(|again| again[1..again.len() - 1] == *inner) {
            Ok(Cow::Owned(text))
        } else {
            Err(EXPECTED)
        }
    }

    /// All that is left.
    pub fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// Nothing is left.
    pub fn end(self) -> Scanned<()> {
        if self.rest.is_empty() { Ok(()) } else { Err("the end of the line") }
    }
}

/// Two lower-case hexadecimal digits.
fn pair(high: u8, low: u8) -> Option<u8> {
    let (high, low) = (DIGITS[high as usize], DIGITS[low as usize]);
    (high | low < 16).then_some(high << 4 | low)
}

/// The value of each lower-case hexadecimal digit; 255 for every other byte.
static DIGITS: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Days since 1970 of a date of the Gregorian calendar from the year 0 on.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the day that comes and goes is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// Lower-case hexadecimal.
pub(super) fn hex(hash: &Hash, out: &mut Vec<u8>) {
    for byte in hash {
        out.extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[digit as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn instants_are_read_as_the_library_of_time_writes_them(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            let text = DateTime::from_timestamp_micros(micros).unwrap().to_rfc3339_opts(SecondsFormat::Micros, true);
            prop_assert_eq!(Scan::new(format!("\"{text}\"").as_bytes()).instant(), Ok(micros));
        }

        #[test]
        fn texts_are_read_as_they_are_written_and_in_no_other_way(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(&*Scan::new(written.as_bytes()).text().unwrap(), &*text);
        }
    }

    #[test]
    fn what_could_be_written_in_two_ways_is_read_in_one() {
        assert!(Scan::new(b"007").number().is_err());
        assert!(Scan::new(b"\"\\u0041\"").text().is_err());
        assert!(Scan::new(b"\"2026-02-29T00:00:00.000000Z\"").instant().is_err());
        assert!(Scan::new(b"\"0192F0C0-0000-7000-8000-000000000000\"").id().is_err());
        assert!(Scan::new(b"\"0192f0c0-0000-7000-8000-000000000000\"").id().is_ok());
    }
}
