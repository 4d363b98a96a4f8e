//! The algorithm, in its order. Numbers in comments are clauses of `docs/semantics.md`.

use crate::decision::{Allowed, Decision, Verdict};
use crate::matcher::Miss;
use crate::outcome::Denial;
use crate::profile::Provider;
use crate::request::{Field, Line, Request, RequestKind, RequestedNames};
use crate::ruleset::{Policy, RuleSet};
use crate::syntax::is_printable;

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
    let origin = request.origin();
    let (kind, allowed) = if request.is_options() {
        let method = request.requested_method();
        let kind = RequestKind::of_options(origin, method);
        (kind, options(rules, request, origin, method))
    } else if let Field::Absent = origin {
        return Decision::new(rules, request, RequestKind::NotCors, Verdict::NotCors);
    } else {
        (RequestKind::Actual, actual(rules, request, origin))
    };
    let verdict = match allowed {
        Ok(allowed) => Verdict::Allowed(allowed),
        Err(denial) => Verdict::Denied(denial),
    };
    Decision::new(rules, request, kind, verdict)
}

/// 3.3: the first failure wins.
#[inline]
fn options<'a>(
    rules: &'a RuleSet,
    request: Request<'a>,
    origin: Field<'a>,
    method: Field<'a>,
) -> Result<Allowed<'a>, Denial> {
    let origin = sound_origin(origin)?; // 3.3.1, 3.3.2
    let method = known_method(method, rules.profile.provider())?; // 3.3.3
    let policy = configured(rules)?; // 3.3.4
    let method = method.ok_or(Denial::MissingRequestMethod)?; // 3.3.5
    let names = request.requested_names();
    first_rule(policy, origin, Some(method), names) // 3.3.6, 3.3.7, 3.3.8
}

/// 3.4.
#[inline]
fn actual<'a>(
    rules: &'a RuleSet,
    request: Request<'a>,
    origin: Field<'a>,
) -> Result<Allowed<'a>, Denial> {
    let provider = rules.profile.provider();
    let origin = sound_origin(origin)?;
    let policy = configured(rules)?;
    let own_method = || provider.method(request.method());
    if !provider.preflight_fields_count_on_actual {
        return first_rule(policy, origin, own_method(), RequestedNames::Absent);
    }
    let method = match request.requested_method() {
        Field::Absent => own_method(),
        requested => {
            let known = known_method(requested, provider)?;
            Some(known.ok_or(Denial::MissingRequestMethod)?)
        }
    };
    let names = request.requested_names();
    first_rule(policy, origin, method, names)
}

/// The one origin, printable: what may be echoed.
#[inline]
fn sound_origin(origin: Field<'_>) -> Result<Line<'_>, Denial> {
    /// Longer than any host and its scheme can be.
    const MAX_ORIGIN_BYTES: usize = 2_048;

    match origin {
        Field::Absent => Err(Denial::MissingOrigin),
        Field::Line(line)
            if line.bytes().len() <= MAX_ORIGIN_BYTES && is_printable(line.bytes()) =>
        {
            Ok(line)
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
fn first_rule<'a>(
    policy: &'a Policy,
    origin: Line<'a>,
    method: Option<usize>,
    names: RequestedNames<'a>,
) -> Result<Allowed<'a>, Denial> {
    let rule = policy
        .matcher
        .first_match(origin.bytes(), method, || names.within_limits())
        .map_err(|miss| match miss {
            Miss::Malformed => Denial::MalformedRequestHeaders,
            Miss::Origin => Denial::Origin,
            Miss::Method => Denial::Method,
            Miss::Headers => Denial::Headers,
        })?;
    // The matcher knows as many rules as there are answers; the fallback is never taken.
    let answer = policy.answers.get(rule).ok_or(Denial::Origin)?;
    Ok(Allowed {
        rule,
        answer,
        origin,
        names,
    })
}
