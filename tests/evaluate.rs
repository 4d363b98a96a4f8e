//! Which rule decides, or why none does (semantics 3): a line a case.

mod common;

use bucket_cors::Denial::{
    Headers, InvalidRequestMethod, MalformedOrigin, MalformedRequestHeaders, Method, MissingOrigin,
    MissingRequestMethod, NotConfigured, Origin,
};
use bucket_cors::{Denial, Outcome, Profile, RequestKind, Rule, RuleSet};
use common::{compiled, request};

#[expect(non_snake_case, reason = "reads like the outcome that it stands for")]
fn Allowed(rule: usize) -> Outcome {
    Outcome::Allowed { rule }
}

#[expect(non_snake_case, reason = "reads like the outcome that it stands for")]
fn Denied(denial: Denial) -> Outcome {
    Outcome::Denied(denial)
}

/// The rules that the tables below ask.
fn rules() -> [Rule; 7] {
    [
        Rule::new(
            ["https://*.example.com", "http://localhost:*"],
            ["GET", "PUT"],
        )
        .with_allowed_headers(["x-amz-*", "Content-Type", "a*a"]),
        Rule::new(["https://a.example.com"], ["DELETE"]).with_allowed_headers(["*"]),
        Rule::new(["https://exact.test", ""], ["GET"]),
        Rule::new(["n*", "*l", "null*", "ab*ba"], ["GET"]),
        Rule::new(["https://a.test"], ["PUT"]).with_allowed_headers(["x-1"]),
        Rule::new(["https://a.test"], ["PUT", "POST"]).with_allowed_headers(["x-2"]),
        Rule::new(["https://a.b.test+(x)[y]{z}^$|\\?"], ["HEAD"]),
    ]
}

const ORIGIN: &str = "origin";
const METHOD: &str = "access-control-request-method";
const NAMES: &str = "access-control-request-headers";

#[track_caller]
fn outcome(profile: Profile, method: &str, fields: &[(&'static str, &str)]) -> Outcome {
    compiled(rules(), profile)
        .evaluate(&request(method, fields))
        .outcome()
}

macro_rules! preflight {
    ($($name:ident: $origin:literal $method:literal $names:literal => $outcome:expr,)*) => {
        mod preflight {
            use super::*;
            $(#[test]
            fn $name() {
                let mut fields = vec![(ORIGIN, $origin), (METHOD, $method)];
                if !$names.is_empty() {
                    fields.push((NAMES, $names));
                }
                for profile in [Profile::COS, Profile::S3] {
                    assert_eq!(outcome(profile, "OPTIONS", &fields), $outcome, "{profile:?}");
                }
            })*
        }
    };
}

preflight! {
    first_rule_wins:            "https://a.example.com" "GET" ""               => Allowed(0),
    a_rule_passes_on_the_turn:  "https://a.example.com" "DELETE" ""            => Allowed(1),
    names_ignore_case:          "https://a.example.com" "PUT" "X-Amz-Date"     => Allowed(0),
    every_name_must_match:      "https://a.example.com" "PUT" "x-amz-date, x"  => Denied(Headers),
    a_star_allows_every_name:   "https://a.example.com" "DELETE" "x,y,content-type" => Allowed(1),
    rules_do_not_combine:       "https://a.test" "PUT" "x-1,x-2"               => Denied(Headers),
    the_second_may_match:       "https://a.test" "PUT" "x-2"                   => Allowed(5),
    the_star_may_be_empty:      "https://.example.com" "GET" ""                => Allowed(0),
    the_dot_belongs_to_the_end: "https://example.com" "GET" ""                 => Denied(Origin),
    a_longer_host_is_another:   "https://a.example.com.evil.test" "GET" ""     => Denied(Origin),
    a_port_pattern:             "http://localhost:4200" "GET" ""               => Allowed(0),
    origins_keep_their_case:    "https://A.EXAMPLE.COM" "GET" ""               => Denied(Origin),
    exact_is_exact:             "https://exact.test" "GET" ""                  => Allowed(2),
    exact_and_more:             "https://exact.test/" "GET" ""                 => Denied(Origin),
    no_header_only_an_empty_list: "https://exact.test" "GET" "x"               => Denied(Headers),
    the_ends_may_meet:          "abba" "GET" ""                                => Allowed(3),
    the_ends_may_not_overlap:   "aba" "GET" ""                                 => Denied(Origin),
    a_name_pattern_at_its_ends: "https://a.example.com" "GET" "aa"             => Allowed(0),
    a_name_may_not_overlap:     "https://a.example.com" "GET" "a"              => Denied(Headers),
    no_pattern_covers_null:     "null" "GET" ""                                => Denied(Origin),
    patterns_cover_near_null:   "nul" "GET" ""                                 => Allowed(3),
    a_star_origin_is_no_star:   "*" "GET" ""                                   => Denied(Origin),
    nothing_is_a_regex:         "https://aXb.test+(x)[y]{z}^$|\\?" "HEAD" ""   => Denied(Origin),
    every_byte_is_literal:      "https://a.b.test+(x)[y]{z}^$|\\?" "HEAD" ""   => Allowed(6),
    closest_is_the_origin:      "https://b.test" "PUT" "x-9"                   => Denied(Origin),
    closest_is_the_method:      "https://a.test" "GET" "x-9"                   => Denied(Method),
    closest_is_the_headers:     "https://a.test" "POST" "x-9"                  => Denied(Headers),
    methods_keep_their_case:    "https://a.test" "put" ""                      => Denied(InvalidRequestMethod),
    a_method_no_rule_can_list:  "https://a.test" "PATCH" ""                    => Denied(InvalidRequestMethod),
    options_is_one_too:         "https://a.test" "OPTIONS" ""                  => Denied(InvalidRequestMethod),
    an_empty_method:            "https://a.test" "" ""                         => Denied(InvalidRequestMethod),
    space_around_a_method:      "https://a.test" "PUT " ""                     => Denied(InvalidRequestMethod),
    an_empty_origin_is_none:    "" "GET" ""                                    => Denied(MissingOrigin),
    a_space_in_an_origin:       "https://a.test " "GET" ""                     => Denied(MalformedOrigin),
    two_origins_in_one_line:    "https://a.test, https://b.test" "GET" ""      => Denied(MalformedOrigin),
    an_origin_beyond_ascii:     "https://\u{e9}.test" "GET" ""                 => Denied(MalformedOrigin),
    space_and_tab_around_names: "https://a.example.com" "PUT" " \tx-amz-a\t ,content-type " => Allowed(0),
    empty_elements_drop_out:    "https://a.example.com" "PUT" ",, x-amz-a,,"   => Allowed(0),
    only_commas_is_absent:      "https://exact.test" "GET" " , ,\t,"           => Allowed(2),
    repeats_do_not_matter:      "https://a.example.com" "PUT" "x-amz-a,X-AMZ-A,x-amz-a" => Allowed(0),
    a_name_with_a_space:        "https://a.example.com" "PUT" "x-amz-a b"      => Denied(MalformedRequestHeaders),
    a_name_with_a_quote:        "https://a.example.com" "PUT" "x-amz-\"a\""    => Denied(MalformedRequestHeaders),
    a_name_beyond_ascii:        "https://a.example.com" "PUT" "x-amz-\u{e9}"   => Denied(MalformedRequestHeaders),
    malformed_before_unmatched: "https://b.test" "PUT" "a b"                   => Denied(MalformedRequestHeaders),
    method_before_names:        "https://b.test" "PATCH" "a b"                 => Denied(InvalidRequestMethod),
    origin_before_method:       "a b" "PATCH" "a b"                            => Denied(MalformedOrigin),
}

macro_rules! options {
    ($($name:ident: [$($field:ident $value:expr),*] => $kind:ident $outcome:expr,)*) => {
        mod options {
            use super::*;
            $(#[test]
            fn $name() {
                let fields: &[(&'static str, &str)] = &[$(($field, &$value)),*];
                for profile in [Profile::COS, Profile::S3] {
                    let rules = compiled(rules(), profile);
                    let request = request("OPTIONS", fields);
                    let decision = rules.evaluate(&request);
                    assert_eq!((decision.kind(), decision.outcome()), (RequestKind::$kind, $outcome));
                }
            })*
        }
    };
}

options! {
    nothing:              []                                           => Options Denied(MissingOrigin),
    a_method_alone:       [METHOD "GET"]                               => Options Denied(MissingOrigin),
    a_bad_method_alone:   [METHOD "PATCH"]                             => Options Denied(MissingOrigin),
    an_origin_alone:      [ORIGIN "https://a.test"]                    => Options Denied(MissingRequestMethod),
    a_bad_origin_alone:   [ORIGIN "a b"]                               => Options Denied(MalformedOrigin),
    an_empty_method_line: [ORIGIN "https://a.test", METHOD ""]         => Preflight Denied(InvalidRequestMethod),
    two_methods:          [ORIGIN "https://a.test", METHOD "PUT", METHOD "PUT"] => Preflight Denied(MissingRequestMethod),
    two_bad_methods:      [ORIGIN "https://a.test", METHOD "x", METHOD ""] => Preflight Denied(MissingRequestMethod),
    two_origins:          [ORIGIN "https://a.test", ORIGIN "https://a.test", METHOD "PUT"] => Preflight Denied(MalformedOrigin),
    two_empty_origins:    [ORIGIN "", ORIGIN "", METHOD "PUT"]         => Preflight Denied(MalformedOrigin),
    lines_are_one_list:   [ORIGIN "https://a.test", METHOD "PUT", NAMES "x-1", NAMES "x-2"] => Preflight Denied(Headers),
    a_line_may_be_empty:  [ORIGIN "https://a.test", METHOD "PUT", NAMES "", NAMES "x-2"] => Preflight Allowed(5),
    an_origin_of_2048:    [ORIGIN format!("http://localhost:{}", "1".repeat(2031)), METHOD "PUT"] => Preflight Allowed(0),
    an_origin_of_2049:    [ORIGIN format!("http://localhost:{}", "1".repeat(2032)), METHOD "PUT"] => Preflight Denied(MalformedOrigin),
    names_of_8192_bytes:  [ORIGIN "https://a.test", METHOD "PUT", NAMES format!("x-2{}", ",".repeat(8189))] => Preflight Allowed(5),
    names_of_8193_bytes:  [ORIGIN "https://a.test", METHOD "PUT", NAMES format!("x-2{}", ",".repeat(8190))] => Preflight Denied(MalformedRequestHeaders),
    lines_of_8193_bytes:  [ORIGIN "https://a.test", METHOD "PUT", NAMES ",".repeat(8190), NAMES "x-2"] => Preflight Denied(MalformedRequestHeaders),
    names_128_of_them:    [ORIGIN "https://a.test", METHOD "PUT", NAMES "x-2,".repeat(128)] => Preflight Allowed(5),
    names_129_of_them:    [ORIGIN "https://a.test", METHOD "PUT", NAMES "x-2,".repeat(129)] => Preflight Denied(MalformedRequestHeaders),
    names_129_elsewhere:  [ORIGIN "https://b.test", METHOD "PUT", NAMES format!("x{}", ",x".repeat(128))] => Preflight Denied(MalformedRequestHeaders),
    names_128_elsewhere:  [ORIGIN "https://b.test", METHOD "PUT", NAMES format!("x{}", ",x".repeat(127))] => Preflight Denied(Origin),
    names_128_and_one:    [ORIGIN "https://a.test", METHOD "PUT", NAMES "x-2,".repeat(128), NAMES "x-2"] => Preflight Denied(MalformedRequestHeaders),
    names_in_8_lines:     [ORIGIN "https://a.test", METHOD "PUT", NAMES "x-2", NAMES "x-2", NAMES "x-2", NAMES "x-2",
                           NAMES "x-2", NAMES "x-2", NAMES "x-2", NAMES "x-2"] => Preflight Allowed(5),
    names_in_9_lines:     [ORIGIN "https://a.test", METHOD "PUT", NAMES "x-2", NAMES "x-2", NAMES "x-2", NAMES "x-2",
                           NAMES "x-2", NAMES "x-2", NAMES "x-2", NAMES "x-2", NAMES ""] => Preflight Denied(MalformedRequestHeaders),
}

macro_rules! actual {
    ($($name:ident: $method:literal [$($field:ident $value:literal),*] => $kind:ident, cos $cos:expr, s3 $s3:expr;)*) => {
        mod actual {
            use super::*;
            $(#[test]
            fn $name() {
                for (profile, outcome) in [(Profile::COS, $cos), (Profile::S3, $s3)] {
                    let rules = compiled(rules(), profile);
                    let request = request($method, &[$(($field, $value)),*]);
                    let decision = rules.evaluate(&request);
                    assert_eq!((decision.kind(), decision.outcome()), (RequestKind::$kind, outcome));
                    assert_eq!(decision.preflight_status(), None);
                    assert_eq!(decision.preflight_error(), None);
                }
            })*
        }
    };
}

actual! {
    no_origin:       "GET" []                                   => NotCors, cos Outcome::NotCors, s3 Outcome::NotCors;
    empty_origin:    "GET" [ORIGIN ""]                          => NotCors, cos Outcome::NotCors, s3 Outcome::NotCors;
    no_origin_names: "GET" [METHOD "PUT", NAMES "a b"]          => NotCors, cos Outcome::NotCors, s3 Outcome::NotCors;
    its_own_method:  "POST" [ORIGIN "https://a.test"]           => Actual, cos Allowed(5), s3 Allowed(5);
    unlisted_method: "GET" [ORIGIN "https://a.test"]            => Actual, cos Denied(Method), s3 Denied(Method);
    unknown_method:  "PATCH" [ORIGIN "https://a.test"]          => Actual, cos Denied(Method), s3 Denied(Method);
    unknown_and_bad: "PATCH" [ORIGIN "https://a.test", NAMES "a b"] => Actual, cos Denied(Method), s3 Denied(MalformedRequestHeaders);
    lower_options:   "options" [ORIGIN "https://a.test"]        => Actual, cos Denied(Method), s3 Denied(Method);
    two_origins:     "GET" [ORIGIN "https://a.test", ORIGIN "x"] => Actual, cos Denied(MalformedOrigin), s3 Denied(MalformedOrigin);
    // S3 lets the preflight's fields count on every request; nobody else does.
    asked_method:    "GET" [ORIGIN "https://a.test", METHOD "PUT"]  => Actual, cos Denied(Method), s3 Allowed(4);
    asked_bad:       "POST" [ORIGIN "https://a.test", METHOD "x"]   => Actual, cos Allowed(5), s3 Denied(InvalidRequestMethod);
    asked_empty:     "POST" [ORIGIN "https://a.test", METHOD ""]    => Actual, cos Allowed(5), s3 Denied(InvalidRequestMethod);
    asked_twice:     "POST" [ORIGIN "https://a.test", METHOD "POST", METHOD "POST"] => Actual, cos Allowed(5), s3 Denied(MissingRequestMethod);
    asked_names:     "PUT" [ORIGIN "https://a.test", NAMES "x-2"]   => Actual, cos Allowed(4), s3 Allowed(5);
    asked_bad_names: "PUT" [ORIGIN "https://a.test", NAMES "x 2"]   => Actual, cos Allowed(4), s3 Denied(MalformedRequestHeaders);
    asked_too_much:  "PUT" [ORIGIN "https://a.test", NAMES "x-9"]   => Actual, cos Allowed(4), s3 Denied(Headers);
}

#[test]
fn without_a_document_nothing_is_allowed() {
    for profile in [Profile::COS, Profile::S3] {
        let rules = RuleSet::not_configured(profile);
        let outcome = |method, fields: &[_]| rules.evaluate(&request(method, fields)).outcome();
        let origin = (ORIGIN, "https://a.test");
        assert_eq!(outcome("GET", &[]), Outcome::NotCors);
        assert_eq!(outcome("GET", &[origin]), Denied(NotConfigured));
        assert_eq!(outcome("GET", &[(ORIGIN, "a b")]), Denied(MalformedOrigin));
        assert_eq!(
            outcome("GET", &[origin, (METHOD, "x")]),
            Denied(NotConfigured)
        );
        assert_eq!(outcome("OPTIONS", &[]), Denied(MissingOrigin));
        // 3.3.3 comes before 3.3.4, 3.3.5 after.
        assert_eq!(
            outcome("OPTIONS", &[origin, (METHOD, "x")]),
            Denied(InvalidRequestMethod)
        );
        assert_eq!(outcome("OPTIONS", &[origin]), Denied(NotConfigured));
        let fields = [origin, (METHOD, "GET"), (NAMES, "a b")];
        assert_eq!(outcome("OPTIONS", &fields), Denied(NotConfigured));
    }
}

#[test]
fn a_literal_null_and_a_star_cover_null() {
    for (origins, outcome) in [
        (&["null"][..], Allowed(0)),
        (&["*"], Allowed(0)),
        (&["*", "n*"], Allowed(0)),
        (&["n*l", "*ull", "nul*", "null*", "*null"], Denied(Origin)),
    ] {
        let rules = compiled([Rule::new(origins.iter().copied(), ["GET"])], Profile::S3);
        assert_eq!(
            rules.evaluate(&common::actual("GET", "null")).outcome(),
            outcome,
            "{origins:?}"
        );
    }
}

/// Split at the wrong place, a tree of prefixes once allowed `https://barfoo.com` elsewhere.
#[test]
fn exact_origins_do_not_run_together() {
    let origins = ["https://foo.com", "https://bar.com"];
    for origins in [origins, [origins[1], origins[0]]] {
        let rules = compiled([Rule::new(origins, ["GET"])], Profile::S3);
        for (origin, allowed) in [
            ("https://foo.com", true),
            ("https://bar.com", true),
            ("https://barfoo.com", false),
            ("https://foobar.com", false),
            ("https://oo.com", false),
            ("https://", false),
        ] {
            let rule = rules.evaluate(&common::actual("GET", origin)).rule();
            assert_eq!(rule.is_some(), allowed, "{origin}");
        }
    }
}

#[test]
fn hundreds_of_rules_keep_their_order() {
    let rule = |n: usize| {
        Rule::new(
            [format!("https://{n}.test"), format!("https://*.{n}")],
            ["GET"],
        )
        .with_allowed_headers([format!("x-{n}"), format!("y-{n}-*")])
    };
    let rules = compiled((0..400).map(rule), Profile::S3.with_max_rules(400));
    for n in [0, 1, 63, 64, 127, 128, 129, 255, 256, 399] {
        for origin in [format!("https://{n}.test"), format!("https://a.{n}")] {
            let ask = |names: &str| {
                rules
                    .evaluate(&common::preflight(&origin, "GET", names))
                    .outcome()
            };
            assert_eq!(ask(&format!("x-{n},Y-{n}-z")), Allowed(n));
            assert_eq!(ask(&format!("x-{n},x-{}", n + 1)), Denied(Headers));
        }
        let elsewhere = common::preflight(&format!("https://{n}.test"), "PUT", "");
        assert_eq!(rules.evaluate(&elsewhere).outcome(), Denied(Method));
    }
    let unknown = common::actual("GET", "https://400.test");
    assert_eq!(rules.evaluate(&unknown).outcome(), Denied(Origin));
    // Names are looked at whether a rule is for the origin or none.
    let fewer = compiled((0..20).map(rule), Profile::S3);
    let malformed = common::preflight("https://400.test", "GET", "x y");
    let outcome = fewer.evaluate(&malformed).outcome();
    assert_eq!(outcome, Denied(MalformedRequestHeaders));
    for origin in ["https://399.test", "https://400.test"] {
        let malformed = common::preflight(origin, "GET", "x y");
        let outcome = rules.evaluate(&malformed).outcome();
        assert_eq!(outcome, Denied(MalformedRequestHeaders));
    }
}
