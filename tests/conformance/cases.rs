//! The cases as they stand in the JSON files beside this one; schema.json says the same to other languages.
//!
//! Read strictly: a key that is not known is an error, so a misspelt expectation can't pass.

#![allow(dead_code, reason = "the runner has no use for all of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Deserializer};

/// Every topic of a folder, by the name of its file.
pub fn load(folder: &Path) -> Result<Vec<(String, Topic)>, String> {
    let of = |error: &dyn ToString| format!("{}: {}", folder.display(), error.to_string());
    let mut topics = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| of(&error))? {
        let path = entry.map_err(|error| of(&error))?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.extension().is_none_or(|end| end != "json") || name == "schema" {
            continue;
        }
        let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let topic = serde_json::from_slice(&text)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        topics.push((name.into_owned(), topic));
    }
    topics.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(topics)
}

/// One file: requests by group, or documents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    #[serde(rename = "$schema")]
    schema: String,
    pub about: String,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub documents: Vec<DocumentCase>,
}

/// Requests to one bucket.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: String,
    #[serde(default)]
    pub about: String,
    pub providers: Vec<Provider>,
    #[serde(default)]
    pub vary: Vary,
    #[serde(default)]
    pub credentials: Credentials,
    pub max_rules: Option<usize>,
    /// As XML. None: the bucket has none, which has to be said.
    #[serde(deserialize_with = "required")]
    pub document: Option<Text>,
    pub cases: Vec<Case>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    Cos,
    S3,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vary {
    #[default]
    Safe,
    AsProvider,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    #[default]
    AsProvider,
    Never,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub why: String,
    pub source: Vec<String>,
    pub request: Request,
    pub response: Option<Response>,
    pub expect: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub method: Text,
    pub fields: Vec<(String, Text)>,
}

/// What the server's response has before the decision is written to it, and after.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    pub before: Vec<(String, String)>,
    pub after: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub kind: String,
    pub outcome: String,
    pub rule: Option<usize>,
    pub denial: Option<String>,
    pub status: Option<u16>,
    pub error: Option<ErrorBody>,
    /// All of them: what is not here must be absent.
    pub fields: BTreeMap<String, Each<Option<Text>>>,
    pub vary: Each<Vec<String>>,
}

/// What is left out is not compared; `null` must be absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    pub code: String,
    pub message: Option<Each<Text>>,
    #[serde(default, deserialize_with = "stated")]
    pub method: Option<Each<Option<Text>>>,
    #[serde(default, deserialize_with = "stated")]
    pub resource_type: Option<Each<Option<Text>>>,
}

/// A value for all providers of the group, or one for each.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Each<T> {
    By(BTreeMap<Provider, T>),
    Same(T),
}

impl<T> Each<T> {
    /// A provider that is left out has no value, which fails as a case of its own.
    pub fn of(&self, provider: Provider) -> Option<&T> {
        match self {
            Self::By(values) => values.get(&provider),
            Self::Same(value) => Some(value),
        }
    }
}

/// A document that is put, and what becomes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCase {
    pub name: String,
    pub why: String,
    pub source: Vec<String>,
    pub providers: Vec<Provider>,
    pub max_rules: Option<usize>,
    pub form: Form,
    pub document: Text,
    pub expect: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Xml,
    Json,
    /// The reader has to tell.
    Either,
}

/// Either of the first two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    pub accepted: Option<Configuration>,
    pub refused: Option<Refusal>,
    /// Of the root, when it is written as XML again.
    #[serde(default, deserialize_with = "stated")]
    pub namespace: Option<Each<Option<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    #[serde(rename = "CORSRules")]
    pub rules: Vec<Rules>,
    #[serde(rename = "ResponseVary")]
    pub response_vary: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Rules {
    Repeated(Repeated),
    One(Box<Rule>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    pub repeat: Rule,
    pub times: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Rule {
    #[serde(rename = "ID")]
    pub id: Option<Text>,
    pub allowed_origins: Vec<Text>,
    pub allowed_methods: Vec<Text>,
    #[serde(default)]
    pub allowed_headers: Vec<Text>,
    #[serde(default)]
    pub expose_headers: Vec<Text>,
    pub max_age_seconds: Option<i64>,
}

/// By `clause` if the text can't be read, by `faults` if it can't be compiled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub code: String,
    pub message: Option<Text>,
    pub clause: Option<String>,
    pub name: Option<String>,
    pub hint: Option<String>,
    pub line: Option<usize>,
    #[serde(default)]
    pub faults: Vec<Fault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub clause: String,
    #[serde(deserialize_with = "required")]
    pub rule: Option<usize>,
    pub element: Option<String>,
    pub value: Option<Text>,
}

/// Bytes: a string, or parts one after the other.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Text(pub Vec<u8>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Plain(String),
    Hex(Hex),
    Repeat(Repeat),
}

/// For bytes that are not UTF-8.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hex {
    hex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    repeat: String,
    times: usize,
}

impl TryFrom<Written> for Text {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let parts = match written {
            Written::Plain(text) => return Ok(Self(text.into_bytes())),
            Written::Parts(parts) => parts,
        };
        let mut bytes = Vec::new();
        for part in parts {
            match part {
                Part::Plain(text) => bytes.extend(text.into_bytes()),
                Part::Hex(Hex { hex }) => bytes.extend(unhex(&hex)?),
                Part::Repeat(Repeat { repeat, times }) => {
                    bytes.extend(repeat.repeat(times).bytes());
                }
            }
        }
        Ok(Self(bytes))
    }
}

fn unhex(digits: &str) -> Result<Vec<u8>, String> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    bytes.ok_or_else(|| format!("{digits:?} is not pairs of hexadecimal digits"))
}

/// A key that may be `null`, and not be left out.
fn required<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// A key that may be left out, which is not the same as `null`.
fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
