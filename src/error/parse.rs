//! A text that is not a CORS document: where, and what.

use std::fmt;

use super::{DidYouMean, MALFORMED_XML, NOT_WELL_FORMED};
use crate::element::Element;
use crate::syntax::shortened;

/// Why a text is not a CORS document.
///
/// `Display` is for the person who wrote the text; [`code`](Self::code) and
/// [`message`](Self::message) are what the provider would answer.
///
#[cfg_attr(feature = "xml", doc = "```")]
#[cfg_attr(not(feature = "xml"), doc = "```ignore")]
/// use bucket_cors::{Configuration, ParseErrorKind, Profile};
///
/// let text = b"<CORSConfiguration>
///   <CORSRule><ExposedHeader>ETag</ExposedHeader></CORSRule>
/// </CORSConfiguration>";
/// let error = Configuration::from_xml(text, Profile::S3).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 2, column 13: unknown element <ExposedHeader>; did you mean <ExposeHeader>?",
/// );
/// let hint = Some("ExposeHeader");
/// let name = "ExposedHeader".to_owned();
/// assert_eq!(error.kind(), &ParseErrorKind::UnknownElement { name, hint });
/// assert_eq!(error.code(), "MalformedXML");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    // Boxed: a `Result` that carries it stays small.
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ParseErrorKind,
    at: Option<(usize, Position)>,
}

impl ParseError {
    /// The whole text is at fault.
    #[cfg(any(feature = "xml", feature = "json"))]
    pub(crate) fn whole(kind: ParseErrorKind) -> Self {
        Self::new(kind, None)
    }

    /// The character at byte `offset` of `text` is.
    #[cfg(any(feature = "xml", feature = "json"))]
    pub(crate) fn at(kind: ParseErrorKind, text: &str, offset: usize) -> Self {
        Self::new(kind, Some((offset, Position::at(text, offset))))
    }

    /// The same, by line and column as `serde_json` counts them.
    #[cfg(feature = "json")]
    pub(crate) fn at_json(kind: ParseErrorKind, text: &str, line: usize, column: usize) -> Self {
        let position = Position::from_json(line, column);
        Self::new(kind, Some((position.offset_in_json(text), position)))
    }

    #[cfg(any(feature = "xml", feature = "json"))]
    fn new(kind: ParseErrorKind, at: Option<(usize, Position)>) -> Self {
        Self {
            inner: Box::new(Inner { kind, at }),
        }
    }

    /// Where the text went wrong. For XML: where the tag, reference, declaration, stray text or
    /// character starts that is refused, or the end of the text if something is missing there. For
    /// JSON: where the reader stood when it noticed. None if the whole text is at fault (its size).
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.inner.at.map(|(_, position)| position)
    }

    /// The same place as a byte offset, to draw the text with a mark in it: where a character
    /// starts, or the length of the text. A byte order mark is not counted, nor does
    /// [`Document::text`](crate::Document::text) have one.
    ///
    /// A [position](Self::position) can't be turned into it without knowing how its columns were
    /// counted.
    ///
    #[cfg_attr(feature = "json", doc = "```")]
    #[cfg_attr(not(feature = "json"), doc = "```ignore")]
    /// use bucket_cors::{Configuration, Profile};
    ///
    /// let text = r#"{"AllowedOrigin": "https://example.com", "AllowedMethods": "GET"}"#;
    /// let error = Configuration::from_json(text.as_bytes(), Profile::S3).unwrap_err();
    /// // Noticed when the value was read to its end.
    /// assert_eq!(error.offset().map(|at| &text[at..]), Some("\"}"));
    /// ```
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.inner.at.map(|(offset, _)| offset)
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ParseErrorKind {
        &self.inner.kind
    }

    /// The provider's error code: `MalformedXML`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        MALFORMED_XML
    }

    /// The provider's message.
    #[must_use]
    pub fn message(&self) -> String {
        match self.inner.kind {
            ParseErrorKind::TooLarge { limit } => {
                format!(
                    "The CORS XML document is limited to {} KB in size.",
                    limit / 1024
                )
            }
            _ => NOT_WELL_FORMED.to_owned(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position() {
            Some(position) => write!(f, "{position}: {}", self.inner.kind),
            None => write!(f, "{}", self.inner.kind),
        }
    }
}

impl std::error::Error for ParseError {}

/// A place in a text. Lines and columns count from 1; a byte order mark takes no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    line: usize,
    column: usize,
}

impl Position {
    /// The place of the character at byte `offset` of `text`: columns in characters, a line ended
    /// by LF, CR LF or CR.
    #[cfg(any(feature = "xml", feature = "json"))]
    pub(crate) fn at(text: &str, offset: usize) -> Self {
        let mut place = Self { line: 1, column: 1 };
        let mut after_return = false;
        let before = text.char_indices().take_while(|(at, _)| *at < offset);
        for (_, c) in before {
            match c {
                '\n' if after_return => {} // the second half of one line end
                '\n' | '\r' => {
                    place = Self {
                        line: place.line + 1,
                        column: 1,
                    }
                }
                _ => place.column += 1,
            }
            after_return = c == '\r';
        }
        place
    }

    /// A place as `serde_json` counts it, which says column 0 for the end of a line that it has
    /// just left.
    #[cfg(feature = "json")]
    pub(crate) fn from_json(line: usize, column: usize) -> Self {
        Self {
            line: line.max(1),
            column: column.max(1),
        }
    }

    /// Where in `text` this is, counted as `serde_json` does: lines end with LF, columns are bytes.
    /// One that is inside a character goes to its start.
    #[cfg(feature = "json")]
    fn offset_in_json(self, text: &str) -> usize {
        let lines_before = text.split_inclusive('\n').take(self.line - 1);
        let line = lines_before.map(str::len).sum::<usize>();
        let offset = (line + self.column - 1).min(text.len());
        let mut down = (0..=offset).rev();
        down.find(|at| text.is_char_boundary(*at))
            .unwrap_or_default()
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(self) -> usize {
        self.line
    }

    /// The column, from 1: in characters; for what is wrong with a JSON text as `serde_json` counts,
    /// in bytes.
    #[must_use]
    pub fn column(self) -> usize {
        self.column
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What is wrong with a text.
///
/// `Display` words it for a person; foreign text in it is cut at 128 bytes there, and whole in the
/// fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// More bytes than the profile takes. Looked at before all else.
    #[error("the document is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes that the profile takes.
        limit: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("the document is not UTF-8")]
    NotUtf8,
    /// An XML declaration that names another encoding than UTF-8.
    #[error(
        "the document declares the encoding {:?}; only UTF-8 is read",
        shortened(name)
    )]
    Encoding {
        /// The encoding, as declared.
        name: String,
    },
    /// Nothing but white space; or, in XML, nothing but comments and processing instructions.
    #[error("the document is empty")]
    Empty,
    /// Neither XML nor JSON, where that has to be told: in
    /// [`Configuration::parse`](crate::Configuration::parse),
    /// [`RuleSet::parse`](crate::RuleSet::parse) and [`Document::read`](crate::Document::read).
    #[error("neither XML, which starts with `<`, nor JSON, which starts with `{{` or `[`")]
    UnknownForm,
    /// Text that breaks XML's or JSON's own rules.
    #[error("not well-formed: {}", shortened(detail))]
    NotWellFormed {
        /// Which rule, for a person. The wording may change.
        detail: String,
    },
    /// A document type declaration, whatever it says.
    #[error("a document type is not allowed")]
    DocumentType,
    /// A root other than `CORSConfiguration`.
    #[error("the root is <{}>, not <CORSConfiguration>", shortened(name))]
    WrongRoot {
        /// The root's name, as written.
        name: String,
    },
    /// An element that has no meaning where it stands.
    #[error("unknown element <{}>{}", shortened(name), DidYouMean("<", *hint, ">"))]
    UnknownElement {
        /// Its local name.
        name: String,
        /// The known name that is nearest to it, if one is near.
        hint: Option<&'static str>,
    },
    /// A JSON key that has no meaning where it stands.
    #[error("unknown key {:?}{}", shortened(name), DidYouMean("\"", *hint, "\""))]
    UnknownKey {
        /// The key.
        name: String,
        /// The known key that is nearest to it, if one is near.
        hint: Option<&'static str>,
    },
    /// Text where only elements may stand.
    #[error("text in <{within}>, where only elements may stand")]
    UnexpectedText {
        /// The element that the text stands in.
        within: Element,
    },
    /// An element where only text may stand.
    #[error(
        "element <{}> in <{within}>, where only text may stand",
        shortened(name)
    )]
    UnexpectedElement {
        /// Its local name.
        name: String,
        /// The element that it stands in.
        within: Element,
    },
    /// A second element of a kind that may stand once.
    #[error("a second <{element}>")]
    RepeatedElement {
        /// Which one.
        element: Element,
    },
    /// A second JSON key of the same name in one object.
    #[error("a second key {key:?}")]
    RepeatedKey {
        /// Which one.
        key: &'static str,
    },
    /// One JSON key in both of its spellings in one rule, such as `AllowedOrigin` and
    /// `AllowedOrigins`.
    #[error("both spellings of one key: {first:?} and {second:?}")]
    BothSpellings {
        /// The spelling that stands first.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A number that is not `[+-]?[0-9]+`, or in JSON not an integer.
    #[error("{element}: {:?} is not a whole number", shortened(value))]
    InvalidNumber {
        /// The element whose value it is.
        element: Element,
        /// The value; a JSON number as `serde_json` gives it.
        value: String,
    },
    /// A whole number that does not fit in 64 bits.
    #[error("{element}: {:?} does not fit in 64 bits", shortened(value))]
    NumberTooLarge {
        /// The element whose value it is.
        element: Element,
        /// The value; a JSON number as `serde_json` gives it.
        value: String,
    },
    /// A `ResponseVary` that is neither `true` nor `false`.
    #[error("{element}: {:?} is neither `true` nor `false`", shortened(value))]
    InvalidBoolean {
        /// The element whose value it is.
        element: Element,
        /// The value; a JSON number as `serde_json` gives it.
        value: String,
    },
    /// A JSON value of another type than its place takes; `null` is one everywhere.
    #[error("{element}: {}", shortened(detail))]
    WrongType {
        /// The element whose value it is.
        element: Element,
        /// What stands there and what was expected, for a person. The wording may change.
        detail: String,
    },
    /// A JSON string under a plural key, which takes a list.
    #[error("{key:?} takes a list, not a string; did you mean {hint:?}?")]
    StringUnderPlural {
        /// The plural key.
        key: &'static str,
        /// The key that takes a string.
        hint: &'static str,
    },
}

/// The two values that have a grammar of their own, the same in XML and in JSON's strings
/// (semantics 1.4).
#[cfg(any(feature = "xml", feature = "json"))]
impl ParseErrorKind {
    pub(crate) fn number(element: Element, value: String) -> Result<i64, Self> {
        let digits = value.strip_prefix(['+', '-']).unwrap_or(&value);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Self::no_number(element, value));
        }
        let number = value.parse();
        number.map_err(|_| Self::too_large(element, value))
    }

    pub(crate) fn no_number(element: Element, value: String) -> Self {
        Self::InvalidNumber { element, value }
    }

    pub(crate) fn too_large(element: Element, value: String) -> Self {
        Self::NumberTooLarge { element, value }
    }

    pub(crate) fn boolean(element: Element, value: String) -> Result<bool, Self> {
        match value.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Self::InvalidBoolean { element, value }),
        }
    }
}

#[cfg(all(test, any(feature = "xml", feature = "json")))]
mod tests {
    use super::Position;

    #[test]
    fn positions_count_characters_and_every_line_end() {
        let text = "é<a>\r\n<b>\r<c>\n\n<d>";
        for (tag, line, column) in [("<a>", 1, 2), ("<b>", 2, 1), ("<c>", 3, 1), ("<d>", 5, 1)] {
            let place = Position::at(text, text.find(tag).unwrap_or_default());
            assert_eq!((place.line(), place.column()), (line, column), "{tag}");
        }
        let end = Position::at(text, text.len());
        assert_eq!((end.line(), end.column()), (5, 4));
    }

    #[cfg(feature = "json")]
    #[test]
    fn positions_in_json_count_bytes_and_line_feeds() {
        let text = "é[\r\n\"é\"\r]\n";
        for (line, column, offset) in [
            (1, 1, 0), // é
            (1, 2, 0), // inside it
            (1, 3, 2),
            (1, 5, 4),
            (2, 0, 5), // the line feed was read, and nothing of the next line
            (2, 1, 5),
            (2, 3, 6), // inside the second é
            (2, 4, 8),
            (2, 6, 10),
            (3, 0, 12),
            (3, 9, 12),
            (9, 9, 12),
        ] {
            let place = Position::from_json(line, column);
            assert_eq!(place.offset_in_json(text), offset, "{line}:{column}");
        }
    }
}
