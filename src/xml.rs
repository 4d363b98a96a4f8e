//! XML <-> [`Configuration`] (semantics 1).

mod well_formed;

use std::borrow::Cow;
use std::ops::Range;

use crate::configuration::{Configuration, Rule};
use crate::element::{Element, nearest};
use crate::error::{ParseError, ParseErrorKind};
use crate::place::Place;
use crate::profile::Profile;
use crate::spans::Spans;
use crate::syntax::{is_xml_space, push_xml_element};
use crate::text::decode;
use well_formed::{Part, WellFormed};

impl Configuration {
    /// Reads the XML form: what `PUT ?cors` brings.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile};
    ///
    /// let text = b"<CORSConfiguration><CORSRule>
    ///     <AllowedOrigin>https://example.com</AllowedOrigin>
    ///     <AllowedMethod>GET</AllowedMethod>
    /// </CORSRule></CORSConfiguration>";
    /// let configuration = Configuration::from_xml(text, Profile::S3)?;
    /// assert_eq!(configuration.rules[0].allowed_origins, ["https://example.com"]);
    /// # Ok::<(), bucket_cors::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first thing in the text that makes it no CORS document, with its line and column:
    ///
    /// - more bytes than the profile takes (64 KiB), bytes that are not UTF-8, another declared
    ///   encoding, nothing;
    /// - XML that is not well-formed; a document type, always;
    /// - a root other than `CORSConfiguration`, an element that is unknown or stands in a value,
    ///   text between elements; namespaces and attributes are not looked at;
    /// - a second `ID`, `MaxAgeSeconds` or `ResponseVary`;
    /// - a `MaxAgeSeconds` that is no whole number of 64 bits, a `ResponseVary` that is neither
    ///   `true` nor `false`.
    pub fn from_xml(text: &[u8], profile: Profile) -> Result<Self, ParseError> {
        read(decode(text, profile)?)
    }

    /// Writes the XML form: what `GET ?cors` answers.
    ///
    /// Under [`Profile::S3`] the root carries S3's namespace, under [`Profile::COS`] none. A
    /// configuration that [compiles](crate::RuleSet::compile) reads back equal if the text fits the
    /// profile's size.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile, Rule};
    ///
    /// let configuration = Configuration::from_iter([Rule::new(["*"], ["GET"])]);
    /// assert_eq!(
    ///     configuration.to_xml(Profile::COS),
    ///     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    ///      <CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
    ///      <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
    /// );
    /// ```
    #[must_use]
    pub fn to_xml(&self, profile: Profile) -> String {
        let mut out =
            String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CORSConfiguration");
        if let Some(namespace) = profile.provider().namespace {
            out.extend([" xmlns=\"", namespace, "\""]);
        }
        out.push('>');
        for rule in &self.rules {
            write_rule(&mut out, rule);
        }
        if let Some(vary) = self.response_vary {
            let text = if vary { "true" } else { "false" };
            push_xml_element(&mut out, Element::ResponseVary.as_str(), text);
        }
        out.push_str("</CORSConfiguration>");
        out
    }
}

fn write_rule(out: &mut String, rule: &Rule) {
    let seconds = rule.max_age_seconds.map(|n| n.to_string());
    let written = [
        (Element::Id, rule.id.as_slice()),
        (Element::AllowedOrigin, &rule.allowed_origins),
        (Element::AllowedMethod, &rule.allowed_methods),
        (Element::AllowedHeader, &rule.allowed_headers),
        (Element::ExposeHeader, &rule.expose_headers),
        (Element::MaxAgeSeconds, seconds.as_slice()),
    ];
    out.push_str("<CORSRule>");
    for (element, values) in written {
        for value in values {
            push_xml_element(out, element.as_str(), value);
        }
    }
    out.push_str("</CORSRule>");
}

/// Reads a text that has been [decoded](decode).
pub(crate) fn read(text: &str) -> Result<Configuration, ParseError> {
    read_root(text, &mut NotKept)
}

/// The same, and says where everything stands.
pub(crate) fn read_with_spans(text: &str) -> Result<(Configuration, Spans), ParseError> {
    let mut spans = Spans::default();
    let configuration = read_root(text, &mut spans)?;
    Ok((configuration, spans))
}

/// What becomes of the spans that are met on the way.
trait Keep {
    /// Whether a span is worth finding out.
    const KEEPS: bool;

    fn keep(&mut self, place: Place, span: Range<usize>);
}

struct NotKept;

impl Keep for NotKept {
    const KEEPS: bool = false;

    fn keep(&mut self, _: Place, _: Range<usize>) {}
}

impl Keep for Spans {
    const KEEPS: bool = true;

    fn keep(&mut self, place: Place, span: Range<usize>) {
        Spans::keep(self, place, span);
    }
}

fn read_root(text: &str, spans: &mut impl Keep) -> Result<Configuration, ParseError> {
    let mut parts = WellFormed::new(text)?;
    let (at, root) = parts.root()?;
    if root != Element::Configuration.as_str() {
        let name = root.to_owned();
        return Err(parts.error(at, ParseErrorKind::WrongRoot { name }));
    }
    spans.keep(Place::CONFIGURATION, at..parts.end());

    let mut configuration = Configuration::default();
    while let Some((at, element)) = child(&mut parts, Element::Configuration)? {
        match element {
            Element::Rule => {
                let n = configuration.rules.len();
                spans.keep(Place::rule(n), at..parts.end());
                configuration.rules.push(read_rule(&mut parts, n, spans)?);
            }
            _ if configuration.response_vary.is_some() => {
                return Err(parts.error(at, ParseErrorKind::RepeatedElement { element }));
            }
            _ => {
                let vary = read_boolean(&mut parts, at, Place::RESPONSE_VARY, spans)?;
                configuration.response_vary = Some(vary);
            }
        }
    }
    parts.finish()?;
    Ok(configuration)
}

fn read_rule(
    parts: &mut WellFormed<'_>,
    n: usize,
    spans: &mut impl Keep,
) -> Result<Rule, ParseError> {
    let mut rule = Rule::default();
    while let Some((at, element)) = child(parts, Element::Rule)? {
        let repeated = match element {
            Element::Id => rule.id.is_some(),
            Element::MaxAgeSeconds => rule.max_age_seconds.is_some(),
            _ => false,
        };
        if repeated {
            return Err(parts.error(at, ParseErrorKind::RepeatedElement { element }));
        }
        let place = Place::element(n, element);
        let list = match element {
            Element::AllowedOrigin => &mut rule.allowed_origins,
            Element::AllowedMethod => &mut rule.allowed_methods,
            Element::AllowedHeader => &mut rule.allowed_headers,
            Element::ExposeHeader => &mut rule.expose_headers,
            Element::Id => {
                rule.id = Some(read_text(parts, at, place, spans)?.into_owned());
                continue;
            }
            _ => {
                rule.max_age_seconds = Some(read_number(parts, at, place, spans)?);
                continue;
            }
        };
        let place = Place::value(n, element, list.len());
        list.push(read_value(parts, at, place, spans)?);
    }
    Ok(rule)
}

/// What may stand in `parent`.
fn children(parent: Element) -> &'static [Element] {
    match parent {
        Element::Configuration => &[Element::Rule, Element::ResponseVary],
        Element::Rule => &Element::OF_A_RULE,
        _ => &[],
    }
}

/// The next element in `parent` and where it starts; None at the end of `parent`.
fn child(
    parts: &mut WellFormed<'_>,
    parent: Element,
) -> Result<Option<(usize, Element)>, ParseError> {
    loop {
        match parts.next()? {
            (_, Part::Close) => return Ok(None),
            (_, Part::Text(text)) if text.chars().all(is_xml_space) => {}
            (at, Part::Text(_)) => {
                return Err(parts.error(at, ParseErrorKind::UnexpectedText { within: parent }));
            }
            (at, Part::Open(name)) => {
                let known = children(parent).iter();
                if let Some(&element) = known.clone().find(|element| element.as_str() == name) {
                    return Ok(Some((at, element)));
                }
                let hint = nearest(name, known.map(|element| element.as_str()));
                let name = name.to_owned();
                return Err(parts.error(at, ParseErrorKind::UnknownElement { name, hint }));
            }
        }
    }
}

/// Everything up to the end of the element that starts at `at`, as written.
fn read_text<'t, K: Keep>(
    parts: &mut WellFormed<'t>,
    at: usize,
    place: Place,
    spans: &mut K,
) -> Result<Cow<'t, str>, ParseError> {
    let mut value = Cow::Borrowed("");
    let mut span: Option<Range<usize>> = None;
    loop {
        match parts.next()? {
            (_, Part::Close) => {
                spans.keep(place, span.unwrap_or(at..parts.end()));
                return Ok(value);
            }
            (_, Part::Text(text)) => {
                if K::KEEPS
                    && let Some(part) = counted(parts, place.element, &text)
                {
                    span = Some(span.map_or(part.start, |span| span.start)..part.end);
                }
                value += text; // no copy of the first
            }
            (at, Part::Open(name)) => {
                let name = name.to_owned();
                let within = place.element;
                return Err(parts.error(at, ParseErrorKind::UnexpectedElement { name, within }));
            }
        }
    }
}

/// Where that of the last part stands which is left in the value, if something is: the white space
/// around a value is not, except in an `ID`. A reference or a CDATA section stands as a whole.
fn counted(parts: &WellFormed<'_>, element: Element, text: &str) -> Option<Range<usize>> {
    let (start, raw) = parts.last();
    if element == Element::Id {
        return (!text.is_empty()).then(|| start..parts.end());
    }
    if text.chars().all(is_xml_space) {
        return None;
    }
    let ended = raw.trim_end_matches(is_xml_space);
    let trimmed = ended.trim_start_matches(is_xml_space);
    let end = start + ended.len();
    Some(end - trimmed.len()..end)
}

/// The same, without the white space around it.
fn read_value(
    parts: &mut WellFormed<'_>,
    at: usize,
    place: Place,
    spans: &mut impl Keep,
) -> Result<String, ParseError> {
    let text = read_text(parts, at, place, spans)?;
    Ok(text.trim_matches(is_xml_space).to_owned())
}

fn read_number(
    parts: &mut WellFormed<'_>,
    at: usize,
    place: Place,
    spans: &mut impl Keep,
) -> Result<i64, ParseError> {
    let value = read_value(parts, at, place, spans)?;
    ParseErrorKind::number(place.element, value).map_err(|kind| parts.error(at, kind))
}

fn read_boolean(
    parts: &mut WellFormed<'_>,
    at: usize,
    place: Place,
    spans: &mut impl Keep,
) -> Result<bool, ParseError> {
    let value = read_value(parts, at, place, spans)?;
    ParseErrorKind::boolean(place.element, value).map_err(|kind| parts.error(at, kind))
}
