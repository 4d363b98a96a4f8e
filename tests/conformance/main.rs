//! The conformance set, run on this crate. README.md beside this file says what the set is.
#![cfg(all(feature = "xml", feature = "json"))]

#[path = "../built/mod.rs"]
mod built;
mod cases;
mod runner;
#[cfg(feature = "tower")]
#[path = "../running/mod.rs"]
mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use bucket_cors::{
    Configuration, Credentials, Decision, Element, Error, FaultKind, Outcome, ParseErrorKind,
    Profile, RequestFields, Rule, RuleSet, Vary,
};
use cases::{Answer, Case, DocumentCase, Each, Form, Group, Provider, Refusal, Rules, Text, Topic};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

const SEMANTICS: &str = include_str!("../../docs/semantics.md");

/// Fewer have been lost.
const LEAST: usize = 797;

/// Clauses of semantics 1 to 5 that no case in data can show.
const NO_CASE: [(&str, &str); 3] = [
    ("4.2.6", "a function of this crate, not an answer"),
    (
        "4.4.5",
        "the largest size is that of this crate's header map",
    ),
    ("5.4.5", "what a server adds to the body is its own"),
];

static TOPICS: LazyLock<Vec<(String, Topic)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    cases::load(&folder).unwrap_or_else(|error| panic!("{error}"))
});

fn groups() -> impl Iterator<Item = (&'static str, &'static Group)> {
    let groups = |(file, topic): &'static (String, Topic)| {
        topic.groups.iter().map(move |group| (file.as_str(), group))
    };
    TOPICS.iter().flat_map(groups)
}

fn requests() -> impl Iterator<Item = (&'static str, &'static Group, &'static Case)> {
    groups().flat_map(|(file, group)| group.cases.iter().map(move |case| (file, group, case)))
}

fn documents() -> impl Iterator<Item = (&'static str, &'static DocumentCase)> {
    let documents = |(file, topic): &'static (String, Topic)| {
        topic
            .documents
            .iter()
            .map(move |case| (file.as_str(), case))
    };
    TOPICS.iter().flat_map(documents)
}

/// Each case with all that is wrong with it, each on a line.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, case: impl FnOnce() -> String, wrong: &[String]) {
        if !wrong.is_empty() {
            self.0
                .push(format!("{}\n    {}", case(), wrong.join("\n    ")));
        }
    }

    #[track_caller]
    fn none(self) {
        let Self(findings) = self;
        let number = findings.len();
        assert!(number == 0, "{number} cases:\n{}", findings.join("\n"));
    }
}

/// Nothing, or what differs.
fn differs<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, got: &T) -> Option<String> {
    (expected != got).then(|| format!("{what}: expected {expected:?}, got {got:?}"))
}

fn profile(provider: Provider, max_rules: Option<usize>) -> Profile {
    let profile = match provider {
        Provider::Cos => Profile::COS,
        Provider::S3 => Profile::S3,
    };
    max_rules.map_or(profile, |rules| profile.with_max_rules(rules))
}

/// The bucket of a group.
fn bucket(group: &Group, provider: Provider) -> Result<RuleSet, String> {
    let vary = match group.vary {
        cases::Vary::Safe => Vary::Safe,
        cases::Vary::AsProvider => Vary::AsProvider,
    };
    let credentials = match group.credentials {
        cases::Credentials::AsProvider => Credentials::AsProvider,
        cases::Credentials::Never => Credentials::Never,
    };
    let profile = profile(provider, group.max_rules)
        .with_vary(vary)
        .with_credentials(credentials);
    let Some(document) = &group.document else {
        return Ok(RuleSet::not_configured(profile));
    };
    let configuration =
        Configuration::from_xml(&document.0, profile).map_err(|error| error.to_string())?;
    RuleSet::compile(&configuration, profile).map_err(|error| error.to_string())
}

#[test]
fn requests_are_answered() {
    let mut findings = Findings::default();
    for (file, group) in groups() {
        for &provider in &group.providers {
            let rules = match bucket(group, provider) {
                Ok(rules) => rules,
                Err(error) => {
                    let group = || format!("{file}: {} ({provider:?})", group.name);
                    findings.add(group, &[error]);
                    continue;
                }
            };
            for case in &group.cases {
                let name = || format!("{file}: {} ({provider:?})", case.name);
                findings.add(name, &wrong_answers(&rules, case, provider));
            }
        }
    }
    findings.none();
}

/// By both ways in: lines of bytes, and the `http` crate's types where these can hold the request.
fn wrong_answers(rules: &RuleSet, case: &Case, provider: Provider) -> Vec<String> {
    let lines = case.request.fields.iter();
    let lines = lines.map(|(name, value)| (name.as_str(), value.0.as_slice()));
    let fields = RequestFields::new(&case.request.method.0, lines);
    let decision = rules.evaluate(&fields);
    let mut wrong = wrong_in(&decision, &case.expect, provider);
    wrong.extend(wrong_in_writing(&decision, case, provider));

    if let Some(request) = http_request(case) {
        let decision = rules.evaluate(&request);
        let again = wrong_in(&decision, &case.expect, provider);
        wrong.extend(again.iter().map(|wrong| format!("http: {wrong}")));
        let owned = wrong_in(&decision.into_owned(), &case.expect, provider);
        wrong.extend(owned.iter().map(|wrong| format!("owned: {wrong}")));
    }
    wrong
}

fn http_request(case: &Case) -> Option<http::Request<()>> {
    let mut request = http::Request::new(());
    *request.method_mut() = Method::from_bytes(&case.request.method.0).ok()?;
    for (name, Text(value)) in &case.request.fields {
        let name: HeaderName = name.parse().ok()?;
        let value = HeaderValue::from_bytes(value).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

fn wrong_in(decision: &Decision<'_>, expected: &Answer, provider: Provider) -> Vec<String> {
    let denial = match decision.outcome() {
        Outcome::Denied(denial) => Some(denial.as_str().to_owned()),
        Outcome::NotCors | Outcome::Allowed { .. } => None,
    };
    let status = decision.preflight_status().map(|status| status.as_u16());
    let mut wrong: Vec<Option<String>> = vec![
        differs("kind", &&*expected.kind, &decision.kind().as_str()),
        differs("outcome", &&*expected.outcome, &decision.outcome().as_str()),
        differs("rule", &expected.rule, &decision.rule()),
        differs("denial", &expected.denial, &denial),
        differs("status", &expected.status, &status),
    ];

    let got: Vec<_> = decision.fields().collect();
    let names: BTreeSet<&str> = got.iter().map(|(name, _)| *name).collect();
    if names.len() < got.len() {
        wrong.push(Some(format!("a field twice: {names:?}")));
    }
    let got: BTreeMap<_, _> = got.into_iter().map(|(n, v)| (n, v.into_owned())).collect();
    let fields = expected.fields.iter();
    let fields: BTreeMap<&str, String> = fields
        .filter_map(|(name, value)| Some((&**name, of(value, provider).as_ref().map(shown)?)))
        .collect();
    wrong.push(differs("fields", &fields, &got));
    let vary: Vec<&str> = of(&expected.vary, provider).iter().map(|n| &**n).collect();
    wrong.push(differs("vary", &&*vary, &decision.vary()));

    let error = decision.preflight_error();
    match (&expected.error, &error) {
        (None, None) => {}
        (Some(expected), Some(got)) => {
            wrong.push(differs("code", &&*expected.code, &got.code()));
            if let Some(message) = &expected.message {
                let message = shown(of(message, provider));
                wrong.push(differs("message", &message, &got.message().into_owned()));
            }
            for (what, expected, got) in [
                ("method", &expected.method, got.method()),
                (
                    "resource type",
                    &expected.resource_type,
                    got.resource_type(),
                ),
            ] {
                if let Some(expected) = expected {
                    let expected = of(expected, provider).as_ref().map(shown);
                    wrong.push(differs(what, &expected, &got.map(str::to_owned)));
                }
            }
        }
        (expected, got) => wrong.push(Some(format!(
            "error: expected {}, got {}",
            if expected.is_some() { "one" } else { "none" },
            if got.is_some() { "one" } else { "none" },
        ))),
    }
    wrong.into_iter().flatten().collect()
}

/// A case without a response of its own is written to an empty one.
fn wrong_in_writing(decision: &Decision<'_>, case: &Case, provider: Provider) -> Vec<String> {
    let mut got = HeaderMap::new();
    let expected = match &case.response {
        Some(response) => {
            for (name, value) in &response.before {
                let name: HeaderName = name.parse().expect("a name");
                got.append(name, value.parse().expect("a value"));
            }
            response.after.clone()
        }
        None => answered(&case.expect, provider),
    };
    decision.write_to(&mut got);

    // Lines of one field are in order; fields are not.
    let by_name = |lines: Vec<(String, String)>| {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in lines {
            let name = name.to_ascii_lowercase();
            fields.entry(name).or_default().push(value);
        }
        fields
    };
    let got = got.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), value.into_owned())
    });
    let mut wrong = Vec::from_iter(differs(
        "written",
        &by_name(expected),
        &by_name(got.collect()),
    ));
    if let Some(response) = &case.response {
        wrong.extend(wrong_in_replacing(decision, response));
    }
    wrong
}

/// For servers that set the fields themselves: what a decision replaces is what goes from the response.
fn wrong_in_replacing(decision: &Decision<'_>, response: &cases::Response) -> Vec<String> {
    let replaced = |name: &str| {
        let mut replaced = decision.replaces().iter();
        replaced.any(|other| other.eq_ignore_ascii_case(name))
    };
    let stays = |line: &&(String, String)| response.after.contains(*line);
    let (stay, go): (Vec<_>, Vec<_>) = response.before.iter().partition(stays);
    let answered: Vec<_> = decision.fields().map(|(name, _)| name).collect();
    let kept = go
        .iter()
        .filter(|(name, _)| name != "Vary" && !replaced(name));
    let kept = kept.map(|(name, _)| format!("{name} is not replaced"));
    let stay = stay
        .iter()
        .filter(|(name, _)| !answered.contains(&name.as_str()));
    let lost = stay.filter(|(name, _)| replaced(name));
    let lost = lost.map(|(name, _)| format!("{name} is replaced"));
    kept.chain(lost).collect()
}

/// The lines that a response without any gets.
fn answered(expected: &Answer, provider: Provider) -> Vec<(String, String)> {
    let fields = expected.fields.iter();
    let mut lines: Vec<_> = fields
        .filter_map(|(name, value)| Some((name.clone(), of(value, provider).as_ref().map(shown)?)))
        .collect();
    let vary = of(&expected.vary, provider);
    if !vary.is_empty() {
        lines.push(("Vary".to_owned(), vary.join(", ")));
    }
    lines
}

fn of<T>(each: &Each<T>, provider: Provider) -> &T {
    each.of(provider)
        .expect("a value for each provider of the group")
}

fn shown(text: &Text) -> String {
    String::from_utf8_lossy(&text.0).into_owned()
}

#[test]
fn documents_are_read_or_refused() {
    let mut findings = Findings::default();
    for (file, case) in documents() {
        for &provider in &case.providers {
            let name = || format!("{file}: {} ({provider:?})", case.name);
            findings.add(name, &wrong_readings(case, provider));
        }
    }
    findings.none();
}

fn wrong_readings(case: &DocumentCase, provider: Provider) -> Vec<String> {
    let profile = profile(provider, case.max_rules);
    let text = &case.document.0;
    let read = match case.form {
        Form::Xml => Configuration::from_xml(text, profile),
        Form::Json => Configuration::from_json(text, profile),
        Form::Either => return wrong_told(case, profile),
    };
    let compiled = read.map_err(Error::from).and_then(|configuration| {
        RuleSet::compile(&configuration, profile)?;
        Ok(configuration)
    });
    match (&case.expect.accepted, &case.expect.refused, compiled) {
        (Some(expected), None, Ok(got)) => {
            let mut wrong = Vec::from_iter(differs("read", &configuration(expected), &got));
            if let Some(namespace) = &case.expect.namespace {
                let written = got.to_xml(profile);
                let expected = of(namespace, provider).as_ref();
                let expected = expected.map(|name| format!("xmlns=\"{name}\""));
                let got = written
                    .split(['<', '>', ' '])
                    .find(|word| word.starts_with("xmlns"));
                wrong.extend(differs("namespace", &expected.as_deref(), &got));
            }
            wrong.extend(wrong_when_written(&got, profile));
            wrong
        }
        (None, Some(expected), Err(error)) => wrong_refusal(expected, &error),
        (_, _, Ok(_)) => vec!["expected a refusal".to_owned()],
        (_, _, Err(error)) => vec![format!("not expected: {error}")],
    }
}

/// Only the rule set comes out of it. What it was told is compared by a reading in the form that the text has, and by an
/// answer.
fn wrong_told(case: &DocumentCase, profile: Profile) -> Vec<String> {
    let told = RuleSet::parse(&case.document.0, profile);
    match (&case.expect.accepted, &case.expect.refused, told) {
        (Some(expected), None, Ok(rules)) => {
            let same = RuleSet::compile(&configuration(expected), profile).expect("it compiles");
            let lines = [("Origin", &b"https://a.test"[..])];
            let fields = RequestFields::new(b"GET", lines);
            let outcomes = [same, rules].map(|rules| rules.evaluate(&fields).outcome());
            let read = if is_xml(&case.document.0) {
                Configuration::from_xml(&case.document.0, profile)
            } else {
                Configuration::from_json(&case.document.0, profile)
            };
            let wrong = [
                differs("read", &Ok(configuration(expected)), &read),
                differs("outcome", &outcomes[0], &outcomes[1]),
            ];
            wrong.into_iter().flatten().collect()
        }
        (None, Some(expected), Err(error)) => wrong_refusal(expected, &error),
        (_, _, Ok(_)) => vec!["expected a refusal".to_owned()],
        (_, _, Err(error)) => vec![format!("not expected: {error}")],
    }
}

/// Semantics 1.8, of a text that has a form.
fn is_xml(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    text.trim_ascii_start().starts_with(b"<")
}

fn configuration(expected: &cases::Configuration) -> Configuration {
    let strings = |texts: &[Text]| texts.iter().map(shown).collect::<Vec<_>>();
    let rule = |rule: &cases::Rule| {
        let mut made = Rule::new(
            strings(&rule.allowed_origins),
            strings(&rule.allowed_methods),
        )
        .with_allowed_headers(strings(&rule.allowed_headers))
        .with_expose_headers(strings(&rule.expose_headers));
        made.id = rule.id.as_ref().map(shown);
        made.max_age_seconds = rule.max_age_seconds;
        made
    };
    let rules = expected.rules.iter().flat_map(|rules| match rules {
        Rules::One(one) => vec![rule(one)],
        Rules::Repeated(repeated) => vec![rule(&repeated.repeat); repeated.times],
    });
    let mut configuration = rules.collect::<Configuration>();
    configuration.response_vary = expected.response_vary;
    configuration
}

/// Semantics 1.7.2 and 1.7.3.
fn wrong_when_written(configuration: &Configuration, profile: Profile) -> Vec<String> {
    let json = configuration.to_json();
    let xml = configuration.to_xml(profile);
    let again = [
        ("JSON", Configuration::from_json(json.as_bytes(), profile)),
        ("XML", Configuration::from_xml(xml.as_bytes(), profile)),
    ];
    let wrong = again.into_iter().filter_map(|(form, again)| {
        (again.as_ref() != Ok(configuration)).then(|| format!("{form} read back: {again:?}"))
    });
    let mut wrong: Vec<_> = wrong.collect();
    // Strictly: only what is written, no spelling that is also read.
    if let Err(error) = serde_json::from_str::<cases::Configuration>(&json) {
        wrong.push(format!("JSON written: {error}"));
    }
    wrong
}

fn wrong_refusal(expected: &Refusal, error: &Error) -> Vec<String> {
    let mut wrong = vec![differs("code", &&*expected.code, &error.code())];
    if let Some(message) = &expected.message {
        wrong.push(differs("message", &shown(message), &error.message()));
    }
    match error {
        Error::Parse(error) => {
            let clause = Some(clause_of_parsing(error.kind()));
            wrong.push(differs("clause", &expected.clause.as_deref(), &clause));
            if let Some(name) = &expected.name {
                let (got, hint) = name_and_hint(error.kind());
                wrong.push(differs("name", &Some(&**name), &got));
                wrong.push(differs("hint", &expected.hint.as_deref(), &hint));
            }
            if expected.line.is_some() {
                let line = error.position().map(bucket_cors::Position::line);
                wrong.push(differs("line", &expected.line, &line));
            }
            if !expected.faults.is_empty() {
                wrong.push(Some(format!("expected faults, got: {error}")));
            }
        }
        Error::Compile(error) => {
            if let Some(clause) = &expected.clause {
                wrong.push(Some(format!("expected clause {clause}, got: {error}")));
            }
            let faults = expected.faults.iter().zip(error.faults());
            for (number, (expected, got)) in faults.enumerate() {
                let clause = clause_of_compiling(got.kind(), got.element());
                let mut of_it = vec![
                    differs("clause", &&*expected.clause, &clause),
                    differs("rule", &expected.rule, &got.rule()),
                ];
                if let Some(element) = &expected.element {
                    of_it.push(differs("element", &&**element, &got.element().as_str()));
                }
                if let Some(value) = &expected.value {
                    let value = shown(value);
                    of_it.push(differs("value", &Some(&*value), &got.value()));
                }
                let named = of_it.into_iter().flatten();
                wrong.extend(named.map(|wrong| Some(format!("fault {number}: {wrong}"))));
            }
            let numbers = [expected.faults.len(), error.faults().len()];
            wrong.push(differs("number of faults", &numbers[0], &numbers[1]));
        }
    }
    wrong.into_iter().flatten().collect()
}

/// The row of semantics 1.6.
fn clause_of_parsing(kind: &ParseErrorKind) -> &'static str {
    match kind {
        ParseErrorKind::TooLarge { .. } => "1.6.1",
        ParseErrorKind::Empty => "1.6.2",
        ParseErrorKind::NotUtf8 | ParseErrorKind::Encoding { .. } => "1.6.3",
        ParseErrorKind::NotWellFormed { .. } => "1.6.4",
        ParseErrorKind::DocumentType => "1.6.5",
        ParseErrorKind::WrongRoot { .. } => "1.6.6",
        ParseErrorKind::UnknownElement { .. } | ParseErrorKind::UnknownKey { .. } => "1.6.7",
        ParseErrorKind::UnexpectedText { .. } => "1.6.8",
        ParseErrorKind::UnexpectedElement { .. } => "1.6.9",
        ParseErrorKind::RepeatedElement { .. } => "1.6.10",
        ParseErrorKind::InvalidNumber { .. } | ParseErrorKind::NumberTooLarge { .. } => "1.6.11",
        ParseErrorKind::InvalidBoolean { .. } => "1.6.12",
        ParseErrorKind::BothSpellings { .. } => "1.6.13",
        ParseErrorKind::RepeatedKey { .. } => "1.6.14",
        ParseErrorKind::WrongType { .. } => "1.6.15",
        ParseErrorKind::StringUnderPlural { .. } => "1.6.16",
        ParseErrorKind::UnknownForm => "1.6.17",
        _ => "none",
    }
}

fn name_and_hint(kind: &ParseErrorKind) -> (Option<&str>, Option<&str>) {
    match kind {
        ParseErrorKind::UnknownElement { name, hint }
        | ParseErrorKind::UnknownKey { name, hint } => (Some(name), *hint),
        _ => (None, None),
    }
}

/// The row of semantics 2.3.
fn clause_of_compiling(kind: &FaultKind, element: Element) -> &'static str {
    match kind {
        FaultKind::NoRule | FaultKind::Missing => "2.3.1",
        FaultKind::TooManyRules { .. } => "2.3.2",
        FaultKind::UnsupportedMethod { .. } => "2.3.3",
        FaultKind::ManyWildcards => "2.3.4",
        FaultKind::Wildcard => "2.3.5",
        FaultKind::InvalidHeaderName => "2.3.6",
        FaultKind::MaxAgeOutOfRange => "2.3.7",
        FaultKind::TooLong { .. } => "2.3.8",
        FaultKind::InvalidCharacter if element == Element::Id => "2.3.8",
        FaultKind::InvalidCharacter => "2.3.9",
        _ => "none",
    }
}

#[test]
fn no_case_is_lost() {
    for (file, topic) in TOPICS.iter() {
        assert!(!topic.about.is_empty(), "{file}");
        let groups = topic.groups.iter();
        assert!(
            groups.clone().all(|group| !group.cases.is_empty()),
            "{file}"
        );
        assert!(groups.len() + topic.documents.len() > 0, "{file} is empty");
    }
    let number = requests().count() + documents().count();
    assert!(number >= LEAST, "{number} cases are left");
}

#[test]
fn cases_are_told_apart_and_explained() {
    let cases = requests().map(|(file, _, case)| (file, &case.name, &case.why, &case.source));
    let documents = documents().map(|(file, case)| (file, &case.name, &case.why, &case.source));
    let mut names = BTreeSet::new();
    for (file, name, why, source) in cases.chain(documents) {
        assert!(names.insert(name), "{file}: a second {name}");
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        assert!(
            !name.is_empty() && name.bytes().all(legal),
            "{file}: {name}"
        );
        assert!(!why.is_empty(), "{file}: {name}: no reason");
        assert!(
            source.iter().any(|source| source.starts_with("semantics ")),
            "{file}: {name}: no clause"
        );
    }
    let mut names = BTreeSet::new();
    for (file, group) in groups() {
        assert!(names.insert(&group.name), "{file}: a second {}", group.name);
        assert!(!group.providers.is_empty(), "{file}: {}", group.name);
    }
}

/// What an answer says of itself goes together: semantics 3.2, 4.1.8 and 4.3.
#[test]
fn expectations_agree_with_themselves() {
    let mut findings = Findings::default();
    for (file, group, case) in requests() {
        let Answer {
            kind,
            outcome,
            rule,
            denial,
            status,
            error,
            fields,
            vary,
        } = &case.expect;
        let options = ["preflight", "options"].contains(&&**kind);
        let mut wrong = Vec::new();
        let mut holds = |what: &str, holds: bool| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        holds(
            "a kind",
            options || ["not_cors", "actual"].contains(&&**kind),
        );
        holds(
            "OPTIONS is a matter of method",
            options == (case.request.method.0 == b"OPTIONS"),
        );
        holds("not CORS", (kind == "not_cors") == (outcome == "not_cors"));
        holds(
            "a rule when allowed",
            rule.is_some() == (outcome == "allowed"),
        );
        holds(
            "a denial when denied",
            denial.is_some() == (outcome == "denied"),
        );
        holds("a status for OPTIONS", status.is_some() == options);
        holds(
            "an error when refused",
            error.is_some() == (options && denial.is_some()),
        );
        holds(
            "fields when allowed",
            fields.is_empty() != (outcome == "allowed"),
        );
        for &provider in &group.providers {
            holds("a Vary for each", vary.of(provider).is_some());
            holds(
                "a field for each",
                fields.values().all(|v| v.of(provider).is_some()),
            );
        }
        findings.add(|| format!("{file}: {}", case.name), &wrong);
    }
    for (file, case) in documents() {
        findings.add(|| format!("{file}: {}", case.name), &at_odds(case));
    }
    findings.none();
}

/// What a document's expectation says without being compared, or against itself.
fn at_odds(case: &DocumentCase) -> Vec<String> {
    let cases::Verdict {
        accepted,
        refused,
        namespace,
    } = &case.expect;
    let mut wrong = Vec::new();
    let mut holds = |what: &str, holds: bool| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    holds(
        "either accepted or refused",
        accepted.is_some() != refused.is_some(),
    );
    holds(
        "a namespace of what is read and told its form",
        namespace.is_none() || (accepted.is_some() && case.form != Form::Either),
    );
    if let Some(refused) = refused {
        let Refusal {
            clause,
            name,
            hint,
            line,
            faults,
            ..
        } = refused;
        holds(
            "either a clause or faults",
            clause.is_some() == faults.is_empty(),
        );
        holds("a hint for a name", hint.is_none() || name.is_some());
        holds(
            "a name of what is unknown",
            name.is_none() || clause.as_deref() == Some("1.6.7"),
        );
        holds(
            "a line where the text can't be read",
            line.is_none() || clause.is_some(),
        );
    }
    wrong
}

#[test]
fn an_expectation_that_is_not_compared_is_found() {
    let found = |form: &str, expect: &str| {
        let case = format!(
            r#"{{"name":"a","why":"","source":[],"providers":["cos"],"form":"{form}","document":"","expect":{expect}}}"#
        );
        at_odds(&serde_json::from_str(&case).unwrap())
    };
    let none: [&str; 0] = [];
    let accepted = r#"{"accepted":{"CORSRules":[]},"namespace":null}"#;
    let refused = r#"{"refused":{"code":"","clause":"1.6.7","name":"a","hint":"b","line":1}}"#;
    assert_eq!(found("xml", accepted), none);
    assert_eq!(found("either", refused), none);
    for (form, expect, what) in [
        (
            "either",
            accepted,
            "a namespace of what is read and told its form",
        ),
        (
            "xml",
            r#"{"refused":{"code":"","clause":"1.6.4"},"namespace":null}"#,
            "a namespace of what is read and told its form",
        ),
        (
            "xml",
            r#"{"refused":{"code":"","clause":"1.6.7","hint":"b"}}"#,
            "a hint for a name",
        ),
        (
            "xml",
            r#"{"refused":{"code":"","clause":"1.6.4","name":"b"}}"#,
            "a name of what is unknown",
        ),
        (
            "xml",
            r#"{"refused":{"code":"","faults":[{"clause":"2.3.1","rule":null}],"line":1}}"#,
            "a line where the text can't be read",
        ),
        ("xml", "{}", "either accepted or refused"),
        (
            "xml",
            r#"{"refused":{"code":""}}"#,
            "either a clause or faults",
        ),
    ] {
        assert_eq!(found(form, expect), [what], "{expect}");
    }
}

/// The numbers of the clauses, and of the sections that have none below them.
fn clauses() -> BTreeSet<&'static str> {
    let number = |text: &'static str| {
        let number = text.split([' ', '|']).next()?;
        let parts: Vec<&str> = number.split('.').collect();
        let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
        (parts.len() > 1 && parts.iter().all(digits)).then_some(number)
    };
    let marked = |mark: &'static str| {
        let lines = SEMANTICS.lines();
        lines.filter_map(move |line| number(line.strip_prefix(mark)?))
    };
    let mut clauses: BTreeSet<_> = marked("- ").chain(marked("| ")).collect();
    for section in marked("### ") {
        let below = format!("{section}.");
        if !clauses.iter().any(|clause| clause.starts_with(&below)) {
            clauses.insert(section);
        }
    }
    clauses
}

#[test]
fn every_clause_has_a_case() {
    let clauses = clauses();
    assert!(clauses.len() > 130, "{clauses:?}"); // or they are not found
    let of_requests = requests().map(|(_, _, case)| &case.source);
    let sources = of_requests.chain(documents().map(|(_, case)| &case.source));
    let cited: BTreeSet<&str> = sources
        .flatten()
        .filter_map(|source| source.strip_prefix("semantics "))
        .collect();
    let no_case: BTreeSet<&str> = NO_CASE.iter().map(|(clause, _)| *clause).collect();

    let unknown: Vec<_> = cited
        .union(&no_case)
        .filter(|c| !clauses.contains(**c))
        .collect();
    assert!(unknown.is_empty(), "no such clause: {unknown:?}");
    let both: Vec<_> = cited.intersection(&no_case).collect();
    assert!(both.is_empty(), "these have a case: {both:?}");
    let missing: Vec<_> = clauses
        .iter()
        .filter(|clause| clause.starts_with(['1', '2', '3', '4', '5']))
        // Where things stand in a text is for who wrote it: no server says so.
        .filter(|clause| !clause.starts_with("1.9."))
        .filter(|clause| !cited.contains(*clause) && !no_case.contains(*clause))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// What data could get wrong unseen.
#[test]
fn cases_are_read_strictly() {
    let read = |text: &str| serde_json::from_str::<Topic>(text).map(|_| ());
    let topic = |group: &str| format!(r#"{{"$schema":"","about":"","groups":[{group}]}}"#);
    let group = r#"{"name":"a","providers":["cos"],"document":null,"cases":[]}"#;
    read(&topic(group)).unwrap();
    for (wrong, why) in [
        (
            group.replace("\"cases\"", "\"casse\""),
            "a key that is not known",
        ),
        (
            group.replace("\"document\":null,", ""),
            "no document, unsaid",
        ),
        (group.replace("cos", "coz"), "a provider that is not known"),
        (group.replace("null", r#"[{"hex":"0"}]"#), "half a byte"),
        (group.replace("null", r#"[{"hex":"+1"}]"#), "no byte"),
        (
            group.replace("null", r#"[{"hax":"00"}]"#),
            "a part that is not known",
        ),
    ] {
        assert!(read(&topic(&wrong)).is_err(), "{why}: {wrong}");
    }
}
