//! JSON <-> [`Configuration`] (semantics 1.5).
//!
//! `serde_json` reads; what may stand where is said here, so that each refusal has its own kind and
//! its place. The canonical form, which is written, is the serde derive of [`Configuration`].

mod places;

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::error::Category;

use crate::configuration::{Configuration, Rule};
use crate::element::{Element, nearest};
use crate::error::{ParseError, ParseErrorKind};
use crate::profile::Profile;
use crate::syntax::is_xml_space;
use crate::text::decode;

pub(crate) use places::spans;

impl Configuration {
    /// Reads the JSON form, in every spelling that is about: a list `CORSRules`, a bare list of
    /// rules, or one rule in place of the list; the plural keys of S3's tools, and the singular
    /// ones of COS's, which take a string or a list.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile};
    ///
    /// let s3 = br#"{"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}"#;
    /// let cos = br#"{"AllowedOrigin": "*", "AllowedMethod": ["GET"]}"#;
    /// let configuration = Configuration::from_json(s3, Profile::S3)?;
    /// assert_eq!(configuration, Configuration::from_json(cos, Profile::COS)?);
    /// # Ok::<(), bucket_cors::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first thing in the text that makes it no CORS document, with its line and column as
    /// `serde_json` gives them:
    ///
    /// - more bytes than the profile takes (64 KiB), bytes that are not UTF-8, nothing;
    /// - JSON that is not well-formed;
    /// - a key that is unknown, stands twice, or stands in both spellings in one rule;
    /// - a value of the wrong type, `null` included; a string under a plural key;
    /// - a `MaxAgeSeconds` that is no whole number of 64 bits, a `ResponseVary` that is neither
    ///   `true` nor `false`.
    pub fn from_json(text: &[u8], profile: Profile) -> Result<Self, ParseError> {
        read(decode(text, profile)?)
    }

    /// Writes the JSON form: `{"CORSRules":[…]}` with plural keys, which S3's tools read.
    ///
    /// A configuration that [compiles](crate::RuleSet::compile) reads back equal if the text fits
    /// the profile's size.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, lists, numbers: nothing in a configuration can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Reads a text that has been [decoded](decode).
pub(crate) fn read(text: &str) -> Result<Configuration, ParseError> {
    let context = Context::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    Root(&context)
        .deserialize(&mut reader)
        .and_then(|configuration| reader.end().map(|()| configuration))
        .map_err(|error| context.explain(text, &error))
}

/// What `serde_json`'s errors don't say: which element was being read, and what about it was
/// refused.
struct Context {
    element: Cell<Element>,
    refused: Cell<Option<ParseErrorKind>>,
}

impl Context {
    fn new() -> Self {
        Self {
            element: Cell::new(Element::Configuration),
            refused: Cell::new(None),
        }
    }

    fn refuse<E: de::Error>(&self, kind: ParseErrorKind) -> E {
        self.refused.set(Some(kind));
        E::custom("refused")
    }

    fn unknown_key<E: de::Error>(
        &self,
        name: String,
        known: impl IntoIterator<Item = &'static str>,
    ) -> E {
        if name == NUMBER_AS_WRITTEN {
            return self.refuse(ParseErrorKind::WrongType {
                element: self.element.get(),
                detail: "invalid type: number, expected an object or a list".to_owned(),
            });
        }
        let hint = nearest(&name, known);
        self.refuse(ParseErrorKind::UnknownKey { name, hint })
    }

    fn explain(&self, text: &str, error: &serde_json::Error) -> ParseError {
        let kind = self.refused.take().unwrap_or_else(|| {
            let detail = without_position(error);
            match error.classify() {
                Category::Data => ParseErrorKind::WrongType {
                    element: self.element.get(),
                    detail,
                },
                Category::Syntax | Category::Eof | Category::Io => {
                    ParseErrorKind::NotWellFormed { detail }
                }
            }
        });
        ParseError::at_json(kind, text, error.line(), error.column())
    }
}

/// The error's text; it ends in the place, which stands elsewhere.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// The whole text: an object with `CORSRules` or `ResponseVary`, a list of rules, or one rule.
struct Root<'c>(&'c Context);

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = Configuration;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Configuration, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = Configuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CORS configuration, an object or a list of rules")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rules: A) -> Result<Configuration, A::Error> {
        Ok(read_rules(self.0, rules)?.into_iter().collect())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Configuration, A::Error> {
        match map.next_key::<String>()? {
            None => Ok(Configuration::default()),
            Some(key) if rule_key(&key).is_some() => {
                let rule = read_rule(self.0, map, Some(key))?;
                Ok([rule].into_iter().collect())
            }
            Some(key) => read_root(self.0, map, key),
        }
    }
}

const ROOT_KEYS: [&str; 2] = ["CORSRules", "ResponseVary"];

fn read_root<'de, A: MapAccess<'de>>(
    context: &Context,
    mut map: A,
    first: String,
) -> Result<Configuration, A::Error> {
    let mut rules = None;
    let mut response_vary = None;
    let mut next = Some(first);
    while let Some(name) = next {
        match name.as_str() {
            "CORSRules" if rules.is_none() => rules = Some(map.next_value_seed(Rules(context))?),
            "ResponseVary" if response_vary.is_none() => {
                response_vary = Some(map.next_value_seed(Boolean(context))?);
            }
            _ => {
                return Err(match ROOT_KEYS.into_iter().find(|key| *key == name) {
                    Some(key) => context.refuse(ParseErrorKind::RepeatedKey { key }),
                    // A rule's keys are hinted at too: the object may be meant as one rule.
                    None if rules.is_none() && response_vary.is_none() => {
                        context.unknown_key(name, ROOT_KEYS.into_iter().chain(rule_keys()))
                    }
                    None => context.unknown_key(name, ROOT_KEYS),
                });
            }
        }
        next = map.next_key()?;
    }
    Ok(Configuration {
        rules: rules.unwrap_or_default(),
        response_vary,
    })
}

/// A list of rules, or one rule in its place.
struct Rules<'c>(&'c Context);

impl<'de> DeserializeSeed<'de> for Rules<'_> {
    type Value = Vec<Rule>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Rule>, D::Error> {
        self.0.element.set(Element::Rule);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rules<'_> {
    type Value = Vec<Rule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rules")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rules: A) -> Result<Vec<Rule>, A::Error> {
        read_rules(self.0, rules)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Rule>, A::Error> {
        Ok(vec![read_rule(self.0, map, None)?])
    }
}

fn read_rules<'de, A: SeqAccess<'de>>(
    context: &Context,
    mut rules: A,
) -> Result<Vec<Rule>, A::Error> {
    let mut read = Vec::new();
    while let Some(rule) = rules.next_element_seed(OneRule(context))? {
        read.push(rule);
    }
    Ok(read)
}

struct OneRule<'c>(&'c Context);

impl<'de> DeserializeSeed<'de> for OneRule<'_> {
    type Value = Rule;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Rule, D::Error> {
        self.0.element.set(Element::Rule);
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneRule<'_> {
    type Value = Rule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rule, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
        read_rule(self.0, map, None)
    }
}

/// The element that a rule's key stands for, and the key.
fn rule_key(name: &str) -> Option<(Element, &'static str)> {
    Element::OF_A_RULE.into_iter().find_map(|element| {
        let key = spellings(element).find(|key| *key == name)?;
        Some((element, key))
    })
}

fn rule_keys() -> impl Iterator<Item = &'static str> {
    Element::OF_A_RULE.into_iter().flat_map(spellings)
}

/// The plural first: of two names equally near it is the one that is written.
fn spellings(element: Element) -> impl Iterator<Item = &'static str> {
    element.plural().into_iter().chain([element.as_str()])
}

/// `first` is a key that has been read already.
fn read_rule<'de, A: MapAccess<'de>>(
    context: &Context,
    mut map: A,
    first: Option<String>,
) -> Result<Rule, A::Error> {
    let mut rule = Rule::default();
    let mut seen: Vec<(Element, &'static str)> = Vec::new();
    let mut next = match first {
        Some(key) => Some(key),
        None => map.next_key()?,
    };
    while let Some(name) = next {
        let Some((element, key)) = rule_key(&name) else {
            return Err(context.unknown_key(name, rule_keys()));
        };
        if let Some(&(_, before)) = seen.iter().find(|(seen, _)| *seen == element) {
            return Err(context.refuse(if before == key {
                ParseErrorKind::RepeatedKey { key }
            } else {
                ParseErrorKind::BothSpellings {
                    first: before,
                    second: key,
                }
            }));
        }
        seen.push((element, key));
        let list = Strings {
            context,
            element,
            key,
        };
        match element {
            Element::AllowedOrigin => rule.allowed_origins = map.next_value_seed(list)?,
            Element::AllowedMethod => rule.allowed_methods = map.next_value_seed(list)?,
            Element::AllowedHeader => rule.allowed_headers = map.next_value_seed(list)?,
            Element::ExposeHeader => rule.expose_headers = map.next_value_seed(list)?,
            Element::Id => rule.id = Some(map.next_value_seed(Text { context, element })?),
            _ => rule.max_age_seconds = Some(map.next_value_seed(Number(context))?),
        }
        next = map.next_key()?;
    }
    Ok(rule)
}

/// The values of an element that may be repeated: a list, or under a singular key one string.
struct Strings<'c> {
    context: &'c Context,
    element: Element,
    key: &'static str,
}

impl<'de> DeserializeSeed<'de> for Strings<'_> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        self.context.element.set(self.element);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strings<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
        let singular = self.element.as_str();
        if self.key == singular {
            return Ok(vec![text.trim_matches(is_xml_space).to_owned()]);
        }
        Err(self.context.refuse(ParseErrorKind::StringUnderPlural {
            key: self.key,
            hint: singular,
        }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        let mut values = Vec::new();
        let text = || Text {
            context: self.context,
            element: self.element,
        };
        while let Some(value) = list.next_element_seed(text())? {
            values.push(value);
        }
        Ok(values)
    }
}

/// One string, without the white space around it; an `ID` as it is.
struct Text<'c> {
    context: &'c Context,
    element: Element,
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        self.context.element.set(self.element);
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        let text = match self.element {
            Element::Id => text,
            _ => text.trim_matches(is_xml_space),
        };
        Ok(text.to_owned())
    }
}

/// `MaxAgeSeconds`: a number, or a string of one.
struct Number<'c>(&'c Context);

impl<'de> DeserializeSeed<'de> for Number<'_> {
    type Value = i64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<i64, D::Error> {
        self.0.element.set(Element::MaxAgeSeconds);
        deserializer.deserialize_any(self)
    }
}

impl Number<'_> {
    fn refuse<T, E: de::Error>(
        &self,
        number: &impl ToString,
        kind: fn(Element, String) -> ParseErrorKind,
    ) -> Result<T, E> {
        let kind = kind(Element::MaxAgeSeconds, number.to_string());
        Err(self.0.refuse(kind))
    }
}

impl<'de> Visitor<'de> for Number<'_> {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).or_else(|_| self.refuse(&number, ParseErrorKind::too_large))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<i64, E> {
        self.refuse(&format!("{number:?}"), ParseErrorKind::no_number) // 1.0, not 1
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
        let text = text.trim_matches(is_xml_space).to_owned();
        ParseErrorKind::number(Element::MaxAgeSeconds, text).map_err(|kind| self.0.refuse(kind))
    }

    /// No number, unless `serde_json` is built to keep numbers as they are written: then one that it
    /// does not take for an integer.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<i64, A::Error> {
        if map.next_key::<String>()?.as_deref() != Some(NUMBER_AS_WRITTEN) {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        }
        let digits = map.next_value_seed(Digits(&self))?;
        self.refuse(&digits, ParseErrorKind::no_number)
    }
}

/// Built so (its feature `arbitrary_precision`, which any crate of a build can turn on),
/// `serde_json` hands a number over as a map of this key to the digits.
const NUMBER_AS_WRITTEN: &str = "$serde_json::private::Number";

/// Those digits. A map like it that stands in the document is refused: the reader answers a request
/// for a number with a string only where it made the map up.
struct Digits<'n, 'c>(&'n Number<'c>);

impl<'de> DeserializeSeed<'de> for Digits<'_, '_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_u64(self)
    }
}

impl Visitor<'_> for Digits<'_, '_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: de::Error>(self, digits: &str) -> Result<String, E> {
        Ok(digits.to_owned())
    }
}

/// `ResponseVary`: `true` or `false`, or a string of one.
struct Boolean<'c>(&'c Context);

impl<'de> DeserializeSeed<'de> for Boolean<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.0.element.set(Element::ResponseVary);
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Boolean<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true` or `false`")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<bool, E> {
        let text = text.trim_matches(is_xml_space).to_owned();
        ParseErrorKind::boolean(Element::ResponseVary, text).map_err(|kind| self.0.refuse(kind))
    }
}
