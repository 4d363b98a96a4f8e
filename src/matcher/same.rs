//! What it is for two texts to be the same: to the byte, or with ASCII case ignored.

use crate::words::{hash, is_same, is_same_without_case, without_case};

/// A way to compare. Texts that are the same have the same hash and fold to the same bytes.
pub(super) trait Same: Clone + std::fmt::Debug {
    fn is_same(known: &[u8], text: &[u8]) -> bool;

    fn fold(byte: u8) -> u8;

    fn hash(text: &[u8], seed: u64) -> u64;
}

/// Origins.
#[derive(Clone, Debug)]
pub(super) struct ToTheByte;

impl Same for ToTheByte {
    #[inline]
    fn is_same(known: &[u8], text: &[u8]) -> bool {
        is_same(known, text)
    }

    #[inline]
    fn fold(byte: u8) -> u8 {
        byte
    }

    #[inline]
    fn hash(text: &[u8], seed: u64) -> u64 {
        hash(text, seed, |word| word)
    }
}

/// Header names.
#[derive(Clone, Debug)]
pub(super) struct IgnoringCase;

impl Same for IgnoringCase {
    /// Browsers send lower case, so the bytes are mostly the same.
    #[inline]
    fn is_same(known: &[u8], text: &[u8]) -> bool {
        is_same(known, text) || is_same_without_case(known, text)
    }

    #[inline]
    fn fold(byte: u8) -> u8 {
        byte.to_ascii_lowercase()
    }

    #[inline]
    fn hash(text: &[u8], seed: u64) -> u64 {
        hash(text, seed, without_case)
    }
}

#[cfg(test)]
mod tests {
    use super::{IgnoringCase, Same, ToTheByte};

    #[test]
    fn what_is_the_same_has_the_same_hash() {
        for name in [
            "",
            "a",
            "X-Amz",
            "Content-Type",
            "x-amz-Server-Side-Encryption-KEY",
        ] {
            let lower = name.to_ascii_lowercase();
            let (name, lower) = (name.as_bytes(), lower.as_bytes());
            assert!(IgnoringCase::is_same(lower, name));
            assert_eq!(IgnoringCase::hash(name, 0), IgnoringCase::hash(lower, 0));
            let folded: Vec<u8> = name.iter().map(|b| IgnoringCase::fold(*b)).collect();
            assert_eq!(folded, lower);
        }
        assert!(!IgnoringCase::is_same(b"a", b"b") && !IgnoringCase::is_same(b"a", b"aa"));
        // U+212A KELVIN SIGN folds to `k` in Unicode only.
        assert!(!IgnoringCase::is_same(b"k", "\u{212A}".as_bytes()));
        assert!(!ToTheByte::is_same(b"a", b"A"));
        assert_ne!(ToTheByte::hash(b"a", 0), ToTheByte::hash(b"A", 0));
        assert_ne!(IgnoringCase::hash(b"a", 0), IgnoringCase::hash(b"b", 0));
        assert_ne!(IgnoringCase::hash(b"a", 0), IgnoringCase::hash(b"a", 1));
        assert_ne!(ToTheByte::hash(b"a", 0), ToTheByte::hash(b"a", 1));
        let (one, two) = (b"12345678", b"1234567812345678");
        assert_ne!(ToTheByte::hash(one, 0), ToTheByte::hash(two, 0));
    }
}
