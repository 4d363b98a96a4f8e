//! From a document to a configuration or a rule set, whichever form it is in.

use crate::configuration::Configuration;
use crate::error::{Error, ParseError, ParseErrorKind};
use crate::profile::Profile;
use crate::ruleset::RuleSet;
use crate::syntax::is_xml_space;
use crate::text::decode;
use crate::{json, xml};

impl Configuration {
    /// Reads a document, XML or JSON.
    ///
    /// The first character after a byte order mark and white space tells the form: `<` is XML, `{`
    /// or `[` is JSON. This is for configuration files and tools. A server that answers `PUT ?cors`
    /// wants [`from_xml`](Self::from_xml).
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile};
    ///
    /// let xml = b"<CORSConfiguration><CORSRule/></CORSConfiguration>";
    /// let json = b"[{}]";
    /// let configuration = Configuration::parse(xml, Profile::S3)?;
    /// assert_eq!(configuration, Configuration::parse(json, Profile::S3)?);
    /// assert!(Configuration::parse(b"CORSRules: []", Profile::S3).is_err());
    /// # Ok::<(), bucket_cors::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A text in neither form, and what [`from_xml`](Self::from_xml) or
    /// [`from_json`](Self::from_json) refuses.
    pub fn parse(text: &[u8], profile: Profile) -> Result<Self, ParseError> {
        let text = decode(text, profile)?;
        match form(text)? {
            Form::Xml => xml::read(text),
            Form::Json => json::read(text),
        }
    }
}

impl RuleSet {
    /// Reads a document, XML or JSON, and compiles it.
    ///
    /// [`Configuration::parse`] says how the two are told apart. This is for configuration files. A
    /// server that answers `PUT ?cors` wants [`Configuration::from_xml`], keeps the configuration
    /// for `GET ?cors`, and compiles it.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] for what [`Configuration::parse`] refuses; [`Error::Compile`] for what
    /// [`RuleSet::compile`] refuses.
    pub fn parse(text: &[u8], profile: Profile) -> Result<Self, Error> {
        let configuration = Configuration::parse(text, profile)?;
        Ok(Self::compile(&configuration, profile)?)
    }
}

pub(crate) enum Form {
    Xml,
    Json,
}

/// What a decoded text is in (semantics 1.8).
pub(crate) fn form(text: &str) -> Result<Form, ParseError> {
    let start = text.trim_start_matches(is_xml_space);
    match start.as_bytes() {
        [b'<', ..] => Ok(Form::Xml),
        [b'{' | b'[', ..] => Ok(Form::Json),
        _ => {
            let offset = text.len() - start.len();
            Err(ParseError::at(ParseErrorKind::UnknownForm, text, offset))
        }
    }
}
