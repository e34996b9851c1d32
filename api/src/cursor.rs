//! Cursors of lists: opaque to the caller, pinned to the position of the first page, so that all pages are of one
//! moment and none repeats or skips a row.

use crate::{
    body::fingerprint,
    error::{ApiError, Code, Result},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Rises when the shape changes; an older cursor is then refused, and the caller begins again.
const SHAPE: u8 = 1;

/// A NUL character as JSON.
const NUL: &[u8] = br"\u0000";

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor<K> {
    v: u8,
    /// The position that the list is read at.
    p: i64,
    /// The key of the last row given.
    k: K,
    /// The filters that the list was begun with.
    f: String,
}

/// The cursor after this row.
pub(crate) fn write<K: Serialize>(position: i64, after: &K, filters: &str) -> String {
    let cursor = Cursor { v: SHAPE, p: position, k: after, f: hash(filters) };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).expect("a cursor is plain data"))
}

/// Position and last key of a cursor of a list with these filters.
pub(crate) fn read<K: DeserializeOwned>(text: &str, filters: &str) -> Result<(i64, K)> {
    let refused = |detail: &str| ApiError::of_field(Code::InvalidCursor, "cursor", "unusable", detail);
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused("this is not a cursor of this server; begin without it"))?;
    // No key of ours has a NUL in it, and PostgreSQL would not take it.
    if bytes.windows(NUL.len()).any(|window| window == NUL) {
        return Err(refused("this is not a cursor of this list; begin without it"));
    }
    let cursor: Cursor<K> = serde_json::from_slice(&bytes).map_err(|_| refused("this is not a cursor of this list; begin without it"))?;
    if cursor.v != SHAPE || cursor.p < 0 {
        return Err(refused("this cursor is of another release; begin without it"));
    }
    if cursor.f != hash(filters) {
        return Err(refused("this cursor was begun with other filters; keep them, or begin without it"));
    }
    Ok((cursor.p, cursor.k))
}

fn hash(filters: &str) -> String {
    URL_SAFE_NO_PAD.encode(&fingerprint(filters.as_bytes())[..6])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_reads_back_with_its_own_filters_only() {
        let text = write(42, &("b".to_owned(), 7), "calls status=live");
        assert_eq!(read::<(String, i32)>(&text, "calls status=live").unwrap(), (42, ("b".to_owned(), 7)));
        assert_eq!(read::<(String, i32)>(&text, "calls").unwrap_err().code(), Code::InvalidCursor);
        assert!(read::<(String, i32)>("nonsense", "calls").is_err());
        assert!(read::<(String, i32)>(&text[1..], "calls status=live").is_err());
    }

    proptest! {
        #[test]
        fn no_text_from_outside_ends_in_a_panic(text in any::<String>()) {
            let _ = read::<(String, i32)>(&text, "calls");
        }

        #[test]
        fn no_json_under_the_encoding_ends_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = read::<(String, i32)>(&URL_SAFE_NO_PAD.encode(bytes), "calls");
        }

        #[test]
        fn every_cursor_reads_back(position in 0..i64::MAX, name in "[^\\x00]{0,20}", number: i32, filters: String) {
            let text = write(position, &(name.clone(), number), &filters);
            prop_assert_eq!(read::<(String, i32)>(&text, &filters).unwrap(), (position, (name, number)));
        }
    }
}
