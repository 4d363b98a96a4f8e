//! From a configuration file to a rule set, whichever form it is in.

use crate::configuration::Configuration;
use crate::error::{Error, ParseError, ParseErrorKind, Position};
use crate::profile::Profile;
use crate::ruleset::RuleSet;
use crate::syntax::is_xml_space;
use crate::text::decode;

impl RuleSet {
    /// Reads a document, XML or JSON, and compiles it.
    ///
    /// The first character after a byte order mark and white space tells the form: `<` is XML, `{`
    /// or `[` is JSON. This is for configuration files. A server that answers `PUT ?cors` wants
    /// [`Configuration::from_xml`], keeps the configuration for `GET ?cors`, and compiles it.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] for a text in neither form and for what [`Configuration::from_xml`] or
    /// [`Configuration::from_json`] refuses; [`Error::Compile`] for what [`RuleSet::compile`]
    /// refuses.
    pub fn parse(text: &[u8], profile: Profile) -> Result<Self, Error> {
        let document = decode(text, profile)?;
        let start = document.trim_start_matches(is_xml_space);
        let configuration = match start.as_bytes() {
            [b'<', ..] => Configuration::from_xml(text, profile)?,
            [b'{' | b'[', ..] => Configuration::from_json(text, profile)?,
            _ => {
                let position = Position::at(document, document.len() - start.len());
                return Err(ParseError::new(ParseErrorKind::UnknownForm, Some(position)).into());
            }
        };
        Ok(Self::compile(&configuration, profile)?)
    }
}
