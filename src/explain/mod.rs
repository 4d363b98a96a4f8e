//! Why a request was decided as it was, and what a browser makes of the answer.
//!
//! [`RuleSet::explain`] takes what [`RuleSet::evaluate`] takes, decides in the same way, and says
//! why: which steps were passed, what each rule lacks, and what would have to be changed. It is for
//! people and tools, not for the hot path. The first line of an [`Explanation`] is the verdict with
//! its cause and remedy:
//!
//! ```
//! use bucket_cors::{Configuration, Profile, Rule, RuleSet};
//!
//! let rule = Rule::new(["https://example.com"], ["GET"]);
//! let rules = RuleSet::compile(&Configuration::from_iter([rule]), Profile::S3)?;
//!
//! let request = http::Request::get("/photo.jpg").header("Origin", "http://example.com").body(())?;
//! let explanation = rules.explain(&request);
//! assert_eq!(
//!     explanation.summary(),
//!     "denied: no rule is for the origin \"http://example.com\"; rule 1 has \
//!      \"https://example.com\": they differ in the scheme; load the page over https, \
//!      or add \"http://example.com\""
//! );
//! // The summary is the first line; steps, rules, answer and browser follow.
//! assert!(explanation.to_string().starts_with(explanation.summary()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! All text of requests and documents in it is printable ASCII: `"` and `\` are escaped by a `\`,
//! every other byte is written `\xnn`, and what is longer than 128 bytes is cut and ends in `...`.
//! Fields of the answer are cut at 1,024. With the feature `serde`, everything is `Serialize`; rules
//! are counted from 0 there, and from 1 in texts for people.

mod browser;
mod cause;
mod near;
#[cfg(feature = "serde")]
mod serial;
mod steps;
mod text;
mod trial;

use http::StatusCode;

pub use browser::{Block, Blocked, Browser, PreflightNeed, Verdicts};
pub use cause::Cause;
pub use near::{Difference, NearOrigin};
pub use steps::{Check, Step};
pub use trial::Trial;

use crate::names::RequestedNames;
use crate::outcome::Outcome;
use crate::request::{Asked, Field, Request, RequestKind};
use crate::ruleset::{Policy, RuleSet};
use crate::shown::{shown, shown_field};
use cause::Evidence;
use trial::Tried;

/// Why a request was decided as it was: from [`RuleSet::explain`].
///
/// `Display` is for a terminal: the [`summary`](Self::summary), then indented details. It owns all
/// that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Explanation {
    summary: String,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serial::label"))]
    kind: RequestKind,
    #[cfg_attr(feature = "serde", serde(flatten, serialize_with = "serial::outcome"))]
    outcome: Outcome,
    rule_id: Option<String>,
    cause: Cause,
    closest: Option<usize>,
    origin: Option<String>,
    method: Option<String>,
    headers: Vec<String>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serial::status"))]
    status: Option<StatusCode>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serial::fields"))]
    fields: Vec<(&'static str, String)>,
    vary: &'static [&'static str],
    lacks_vary: bool,
    steps: Vec<Step>,
    rules: Vec<Trial>,
    near_origins: Vec<NearOrigin>,
    browser: Option<Browser>,
}

impl RuleSet {
    /// Explains what [`evaluate`](Self::evaluate) decides about a request: why, what is nearly
    /// right, and what a browser makes of the answer.
    ///
    /// It decides by the same code, then looks at every rule one value after the other. That
    /// allocates, and takes time in proportion to the document for each requested name: it is for
    /// tools, logs of refused preflights and support, not for every request.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Profile, Rule, RuleSet};
    ///
    /// let rule = Rule::new(["https://example.com/"], ["PUT"]);
    /// let rules = RuleSet::compile(&Configuration::from_iter([rule]), Profile::COS)?;
    /// let request = http::Request::put("/").header("Origin", "https://example.com").body(())?;
    /// assert_eq!(
    ///     rules.explain(&request).summary(),
    ///     "denied: no rule is for the origin \"https://example.com\"; rule 1 has \
    ///      \"https://example.com/\": it ends in \"/\", which no browser sends; write \
    ///      \"https://example.com\""
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain<'a>(&'a self, request: impl Into<Request<'a>>) -> Explanation {
        explain(self, request.into()) // the generic shim stays this thin
    }
}

/// What the request asks for, in bytes: as far as it can be told.
struct Question<'a> {
    /// The one origin, sound or not.
    origin: Option<&'a [u8]>,
    /// The method that the rules are asked about.
    method: Option<&'a [u8]>,
    /// The method that the request has.
    own_method: &'a [u8],
    /// In lower case, each once; none of those that can't be read.
    names: Vec<Vec<u8>>,
}

impl<'a> Question<'a> {
    fn of(kind: RequestKind, asked: &Asked<'a>) -> Self {
        let own_method = asked.request.method();
        let is_options = matches!(kind, RequestKind::Preflight | RequestKind::Options);
        Self {
            origin: match asked.origin {
                Field::Line(line) => Some(line.bytes()),
                Field::Absent | Field::Several => None,
            },
            method: match asked.method {
                Field::Line(line) => Some(line.bytes()),
                Field::Absent if !is_options => Some(own_method),
                Field::Absent | Field::Several => None,
            },
            own_method,
            names: names(asked),
        }
    }
}

fn names(asked: &Asked<'_>) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    if let Some(requested) = RequestedNames::of(asked)
        && requested.malformed().is_none()
    {
        for name in requested.iter().map(<[u8]>::to_ascii_lowercase) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn explain(rules: &RuleSet, request: Request<'_>) -> Explanation {
    let decision = rules.evaluate(request);
    let outcome = decision.outcome();
    let on_actual = rules.profile.provider().preflight_fields_count_on_actual;
    let (kind, asked) = Asked::read(request, on_actual);
    let question = Question::of(kind, &asked);

    let tried = match &rules.policy {
        Some(policy) if cause::were_rules_asked(outcome) => try_all(rules, policy, &question),
        _ => Vec::new(),
    };
    let near = question.origin.map(|origin| near::origins(origin, &tried));
    let near = near.unwrap_or_default();
    let closest = cause::closest(outcome, &tried, &near);
    let following = browser::following(&decision, &question);
    let follows = following.as_ref().map(|fields| rules.evaluate(fields));
    let evidence = Evidence {
        rules,
        decision: &decision,
        follows: follows.as_ref(),
        asked: &asked,
        question: &question,
        closest,
        tried: &tried,
        near: &near,
    };
    let mut explanation = Explanation {
        summary: String::new(),
        kind,
        outcome,
        rule_id: decision.rule_id().map(|id| shown(id.as_bytes())),
        cause: evidence.cause(),
        closest,
        origin: question.origin.map(shown),
        method: question.method.map(shown),
        headers: question.names.iter().map(|name| shown(name)).collect(),
        status: decision.preflight_status(),
        fields: decision
            .fields()
            .map(|(name, value)| (name, shown_field(&value)))
            .collect(),
        vary: decision.vary(),
        lacks_vary: cause::lacks_vary(&decision, &question),
        steps: steps::of(rules, kind, outcome),
        rules: trials(rules, &tried),
        browser: browser::of(&decision, follows.as_ref(), &question),
        near_origins: near,
    };
    explanation.summary = text::summary(&explanation);
    explanation
}

fn try_all(rules: &RuleSet, policy: &Policy, question: &Question<'_>) -> Vec<Tried> {
    let provider = rules.profile.provider();
    let conditions = policy.matcher.conditions(policy.answers.len());
    let conditions = conditions.into_iter();
    conditions
        .map(|conditions| Tried::new(conditions, question, provider))
        .collect()
}

fn trials(rules: &RuleSet, tried: &[Tried]) -> Vec<Trial> {
    let provider = rules.profile.provider();
    let answers = rules.policy.iter().flat_map(|policy| &policy.answers);
    let each = tried.iter().zip(answers).enumerate();
    each.map(|(n, (tried, answer))| tried.to_trial(n, answer.id(), provider))
        .collect()
}

impl Explanation {
    /// The verdict with its cause and, if it is not the best, its remedy: one line, the first that
    /// `Display` writes. Rules count from 1 in it.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// What the request is to CORS.
    #[must_use]
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    /// How the decision came out: the same as [`Decision::outcome`](crate::Decision::outcome).
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The index of the deciding rule, from 0. None if no rule decided.
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        match self.outcome {
            Outcome::Allowed { rule } => Some(rule),
            Outcome::NotCors | Outcome::Denied(_) => None,
        }
    }

    /// The deciding rule's `ID`, if it has one.
    #[must_use]
    pub fn rule_id(&self) -> Option<&str> {
        self.rule_id.as_deref()
    }

    /// Why it came out so.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The index of the deciding rule, or of the one that comes closest: of those that got furthest,
    /// for an unknown origin the one with the nearest value, else the one that lacks fewest headers;
    /// then the first. None if no rule was looked at.
    #[must_use]
    pub fn closest(&self) -> Option<usize> {
        self.closest
    }

    /// The request's origin, if it has one alone.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The method that rules are asked about: a preflight's requested one, or the request's own.
    /// None of a preflight without one, or with several.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// The requested headers, in lower case, each once. None if they can't be read.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The status to answer an `OPTIONS` request with.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The answer's `Access-Control-*` fields, cut if they are very long.
    #[must_use]
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, &**value))
    }

    /// The names that the answer adds to `Vary`.
    #[must_use]
    pub fn vary(&self) -> &'static [&'static str] {
        self.vary
    }

    /// Whether the answer to a GET or HEAD names the origin and has no `Vary` that says so to caches,
    /// which may then give it to pages of other origins: COS, as it is on its own, under a document
    /// without `ResponseVary`. Caches keep no other answers, those to preflights neither.
    #[must_use]
    pub fn lacks_vary(&self) -> bool {
        self.lacks_vary
    }

    /// The steps that the decision took, in order, up to the one that failed. A request that is not
    /// CORS takes none.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How each rule does, those behind the deciding one too. Empty if an earlier step failed.
    #[must_use]
    pub fn rules(&self) -> &[Trial] {
        &self.rules
    }

    /// Values that would match the origin, were it not for one thing or two: the nearest of each
    /// rule that does not match it, the nearest of all first.
    #[must_use]
    pub fn near_origins(&self) -> &[NearOrigin] {
        &self.near_origins
    }

    /// What a browser makes of the answer. None of a request that is not CORS, of an `OPTIONS`
    /// request that is no preflight, and where the origin can't be read. An origin that no browser
    /// sends, such as one with a path, is taken as if one did.
    #[must_use]
    pub fn browser(&self) -> Option<&Browser> {
        self.browser.as_ref()
    }
}
