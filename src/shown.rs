//! How foreign text is shown: printable ASCII, and not too much of it.

/// Values are cut here.
const VALUE_BYTES: usize = 128;
/// Fields of an answer are cut here: they are lists.
const FIELD_BYTES: usize = 1_024;
/// Lists are cut here in a sentence.
const IN_A_SENTENCE: usize = 4;

/// A value or a name. It may stand between quotation marks.
pub(crate) fn shown(text: &[u8]) -> String {
    cut(text, VALUE_BYTES)
}

/// The value of a field.
pub(crate) fn shown_field(text: &str) -> String {
    cut(text.as_bytes(), FIELD_BYTES)
}

fn cut(text: &[u8], most: usize) -> String {
    let (kept, more) = match text.split_at_checked(most) {
        Some((kept, [_, ..])) => (kept, "..."),
        _ => (text, ""),
    };
    let mut out = String::with_capacity(kept.len() + more.len());
    for &byte in kept {
        match byte {
            b'"' | b'\\' => out.extend(['\\', byte.into()]),
            0x20..=0x7E => out.push(byte.into()),
            _ => {
                let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
                out.extend(['\\', 'x', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    out.push_str(more);
    out
}

/// Texts that are [shown] already, in a sentence: `"a", "b" and 3 more`.
pub(crate) fn in_a_sentence<T: AsRef<str>>(texts: &[T]) -> String {
    let mut out = String::new();
    for (n, text) in texts.iter().take(IN_A_SENTENCE).enumerate() {
        if n > 0 {
            out.push_str(if n + 1 == texts.len() { " and " } else { ", " });
        }
        out.extend(["\"", text.as_ref(), "\""]);
    }
    let more = texts.len().saturating_sub(IN_A_SENTENCE);
    if more > 0 {
        out.extend([" and ", &more.to_string(), " more"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{in_a_sentence, shown};

    #[test]
    fn text_is_printable_and_cut() {
        assert_eq!(shown(b"a\"b\\c\x1b\xC3\xA9~ "), r#"a\"b\\c\x1b\xc3\xa9~ "#);
        assert_eq!(shown(&[b'x'; 128]), "x".repeat(128));
        assert_eq!(shown(&[b'x'; 129]), "x".repeat(128) + "...");
    }

    #[test]
    fn a_list_is_cut() {
        assert_eq!(in_a_sentence::<&str>(&[]), "");
        assert_eq!(in_a_sentence(&["a"]), r#""a""#);
        assert_eq!(in_a_sentence(&["a", "b", "c"]), r#""a", "b" and "c""#);
        assert_eq!(in_a_sentence(&["a"; 6]), r#""a", "a", "a", "a" and 2 more"#);
    }
}
