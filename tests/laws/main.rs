//! The laws of `docs/semantics.md`, section 6, on generated configurations and
//! requests. Alphabets are tiny, so that values collide; sizes go past 64 and
//! 128 rules, where a set of rules outgrows a word.

mod generate;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use bucket_cors::{Configuration, Decision, Fault, Outcome, Profile, Request, Rule, RuleSet};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, VARY};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseResult, TestRunner};

use generate::{Case, Damage};
use reference::{Answer, Asked, Terms};

/// So many cases a law; the environment variable `PROPTEST_CASES` overrules.
fn cases(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = None;
    config
}

proptest! {
    #![proptest_config(cases(10_000))]

    // 6.1
    #[test]
    fn evaluate_agrees_with_the_reference(case in generate::case()) {
        for terms in Terms::all() {
            agrees_with_the_reference(&case, terms)?;
        }
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    // 6.2
    #[test]
    fn a_rule_at_the_end_takes_nothing_away(
        case in generate::case(),
        terms in generate::terms(),
        last in generate::rule(),
    ) {
        only_the_last_rule_adds(&case, terms, last)?;
    }

    // 6.3
    #[test]
    fn how_the_names_are_written_does_not_matter(
        (case, rewritten) in generate::case_and_its_names_rewritten(),
        terms in generate::terms(),
    ) {
        let other = Asked { request_headers: rewritten, ..case.asked.clone() };
        same_outcome_and_rule(&case, &other, terms)?;
    }

    // 6.4
    #[test]
    fn allow_origin_is_a_star_or_the_origin_itself(
        case in generate::case(),
        terms in generate::terms(),
    ) {
        allow_origin_is_safe(&rules(&case, terms)?.evaluate(&case.asked.to_fields()), &case.asked)?;
    }

    // 6.5
    #[test]
    fn every_value_parses_again(case in generate::case(), terms in generate::terms()) {
        every_field_parses(&rules(&case, terms)?.evaluate(&case.asked.to_fields()))?;
    }

    // 6.8
    #[test]
    fn what_is_written_reads_back_equal(
        configuration in generate::odd_configuration(),
        terms in generate::terms(),
    ) {
        for form in FORMS {
            reads_back_equal(form, &configuration, terms.profile())?;
        }
    }

    // 6.10
    #[test]
    fn a_truncated_document_is_refused(
        configuration in generate::odd_configuration(),
        terms in generate::terms(),
        end in any::<Index>(),
    ) {
        for form in FORMS {
            refuses_truncated(form, &configuration, terms.profile(), end)?;
        }
    }

    // 6.10: the whole of what it has become, since damage may leave it good.
    #[test]
    fn a_damaged_document_is_refused_or_read_whole(
        configuration in generate::odd_configuration(),
        terms in generate::terms(),
        damage in generate::damage(),
    ) {
        for form in FORMS {
            refuses_or_reads_whole(form, &configuration, terms.profile(), &damage)?;
        }
    }

    // 6.10
    #[test]
    fn one_bad_rule_spoils_a_configuration(
        configuration in generate::configuration(),
        bad in generate::bad_rule(),
        place in any::<Index>(),
    ) {
        spoils(configuration, bad, place)?;
    }

    // 2.2, 2.3
    #[test]
    fn the_faults_are_in_the_faulty_rules(configuration in generate::doubtful_configuration()) {
        compiles_unless_faulty(&configuration)?;
    }

    // 2.3.2
    #[test]
    fn one_rule_too_many_is_a_fault(configuration in generate::configuration()) {
        fits_as_many_rules_as_it_has(&configuration)?;
    }

    // 4.2.6
    #[test]
    fn no_answer_varies_on_more_than_its_profile_says(
        case in generate::case(),
        terms in generate::terms(),
    ) {
        varies_within(&rules(&case, terms)?.evaluate(&case.asked.to_fields()), terms.profile())?;
    }

    // 4.4
    #[test]
    fn write_to_removes_then_sets_then_adds_to_vary(
        case in generate::case(),
        terms in generate::terms(),
        before in generate::response_headers(),
    ) {
        let rules = rules(&case, terms)?;
        writes_in_three_steps(&rules.evaluate(&case.asked.to_fields()), &before)?;
    }

    #[test]
    fn an_owned_decision_says_what_the_borrowed_one_says(
        case in generate::case(),
        terms in generate::terms(),
    ) {
        owned_equals_borrowed(&rules(&case, terms)?, &case.asked)?;
    }
}

// The laws that sizes can break, on large policies and large requests.
proptest! {
    #![proptest_config(cases(700))]

    // 6.1
    #[test]
    fn evaluate_agrees_with_the_reference_at_any_size(
        case in generate::large::case(),
        terms in generate::terms(),
    ) {
        agrees_in_both_orders(&case, terms)?;
    }

    // 6.2
    #[test]
    fn a_rule_at_the_end_takes_nothing_away_at_any_size(
        case in generate::large::case(),
        terms in generate::terms(),
        last in generate::large::rule(0.5),
    ) {
        only_the_last_rule_adds(&case, terms, last)?;
    }

    // 6.3
    #[test]
    fn how_the_names_are_written_does_not_matter_at_any_size(
        (case, rewritten) in generate::large::case_and_its_names_rewritten(),
        terms in generate::terms(),
    ) {
        let other = Asked { request_headers: rewritten, ..case.asked.clone() };
        same_outcome_and_rule(&case, &other, terms)?;
    }
}

/// A law on requests that are all denied would hold, and say nothing.
#[test]
fn the_generator_reaches_every_outcome() {
    reaches(&generate::case(), 2000, &LEAST_OF_A_THOUSAND);
}

#[test]
fn the_large_generator_reaches_far_and_wide() {
    reaches(&generate::large::case(), 500, &LEAST_OF_A_THOUSAND_LARGE);
}

#[track_caller]
fn reaches(case: &BoxedStrategy<Case>, cases: usize, least_of_a_thousand: &[(&str, usize)]) {
    let mut runner = TestRunner::deterministic();
    let mut counts = BTreeMap::new();
    for _ in 0..cases {
        let tree = (case, generate::terms()).new_tree(&mut runner);
        let (case, terms) = tree.expect("nothing is filtered").current();
        for label in labels(&case, &case.expected(terms)) {
            *counts.entry(label).or_insert(0) += 1;
        }
    }
    for (label, least) in least_of_a_thousand {
        let count = counts.get(*label).copied().unwrap_or(0);
        assert!(count * 1000 >= least * cases, "{label:?} in {counts:#?}");
    }
}

const LEAST_OF_A_THOUSAND: [(&str, usize); 15] = [
    ("NotCors", 10),
    ("Allowed Preflight", 150),
    ("Allowed Actual", 80),
    ("Allowed with Allow-Headers", 80),
    ("Allowed by rule 64 or later", 5),
    ("Allowed by rule 128 or later", 2),
    ("MissingOrigin", 20),
    ("MalformedOrigin", 20),
    ("NotConfigured", 15),
    ("MissingRequestMethod", 20),
    ("InvalidRequestMethod", 20),
    ("MalformedRequestHeaders", 40),
    ("Origin", 40),
    ("Method", 40),
    ("Headers", 40),
];

const LEAST_OF_A_THOUSAND_LARGE: [(&str, usize); 12] = [
    ("Allowed Preflight", 250),
    ("Allowed Actual", 50),
    ("Allowed with Allow-Headers", 100),
    ("Allowed by rule 64 or later", 50),
    ("Allowed by rule 128 or later", 15),
    ("Allowed by one of 64 patterns or more", 100),
    ("Allowed by one of 128 patterns or more", 50),
    ("Allowed for many names", 40),
    ("MalformedRequestHeaders", 30),
    ("Origin", 40),
    ("Method", 40),
    ("Headers", 100),
];

fn labels(case: &Case, answer: &Answer) -> Vec<String> {
    let rule = match answer.outcome {
        Outcome::NotCors => return vec!["NotCors".to_owned()],
        Outcome::Denied(denial) => return vec![format!("{denial:?}")],
        Outcome::Allowed { rule } => rule,
    };
    let mut labels = vec![format!("Allowed {:?}", answer.kind)];
    let mut names = answer.fields.iter().map(|(name, _)| name);
    if names.any(|name| name.ends_with("allow-headers")) {
        labels.push("Allowed with Allow-Headers".to_owned());
        let names = case.asked.request_headers.join(&b',');
        if names.split(|&byte| byte == b',').count() >= 16 {
            labels.push("Allowed for many names".to_owned());
        }
    }
    for edge in [64, 128] {
        if rule >= edge {
            labels.push(format!("Allowed by rule {edge} or later"));
        }
        if patterns_that_it_took(case, rule) >= edge {
            labels.push(format!("Allowed by one of {edge} patterns or more"));
        }
    }
    labels
}

/// Of all origins, if the rule was for this one by a pattern only.
fn patterns_that_it_took(case: &Case, rule: usize) -> usize {
    let rules = case.configuration.iter().flat_map(|all| &all.rules);
    let own = rules.clone().nth(rule).map(|rule| &rule.allowed_origins);
    let literally = |value: &String| value == "*" || [value.as_bytes()] == *case.asked.origin;
    if own.is_none_or(|own| own.iter().any(literally)) {
        return 0;
    }
    let all: BTreeSet<&String> = rules.flat_map(|rule| &rule.allowed_origins).collect();
    all.iter().filter(|value| value.contains('*')).count()
}

// Decisions.

/// The rule set of a case; the generator makes none that doesn't compile.
fn rules(case: &Case, terms: Terms) -> Result<RuleSet, TestCaseError> {
    match &case.configuration {
        None => Ok(RuleSet::not_configured(terms.profile())),
        Some(configuration) => RuleSet::compile(configuration, terms.profile())
            .map_err(|error| TestCaseError::fail(format!("{error:?}"))),
    }
}

/// What the crate decided, put as the reference puts it.
fn seen(decision: &Decision<'_>) -> Answer {
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
        fields,
        vary,
        status: decision.preflight_status().map(|status| status.as_u16()),
    }
}

fn lower(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

fn agrees_with_the_reference(case: &Case, terms: Terms) -> TestCaseResult {
    let expected = case.expected(terms);
    let rules = rules(case, terms)?;
    prop_assert_eq!(&seen(&rules.evaluate(&case.asked.to_fields())), &expected);
    // Bytes that no `HeaderValue` holds come in by the first door only.
    if let Some(request) = case.asked.to_http() {
        prop_assert_eq!(&seen(&rules.evaluate(&request)), &expected);
        let borrowed = Request::new(request.method(), request.headers());
        prop_assert_eq!(borrowed.kind(), expected.kind);
    }
    Ok(())
}

fn agrees_in_both_orders(case: &Case, terms: Terms) -> TestCaseResult {
    agrees_with_the_reference(case, terms)?;

    let values_reversed = case.with_rules(|rules| {
        for rule in rules {
            rule.allowed_origins.reverse();
            rule.allowed_headers.reverse();
        }
    });
    let asked = case.asked.to_fields();
    prop_assert_eq!(
        rules(&values_reversed, terms)?.evaluate(&asked).outcome(),
        rules(case, terms)?.evaluate(&asked).outcome()
    );

    let rules_reversed = case.with_rules(<[Rule]>::reverse);
    agrees_with_the_reference(&rules_reversed, terms)
}

fn only_the_last_rule_adds(case: &Case, terms: Terms, last: Rule) -> TestCaseResult {
    let mut longer = case.clone();
    let Some(configuration) = &mut longer.configuration else {
        return Ok(()); // A first rule is a configuration, not an addition to one.
    };
    let end = configuration.rules.len();
    configuration.rules.push(last);

    let asked = case.asked.to_fields();
    let before = seen(&rules(case, terms)?.evaluate(&asked));
    let after = seen(&rules(&longer, terms)?.evaluate(&asked));
    match (before.outcome, after.outcome) {
        (Outcome::Allowed { .. }, _) => prop_assert_eq!(before, after),
        (_, Outcome::Allowed { rule }) => prop_assert_eq!(rule, end),
        _ => {}
    }
    Ok(())
}

fn same_outcome_and_rule(case: &Case, other: &Asked, terms: Terms) -> TestCaseResult {
    let rules = rules(case, terms)?;
    let (asked, other) = (case.asked.to_fields(), other.to_fields());
    let (one, other) = (rules.evaluate(&asked), rules.evaluate(&other));
    prop_assert_eq!(one.outcome(), other.outcome());
    prop_assert_eq!(one.rule(), other.rule());
    Ok(())
}

fn allow_origin_is_safe(decision: &Decision<'_>, asked: &Asked) -> TestCaseResult {
    let value = |wanted: &str| {
        let mut fields = decision.fields();
        fields
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    let credentials = value("Access-Control-Allow-Credentials");
    match value("Access-Control-Allow-Origin").as_deref() {
        None => prop_assert_eq!(decision.fields().count(), 0),
        Some("*") => prop_assert_eq!(credentials, None),
        Some(echo) => prop_assert_eq!(vec![echo.as_bytes()], asked.origin.clone()),
    }
    Ok(())
}

fn every_field_parses(decision: &Decision<'_>) -> TestCaseResult {
    let mut names = Vec::new();
    for (name, value) in decision.fields() {
        prop_assert!(parses(name, value.as_bytes()), "{name}: {value:?}");
        prop_assert!(decision.replaces().contains(&name), "{name}");
        prop_assert!(!names.contains(&name), "{name} twice");
        names.push(name);
    }
    Ok(())
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

fn varies_within(decision: &Decision<'_>, profile: Profile) -> TestCaseResult {
    let most = profile.vary(decision.kind());
    prop_assert!(
        decision.vary().iter().all(|name| most.contains(name)),
        "{most:?}"
    );
    Ok(())
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

fn writes_in_three_steps(decision: &Decision<'_>, before: &HeaderMap) -> TestCaseResult {
    let mut expected = before.clone();
    prop_assert_eq!(lower(decision.replaces()), REPLACED);
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
        // How the line joins its members is free; what they are is not.
        let members = [vary_members(before), missing].concat();
        prop_assert_eq!(written.get_all(VARY).iter().count(), 1);
        prop_assert_eq!(vary_members(&written), members);
        written.remove(VARY);
    }
    prop_assert_eq!(written, expected);
    Ok(())
}

/// 4.4.4: the names to add, none where a star already says them all.
fn missing_from_vary(headers: &HeaderMap, names: &[&str]) -> Vec<String> {
    let members = vary_members(headers);
    let has = |name: &str| {
        members
            .iter()
            .any(|member| member.eq_ignore_ascii_case(name))
    };
    let names = names.iter().filter(|name| !has("*") && !has(name));
    names.map(|&name| name.to_owned()).collect()
}

fn vary_members(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(VARY).iter();
    lines
        .flat_map(|line| line.to_str().expect("ASCII, as generated").split(','))
        .map(|member| member.trim_matches([' ', '\t']).to_owned())
        .filter(|member| !member.is_empty())
        .collect()
}

fn owned_equals_borrowed(rules: &RuleSet, asked: &Asked) -> TestCaseResult {
    let asked = asked.to_fields();
    let borrowed = rules.evaluate(&asked);
    let owned: Decision<'static> = rules.clone().evaluate(&asked).into_owned();
    prop_assert_eq!(seen(&owned), seen(&borrowed));
    prop_assert_eq!(owned.rule(), borrowed.rule());
    prop_assert_eq!(owned.rule_id(), borrowed.rule_id());
    prop_assert_eq!(owned.replaces(), borrowed.replaces());
    prop_assert_eq!(error_body(&owned), error_body(&borrowed));
    Ok(())
}

fn error_body(decision: &Decision<'_>) -> Option<String> {
    decision.preflight_error().map(|error| error.to_xml(&[]))
}

// Documents and configurations.

/// One way to write a configuration down.
struct Form {
    write: fn(&Configuration, Profile) -> String,
    /// The error is the code that the provider would answer.
    read: fn(&[u8], Profile) -> Result<Configuration, &'static str>,
}

/// Those that the features of this build have.
const FORMS: &[Form] = &[
    #[cfg(feature = "xml")]
    Form {
        write: Configuration::to_xml,
        read: |text, profile| Configuration::from_xml(text, profile).map_err(|error| error.code()),
    },
    #[cfg(feature = "json")]
    Form {
        write: |configuration, _| configuration.to_json(),
        read: |text, profile| Configuration::from_json(text, profile).map_err(|error| error.code()),
    },
];

fn reads_back_equal(
    form: &Form,
    configuration: &Configuration,
    profile: Profile,
) -> TestCaseResult {
    prop_assert!(RuleSet::compile(configuration, profile).is_ok());
    let text = (form.write)(configuration, profile);
    let read = (form.read)(text.as_bytes(), profile);
    prop_assert_eq!(read.as_ref(), Ok(configuration), "{}", text);
    Ok(())
}

fn refuses_truncated(
    form: &Form,
    configuration: &Configuration,
    profile: Profile,
    end: Index,
) -> TestCaseResult {
    let text = (form.write)(configuration, profile);
    let text = text.trim_end().as_bytes();
    let cut = &text[..end.index(text.len())];
    let read = (form.read)(cut, profile);
    prop_assert_eq!(read, Err("MalformedXML"), "{}", cut.escape_ascii());
    #[cfg(all(feature = "xml", feature = "json"))]
    prop_assert!(RuleSet::parse(cut, profile).is_err());
    Ok(())
}

fn refuses_or_reads_whole(
    form: &Form,
    configuration: &Configuration,
    profile: Profile,
    damage: &[Damage],
) -> TestCaseResult {
    let mut text = (form.write)(configuration, profile).into_bytes();
    for damage in damage {
        damage.apply(&mut text);
    }
    let read = (form.read)(&text, profile);
    #[cfg(all(feature = "xml", feature = "json"))]
    {
        let compiled = read
            .as_ref()
            .is_ok_and(|read| RuleSet::compile(read, profile).is_ok());
        prop_assert_eq!(RuleSet::parse(&text, profile).is_ok(), compiled);
    }
    match read {
        Ok(read) => compiles_unless_faulty(&read)?,
        Err(code) => prop_assert_eq!(code, "MalformedXML"),
    }
    Ok(())
}

fn spoils(mut configuration: Configuration, bad: Rule, place: Index) -> TestCaseResult {
    let place = place.index(configuration.rules.len() + 1);
    configuration.rules.insert(place, bad);
    prop_assert_eq!(reference::faulty_rules(&configuration), vec![place]);
    compiles_unless_faulty(&configuration)
}

/// Every faulty rule is named, in document order, and no other.
fn compiles_unless_faulty(configuration: &Configuration) -> TestCaseResult {
    let mut expected: Vec<_> = reference::faulty_rules(configuration)
        .into_iter()
        .map(Some)
        .collect();
    if configuration.rules.is_empty() {
        expected.push(None);
    }
    for profile in [Profile::COS, Profile::S3] {
        let compiled = RuleSet::compile(configuration, profile.with_max_rules(1000));
        let mut named = match &compiled {
            Ok(_) => Vec::new(),
            Err(error) => error.faults().iter().map(Fault::rule).collect(),
        };
        named.dedup();
        prop_assert_eq!(&named, &expected);
        prop_assert_eq!(compiled.is_ok(), expected.is_empty());
    }
    Ok(())
}

fn fits_as_many_rules_as_it_has(configuration: &Configuration) -> TestCaseResult {
    let count = configuration.rules.len();
    for profile in [Profile::COS, Profile::S3] {
        prop_assert!(RuleSet::compile(configuration, profile.with_max_rules(count)).is_ok());
        let refused = RuleSet::compile(configuration, profile.with_max_rules(count - 1));
        let faults = refused.err().map(|error| {
            let faults = error.faults().iter();
            faults.map(|fault| (fault.rule(), fault.code())).collect()
        });
        prop_assert_eq!(faults, Some(vec![(None, "InvalidRequest")]));
    }
    Ok(())
}
