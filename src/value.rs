//! A field's value, in the form that is cheapest to write.

use std::borrow::Cow;

use http::header::{HeaderValue, InvalidHeaderValue};

use crate::names::RequestedNames;
use crate::request::{Field, Line};
use crate::words::copy_spaced;

/// The value of an answer's field. What is one of few texts is static, and what the request has
/// already is the request's own; only the rest is copied. No value of a rule set has a reference
/// count, which all its requests would share; a request's own value keeps the count that it has.
pub(crate) enum Value<'a> {
    Static(&'static HeaderValue),
    /// Text of the rule set.
    Text(&'a str),
    /// The request's own; printable.
    Line(Line<'a>),
    /// The requested names in lower case, in order, repeats kept, with this between them.
    Names(RequestedNames<'a>, &'static str),
}

impl<'a> Value<'a> {
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Static(value) => Cow::Borrowed(value.to_str().unwrap_or_default()),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Line(line) => Cow::Borrowed(line.printable()),
            Self::Names(names, separator) => match line_of(names, separator) {
                Some(line) => Cow::Borrowed(line.printable()),
                None => Cow::Owned(String::from_utf8(joined(names, separator)).unwrap_or_default()),
            },
        }
    }

    pub(crate) fn into_owned(self) -> OwnedValue {
        match self {
            Self::Static(value) => OwnedValue::Static(value),
            value => OwnedValue::Text(value.into_text().into()),
        }
    }

    #[inline]
    pub(crate) fn into_header(self) -> Result<HeaderValue, InvalidHeaderValue> {
        match self {
            Self::Static(value) => Ok(value.clone()), // counts nothing
            Self::Text(text) => HeaderValue::from_str(text),
            Self::Line(line) => line.to_header(),
            Self::Names(names, separator) => match line_of(names, separator) {
                Some(line) => line.to_header(),
                None => spaced(names, separator)
                    .unwrap_or_else(|| HeaderValue::try_from(joined(names, separator))),
            },
        }
    }
}

/// A value that borrows nothing.
#[derive(Clone)]
pub(crate) enum OwnedValue {
    Static(&'static HeaderValue),
    Text(Box<str>),
}

impl OwnedValue {
    pub(crate) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Static(value) => Value::Static(value),
            Self::Text(text) => Value::Text(text),
        }
    }
}

/// The request's own line, if it is what the answer has to be.
fn line_of<'a>(names: RequestedNames<'a>, separator: &str) -> Option<Line<'a>> {
    match names.field() {
        Field::Line(line) if separator == "," && is_list_of_lower_case(line.bytes()) => Some(line),
        _ => None,
    }
}

/// What is [`joined`] by a comma and a space, copied at once from a line as browsers write it; none
/// if it is not.
fn spaced(
    names: RequestedNames<'_>,
    separator: &str,
) -> Option<Result<HeaderValue, InvalidHeaderValue>> {
    let Field::Line(line) = names.field() else {
        return None;
    };
    let mut copy = [0; 256];
    let end = copy_spaced(line.bytes(), &mut copy).filter(|_| separator == ", ")?;
    Some(HeaderValue::from_bytes(copy.get(..end)?))
}

fn joined(names: RequestedNames<'_>, separator: &str) -> Vec<u8> {
    let mut list = Vec::new();
    // They were read to decide, so there is no error.
    let _ = names.each(|name| {
        if !list.is_empty() {
            list.extend_from_slice(separator.as_bytes());
        }
        list.extend_from_slice(name);
        Ok(())
    });
    list.make_ascii_lowercase();
    list.shrink_to_fit(); // else a second allocation, when it becomes a header value
    list
}

/// Whether a line of names, as browsers write it, has a comma alone between them. What else there
/// may be in a line of tokens is upper case, spaces and empty elements.
fn is_list_of_lower_case(line: &[u8]) -> bool {
    let is_odd = |b: &u8| matches!(b, b' ' | b'\t') || b.is_ascii_uppercase();
    let is_empty = |pair: &[u8]| pair == b",,";
    !line.starts_with(b",")
        && !line.ends_with(b",")
        && !line.iter().any(is_odd)
        && !line.windows(2).any(is_empty)
}
