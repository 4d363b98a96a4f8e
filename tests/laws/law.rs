//! The laws that need no more than a case to be held against it. How cases come
//! about is another's business: here they are generated, in `fuzz/` found.
//!
//! A law that is broken panics.

use bucket_cors::{Configuration, Decision, Fault, Outcome, Profile, Request, Rule, RuleSet};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, VARY};

use crate::reference::{self, Answer, Asked, Terms};

/// A bucket, with or without a document, and a request to it.
#[derive(Clone, Debug)]
pub struct Case {
    pub configuration: Option<Configuration>,
    pub asked: Asked,
}

impl Case {
    pub fn expected(&self, terms: Terms) -> Answer {
        reference::answer(self.configuration.as_ref(), &self.asked, terms)
    }

    /// The same request to the same bucket, with its rules edited if it has any.
    pub fn with_rules(&self, edit: impl FnOnce(&mut [Rule])) -> Case {
        let mut edited = self.clone();
        if let Some(configuration) = &mut edited.configuration {
            edit(&mut configuration.rules);
        }
        edited
    }
}

// Decisions.

/// The rule set of a case; no case has a configuration that doesn't compile.
pub fn rules(case: &Case, terms: Terms) -> RuleSet {
    match &case.configuration {
        None => RuleSet::not_configured(terms.profile()),
        Some(configuration) => {
            RuleSet::compile(configuration, terms.profile()).expect("it compiles")
        }
    }
}

/// What the crate decided, put as the reference puts it.
pub fn seen(decision: &Decision<'_>) -> Answer {
    let mut fields: Vec<_> = decision
        .fields()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect();
    fields.sort();
    let mut vary = lower(decision.vary());
    vary.sort();
    Answer {
        kind: decision.kind(),
        outcome: decision.outcome(),
        id: decision.rule_id().map(str::to_owned),
        fields,
        vary,
        status: decision.preflight_status().map(|status| status.as_u16()),
    }
}

fn lower(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

pub fn agrees_with_the_reference(case: &Case, terms: Terms) {
    let expected = case.expected(terms);
    let rules = rules(case, terms);
    assert_eq!(&seen(&rules.evaluate(&case.asked.to_fields())), &expected);
    // Bytes that no `HeaderValue` holds come in by the first door only.
    if let Some(request) = case.asked.to_http() {
        assert_eq!(&seen(&rules.evaluate(&request)), &expected);
        let borrowed = Request::new(request.method(), request.headers());
        assert_eq!(borrowed.kind(), expected.kind);
    }
}

pub fn agrees_in_both_orders(case: &Case, terms: Terms) {
    agrees_with_the_reference(case, terms);

    let values_reversed = case.with_rules(|rules| {
        for rule in rules {
            rule.allowed_origins.reverse();
            rule.allowed_headers.reverse();
        }
    });
    let asked = case.asked.to_fields();
    assert_eq!(
        rules(&values_reversed, terms).evaluate(&asked).outcome(),
        rules(case, terms).evaluate(&asked).outcome()
    );

    let rules_reversed = case.with_rules(<[Rule]>::reverse);
    agrees_with_the_reference(&rules_reversed, terms);
}

pub fn only_the_last_rule_adds(case: &Case, terms: Terms, last: Rule) {
    let mut longer = case.clone();
    let Some(configuration) = &mut longer.configuration else {
        return; // A first rule is a configuration, not an addition to one.
    };
    let end = configuration.rules.len();
    configuration.rules.push(last);

    let asked = case.asked.to_fields();
    let before = seen(&rules(case, terms).evaluate(&asked));
    let after = seen(&rules(&longer, terms).evaluate(&asked));
    match (before.outcome, after.outcome) {
        (Outcome::Allowed { .. }, _) => assert_eq!(before, after),
        (_, Outcome::Allowed { rule }) => assert_eq!(rule, end),
        _ => {}
    }
}

pub fn same_outcome_and_rule(case: &Case, other: &Asked, terms: Terms) {
    let rules = rules(case, terms);
    let (asked, other) = (case.asked.to_fields(), other.to_fields());
    let (one, other) = (rules.evaluate(&asked), rules.evaluate(&other));
    assert_eq!(one.outcome(), other.outcome());
    assert_eq!(one.rule(), other.rule());
}

pub fn allow_origin_is_safe(decision: &Decision<'_>, asked: &Asked) {
    let value = |wanted: &str| {
        let mut fields = decision.fields();
        fields
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    let credentials = value("Access-Control-Allow-Credentials");
    match value("Access-Control-Allow-Origin").as_deref() {
        None => assert_eq!(decision.fields().count(), 0),
        Some("*") => assert_eq!(credentials, None),
        Some(echo) => assert_eq!(vec![echo.as_bytes()], asked.origin.clone()),
    }
}

pub fn every_field_parses(decision: &Decision<'_>) {
    let mut names = Vec::new();
    for (name, value) in decision.fields() {
        assert!(parses(name, value.as_bytes()), "{name}: {value:?}");
        assert!(decision.replaces().contains(&name), "{name}");
        assert!(!names.contains(&name), "{name} twice");
        names.push(name);
    }
}

/// By the grammar of the Fetch standard's "HTTP new-header syntax", in the
/// strict form that RFC 9110, section 5.6.1.1, asks of a sender.
fn parses(name: &str, value: &[u8]) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "access-control-allow-methods"
        | "access-control-allow-headers"
        | "access-control-expose-headers" => is_list_of_tokens(value),
        "access-control-max-age" => !value.is_empty() && value.iter().all(u8::is_ascii_digit),
        "access-control-allow-credentials" => value == b"true",
        // Compared, not parsed.
        "access-control-allow-origin" => value.iter().all(|byte| (0x20..=0x7E).contains(byte)),
        _ => false,
    }
}

fn is_list_of_tokens(value: &[u8]) -> bool {
    let mut elements = value.split(|&byte| byte == b',');
    let spaced =
        |element: &[u8]| reference::is_token(element.strip_prefix(b" ").unwrap_or(element));
    elements.next().is_some_and(reference::is_token) && elements.all(spaced)
}

pub fn varies_within(decision: &Decision<'_>, profile: Profile) {
    let most = profile.vary(decision.kind());
    assert!(
        decision.vary().iter().all(|name| most.contains(name)),
        "{most:?}"
    );
}

/// 4.4.3
const REPLACED: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-allow-private-network",
];

pub fn writes_in_three_steps(decision: &Decision<'_>, before: &HeaderMap) {
    let mut expected = before.clone();
    assert_eq!(lower(decision.replaces()), REPLACED);
    for name in REPLACED {
        expected.remove(name);
    }
    for (name, value) in decision.fields() {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a field's name");
        expected.insert(
            name,
            HeaderValue::from_str(&value).expect("a field's value"),
        );
    }
    let missing = missing_from_vary(before, decision.vary());
    if !missing.is_empty() {
        expected.remove(VARY);
    }

    let mut written = before.clone();
    decision.write_to(&mut written);
    if !missing.is_empty() {
        let members = [vary_members(before), missing].concat();
        let lines: Vec<_> = written.get_all(VARY).iter().collect();
        assert_eq!(lines, [&members.join(&b", "[..])[..]]);
        written.remove(VARY);
    }
    assert_eq!(written, expected);
}

/// 4.4.4: the names to add, none where a star already says them all.
fn missing_from_vary(headers: &HeaderMap, names: &[&str]) -> Vec<Vec<u8>> {
    let members = vary_members(headers);
    let has = |name: &[u8]| {
        members
            .iter()
            .any(|member| member.eq_ignore_ascii_case(name))
    };
    let names = names.iter().map(|name| name.as_bytes());
    names
        .filter(|name| !has(b"*") && !has(name))
        .map(<[u8]>::to_vec)
        .collect()
}

fn vary_members(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let lines = headers.get_all(VARY).iter();
    lines
        .flat_map(|line| reference::elements(line.as_bytes()))
        .map(<[u8]>::to_vec)
        .collect()
}

pub fn owned_equals_borrowed(rules: &RuleSet, asked: &Asked) {
    let asked = asked.to_fields();
    let borrowed = rules.evaluate(&asked);
    let owned: Decision<'static> = rules.clone().evaluate(&asked).into_owned();
    assert_eq!(seen(&owned), seen(&borrowed));
    assert_eq!(owned.rule(), borrowed.rule());
    assert_eq!(owned.replaces(), borrowed.replaces());
    assert_eq!(error_body(&owned), error_body(&borrowed));
}

fn error_body(decision: &Decision<'_>) -> Option<String> {
    decision.preflight_error().map(|error| error.to_xml(&[]))
}

// Configurations.

/// Every faulty rule is named, in document order, and no other.
pub fn compiles_unless_faulty(configuration: &Configuration) {
    let mut expected: Vec<_> = reference::faulty_rules(configuration)
        .into_iter()
        .map(Some)
        .collect();
    if configuration.rules.is_empty() {
        expected.push(None);
    }
    for profile in [Profile::COS, Profile::S3] {
        let compiled = RuleSet::compile(configuration, profile.with_max_rules(usize::MAX));
        let mut named = match &compiled {
            Ok(_) => Vec::new(),
            Err(error) => error.faults().iter().map(Fault::rule).collect(),
        };
        named.dedup();
        assert_eq!(&named, &expected);
        assert_eq!(compiled.is_ok(), expected.is_empty());
    }
}
