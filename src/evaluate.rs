//! The algorithm, in its order. Numbers in comments are clauses of `docs/semantics.md`.

use crate::decision::Decision;
use crate::matcher::Miss;
use crate::names::RequestedNames;
use crate::outcome::{Denial, Outcome};
use crate::profile::Provider;
use crate::request::{Asked, Field, Request, RequestKind};
use crate::ruleset::{Policy, RuleSet};
use crate::words::is_printable;

impl RuleSet {
    /// Decides what CORS has to say to a request. It always answers, and never allocates.
    ///
    /// ```
    /// use bucket_cors::{Configuration, Denial, Outcome, Profile, Rule, RuleSet};
    ///
    /// let rule = Rule::new(["https://*.example.com"], ["GET"]);
    /// let rules = RuleSet::compile(&Configuration::from_iter([rule]), Profile::S3)?;
    ///
    /// let get = |origin: &str| http::Request::get("/").header("Origin", origin).body(());
    /// let request = get("https://a.example.com")?;
    /// assert_eq!(rules.evaluate(&request).outcome(), Outcome::Allowed { rule: 0 });
    ///
    /// let request = get("https://example.com")?;
    /// assert_eq!(rules.evaluate(&request).outcome(), Outcome::Denied(Denial::Origin));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate<'a>(&'a self, request: impl Into<Request<'a>>) -> Decision<'a> {
        decide(self, request.into()) // the generic shim stays this thin
    }
}

fn decide<'a>(rules: &'a RuleSet, request: Request<'a>) -> Decision<'a> {
    let on_actual = rules.profile.provider().preflight_fields_count_on_actual;
    let (kind, asked) = Asked::read(request, on_actual);
    let outcome = match kind {
        RequestKind::NotCors => Outcome::NotCors,
        RequestKind::Preflight | RequestKind::Options => outcome(options(rules, &asked)),
        RequestKind::Actual => outcome(actual(rules, &asked)),
    };
    Decision::new(rules, asked, kind, outcome)
}

#[inline]
fn outcome(rule: Result<usize, Denial>) -> Outcome {
    match rule {
        Ok(rule) => Outcome::Allowed { rule },
        Err(denial) => Outcome::Denied(denial),
    }
}

/// 3.3: the first failure wins.
#[inline]
fn options(rules: &RuleSet, asked: &Asked<'_>) -> Result<usize, Denial> {
    let origin = sound_origin(asked.origin)?; // 3.3.1, 3.3.2
    let method = known_method(asked.method, rules.profile.provider())?; // 3.3.3
    let policy = configured(rules)?; // 3.3.4
    let method = method.ok_or(Denial::MissingRequestMethod)?; // 3.3.5
    first_rule(policy, origin, Some(method), RequestedNames::of(asked)) // 3.3.6, 3.3.7, 3.3.8
}

/// 3.4.
#[inline]
fn actual(rules: &RuleSet, asked: &Asked<'_>) -> Result<usize, Denial> {
    let provider = rules.profile.provider();
    let origin = sound_origin(asked.origin)?;
    let policy = configured(rules)?;
    let method = match asked.method {
        Field::Absent => provider.method(asked.request.method()),
        requested => {
            let known = known_method(requested, provider)?;
            Some(known.ok_or(Denial::MissingRequestMethod)?)
        }
    };
    first_rule(policy, origin, method, RequestedNames::of(asked))
}

/// The one origin, printable: what may be echoed.
#[inline]
fn sound_origin(origin: Field<'_>) -> Result<&[u8], Denial> {
    /// Longer than any host and its scheme can be.
    const MAX_ORIGIN_BYTES: usize = 2_048;

    match origin {
        Field::Absent => Err(Denial::MissingOrigin),
        Field::Line(line)
            if line.bytes().len() <= MAX_ORIGIN_BYTES && is_printable(line.bytes()) =>
        {
            Ok(line.bytes())
        }
        Field::Line(_) | Field::Several => Err(Denial::MalformedOrigin),
    }
}

/// The requested method, if it stands in one line: then it has to be one that a rule can list, and
/// its index there is given.
#[inline]
fn known_method(method: Field<'_>, provider: &Provider) -> Result<Option<usize>, Denial> {
    match method {
        Field::Absent | Field::Several => Ok(None),
        Field::Line(line) => {
            let known = provider.method(line.bytes());
            known.map(Some).ok_or(Denial::InvalidRequestMethod)
        }
    }
}

#[inline]
fn configured(rules: &RuleSet) -> Result<&Policy, Denial> {
    rules.policy.as_ref().ok_or(Denial::NotConfigured)
}

#[inline]
fn first_rule(
    policy: &Policy,
    origin: &[u8],
    method: Option<usize>,
    names: Option<RequestedNames<'_>>,
) -> Result<usize, Denial> {
    let rule = policy.matcher.first_match(origin, method, names);
    rule.map_err(|miss| match miss {
        Miss::Malformed => Denial::MalformedRequestHeaders,
        Miss::Origin => Denial::Origin,
        Miss::Method => Denial::Method,
        Miss::Headers => Denial::Headers,
    })
}
