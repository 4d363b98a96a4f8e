//! Text eight bytes at a time, as one integer: how the hot path searches, compares and hashes it.

use std::hash::{BuildHasher, Hasher, RandomState};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The eight bytes from `at` on, the first one lowest; zeros stand for what is beyond the end.
#[inline]
pub(crate) fn word_at(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(word) = rest.first_chunk() {
        return u64::from_le_bytes(*word);
    }
    match text.last_chunk() {
        // The text's last eight bytes, less those before `at`.
        Some(last) if !rest.is_empty() => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        Some(_) => 0,
        None => rest
            .iter()
            .rev()
            .fold(0, |word, &b| word << 8 | u64::from(b)),
    }
}

/// The high bit of every byte of the word that is a comma.
#[inline]
pub(crate) fn commas(word: u64) -> u64 {
    // Zero where a comma is. Any other byte has a bit left: one of the lower seven carries into the
    // high bit when 0x7F is added, and the high bit itself is or-ed in.
    let others = word ^ (ONES * 0x2C);
    !(((others & !HIGH) + !HIGH) | others) & HIGH
}

/// Copies a list of tokens with a space behind each comma, and says how long the copy is. None if
/// more than that would have to be changed, such as upper case, spaces and empty elements, or if
/// there is no room.
pub(crate) fn copy_spaced(line: &[u8], copy: &mut [u8]) -> Option<usize> {
    let mut end = 0;
    let mut after_comma = true; // as if one stood before the line
    for at in (0..line.len()).step_by(8) {
        let mut left = (line.len() - at).min(8);
        let mut word = word_at(line, at);
        let mut ends = commas(word);
        let starts_with_comma = if after_comma { ends & 0x80 } else { 0 };
        if is_odd(word, left) || starts_with_comma | (ends & (ends << 8)) != 0 {
            return None;
        }
        after_comma = ends >> (8 * left - 1) == 1;
        // Whole words are copied, however much of them counts.
        while ends != 0 {
            let bits = ends.trailing_zeros() + 1;
            let piece = bits as usize / 8;
            copy.get_mut(end..end + 8)?
                .copy_from_slice(&word.to_le_bytes());
            *copy.get_mut(end + piece)? = b' ';
            end += piece + 1;
            left -= piece;
            word = word.unbounded_shr(bits);
            ends = ends.unbounded_shr(bits);
        }
        copy.get_mut(end..end + 8)?
            .copy_from_slice(&word.to_le_bytes());
        end += left;
    }
    (!after_comma).then_some(end)
}

/// Whether the first bytes of the word, of a list of tokens, have upper case, a space or a tab among
/// them; a few other bytes are odd too.
#[inline]
fn is_odd(word: u64, bytes: usize) -> bool {
    // All but a space lack the bit 0x20, and a space has no other.
    let filled = word | (ONES * 0x61).unbounded_shl(8 * u32::try_from(bytes).unwrap_or(64));
    let zero_at_space = filled ^ (ONES * 0x20);
    let spaces = zero_at_space.wrapping_sub(ONES) & !zero_at_space & HIGH;
    (!filled & (ONES * 0x20)) | spaces != 0
}

/// 0x21..=0x7E alone.
#[inline]
pub(crate) fn is_printable(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else {
        return text.iter().all(u8::is_ascii_graphic);
    };
    let unprintable = |word: u64| {
        // Too high: above 0x7F, or 0x7F, which one more makes 0x80. Too low: what 0x21 less takes
        // below 0x80, once the high bit is set.
        let too_high = word | word.wrapping_add(ONES);
        let too_low = !(word | HIGH).wrapping_sub(ONES * 0x21);
        (too_high | too_low) & HIGH
    };
    let bad = Before::the_last(text).fold(0, |bad, word| bad | unprintable(word));
    bad | unprintable(u64::from_le_bytes(*last)) == 0
}

/// Lower-case letters, digits, `-` and commas alone: a list of names as browsers write it, all of
/// them tokens.
#[inline]
pub(crate) fn is_plain_list(line: &[u8]) -> bool {
    let Some(last) = line.last_chunk::<8>() else {
        return line
            .iter()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b','));
    };
    let plain =
        |word| within(word, b'a', b'z') | within(word, b'0', b'9') | within(word, b',', b'-');
    let all = Before::the_last(line).fold(HIGH, |all, word| all & plain(word));
    all & plain(u64::from_le_bytes(*last)) == HIGH
}

/// Like `==`, but without a call, which short texts are spared.
#[inline]
pub(crate) fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(last_a), Some(last_b)) => {
            let mut words = Before::the_last(a).zip(Before::the_last(b));
            last_a == last_b && words.all(|(a, b)| a == b)
        }
        _ => short_word(a) == short_word(b),
    }
}

/// A hash of the text and a seed. `fold` is applied to each word first: texts that it makes alike
/// hash alike.
#[inline]
pub(crate) fn hash(text: &[u8], seed: u64, fold: impl Fn(u64) -> u64) -> u64 {
    let start = seed ^ text.len() as u64;
    match text.last_chunk::<8>() {
        Some(last) => {
            let hash = Before::the_last(text).fold(start, |hash, word| mix(hash, fold(word)));
            mix(hash, fold(u64::from_le_bytes(*last)))
        }
        None => mix(start, fold(short_word(text))),
    }
}

/// Like [`is_same`], with ASCII case ignored; `lower` has no upper-case letter.
pub(crate) fn is_same_without_case(lower: &[u8], text: &[u8]) -> bool {
    if lower.len() != text.len() {
        return false;
    }
    match (lower.last_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(last_lower), Some(last)) => {
            let mut words = Before::the_last(lower).zip(Before::the_last(text));
            u64::from_le_bytes(*last_lower) == lower_case(u64::from_le_bytes(*last))
                && words.all(|(lower, word)| lower == lower_case(word))
        }
        _ => short_word(lower) == lower_case(short_word(text)),
    }
}

/// ASCII letters in lower case, and all other bytes as they are.
#[inline]
fn lower_case(word: u64) -> u64 {
    let upper = within(word, b'A', b'Z');
    word | upper >> 2 // 0x20, by which the two cases differ
}

/// The high bit of every byte in the range, which is above 0 and below 0x80.
#[inline]
fn within(word: u64, low: u8, high: u8) -> u64 {
    // With the high bit masked off, one sum sets it in bytes from `low` on, the other in those above
    // `high`, and neither carries into the next byte.
    let below = word & !HIGH;
    let from_low = below + ONES * u64::from(0x80 - low);
    let above_high = below + ONES * u64::from(0x7F - high);
    from_low & !above_high & !word & HIGH
}

/// For the maps of one call: no text can be made to collide in them, since the seed is random.
pub(crate) struct AtRandom(u64);

impl AtRandom {
    pub(crate) fn new() -> Self {
        Self(random_seed())
    }
}

/// Another at each call.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().hash_one(())
}

impl BuildHasher for AtRandom {
    type Hasher = ByWords;

    #[inline]
    fn build_hasher(&self) -> ByWords {
        ByWords(self.0)
    }
}

pub(crate) struct ByWords(u64);

impl Hasher for ByWords {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes, self.0, |word| word);
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.0 = mix(self.0, byte.into());
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Makes letters of either case alike; a few other bytes become alike too.
#[inline]
pub(crate) fn without_case(word: u64) -> u64 {
    word | (ONES * 0x20)
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

/// Fewer than eight bytes, in one word. It tells texts of one length apart.
#[inline]
fn short_word(text: &[u8]) -> u64 {
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => match text {
            [] => 0,
            [one] => (*one).into(),
            [first, .., last] => {
                let middle = text.get(1).copied().unwrap_or_default();
                u64::from(*first) << 16 | u64::from(middle) << 8 | u64::from(*last)
            }
        },
    }
}

/// The words of a text before its last eight bytes. The last of them may overlap with those.
struct Before<'t>(&'t [u8]);

impl<'t> Before<'t> {
    #[inline]
    fn the_last(text: &'t [u8]) -> Self {
        Self(text)
    }
}

impl Iterator for Before<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk()?;
        if rest.is_empty() {
            return None;
        }
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, Hasher};

    use super::{
        AtRandom, commas, copy_spaced, hash, is_plain_list, is_printable, is_same,
        is_same_without_case, short_word, without_case, word_at,
    };

    #[test]
    fn each_thing_written_changes_the_hash_and_so_does_the_seed() {
        let state = AtRandom::new();
        let hash = |write: fn(&mut super::ByWords)| {
            let mut hasher = state.build_hasher();
            write(&mut hasher);
            hasher.finish()
        };
        let hashes = [
            hash(|_| {}),
            hash(|hasher| hasher.write(b"a")),
            hash(|hasher| hasher.write(b"b")),
            hash(|hasher| hasher.write_u8(1)),
            hash(|hasher| hasher.write_u8(2)),
        ];
        for (n, one) in hashes.iter().enumerate() {
            assert!(!hashes[..n].contains(one), "{n}");
        }
        assert_ne!(state.hash_one(b"a"), AtRandom::new().hash_one(b"a"));
    }

    #[test]
    fn a_word_is_eight_bytes_or_what_is_left() {
        for length in 0..20 {
            let text: Vec<u8> = (1..=length).collect();
            for at in 0..=text.len() {
                let expected = (0..8).map(|n| text.get(at + n).copied().unwrap_or(0));
                let word = word_at(&text, at).to_le_bytes();
                assert!(word.into_iter().eq(expected), "{length} {at}");
            }
        }
    }

    /// Every byte at every place of a word and beside it.
    #[test]
    fn words_say_what_bytes_say() {
        for byte in 0..=255 {
            for at in 0..27 {
                for length in at + 1..=27 {
                    let plain = vec![b'~'; length];
                    let mut text = plain.clone();
                    text[at] = byte;
                    let printable = (0x21..=0x7E).contains(&byte);
                    assert_eq!(is_printable(&text), printable, "{text:?}");
                    assert_eq!(is_same(&text, &plain), byte == b'~');
                    let mut other_case = vec![b'a'; length];
                    other_case[at] = byte;
                    assert_eq!(
                        is_same_without_case(&vec![b'a'; length], &other_case),
                        matches!(byte, b'a' | b'A')
                    );
                    let kept = [byte.to_ascii_lowercase()];
                    assert!(is_same_without_case(&kept, &[byte]));
                    let mut list = vec![b'a'; length];
                    list[at] = byte;
                    let plain_list = matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b',');
                    assert_eq!(is_plain_list(&list), plain_list, "{list:?}");
                    let differs = hash(&text, 0, |word| word) != hash(&plain, 0, |word| word);
                    assert_eq!(differs, byte != b'~');
                }
            }
            for beside in [b',', b',' + 1, b',' - 1, b',' | 0x80] {
                for at in 0..8 {
                    let mut word = [beside; 8];
                    word[at] = byte;
                    let expected = word.map(|b| if b == b',' { 0x80 } else { 0 });
                    let found = commas(u64::from_le_bytes(word));
                    assert_eq!(found.to_le_bytes(), expected, "{word:?}");
                }
            }
        }
        // At the same place in two words, in the last two, and in three.
        for bad in [&[0, 8][..], &[8, 16], &[0, 8, 16]] {
            let mut text = [b'a'; 24];
            for at in bad {
                text[*at] = b' ';
            }
            assert!(!is_printable(&text), "{bad:?}");
        }
        assert!(is_printable(b""));
        assert!(is_same(b"", b"") && !is_same(b"", b"a"));
        assert_ne!(hash(b"a", 0, |word| word), hash(b"a", 1, |word| word));
    }

    /// Names of every length around a word, at every place in one.
    #[test]
    fn a_copy_has_a_space_behind_each_comma() {
        let spaced = |line: &str| {
            let mut copy = [0; 512];
            let end = copy_spaced(line.as_bytes(), &mut copy)?;
            Some(str::from_utf8(&copy[..end]).unwrap().to_owned())
        };
        for longest in 1..20 {
            let names: Vec<String> = (1..=longest)
                .map(|length| "a-.3".repeat(5)[..length].into())
                .collect();
            let line = names.join(",");
            assert_eq!(spaced(&line), Some(names.join(", ")));
            for at in 0..line.len() {
                let (start, end) = line.split_at(at);
                for odd in [" ", "\t", "A", "Z"] {
                    assert_eq!(spaced(&format!("{start}{odd}{end}")), None);
                }
            }
            assert_eq!(spaced(&format!(",{line}")), None);
            assert_eq!(spaced(&format!("{line},")), None);
            assert_eq!(spaced(&line.replacen(',', ",,", 1)).is_none(), longest > 1);
        }
        assert_eq!(spaced(""), None);
        assert_eq!(spaced(&"a".repeat(600)), None);
        assert_eq!(spaced(&"a,".repeat(200)), None);
    }

    #[test]
    fn a_short_word_has_every_byte() {
        for length in 0..8 {
            let text: Vec<u8> = (1..=length).collect();
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] = 0xFF;
                assert_ne!(short_word(&text), short_word(&other));
            }
        }
    }

    #[test]
    fn letters_of_either_case_are_alike() {
        let word = |text: &[u8; 8]| without_case(u64::from_le_bytes(*text));
        assert_eq!(word(b"X-AMZ-ab"), word(b"x-amz-AB"));
        assert_ne!(word(b"X-AMZ-ab"), word(b"x-amz-AC"));
    }
}
