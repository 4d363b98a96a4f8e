//! A map from texts to the rules that list them.

use std::collections::BTreeMap;

use super::mask::RuleMask;

/// Texts, each with its rules. Up to [`IN_TURN`] of them are compared in turn; more are found by
/// their hash.
#[derive(Clone, Debug)]
pub(super) struct Table<M> {
    /// All texts, one behind the other.
    text: Box<[u8]>,
    keys: Box<[Key<M>]>,
    /// Open addressing, at most half full; a power of two, or none where keys are compared in turn.
    slots: Box<[Slot]>,
}

#[derive(Clone, Copy, Debug)]
struct Key<M> {
    /// Where it ends in the text. It starts where the one before ends.
    end: u32,
    rules: M,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The upper half of the hash: a wrong key is hardly ever looked at.
    tag: u32,
    /// The key's number, counted from 1. 0 is free.
    key: u32,
}

/// As many are as quick to compare as to hash.
pub(super) const IN_TURN: usize = 3;

impl<M: RuleMask> Table<M> {
    /// Every text with its rules, by the order of the texts; `hash` is what [`get`](Self::get) will
    /// be called with for a text.
    pub(super) fn new(rules: &BTreeMap<&[u8], M>, hash: impl Fn(&[u8]) -> u64) -> Self {
        let mut text = Vec::new();
        let mut keys = Vec::with_capacity(rules.len());
        for (key, rules) in rules {
            text.extend_from_slice(key);
            keys.push(Key {
                // A text of 4 GiB is beyond any document and any memory that matters.
                end: u32::try_from(text.len()).unwrap_or(u32::MAX),
                rules: *rules,
            });
        }
        let hashes = rules.keys().map(|key| hash(key));
        let slots = if keys.len() > IN_TURN {
            slots(hashes.collect())
        } else {
            Box::default()
        };
        Self {
            text: text.into(),
            keys: keys.into(),
            slots,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The rules of the text that `is`, if there is one. `hash` is asked only where it counts.
    #[inline]
    pub(super) fn get(&self, hash: impl FnOnce() -> u64, is: impl Fn(&[u8]) -> bool) -> Option<M> {
        if self.slots.is_empty() {
            return self.get_in_turn(is);
        }
        let hash = hash();
        let mut slot = hash;
        loop {
            let Slot { tag: seen, key } = self.slots.get(within(slot, self.slots.len()))?;
            let key = usize::try_from(*key).ok()?.checked_sub(1)?; // none: the slot is free
            if *seen == tag(hash) && is(self.key_text(key)?) {
                return self.keys.get(key).map(|key| key.rules);
            }
            slot = slot.wrapping_add(1);
        }
    }

    fn get_in_turn(&self, is: impl Fn(&[u8]) -> bool) -> Option<M> {
        let mut start = 0;
        for key in &self.keys {
            let end = key.end as usize;
            if self.text.get(start..end).is_some_and(&is) {
                return Some(key.rules);
            }
            start = end;
        }
        None
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], M)> {
        let text = |n| self.key_text(n).unwrap_or_default();
        self.keys
            .iter()
            .enumerate()
            .map(move |(n, key)| (text(n), key.rules))
    }

    fn key_text(&self, key: usize) -> Option<&[u8]> {
        let end = self.keys.get(key)?.end as usize;
        let before = key.checked_sub(1).and_then(|before| self.keys.get(before));
        let start = before.map_or(0, |before| before.end as usize);
        self.text.get(start..end)
    }
}

fn slots(hashes: Vec<u64>) -> Box<[Slot]> {
    let size = (hashes.len() * 2).next_power_of_two();
    let mut slots = vec![Slot::default(); size];
    for (hash, key) in hashes.into_iter().zip(1..) {
        let mut slot = hash;
        // Half of them are free, so the walk ends.
        while let Some(taken) = slots.get_mut(within(slot, size)) {
            if taken.key == 0 {
                *taken = Slot {
                    tag: tag(hash),
                    key,
                };
                break;
            }
            slot = slot.wrapping_add(1);
        }
    }
    slots.into()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower bits are what is wanted"
)]
fn within(slot: u64, slots: usize) -> usize {
    slot as usize & (slots - 1)
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A hash of bytes as they are. It need not withstand floods: the keys are the bucket owner's, and
/// no more than a document holds.
#[inline]
pub(super) fn hash(bytes: &[u8]) -> u64 {
    hash_words(bytes, 0)
}

/// The same for every spelling of a header name. (It also makes a few other bytes alike, such as
/// `@` and a backtick: a hash may.)
#[inline]
pub(super) fn hash_ignoring_case(name: &[u8]) -> u64 {
    hash_words(name, 0x2020_2020_2020_2020)
}

/// Words of eight bytes, the last one overlapping the one before, each mixed in by a multiplication
/// of which both halves are kept.
#[inline]
fn hash_words(bytes: &[u8], fold: u64) -> u64 {
    let mut hash = bytes.len() as u64;
    let Some(last) = bytes.last_chunk::<8>() else {
        return mix(hash, short_word(bytes) | fold);
    };
    for word in bytes.chunks_exact(8) {
        let word = word
            .first_chunk()
            .map_or(0, |word| u64::from_le_bytes(*word));
        hash = mix(hash, word | fold);
    }
    mix(hash, u64::from_le_bytes(*last) | fold)
}

/// Fewer than eight bytes: two halves that may overlap, or up to three bytes.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => bytes.iter().fold(0, |word, &b| word << 8 | u64::from(b)),
    }
}

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    const ODD: u128 = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio
    let product = u128::from(hash.rotate_left(29) ^ word) * ODD;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the other half is shifted in"
    )]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Table, hash, hash_ignoring_case};

    /// Past the change from turn to hash, with texts of every length around a word.
    #[test]
    fn gives_what_was_put_in_and_nothing_else() {
        for size in (0..40).chain([100, 1_000]) {
            let texts: Vec<String> = (0..size)
                .map(|n| format!("{n}{}", "a".repeat(n % 23)))
                .collect();
            let rules: BTreeMap<&[u8], u128> = texts
                .iter()
                .zip(1..)
                .map(|(text, n)| (text.as_bytes(), n))
                .collect();
            let table = Table::new(&rules, hash);
            let get = |text: &[u8]| table.get(|| hash(text), |key| key == text);
            for (text, its) in &rules {
                assert_eq!(get(text), Some(*its));
                for near in [&text[1..], &[*text, b"a"].concat()] {
                    assert_eq!(get(near), rules.get(near).copied());
                }
            }
            assert_eq!(get(b"no"), None);
            assert_eq!(table.iter().count(), size);
        }
    }

    #[test]
    fn the_hash_of_a_name_ignores_case() {
        for name in [
            "",
            "a",
            "X-Amz",
            "Content-Type",
            "x-amz-Server-Side-Encryption-KEY",
        ] {
            let lower = name.to_ascii_lowercase();
            assert_eq!(
                hash_ignoring_case(name.as_bytes()),
                hash_ignoring_case(lower.as_bytes())
            );
        }
        assert_ne!(hash(b"a"), hash(b"A"));
        assert_ne!(hash(b"12345678"), hash(b"1234567812345678"));
    }
}
