//! The algorithm, in its order. Numbers in comments are clauses of `docs/semantics.md`.

use crate::decision::{Allowed, Decision, Verdict};
use crate::matcher::Closest;
use crate::outcome::Denial;
use crate::profile::Provider;
use crate::request::{Field, MalformedNames, Request, RequestKind, RequestedNames};
use crate::ruleset::{Policy, RuleSet};

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
    let kind = request.kind();
    let allowed = match kind {
        RequestKind::NotCors => return Decision::new(rules, request, kind, Verdict::NotCors),
        RequestKind::Preflight | RequestKind::Options => options(rules, request),
        RequestKind::Actual => actual(rules, request),
    };
    let verdict = match allowed {
        Ok(allowed) => Verdict::Allowed(allowed),
        Err(denial) => Verdict::Denied(denial),
    };
    Decision::new(rules, request, kind, verdict)
}

/// 3.3: the first failure wins.
fn options<'a>(rules: &'a RuleSet, request: Request<'a>) -> Result<Allowed<'a>, Denial> {
    let origin = sound_origin(request)?; // 3.3.1, 3.3.2
    let method = known_method(request, rules.profile.provider())?; // 3.3.3
    let policy = configured(rules)?; // 3.3.4
    let method = method.ok_or(Denial::MissingRequestMethod)?; // 3.3.5
    let names = sound_names(request)?; // 3.3.6
    first_rule(policy, origin, method, Some(names)) // 3.3.7, 3.3.8
}

/// 3.4.
fn actual<'a>(rules: &'a RuleSet, request: Request<'a>) -> Result<Allowed<'a>, Denial> {
    let provider = rules.profile.provider();
    let origin = sound_origin(request)?;
    let policy = configured(rules)?;
    if !provider.preflight_fields_count_on_actual {
        return first_rule(policy, origin, request.method(), None);
    }
    let method = match request.requested_method() {
        Field::Absent => request.method(),
        _ => known_method(request, provider)?.ok_or(Denial::MissingRequestMethod)?,
    };
    let names = sound_names(request)?;
    first_rule(policy, origin, method, Some(names))
}

/// The one origin, printable: what may be echoed.
fn sound_origin(request: Request<'_>) -> Result<&str, Denial> {
    /// Longer than any host and its scheme can be.
    const MAX_ORIGIN_BYTES: usize = 2_048;

    let line = match request.origin() {
        Field::Absent => return Err(Denial::MissingOrigin),
        Field::Several => return Err(Denial::MalformedOrigin),
        Field::Line(line) => line,
    };
    if line.len() > MAX_ORIGIN_BYTES || !line.iter().all(u8::is_ascii_graphic) {
        return Err(Denial::MalformedOrigin);
    }
    str::from_utf8(line).map_err(|_| Denial::MalformedOrigin) // never: it is ASCII
}

/// The requested method, if it stands in one line: then it has to be one that a rule can list.
fn known_method<'a>(request: Request<'a>, provider: &Provider) -> Result<Option<&'a [u8]>, Denial> {
    match request.requested_method() {
        Field::Absent | Field::Several => Ok(None),
        Field::Line(line) => {
            let known = provider
                .methods
                .iter()
                .any(|known| known.as_bytes() == line);
            known
                .then_some(Some(line))
                .ok_or(Denial::InvalidRequestMethod)
        }
    }
}

fn configured(rules: &RuleSet) -> Result<&Policy, Denial> {
    rules.policy.as_ref().ok_or(Denial::NotConfigured)
}

fn sound_names(request: Request<'_>) -> Result<RequestedNames<'_>, Denial> {
    request
        .requested_names()
        .map_err(|malformed| match malformed {
            MalformedNames::TooMany | MalformedNames::NotAToken(_) => {
                Denial::MalformedRequestHeaders
            }
        })
}

fn first_rule<'a>(
    policy: &'a Policy,
    origin: &'a str,
    method: &[u8],
    names: Option<RequestedNames<'a>>,
) -> Result<Allowed<'a>, Denial> {
    let requested = || names.into_iter().flat_map(RequestedNames::iter);
    let rule = policy
        .matcher
        .first_match(origin.as_bytes(), method, requested)
        .map_err(|closest| match closest {
            Closest::Origin => Denial::Origin,
            Closest::Method => Denial::Method,
            Closest::Headers => Denial::Headers,
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
