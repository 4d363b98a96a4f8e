//! The small grammars that documents, requests and answers share: XML 1.0's characters, RFC 9110's
//! tokens and lists, and how a provider's message quotes foreign text.

use std::borrow::Cow;

/// XML 1.0, production 2, `Char`.
pub(crate) const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// XML 1.0, production 3, `S`.
#[cfg(any(feature = "xml", feature = "json"))]
pub(crate) const fn is_xml_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// XML 1.0, production 5, `Name`.
pub(crate) fn is_xml_name(name: &str) -> bool {
    name.starts_with(is_name_start)
        && name.chars().all(|c| {
            is_name_start(c)
                || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}')
                || matches!(c, '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
        })
}

const fn is_name_start(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic() || matches!(c, ':' | '_');
    }
    matches!(c, '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}')
        || matches!(c, '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}')
        || matches!(c, '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}')
        || matches!(c, '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// Appends `text` as the content of an XML element that reads back equal.
///
/// A carriage return would be read as a line feed, so it is written as a reference. A character
/// that XML cannot carry at all stays as it is: the text that holds it is refused when read, rather
/// than changed in silence.
pub(crate) fn push_xml_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

/// Appends `<name>text</name>`.
pub(crate) fn push_xml_element(out: &mut String, name: &str, text: &str) {
    out.extend(["<", name, ">"]);
    push_xml_text(out, text);
    out.extend(["</", name, ">"]);
}

/// RFC 9110, section 5.6.2, `token`.
#[inline]
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    let table = |b: &u8| TOKEN_BYTES.get(usize::from(*b)).copied().unwrap_or(false);
    !bytes.is_empty() && bytes.iter().all(table)
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "worked out by the compiler, and in bounds"
)]
static TOKEN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_token_byte(byte as u8);
        byte += 1;
    }
    table
};

const fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(
            b,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.'
        )
        || matches!(b, b'^' | b'_' | b'`' | b'|' | b'~')
}

/// Eight bytes at a time, as the halves of one integer: a byte's high bit tells.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// 0x21..=0x7E alone.
#[inline]
pub(crate) fn is_printable(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<8>() else {
        return bytes.iter().all(u8::is_ascii_graphic);
    };
    let unprintable = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        // Too high: above 0x7F, or 0x7F, which one more makes 0x80. Too low: what 0x21 less takes
        // below 0x80, once the high bit is set.
        let too_high = word | word.wrapping_add(ONES);
        let too_low = !(word | HIGH).wrapping_sub(ONES * 0x21);
        (too_high | too_low) & HIGH
    };
    // The last word overlaps the one before it.
    let whole = bytes
        .chunks_exact(8)
        .filter_map(|chunk| chunk.first_chunk());
    whole.fold(unprintable(last), |bad, word| bad | unprintable(word)) == 0
}

/// Where the first comma stands.
#[inline]
fn find_comma(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut start = 0;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        // The lowest byte that is zero after this has its high bit set, and none below it has.
        let zero_at_comma = u64::from_le_bytes(*word) ^ (ONES * 0x2C);
        let found = zero_at_comma.wrapping_sub(ONES) & !zero_at_comma & HIGH;
        if found != 0 {
            return Some(start + found.trailing_zeros() as usize / 8);
        }
        rest = behind;
        start += 8;
    }
    rest.iter().position(|&b| b == b',').map(|at| start + at)
}

/// The non-empty elements of one line of a list field, without the space and tab around them
/// (RFC 9110, section 5.6.1.2).
#[inline]
pub(crate) fn list_elements(line: &[u8]) -> ListElements<'_> {
    ListElements { rest: line }
}

/// See [`list_elements`].
#[derive(Clone)]
pub(crate) struct ListElements<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for ListElements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = find_comma(self.rest).unwrap_or(self.rest.len());
            let (element, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest.get(1..).unwrap_or_default();
            let element = trim_field_space(element);
            if !element.is_empty() {
                return Some(element);
            }
        }
        None
    }
}

fn trim_field_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Foreign text is cut here before it enters a message.
const QUOTED_BYTES: usize = 128;

/// Foreign text as a provider's message carries it: the first 128 bytes, those that are not
/// printable ASCII as `\xnn`.
pub(crate) fn quoted(bytes: &[u8]) -> Cow<'_, str> {
    let cut = bytes.get(..QUOTED_BYTES).unwrap_or(bytes);
    let printable = |b: &u8| matches!(b, 0x20..=0x7E);
    match str::from_utf8(cut) {
        Ok(text) if cut.iter().all(printable) => Cow::Borrowed(text),
        _ => Cow::Owned(escaped(cut)),
    }
}

fn escaped(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let mut out = String::with_capacity(bytes.len() * 4);
    for &b in bytes {
        match b {
            0x20..=0x7E => out.push(b.into()),
            _ => out.extend(['\\', 'x', digit(b >> 4), digit(b & 15)]),
        }
    }
    out
}

/// Foreign text for a person: at most 128 bytes of it, whole characters, and an ellipsis where it
/// was cut.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= QUOTED_BYTES {
        return Cow::Borrowed(text);
    }
    let cut = (0..=QUOTED_BYTES).rev().find_map(|end| text.get(..end));
    Cow::Owned(format!("{}…", cut.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{
        find_comma, is_printable, is_token, is_xml_name, list_elements, quoted, shortened,
    };

    #[test]
    fn tokens_are_those_of_rfc_9110() {
        let accepted: Vec<u8> = (0..=255).filter(|&b| is_token(&[b])).collect();
        assert_eq!(
            accepted.escape_ascii().to_string(),
            "!#$%&\\'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
        );
        assert!(!is_token(b""));
        assert!(!is_token(b"a b"));
    }

    /// Every byte at every place of a word and beside it.
    #[test]
    fn words_say_what_bytes_say() {
        for byte in 0..=255 {
            for at in 0..20 {
                for length in at + 1..=20 {
                    let mut text = vec![b'~'; length];
                    text[at] = byte;
                    assert_eq!(
                        is_printable(&text),
                        (0x21..=0x7E).contains(&byte),
                        "{text:?}"
                    );
                    let comma = text.iter().position(|&b| b == b',');
                    assert_eq!(find_comma(&text), comma, "{text:?}");
                }
            }
        }
        assert!(is_printable(b""));
        assert_eq!(find_comma(b"-,-,"), Some(1));
        assert_eq!(find_comma(b"---,,"), Some(3));
    }

    #[test]
    fn lists_drop_what_is_empty() {
        let read = |line: &'static str| list_elements(line.as_bytes()).collect::<Vec<_>>();
        assert_eq!(read("a, b\t,,\t c d ,"), [&b"a"[..], b"b", b"c d"]);
        assert!(read(" ,\t, ").is_empty());
    }

    #[test]
    fn names_are_those_of_xml() {
        for good in ["a", ":a", "_", "a-b.c0", "é", "a·"] {
            assert!(is_xml_name(good), "{good}");
        }
        for bad in ["", "-a", "0", "a b", "a/b", "·a", "a×", "a="] {
            assert!(!is_xml_name(bad), "{bad}");
        }
    }

    #[test]
    fn quoted_text_is_cut_before_it_is_escaped() {
        assert_eq!(quoted(b"a\\\"<b>"), "a\\\"<b>");
        assert_eq!(quoted(b"\x00\x7f\xfa"), "\\x00\\x7f\\xfa");
        assert_eq!(quoted(&[b'x'; 129]).len(), 128);
        assert_eq!(quoted(&[0; 129]).len(), 4 * 128);
    }

    #[test]
    fn shortened_text_keeps_whole_characters() {
        assert_eq!(shortened("abc"), "abc");
        assert_eq!(shortened(&"x".repeat(129)), format!("{}…", "x".repeat(128)));
        assert_eq!(shortened(&"é".repeat(65)), format!("{}…", "é".repeat(64)));
        assert_eq!(
            shortened(&format!("x{}", "é".repeat(64))),
            format!("x{}…", "é".repeat(63))
        );
    }
}
