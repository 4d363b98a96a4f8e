//! What a text says, read again from the trees of other parsers: `roxmltree` for XML, and for JSON
//! a tree that keeps every key.
//!
//! Of a text that the crate has accepted, whatever is not as section 1 of the semantics wants it
//! panics.

use std::fmt;

use bucket_cors::{Configuration, Rule};
use roxmltree::{Document, Node};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

const XML_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// None if the text is beyond the parser: it asks of prefixes to be bound, and 1.3.11 doesn't.
pub fn xml(text: &str) -> Option<Configuration> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // 1.3.9, ahead of the parser: it leaves a CR that stands before a reference.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            assert!(is_of_names(&error), "{error}");
            return None;
        }
    };
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "CORSConfiguration");
    let mut configuration = Configuration::default();
    for child in elements(root) {
        match child.tag_name().name() {
            "CORSRule" => configuration.rules.push(xml_rule(child)),
            "ResponseVary" => once(&mut configuration.response_vary, boolean(trimmed(child))),
            other => panic!("{other:?}"),
        }
    }
    Some(configuration)
}

/// 1.3.11: nothing is asked of prefixes.
fn is_of_names(error: &roxmltree::Error) -> bool {
    use roxmltree::Error as E;
    matches!(
        error,
        E::UnknownNamespace(..)
            | E::InvalidXmlPrefixUri(_)
            | E::UnexpectedXmlUri(_)
            | E::UnexpectedXmlnsUri(_)
            | E::InvalidElementNamePrefix(_)
            | E::DuplicatedNamespace(..)
            | E::DuplicatedAttribute(..)
            | E::InvalidName(_)
    )
}

fn xml_rule(element: Node<'_, '_>) -> Rule {
    let mut rule = Rule::default();
    for child in elements(element) {
        match child.tag_name().name() {
            "ID" => once(&mut rule.id, text(child)),
            "AllowedOrigin" => rule.allowed_origins.push(trimmed(child)),
            "AllowedMethod" => rule.allowed_methods.push(trimmed(child)),
            "AllowedHeader" => rule.allowed_headers.push(trimmed(child)),
            "ExposeHeader" => rule.expose_headers.push(trimmed(child)),
            "MaxAgeSeconds" => once(&mut rule.max_age_seconds, number(trimmed(child))),
            other => panic!("{other:?}"),
        }
    }
    rule
}

// 1.4.4
fn elements<'a, 't>(parent: Node<'a, 't>) -> impl Iterator<Item = Node<'a, 't>> {
    parent.children().filter(|child| {
        let text = child.text().filter(|_| child.is_text()).unwrap_or_default();
        assert!(text.trim_matches(XML_SPACE).is_empty(), "{text:?}");
        child.is_element()
    })
}

// 1.4.3
fn text(element: Node<'_, '_>) -> String {
    let parts = element.children().filter(|child| {
        assert!(!child.is_element());
        child.is_text()
    });
    parts.filter_map(|part| part.text()).collect()
}

fn trimmed(element: Node<'_, '_>) -> String {
    trim(&text(element))
}

fn trim(text: &str) -> String {
    text.trim_matches(XML_SPACE).to_owned()
}

fn once<T>(place: &mut Option<T>, value: T) {
    assert!(place.replace(value).is_none(), "twice");
}

// 1.4.6
fn number(text: impl AsRef<str>) -> i64 {
    text.as_ref().parse().expect("a number")
}

// 1.4.7
fn boolean(text: impl AsRef<str>) -> bool {
    text.as_ref().parse().expect("a boolean")
}

/// A value, keys in order, none dropped.
#[derive(Debug)]
enum Json {
    Null,
    Boolean(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

pub fn json(text: &str) -> Configuration {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut configuration = Configuration::default();
    match serde_json::from_str(text).expect("JSON") {
        // 1.5.2
        Json::Object(keys) if is_a_rule(&keys) => configuration.rules = vec![json_rule(keys)],
        Json::Object(keys) => {
            each_once(&keys);
            for (key, value) in keys {
                match (key.as_str(), value) {
                    ("CORSRules", rules) => configuration.rules = json_rules(rules),
                    ("ResponseVary", Json::Boolean(vary)) => {
                        configuration.response_vary = Some(vary);
                    }
                    ("ResponseVary", Json::Text(vary)) => {
                        configuration.response_vary = Some(boolean(trim(&vary)));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        rules => configuration.rules = json_rules(rules),
    }
    configuration
}

fn is_a_rule(keys: &[(String, Json)]) -> bool {
    let of_a_document = |key: &str| ["CORSRules", "ResponseVary"].contains(&key);
    !keys.is_empty() && !keys.iter().any(|(key, _)| of_a_document(key))
}

fn json_rules(value: Json) -> Vec<Rule> {
    match value {
        Json::Object(keys) => vec![json_rule(keys)],
        Json::List(rules) => rules
            .into_iter()
            .map(|rule| match rule {
                Json::Object(keys) => json_rule(keys),
                other => panic!("{other:?}"),
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn json_rule(keys: Vec<(String, Json)>) -> Rule {
    each_once(&keys);
    let mut rule = Rule::default();
    for (key, value) in keys {
        match key.as_str() {
            "ID" => match value {
                Json::Text(id) => rule.id = Some(id),
                other => panic!("{other:?}"),
            },
            "AllowedOrigin" | "AllowedOrigins" => rule.allowed_origins = strings(&key, value),
            "AllowedMethod" | "AllowedMethods" => rule.allowed_methods = strings(&key, value),
            "AllowedHeader" | "AllowedHeaders" => rule.allowed_headers = strings(&key, value),
            "ExposeHeader" | "ExposeHeaders" => rule.expose_headers = strings(&key, value),
            "MaxAgeSeconds" => {
                rule.max_age_seconds = Some(match value {
                    Json::Number(age) => age.as_i64().expect("a number of 64 bits"),
                    Json::Text(age) => number(trim(&age)),
                    other => panic!("{other:?}"),
                });
            }
            other => panic!("{other:?}"),
        }
    }
    rule
}

// 1.5.7: in neither spelling.
fn each_once(keys: &[(String, Json)]) {
    let mut names: Vec<&str> = keys
        .iter()
        .map(|(key, _)| key.trim_end_matches('s'))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), keys.len(), "a key stands twice in {keys:?}");
}

// 1.5.6
fn strings(key: &str, value: Json) -> Vec<String> {
    let string = |value| match value {
        Json::Text(text) => trim(&text),
        other => panic!("{other:?}"),
    };
    match value {
        Json::List(values) => values.into_iter().map(string).collect(),
        one => {
            assert!(!key.ends_with('s'), "a string under {key:?}");
            vec![string(one)]
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Boolean(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Json::List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = object.next_entry()? {
                    keys.push(key);
                }
                Ok(Json::Object(keys))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
