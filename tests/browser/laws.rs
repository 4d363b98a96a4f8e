//! Semantics 6.6: the browser does what the crate decided, and nothing else.

use std::collections::BTreeMap;

use bucket_cors::{Decision, Outcome, Profile, Rule, RuleSet};
use http::Response;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::answer::{
    AuthorizationWildcard, Failure, cors_check, preflight_verdict, readable_names,
};
use crate::browser::Browser;
use crate::common::{self, cases, compiled};
use crate::generate::{self, BUCKET};
use crate::request::CredentialsMode::{Include, SameOrigin};
use crate::request::Request;
use crate::url::{Origin, Url};
use AuthorizationWildcard::AsWritten;

/// What a server answers, where an upstream has left CORS fields that would let the page in.
pub fn answer(rules: &RuleSet, sent: &http::Request<()>) -> Response<()> {
    let decision = rules.evaluate(sent);
    let mut answer = Response::new(());
    if let Some(status) = decision.preflight_status() {
        *answer.status_mut() = status;
    }
    let headers = answer.headers_mut();
    *headers = common::headers(&[
        ("etag", "1"),
        ("x-a", "1"),
        ("y", "1"),
        ("set-cookie", "a=b"),
        ("content-type", "text/plain"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "y"),
    ]);
    headers.insert(
        "access-control-allow-origin",
        sent.headers()["origin"].clone(),
    );
    decision.write_to(headers);
    answer
}

/// What the browser should make of a decision.
fn permits(decision: &Decision<'_>, request: &Request) -> bool {
    let allowed = matches!(decision.outcome(), Outcome::Allowed { .. });
    let with_credentials = field(decision, "Access-Control-Allow-Credentials").is_some();
    allowed && (with_credentials || !request.includes_credentials())
}

fn field(decision: &Decision<'_>, wanted: &str) -> Option<String> {
    let mut fields = decision.fields();
    let (_, value) = fields.find(|(name, _)| *name == wanted)?;
    Some(value.into_owned())
}

/// Of both decisions, or of one where no preflight goes first.
fn permits_all_of(rules: &RuleSet, request: &Request) -> bool {
    let preflight = request.preflight();
    let goes_first = request.needs_preflight();
    (!goes_first || permits(&rules.evaluate(&preflight), request))
        && permits(&rules.evaluate(&request.actual()), request)
}

proptest! {
    #![proptest_config(cases(2000))]

    // Also of a preflight that no browser would send: it is allowed, or has no `Allow-Origin`.
    #[test]
    fn a_preflight_passes_if_and_only_if_it_is_allowed(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
        wildcard in generate::wildcard(),
    ) {
        let rules = compiled(rules, profile);
        let preflight = request.preflight();
        let verdict = preflight_verdict(&request, &answer(&rules, &preflight), wildcard);
        let decision = rules.evaluate(&preflight);
        prop_assert_eq!(verdict.is_ok(), permits(&decision, &request), "{:?}", verdict);
        if decision.rule().is_none() {
            prop_assert_eq!(verdict, Err(Failure::AllowOrigin));
        }
    }

    #[test]
    fn a_preflight_is_remembered_for_as_long_as_configured(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
    ) {
        let set = compiled(rules.clone(), profile);
        let preflight = request.preflight();
        let verdict = preflight_verdict(&request, &answer(&set, &preflight), AsWritten);
        if let (Ok(permission), Some(rule)) = (verdict, set.evaluate(&preflight).rule()) {
            let seconds = rules[rule].max_age_seconds.unwrap_or(5).min(86_400);
            prop_assert_eq!(permission.max_age_seconds, u64::try_from(seconds).unwrap());
        }
    }

    #[test]
    fn an_answer_passes_if_and_only_if_the_request_is_allowed(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
    ) {
        let rules = compiled(rules, profile);
        let actual = request.actual();
        let check = cors_check(&request, answer(&rules, &actual).headers());
        let decision = rules.evaluate(&actual);
        prop_assert_eq!(check.is_ok(), permits(&decision, &request), "{:?}", check);
        if decision.rule().is_none() {
            prop_assert_eq!(check, Err(Failure::AllowOrigin));
        }
    }

    #[test]
    fn what_is_exposed_is_readable_and_nothing_else(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
    ) {
        let set = compiled(rules.clone(), profile);
        let actual = request.actual();
        let mut expected = vec!["content-type".to_owned()];
        if let Some(rule) = set.evaluate(&actual).rule() {
            let exposed = &rules[rule].expose_headers;
            for name in ["etag", "x-a", "y"] {
                if exposed.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                    expected.push(name.to_owned());
                }
            }
        }
        prop_assert_eq!(readable_names(&request, answer(&set, &actual).headers()), expected);
    }

    #[test]
    fn a_fetch_succeeds_if_and_only_if_all_of_it_is_allowed(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
        wildcard in generate::wildcard(),
    ) {
        let rules = compiled(rules, profile);
        let expected = permits_all_of(&rules, &request);
        let fetched = Browser::new(wildcard).fetch(request, &|_, sent| answer(&rules, sent));
        prop_assert_eq!(fetched.is_ok(), expected, "{:?}", fetched);
    }

    // Whatever an upstream left.
    #[test]
    fn a_bucket_without_a_document_lets_nothing_through(
        profile in generate::profile(),
        request in generate::request(),
        wildcard in generate::wildcard(),
    ) {
        let rules = RuleSet::not_configured(profile);
        let fetched = Browser::new(wildcard).fetch(request, &|_, sent| answer(&rules, sent));
        prop_assert_eq!(fetched.err(), Some(Failure::AllowOrigin));
    }

    // With credentials it may be: see the test of that name.
    #[test]
    fn without_credentials_no_allowed_preflight_is_in_vain(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
    ) {
        let request = request.with_credentials(SameOrigin);
        let rules = compiled(rules, profile);
        if permits(&rules.evaluate(&request.preflight()), &request) {
            let actual = request.actual();
            prop_assert!(permits(&rules.evaluate(&actual), &request));
        }
    }

    // It may be that more succeeds, but no request that is allowed fails for what went before,
    // and no answer is read that is denied.
    #[test]
    fn a_preflight_cache_takes_nothing_away(
        rules in generate::rules(),
        profile in generate::profile(),
        requests in vec((generate::request(), 0..10u64), 1..=6),
        wildcard in generate::wildcard(),
    ) {
        let rules = compiled(rules, profile);
        let mut browser = Browser::new(wildcard);
        for (request, seconds) in requests {
            browser.now += seconds;
            let alone = permits_all_of(&rules, &request);
            let actual = request.actual();
            let readable = permits(&rules.evaluate(&actual), &request);
            let fetched = browser.fetch(request, &|_, sent| answer(&rules, sent)).is_ok();
            prop_assert!(fetched || !alone);
            prop_assert!(readable || !fetched);
        }
    }

    // The second bucket sees `null`, since the page did not choose it.
    #[test]
    fn a_redirect_succeeds_if_the_next_bucket_allows_null(
        [first, second] in [generate::rules(), generate::rules()],
        profile in generate::profile(),
        request in generate::request(),
        wildcard in generate::wildcard(),
    ) {
        const OTHER: &str = "https://other.test/key";

        let (first, second) = (compiled(first, profile), compiled(second, profile));
        let mut redirected = request.clone();
        redirected.headers.retain(|(name, _)| name != "Authorization");
        redirected.urls.push(Url::parse(OTHER).unwrap());
        prop_assert_eq!(redirected.serialised_origin(), "null");
        let expected = permits_all_of(&first, &request) && permits_all_of(&second, &redirected);

        let fetched = Browser::new(wildcard).fetch(request, &|url, sent| {
            if url.origin == "https://other.test" {
                return answer(&second, sent);
            }
            let mut answer = answer(&first, sent);
            if sent.method() != "OPTIONS" || !sent.headers().contains_key("accept") {
                *answer.status_mut() = http::StatusCode::TEMPORARY_REDIRECT;
                answer.headers_mut().insert("location", OTHER.parse().unwrap());
            }
            answer
        });
        prop_assert_eq!(fetched.is_ok(), expected, "{:?}", fetched);
    }
}

/// Else the laws would hold of little.
#[test]
fn each_outcome_is_common_enough() {
    let mut runner = TestRunner::deterministic();
    let case = (generate::rules(), generate::profile(), generate::request());
    let mut counts = BTreeMap::new();
    for _ in 0..4000 {
        let (rules, profile, request) = case.new_tree(&mut runner).unwrap().current();
        let rules = compiled(rules, profile);
        let preflight = request.preflight();
        let decision = rules.evaluate(&preflight);
        let passes = permits(&decision, &request);
        let outcome = match decision.outcome() {
            Outcome::Denied(denial) => denial.as_str(),
            other => other.as_str(),
        };
        let group = (outcome, request.includes_credentials(), passes);
        *counts.entry(group).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 11, "{counts:?}");
    assert!(counts.values().all(|&count| count > 100), "{counts:?}");
}

// What does not hold, or surprises.

#[track_caller]
fn fetched(
    browser: &mut Browser,
    rules: &RuleSet,
    request: &Request,
) -> Result<Response<()>, Failure> {
    browser.fetch(request.clone(), &|_, sent| answer(rules, sent))
}

#[track_caller]
fn request(method: &str, headers: &[(&str, &str)]) -> Request {
    Request::new(Origin::of("https://a.b"), BUCKET, method, headers).unwrap()
}

fn profiles() -> [Profile; 2] {
    [Profile::COS, Profile::S3]
}

/// The preflight falls through to a rule that echoes; the request itself has no names to
/// check, and stops at the star before it.
#[test]
fn with_credentials_an_allowed_preflight_may_be_in_vain() {
    for profile in profiles() {
        let rules = [
            Rule::new(["*"], ["PUT"]),
            Rule::new(["https://a.b"], ["PUT"]).with_allowed_headers(["x"]),
        ];
        let rules = compiled(rules, profile);
        let request = request("PUT", &[("x", "1")]).with_credentials(Include);
        let preflight = request.preflight();
        assert!(permits(&rules.evaluate(&preflight), &request));

        let mut browser = Browser::new(AsWritten);
        let fetched = fetched(&mut browser, &rules, &request);
        assert_eq!(fetched.err(), Some(Failure::AllowOrigin));
        assert_eq!(browser.preflights, 1);
    }
}

/// The cache knows methods and names, not which belong together.
#[test]
fn two_preflights_may_spare_a_third_that_would_be_denied() {
    for profile in profiles() {
        let rules = [
            Rule::new(["*"], ["PUT"]).with_allowed_headers(["x"]),
            Rule::new(["*"], ["DELETE"]).with_allowed_headers(["y"]),
        ];
        let rules = compiled(rules, profile);
        let denied = request("PUT", &[("y", "1")]);
        let mut browser = Browser::new(AsWritten);
        assert!(fetched(&mut browser, &rules, &denied).is_err());

        let mut browser = Browser::new(AsWritten);
        fetched(&mut browser, &rules, &request("PUT", &[("x", "1")])).unwrap();
        fetched(&mut browser, &rules, &request("DELETE", &[("y", "1")])).unwrap();
        fetched(&mut browser, &rules, &denied).unwrap();
        assert_eq!(browser.preflights, 2);
    }
}

/// As written, `*` does not cover it; that is why the name itself is answered.
#[test]
fn a_star_in_the_document_lets_authorization_through() {
    for profile in profiles() {
        let rules = [Rule::new(["*"], ["GET"]).with_allowed_headers(["*"])];
        let rules = compiled(rules, profile);
        let request = request("GET", &[("Authorization", "secret")]);
        fetched(&mut Browser::new(AsWritten), &rules, &request).unwrap();
    }
}

#[test]
fn lower_case_put_is_allowed_and_lower_case_patch_is_not() {
    for profile in profiles() {
        let rules = compiled([Rule::new(["*"], ["PUT"])], profile);
        let fetch = |method| fetched(&mut Browser::new(AsWritten), &rules, &request(method, &[]));
        assert!(fetch("put").is_ok());
        assert_eq!(fetch("patch").err(), Some(Failure::AllowOrigin));
    }
}
