//! What CORS reads of a request.

use std::fmt;

use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName,
    HeaderValue, InvalidHeaderValue, ORIGIN, ValueIter,
};

/// What CORS reads of a request: its method, and the fields `Origin`,
/// `Access-Control-Request-Method` and `Access-Control-Request-Headers`.
///
/// Two words, borrowed. [`evaluate`](crate::RuleSet::evaluate) takes whatever turns into one:
/// `&http::Request<B>`, `&http::request::Parts`, [`&RequestFields`](RequestFields), and a `Request`
/// itself.
#[derive(Clone, Copy)]
pub struct Request<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Http(&'a http::Method, &'a HeaderMap),
    Fields(&'a RequestFields<'a>),
}

/// What a request is to CORS (semantics 3.2).
///
/// Exhaustive on purpose: there is no request that is none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// No `Origin`, and not `OPTIONS`.
    NotCors,
    /// The Fetch standard's CORS-preflight request: `OPTIONS` with `Origin` and
    /// `Access-Control-Request-Method`.
    Preflight,
    /// Any other `OPTIONS`. Object stores refuse it like a preflight that lacks something; a server
    /// that gives `OPTIONS` a meaning of its own looks at the kind first, and serves it.
    Options,
    /// `Origin`, and not `OPTIONS`.
    Actual,
}

impl RequestKind {
    /// A stable label for logs and metrics: `not_cors`, `preflight`, `options`, `actual`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCors => "not_cors",
            Self::Preflight => "preflight",
            Self::Options => "options",
            Self::Actual => "actual",
        }
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> Request<'a> {
    /// A request of the `http` crate's types.
    #[must_use]
    pub fn new(method: &'a http::Method, headers: &'a HeaderMap) -> Self {
        Self(Source::Http(method, headers))
    }

    /// What the request is to CORS.
    ///
    /// ```
    /// use bucket_cors::{Request, RequestKind};
    ///
    /// let request = http::Request::get("/object").body(()).unwrap();
    /// assert_eq!(Request::from(&request).kind(), RequestKind::NotCors);
    /// ```
    #[must_use]
    pub fn kind(self) -> RequestKind {
        Asked::read(self, false).0
    }

    #[inline]
    fn is_options(self) -> bool {
        match self.0 {
            Source::Http(method, _) => *method == http::Method::OPTIONS,
            Source::Fields(fields) => fields.method == b"OPTIONS",
        }
    }

    #[inline]
    pub(crate) fn method(self) -> &'a [u8] {
        match self.0 {
            Source::Http(method, _) => method.as_str().as_bytes(),
            Source::Fields(fields) => fields.method,
        }
    }

    /// `Origin`. One empty line counts as none.
    #[inline]
    fn origin(self) -> Field<'a> {
        let field = match self.0 {
            Source::Http(_, headers) => Field::read(headers, &ORIGIN),
            Source::Fields(fields) => fields.origin.field(),
        };
        match field {
            Field::Line(line) if line.bytes().is_empty() => Field::Absent,
            field => field,
        }
    }

    /// `Access-Control-Request-Method`.
    #[inline]
    fn requested_method(self) -> Field<'a> {
        match self.0 {
            Source::Http(_, headers) => Field::read(headers, &ACCESS_CONTROL_REQUEST_METHOD),
            Source::Fields(fields) => fields.requested_method.field(),
        }
    }

    #[inline]
    fn lines_of(self, requested_headers: Field<'a>) -> Lines<'a> {
        match (requested_headers, self.0) {
            (Field::Absent, _) => Lines::One(None),
            (Field::Line(line), _) => Lines::One(Some(line.bytes())),
            (Field::Several, Source::Http(_, headers)) => {
                Lines::Http(headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter())
            }
            (Field::Several, Source::Fields(fields)) => {
                Lines::Fields(fields.requested_headers.lines().iter())
            }
        }
    }

    /// `Access-Control-Request-Headers`.
    #[inline]
    fn requested_headers(self) -> Field<'a> {
        match self.0 {
            Source::Http(_, headers) => Field::read(headers, &ACCESS_CONTROL_REQUEST_HEADERS),
            Source::Fields(fields) => fields.requested_headers.field(),
        }
    }
}

/// The fields of a request that its profile looks at, each looked up once; but names in several lines
/// are looked for again.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) origin: Field<'a>,
    /// `Access-Control-Request-Method`. Absent where the profile does not look at it.
    pub(crate) method: Field<'a>,
    /// `Access-Control-Request-Headers`, unread. Likewise.
    pub(crate) names: Field<'a>,
}

impl<'a> Asked<'a> {
    /// `on_actual` is whether the preflight's fields count on an actual request.
    #[expect(
        clippy::inline_always,
        reason = "the decision is made of what it returns"
    )]
    #[inline(always)]
    pub(crate) fn read(request: Request<'a>, on_actual: bool) -> (RequestKind, Self) {
        let mut asked = Self {
            request,
            origin: request.origin(),
            method: Field::Absent,
            names: Field::Absent,
        };
        let is_options = request.is_options();
        let is_actual = !is_options && !matches!(asked.origin, Field::Absent);
        if is_options || (is_actual && on_actual) {
            asked.method = request.requested_method();
            asked.names = request.requested_headers();
        }
        let kind = match (is_options, asked.origin, asked.method) {
            (false, Field::Absent, _) => RequestKind::NotCors,
            (false, _, _) => RequestKind::Actual,
            (true, Field::Absent, _) | (true, _, Field::Absent) => RequestKind::Options,
            (true, _, _) => RequestKind::Preflight,
        };
        (kind, asked)
    }

    /// The lines of [`names`](Self::names). If there are several, they are looked for again.
    #[inline]
    pub(crate) fn name_lines(&self) -> Lines<'a> {
        self.request.lines_of(self.names)
    }
}

/// A field, as far as one look-up tells.
#[derive(Clone, Copy)]
pub(crate) enum Field<'a> {
    Absent,
    Line(Line<'a>),
    Several,
}

/// One line of a field: where it stands, so that it is one word.
#[derive(Clone, Copy)]
pub(crate) enum Line<'a> {
    /// That an answer can repeat it without a copy.
    Http(&'a HeaderValue),
    Bytes(&'a &'a [u8]),
}

impl<'a> Line<'a> {
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Http(value) => value.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The text of a line that is known to be printable; empty if it is not.
    pub(crate) fn printable(self) -> &'a str {
        str::from_utf8(self.bytes()).unwrap_or_default()
    }

    pub(crate) fn to_header(self) -> Result<HeaderValue, InvalidHeaderValue> {
        match self {
            Self::Http(value) => Ok(value.clone()),
            Self::Bytes(bytes) => HeaderValue::from_bytes(bytes),
        }
    }
}

impl<'a> Field<'a> {
    #[inline]
    fn read(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut lines = headers.get_all(name).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::Absent,
            (Some(line), None) => Self::Line(Line::Http(line)),
            (Some(_), Some(_)) => Self::Several,
        }
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Line(line) => debug_line(f, line.bytes()),
            Self::Several => f.write_str("several lines"),
        }
    }
}

/// More lines of `Access-Control-Request-Headers` than this are not read.
pub(crate) const MAX_NAME_LINES: usize = 8;

/// The lines of a list field, in order.
pub(crate) enum Lines<'a> {
    One(Option<&'a [u8]>),
    Http(ValueIter<'a, HeaderValue>),
    Fields(std::slice::Iter<'a, &'a [u8]>),
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        match self {
            Self::One(line) => line.take(),
            Self::Http(values) => values.next().map(HeaderValue::as_bytes),
            Self::Fields(lines) => lines.next().copied(),
        }
    }
}

/// The fields that matter, for servers without the `http` crate's types.
///
/// It stands in place, keeps what CORS reads, ignores the rest and never allocates. A decision
/// borrows it, so it is bound to a name before [`evaluate`](crate::RuleSet::evaluate) is called.
///
/// ```
/// use bucket_cors::{Request, RequestFields, RequestKind};
///
/// let fields = [("host", &b"bucket"[..]), ("ORIGIN", b"https://example.com")];
/// let request = RequestFields::new(b"GET", fields);
/// assert_eq!(Request::from(&request).kind(), RequestKind::Actual);
/// ```
#[derive(Clone, Copy)]
pub struct RequestFields<'a> {
    method: &'a [u8],
    origin: FewLines<'a, 2>,
    requested_method: FewLines<'a, 2>,
    requested_headers: FewLines<'a, { MAX_NAME_LINES + 1 }>,
}

impl<'a> RequestFields<'a> {
    /// Reads a request: its method, and every field line in order, names in any case.
    #[must_use]
    pub fn new<'n>(
        method: &'a [u8],
        fields: impl IntoIterator<Item = (&'n str, &'a [u8])>,
    ) -> Self {
        let mut read = Self {
            method,
            origin: FewLines::none(),
            requested_method: FewLines::none(),
            requested_headers: FewLines::none(),
        };
        for (name, line) in fields {
            let is = |known: &HeaderName| unicase::eq_ascii(name, known.as_str());
            if is(&ORIGIN) {
                read.origin.add(line);
            } else if is(&ACCESS_CONTROL_REQUEST_METHOD) {
                read.requested_method.add(line);
            } else if is(&ACCESS_CONTROL_REQUEST_HEADERS) {
                read.requested_headers.add(line);
            }
        }
        read
    }
}

/// The lines of a field, as many as tell that there are too many.
#[derive(Clone, Copy)]
struct FewLines<'a, const MOST: usize> {
    lines: [&'a [u8]; MOST],
    count: usize,
}

impl<'a, const MOST: usize> FewLines<'a, MOST> {
    fn none() -> Self {
        Self {
            lines: [b""; MOST],
            count: 0,
        }
    }

    fn add(&mut self, line: &'a [u8]) {
        if let Some(free) = self.lines.get_mut(self.count) {
            *free = line;
            self.count += 1;
        }
    }

    fn lines(&self) -> &[&'a [u8]] {
        self.lines.get(..self.count).unwrap_or_default()
    }

    fn field(&self) -> Field<'_> {
        match self.lines() {
            [] => Field::Absent,
            [line] => Field::Line(Line::Bytes(line)),
            _ => Field::Several,
        }
    }
}

impl<'a, B> From<&'a http::Request<B>> for Request<'a> {
    fn from(request: &'a http::Request<B>) -> Self {
        Self::new(request.method(), request.headers())
    }
}

impl<'a> From<&'a http::request::Parts> for Request<'a> {
    fn from(parts: &'a http::request::Parts) -> Self {
        Self::new(&parts.method, &parts.headers)
    }
}

impl<'a> From<&'a RequestFields<'_>> for Request<'a> {
    fn from(fields: &'a RequestFields<'_>) -> Self {
        Self(Source::Fields(fields))
    }
}

impl<'a> From<&Request<'a>> for Request<'a> {
    fn from(request: &Request<'a>) -> Self {
        *request
    }
}

/// The kind and the CORS fields, escaped; nothing else of the request.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Request");
        debug.field("kind", &self.kind());
        self.debug_fields(&mut debug);
        debug.finish()
    }
}

impl fmt::Debug for RequestFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = Request::from(self);
        let mut debug = f.debug_struct("RequestFields");
        debug.field("kind", &request.kind());
        request.debug_fields(&mut debug);
        debug.finish()
    }
}

impl Request<'_> {
    pub(crate) fn debug_fields(self, debug: &mut fmt::DebugStruct<'_, '_>) {
        debug
            .field("origin", &self.origin())
            .field("access_control_request_method", &self.requested_method())
            .field("access_control_request_headers", &DebugLines(self));
    }
}

/// As many lines as are read.
struct DebugLines<'a>(Request<'a>);

impl fmt::Debug for DebugLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.lines_of(self.0.requested_headers());
        let mut list = f.debug_list();
        for line in lines.take(MAX_NAME_LINES + 1) {
            list.entry(&Field::Line(Line::Bytes(&line)));
        }
        list.finish()
    }
}

/// Escaped, and cut like foreign text in a message.
fn debug_line(f: &mut fmt::Formatter<'_>, line: &[u8]) -> fmt::Result {
    let (shown, more) = match line.split_at_checked(128) {
        Some((shown, [_, ..])) => (shown, "…"),
        _ => (line, ""),
    };
    write!(f, "\"{}\"{more}", shown.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_request_is_two_words() {
        assert_eq!(size_of::<Request<'_>>(), 2 * size_of::<usize>());
    }
}
