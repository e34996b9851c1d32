//! Putting a statement together at compile time, and the one rewriting that SQLite needs.

/// A statement of several parts, joined at compile time: `sql!("SELECT ", QueueRow::COLUMNS, " FROM queue …")`.
macro_rules! sql {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const BYTES: [u8; $crate::sql::joined_len(PARTS)] = $crate::sql::join(PARTS);
        const TEXT: &str = match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("parts of text join to text"),
        };
        TEXT
    }};
}
pub(crate) use sql;

/// How many bytes the parts have.
#[doc(hidden)]
pub const fn joined_len(parts: &[&str]) -> usize {
    let (mut len, mut i) = (0, 0);
    while i < parts.len() {
        len += parts[i].len();
        i += 1;
    }
    len
}

/// The parts one after the other.
#[doc(hidden)]
pub const fn join<const LEN: usize>(parts: &[&str]) -> [u8; LEN] {
    let mut joined = [0; LEN];
    let (mut at, mut i) = (0, 0);
    while i < parts.len() {
        let part = parts[i].as_bytes();
        let mut j = 0;
        while j < part.len() {
            joined[at] = part[j];
            at += 1;
            j += 1;
        }
        i += 1;
    }
    joined
}

/// `$n` as SQLite's `?n`: it numbers `$name` by first appearance, `?n` by its number.
pub(super) fn numbered(statement: &str) -> String {
    statement.replace('$', "?")
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_are_joined_in_their_order() {
        assert_eq!(sql!("SELECT ", "a", " FROM b"), "SELECT a FROM b");
    }

    #[test]
    fn parameters_keep_their_numbers_on_sqlite() {
        assert_eq!(super::numbered("a = $2 AND b = $10"), "a = ?2 AND b = ?10");
    }
}
