//! What a provider takes, but does not do what its owner means.
//!
//! Each group of lints is a file; this one says what a finding is.

mod caching;
mod fix;
mod headers;
mod lints;
mod methods;
mod origins;
mod parts;
mod rules;
mod spelling;
mod suffixes;

use std::fmt;

use crate::configuration::Configuration;
use crate::element::Element;
use crate::place::Place;
use crate::profile::Profile;
use crate::shown::shown;

pub use fix::{Edit, Fix};
pub(crate) use headers::{READABLE, UNREADABLE, is_never_set};
pub use lints::Lint;
pub(crate) use parts::is_of_one_owner;
pub(crate) use spelling::what_was_meant;

/// How sure it is that something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Severity {
    /// Fine for many, and worth a look.
    Hint,
    /// Very likely not what was meant.
    Warning,
    /// Can't do anything: the value never matches.
    Error,
}

impl Severity {
    /// A stable label: `hint`, `warning`, `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing in a configuration that its owner probably does not mean, and what to do about it.
///
/// `Display` is one line: the severity, the code, the rule (counted from 1), and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    lint: Lint,
    place: Place,
    message: String,
    fix: Option<Fix>,
}

impl Finding {
    fn new(lint: Lint, place: Place, message: impl Into<String>) -> Self {
        Self {
            lint,
            place,
            message: message.into(),
            fix: None,
        }
    }

    fn with_fix(self, fix: Fix) -> Self {
        Self {
            fix: Some(fix),
            ..self
        }
    }

    fn with_any_fix(self, fix: Option<Fix>) -> Self {
        Self { fix, ..self }
    }

    /// What was found.
    #[must_use]
    pub fn lint(&self) -> Lint {
        self.lint
    }

    /// Its stable code, such as `O01`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.lint.code()
    }

    /// How sure it is that something is wrong.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.lint.severity()
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// What is wrong with it, in one line of printable ASCII, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Why that matters, in a sentence or two.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.lint.why()
    }

    /// What would mend it, if there is one thing that would.
    #[must_use]
    pub fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: ", self.severity(), self.code())?;
        if let Some(rule) = self.place.rule {
            write!(f, "rule {}: ", rule + 1)?;
        }
        f.write_str(&self.message)
    }
}

/// An object with what each method gives: `code`, `severity`, `place`, `message`, `why`, `fix`.
#[cfg(feature = "serde")]
impl serde::Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let mut finding = serializer.serialize_struct("Finding", 6)?;
        finding.serialize_field("code", self.code())?;
        finding.serialize_field("severity", &self.severity())?;
        finding.serialize_field("place", &self.place)?;
        finding.serialize_field("message", &self.message)?;
        finding.serialize_field("why", self.why())?;
        finding.serialize_field("fix", &self.fix)?;
        finding.end()
    }
}

impl Configuration {
    /// What its owner probably does not mean, of all that the profile's provider would take: origins
    /// that no browser sends, rules that never decide, headers that pages will miss.
    ///
    /// What the provider refuses is a [`Fault`](crate::Fault), and is not repeated here; findings
    /// about a configuration that does not [compile](crate::RuleSet::compile) may be incomplete.
    /// They judge the provider's own behaviour: the profile's choices of
    /// [`Vary`](crate::Vary) and [`Credentials`](crate::Credentials) don't count.
    ///
    /// They come in document order, those about the whole configuration first.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile, Rule};
    ///
    /// let rule = Rule::new(["https://example.com/"], ["GET", "HEAD"]).with_max_age_seconds(600);
    /// let configuration = Configuration::from_iter([rule]);
    /// let findings = configuration.lint(Profile::S3);
    /// assert_eq!(
    ///     findings[0].to_string(),
    ///     "error[O01]: rule 1: \"https://example.com/\" ends in `/`: no browser sends that"
    /// );
    /// let fixed = configuration.fixed(Profile::S3);
    /// assert_eq!(fixed.rules[0].allowed_origins, ["https://example.com"]);
    /// ```
    #[must_use]
    pub fn lint(&self, profile: Profile) -> Vec<Finding> {
        let mut findings = Vec::new();
        let taken = origins::Taken::by(self);
        for (n, rule) in self.rules.iter().enumerate() {
            origins::lint(&taken, rule, n, profile, &mut findings);
            methods::lint(rule, n, &mut findings);
            headers::lint(rule, n, profile, &mut findings);
        }
        caching::lint(self, profile, &mut findings);
        rules::lint(self, &mut findings);
        for finding in &mut findings {
            let fix = finding.fix.as_ref().filter(|fix| fix.is_safe());
            if fix.is_some_and(|fix| self.takes_over(fix)) {
                finding.fix = finding.fix.take().map(Fix::into_guess);
            }
        }
        findings.sort_by_key(|finding| finding.place.in_document_order());
        findings
    }

    /// Whether an origin that is mended would answer in place of a later rule.
    fn takes_over(&self, fix: &Fix) -> bool {
        fix.edits().iter().any(|edit| {
            let (Some(rule), Some(mended)) = (edit.place.rule, &edit.value) else {
                return false;
            };
            let later = self.rules.iter().skip(rule + 1);
            let mut origins = later.flat_map(|rule| &rule.allowed_origins);
            edit.place.element == Element::AllowedOrigin
                && origins.any(|origin| share(origin, mended))
        })
    }
}

/// A value of the document as messages carry it: printable ASCII, and not too long.
fn quote(value: &str) -> String {
    format!("\"{}\"", shown(value.as_bytes()))
}

/// Whether a value with at most one `*` takes a text. The two ends may not overlap.
fn takes(value: &str, text: &str) -> bool {
    let Some((start, end)) = value.split_once('*') else {
        return value == text;
    };
    lies_between(start, end, text)
}

/// Whether two values may take the same text. Two patterns that agree in their ends do.
fn share(one: &str, other: &str) -> bool {
    match (one.split_once('*'), other.split_once('*')) {
        (Some((start, end)), Some((other_start, other_end))) => {
            let starts = start.starts_with(other_start) || other_start.starts_with(start);
            starts && (end.ends_with(other_end) || other_end.ends_with(end))
        }
        _ => takes(one, other) || takes(other, one),
    }
}

/// Whether a text has both ends of a pattern, which may not overlap.
fn lies_between(start: &str, end: &str, text: &str) -> bool {
    let rest = text.strip_prefix(start);
    rest.is_some_and(|rest| rest.ends_with(end))
}
