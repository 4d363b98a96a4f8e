//! What rules do to each other, against the definition: every request over a small alphabet is
//! asked of the engine.

use std::collections::BTreeSet;

use bucket_cors::{
    Configuration, Element, Finding, Lint, Outcome, Profile, RequestFields, Rule, RuleSet,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const METHODS: [&str; 2] = ["GET", "PUT"];
const ORIGINS: [&str; 12] = [
    "*", "a", "b", "ab", "ba", "a*", "*a", "b*", "*b", "a*b", "a*a", "null",
];
const HEADERS: [&str; 6] = ["*", "A", "aa", "A*", "*a", "a*a"];
const NAMES: [&str; 6] = ["a", "aa", "*", "a*", "*a", "A*a"];

/// What the values above can tell apart, and texts with a `*` of their own.
fn origins() -> Vec<String> {
    let mut all = vec![String::new()];
    for from in 0..40 {
        let shorter = all[from].clone();
        if shorter.len() < 3 {
            all.extend(["a", "b", "*"].map(|letter| format!("{shorter}{letter}")));
        }
    }
    all.remove(0);
    all.push("null".to_owned());
    all
}

#[derive(Clone, Debug)]
struct Asked {
    origin: String,
    method: &'static str,
    names: String,
}

/// Every request: origin, method, and any of the names.
fn requests() -> Vec<Asked> {
    let mut all = Vec::new();
    for origin in origins() {
        for method in METHODS {
            for chosen in 0..1 << NAMES.len() {
                let names = NAMES.iter().enumerate();
                let names = names.filter(|(n, _)| chosen >> n & 1 == 1);
                let names: Vec<&str> = names.map(|(_, name)| *name).collect();
                all.push(Asked {
                    origin: origin.clone(),
                    method,
                    names: names.join(","),
                });
            }
        }
    }
    all
}

fn decision(rules: &RuleSet, asked: &Asked) -> Outcome {
    let fields = [
        ("origin", asked.origin.as_bytes()),
        ("access-control-request-method", asked.method.as_bytes()),
        ("access-control-request-headers", asked.names.as_bytes()),
    ];
    let fields = RequestFields::new(b"OPTIONS", fields);
    rules.evaluate(&fields).outcome()
}

fn compile(configuration: &Configuration) -> RuleSet {
    RuleSet::compile(configuration, Profile::COS).unwrap()
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        vec(select(&ORIGINS[..]), 1..4),
        subsequence(&METHODS[..], 1..=2),
        vec(select(&HEADERS[..]), 0..3),
    )
        .prop_map(|(origins, methods, headers)| {
            Rule::new(origins, methods).with_allowed_headers(headers)
        })
}

fn configuration() -> impl Strategy<Value = Configuration> {
    vec(rule(), 1..5).prop_map(|rules| rules.into_iter().collect())
}

fn found(configuration: &Configuration, lint: Lint) -> Vec<Finding> {
    let findings = configuration.lint(Profile::COS).into_iter();
    findings.filter(|finding| finding.lint() == lint).collect()
}

/// The rules that a lint is about.
fn rules_of(findings: &[Finding]) -> BTreeSet<usize> {
    let rules = findings.iter().filter_map(|finding| finding.place().rule);
    rules.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rule_never_decides_if_no_request_is_decided_by_it(configuration in configuration()) {
        let rules = compile(&configuration);
        let deciding: BTreeSet<usize> = requests()
            .iter()
            .filter_map(|asked| match decision(&rules, asked) {
                Outcome::Allowed { rule } => Some(rule),
                _ => None,
            })
            .collect();
        let never = rules_of(&found(&configuration, Lint::NeverDecides));
        for n in 0..configuration.rules.len() {
            prop_assert_eq!(never.contains(&n), !deciding.contains(&n), "rule {}", n);
        }
    }

    /// Without the origin, every request is answered as before; without one that was not found,
    /// some is not.
    #[test]
    fn an_origin_never_matters_if_nothing_changes_without_it(configuration in configuration()) {
        let rules = compile(&configuration);
        let requests = requests();
        let before: Vec<Outcome> = requests.iter().map(|asked| decision(&rules, asked)).collect();
        let never = rules_of(&found(&configuration, Lint::NeverDecides));
        let mut dead = found(&configuration, Lint::DeadOrigin);
        dead.extend(found(&configuration, Lint::IdleOrigin));
        for (n, rule) in configuration.rules.iter().enumerate() {
            // These are found as a whole, or by other lints.
            if never.contains(&n) || rule.allowed_origins.iter().any(|origin| origin == "*") {
                continue;
            }
            let mut left = rule.clone();
            for value in (0..rule.allowed_origins.len()).rev() {
                let is_dead = dead.iter().any(|finding| {
                    let place = finding.place();
                    (place.rule, place.value) == (Some(n), Some(value))
                });
                let mut without = configuration.clone();
                without.rules[n] = left.clone();
                without.rules[n].allowed_origins.remove(value);
                // One that takes the same as another is only dead while that one is there.
                if is_dead {
                    left = without.rules[n].clone();
                }
                if without.rules[n].allowed_origins.is_empty() {
                    prop_assert!(!is_dead);
                    continue;
                }
                let without = compile(&without);
                let mut after = requests.iter().map(|asked| decision(&without, asked));
                let same = before.iter().all(|before| Some(*before) == after.next());
                prop_assert_eq!(is_dead, same, "rule {} origin {}", n, value);
            }
        }
    }

    /// That a request of the rule's own is answered by an earlier rule for `*`.
    #[test]
    fn a_star_comes_first_if_it_answers_for_a_named_origin(configuration in configuration()) {
        let rules = compile(&configuration);
        let is_for_all = |rule: &Rule| rule.allowed_origins.iter().any(|origin| origin == "*");
        let findings = found(&configuration, Lint::StarComesFirst);
        for (n, rule) in configuration.rules.iter().enumerate() {
            for (value, origin) in rule.allowed_origins.iter().enumerate() {
                let alone = Rule::new([origin], rule.allowed_methods.clone())
                    .with_allowed_headers(rule.allowed_headers.clone());
                let alone = compile(&Configuration::from_iter([alone]));
                let late = !is_for_all(rule) && requests().iter().any(|asked| {
                    decision(&alone, asked) == (Outcome::Allowed { rule: 0 })
                        && matches!(
                            decision(&rules, asked),
                            Outcome::Allowed { rule } if rule < n && is_for_all(&configuration.rules[rule])
                        )
                });
                let said = findings.iter().any(|finding| {
                    let place = finding.place();
                    place.rule == Some(n) && place.value.is_none_or(|said| said == value)
                });
                prop_assert_eq!(said, late, "rule {} origin {}", n, value);
            }
        }
    }

    /// A safe fix changes no answer: what was found did nothing.
    #[test]
    fn what_is_fixed_here_answers_as_before(configuration in configuration()) {
        let safe = |configuration: &Configuration| {
            let findings = configuration.lint(Profile::COS);
            let of_rules = [Lint::NeverDecides, Lint::DeadOrigin, Lint::IdleOrigin];
            let finding = findings.into_iter().find(|finding| {
                of_rules.contains(&finding.lint()) && finding.fix().is_some_and(bucket_cors::Fix::is_safe)
            })?;
            Some(finding.fix()?.apply(configuration))
        };
        let rules = compile(&configuration);
        let mut fixed = configuration.clone();
        while let Some(next) = safe(&fixed) {
            fixed = next;
        }
        let fixed = compile(&fixed);
        let is_allowed = |outcome| matches!(outcome, Outcome::Allowed { .. });
        for asked in requests() {
            let (before, after) = (decision(&rules, &asked), decision(&fixed, &asked));
            prop_assert_eq!(is_allowed(before), is_allowed(after), "{:?}", asked);
        }
    }
}

/// Misspelled and not, and such that one takes a part of what another does.
const SPELLED: [&str; 12] = [
    "*",
    "https://x.a.com",
    "https://x.a.com/",
    "https://X.a.com",
    "https://*.a.com",
    "https://*.a.com/",
    "HTTPS://*.a.com",
    "https://x.*",
    "https://x*.com:443",
    "https://*.com",
    "https://*.com./",
    "http*://x.a.com/",
];
const SENT: [&str; 7] = [
    "https://x.a.com",
    "https://y.a.com",
    "http://x.a.com",
    "https://x.b.com",
    "https://y.com",
    "https://x.org",
    "https://y.com.",
];

fn spelled() -> impl Strategy<Value = Configuration> {
    let rule = (
        vec(select(&SPELLED[..]), 1..3),
        prop::option::of(select(&["ETag", "x-amz-request-id"][..])),
    );
    let rule = rule.prop_map(|(origins, exposed)| {
        Rule::new(origins, ["GET", "HEAD"]).with_expose_headers(exposed)
    });
    vec(rule, 1..4).prop_map(|rules| rules.into_iter().collect())
}

proptest! {
    /// What is mended without asking answers who had no answer, and nobody else otherwise.
    #[test]
    fn what_works_is_not_mended(configuration in spelled()) {
        let fixed = configuration.fixed(Profile::S3);
        let [before, after] = [&configuration, &fixed].map(compile);
        for origin in SENT {
            let request = RequestFields::new(b"GET", [("origin", origin.as_bytes())]);
            let answer = |rules: &RuleSet| {
                let decision = rules.evaluate(&request);
                let fields = decision.fields().map(|(name, value)| (name, value.into_owned()));
                fields.collect::<Vec<_>>()
            };
            let answered = answer(&before);
            if !answered.is_empty() {
                prop_assert_eq!(answered, answer(&after), "{} of {:?}", origin, fixed);
            }
        }
    }
}

fn rules(rules: impl IntoIterator<Item = Rule>) -> Configuration {
    rules.into_iter().collect()
}

fn get(origins: &[&str]) -> Rule {
    Rule::new(origins.to_vec(), ["GET"])
}

#[track_caller]
fn finds(configuration: &Configuration, lint: Lint, messages: &[&str]) {
    let findings = found(configuration, lint);
    let said: Vec<&str> = findings.iter().map(Finding::message).collect();
    assert_eq!(said, messages);
}

#[test]
fn two_rules_with_one_id() {
    let with_id = |origin, id| get(&[origin]).with_id(id);
    let twice = rules([
        with_id("https://a.test", "app"),
        with_id("https://b.test", "other"),
        with_id("https://c.test", "app"),
    ]);
    finds(
        &twice,
        Lint::DuplicateId,
        &["\"app\" is the ID of rule 1 too"],
    );
    assert_eq!(
        found(&twice, Lint::DuplicateId)[0].place().element,
        Element::Id
    );
    let apart = rules([
        with_id("https://a.test", "app"),
        with_id("https://b.test", "App"),
    ]);
    finds(&apart, Lint::DuplicateId, &[]);
    let without = rules([get(&["https://a.test"]), get(&["https://b.test"])]);
    finds(&without, Lint::DuplicateId, &[]);
}

#[test]
fn not_all_of_many_rules_are_named() {
    for (number, said) in [
        (2, "rules 1 and 2 take"),
        (4, "rules 1, 2, 3 and 4 take"),
        (5, "rules 1, 2, 3, 4 and others take"),
    ] {
        let origins: Vec<String> = (0..number).map(|n| format!("https://{n}.test")).collect();
        let earlier = origins.iter().map(|origin| get(&[origin]));
        let last = Rule::new(origins.clone(), ["GET"]);
        let configuration = rules(earlier.chain([last]));
        let said = format!("never decides: {said} all its requests");
        finds(&configuration, Lint::NeverDecides, &[&said]);
    }
}

/// Neither of two rules takes all, both together do.
#[test]
fn earlier_rules_can_take_all_together() {
    let by_both = rules([
        get(&["https://a.test"]),
        get(&["https://*.b.test"]),
        get(&["https://a.test", "https://x.b.test"]),
    ]);
    let said = "never decides: rules 1 and 2 take all its requests";
    finds(&by_both, Lint::NeverDecides, &[said]);
    let not_all = rules([
        get(&["https://a.test"]),
        get(&["https://*.b.test"]),
        get(&["https://a.test", "https://b.test"]),
    ]);
    finds(&not_all, Lint::NeverDecides, &[]);
    let said = ["\"https://a.test\" never matters: rule 1 takes it"];
    finds(&not_all, Lint::DeadOrigin, &said);
}

#[test]
fn a_rule_is_not_shadowed_where_it_allows_more_headers() {
    let narrow = get(&["*"]);
    let wide = get(&["https://a.test"]).with_allowed_headers(["x-a"]);
    finds(
        &rules([narrow.clone(), wide.clone()]),
        Lint::NeverDecides,
        &[],
    );
    let said = "never decides: rule 1 takes all its requests; put it before rule 1";
    let wider = get(&["*"]).with_allowed_headers(["X-*"]);
    finds(&rules([wider, wide]), Lint::NeverDecides, &[said]);
    let said = "rule 1 is for `*` and answers GET first: the origins of rule 2 get no credentials; put rule 1 last";
    let wide = get(&["https://a.test"]).with_allowed_headers(["x-a"]);
    finds(&rules([narrow, wide]), Lint::StarComesFirst, &[said]);
}

/// Behind a `*`, the order is what is wrong, and nothing is removed without asking.
#[test]
fn a_named_rule_behind_a_star_is_not_removed() {
    let configuration = rules([get(&["*"]), get(&["https://a.test"])]);
    finds(
        &configuration,
        Lint::NeverDecides,
        &["never decides: rule 1 takes all its requests; put it before rule 1"],
    );
    assert_eq!(configuration.fixed(Profile::COS).rules.len(), 2);
    let same = rules([get(&["https://a.test"]), get(&["https://a.test"])]);
    assert_eq!(same.fixed(Profile::COS).rules.len(), 1);
}

#[test]
fn one_origin_of_several_is_behind_a_star() {
    let configuration = rules([
        get(&["https://a.test"]),
        get(&["*"]),
        get(&["https://a.test", "https://b.test"]).with_allowed_headers(["x"]),
    ]);
    let said = "rule 2 is for `*` and answers GET first: \"https://b.test\" gets no credentials; put rule 2 last";
    finds(&configuration, Lint::StarComesFirst, &[said]);
}

/// By the one for GET, by the other for PUT as well.
#[test]
fn origins_are_lost_for_some_methods_each() {
    let both = ["GET", "PUT"];
    let configuration = rules([
        Rule::new(["https://a.test"], ["PUT"]),
        Rule::new(["*"], both),
        Rule::new(["https://a.test", "https://b.test"], both),
    ]);
    let said = [
        "rule 2 is for `*` and answers GET first: \"https://a.test\" gets no credentials; put rule 2 last",
        "rule 2 is for `*` and answers GET, PUT first: \"https://b.test\" gets no credentials; put rule 2 last",
    ];
    finds(&configuration, Lint::StarComesFirst, &said);
}

/// The first rule lets through what has a name that it does not allow, if the rule for `*` and the
/// last one both do.
#[test]
fn a_star_takes_what_asks_for_a_name_that_two_patterns_allow() {
    let with = |origin, first: &[&str], star: &[&str], last: &[&str]| {
        let allowing = |origin, names: &[&str]| get(&[origin]).with_allowed_headers(names.to_vec());
        let a = "https://a.test";
        let rules = rules([
            allowing(origin, first),
            allowing("*", star),
            allowing(a, last),
        ]);
        !found(&rules, Lint::StarComesFirst).is_empty()
    };
    let a = "https://a.test";
    assert!(with(a, &[], &["x-a*"], &["x-*"]));
    assert!(with(a, &[], &["x-*"], &["x-a*"]));
    assert!(with(a, &[], &["*-x"], &["*-a-x"]));
    assert!(with(a, &[], &["*-a-x"], &["*-x"]));
    assert!(!with(a, &["y-*"], &["x-a*"], &["y-*"]));
    assert!(!with(a, &["y-*"], &["y-*"], &["x-a*"]));
    assert!(with("https://b.test", &["y-*"], &["x-a*"], &["y-*"]));
}

#[test]
fn rules_that_differ_in_origins_alone_can_be_one() {
    let (a, b) = (get(&["https://a.test"]), get(&["https://b.test"]));
    let configuration = rules([a.clone(), b.clone()]);
    let said = "differs from rule 1 in its origins alone: one rule can list them all";
    finds(&configuration, Lint::Mergeable, &[said]);
    let finding = &found(&configuration, Lint::Mergeable)[0];
    let fix = finding.fix().unwrap();
    assert!(!fix.is_safe());
    let merged = fix.apply(&configuration);
    assert_eq!(merged, rules([get(&["https://a.test", "https://b.test"])]));

    let longer = b.clone().with_max_age_seconds(600);
    finds(&rules([a.clone(), longer]), Lint::Mergeable, &[]);
    finds(&rules([get(&["*"]), b.clone()]), Lint::Mergeable, &[]);
    // What stands between may take some of its requests.
    let between = rules([a, get(&["https://c.test"]).with_max_age_seconds(1), b]);
    assert!(found(&between, Lint::Mergeable)[0].fix().is_none());
}

/// All that is found of one kind is mended at once: a document of nothing else takes a few rounds,
/// not one for each value.
#[test]
fn many_values_are_mended_at_once() {
    let origins: Vec<String> = (0..2_000).map(|n| format!("https://h{n}.test/")).collect();
    let slashes = rules([Rule::new(origins.clone(), ["GET", "HEAD"])]);
    let fixed = slashes.fixed(Profile::S3);
    let without = origins.iter().map(|origin| origin.trim_end_matches('/'));
    assert!(without.eq(&fixed.rules[0].allowed_origins));

    // Each is in the next, and all in the last.
    let nested: Vec<String> = (0..200)
        .map(|n| format!("https://{}*.test", "a".repeat(200 - n)))
        .collect();
    let fixed = rules([Rule::new(nested, ["GET", "HEAD"])]).fixed(Profile::S3);
    assert_eq!(fixed.rules[0].allowed_origins, ["https://a*.test"]);
    let same = vec![get(&["https://a.test"]); 50];
    assert_eq!(rules(same).fixed(Profile::S3).rules.len(), 1);
}

/// The rule for `*` takes what the first rule, for the same origin, does not allow.
#[test]
fn a_star_between_two_rules_for_an_origin() {
    let configuration = rules([
        get(&["https://a.test"]),
        get(&["*"]).with_allowed_headers(["*"]),
        get(&["https://a.test"]).with_allowed_headers(["x-csrf"]),
    ]);
    let said = "rule 2 is for `*` and answers GET first: the origins of rule 3 get no credentials; put rule 2 last";
    finds(&configuration, Lint::StarComesFirst, &[said]);
    assert_eq!(configuration.fixed(Profile::COS), configuration);
}

/// An origin that is mended takes requests from the rule that has answered them so far.
#[test]
fn what_would_answer_for_a_later_rule_is_not_mended() {
    let slash = get(&["https://a.test/"]);
    let later = get(&["https://*.test"]).with_expose_headers(["ETag"]);
    let configuration = rules([slash.clone(), later.clone()]);
    assert_eq!(configuration.fixed(Profile::S3), configuration);
    let first = rules([later, slash]);
    assert_ne!(first.fixed(Profile::S3), first);
    // The rule's own may take it.
    let own = rules([Rule::new(
        ["https://a.test/", "https://*.test"],
        ["GET", "HEAD"],
    )]);
    assert_eq!(
        own.fixed(Profile::S3).rules[0].allowed_origins,
        ["https://*.test"]
    );
    // Of two patterns, neither has to take all of the other.
    for (later, is_taken_over) in [
        ("https://a.*", true),
        ("https://a*.b.test", true),
        ("https://*.test", true),
        ("http://*", false),
        ("https://*.c.test", false),
    ] {
        let pattern = get(&["https://*.b.test/"]);
        let later = Rule::new([later], ["GET", "HEAD"]);
        let configuration = rules([pattern, later.clone()]);
        let is_fixed = configuration.fixed(Profile::S3) != configuration;
        assert_eq!(is_fixed, !is_taken_over, "{later:?}");
    }
}

/// What the earlier rule answers is not what the later one would have.
#[test]
fn a_rule_that_would_answer_more_is_not_removed() {
    let wide = get(&["https://*.a.test"]);
    let narrow = get(&["https://app.a.test"]).with_expose_headers(["ETag"]);
    let configuration = rules([wide.clone(), narrow]);
    let said = "never decides: rule 1 takes all its requests; put it before rule 1";
    finds(&configuration, Lint::NeverDecides, &[said]);
    assert_eq!(configuration.fixed(Profile::COS), configuration);
    let the_same = rules([wide.clone(), get(&["https://app.a.test"])]);
    assert_eq!(the_same.fixed(Profile::COS), rules([wide]));
}

/// It ends, and nothing is said that was not looked at.
#[test]
fn a_document_that_was_made_to_take_long() {
    let many = |prefix: &str| {
        (0..2_000)
            .map(|n| format!("{prefix}{n}"))
            .collect::<Vec<_>>()
    };
    let first = Rule::new(["*"], ["GET"]).with_allowed_headers(many("a"));
    let second = Rule::new(many("b"), vec!["GET"; 2_000]).with_allowed_headers(many("a"));
    let configuration = rules([first, second]);
    assert_eq!(found(&configuration, Lint::NeverDecides).len(), 1);

    let patterns = |prefix: &str| {
        (0..2_000)
            .map(|n| format!("{prefix}{n:04}*"))
            .collect::<Vec<_>>()
    };
    let all = (0..8).map(|n| {
        let rule = Rule::new(patterns("https://a"), ["GET"]).with_max_age_seconds(n);
        rule.with_allowed_headers(patterns("x-"))
    });
    // All but the first never decide; it takes too long to see that of the last.
    let never = rules_of(&found(&rules(all), Lint::NeverDecides));
    assert!(never.contains(&1) && !never.contains(&7), "{never:?}");
}
