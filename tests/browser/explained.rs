//! What an explanation says of the browser, and what the browser does.

use bucket_cors::explain::{Block, Blocked, Explanation, PreflightNeed, Verdicts};
use proptest::prelude::*;

use crate::answer::AuthorizationWildcard::AsWritten;
use crate::answer::{Failure, cors_check, preflight_verdict, readable_names};
use crate::common::{cases, compiled};
use crate::generate;
use crate::laws::answer;
use crate::request::Request;

/// In the model's words.
fn failure(verdicts: Option<&Verdicts>, request: &Request) -> Option<Failure> {
    let verdicts = verdicts.expect("a browser sends it");
    let verdict = if request.includes_credentials() {
        verdicts.with_credentials()
    } else {
        verdicts.without_credentials()
    };
    verdict
        .err()
        .map(|blocked: &Blocked| match blocked.block() {
            Block::NoAllowOrigin | Block::AnyOriginWithCredentials | Block::OtherAllowOrigin(_) => {
                Failure::AllowOrigin
            }
            Block::NoAllowCredentials => Failure::AllowCredentials,
            Block::NotOk => Failure::Status,
            Block::Method(_) => Failure::Method,
            Block::Header(name) => Failure::Header(name.clone()),
            other => panic!("{other:?}"),
        })
}

fn lets_read(explanation: &Explanation, name: &str) -> bool {
    explanation
        .browser()
        .is_some_and(|browser| browser.can_read(name))
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn of_a_preflight_and_what_follows(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
    ) {
        let rules = compiled(rules, profile);
        let preflight = request.preflight();
        let explanation = rules.explain(&preflight);
        let browser = explanation.browser().expect("a browser sends it");
        let verdict = preflight_verdict(&request, &answer(&rules, &preflight), AsWritten);
        prop_assert_eq!(failure(browser.preflight(), &request), verdict.err());

        // Nothing follows a preflight that is denied.
        prop_assert_eq!(browser.request().is_some(), explanation.rule().is_some());
        if browser.request().is_some() {
            let check = cors_check(&request, answer(&rules, &request.actual()).headers());
            prop_assert_eq!(failure(browser.request(), &request), check.err());
        }
        let needed = matches!(
            browser.preflight_need(),
            PreflightNeed::Method | PreflightNeed::Headers
        );
        prop_assert_eq!(needed, request.with_use_preflight(false).needs_preflight());
    }

    #[test]
    fn of_a_request(
        rules in generate::rules(),
        profile in generate::profile(),
        request in generate::request(),
    ) {
        let rules = compiled(rules, profile);
        let actual = request.actual();
        if actual.method() == "OPTIONS" {
            return Ok(()); // a server can't tell it from what is no preflight
        }
        let explanation = rules.explain(&actual);
        let browser = explanation.browser().expect("a browser sends it");
        let answer = answer(&rules, &actual);
        let check = cors_check(&request, answer.headers());
        prop_assert_eq!(failure(browser.request(), &request), check.clone().err());
        prop_assert_eq!(browser.preflight(), None);
        if check.is_ok() {
            let readable = readable_names(&request, answer.headers());
            for name in answer.headers().keys() {
                let name = name.as_str();
                prop_assert_eq!(lets_read(&explanation, name), readable.iter().any(|one| one == name));
            }
        }
    }
}
