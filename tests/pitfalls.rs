//! What other implementations of CORS got wrong, a test or a line of a table for each.
//!
//! A name says what was wrong; where it helps, the project that shipped it stands beside it. What
//! providers accept is accepted here too, without a warning, even where others refuse it: then the
//! test is that it allows nothing beyond its own text.
//!
//! Two mistakes have no test, since nothing here could make or prevent them:
//!
//! - To trust every name below a suffix where anyone can rent one (`https://*.github.io`): providers
//!   accept such a rule, and the crate has no list of suffixes to warn by.
//! - To rely on CORS against requests that it never sees, cross-site writes without a preflight and
//!   DNS rebinding: no answer can stop them, as the crate's documentation says.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use bucket_cors::Denial::{
    InvalidRequestMethod, MalformedOrigin, MalformedRequestHeaders, Method, MissingOrigin,
    MissingRequestMethod, NotConfigured, Origin,
};
use bucket_cors::{
    CompileError, Configuration, Decision, Denial, Element, FaultKind, Outcome, Profile,
    RequestFields, RequestKind, Rule, RuleSet, Vary,
};
use common::{actual, answer, compiled, headers, preflight, request};
use http::{HeaderMap, HeaderValue, StatusCode};

const PROFILES: [Profile; 2] = [Profile::COS, Profile::S3];
const A: &str = "https://a.test";

const ORIGIN: &str = "origin";
const METHOD: &str = "access-control-request-method";
const NAMES: &str = "access-control-request-headers";

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
const ALLOW_HEADERS: &str = "access-control-allow-headers";

/// Written to a response that has nothing yet.
fn written(decision: &Decision<'_>) -> HeaderMap {
    let mut response = HeaderMap::new();
    decision.write_to(&mut response);
    response
}

/// The one value of a field, if it has one.
#[track_caller]
fn value(response: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> = response.get_all(name).iter().collect();
    assert!(lines.len() <= 1, "{name}: {lines:?}");
    lines.first().map(|line| line.to_str().unwrap().to_owned())
}

fn is_allowed(decision: &Decision<'_>) -> bool {
    matches!(decision.outcome(), Outcome::Allowed { .. })
}

/// Values alone and in a crowd, forwards and backwards: few are compared in turn, many are indexed.
fn arrangements(values: &[&str], crowd: impl Fn(usize) -> [String; 2]) -> Vec<Vec<String>> {
    let alone: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    let crowded = alone.iter().cloned().chain((0..20).flat_map(crowd));
    let mut all = vec![alone.clone(), crowded.collect()];
    for arrangement in all.clone() {
        all.push(arrangement.into_iter().rev().collect());
    }
    all
}

mod origins {
    use super::*;

    #[track_caller]
    fn check(patterns: &[&str], origin: &str, allowed: bool) {
        let crowd = |n| [format!("test://{n}"), format!("test://*.{n}")];
        for patterns in arrangements(patterns, crowd) {
            for profile in PROFILES {
                let rules = compiled([Rule::new(patterns.clone(), ["GET"])], profile);
                for request in [actual("GET", origin), preflight(origin, "GET", "")] {
                    let decision = rules.evaluate(&request);
                    assert_eq!(is_allowed(&decision), allowed, "{patterns:?} {decision:?}");
                    let written = value(&written(&decision), ALLOW_ORIGIN);
                    let echoed = if patterns.iter().any(|pattern| pattern == "*") {
                        "*"
                    } else {
                        origin
                    };
                    assert_eq!(written.as_deref(), allowed.then_some(echoed));
                }
            }
        }
    }

    macro_rules! origins {
        ($($name:ident: [$($pattern:literal),*] $origin:literal => $allowed:ident,)*) => {
            $(#[test]
            fn $name() {
                check(&[$($pattern),*], $origin, stringify!($allowed) == "yes");
            })*
        };
    }

    origins! {
        // jub0bs/cors, fcors: one origin's beginning, another's end.
        two_origins_do_not_merge:           ["https://foo.com", "https://bar.com"] "https://barfoo.com" => no,
        nor_the_other_way_round:            ["https://foo.com", "https://bar.com"] "https://foobar.com" => no,
        nor_do_two_patterns:                ["https://a*.com", "https://b*.org"] "https://a.org"  => no,

        // gin-contrib/cors: a byte too few was compared before a `*` at the end.
        the_byte_before_a_last_star_counts: ["https://example.com/*"] "https://example.community/x" => no,
        a_path_star_takes_no_domain:        ["http://localhost/*"] "http://localhost.example.com" => no,
        a_port_star_takes_no_domain:        ["http://localhost:*"] "http://localhost.example.com" => no,

        // go-zero: a comparison of ends.
        an_exact_origin_is_no_suffix:       ["victim.com"] "https://evil-victim.com"              => no,
        nor_a_prefix:                       ["https://victim.com"] "https://victim.com.evil.test" => no,
        the_dot_behind_a_star_is_not_implied: ["https://*.victim.com"] "https://evilvictim.com"   => no,
        // What is written without the dot is meant without it: providers match like this.
        nor_is_one_added:                   ["*victim.com"] "https://evilvictim.com"              => yes,

        // go-restful, rack-cors, Starlette, Traefik: an expression without an end, a dot unescaped.
        a_dot_is_a_dot:                     ["https://a.b"] "https://aXb"                         => no,
        a_dot_in_a_pattern_is_a_dot:        ["https://*.a.b"] "https://x.aXb"                     => no,
        an_escaped_dot_is_two_bytes:        ["https://a\\.b"] "https://a.b"                       => no,
        a_pattern_is_anchored_at_its_end:   ["https://*.example.org"] "https://a.example.org.evil.test" => no,
        and_at_its_beginning:               ["https://*.example.org"] "evil:https://a.example.org" => no,
        an_anchor_is_literal:               ["^https://a.b$"] "https://a.b"                       => no,
        a_group_is_literal:                 ["https://(a|b).test"] "https://a.test"               => no,
        a_class_is_literal:                 ["https://[ab].test"] "https://a.test"                => no,
        braces_are_literal:                 ["https://{a,b}.test"] "https://a.test"               => no,
        a_count_is_literal:                 ["https://a{1}.test"] "https://a.test"                => no,
        an_option_is_literal:               ["https?://a.test"] "http://a.test"                   => no,
        a_question_mark_is_no_wildcard:     ["https://?.test"] "https://a.test"                   => no,
        a_plus_repeats_nothing:             ["https://a+.test"] "https://aa.test"                 => no,
        a_plus_is_no_space:                 ["https://a+b.test"] "https://a%20b.test"             => no,
        a_plus_is_a_plus:                   ["https://a+b.test"] "https://a+b.test"               => yes,
        an_expression_that_takes_all_is_text: ["https://.+"] "https://a.test"                     => no,

        // A prefix and a suffix that share bytes.
        the_two_ends_do_not_overlap:        ["https://a*a.com"] "https://a.com"                   => no,
        not_by_one_byte:                    ["ab*ba"] "aba"                                       => no,
        they_may_touch:                     ["ab*ba"] "abba"                                      => yes,
        a_star_may_stand_for_nothing:       ["https://a.test*"] "https://a.test"                  => yes,

        // actix, rs/cors: a case folded on one side only, or on both.
        upper_case_is_not_folded_in_a_rule: ["https://MyWebSite.com"] "https://mywebsite.com"     => no,
        nor_in_a_request:                   ["https://mywebsite.com"] "https://MyWebSite.com"     => no,
        nor_in_a_pattern:                   ["https://*.A.test"] "https://x.a.test"               => no,
        null_has_one_case:                  ["null"] "NULL"                                       => no,
        null_keeps_it_in_a_rule:            ["Null"] "null"                                       => no,

        // headers, Servo: the request's origin was parsed as a URL, then compared.
        a_scheme_is_not_folded:             ["http://a.test"] "HTTP://a.test"                     => no,
        a_slash_is_not_dropped:             ["https://a.test"] "https://a.test/"                  => no,
        a_path_is_not_dropped:              ["https://a.test"] "https://a.test/x"                 => no,
        a_fragment_is_not_dropped:          ["https://a.test"] "https://a.test#"                  => no,
        a_query_is_not_dropped:             ["https://a.test"] "https://a.test?"                  => no,
        user_information_is_not_dropped:    ["https://a.test"] "https://u@a.test"                 => no,
        a_port_is_not_dropped:              ["https://a.test"] "https://a.test:443"               => no,
        an_escape_is_not_decoded:           ["https://a.test"] "https://%61.test"                 => no,
        a_last_dot_is_not_dropped:          ["https://a.test"] "https://a.test."                  => no,

        // Fiber, ingress-nginx: nothing but http and https.
        an_extension_is_an_origin:          ["chrome-extension://abcdef"] "chrome-extension://abcdef" => yes,
        so_is_that_of_another_browser:      ["moz-extension://*"] "moz-extension://0-1-2"         => yes,
        an_app_is_an_origin:                ["capacitor://localhost"] "capacitor://localhost"     => yes,
        a_scheme_of_ones_own_is_an_origin:  ["app://a"] "app://a"                                 => yes,
        a_scheme_is_not_exchanged:          ["app://a"] "http://a"                                => no,

        // Envoy: what matched the text `*` was taken to allow everyone.
        a_star_from_the_request_is_no_wildcard: ["https://*"] "*"                                 => no,
        not_even_where_one_byte_would_do:   ["?*", "h*", "*t"] "*"                                => no,
        a_star_beside_text_allows_no_one_else: ["https://*"] "http://a.test"                      => no,
        a_rules_star_covers_it_unechoed:    ["*"] "*"                                             => yes,

        // `null` is what any page can make a browser send.
        null_is_not_covered_by_its_start:   ["n*"] "null"                                         => no,
        null_is_not_covered_by_its_end:     ["*l"] "null"                                         => no,
        null_is_not_covered_by_both:        ["n*l", "nu*ll", "null*", "*null"] "null"             => no,
        null_is_not_covered_by_a_scheme:    ["https://*"] "null"                                  => no,
        null_is_not_refused_where_written:  ["null"] "null"                                       => yes,
        null_is_not_refused_by_a_star:      ["*"] "null"                                          => yes,
        null_is_not_implied_by_another:     ["https://a.test"] "null"                             => no,
    }

    /// tower-http never matched them and kept silent, jub0bs/cors refuses them. Providers accept
    /// them, so compiling does; to repair one would share more than what was written.
    #[test]
    fn an_origin_that_no_browser_sends_is_not_repaired() {
        for (written, meant) in [
            ("https://a.test/", "https://a.test"),
            ("https://a.test/index.html", "https://a.test"),
            ("https://a.test:443", "https://a.test"),
            ("http://a.test:80", "http://a.test"),
            ("https://user@a.test", "https://a.test"),
            ("https://a.test?", "https://a.test"),
            ("https://a.test:0", "https://a.test"),
            ("https://a.test:65536", "https://a.test"),
            ("a.test", "https://a.test"),
            ("//a.test", "https://a.test"),
            ("https://b\u{fc}cher.test", "https://xn--bcher-kva.test"),
            ("http://0x7F000001", "http://127.0.0.1"),
            ("http://[0:0::1]", "http://[::1]"),
        ] {
            check(&[written], meant, false);
            if written.is_ascii() {
                check(&[written], written, true);
            }
        }
        check(&[&format!("https://{}.test", "a".repeat(300))], A, false);
    }

    /// The definition: some split of the text leaves the pattern's two halves on the outside.
    fn naive(pattern: &str, text: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == text,
            Some(_) if pattern != "*" && text == "null" => false,
            Some((start, end)) => (0..=text.len())
                .any(|i| text[..i] == *start && (i..=text.len()).any(|j| text[j..] == *end)),
        }
    }

    /// jub0bs/cors twice made an index wrong by making it fast: compared with the definition, for
    /// origins and patterns that share their beginnings and ends, in growing sets.
    #[test]
    fn an_index_is_no_different_from_asking_each() {
        let ends = ["", "a", "b", "aa", "ab", "ba", "aba"];
        let patterns = ends
            .iter()
            .flat_map(|start| ends.iter().map(move |end| format!("{start}*{end}")))
            .filter(|pattern| pattern != "*");
        let literals = [
            "a", "b", "ab", "ba", "aab", "aba", "abba", "null", "n*", "*l",
        ];
        let values: Vec<String> = literals
            .map(str::to_owned)
            .into_iter()
            .chain(patterns)
            .collect();
        let mut texts = vec!["null".to_owned(), "nul".to_owned(), "*".to_owned()];
        let mut last = vec![String::new()];
        for _ in 0..6 {
            last = last
                .iter()
                .flat_map(|text| [format!("{text}a"), format!("{text}b")])
                .collect();
            texts.extend(last.clone());
        }
        for size in [1, 2, 3, 4, 5, 6, 9, 20] {
            for step in [1, 3, 7, 11] {
                for from in 0..values.len() {
                    let at = |n: usize| values[(from + n * step) % values.len()].clone();
                    let set: Vec<String> = (0..size).map(at).collect();
                    // All in one rule, and each in one of its own.
                    let one = compiled([Rule::new(set.clone(), ["GET"])], Profile::S3);
                    let each = set.iter().map(|value| Rule::new([value], ["GET"]));
                    let each = compiled(each, Profile::S3);
                    for text in &texts {
                        let request = actual("GET", text);
                        let expected = set.iter().position(|pattern| naive(pattern, text));
                        assert_eq!(each.evaluate(&request).rule(), expected, "{set:?} {text:?}");
                        let any = expected.map(|_| 0);
                        assert_eq!(one.evaluate(&request).rule(), any, "{set:?} {text:?}");
                    }
                }
            }
        }
    }

    /// gorilla/handlers sent what the requester chose, tower-http every origin that was configured.
    #[test]
    fn allow_origin_is_never_a_rules_text_nor_a_list() {
        for origins in [
            &["https://*.test", "https://b.*"][..],
            &[A, "https://b.test"],
            &["https://b.test", "http*.test", A],
        ] {
            for profile in PROFILES {
                let rules = compiled([Rule::new(origins.iter().copied(), ["GET"])], profile);
                for (origin, sent) in [
                    (A, Some(A)),
                    ("https://b.test", Some("https://b.test")),
                    ("https://evil.example", None),
                    ("https://a.test, https://b.test", None),
                ] {
                    let response = written(&rules.evaluate(&actual("GET", origin)));
                    assert_eq!(
                        value(&response, ALLOW_ORIGIN).as_deref(),
                        sent,
                        "{origins:?}"
                    );
                }
            }
        }
    }

    /// Expressions that remember where they stopped: express, until fastify put it back each time.
    #[test]
    fn asking_twice_does_not_answer_differently() {
        let rules = compiled([Rule::new(["https://*.test"], ["GET"])], Profile::COS);
        let (good, bad) = (actual("GET", A), actual("GET", "https://evil.example"));
        for _ in 0..4 {
            assert_eq!(
                rules.evaluate(&good).outcome(),
                Outcome::Allowed { rule: 0 }
            );
            assert_eq!(rules.evaluate(&bad).outcome(), Outcome::Denied(Origin));
        }
    }

    /// Play and Spring tell malformed origins; elsewhere one of several was picked.
    #[test]
    fn several_origins_are_not_one() {
        let rules = compiled([Rule::new(["*", A], ["GET"])], Profile::S3);
        for lines in [
            &[A, A][..],
            &[A, "https://b.test"],
            &["", A],
            &[A, ""],
            &["https://a.test, https://b.test"],
            &["https://a.test https://a.test"],
        ] {
            let mut fields: Vec<_> = lines.iter().map(|line| (ORIGIN, *line)).collect();
            for method in ["GET", "OPTIONS"] {
                fields.push((METHOD, "GET"));
                let request = request(method, &fields);
                let decision = rules.evaluate(&request);
                assert_eq!(
                    decision.outcome(),
                    Outcome::Denied(MalformedOrigin),
                    "{lines:?}"
                );
                assert_eq!(decision.fields().count(), 0);
                fields.pop();
            }
        }
    }
}

mod credentials {
    use super::*;

    /// rs/cors, Fiber, http4s, koa, echo and many after them: any origin, echoed, with credentials.
    #[test]
    fn a_star_is_never_turned_into_an_echo() {
        for origins in [
            &["*"][..],
            &[A, "*"],
            &["*", A],
            &["https://*", "*", "null"],
        ] {
            for profile in PROFILES {
                let rule = Rule::new(origins.iter().copied(), ["GET"]).with_allowed_headers(["*"]);
                let rules = compiled([rule], profile);
                for origin in [A, "null", "*", "https://evil.example"] {
                    for request in [actual("GET", origin), preflight(origin, "GET", "x")] {
                        let response = written(&rules.evaluate(&request));
                        assert_eq!(value(&response, ALLOW_ORIGIN).as_deref(), Some("*"));
                        assert!(!response.contains_key(ALLOW_CREDENTIALS));
                    }
                }
            }
        }
    }

    /// salvo: a handler behind the check had set its own.
    #[test]
    fn what_a_handler_has_set_does_not_stand_beside_ours() {
        let rules = compiled(
            [Rule::new(["*"], ["GET"]), Rule::new([A], ["PUT"])],
            Profile::COS,
        );
        let set = [
            (ALLOW_ORIGIN, "https://old.test"),
            (ALLOW_ORIGIN, "*"),
            (ALLOW_CREDENTIALS, "true"),
            ("access-control-allow-private-network", "true"),
        ];
        for (method, origin, credentials) in [
            ("GET", Some("*"), None),
            ("PUT", Some(A), Some("true")),
            ("POST", None, None), // no rule lists it
        ] {
            let mut response = headers(&set);
            let request = actual(method, A);
            let decision = rules.evaluate(&request);
            decision.write_to(&mut response);
            assert_eq!(value(&response, ALLOW_ORIGIN).as_deref(), origin);
            assert_eq!(value(&response, ALLOW_CREDENTIALS).as_deref(), credentials);
            assert!(!response.contains_key("access-control-allow-private-network"));
            // Servers that write the fields themselves are told the same.
            for (name, _) in set {
                let mut replaced = decision.replaces().iter();
                assert!(
                    replaced.any(|known| known.eq_ignore_ascii_case(name)),
                    "{name}"
                );
            }
        }
    }

    /// salvo: `*, authorization` is a list with a `*`, though it is not `*`. A browser does not take
    /// `*` for `authorization` either, so names are sent.
    #[test]
    fn no_star_hides_in_a_list_of_headers() {
        for headers in [
            &["*"][..],
            &["*", "authorization"],
            &["Authorization", "a*", "*"],
        ] {
            for profile in PROFILES {
                let rule = Rule::new([A], ["GET"])
                    .with_allowed_headers(headers.iter().copied())
                    .with_expose_headers(["ETag"]);
                let rules = compiled([rule], profile);
                let request = preflight(A, "GET", "authorization");
                let response = written(&rules.evaluate(&request));
                let names = value(&response, ALLOW_HEADERS).unwrap();
                assert_eq!(names, "authorization", "{headers:?}");
            }
        }
        // Nor in those that are exposed.
        let rule = Rule::new([A], ["GET"]).with_expose_headers(["ETag", "*"]);
        let refused = RuleSet::compile(&Configuration::from_iter([rule]), Profile::S3).unwrap_err();
        assert_eq!(refused.faults()[0].kind(), &FaultKind::Wildcard);
    }

    /// Flask-CORS allowed requests to private networks unless told not to.
    #[test]
    fn private_networks_are_not_opened_when_asked() {
        for profile in PROFILES {
            let rules = compiled([Rule::new(["*"], ["GET"])], profile);
            let asking = request(
                "OPTIONS",
                &[
                    (ORIGIN, A),
                    (METHOD, "GET"),
                    ("access-control-request-private-network", "true"),
                ],
            );
            let decision = rules.evaluate(&asking);
            assert!(is_allowed(&decision));
            assert!(decision.fields().all(|(name, _)| !name.contains("Private")));
            assert!(decision.vary().iter().all(|name| !name.contains("Private")));
        }
    }
}

mod requested_names {
    use super::*;

    /// Under a rule with these `AllowedHeader`s, what these lines of requested names lead to.
    #[track_caller]
    fn check(allowed: &[&str], lines: &[&str], outcome: Outcome) {
        let crowd = |n| [format!("zz-{n}"), format!("zz-*-{n}")];
        for allowed in arrangements(allowed, crowd) {
            for profile in PROFILES {
                let rule = Rule::new([A], ["PUT"]).with_allowed_headers(allowed.clone());
                let rules = compiled([rule], profile);
                let mut fields = vec![(ORIGIN, A), (METHOD, "PUT")];
                fields.extend(lines.iter().map(|line| (NAMES, *line)));
                let request = request("OPTIONS", &fields);
                let decision = rules.evaluate(&request);
                assert_eq!(decision.outcome(), outcome, "{allowed:?} {lines:?}");
            }
        }
    }

    const YES: Outcome = Outcome::Allowed { rule: 0 };
    const NO: Outcome = Outcome::Denied(Denial::Headers);
    const MALFORMED: Outcome = Outcome::Denied(MalformedRequestHeaders);

    macro_rules! names {
        ($($name:ident: [$($allowed:literal),*] [$($line:expr),*] => $outcome:ident,)*) => {
            $(#[test]
            fn $name() {
                let lines: &[&str] = &[$(&$line),*];
                check(&[$($allowed),*], lines, $outcome);
            })*
        };
    }

    names! {
        // rs/cors, jub0bs/cors, actix, Quarkus: one line was read. Gateways split a list in two.
        a_second_line_is_not_forgotten:     ["x-a"] ["x-a", "x-b"]                => NO,
        nor_is_the_first:                   ["x-a"] ["x-b", "x-a"]                => NO,
        lines_are_not_joined_without_comma: ["x-ax-b"] ["x-a", "x-b"]             => NO,
        two_lines_are_as_good_as_one:       ["x-a", "x-b"] ["x-a", "x-b"]         => YES,
        one_line_is_as_good_as_two:         ["x-a", "x-b"] ["x-a,x-b"]            => YES,

        // actix, jub0bs/cors: space and empty elements are part of the grammar.
        a_space_is_not_a_part_of_a_name:    ["x-a", "x-b"] ["x-a, x-b"]           => YES,
        nor_is_a_tab:                       ["x-a"] ["\tx-a ,"]                   => YES,
        a_last_comma_is_no_name:            ["x-a"] ["x-a,"]                      => YES,
        commas_are_no_names:                ["x-a"] [",,x-a,"]                    => YES,
        other_space_is_not_trimmed:         ["x-a"] ["x-a\u{a0}"]                 => MALFORMED,

        // poem: one good name was enough. noobaa: the list was taken for one name.
        one_good_name_is_not_enough:        ["x-a"] ["x-a,x-b"]                   => NO,
        nor_where_it_comes_last:            ["x-a"] ["x-b,x-a"]                   => NO,
        nor_among_many:                     ["x-a"] [format!("{}x-b", "x-a,".repeat(99))] => NO,
        a_list_is_not_one_name:             ["x-a", "x-b", "x-c"] ["x-a,x-b,x-c"] => YES,
        a_pattern_takes_no_comma:           ["x-*"] ["x-a,y"]                     => NO,
        a_repeated_name_is_no_other:        ["x-a"] ["x-a,x-a,X-A"]               => YES,

        // rs/cors, jub0bs/cors: only what a browser would write, sorted and in lower case.
        an_order_is_not_asked_for:          ["content-type", "x-foo"] ["X-Foo,content-type"] => YES,
        nor_is_lower_case:                  ["content-type"] ["Content-Type"]     => YES,
        nor_in_a_rule:                      ["Content-Type"] ["content-type"]     => YES,
        case_is_not_folded_beyond_ascii:    ["k"] ["\u{212A}"]                    => MALFORMED,

        // aeronet: an empty field was one empty name.
        an_empty_field_asks_for_nothing:    [] [""]                               => YES,
        nor_does_one_of_commas:             [] [" ,\t,"]                          => YES,
        no_field_asks_for_nothing:          [] []                                 => YES,
        without_a_header_rule_none_passes:  [] ["x-a"]                            => NO,

        // rs/cors spent 121 MB on a field of commas, actix half of one on 5,000 names. Here none is
        // read past its limit; that nothing is allocated is counted in allocations.rs.
        a_million_commas_are_not_read:      ["*"] [",".repeat(1 << 20)]           => MALFORMED,
        nor_a_million_names:                ["*"] ["a,".repeat(1 << 19)]          => MALFORMED,
        nor_one_name_of_a_million_bytes:    ["*"] ["a".repeat(1 << 20)]           => MALFORMED,
        nor_a_name_that_is_listed:          ["accept"] ["accept,".repeat(150_000)] => MALFORMED,
        nor_a_million_spaces:               ["*"] [" \t".repeat(1 << 19)]         => MALFORMED,
        nor_5001_names:                     ["*"] [vec!["abcde"; 5001].join(",")] => MALFORMED,
    }

    #[test]
    fn nor_a_thousand_empty_lines() {
        check(&["*"], &[""; 1024], MALFORMED);
        check(&["*"], &["a"; 1024], MALFORMED);
    }

    /// jub0bs/cors searched wrongly from the fifth name on: every set of names, every list of names.
    #[test]
    fn no_set_of_names_is_searched_wrongly() {
        let all = ["a", "b", "c", "d", "e", "x-a", "x-ab", "ab"];
        let chosen = |bits: usize| -> BTreeSet<&str> {
            let bit = |n: &usize| bits >> n & 1 == 1;
            (0..all.len()).filter(bit).map(|n| all[n]).collect()
        };
        for listed in (0..1 << all.len()).map(chosen) {
            let rule = Rule::new([A], ["PUT"]).with_allowed_headers(listed.iter().copied());
            let rules = compiled([rule], Profile::S3);
            for asked in (0..1 << all.len()).map(chosen) {
                let names = asked.iter().copied().collect::<Vec<_>>().join(",");
                let request = preflight(A, "PUT", &names);
                let allowed = is_allowed(&rules.evaluate(&request));
                assert_eq!(allowed, asked.is_subset(&listed), "{listed:?} {names:?}");
            }
        }
    }
}

mod methods {
    use super::*;

    /// `OPTIONS` was taken for a preflight by its method alone: tower-http, express, Fiber, warp.
    #[test]
    fn not_every_options_is_a_preflight() {
        let rules = compiled([Rule::new([A], ["GET"])], Profile::S3);
        for (fields, kind, outcome) in [
            (
                &[][..],
                RequestKind::Options,
                Outcome::Denied(MissingOrigin),
            ),
            (
                &[(METHOD, "GET")],
                RequestKind::Options,
                Outcome::Denied(MissingOrigin),
            ),
            (
                &[(ORIGIN, A)],
                RequestKind::Options,
                Outcome::Denied(MissingRequestMethod),
            ),
            (
                &[(ORIGIN, A), (NAMES, "x")],
                RequestKind::Options,
                Outcome::Denied(MissingRequestMethod),
            ),
            (
                &[(ORIGIN, A), (METHOD, "GET")],
                RequestKind::Preflight,
                Outcome::Allowed { rule: 0 },
            ),
        ] {
            let request = request("OPTIONS", fields);
            let decision = rules.evaluate(&request);
            assert_eq!(
                (decision.kind(), decision.outcome()),
                (kind, outcome),
                "{fields:?}"
            );
        }
        // And no other method is one, whatever it asks for.
        let fields = [(ORIGIN, A), (METHOD, "GET")];
        for method in ["GET", "HEAD", "options", "OPTIONSX"] {
            let request = request(method, &fields);
            let decision = rules.evaluate(&request);
            assert_eq!(decision.kind(), RequestKind::Actual);
            assert_eq!(decision.preflight_status(), None);
        }
    }

    /// actix and warp differ from browsers here by accident. A store does so by its rules: methods
    /// that a browser allows unasked have to be listed like any.
    #[test]
    fn no_method_is_allowed_unlisted() {
        for method in ["GET", "HEAD", "POST"] {
            let others = ["GET", "HEAD", "POST", "PUT", "DELETE"];
            let others = others.into_iter().filter(|&other| other != method);
            for profile in PROFILES {
                let rules = compiled([Rule::new(["*"], others.clone())], profile);
                for request in [actual(method, A), preflight(A, method, "")] {
                    let outcome = rules.evaluate(&request).outcome();
                    assert_eq!(outcome, Outcome::Denied(Method), "{method}");
                }
            }
        }
    }

    /// A rule for what no page can send, or for everything.
    #[test]
    fn a_method_that_no_page_can_send_is_not_taken() {
        for method in [
            "CONNECT", "TRACE", "TRACK", "PATCH", "OPTIONS", "*", "get", "G*", "",
        ] {
            for profile in PROFILES {
                let rule = Rule::new([A], ["GET", method]);
                let configuration = Configuration::from_iter([rule]);
                let refused = RuleSet::compile(&configuration, profile).unwrap_err();
                let [fault] = refused.faults() else {
                    panic!("{refused}");
                };
                assert_eq!(fault.element(), Element::AllowedMethod);
                assert_eq!(fault.value(), Some(method));
                assert!(matches!(fault.kind(), FaultKind::UnsupportedMethod { .. }));
            }
        }
    }

    /// Headers that no page can send or see: providers take them, and they open nothing else.
    #[test]
    fn a_header_that_no_page_can_send_opens_no_other() {
        let rule = Rule::new([A], ["GET"])
            .with_allowed_headers(["Cookie", "Sec-Fetch-Mode", "Proxy-Authorization"])
            .with_expose_headers(["Set-Cookie", "Access-Control-Allow-Origin"]);
        for profile in PROFILES {
            let rules = compiled([rule.clone()], profile);
            for (names, allowed) in [("cookie", true), ("sec-fetch-site", false), ("x", false)] {
                let request = preflight(A, "GET", names);
                assert_eq!(is_allowed(&rules.evaluate(&request)), allowed, "{names}");
            }
            let response = written(&rules.evaluate(&actual("GET", A)));
            assert_eq!(value(&response, ALLOW_ORIGIN).as_deref(), Some(A));
        }
    }

    /// A method comes back in the letters it was sent in, or it is another.
    #[test]
    fn a_requested_method_is_not_folded() {
        for profile in PROFILES {
            let rules = compiled([Rule::new([A], ["PUT"])], profile);
            for method in ["put", "Put", " PUT", "PUT ", "PUT,GET", "*"] {
                let request = preflight(A, method, "");
                let outcome = rules.evaluate(&request).outcome();
                assert_eq!(outcome, Outcome::Denied(InvalidRequestMethod), "{method:?}");
            }
        }
    }
}

mod serving {
    use super::*;

    /// Quarkus executed what it had refused, and refused what it should have served. CORS decides
    /// neither: without a preflight there is no status, whatever the outcome.
    #[test]
    fn a_denied_request_is_not_a_refused_one() {
        for profile in PROFILES {
            for rules in [
                compiled([Rule::new([A], ["GET"])], profile),
                RuleSet::not_configured(profile),
            ] {
                for method in ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"] {
                    for origin in ["https://evil.example", "null", "a b", "*"] {
                        let request = actual(method, origin);
                        let decision = rules.evaluate(&request);
                        assert!(!is_allowed(&decision));
                        assert_eq!(decision.preflight_status(), None);
                        assert_eq!(decision.preflight_error(), None);
                        assert_eq!(decision.fields().count(), 0);
                    }
                }
            }
        }
    }

    /// Quarkus: a page's POST to its own server carries `Origin` too.
    #[test]
    fn a_post_from_the_same_site_is_served() {
        let rules = compiled([Rule::new(["https://other.test"], ["GET"])], Profile::S3);
        let request = request("POST", &[("host", "a.test"), (ORIGIN, A)]);
        let decision = rules.evaluate(&request);
        assert_eq!(decision.preflight_status(), None);
        let mut response = headers(&[("etag", "\"1\"")]);
        decision.write_to(&mut response);
        assert_eq!(response["etag"], "\"1\"");
        assert!(!response.contains_key(ALLOW_ORIGIN));
    }

    /// Spring: a preflight reached what it asked about. It is answered here, whether or not it is
    /// allowed, and nothing of credentials is looked at.
    #[test]
    fn a_preflight_is_never_left_to_a_handler() {
        let rules = compiled([Rule::new([A], ["PUT"])], Profile::S3);
        for (origin, status) in [
            (A, StatusCode::OK),
            ("https://evil.example", StatusCode::FORBIDDEN),
        ] {
            let mut request = preflight(origin, "PUT", "");
            let plain = rules.evaluate(&request).preflight_status();
            assert_eq!(plain, Some(status));
            let credentials = HeaderValue::from_static("secret");
            request.headers_mut().insert("authorization", credentials);
            assert_eq!(rules.evaluate(&request).preflight_status(), plain);
        }
    }
}

mod robustness {
    use super::*;

    /// actix panicked without `Origin`, rs/cors on an empty list, Envoy crashed when the field was
    /// gone by the time of the answer.
    #[test]
    fn no_selection_of_fields_is_too_strange() {
        const ODD: [&[&[u8]]; 9] = [
            &[],
            &[b""],
            &[b"https://a.test"],
            &[b"null", b"null"],
            &[b"\xff\xfe\x80"],
            &[b"\r\n\0"],
            &[b"PUT"],
            &[b"x-a,,\t,"],
            &[b"*", b"", b"*"],
        ];
        let rule = |origin| {
            Rule::new([origin], ["PUT"])
                .with_id("1")
                .with_allowed_headers(["x-*"])
        };
        for profile in PROFILES {
            let rules = [
                compiled([rule(A), rule("null")], profile),
                compiled([rule("*")], profile),
                RuleSet::not_configured(profile),
            ];
            for method in [&b"OPTIONS"[..], b"PUT", b"", b"\xff"] {
                for (origin, asked, names) in ODD.iter().flat_map(|origin| {
                    let asked_and_names = move |asked| ODD.iter().map(move |n| (origin, asked, n));
                    ODD.iter().flat_map(asked_and_names)
                }) {
                    let lines =
                        |name, lines: &'static [&[u8]]| lines.iter().map(move |line| (name, *line));
                    let all = lines(ORIGIN, origin)
                        .chain(lines(METHOD, asked))
                        .chain(lines(NAMES, names));
                    for rules in &rules {
                        answers(rules, &RequestFields::new(method, all.clone()));
                    }
                }
            }
        }
    }

    /// Whatever is decided can be said, and is printable; once it is owned, the request may go.
    fn answers(rules: &RuleSet, fields: &RequestFields<'_>) {
        let decision = rules.evaluate(fields);
        let response = written(&decision);
        for (name, value) in decision.fields() {
            let printable = |b| (0x20..=0x7E).contains(&b);
            assert!(value.bytes().all(printable), "{name}: {value:?}");
        }
        if let Some(error) = decision.preflight_error() {
            let message = error.message();
            assert!(message.bytes().all(|b| (0x20..=0x7E).contains(&b)));
            assert!(error.to_xml(&[]).ends_with("</Error>"));
        }
        let owned = decision.clone().into_owned();
        assert_eq!(answer(&owned), answer(&decision));
        assert_eq!(written(&owned), response);
        assert_eq!(owned.preflight_error(), decision.preflight_error());
    }

    /// Bytes that end a line, from a server that does not check them.
    #[test]
    fn nothing_is_injected_into_the_answer() {
        const SPLIT: &[u8] = b"\r\nset-cookie: a=b";
        for profile in PROFILES {
            for origins in [["*"], ["https://*"]] {
                let rule = Rule::new(origins, ["PUT"]).with_allowed_headers(["*"]);
                let rules = compiled([rule], profile);
                for bad in [SPLIT, b"\n", b"\r", b"\0", b"\x7f", b"\xc3\xa9"] {
                    let origin = [A.as_bytes(), bad].concat();
                    let names = [b"x-a", bad].concat();
                    for (origin, method, names) in [
                        (&origin[..], &b"PUT"[..], &b"x-a"[..]),
                        (A.as_bytes(), bad, b"x-a"),
                        (A.as_bytes(), b"PUT", &names),
                    ] {
                        let fields = [(ORIGIN, origin), (METHOD, method), (NAMES, names)];
                        let request = RequestFields::new(b"OPTIONS", fields);
                        let decision = rules.evaluate(&request);
                        assert!(!is_allowed(&decision), "{decision:?}");
                        assert_eq!(decision.fields().count(), 0);
                        answers(&rules, &request);
                    }
                }
            }
        }
    }

    /// Flask-CORS: a line break from the request went into the log as it was.
    #[test]
    fn nothing_is_injected_into_a_log() {
        let rules = compiled([Rule::new([A], ["PUT"])], Profile::S3);
        let bad = &b"x\r\nERROR forged \x1b[31m"[..];
        let fields = [(ORIGIN, bad), (METHOD, bad), (NAMES, bad)];
        let request = RequestFields::new(b"OPTIONS", fields);
        let decision = rules.evaluate(&request);
        let asked = [(ORIGIN, A.as_bytes()), (METHOD, bad)];
        let asked = RequestFields::new(b"OPTIONS", asked);
        let refused = rules.evaluate(&asked);
        let error = refused.preflight_error().unwrap();
        for logged in [
            format!("{request:?}"),
            format!("{decision:?}"),
            format!("{:?}", decision.clone().into_owned()),
            format!("{refused:?}"),
            format!("{error}"),
            format!("{error:?}"),
            error.message().into_owned(),
            decision.outcome().to_string(),
        ] {
            assert!(!logged.chars().any(char::is_control), "{logged:?}");
        }
        assert!(error.message().contains("\\x0d\\x0a"));
    }

    /// rs/cors and jub0bs/cors handed out what they would answer with next: a handler that changed
    /// its response changed everyone's.
    #[test]
    fn changing_a_response_does_not_change_the_next() {
        let rule = Rule::new(["*"], ["GET"]).with_expose_headers(["ETag"]);
        let rules = compiled([rule], Profile::COS);
        let request = preflight(A, "GET", "");
        let mut response = written(&rules.evaluate(&request));
        let before = response.clone();
        for line in response.values_mut() {
            *line = HeaderValue::from_static("changed");
        }
        assert_eq!(written(&rules.evaluate(&request)), before);
    }

    /// jub0bs/cors had a data race; a rule set has no state to race for, and is compiled once.
    #[test]
    fn threads_do_not_disturb_each_other() {
        fn is_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
        let rules = compiled([Rule::new([A], ["GET"])], Profile::S3);
        is_shared(&rules);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let rules = &rules;
                scope.spawn(move || {
                    let origin = if thread % 2 == 0 { A } else { "https://b.test" };
                    let request = actual("GET", origin);
                    for _ in 0..1000 {
                        assert_eq!(is_allowed(&rules.evaluate(&request)), thread % 2 == 0);
                    }
                });
            }
        });
    }
}

mod caches {
    use super::*;

    const ALL_THREE: [&str; 3] = [
        "Origin",
        "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
    ];

    /// Whether a browser lets the page that asked see this response.
    fn is_shared(request: &http::Request<()>, response: &HeaderMap) -> bool {
        let origin = request
            .headers()
            .get(ORIGIN)
            .map(|line| line.to_str().unwrap());
        let allowed = value(response, ALLOW_ORIGIN);
        origin.is_none_or(|origin| allowed.is_some_and(|value| value == "*" || value == origin))
    }

    /// A cache for one URL and method: a stored response is served again to a request that has the
    /// same fields wherever the response varies.
    fn through_a_cache(rules: &RuleSet, requests: &[http::Request<()>]) -> Vec<HeaderMap> {
        let mut stored: Vec<(HeaderMap, HeaderMap)> = Vec::new();
        let mut served = Vec::new();
        for request in requests {
            let asks = request.headers();
            let fits = |(asked, response): &&(HeaderMap, HeaderMap)| {
                let vary = value(response, "vary").unwrap_or_default();
                let mut names = vary.split(", ").filter(|name| !name.is_empty());
                names.all(|name| asked.get_all(name).iter().eq(asks.get_all(name).iter()))
            };
            let response = match stored.iter().find(fits) {
                Some((_, response)) => response.clone(),
                None => written(&rules.evaluate(request)),
            };
            stored.push((asks.clone(), response.clone()));
            served.push(response);
        }
        served
    }

    /// tower-http, warp, poem, Rocket, Envoy, koa: no `Vary`. rack-cors, asm89, Flask-CORS: on
    /// the answers with CORS fields only. The first visitor's answer was everyone's.
    #[test]
    fn no_visitor_gets_the_answer_of_another() {
        let visitors = [
            request("GET", &[]),
            actual("GET", A),
            actual("GET", "https://b.test"),
            actual("GET", "https://evil.example"),
            // S3 lets these count on every request.
            request("GET", &[(ORIGIN, A), (METHOD, "PUT")]),
            request("GET", &[(ORIGIN, A), (NAMES, "x")]),
        ];
        let all = 0..visitors.len();
        for profile in PROFILES {
            for rules in [
                compiled([Rule::new([A, "https://b.*"], ["GET"])], profile),
                compiled(
                    [Rule::new([A], ["GET"]), Rule::new(["*"], ["PUT"])],
                    profile,
                ),
                compiled(
                    [Rule::new([A], ["PUT"]), Rule::new(["*"], ["GET"])],
                    profile,
                ),
            ] {
                let pairs = all.clone().flat_map(|n| all.clone().map(move |m| [n, m]));
                for order in pairs.flat_map(|[n, m]| all.clone().map(move |l| [n, m, l])) {
                    let requests = order.map(|n| visitors[n].clone());
                    let served = through_a_cache(&rules, &requests);
                    for (request, served) in requests.iter().zip(&served) {
                        let fresh = written(&rules.evaluate(request));
                        assert_eq!(
                            is_shared(request, served),
                            is_shared(request, &fresh),
                            "{profile:?} {order:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn vary_is_not_on_allowed_answers_only() {
        for profile in PROFILES {
            let rules = compiled([Rule::new([A], ["GET"])], profile);
            for request in [
                request("GET", &[]),
                actual("GET", A),
                actual("GET", "https://evil.example"),
                actual("PUT", A),
                actual("GET", "a b"),
                request("OPTIONS", &[]),
                preflight(A, "GET", ""),
                preflight(A, "GET", "x"),
                preflight(A, "PATCH", ""),
            ] {
                let vary = value(&written(&rules.evaluate(&request)), "vary").unwrap();
                assert!(vary.split(", ").any(|name| name == "Origin"), "{vary}");
            }
        }
    }

    /// tower-http and poem wrote over what the handler had said.
    #[test]
    fn the_handlers_vary_is_not_lost() {
        for profile in PROFILES {
            let rules = compiled([Rule::new([A], ["GET"])], profile);
            let mut response = headers(&[("vary", "Accept-Encoding"), ("vary", "accept")]);
            rules.evaluate(&actual("GET", A)).write_to(&mut response);
            let vary = value(&response, "vary").unwrap();
            let names: Vec<&str> = vary.split(", ").collect();
            assert_eq!(names[..3], ["Accept-Encoding", "accept", "Origin"]);
            // Nor said twice.
            rules.evaluate(&actual("GET", A)).write_to(&mut response);
            assert_eq!(value(&response, "vary").unwrap(), vary);
        }
    }

    /// Hono copied `Vary` from the request, so that a visitor could choose it.
    #[test]
    fn the_requests_vary_is_not_the_responses() {
        for vary in ["*", "Accept", "Origin", ""] {
            let rules = compiled([Rule::new([A], ["GET"])], Profile::COS);
            let asking = request("GET", &[(ORIGIN, A), ("vary", vary)]);
            let response = written(&rules.evaluate(&asking));
            assert_eq!(
                value(&response, "vary").as_deref(),
                Some("Origin"),
                "{vary:?}"
            );
        }
    }

    /// tower-http, koa, actix and Spring: three names on everything, a response's name among them.
    #[test]
    fn an_answer_does_not_vary_on_what_it_does_not_read() {
        let request = request("GET", &[]);
        for (profile, on_actual) in [(Profile::COS, &["Origin"][..]), (Profile::S3, &ALL_THREE)] {
            let rules = compiled([Rule::new([A], ["GET"])], profile);
            assert_eq!(rules.evaluate(&request).vary(), on_actual);
            assert_eq!(rules.evaluate(&actual("GET", A)).vary(), on_actual);
            assert_eq!(rules.evaluate(&preflight(A, "GET", "")).vary(), ALL_THREE);
            // A bucket without a document answers everyone alike.
            let nothing = RuleSet::not_configured(profile);
            assert!(nothing.evaluate(&actual("GET", A)).vary().is_empty());
            assert!(written(&nothing.evaluate(&preflight(A, "GET", ""))).is_empty());
        }
        // A provider's silence has to be asked for.
        let silent = compiled(
            [Rule::new([A], ["GET"])],
            Profile::COS.with_vary(Vary::AsProvider),
        );
        assert!(silent.evaluate(&actual("GET", A)).vary().is_empty());
    }
}

mod documents {
    use super::*;

    /// Flask-CORS tried the longest expression first.
    #[test]
    fn rules_are_not_sorted() {
        let rule = |id: &str, origin: &str| Rule::new([origin], ["GET"]).with_id(id);
        let short = rule("short", "https://*");
        let long = rule("long", "https://*.long.example.test");
        let exact = rule("exact", "https://a.long.example.test");
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let three = order.map(|n| [&short, &long, &exact][n].clone());
            let first = three[0].id.clone();
            for profile in PROFILES {
                let rules = compiled(three.clone(), profile);
                let request = actual("GET", "https://a.long.example.test");
                let decision = rules.evaluate(&request);
                assert_eq!(decision.rule(), Some(0), "{order:?}");
                assert_eq!(decision.rule_id(), first.as_deref());
            }
        }
    }

    /// rack-cors and Flask-CORS chose a policy by a path that they had tidied up, or whose case they
    /// ignored. Here the path is not looked at.
    #[test]
    fn a_path_chooses_no_rule() {
        let rules = compiled([Rule::new([A], ["GET"])], Profile::S3);
        for path in ["/", "/private/../public", "/%2e%2e/a+b", "/A", "//a.test/"] {
            for (origin, allowed) in [(A, true), ("https://evil.example", false)] {
                let mut request = actual("GET", origin);
                *request.uri_mut() = path.parse().unwrap();
                assert_eq!(is_allowed(&rules.evaluate(&request)), allowed, "{path}");
            }
        }
    }

    #[track_caller]
    fn refused(rules: impl IntoIterator<Item = Rule>, profile: Profile) -> CompileError {
        RuleSet::compile(&Configuration::from_iter(rules), profile).unwrap_err()
    }

    /// ingress-nginx took `*` in place of what it could not read. A document with a fault is no rule
    /// set at all, whatever else is in it.
    #[test]
    fn a_fault_does_not_widen_a_rule() {
        let good = || Rule::new([A], ["GET"]);
        let none: [&str; 0] = [];
        for profile in PROFILES {
            for bad in [
                Rule::new(none, ["GET"]),
                Rule::new([A], none),
                Rule::new(["https://*.*"], ["GET"]),
                Rule::new(["https://a.test https://b.test"], ["GET"]),
                Rule::new(["https://a.test\r\n"], ["GET"]),
                Rule::new([A], ["GET, PUT"]),
                good().with_allowed_headers(["x-*-*"]),
                good().with_allowed_headers(["a b"]),
                good().with_allowed_headers([""]),
                good().with_expose_headers(["x\r\ny"]),
                good().with_max_age_seconds(-1),
            ] {
                for rules in [[good(), bad.clone()], [bad.clone(), good()]] {
                    assert_eq!(refused(rules, profile).faults().len(), 1, "{bad:?}");
                }
            }
            assert_eq!(refused([], profile).faults()[0].kind(), &FaultKind::NoRule);
        }
        // The bucket that is left without one answers no one.
        let request = actual("GET", A);
        let nothing = RuleSet::not_configured(Profile::COS);
        let decision = nothing.evaluate(&request);
        assert_eq!(decision.outcome(), Outcome::Denied(NotConfigured));
        assert!(written(&decision).is_empty());
    }

    /// Spring found a bad rule at the first request, tower-http panicked there. Everything is said
    /// at once, before there is anything to ask.
    #[test]
    fn a_fault_does_not_wait_for_a_request() {
        let bad = refused(
            [
                Rule::new(["**", "a b"], ["PATCH"]),
                Rule::new([A], ["GET"]).with_expose_headers(["*"]),
            ],
            Profile::S3,
        );
        let faults: BTreeMap<_, usize> = bad.faults().iter().fold(BTreeMap::new(), |mut all, f| {
            *all.entry(f.rule()).or_default() += 1;
            all
        });
        assert_eq!(faults, BTreeMap::from([(Some(0), 3), (Some(1), 1)]));
    }

    #[cfg(feature = "json")]
    mod json {
        use super::*;

        fn read(origins: &str) -> Result<Configuration, bucket_cors::ParseError> {
            let text = format!(r#"{{"CORSRules":[{{{origins},"AllowedMethods":["GET"]}}]}}"#);
            Configuration::from_json(text.as_bytes(), Profile::COS)
        }

        /// express: a string, a list of one and `false` each meant something else.
        #[test]
        fn a_string_means_no_more_than_a_list_of_it() {
            let list = read(r#""AllowedOrigins":["https://a.test"]"#).unwrap();
            for same in [
                r#""AllowedOrigin":"https://a.test""#,
                r#""AllowedOrigin":["https://a.test"]"#,
            ] {
                assert_eq!(read(same).unwrap(), list, "{same}");
            }
            for origins in [
                "false", "true", "null", "0", "{}", "[false]", "[null]", "[[]]",
            ] {
                for key in ["AllowedOrigin", "AllowedOrigins"] {
                    let wrong = read(&format!(r#""{key}":{origins}"#));
                    assert!(wrong.is_err(), "{key}: {origins}");
                }
            }
        }

        /// A comma in a text makes no list of it.
        #[test]
        fn a_string_is_not_split() {
            let read = read(r#""AllowedOrigin":"https://a.test,https://b.test""#).unwrap();
            let rules = RuleSet::compile(&read, Profile::COS).unwrap();
            assert!(!is_allowed(&rules.evaluate(&actual("GET", A))));
        }

        #[test]
        fn an_unread_document_does_not_widen_a_rule() {
            for text in [
                "",
                "*",
                "{",
                r#"{"CORSRules":"*"}"#,
                r#"{"CORSRules":[{"AllowedOrigins":"*","AllowedMethods":["GET"]}]}"#,
                r#"{"CORSRules":[{"AllowedOrigins":["*"],"AllowedMethods":["GET"]}]"#,
                r#"{"CORSRules":[{"AllowedOrigins":["*"],"AllowedMethods":["GET"],"MaxAge":1}]}"#,
                r#"{"CORSRules":[{"AllowedOrigins":["*"],"AllowedOrigins":["x"],"AllowedMethods":["GET"]}]}"#,
            ] {
                let read = Configuration::from_json(text.as_bytes(), Profile::COS);
                assert!(read.is_err(), "{text}");
            }
        }
    }

    #[cfg(feature = "xml")]
    #[test]
    fn an_unread_document_does_not_widen_a_rule() {
        let whole = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
            <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
        let read = |text: &str| Configuration::from_xml(text.as_bytes(), Profile::COS);
        assert!(read(whole).is_ok());
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        for (from, to) in [
            ("<AllowedMethod>", "<AllowedMethods>"),
            (
                "GET</AllowedMethod>",
                "GET</AllowedMethod><AllowCredentials>true</AllowCredentials>",
            ),
            ("<CORSConfiguration>", "<!DOCTYPE a><CORSConfiguration>"),
            ("<CORSRule>", "*<CORSRule>"),
            ("*</AllowedOrigin>", "&any;</AllowedOrigin>"),
        ] {
            assert!(read(&whole.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
