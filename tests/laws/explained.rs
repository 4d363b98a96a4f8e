//! An explanation says what was decided, and nothing else; and what it says would help does.

use std::collections::BTreeSet;

use bucket_cors::explain::{Browser, Cause, Explanation, Step, Trial};
use bucket_cors::{Decision, Denial, Outcome, Rule};
use proptest::prelude::*;

use crate::common::cases;
use crate::generate;
use crate::law::{self, Case};
use crate::reference::Terms;

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn an_explanation_says_what_was_decided(case in generate::case(), terms in generate::terms()) {
        says_what_was_decided(&case, terms);
    }

    #[test]
    fn what_it_says_would_help_does(case in generate::case(), terms in generate::terms()) {
        remedies_work(&case, terms);
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn an_explanation_says_what_was_decided_at_any_size(
        case in generate::large::case(),
        terms in generate::terms(),
    ) {
        says_what_was_decided(&case, terms);
        remedies_work(&case, terms);
    }
}

fn says_what_was_decided(case: &Case, terms: Terms) {
    let rules = law::rules(case, terms);
    let asked = case.asked.to_fields();
    let (explanation, decision) = (rules.explain(&asked), rules.evaluate(&asked));
    repeats(&explanation, &decision);
    agrees_with_its_rules(&explanation);
    if explanation.closest().is_some() {
        lists_what_the_configuration_lists(&explanation, case);
    }
    fails_not_where_it_says_that_all_is_well(&explanation);
    reads_well(&explanation);
}

/// A page with credentials that passes the preflight gets what follows.
fn fails_not_where_it_says_that_all_is_well(explanation: &Explanation) {
    let verdicts = |browser: &Browser| {
        let [preflight, request] = [browser.preflight()?, browser.request()?];
        Some([
            preflight.with_credentials().is_ok(),
            request.with_credentials().is_ok(),
        ])
    };
    if let Cause::Matched | Cause::NoVary = explanation.cause()
        && let Some([preflight, request]) = explanation.browser().and_then(verdicts)
    {
        assert_eq!(preflight, request, "{explanation}");
    }
}

fn repeats(explanation: &Explanation, decision: &Decision<'_>) {
    assert_eq!(explanation.kind(), decision.kind());
    assert_eq!(explanation.outcome(), decision.outcome());
    assert_eq!(explanation.rule(), decision.rule());
    let id = decision.rule_id().map(shown);
    assert_eq!(explanation.rule_id(), id.as_deref());
    assert_eq!(explanation.status(), decision.preflight_status());
    assert_eq!(explanation.vary(), decision.vary());
    let names = explanation.fields().map(|(name, _)| name);
    assert!(names.eq(decision.fields().map(|(name, _)| name)));
}

/// They are looked at in another way than those that decided.
fn agrees_with_its_rules(explanation: &Explanation) {
    let misses: Vec<_> = explanation.rules().iter().map(Trial::misses).collect();
    let first = misses.iter().position(Option::is_none);
    assert_eq!(first, explanation.rule(), "{explanation}");

    let failed = explanation.steps().last().and_then(Step::failed);
    let Outcome::Denied(denial) = explanation.outcome() else {
        assert_eq!(failed, None);
        assert_eq!(explanation.closest(), explanation.rule());
        return;
    };
    assert_eq!(failed, Some(denial));
    // No rule got further than the closest.
    let of_the_rules = Some(denial).filter(|denial| *denial >= Denial::Origin);
    assert_eq!(misses.iter().copied().max().flatten(), of_the_rules);
    let closest = explanation.closest().map(|closest| misses[closest]);
    assert_eq!(closest.flatten(), of_the_rules);
}

fn lists_what_the_configuration_lists(explanation: &Explanation, case: &Case) {
    let rules: Vec<&Rule> = case
        .configuration
        .iter()
        .flat_map(|all| &all.rules)
        .collect();
    assert_eq!(explanation.rules().len(), rules.len());
    for (n, (trial, rule)) in explanation.rules().iter().zip(rules).enumerate() {
        assert_eq!(trial.rule(), n);
        assert_eq!(trial.id(), rule.id.as_deref().map(shown).as_deref());
        let set = |values: &[String]| values.iter().map(|value| shown(value)).collect();
        let lower = rule
            .allowed_headers
            .iter()
            .map(|name| name.to_ascii_lowercase());
        let expected: [BTreeSet<String>; 3] = [
            set(&rule.allowed_origins),
            set(&rule.allowed_methods),
            set(&lower.collect::<Vec<_>>()),
        ];
        let found: [BTreeSet<String>; 3] = [
            trial.allowed_origins().iter().cloned().collect(),
            trial
                .allowed_methods()
                .iter()
                .map(|&method| method.to_owned())
                .collect(),
            trial.allowed_headers().iter().cloned().collect(),
        ];
        assert_eq!(found, expected);
    }
}

/// As an explanation shows it: printable ASCII, cut.
fn shown(text: &str) -> String {
    let cut = text.as_bytes().get(..128).unwrap_or(text.as_bytes());
    let escaped = cut.iter().map(|&byte| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    let more = if cut.len() < text.len() { "..." } else { "" };
    escaped.collect::<String>() + more
}

fn reads_well(explanation: &Explanation) {
    let text = explanation.to_string();
    let is_plain = |byte| matches!(byte, b' '..=b'~' | b'\n');
    assert!(text.bytes().all(is_plain), "{text}");
    let mut lines = text.lines();
    let summary = lines.next().unwrap();
    assert_eq!(summary, explanation.summary());
    assert!(lines.all(|line| line.starts_with("  ")), "{text}");
    let verdict = match explanation.outcome() {
        Outcome::NotCors => "not CORS: ",
        Outcome::Allowed { .. } => "allowed: ",
        Outcome::Denied(_) => "denied: ",
    };
    assert!(summary.starts_with(verdict), "{summary}");
}

fn remedies_work(case: &Case, terms: Terms) {
    let explain = |case: &Case| law::rules(case, terms).explain(&case.asked.to_fields());
    // What is escaped or cut is for reading.
    let is_whole = |text: &str| !text.contains('\\') && text.len() <= 128;
    let explanation = explain(case);
    for near in explanation.near_origins() {
        let remedies = [near.write(), near.add(), near.pattern()];
        for remedy in remedies.into_iter().flatten().filter(|text| is_whole(text)) {
            let mended = case.with_rules(|rules| {
                rules[near.rule()].allowed_origins.push(remedy.to_owned());
            });
            let explanation = explain(&mended);
            let origin = explanation.rules()[near.rule()].origin();
            assert!(origin.is_some(), "{near}");
        }
        if let Some(https) = near.over_https().filter(|text| is_whole(text)) {
            let mut secure = case.clone();
            secure.asked.origin = vec![https.as_bytes().to_vec()];
            let explanation = explain(&secure);
            let origin = explanation.rules()[near.rule()].origin();
            assert!(origin.is_some(), "{near}");
        }
    }
    let exposing = |rule: usize, hidden: &[String]| {
        let mended = case.with_rules(|rules| {
            rules[rule].expose_headers.extend_from_slice(hidden);
        });
        explain(&mended)
    };
    match (explanation.rule(), explanation.cause()) {
        (
            Some(rule),
            Cause::Overtaken {
                any_origin: true, ..
            },
        ) => {
            let mended = explain(&case.with_rules(|rules| rules[..=rule].rotate_right(1)));
            assert_eq!(mended.rule(), Some(0), "{explanation}");
            let is_overtaken = matches!(mended.cause(), Cause::Overtaken { .. });
            assert!(!is_overtaken, "{explanation}\n{mended}");
        }
        (_, Cause::Overtaken { rule, hidden, .. }) if hidden.iter().all(|name| is_whole(name)) => {
            let mended = exposing(*rule, hidden);
            let is_overtaken = matches!(mended.cause(), Cause::Overtaken { .. });
            assert!(!is_overtaken, "{explanation}\n{mended}");
        }
        (Some(rule), Cause::Narrower { hidden, .. })
            if hidden.iter().all(|name| is_whole(name)) =>
        {
            let mended = exposing(rule, hidden);
            let names = |cause: &Cause| match cause {
                Cause::Narrower { hidden, .. } => hidden.clone(),
                _ => Vec::new(),
            };
            let left = names(mended.cause());
            let is_mended = !left.iter().any(|name| hidden.contains(name));
            assert!(is_mended, "{explanation}\n{mended}");
        }
        _ => {}
    }
    if let Some(mended) = mended(case, &explanation)
        && is_whole(explanation.origin().unwrap())
        && explanation.headers().iter().all(|name| is_whole(name))
    {
        let mended = explain(&mended);
        assert!(mended.rule().is_some(), "{explanation}\n{mended}");
    }
}

/// With all done that the first line says. None if nothing is to be done.
fn mended(case: &Case, explanation: &Explanation) -> Option<Case> {
    let near = explanation.cause().near();
    let remedy = near.map(|near| near.write().or(near.add()));
    let (rule, origin, method, headers) = match explanation.cause() {
        Cause::Origin { known: true, .. } => {
            let origin = remedy.unwrap_or(explanation.origin())?;
            let rule = &explanation.rules()[explanation.closest()?];
            let method = explanation.method().filter(|_| !rule.lists_method());
            let headers = explanation.headers().iter().zip(rule.headers());
            let missing = headers.filter(|(_, by)| by.is_none());
            let missing = missing.map(|(name, _)| name.clone()).collect();
            (rule.rule(), Some(origin), method, missing)
        }
        Cause::Method {
            near: Some(near), ..
        }
        | Cause::Headers {
            near: Some(near), ..
        } => (near.rule(), Some(remedy??), None, Vec::new()),
        Cause::Method {
            known: true,
            rule,
            missing,
            ..
        } => (*rule, None, explanation.method(), missing.clone()),
        Cause::Headers { rule, missing, .. } => (*rule, None, None, missing.clone()),
        _ => return None,
    };
    Some(case.with_rules(|rules| {
        let rule = &mut rules[rule];
        rule.allowed_origins.extend(origin.map(str::to_owned));
        rule.allowed_methods.extend(method.map(str::to_owned));
        rule.allowed_headers.extend(headers);
    }))
}
