//! From the bytes of a document to its text: what every form has to pass first.

use crate::error::{ParseError, ParseErrorKind};
use crate::profile::Profile;

/// The document's text, without a byte order mark (semantics 1.2).
pub(crate) fn decode(document: &[u8], profile: Profile) -> Result<&str, ParseError> {
    let limit = profile.provider().max_document_bytes;
    if document.len() > limit {
        return Err(ParseError::whole(ParseErrorKind::TooLarge { limit }));
    }
    let text = str::from_utf8(document).map_err(|error| {
        let good = document.get(..error.valid_up_to()).unwrap_or_default();
        let good = without_mark(str::from_utf8(good).unwrap_or_default());
        ParseError::at(ParseErrorKind::NotUtf8, good, good.len())
    })?;
    let text = without_mark(text);
    if text.chars().all(crate::syntax::is_xml_space) {
        return Err(ParseError::at(ParseErrorKind::Empty, text, text.len()));
    }
    Ok(text)
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}
