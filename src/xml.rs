//! XML <-> [`Configuration`] (semantics 1).

mod well_formed;

use std::borrow::Cow;

use crate::configuration::{Configuration, Rule};
use crate::element::{Element, nearest};
use crate::error::{ParseError, ParseErrorKind};
use crate::profile::Profile;
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
        read(WellFormed::new(decode(text, profile)?)?)
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

fn read(mut parts: WellFormed<'_>) -> Result<Configuration, ParseError> {
    let (at, root) = parts.root()?;
    if root != Element::Configuration.as_str() {
        let name = root.to_owned();
        return Err(parts.error(at, ParseErrorKind::WrongRoot { name }));
    }

    let mut configuration = Configuration::default();
    while let Some((at, element)) = child(&mut parts, Element::Configuration)? {
        match element {
            Element::Rule => configuration.rules.push(read_rule(&mut parts)?),
            _ if configuration.response_vary.is_some() => {
                return Err(parts.error(at, ParseErrorKind::RepeatedElement { element }));
            }
            _ => configuration.response_vary = Some(read_boolean(&mut parts, at, element)?),
        }
    }
    parts.finish()?;
    Ok(configuration)
}

fn read_rule(parts: &mut WellFormed<'_>) -> Result<Rule, ParseError> {
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
        match element {
            Element::Id => rule.id = Some(read_text(parts, element)?.into_owned()),
            Element::AllowedOrigin => rule.allowed_origins.push(read_value(parts, element)?),
            Element::AllowedMethod => rule.allowed_methods.push(read_value(parts, element)?),
            Element::AllowedHeader => rule.allowed_headers.push(read_value(parts, element)?),
            Element::ExposeHeader => rule.expose_headers.push(read_value(parts, element)?),
            _ => rule.max_age_seconds = Some(read_number(parts, at, element)?),
        }
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

/// Everything up to the end of `element`, as written.
fn read_text<'t>(parts: &mut WellFormed<'t>, element: Element) -> Result<Cow<'t, str>, ParseError> {
    let mut value = Cow::Borrowed("");
    loop {
        match parts.next()? {
            (_, Part::Close) => return Ok(value),
            (_, Part::Text(text)) => value += text, // no copy of the first
            (at, Part::Open(name)) => {
                let name = name.to_owned();
                let within = element;
                return Err(parts.error(at, ParseErrorKind::UnexpectedElement { name, within }));
            }
        }
    }
}

/// The same, without the white space around it.
fn read_value(parts: &mut WellFormed<'_>, element: Element) -> Result<String, ParseError> {
    let text = read_text(parts, element)?;
    Ok(text.trim_matches(is_xml_space).to_owned())
}

fn read_number(parts: &mut WellFormed<'_>, at: usize, element: Element) -> Result<i64, ParseError> {
    let value = read_value(parts, element)?;
    ParseErrorKind::number(element, value).map_err(|kind| parts.error(at, kind))
}

fn read_boolean(
    parts: &mut WellFormed<'_>,
    at: usize,
    element: Element,
) -> Result<bool, ParseError> {
    let value = read_value(parts, element)?;
    ParseErrorKind::boolean(element, value).map_err(|kind| parts.error(at, kind))
}
