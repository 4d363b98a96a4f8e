//! A text that was read, and where in it things stand.

use std::ops::Range;

use crate::configuration::Configuration;
use crate::error::{ParseError, Position};
#[cfg(all(feature = "xml", feature = "json"))]
use crate::parse::{Form, form};
use crate::place::Place;
use crate::profile::Profile;
use crate::spans::Spans;
use crate::text::decode;

/// A document that was read: what it says, and where in its text each part stands.
///
/// With it a [`Fault`](crate::Fault) or a [`Finding`](crate::Finding) can be shown where it is.
/// Servers that have no one to show it to read a [`Configuration`], which costs less.
///
#[cfg_attr(all(feature = "xml", feature = "json"), doc = "```")]
#[cfg_attr(not(all(feature = "xml", feature = "json")), doc = "```ignore")]
/// use bucket_cors::{Document, Profile, RuleSet};
///
/// let text = r#"{
///   "AllowedOrigin": "https://example.com",
///   "AllowedMethod": ["GET", "put"]
/// }"#;
/// let document = Document::read(text.as_bytes(), Profile::S3)?;
/// assert_eq!(document.configuration().rules.len(), 1);
///
/// let error = RuleSet::compile(document.configuration(), Profile::S3).unwrap_err();
/// let fault = &error.faults()[0];
/// assert_eq!(&document.text()[document.span(fault.place())], "\"put\"");
/// assert_eq!(document.position(fault.place()).to_string(), "line 3, column 28");
/// # Ok::<(), bucket_cors::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'t> {
    text: &'t str,
    configuration: Configuration,
    spans: Spans,
}

impl<'t> Document<'t> {
    /// Reads a document, XML or JSON.
    ///
    /// # Errors
    ///
    /// What [`Configuration::parse`] refuses, in its words.
    #[cfg(all(feature = "xml", feature = "json"))]
    pub fn read(text: &'t [u8], profile: Profile) -> Result<Self, ParseError> {
        let text = decode(text, profile)?;
        match form(text)? {
            Form::Xml => Self::of_xml(text),
            Form::Json => Self::of_json(text),
        }
    }

    /// Reads the XML form.
    ///
    /// ```
    /// use bucket_cors::{Document, Profile, RuleSet};
    ///
    /// let text = b"<CORSConfiguration>
    ///   <CORSRule><AllowedOrigin>a &amp; b</AllowedOrigin></CORSRule>
    /// </CORSConfiguration>";
    /// let document = Document::from_xml(text, Profile::S3)?;
    /// let error = RuleSet::compile(document.configuration(), Profile::S3).unwrap_err();
    /// let spans = error.faults().iter().map(|fault| document.span(fault.place()));
    /// // A bad value, as it is written; and what is missing, in its rule.
    /// let marked: Vec<&str> = spans.map(|span| &document.text()[span]).collect();
    /// assert_eq!(marked, ["a &amp; b", "<CORSRule>"]);
    /// # Ok::<(), bucket_cors::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What [`Configuration::from_xml`] refuses, in its words.
    #[cfg(feature = "xml")]
    pub fn from_xml(text: &'t [u8], profile: Profile) -> Result<Self, ParseError> {
        Self::of_xml(decode(text, profile)?)
    }

    #[cfg(feature = "xml")]
    fn of_xml(text: &'t str) -> Result<Self, ParseError> {
        let (configuration, spans) = crate::xml::read_with_spans(text)?;
        Ok(Self {
            text,
            configuration,
            spans,
        })
    }

    /// Reads the JSON form, in every spelling.
    ///
    /// ```
    /// use bucket_cors::{Document, Profile, RuleSet};
    ///
    /// let text = br#"[{"AllowedOrigins": [], "AllowedMethods": ["get"]}, {}]"#;
    /// let document = Document::from_json(text, Profile::S3)?;
    /// let error = RuleSet::compile(document.configuration(), Profile::S3).unwrap_err();
    /// let spans = error.faults().iter().map(|fault| document.span(fault.place()));
    /// // What is missing, in its list; a bad value; twice what is missing, in its rule.
    /// let marked: Vec<&str> = spans.map(|span| &document.text()[span]).collect();
    /// assert_eq!(marked, ["[]", "\"get\"", "{", "{"]);
    /// # Ok::<(), bucket_cors::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What [`Configuration::from_json`] refuses, in its words.
    #[cfg(feature = "json")]
    pub fn from_json(text: &'t [u8], profile: Profile) -> Result<Self, ParseError> {
        Self::of_json(decode(text, profile)?)
    }

    #[cfg(feature = "json")]
    fn of_json(text: &'t str) -> Result<Self, ParseError> {
        let configuration = crate::json::read(text)?;
        Ok(Self {
            text,
            configuration,
            spans: crate::json::spans(text),
        })
    }

    /// What it says.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// What it says, without the text.
    #[must_use]
    pub fn into_configuration(self) -> Configuration {
        self.configuration
    }

    /// The text that was read, without a byte order mark: what offsets and positions are counted
    /// in.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The bytes of [`text`](Self::text) to point at for a place.
    ///
    /// | | XML | JSON |
    /// |---|---|---|
    /// | a value | its text as it is written, without the white space around it; if it is empty, its tags | as it is written, a string with its quotes |
    /// | an element's list | its first value | the list, or the string in its place |
    /// | a rule | its start tag | its `{` |
    /// | the list of rules | the root's start tag | its `[`, or the `{` of the rule in its place |
    /// | the configuration | the root's start tag | the text's first bracket |
    ///
    /// An `ID` keeps its white space. References, CDATA sections and escapes are not decoded, and
    /// what is skipped inside a value, such as a comment, is a part of its span.
    ///
    /// What has no text of its own, such as an element that is missing or a place in another
    /// configuration, is looked for in its list, then its rule, then the whole.
    #[must_use]
    pub fn span(&self, place: Place) -> Range<usize> {
        self.spans.of(place)
    }

    /// The line and column at which the [span](Self::span) of a place starts. In JSON too, a column
    /// is a character, and a line ends with LF, CR LF or CR.
    #[must_use]
    pub fn position(&self, place: Place) -> Position {
        Position::at(self.text, self.span(place).start)
    }
}
