//! From the bytes of a document to its text: what every form has to pass first.

use crate::error::{ParseError, ParseErrorKind, Position};
use crate::profile::Profile;

/// The document's text, without a byte order mark (semantics 1.2).
pub(crate) fn decode(document: &[u8], profile: Profile) -> Result<&str, ParseError> {
    let limit = profile.provider().max_document_bytes;
    if document.len() > limit {
        return Err(ParseError::new(ParseErrorKind::TooLarge { limit }, None));
    }
    let text = str::from_utf8(document).map_err(|error| {
        let good = document.get(..error.valid_up_to()).unwrap_or_default();
        let good = without_mark(str::from_utf8(good).unwrap_or_default());
        let position = Position::at(good, good.len());
        ParseError::new(ParseErrorKind::NotUtf8, Some(position))
    })?;
    let text = without_mark(text);
    if text.chars().all(crate::syntax::is_xml_space) {
        let position = Position::at(text, text.len());
        return Err(ParseError::new(ParseErrorKind::Empty, Some(position)));
    }
    Ok(text)
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}
