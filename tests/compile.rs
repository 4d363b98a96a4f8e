//! What compiles, and every fault of what doesn't (semantics 2).

use Element::{AllowedHeader, AllowedMethod, AllowedOrigin, ExposeHeader, Id, MaxAgeSeconds};
use bucket_cors::FaultKind::{
    InvalidCharacter, InvalidHeaderName, ManyWildcards, MaxAgeOutOfRange, Missing, NoRule, TooLong,
    TooManyRules, UnsupportedMethod, Wildcard,
};
use bucket_cors::{CompileError, Configuration, Element, Fault, FaultKind, Profile, Rule, RuleSet};

const SCHEMA: &str = "MalformedXML";
const VALUE: &str = "InvalidRequest";

/// Both profiles refuse alike.
#[track_caller]
fn refused(rules: impl IntoIterator<Item = Rule>) -> CompileError {
    let configuration = Configuration::from_iter(rules);
    let error = RuleSet::compile(&configuration, Profile::COS).unwrap_err();
    assert_eq!(
        RuleSet::compile(&configuration, Profile::S3).unwrap_err(),
        error
    );
    error
}

#[track_caller]
fn accepted(rules: impl IntoIterator<Item = Rule>) {
    let configuration = Configuration::from_iter(rules);
    for profile in [Profile::COS, Profile::S3] {
        if let Err(error) = RuleSet::compile(&configuration, profile) {
            panic!("{error}");
        }
    }
}

/// A rule without a fault.
fn rule() -> Rule {
    Rule::new(["https://a.test"], ["GET"])
}

fn origins<const N: usize>(origins: [&str; N]) -> Rule {
    Rule::new(origins, ["GET"])
}

fn methods<const N: usize>(methods: [&str; N]) -> Rule {
    Rule::new(["*"], methods)
}

fn headers<const N: usize>(headers: [&str; N]) -> Rule {
    rule().with_allowed_headers(headers)
}

fn exposed<const N: usize>(headers: [&str; N]) -> Rule {
    rule().with_expose_headers(headers)
}

/// Where, what and how serious: `None` for a value that is not there.
type Row<'a> = (
    Option<usize>,
    Element,
    Option<&'a str>,
    FaultKind,
    &'static str,
);

fn row(fault: &Fault) -> Row<'_> {
    (
        fault.rule(),
        fault.element(),
        fault.value(),
        fault.kind().clone(),
        fault.code(),
    )
}

#[track_caller]
fn faults(rules: impl IntoIterator<Item = Rule>, rows: &[Row<'_>]) {
    let error = refused(rules);
    let found: Vec<Row<'_>> = error.faults().iter().map(row).collect();
    assert_eq!(found, rows);
}

/// A rule and its faults; it stands behind one that has none.
macro_rules! faults {
    ($($module:ident { $($name:ident: $rule:expr => [$(($element:expr, $value:expr, $kind:expr, $code:expr)),*],)* })*) => {
        mod faults {
            use super::*;
            $(mod $module {
                use super::*;
                $(#[test]
                fn $name() {
                    faults([rule(), $rule], &[$((Some(1), $element, $value.into(), $kind, $code)),*]);
                })*
            })*
        }
    };
}

const NONE: Option<&str> = None;

faults! {
    // 2.3.1
    missing {
        an_origin:           origins([]) => [(AllowedOrigin, NONE, Missing, SCHEMA)],
        a_method:            methods([]) => [(AllowedMethod, NONE, Missing, SCHEMA)],
        both:                Rule::default() => [(AllowedOrigin, NONE, Missing, SCHEMA), (AllowedMethod, NONE, Missing, SCHEMA)],
    }

    // 2.3.3
    unsupported_methods {
        options:             methods(["OPTIONS"]) => [(AllowedMethod, "OPTIONS", UnsupportedMethod { hint: None }, VALUE)],
        patch:               methods(["GET", "PATCH"]) => [(AllowedMethod, "PATCH", UnsupportedMethod { hint: None }, VALUE)],
        lower_case:          methods(["get"]) => [(AllowedMethod, "get", UnsupportedMethod { hint: Some("GET") }, VALUE)],
        mixed_case:          methods(["Put"]) => [(AllowedMethod, "Put", UnsupportedMethod { hint: Some("PUT") }, VALUE)],
        a_star:              methods(["*"]) => [(AllowedMethod, "*", UnsupportedMethod { hint: None }, VALUE)],
        an_empty_one:        methods([""]) => [(AllowedMethod, "", UnsupportedMethod { hint: None }, VALUE)],
        with_a_space:        methods(["GET "]) => [(AllowedMethod, "GET ", UnsupportedMethod { hint: None }, VALUE)],
        a_list_in_one:       methods(["GET,PUT"]) => [(AllowedMethod, "GET,PUT", UnsupportedMethod { hint: None }, VALUE)],
        each_of_them:        methods(["HEAD", "TRACE", "GET", "CONNECT", "TRACE"]) => [
            (AllowedMethod, "TRACE", UnsupportedMethod { hint: None }, VALUE),
            (AllowedMethod, "CONNECT", UnsupportedMethod { hint: None }, VALUE),
            (AllowedMethod, "TRACE", UnsupportedMethod { hint: None }, VALUE)],
    }

    // 2.3.4
    wildcards {
        two_in_an_origin:    origins(["http://*.*"]) => [(AllowedOrigin, "http://*.*", ManyWildcards, VALUE)],
        only_stars:          origins(["*", "**"]) => [(AllowedOrigin, "**", ManyWildcards, VALUE)],
        many_in_an_origin:   origins(["*a*b*c*"]) => [(AllowedOrigin, "*a*b*c*", ManyWildcards, VALUE)],
        two_in_a_header:     headers(["*-amz-*"]) => [(AllowedHeader, "*-amz-*", ManyWildcards, VALUE)],
        stars_for_a_header:  headers(["*", "**"]) => [(AllowedHeader, "**", ManyWildcards, VALUE)],
    }

    // 2.3.5
    exposed_wildcards {
        a_star:              exposed(["*"]) => [(ExposeHeader, "*", Wildcard, VALUE)],
        a_pattern:           exposed(["ETag", "x-amz-*"]) => [(ExposeHeader, "x-amz-*", Wildcard, VALUE)],
        two_are_one_fault:   exposed(["*-*"]) => [(ExposeHeader, "*-*", Wildcard, VALUE)],
    }

    // 2.3.6
    header_names {
        an_empty_one:        headers([""]) => [(AllowedHeader, "", InvalidHeaderName, VALUE)],
        an_empty_exposed:    exposed([""]) => [(ExposeHeader, "", InvalidHeaderName, VALUE)],
        a_list_in_one:       headers(["x-a, x-b"]) => [(AllowedHeader, "x-a, x-b", InvalidHeaderName, VALUE)],
        a_space:             exposed(["E Tag"]) => [(ExposeHeader, "E Tag", InvalidHeaderName, VALUE)],
        a_space_around:      headers([" x-a"]) => [(AllowedHeader, " x-a", InvalidHeaderName, VALUE)],
        a_colon:             exposed(["ETag:"]) => [(ExposeHeader, "ETag:", InvalidHeaderName, VALUE)],
        a_letter:            headers(["é"]) => [(AllowedHeader, "é", InvalidHeaderName, VALUE)],
        nul:                 exposed(["\0"]) => [(ExposeHeader, "\0", InvalidHeaderName, VALUE)],
    }

    // 2.3.7
    max_age {
        below_zero:          rule().with_max_age_seconds(-1) => [(MaxAgeSeconds, "-1", MaxAgeOutOfRange, SCHEMA)],
        above_31_bits:       rule().with_max_age_seconds(2_147_483_648) => [(MaxAgeSeconds, "2147483648", MaxAgeOutOfRange, SCHEMA)],
        the_least:           rule().with_max_age_seconds(i64::MIN) => [(MaxAgeSeconds, "-9223372036854775808", MaxAgeOutOfRange, SCHEMA)],
        the_greatest:        rule().with_max_age_seconds(i64::MAX) => [(MaxAgeSeconds, "9223372036854775807", MaxAgeOutOfRange, SCHEMA)],
    }

    // 2.3.8
    ids {
        too_long:            rule().with_id("a".repeat(256)) => [(Id, "a".repeat(256).as_str(), TooLong { limit: 255 }, VALUE)],
        too_long_in_letters: rule().with_id("é".repeat(256)) => [(Id, "é".repeat(256).as_str(), TooLong { limit: 255 }, VALUE)],
        nul:                 rule().with_id("a\0") => [(Id, "a\0", InvalidCharacter, VALUE)],
        a_control_character: rule().with_id("\u{1F}") => [(Id, "\u{1F}", InvalidCharacter, VALUE)],
        no_character:        rule().with_id("\u{FFFE}") => [(Id, "\u{FFFE}", InvalidCharacter, VALUE)],
        one_row_one_fault:   rule().with_id("\0".repeat(256)) => [(Id, "\0".repeat(256).as_str(), TooLong { limit: 255 }, VALUE)],
    }

    // 2.3.9
    origins {
        a_space:             origins(["https://a.test https://b.test"]) => [(AllowedOrigin, "https://a.test https://b.test", InvalidCharacter, VALUE)],
        a_space_around:      origins([" https://a.test"]) => [(AllowedOrigin, " https://a.test", InvalidCharacter, VALUE)],
        only_a_space:        origins([" "]) => [(AllowedOrigin, " ", InvalidCharacter, VALUE)],
        a_line:              origins(["a\r\nb"]) => [(AllowedOrigin, "a\r\nb", InvalidCharacter, VALUE)],
        delete:              origins(["a\u{7F}"]) => [(AllowedOrigin, "a\u{7F}", InvalidCharacter, VALUE)],
        no_character:        origins(["*", "\u{FFFF}"]) => [(AllowedOrigin, "\u{FFFF}", InvalidCharacter, VALUE)],
    }

    // 2.2.3: one fault for each row that a value breaks, in the order of the rows.
    several_of_one_value {
        an_origin:           origins(["* *"]) => [(AllowedOrigin, "* *", ManyWildcards, VALUE), (AllowedOrigin, "* *", InvalidCharacter, VALUE)],
        a_header:            headers(["* *"]) => [(AllowedHeader, "* *", ManyWildcards, VALUE), (AllowedHeader, "* *", InvalidHeaderName, VALUE)],
        an_exposed_header:   exposed(["* x"]) => [(ExposeHeader, "* x", Wildcard, VALUE), (ExposeHeader, "* x", InvalidHeaderName, VALUE)],
    }
}

/// 2.2.2: fields in the order of `Rule`'s, values in their own.
#[test]
fn every_fault_is_named_in_order() {
    let bad = || {
        Rule::new(["a b", "*", "**"], ["get", "GET", ""])
            .with_max_age_seconds(-1)
            .with_expose_headers(["*", "ETag", ""])
            .with_allowed_headers(["**", "x-a", "b c"])
            .with_id("\0")
    };
    let of_rule = |n| {
        [
            (Id, Some("\0"), InvalidCharacter, VALUE),
            (AllowedOrigin, Some("a b"), InvalidCharacter, VALUE),
            (AllowedOrigin, Some("**"), ManyWildcards, VALUE),
            (
                AllowedMethod,
                Some("get"),
                UnsupportedMethod { hint: Some("GET") },
                VALUE,
            ),
            (
                AllowedMethod,
                Some(""),
                UnsupportedMethod { hint: None },
                VALUE,
            ),
            (AllowedHeader, Some("**"), ManyWildcards, VALUE),
            (AllowedHeader, Some("b c"), InvalidHeaderName, VALUE),
            (ExposeHeader, Some("*"), Wildcard, VALUE),
            (ExposeHeader, Some(""), InvalidHeaderName, VALUE),
            (MaxAgeSeconds, Some("-1"), MaxAgeOutOfRange, SCHEMA),
        ]
        .map(|(element, value, kind, code)| (Some(n), element, value, kind, code))
    };
    faults([bad(), rule(), bad()], &[of_rule(0), of_rule(2)].concat());
}

/// 2.2.5: values by their index in the list, the sound ones counted.
#[test]
fn a_fault_says_where_it_stands() {
    let error = refused([
        Rule::new(["https://a.test", "a b", "**"], ["GET", "get"])
            .with_id("\0")
            .with_max_age_seconds(-1),
        Rule::new([""; 0], [""; 0])
            .with_allowed_headers(["a", "a b", "**"])
            .with_expose_headers(["a", "b", "*"]),
    ]);
    let places = error.faults().iter().map(Fault::place);
    assert_eq!(
        places
            .map(|place| (place.rule, place.element, place.value))
            .collect::<Vec<_>>(),
        [
            (Some(0), Id, None),
            (Some(0), AllowedOrigin, Some(1)),
            (Some(0), AllowedOrigin, Some(2)),
            (Some(0), AllowedMethod, Some(1)),
            (Some(0), MaxAgeSeconds, None),
            (Some(1), AllowedOrigin, None),
            (Some(1), AllowedMethod, None),
            (Some(1), AllowedHeader, Some(1)),
            (Some(1), AllowedHeader, Some(2)),
            (Some(1), ExposeHeader, Some(2)),
        ]
    );
    for rules in [vec![], vec![rule(); 101]] {
        let place = refused(rules).faults()[0].place();
        assert_eq!(
            (place.rule, place.element, place.value),
            (None, Element::Rule, None)
        );
    }
}

// ---- The whole configuration ----

#[test]
fn a_configuration_has_a_rule() {
    faults([], &[(None, Element::Rule, None, NoRule, SCHEMA)]);
    let mut configuration = Configuration::default();
    configuration.response_vary = Some(true);
    let error = RuleSet::compile(&configuration, Profile::COS).unwrap_err();
    assert_eq!(
        row(&error.faults()[0]),
        (None, Element::Rule, None, NoRule, SCHEMA)
    );
    assert_eq!(error.faults().len(), 1);
}

#[test]
fn a_configuration_has_at_most_100_rules() {
    accepted(vec![rule(); 100]);
    let too_many = (
        None,
        Element::Rule,
        None,
        TooManyRules { limit: 100 },
        VALUE,
    );
    faults(vec![rule(); 101], std::slice::from_ref(&too_many));

    // It comes first, and the rules are checked all the same: those over the limit, too.
    let mut rules = vec![rule(); 101];
    rules[100] = methods(["get"]);
    let last = (
        Some(100),
        AllowedMethod,
        Some("get"),
        UnsupportedMethod { hint: Some("GET") },
        VALUE,
    );
    faults(rules, &[too_many, last]);
}

#[test]
fn a_store_may_set_another_limit() {
    for profile in [Profile::COS, Profile::S3] {
        for limit in [0, 1, 99, 1_000] {
            let compile = |rules: usize| {
                let configuration = Configuration::from_iter(vec![rule(); rules]);
                RuleSet::compile(&configuration, profile.with_max_rules(limit))
            };
            if limit > 0 {
                assert!(compile(limit).is_ok(), "{limit}");
            }
            let error = compile(limit + 1).unwrap_err();
            assert_eq!(error.faults().len(), 1, "{limit}");
            assert_eq!(error.faults()[0].kind(), &TooManyRules { limit });
            assert_eq!(error.code(), VALUE);
            assert_eq!(
                error.message(),
                format!(
                    "The number of CORS rules should not exceed allowed limit of {limit} rules."
                )
            );
        }
        let configuration = Configuration::from_iter(vec![rule(); 10_000]);
        for enough in [10_000, 1 << 31, usize::MAX - 1, usize::MAX] {
            let roomy = profile.with_max_rules(enough);
            assert!(RuleSet::compile(&configuration, roomy).is_ok());
        }
        #[cfg(target_pointer_width = "64")]
        assert!(RuleSet::compile(&configuration, profile.with_max_rules(1 << 32)).is_ok());
    }
}

// ---- What is accepted ----

macro_rules! accepted {
    ($($name:ident: $rules:expr,)*) => {
        mod accepted {
            use super::*;
            $(#[test]
            fn $name() {
                accepted($rules);
            })*
        }
    };
}

accepted! {
    a_plain_rule:          [rule()],
    every_method:          [methods(["GET", "PUT", "POST", "DELETE", "HEAD"])],

    // 2.4
    an_empty_origin:       [origins([""])],
    no_scheme:             [origins(["example.com", "*.example.com", "localhost:3000", "//a.test"])],
    default_ports:         [origins(["http://a:80", "https://a:443"])],
    other_hosts:           [origins(["https://münchen.example", "https://例え.テスト", "https://\u{85}\u{A0}\u{FEFF}\u{2028}"])],
    what_never_matches:    [origins(["https://a.test/", "https://a.test/b?c#d", "HTTPS://A.TEST", "https://u@a.test"])],
    the_null_origin:       [origins(["null"]), origins(["n*", "*null"])],
    one_star:              [origins(["*"]), origins(["https://*", "*.test", "http://localhost:*", "a*a"])],
    odd_origins:           [origins(["<>&\"'", "a,b", "\\", "!~", "\u{FFFD}\u{10000}\u{10FFFF}"])],
    a_long_origin:         [origins([&"a".repeat(10_000)])],

    // 2.4.5
    equal_values:          [
        Rule::new(["*", "*", "a", "a"], ["GET", "GET"])
            .with_allowed_headers(["X-A", "x-a", "X-A"])
            .with_expose_headers(["ETag", "etag", "ETag"]),
    ],
    equal_rules:           [rule(), rule(), rule().with_id("a"), rule().with_id("a")],

    one_star_in_a_header:  [headers(["*"]), headers(["x-amz-*", "*-md5", "a*b"])],
    every_token_character: [headers(["!#$%&'*+-.^_`|~09AZaz"]), exposed(["!#$%&'+-.^_`|~09AZaz"])],
    forbidden_names:       [headers(["Cookie", "Host"]), exposed(["Set-Cookie"])],

    // 1.1.3
    empty_lists:           [headers([]), exposed([])],

    the_shortest_age:      [rule().with_max_age_seconds(0)],
    the_longest_age:       [rule().with_max_age_seconds(2_147_483_647)],

    an_empty_id:           [rule().with_id("")],
    the_longest_id:        [rule().with_id("a".repeat(255))],
    the_longest_in_bytes:  [rule().with_id("\u{10FFFF}".repeat(255))],
    every_space_in_an_id:  [rule().with_id(" \t\r\n\u{85}\u{A0}\u{7F}")],
    edges_of_char_in_id:   [rule().with_id("\u{D7FF}\u{E000}\u{FFFD}\u{10000}")],
}

/// 2.4.7
#[test]
fn response_vary_is_accepted_under_every_profile() {
    for profile in [Profile::COS, Profile::S3] {
        for vary in [true, false] {
            let mut configuration = Configuration::from_iter([rule()]);
            configuration.response_vary = Some(vary);
            assert!(RuleSet::compile(&configuration, profile).is_ok());
        }
    }
}

// ---- Characters, against their definitions ----

/// XML 1.0, production 2.
fn xml_allows(c: char) -> bool {
    matches!(u32::from(c), 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

fn compiles(rule: Rule) -> bool {
    RuleSet::compile(&Configuration::from_iter([rule]), Profile::COS).is_ok()
}

/// Every character up to the last edge of `Char`, and the last one of all.
fn characters() -> impl Iterator<Item = char> {
    ('\0'..='\u{10001}').chain(['\u{10FFFF}'])
}

#[test]
fn characters_of_an_id() {
    for c in characters() {
        assert_eq!(compiles(rule().with_id(c)), xml_allows(c), "{c:?}");
    }
}

#[test]
fn characters_of_an_origin() {
    for c in characters() {
        let bad_byte = c <= '\u{20}' || c == '\u{7F}';
        let good = xml_allows(c) && !bad_byte;
        assert_eq!(compiles(Rule::new([c], ["GET"])), good, "{c:?}");
    }
}

#[test]
fn characters_of_a_header_name() {
    const TOKEN: &str =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for c in '\0'..='\u{FF}' {
        let good = TOKEN.contains(c);
        assert_eq!(compiles(rule().with_allowed_headers([c])), good, "{c:?}");
        let exposed = rule().with_expose_headers([c]);
        assert_eq!(compiles(exposed), good && c != '*', "{c:?}");
    }
}

// ---- What the provider would answer ----

/// 2.2.4: the index, among all faults, of the one that gives the code and the message.
#[track_caller]
fn answers(rules: impl IntoIterator<Item = Rule>, fault: usize) {
    let error = refused(rules);
    let first = &error.faults()[fault];
    assert_eq!(error.code(), first.code());
    assert_eq!(error.message(), first.message());
    // The test can tell that fault from the ones before it.
    for before in &error.faults()[..fault] {
        assert_ne!(error.message(), before.message());
    }
}

#[test]
fn the_first_fault_answers() {
    answers([methods(["get", "put"])], 0);
    answers([origins(["**"]), headers(["a b"])], 0);
    answers(vec![methods(["get"]); 101], 0);
    assert_eq!(refused([methods(["get"]), headers(["**"])]).code(), VALUE);
}

#[test]
fn a_fault_of_the_schema_answers_before_it() {
    answers([methods(["get"]), origins([])], 1);
    answers([origins(["**", "a b"]), methods([])], 2);
    answers([methods(["get"]).with_max_age_seconds(-1)], 1);
    answers(
        [
            headers(["**"]),
            rule().with_max_age_seconds(-1),
            origins([]),
        ],
        1,
    );
    let mut rules = vec![rule(); 101];
    rules[100] = origins([]);
    answers(rules, 1);
    assert_eq!(refused([methods(["get"]), origins([])]).code(), SCHEMA);
}
