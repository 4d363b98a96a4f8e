//! What several test files need: a request in a line, and an answer as a list.

#![allow(dead_code, reason = "no test file uses all of it")]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bucket_cors::{Configuration, Decision, Profile, Rule, RuleSet};
use http::{HeaderMap, HeaderValue, Method, Request};
use proptest::test_runner::Config;

/// A request with these field lines, in order.
#[track_caller]
pub fn request(method: &str, fields: &[(&'static str, &str)]) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
    *request.headers_mut() = headers(fields);
    request
}

/// A header map of these lines.
#[track_caller]
pub fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

/// A preflight; with no `names`, it asks for none.
#[track_caller]
pub fn preflight(origin: &str, method: &str, names: &str) -> Request<()> {
    let mut fields = vec![
        ("origin", origin),
        ("access-control-request-method", method),
    ];
    if !names.is_empty() {
        fields.push(("access-control-request-headers", names));
    }
    request("OPTIONS", &fields)
}

/// A request that is no preflight.
#[track_caller]
pub fn actual(method: &str, origin: &str) -> Request<()> {
    request(method, &[("origin", origin)])
}

#[track_caller]
pub fn compiled(rules: impl IntoIterator<Item = Rule>, profile: Profile) -> RuleSet {
    RuleSet::compile(&Configuration::from_iter(rules), profile).unwrap()
}

/// The fields of an answer, `Access-Control-` left out, and `Vary` at the end.
pub fn answer(decision: &Decision<'_>) -> Vec<String> {
    let line = |(name, value): (&str, std::borrow::Cow<'_, str>)| {
        let name = name.strip_prefix("Access-Control-").unwrap_or(name);
        format!("{name}: {value}")
    };
    let mut lines: Vec<String> = decision.fields().map(line).collect();
    if !decision.vary().is_empty() {
        lines.push(format!("Vary: {}", decision.vary().join(", ")));
    }
    lines
}

/// So many cases a law; the environment variable `PROPTEST_CASES` overrules.
pub fn cases(cases: u32) -> Config {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = None;
    config
}

/// Of a future that waits for nothing, so that polling is all it takes.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
