//! Are the answers alike? A peer that does less than ours looks faster than it is.

use std::collections::BTreeSet;

use bucket_cors::{Outcome, RuleSet};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, ORIGIN,
    VARY,
};
use http::{HeaderValue, Method, Request};

use crate::contender::Contender;

/// What a peer leaves undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    StarEchoed,
    MethodUnchecked,
    NamesUnchecked,
    NoVary,
}

impl Limit {
    pub const ALL: [Self; 4] = [
        Self::StarEchoed,
        Self::MethodUnchecked,
        Self::NamesUnchecked,
        Self::NoVary,
    ];

    pub fn mark(self) -> char {
        match self {
            Self::StarEchoed => 'a',
            Self::MethodUnchecked => 'b',
            Self::NamesUnchecked => 'c',
            Self::NoVary => 'd',
        }
    }

    pub fn reason(self) -> &'static str {
        match self {
            Self::StarEchoed => "echoes the origin where all are allowed, and cannot answer `*`",
            Self::MethodUnchecked => "does not check the requested method: the browser must",
            Self::NamesUnchecked => "does not check every requested name: the browser must",
            Self::NoVary => "answers without `Vary`, so that a cache may give it to another origin",
        }
    }
}

/// What the peer leaves undone for this request.
///
/// # Errors
///
/// An answer that is not ours for no such reason.
pub fn limits(
    rules: &RuleSet,
    peer: &mut dyn Contender,
    request: &Request<()>,
) -> Result<BTreeSet<Limit>, String> {
    let theirs = peer.answer(request);
    let ours = answer(rules, request);
    let mut limits = BTreeSet::new();

    let origins = [&theirs, &ours].map(|fields| fields.get(ACCESS_CONTROL_ALLOW_ORIGIN));
    match origins {
        [theirs, ours] if theirs == ours => {}
        [Some(_), Some(ours)] if ours == "*" && origins[0] == request.headers().get(ORIGIN) => {
            limits.insert(Limit::StarEchoed);
        }
        _ => return Err(differs(&ACCESS_CONTROL_ALLOW_ORIGIN, &theirs, &ours)),
    }
    if ours.contains_key(VARY) && !theirs.contains_key(VARY) {
        limits.insert(Limit::NoVary);
    }
    if !allows(rules, request) {
        return Ok(limits);
    }

    if theirs.get(ACCESS_CONTROL_ALLOW_CREDENTIALS) != ours.get(ACCESS_CONTROL_ALLOW_CREDENTIALS) {
        return Err(differs(&ACCESS_CONTROL_ALLOW_CREDENTIALS, &theirs, &ours));
    }
    if request.method() != Method::OPTIONS {
        let name = ACCESS_CONTROL_EXPOSE_HEADERS;
        return if members(&theirs, &name) == members(&ours, &name) {
            Ok(limits)
        } else {
            Err(differs(&name, &theirs, &ours))
        };
    }

    if theirs.get(ACCESS_CONTROL_MAX_AGE) != ours.get(ACCESS_CONTROL_MAX_AGE) {
        return Err(differs(&ACCESS_CONTROL_MAX_AGE, &theirs, &ours));
    }
    for (asked, allowed) in [
        (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
        (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
    ] {
        let asked = members(request.headers(), &asked);
        if !asked.is_subset(&members(&theirs, &allowed)) {
            return Err(differs(&allowed, &theirs, &ours));
        }
    }
    limits.extend(unchecked(rules, peer, request));
    Ok(limits)
}

/// Which of the method and the names the peer leaves to the browser, seen by asking for one that is
/// not allowed.
fn unchecked(rules: &RuleSet, peer: &mut dyn Contender, request: &Request<()>) -> Vec<Limit> {
    let names = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS);
    let names = names.and_then(|names| names.to_str().ok());
    let one_more = format!("{},zz", names.unwrap_or_default());
    // Where `*` allows every name, ours allows one more too.
    let mut allows_with = |(field, value): (HeaderName, &str)| {
        let mut other = request.clone();
        let value = HeaderValue::from_str(value).expect("printable");
        other.headers_mut().insert(field, value);
        let answer = peer.answer(&other);
        answer.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) && !allows(rules, &other)
    };
    let mut limits = Vec::new();
    if allows_with((ACCESS_CONTROL_REQUEST_METHOD, "PATCH")) {
        limits.push(Limit::MethodUnchecked);
    }
    if allows_with((ACCESS_CONTROL_REQUEST_HEADERS, &one_more)) {
        limits.push(Limit::NamesUnchecked);
    }
    limits
}

/// What ours writes.
pub fn answer(rules: &RuleSet, request: &Request<()>) -> HeaderMap {
    let mut response = HeaderMap::new();
    rules.evaluate(request).write_to(&mut response);
    response
}

fn allows(rules: &RuleSet, request: &Request<()>) -> bool {
    matches!(rules.evaluate(request).outcome(), Outcome::Allowed { .. })
}

/// A list field's members, in lower case.
fn members(fields: &HeaderMap, name: &HeaderName) -> BTreeSet<String> {
    let lines = fields.get_all(name).iter();
    lines
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .map(|member| member.trim().to_ascii_lowercase())
        .collect()
}

fn differs(name: &HeaderName, theirs: &HeaderMap, ours: &HeaderMap) -> String {
    format!(
        "{name}: {:?}, and ours {:?}",
        theirs.get(name),
        ours.get(name)
    )
}
