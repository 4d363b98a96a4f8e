//! What a document says and its provider refuses: every fault, each with its place.

use std::fmt;

use super::{DidYouMean, MALFORMED_XML, NOT_WELL_FORMED};
use crate::element::Element;
use crate::place::Place;
use crate::syntax::{quoted, shortened};

const INVALID_REQUEST: &str = "InvalidRequest";

/// Everything in a [`Configuration`](crate::Configuration) that the profile's provider refuses.
///
/// ```
/// use bucket_cors::{Configuration, Profile, Rule, RuleSet};
///
/// let configuration: Configuration = [
///     Rule::new(["http://*.*"], ["GET"]),
///     Rule::new([""; 0], ["GET"]),
/// ]
/// .into_iter()
/// .collect();
/// let error = RuleSet::compile(&configuration, Profile::S3).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid CORS configuration: rule 1: AllowedOrigin: \"http://*.*\" has more than one `*`; \
///      rule 2: AllowedOrigin: missing",
/// );
/// assert_eq!(error.faults().len(), 2);
/// // A schema is checked before values, so the provider names the missing origin.
/// assert_eq!(error.code(), "MalformedXML");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    first: Fault,
    all: Vec<Fault>,
}

impl CompileError {
    /// None if there is no fault.
    pub(crate) fn new(all: Vec<Fault>) -> Option<Self> {
        let first = all.first()?;
        let of_the_schema = all.iter().find(|fault| fault.code() == MALFORMED_XML);
        Some(Self {
            first: of_the_schema.unwrap_or(first).clone(),
            all,
        })
    }

    /// Every fault, never none: the whole configuration's first, then rule by rule, in a rule by
    /// the order of [`Rule`](crate::Rule)'s fields, then by value.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.all
    }

    /// The error code that the provider would answer: of the first `MalformedXML` fault if there is
    /// one (a schema is checked before values), else of the first fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.first.code()
    }

    /// The provider's message, of the same fault as [`code`](Self::code).
    #[must_use]
    pub fn message(&self) -> String {
        self.first.message()
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid CORS configuration: ")?;
        for (n, fault) in self.all.iter().enumerate() {
            let separator = if n == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CompileError {}

/// One thing that the provider refuses, and where it stands.
///
/// `Display` is for the person who wrote the document and counts rules from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    pub(crate) place: Place,
    pub(crate) value: Option<Box<str>>,
    pub(crate) kind: FaultKind,
}

impl Fault {
    /// Where it stands: the rule, the element and the value, by index.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The rule's index in [`Configuration::rules`](crate::Configuration::rules), from 0. None for
    /// a fault of the whole configuration.
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        self.place.rule
    }

    /// The element at fault, or the one that is missing.
    #[must_use]
    pub fn element(&self) -> Element {
        self.place.element
    }

    /// The value at fault, whole. None where something is missing or too many.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// What is wrong with it.
    #[must_use]
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// The error code that the provider would answer: `MalformedXML` or `InvalidRequest`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            FaultKind::NoRule | FaultKind::Missing | FaultKind::MaxAgeOutOfRange => MALFORMED_XML,
            _ => INVALID_REQUEST,
        }
    }

    /// The message that the provider would answer: plain text, with the value cut at 128 bytes and
    /// every byte of it that is not printable ASCII as `\xnn`.
    #[must_use]
    pub fn message(&self) -> String {
        let element = self.element();
        let value = quoted(self.value.as_deref().unwrap_or_default().as_bytes());
        match self.kind {
            FaultKind::NoRule | FaultKind::Missing | FaultKind::MaxAgeOutOfRange => {
                NOT_WELL_FORMED.to_owned()
            }
            FaultKind::TooManyRules { limit } => {
                format!(
                    "The number of CORS rules should not exceed allowed limit of {limit} rules."
                )
            }
            FaultKind::UnsupportedMethod { .. } => format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {value}"
            ),
            FaultKind::ManyWildcards => {
                format!("{element} \"{value}\" can not have more than one wildcard.")
            }
            FaultKind::Wildcard => format!(
                "{element} \"{value}\" contains wildcard. \
                 We currently do not support wildcard for {element}."
            ),
            FaultKind::InvalidHeaderName | FaultKind::InvalidCharacter => {
                format!("{element} \"{value}\" contains invalid character.")
            }
            FaultKind::TooLong { limit } => {
                format!("{element} \"{value}\" is longer than {limit} characters.")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rule) = self.rule() {
            write!(f, "rule {}: {}: ", rule + 1, self.element())?;
        }
        if let Some(value) = &self.value {
            write!(f, "{:?} ", shortened(value))?;
        }
        write!(f, "{}", self.kind)?;
        if self.element() == Element::AllowedMethod && self.value() == Some("OPTIONS") {
            f.write_str("; leave it out, browsers ask with it for the methods that are listed")?;
        }
        Ok(())
    }
}

/// What a provider refuses in a document that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// A configuration without a rule.
    #[error("no rule")]
    NoRule,
    /// More rules than the profile takes.
    #[error("more than {limit} rules")]
    TooManyRules {
        /// The most that it takes.
        limit: usize,
    },
    /// A rule without an `AllowedOrigin`, or without an `AllowedMethod`.
    #[error("missing")]
    Missing,
    /// A method that the provider does not take; upper case counts.
    #[error("is not a method that a rule can allow{}", DidYouMean("`", *hint, "`"))]
    UnsupportedMethod {
        /// The method that differs in case alone, if there is one.
        hint: Option<&'static str>,
    },
    /// Two or more `*` in an `AllowedOrigin` or `AllowedHeader`.
    #[error("has more than one `*`")]
    ManyWildcards,
    /// A `*` in an `ExposeHeader`.
    #[error("has a `*`, which is no wildcard here")]
    Wildcard,
    /// An `AllowedHeader` or `ExposeHeader` that is not an RFC 9110 token; the empty one too.
    #[error("is not a header name")]
    InvalidHeaderName,
    /// `MaxAgeSeconds` below 0 or above 2147483647.
    #[error("is not between 0 and 2147483647")]
    MaxAgeOutOfRange,
    /// An `ID` of too many characters.
    #[error("is longer than {limit} characters")]
    TooLong {
        /// The most that the profile takes.
        limit: usize,
    },
    /// An `ID` with a character that XML does not allow, or an `AllowedOrigin` with one, a space or
    /// a control character.
    #[error("has a character that is not allowed")]
    InvalidCharacter,
}
