//! The names of `Access-Control-Request-Headers` (semantics 3.3.6).

use crate::request::{Asked, Field, MAX_NAME_LINES};
use crate::syntax::{is_token, list_elements, trim_field_space};
use crate::words::{commas, is_plain_list, word_at};

/// Limits, beside that on lines. Browsers send one line of sorted, unique names; no sound request
/// comes near.
const MAX_BYTES: usize = 8_192;
const MAX_NAMES: usize = 128;

/// The names, unread.
#[derive(Clone, Copy)]
pub(crate) struct RequestedNames<'a>(&'a Asked<'a>);

/// The names can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Why the names can't be read.
#[derive(Clone, Copy)]
pub(crate) enum MalformedNames<'a> {
    /// More lines, bytes or names than the limits allow. Looked at first.
    TooMany,
    /// The first element that is no header name.
    NotAToken(&'a [u8]),
}

impl<'a> RequestedNames<'a> {
    /// None if there is no such field.
    #[inline]
    pub(crate) fn of(asked: &'a Asked<'a>) -> Option<Self> {
        match asked.names {
            Field::Absent => None,
            Field::Line(_) | Field::Several => Some(Self(asked)),
        }
    }

    /// The field that they stand in.
    pub(crate) fn field(self) -> Field<'a> {
        self.0.names
    }

    /// Whether there is no element.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        let starts_with_a_name = |line: &[u8]| !matches!(line, [] | [b' ' | b'\t' | b',', ..]);
        match self.field() {
            Field::Line(line) if starts_with_a_name(line.bytes()) => false,
            _ => self.iter().next().is_none(),
        }
    }

    /// The elements in order, repeats kept; nothing is checked.
    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        self.0.name_lines().flat_map(list_elements)
    }

    /// Looks at limits and tokens alone: for a decision that does not depend on the names.
    ///
    /// # Errors
    ///
    /// More lines, bytes or names than the limits allow; or an element that is no token.
    #[inline]
    pub(crate) fn check_tokens(self) -> Result<(), Unreadable> {
        /// A line this short has no room for more than `MAX_NAMES` names: each takes a byte, and a
        /// comma parts it from the next.
        const SHORT: usize = 2 * MAX_NAMES - 1;

        if let Field::Line(line) = self.field()
            && line.bytes().len() <= SHORT
            && is_plain_list(line.bytes())
        {
            return Ok(());
        }
        self.each(|name| is_token(name).then_some(()).ok_or(Unreadable))
    }

    /// Gives the elements in order, repeats kept, which may be no tokens.
    ///
    /// # Errors
    ///
    /// More lines, bytes or names than the limits allow; or what `take` finds wrong.
    #[inline]
    pub(crate) fn each(
        self,
        mut take: impl FnMut(&'a [u8]) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        if self.is_too_large() {
            return Err(Unreadable);
        }
        // A line is split as a whole before its names are looked at: each is a small loop then.
        let mut places = [Place::default(); MAX_NAMES];
        let mut left = MAX_NAMES;
        for line in self.0.name_lines() {
            let room = places.get_mut(..left).unwrap_or_default();
            let found = split(line, room).ok_or(Unreadable)?;
            left = left.saturating_sub(found.len());
            for place in found {
                take(
                    line.get(place.start.into()..place.end.into())
                        .unwrap_or_default(),
                )?;
            }
        }
        Ok(())
    }

    /// What is wrong with the names, if anything is.
    pub(crate) fn malformed(self) -> Option<MalformedNames<'a>> {
        if let Err(Unreadable) = self.each(|_| Ok(())) {
            return Some(MalformedNames::TooMany);
        }
        let stray = self.iter().find(|name| !is_token(name));
        stray.map(MalformedNames::NotAToken)
    }

    /// Nothing is read beyond a limit.
    #[inline]
    fn is_too_large(self) -> bool {
        match self.field() {
            Field::Absent => false,
            Field::Line(line) => line.bytes().len() > MAX_BYTES,
            Field::Several => self.are_too_large(),
        }
    }

    #[cold]
    fn are_too_large(self) -> bool {
        let lines = || self.0.name_lines();
        lines().nth(MAX_NAME_LINES).is_some()
            || lines().map(<[u8]>::len).fold(0, usize::saturating_add) > MAX_BYTES
    }
}

/// Where an element stands in its line, which is not longer than [`MAX_BYTES`].
#[derive(Clone, Copy, Default)]
struct Place {
    start: u16,
    end: u16,
}

/// The places of a line's elements, as [`list_elements`] has them; none if there is no room for
/// all.
#[inline]
fn split<'p>(line: &[u8], room: &'p mut [Place]) -> Option<&'p [Place]> {
    let mut count = 0;
    let mut start = 0;
    let mut add = |mut ends: u64, word: usize| {
        while ends != 0 {
            let end = word + ends.trailing_zeros() as usize / 8;
            ends &= ends - 1;
            if let Some(place) = trimmed(line, start, end) {
                *room.get_mut(count)? = place;
                count += 1;
            }
            start = end + 1;
        }
        Some(())
    };
    let (words, rest) = line.as_chunks();
    for (n, word) in words.iter().enumerate() {
        add(commas(u64::from_le_bytes(*word)), n * 8)?;
    }
    let at = line.len() - rest.len();
    let end_of_line = 0x80 << (8 * rest.len());
    add(commas(word_at(line, at)) | end_of_line, at)?;
    room.get(..count)
}

/// Without space and tab around it; none if nothing is left.
#[inline]
fn trimmed(line: &[u8], start: usize, end: usize) -> Option<Place> {
    let element = line.get(start..end)?;
    let (start, end) = match element {
        [] => return None,
        [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => {
            let kept = trim_field_space(element);
            if kept.is_empty() {
                return None;
            }
            let before = element.iter().take_while(|b| matches!(b, b' ' | b'\t'));
            let start = start + before.count();
            (start, start + kept.len())
        }
        _ => (start, end),
    };
    Some(Place {
        start: u16::try_from(start).ok()?,
        end: u16::try_from(end).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue};

    use super::{Place, RequestedNames, Unreadable, split};
    use crate::request::{Asked, Request};
    use crate::syntax::list_elements;

    /// Elements of every length around a word, at every place in one, and spaces about.
    #[test]
    fn splits_as_the_definition_does() {
        let names: Vec<String> = (0..20)
            .map(|length| "aBc-D fg".repeat(3)[..length].into())
            .collect();
        for separator in [",", ", ", "\t, ,,", " ,"] {
            for skipped in 0..=20 {
                for end in ["", ",", " \t"] {
                    let line = names[skipped..].join(separator) + end;
                    let line = line.as_bytes();
                    let expected: Vec<&[u8]> = list_elements(line).collect();
                    let mut room = vec![Place::default(); expected.len()];
                    let places = split(line, &mut room).unwrap().iter();
                    let found: Vec<&[u8]> = places
                        .map(|place| &line[place.start.into()..place.end.into()])
                        .collect();
                    assert_eq!(found, expected, "{}", line.escape_ascii());
                    if let Some((_, less_room)) = room.split_first_mut() {
                        assert!(split(line, less_room).is_none());
                    }
                }
            }
        }
    }

    #[test]
    fn one_name_too_many_is_an_error() {
        for (count, read) in [(127, Ok(())), (128, Ok(())), (129, Err(Unreadable))] {
            let mut headers = HeaderMap::new();
            let line = HeaderValue::try_from(vec!["a"; count].join(",")).unwrap();
            headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, line);
            let request = Request::new(&http::Method::OPTIONS, &headers);
            let mut found = 0;
            let each = RequestedNames::of(&Asked::read(request, false).1)
                .unwrap()
                .each(|_| {
                    found += 1;
                    Ok(())
                });
            let all = if read.is_ok() { count } else { 0 };
            assert_eq!((each, found), (read, all));
        }
    }
}
