//! The laws of `docs/semantics.md`, section 6, on generated configurations and
//! requests. Alphabets are tiny, so that values collide; sizes go past 64 and
//! 128 rules, where a set of rules outgrows a word.

mod reference;

use std::collections::BTreeMap;

use bucket_cors::{Configuration, Decision, Fault, Outcome, Profile, Request, Rule, RuleSet};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, VARY};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseResult, TestRunner};

use generate::{Case, Damage};
use reference::{Answer, Asked, Terms};

/// 2,000 cases a law; the environment variable `PROPTEST_CASES` overrules.
fn laws() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 2000;
    }
    config.failure_persistence = None;
    config
}

proptest! {
    #![proptest_config(laws())]

    // 6.1
    #[test]
    fn evaluate_agrees_with_the_reference(case in generate::case()) {
        for terms in Terms::all() {
            agrees_with_the_reference(&case, terms)?;
        }
    }

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

/// A law on requests that are all denied would hold, and say nothing.
#[test]
fn the_generator_reaches_every_outcome() {
    const CASES: usize = 2000;
    let cases = (generate::case(), generate::terms());
    let mut runner = TestRunner::deterministic();
    let mut counts = BTreeMap::new();
    for _ in 0..CASES {
        let tree = cases.new_tree(&mut runner).expect("nothing is filtered");
        let (case, terms) = tree.current();
        for label in labels(&case.expected(terms)) {
            *counts.entry(label).or_insert(0) += 1;
        }
    }
    for (label, least) in LEAST_OF_A_THOUSAND {
        let count = counts.get(label).copied().unwrap_or(0);
        assert!(count * 1000 >= least * CASES, "{label:?} in {counts:#?}");
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

fn labels(answer: &Answer) -> Vec<String> {
    let rule = match answer.outcome {
        Outcome::NotCors => return vec!["NotCors".to_owned()],
        Outcome::Denied(denial) => return vec![format!("{denial:?}")],
        Outcome::Allowed { rule } => rule,
    };
    let mut labels = vec![format!("Allowed {:?}", answer.kind)];
    let mut names = answer.fields.iter().map(|(name, _)| name);
    if names.any(|name| name.ends_with("allow-headers")) {
        labels.push("Allowed with Allow-Headers".to_owned());
    }
    for edge in [64, 128] {
        if rule >= edge {
            labels.push(format!("Allowed by rule {edge} or later"));
        }
    }
    labels
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

/// Where the cases come from. A request is made from the values of one rule,
/// more often than not, since one made from anything is nearly always denied.
mod generate {
    use bucket_cors::{Configuration, Rule};
    use http::HeaderMap;
    use http::header::{HeaderName, HeaderValue};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::{Index, select, subsequence};

    use super::reference::{self, Answer, Asked, Terms};

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
    }

    type Bytes = Vec<u8>;

    pub fn terms() -> BoxedStrategy<Terms> {
        select(Terms::all()).boxed()
    }

    pub fn case() -> BoxedStrategy<Case> {
        bucket()
            .prop_flat_map(|configuration| {
                some_rule(configuration.as_ref())
                    .prop_flat_map(|rule| asked_about(&rule))
                    .prop_map(move |asked| Case {
                        configuration: configuration.clone(),
                        asked,
                    })
            })
            .boxed()
    }

    /// A case whose names stand on one line as they are, and other lines that
    /// ask for the same names.
    pub fn case_and_its_names_rewritten() -> BoxedStrategy<(Case, Vec<Bytes>)> {
        bucket()
            .prop_flat_map(|configuration| {
                some_rule(configuration.as_ref())
                    .prop_flat_map(|rule| (asked_about(&rule), names_and_rewritten(&rule)))
                    .prop_map(move |(mut asked, (names, rewritten))| {
                        asked.request_headers = vec![names.join(&b',')];
                        let configuration = configuration.clone();
                        let case = Case {
                            configuration,
                            asked,
                        };
                        (case, rewritten)
                    })
            })
            .boxed()
    }

    // Configurations.

    #[rustfmt::skip]
    const ORIGINS: &[&str] = &[
        "*", "null", "", "a", "b", "ab", "A", "a*", "*b", "a*a", "ab*ba", "n*", "*l", "null*",
        "https://a.b", "https://*.b", "https://*", "http*://a.b", "https://a.b:*",
        "http://a.b:80", "é*",
    ];
    const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];
    const HEADERS: &[&str] = &[
        "*", "x", "X", "y", "X-a", "x-*", "*-A", "x*x", "k", "~", "x-a-b",
    ];
    const EXPOSED: &[&str] = &["ETag", "etag", "x-a", "X-A", "Date"];
    const AGES: &[i64] = &[0, 1, 600, 2_147_483_647];
    const IDS: &[&str] = &["", "one", "<&\"é"];

    fn bucket() -> BoxedStrategy<Option<Configuration>> {
        option::weighted(0.95, configuration()).boxed()
    }

    /// A few rules that overlap, or many that don't.
    pub fn configuration() -> BoxedStrategy<Configuration> {
        prop_oneof![
            20 => configuration_of(vec(rule(), 1..=6).boxed()),
            1 => configuration_of(vec(narrow_rule(), 7..=200).boxed()),
            1 => configuration_of(vec(narrow_rule(), 63..=65).boxed()),
            1 => configuration_of(vec(narrow_rule(), 127..=129).boxed()),
            1 => configuration_of(vec(narrow_rule(), 190..=200).boxed()),
        ]
        .boxed()
    }

    fn configuration_of(rules: BoxedStrategy<Vec<Rule>>) -> BoxedStrategy<Configuration> {
        (rules, option::of(any::<bool>()))
            .prop_map(|(rules, response_vary)| {
                let mut configuration: Configuration = rules.into_iter().collect();
                configuration.response_vary = response_vary;
                configuration
            })
            .boxed()
    }

    pub fn rule() -> BoxedStrategy<Rule> {
        let long = (2040..=2050usize).prop_map(|length| "a".repeat(length));
        let origin = prop_oneof![12 => one_of(ORIGINS), 12 => pattern_of(&['a', 'b']), 1 => long];
        let header = prop_oneof![one_of(HEADERS), pattern_of(&['x', 'X', '-'])];
        rule_of(origin.boxed(), header.boxed(), one_of(EXPOSED), one_of(IDS))
    }

    fn pattern_of(letters: &'static [char]) -> BoxedStrategy<String> {
        let before = text_of(select(letters).boxed(), 1..=2);
        let after = text_of(select(letters).boxed(), 0..=2);
        (before, select(&["", "*"][..]), after)
            .prop_map(|(before, star, after)| before + star + &after)
            .boxed()
    }

    /// So narrow that in a long list the late rules, too, get to decide.
    fn narrow_rule() -> BoxedStrategy<Rule> {
        let numbers = (0..100u8, 0..METHODS.len(), 0..10u8);
        (numbers, any::<[bool; 3]>())
            .prop_map(|((host, method, name), [any_port, header, any_suffix])| {
                let port = if any_port { ":*" } else { "" };
                let suffix = if any_suffix { "*" } else { "" };
                let mut rule = Rule::new([format!("https://{host}{port}")], [METHODS[method]]);
                if header {
                    rule.allowed_headers.push(format!("x-{name}{suffix}"));
                }
                rule
            })
            .boxed()
    }

    fn rule_of(
        origin: BoxedStrategy<String>,
        header: BoxedStrategy<String>,
        exposed: BoxedStrategy<String>,
        id: BoxedStrategy<String>,
    ) -> BoxedStrategy<Rule> {
        (
            (list_of(origin, 1), vec(one_of(METHODS), 1..=3)),
            (list_of(header, 0), list_of(exposed, 0)),
            option::of(select(AGES)),
            option::of(id),
        )
            .prop_map(|((origins, methods), (headers, exposed), age, id)| {
                let mut rule = Rule::new(origins, methods);
                rule.allowed_headers = headers;
                rule.expose_headers = exposed;
                rule.max_age_seconds = age;
                rule.id = id;
                rule
            })
            .boxed()
    }

    /// A few values, and now and then more than a matcher would search in turn.
    fn list_of(value: BoxedStrategy<String>, least: usize) -> BoxedStrategy<Vec<String>> {
        prop_oneof![24 => vec(value.clone(), least..=3), 1 => vec(value, 16..=70)].boxed()
    }

    fn one_of(values: &'static [&'static str]) -> BoxedStrategy<String> {
        select(values).prop_map(str::to_owned).boxed()
    }

    // Configurations that are hard to write down, or to accept.

    #[rustfmt::skip]
    const MARKUP: &[char] = &[
        '<', '>', '&', '"', '\'', ']', '-', '\\', '/', '{', '}', ';', '#', '\u{85}', '\u{A0}',
        'é', '\u{2028}', '\u{3000}', '\u{FEFF}', '\u{FFFD}', '\u{10FFFF}', '\t', '\n', '\r',
        ' ',
    ];
    #[rustfmt::skip]
    const TOKEN: &[char] = &[
        '!', '#', '$', '%', '&', '\'', '+', '-', '.', '^', '_', '`', '|', '~', '0', 'A', 'z',
    ];

    /// It compiles, and has in it whatever markup and trimming could spoil.
    pub fn odd_configuration() -> BoxedStrategy<Configuration> {
        configuration_of(vec(odd_rule(), 1..=4).boxed())
    }

    fn odd_rule() -> BoxedStrategy<Rule> {
        let in_origins = xml_char().prop_map(|c| match c {
            '\0'..=' ' | '\x7F' | '*' => 'o',
            other => other,
        });
        let origin = text_of(in_origins.boxed(), 0..=5);
        let token = text_of(select(TOKEN).boxed(), 1..=4);
        let id = text_of(xml_char(), 0..=8);
        let long_id = text_of(xml_char(), 255..=255);
        rule_of(
            starred(origin),
            starred(token.clone()),
            token,
            prop_oneof![8 => id, 1 => long_id].boxed(),
        )
    }

    /// Mapped, not filtered: a long run would exhaust proptest's rejections.
    fn xml_char() -> BoxedStrategy<char> {
        let any_of_xml =
            any::<char>().prop_map(|c| if reference::is_xml_char(c) { c } else { 'x' });
        prop_oneof![select(MARKUP), any_of_xml].boxed()
    }

    fn text_of(
        character: BoxedStrategy<char>,
        length: std::ops::RangeInclusive<usize>,
    ) -> BoxedStrategy<String> {
        vec(character, length).prop_map(String::from_iter).boxed()
    }

    fn starred(text: BoxedStrategy<String>) -> BoxedStrategy<String> {
        (text, any::<bool>())
            .prop_map(|(text, star)| if star { text + "*" } else { text })
            .boxed()
    }

    type Edit = fn(&mut Rule);

    /// Each makes a rule that the provider would refuse.
    const SPOILING: &[Edit] = &[
        |rule| rule.id = Some("é".repeat(256)),
        |rule| rule.id = Some("\0".to_owned()),
        |rule| rule.id = Some("\u{FFFF}".to_owned()),
        |rule| rule.allowed_origins.clear(),
        |rule| rule.allowed_origins.push("**".to_owned()),
        |rule| rule.allowed_origins.push("https://*.*".to_owned()),
        |rule| rule.allowed_origins.push("a b".to_owned()),
        |rule| rule.allowed_origins.push("a\x7F".to_owned()),
        |rule| rule.allowed_origins.push("a\u{FFFE}".to_owned()),
        |rule| rule.allowed_methods.clear(),
        |rule| rule.allowed_methods.push("get".to_owned()),
        |rule| rule.allowed_methods.push("OPTIONS".to_owned()),
        |rule| rule.allowed_methods.push("*".to_owned()),
        |rule| rule.allowed_methods.push(String::new()),
        |rule| rule.allowed_headers.push("x**".to_owned()),
        |rule| rule.allowed_headers.push("x y".to_owned()),
        |rule| rule.allowed_headers.push("é".to_owned()),
        |rule| rule.allowed_headers.push(String::new()),
        |rule| rule.expose_headers.push("*".to_owned()),
        |rule| rule.expose_headers.push("x,y".to_owned()),
        |rule| rule.expose_headers.push(String::new()),
        |rule| rule.max_age_seconds = Some(-1),
        |rule| rule.max_age_seconds = Some(2_147_483_648),
        |rule| rule.max_age_seconds = Some(i64::MIN),
    ];

    /// Each comes close, and is accepted.
    const HARMLESS: &[Edit] = &[
        |rule| rule.id = Some("é".repeat(255)),
        |rule| rule.id = Some("\t\r\n".to_owned()),
        |rule| rule.allowed_origins.push(String::new()),
        |rule| rule.allowed_origins.push("\u{85}\u{FFFD}".to_owned()),
        |rule| rule.allowed_headers.push("*".to_owned()),
        |rule| rule.allowed_headers.push("!#$%&'*+-.^_`|~".to_owned()),
        |rule| rule.expose_headers.clear(),
        |rule| rule.max_age_seconds = Some(2_147_483_647),
    ];

    pub fn bad_rule() -> BoxedStrategy<Rule> {
        edited(vec(select(SPOILING), 1).boxed())
    }

    pub fn doubtful_configuration() -> BoxedStrategy<Configuration> {
        let edit = prop_oneof![select(SPOILING), select(HARMLESS)];
        let rule = edited(vec(edit, 0..=2).boxed());
        configuration_of(vec(rule, 0..=3).boxed())
    }

    fn edited(edits: BoxedStrategy<Vec<Edit>>) -> BoxedStrategy<Rule> {
        (rule(), edits)
            .prop_map(|(mut rule, edits)| {
                for edit in edits {
                    edit(&mut rule);
                }
                rule
            })
            .boxed()
    }

    /// What happens to a document on its way.
    #[derive(Clone, Debug)]
    pub enum Damage {
        Flip(Index, u8),
        Delete(Index),
        Insert(Index, u8),
        Truncate(Index),
    }

    pub fn damage() -> BoxedStrategy<Vec<Damage>> {
        let byte = prop_oneof![
            select(&b"<>/&;#\"'=!?-[]{}:,CDATA \n*\0\xFF"[..]),
            any::<u8>()
        ];
        let flipped = (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, 1 << bit));
        let inserted = (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Insert(at, byte));
        let one = prop_oneof![
            4 => flipped,
            4 => any::<Index>().prop_map(Damage::Delete),
            4 => inserted,
            1 => any::<Index>().prop_map(Damage::Truncate),
        ];
        vec(one, 1..=3).boxed()
    }

    impl Damage {
        pub fn apply(&self, text: &mut Bytes) {
            if text.is_empty() {
                return;
            }
            let length = text.len();
            match self {
                Damage::Flip(at, bit) => text[at.index(length)] ^= bit,
                Damage::Delete(at) => drop(text.remove(at.index(length))),
                Damage::Insert(at, byte) => text.insert(at.index(length + 1), *byte),
                Damage::Truncate(at) => text.truncate(at.index(length)),
            }
        }
    }

    // Requests.

    #[rustfmt::skip]
    const OTHER_ORIGINS: &[&[u8]] = &[
        b"a", b"aba", b"aa", b"bab", b"abba", b"c", b"null", b"NULL", b"*", b"https://*", b"https://a.b",
        b"https://A.B", b"https://a.b/", b"https://a.b:8", b"https://1:2", b"!", b"~",
    ];
    #[rustfmt::skip]
    const ODD_ORIGINS: &[&[u8]] = &[
        b"", b"a", b" a", b"a ", b"a b", b"a\t", b"a\x1F", b"a\x7F", b"a\0", b"\xC3\xA9",
    ];
    #[rustfmt::skip]
    const OTHER_METHODS: &[&[u8]] = &[
        b"GET", b"GET", b"HEAD", b"PUT", b"DELETE", b"POST", b"PATCH", b"get", b"options", b"",
        b" GET", b"GET,PUT", b"G\xC3\x89T",
    ];
    #[rustfmt::skip]
    const ODD_LINES: &[&[u8]] = &[
        b"", b" ", b"\t", b",", b", ,\t,", b"x", b" X ,y,", b"*", b"x y", b"x(", b"\"x\"",
        b"x;y", b"x\0", b"x\x7F", b"\xC3\xA9", b"x,\xE2\x84\xAA",
    ];
    #[rustfmt::skip]
    const ODD_NAMES: &[&[u8]] = &[
        b"x", b"y", b"X-A-B", b"xx", b"z", b"*", b"~", b"x(", b"\xE2\x84\xAA",
    ];

    /// What a star may stand for.
    const FILLINGS: &[&str] = &["", "a", "b", "x-a", "null", ".a.b", "!~", "*"];

    fn some_rule(configuration: Option<&Configuration>) -> BoxedStrategy<Rule> {
        match configuration {
            Some(configuration) => select(configuration.rules.clone()).boxed(),
            None => rule(),
        }
    }

    fn asked_about(rule: &Rule) -> BoxedStrategy<Asked> {
        let options = (
            Just(b"OPTIONS".to_vec()),
            method_lines(rule),
            header_lines(rule),
        );
        let actual = (
            method(rule),
            perhaps(method_lines(rule)),
            perhaps(header_lines(rule)),
        );
        (origin_lines(rule), prop_oneof![2 => options, 1 => actual])
            .prop_map(
                |(origin, (method, request_method, request_headers))| Asked {
                    method,
                    origin,
                    request_method,
                    request_headers,
                },
            )
            .boxed()
    }

    fn origin_lines(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
        let long = (2046..=2050usize).prop_map(|length| vec![b"a".repeat(length)]);
        prop_oneof![
            28 => vec(matching(&rule.allowed_origins), 1),
            6 => lines_of(OTHER_ORIGINS, 1..=1),
            4 => lines_of(ODD_ORIGINS, 0..=2),
            1 => long,
        ]
        .boxed()
    }

    fn method_lines(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
        prop_oneof![12 => vec(method(rule), 1), 1 => vec(method(rule), 0..=3)].boxed()
    }

    fn method(rule: &Rule) -> BoxedStrategy<Bytes> {
        let own = select(rule.allowed_methods.clone()).prop_map(String::into_bytes);
        let other = select(OTHER_METHODS).prop_map(<[u8]>::to_vec);
        prop_oneof![3 => own, 1 => other].boxed()
    }

    fn header_lines(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
        prop_oneof![
            2 => Just(Vec::new()),
            12 => names(rule).prop_flat_map(|names| written(&names)),
            1 => lines_of(ODD_LINES, 0..=3),
            1 => lines_of(ODD_LINES, 8..=10),
            1 => at_the_limits(),
        ]
        .boxed()
    }

    /// 3.3.6: on both sides of each limit.
    fn at_the_limits() -> BoxedStrategy<Vec<Bytes>> {
        let lines = (7..=10usize).prop_map(|count| vec![b"x".to_vec(); count]);
        let names = (62..=66usize).prop_map(|more| vec![b"x, ,".repeat(64), b",x".repeat(more)]);
        let bytes = (8190..=8194usize, any::<Index>()).prop_map(|(length, cut)| {
            let cut = cut.index(length + 1);
            vec![b"x".repeat(cut), b"x".repeat(length - cut)]
        });
        let commas = (8190..=8194usize).prop_map(|length| vec![b",".repeat(length)]);
        prop_oneof![lines, names, bytes, commas].boxed()
    }

    fn lines_of(
        lines: &'static [&'static [u8]],
        count: std::ops::RangeInclusive<usize>,
    ) -> BoxedStrategy<Vec<Bytes>> {
        vec(select(lines).prop_map(<[u8]>::to_vec), count).boxed()
    }

    fn perhaps(lines: BoxedStrategy<Vec<Bytes>>) -> BoxedStrategy<Vec<Bytes>> {
        prop_oneof![Just(Vec::new()), lines].boxed()
    }

    fn matching(patterns: &[String]) -> BoxedStrategy<Bytes> {
        (select(patterns.to_vec()), select(FILLINGS))
            .prop_map(|(pattern, filling)| pattern.replace('*', filling).into_bytes())
            .boxed()
    }

    fn names(rule: &Rule) -> BoxedStrategy<Vec<Bytes>> {
        let odd = select(ODD_NAMES).prop_map(<[u8]>::to_vec);
        if rule.allowed_headers.is_empty() {
            return vec(odd, 0..=1).boxed();
        }
        vec(
            prop_oneof![8 => matching(&rule.allowed_headers), 1 => odd],
            0..=5,
        )
        .boxed()
    }

    fn names_and_rewritten(rule: &Rule) -> BoxedStrategy<(Vec<Bytes>, Vec<Bytes>)> {
        names(rule)
            .prop_flat_map(|names| {
                let repeats = subsequence(names.clone(), 0..=names.len());
                let all = names.clone();
                repeats
                    .prop_map(move |repeats| [all.clone(), repeats].concat())
                    .prop_shuffle()
                    .prop_flat_map(|names| written(&names))
                    .prop_map(move |rewritten| (names.clone(), rewritten))
            })
            .boxed()
    }

    const CASES: &[fn(&[u8]) -> Bytes] = &[
        <[u8]>::to_vec,
        <[u8]>::to_ascii_lowercase,
        <[u8]>::to_ascii_uppercase,
    ];
    const GAPS: &[&[u8]] = &[b",", b", ", b"\t,\t", b" ,, \t,", b"\n", b",\n", b"\n\n"];

    /// Lines that ask for the names in their order, within the limits of 3.3.6.
    fn written(names: &[Bytes]) -> BoxedStrategy<Vec<Bytes>> {
        let names = names.to_vec();
        vec((select(CASES), select(GAPS)), names.len())
            .prop_map(move |styles| {
                let styled = names.iter().zip(styles);
                let text: Vec<Bytes> = styled
                    .map(|(name, (case, gap))| [&case(name), gap].concat())
                    .collect();
                text.concat()
                    .splitn(8, |&byte| byte == b'\n')
                    .map(|line| {
                        line.iter()
                            .map(|&byte| if byte == b'\n' { b',' } else { byte })
                            .collect()
                    })
                    .collect()
            })
            .boxed()
    }

    // Responses.

    #[rustfmt::skip]
    const RESPONSE_NAMES: &[&str] = &[
        "vary", "vary", "access-control-allow-origin", "access-control-allow-private-network",
        "access-control-max-age", "access-control-other", "etag",
    ];
    #[rustfmt::skip]
    const RESPONSE_VALUES: &[&str] = &[
        "*", "origin", "ORIGIN , a", "Accept-Encoding", "a,*", "", " , ",
        "Access-Control-Request-Method, access-control-request-headers",
    ];

    /// What an upstream may have left, `Vary` of every sort included.
    pub fn response_headers() -> BoxedStrategy<HeaderMap> {
        vec((select(RESPONSE_NAMES), select(RESPONSE_VALUES)), 0..=4)
            .prop_map(|lines| {
                let mut headers = HeaderMap::new();
                for (name, value) in lines {
                    headers.append(
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    );
                }
                headers
            })
            .boxed()
    }
}
