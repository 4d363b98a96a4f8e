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
    // As most are.
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return true;
    }
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

/// The non-empty elements of one line of a list field, without the space and tab around them
/// (RFC 9110, section 5.6.1.2).
pub(crate) fn list_elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let elements = line.split(|&b| b == b',').map(trim_field_space);
    elements.filter(|element| !element.is_empty())
}

pub(crate) fn trim_field_space(mut bytes: &[u8]) -> &[u8] {
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
    use super::{is_token, is_xml_name, list_elements, quoted, shortened};

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

    #[test]
    fn lists_drop_what_is_empty() {
        let read = |line: &'static str| list_elements(line.as_bytes()).collect::<Vec<_>>();
        assert_eq!(read("a, b\t,,\t c d ,"), [&b"a"[..], b"b", b"c d"]);
        assert!(read(" ,\t, ").is_empty());
        assert!(read("").is_empty());
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
