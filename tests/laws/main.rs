//! The laws of `docs/semantics.md`, section 6, on generated configurations and
//! requests. Alphabets are tiny, so that values collide; sizes go past 64 and
//! 128 rules, where a set of rules outgrows a word.

#[path = "../common/mod.rs"]
mod common;
mod explained;
mod generate;
mod law;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use bucket_cors::{Configuration, Outcome, Profile, Rule, RuleSet};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseResult, TestRunner};

use common::cases;
use generate::Damage;
use law::Case;
use reference::{Answer, Asked, Terms};

proptest! {
    #![proptest_config(cases(10_000))]

    // 6.1
    #[test]
    fn evaluate_agrees_with_the_reference(case in generate::case()) {
        for terms in Terms::all() {
            law::agrees_with_the_reference(&case, terms);
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
        law::only_the_last_rule_adds(&case, terms, last);
    }

    // 6.3
    #[test]
    fn how_the_names_are_written_does_not_matter(
        (case, rewritten) in generate::case_and_its_names_rewritten(),
        terms in generate::terms(),
    ) {
        let other = Asked { request_headers: rewritten, ..case.asked.clone() };
        law::same_outcome_and_rule(&case, &other, terms);
    }

    // 6.4
    #[test]
    fn allow_origin_is_a_star_or_the_origin_itself(
        case in generate::case(),
        terms in generate::terms(),
    ) {
        let asked = case.asked.to_fields();
        law::allow_origin_is_safe(&law::rules(&case, terms).evaluate(&asked), &case.asked);
    }

    // 6.5
    #[test]
    fn every_value_parses_again(case in generate::case(), terms in generate::terms()) {
        let asked = case.asked.to_fields();
        law::every_field_parses(&law::rules(&case, terms).evaluate(&asked));
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
        law::compiles_unless_faulty(&configuration);
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
        let asked = case.asked.to_fields();
        law::varies_within(&law::rules(&case, terms).evaluate(&asked), terms.profile());
    }

    // 4.4
    #[test]
    fn write_to_removes_then_sets_then_adds_to_vary(
        case in generate::case(),
        terms in generate::terms(),
        before in generate::response_headers(),
    ) {
        let rules = law::rules(&case, terms);
        law::writes_in_three_steps(&rules.evaluate(&case.asked.to_fields()), &before);
    }

    #[test]
    fn an_owned_decision_says_what_the_borrowed_one_says(
        case in generate::case(),
        terms in generate::terms(),
    ) {
        law::owned_equals_borrowed(&law::rules(&case, terms), &case.asked);
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
        law::agrees_in_both_orders(&case, terms);
    }

    // 6.2
    #[test]
    fn a_rule_at_the_end_takes_nothing_away_at_any_size(
        case in generate::large::case(),
        terms in generate::terms(),
        last in generate::large::rule(0.5),
    ) {
        law::only_the_last_rule_adds(&case, terms, last);
    }

    // 6.3
    #[test]
    fn how_the_names_are_written_does_not_matter_at_any_size(
        (case, rewritten) in generate::large::case_and_its_names_rewritten(),
        terms in generate::terms(),
    ) {
        let other = Asked { request_headers: rewritten, ..case.asked.clone() };
        law::same_outcome_and_rule(&case, &other, terms);
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
        Ok(read) => law::compiles_unless_faulty(&read),
        Err(code) => prop_assert_eq!(code, "MalformedXML"),
    }
    Ok(())
}

fn spoils(mut configuration: Configuration, bad: Rule, place: Index) -> TestCaseResult {
    let place = place.index(configuration.rules.len() + 1);
    configuration.rules.insert(place, bad);
    prop_assert_eq!(reference::faulty_rules(&configuration), vec![place]);
    law::compiles_unless_faulty(&configuration);
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
