//! JSON documents: what is read, what is refused and where, what is written (semantics 1.5).
//!
//! In a refused document `‸` stands behind the last byte that `serde_json` has read when the error
//! is found: the place that the error has to name. It is taken out before the text is read.

#![cfg(feature = "json")]

use bucket_cors::ParseErrorKind::{Empty, NotUtf8};
use bucket_cors::{Configuration, Element, ParseError, ParseErrorKind, Profile, Rule, RuleSet};

/// What both profiles make of it: they read alike.
#[track_caller]
fn read(document: impl AsRef<[u8]>) -> Result<Configuration, ParseError> {
    let text = document.as_ref();
    let cos = Configuration::from_json(text, Profile::COS);
    assert_eq!(cos, Configuration::from_json(text, Profile::S3));
    cos
}

#[track_caller]
fn rules(document: &str) -> Vec<Rule> {
    read(document).unwrap().rules
}

/// The one rule of a document.
#[track_caller]
fn only(document: &str) -> Rule {
    let mut rules = rules(document);
    assert_eq!(rules.len(), 1);
    rules.remove(0)
}

/// Where the character before the mark starts, unless it ends a line; of what comes before, a byte
/// order mark is no part.
fn offset(document: &str) -> Option<usize> {
    let (before, _) = document.trim_start_matches('\u{FEFF}').split_once('‸')?;
    let last = before.chars().next_back().filter(|c| *c != '\n');
    Some(before.len() - last.map_or(0, char::len_utf8))
}

fn place(error: &ParseError) -> Option<(usize, usize)> {
    error.position().map(|at| (at.line(), at.column()))
}

/// The document without its mark, and the line and column of the byte before it.
#[track_caller]
fn unmark(document: &str) -> (String, (usize, usize)) {
    let (before, after) = document.split_once('‸').expect("a mark");
    let line = before
        .trim_start_matches('\u{FEFF}')
        .rsplit('\n')
        .next()
        .unwrap();
    // A column that `serde_json` counts as 0 is reported as 1.
    let place = (before.matches('\n').count() + 1, line.len().max(1));
    (format!("{before}{after}"), place)
}

#[track_caller]
fn refused(document: &str, kind: &ParseErrorKind) {
    let offset = offset(document);
    let (document, at) = unmark(document);
    let error = read(&document).expect_err(&document);
    assert_eq!(error.kind(), kind, "{document}");
    assert_eq!(place(&error), Some(at), "{error} in {document}");
    assert_eq!(error.offset(), offset, "{error} in {document}");
}

// ---- What is read ----

macro_rules! same {
    ($($module:ident: $rule:expr; { $($name:ident: $document:expr,)* })*) => {
        mod same {
            use super::*;
            $(mod $module {
                use super::*;
                $(#[test]
                fn $name() {
                    assert_eq!(only($document), $rule);
                })*
            })*
        }
    };
}

same! {
    // 1.1, 1.5.1, 1.5.2, 1.5.6
    one_rule: Rule::new(["a"], ["GET"]); {
        as_written:            r#"{"CORSRules":[{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}]}"#,
        a_bare_array:          r#"[{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}]"#,
        a_rule_for_the_array:  r#"{"CORSRules":{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}}"#,
        a_rule_alone:          r#"{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}"#,
        singular_strings:      r#"{"CORSRules":[{"AllowedOrigin":"a","AllowedMethod":"GET"}]}"#,
        singular_lists:        r#"{"CORSRules":[{"AllowedOrigin":["a"],"AllowedMethod":["GET"]}]}"#,
        singular_alone:        r#"{"AllowedOrigin":"a","AllowedMethod":["GET"]}"#,
        singular_in_a_list:    r#"[{"AllowedMethod":["GET"],"AllowedOrigin":"a"}]"#,
        singular_under_root:   r#"{"CORSRules":{"AllowedOrigin":"a","AllowedMethod":"GET"}}"#,
        both_styles:           r#"{"CORSRules":[{"AllowedOrigins":["a"],"AllowedMethod":"GET"}]}"#,
        the_other_way_round:   r#"{"AllowedMethods":["GET"],"AllowedOrigin":"a"}"#,
        empty_lists:           r#"{"AllowedHeaders":[],"AllowedOrigins":["a"],"ExposeHeader":[],"AllowedMethods":["GET"]}"#,
        white_space:           "\r\n\t {\n \"CORSRules\" :\t[ {\"AllowedOrigins\": [ \"a\" ] ,\r\"AllowedMethods\":[\"GET\"]} ] } \n",
        a_mark:                "\u{FEFF}{\"AllowedOrigin\":\"a\",\"AllowedMethod\":\"GET\"}",
        a_mark_and_a_space:    "\u{FEFF} [{\"AllowedOrigin\":\"a\",\"AllowedMethod\":\"GET\"}]",
        trimmed_strings:       r#"{"AllowedOrigin":" \t\r\na\u0020","AllowedMethods":["\nGET "]}"#,
        escaped_keys:          r#"{"\u0043ORSRules":[{"AllowedOrigi\u006es":["\u0061"],"\u0041llowedMethods":["G\u0045T"]}]}"#,
    }

    // What S3's own pages write, and what COS's SDKs send.
    every_key: Rule::new(["o1", "o2"], ["m1", "m2"])
        .with_id("i")
        .with_allowed_headers(["h1", "h2"])
        .with_expose_headers(["e1", "e2"])
        .with_max_age_seconds(5);
    {
        plural:                r#"{"CORSRules":[{"ID":"i","AllowedOrigins":["o1","o2"],"AllowedMethods":["m1","m2"],"AllowedHeaders":["h1","h2"],"ExposeHeaders":["e1","e2"],"MaxAgeSeconds":5}]}"#,
        singular:              r#"{"CORSRules":[{"ID":"i","AllowedOrigin":["o1","o2"],"AllowedMethod":["m1","m2"],"AllowedHeader":["h1","h2"],"ExposeHeader":["e1","e2"],"MaxAgeSeconds":"5"}]}"#,
        in_another_order:      r#"[{"MaxAgeSeconds":5,"ExposeHeaders":["e1","e2"],"AllowedHeaders":["h1","h2"],"AllowedMethods":["m1","m2"],"AllowedOrigins":["o1","o2"],"ID":"i"}]"#,
        of_both_styles:        r#"{"ExposeHeader":["e1","e2"],"AllowedHeaders":["h1","h2"],"MaxAgeSeconds":"5","AllowedMethod":["m1","m2"],"AllowedOrigins":["o1","o2"],"ID":"i"}"#,
    }

    // 1.5.2: any key of a rule makes the object one.
    only_an_id: Rule::default().with_id("i"); { alone: r#"{"ID":"i"}"#, }
    only_an_age: Rule::default().with_max_age_seconds(5); { alone: r#"{"MaxAgeSeconds":5}"#, }
    only_a_header: Rule::default().with_allowed_headers(["h"]); { alone: r#"{"AllowedHeader":"h"}"#, }
    only_exposed: Rule::default().with_expose_headers(["e"]); { alone: r#"{"ExposeHeaders":["e"]}"#, }
    nothing_in_it: Rule::default(); {
        in_the_list:           r#"{"CORSRules":[{}]}"#,
        for_the_list:          r#"{"CORSRules":{}}"#,
        in_a_bare_array:       "[{}]",
        but_empty_lists:       r#"{"AllowedOrigins":[]}"#,
    }
}

/// 1.5.3
#[test]
fn there_may_be_no_rule() {
    for text in ["{}", "[]", r#"{"CORSRules":[]}"#, " { } ", "\u{FEFF}[\n]"] {
        assert_eq!(read(text), Ok(Configuration::default()), "{text}");
    }
}

#[test]
fn rules_keep_their_order_and_their_own_style() {
    let want = [
        Rule::new(["a"], ["GET"]),
        Rule::new(["b"], ["PUT"]),
        Rule::default(),
    ];
    for list in [
        r#"[{"AllowedOrigins":["a"],"AllowedMethods":["GET"]},{"AllowedOrigin":"b","AllowedMethod":"PUT"},{}]"#,
        r#"[{"AllowedOrigin":["a"],"AllowedMethods":["GET"]},{"AllowedMethod":"PUT","AllowedOrigins":["b"]},{}]"#,
    ] {
        assert_eq!(rules(list), want);
        assert_eq!(rules(&format!("{{\"CORSRules\":{list}}}")), want);
    }
}

#[test]
fn response_vary_stands_beside_the_rules() {
    for (text, vary) in [
        ("true", true),
        ("false", false),
        (r#""true""#, true),
        (r#""false""#, false),
        (r#"" \ttrue\r\n""#, true),
        (r#""tr\u0075e""#, true),
    ] {
        for document in [
            format!(r#"{{"ResponseVary":{text}}}"#),
            format!(r#"{{"ResponseVary":{text},"CORSRules":[]}}"#),
            format!(r#"{{"CORSRules":[],"ResponseVary":{text}}}"#),
        ] {
            let mut want = Configuration::default();
            want.response_vary = Some(vary);
            assert_eq!(read(&document), Ok(want), "{document}");
        }
    }
    assert_eq!(read(r#"{"CORSRules":[{}]}"#).unwrap().response_vary, None);
}

/// The text of an `ID`, which nothing but decoding changes.
#[track_caller]
fn id_of(inside: &str) -> String {
    only(&format!("{{\"ID\":\"{inside}\"}}")).id.unwrap()
}

#[test]
fn escapes_are_decoded() {
    for (inside, value) in [
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (r"\u0000\u001f\u00e9\u00E9\uFFFE", "\0\u{1F}éé\u{FFFE}"),
        (r"\ud83d\ude00\uD83D\uDE00😀", "😀😀😀"),
        ("é\u{7F}\u{85}\u{FEFF}", "é\u{7F}\u{85}\u{FEFF}"),
        (r"&lt;\\u0041", r"&lt;\u0041"),
    ] {
        assert_eq!(id_of(inside), value, "{inside}");
    }
}

/// 1.4.1, 1.4.5
#[test]
fn every_string_but_an_id_is_trimmed() {
    for (inside, value) in [
        ("a", "a"),
        (r" \t\r\n a b \n\t ", "a b"),
        ("\u{A0}a\u{2003}", "\u{A0}a\u{2003}"),
        (r"\u000ba\f", "\u{B}a\u{C}"),
        ("", ""),
        (" ", ""),
    ] {
        for (one, many) in [
            ("AllowedOrigin", "AllowedOrigins"),
            ("AllowedMethod", "AllowedMethods"),
            ("AllowedHeader", "AllowedHeaders"),
            ("ExposeHeader", "ExposeHeaders"),
        ] {
            for document in [
                format!(r#"{{"{one}":"{inside}"}}"#),
                format!(r#"{{"{one}":["{inside}"]}}"#),
                format!(r#"{{"{many}":["{inside}"]}}"#),
            ] {
                let rule = only(&document);
                let lists = [
                    rule.allowed_origins,
                    rule.allowed_methods,
                    rule.allowed_headers,
                    rule.expose_headers,
                ];
                assert_eq!(lists.concat(), [value], "{document}");
            }
        }
    }
    for text in ["", " ", " a "] {
        assert_eq!(id_of(text), text, "{text:?}");
    }
    assert_eq!(id_of(r"\ta\n"), "\ta\n");
}

// ---- What is refused ----

fn unknown(name: &str, hint: impl Into<Option<&'static str>>) -> ParseErrorKind {
    let (name, hint) = (name.to_owned(), hint.into());
    ParseErrorKind::UnknownKey { name, hint }
}

fn twice(key: &'static str) -> ParseErrorKind {
    ParseErrorKind::RepeatedKey { key }
}

fn both(first: &'static str, second: &'static str) -> ParseErrorKind {
    ParseErrorKind::BothSpellings { first, second }
}

fn string_under(key: &'static str, hint: &'static str) -> ParseErrorKind {
    ParseErrorKind::StringUnderPlural { key, hint }
}

fn no_number(value: &str) -> ParseErrorKind {
    let (element, value) = (Element::MaxAgeSeconds, value.to_owned());
    ParseErrorKind::InvalidNumber { element, value }
}

fn large_number(value: &str) -> ParseErrorKind {
    let (element, value) = (Element::MaxAgeSeconds, value.to_owned());
    ParseErrorKind::NumberTooLarge { element, value }
}

fn no_boolean(value: &str) -> ParseErrorKind {
    let (element, value) = (Element::ResponseVary, value.to_owned());
    ParseErrorKind::InvalidBoolean { element, value }
}

macro_rules! refused {
    ($($module:ident { $($name:ident: $text:expr => $kind:expr,)* })*) => {
        mod refused {
            use super::*;
            $(mod $module {
                use super::*;
                $(#[test]
                fn $name() {
                    refused($text, &$kind);
                })*
            })*
        }
    };
}

refused! {
    // 1.6.7
    unknown_keys {
        past_tense:          r#"{"CORSRules":[{"ExposedHeaders"‸:["ETag"]}]}"# => unknown("ExposedHeaders", "ExposeHeaders"),
        past_and_singular:   r#"{"CORSRules":[{"ExposedHeader"‸:"ETag"}]}"# => unknown("ExposedHeader", "ExposeHeader"),
        present_tense:       r#"[{"AllowMethods"‸:["GET"]}]"# => unknown("AllowMethods", "AllowedMethods"),
        lower_case:          r#"{"CORSRules":{"allowedorigins"‸:["*"]}}"# => unknown("allowedorigins", "AllowedOrigins"),
        camel_case:          r#"[{"allowedOrigin"‸:"*"}]"# => unknown("allowedOrigin", "AllowedOrigin"),
        an_id:               r#"[{"Id"‸:"a"}]"# => unknown("Id", "ID"),
        one_second:          r#"[{"MaxAgeSecond"‸:5}]"# => unknown("MaxAgeSecond", "MaxAgeSeconds"),
        far_from_all:        r#"[{"AllowCredentials"‸:true}]"# => unknown("AllowCredentials", None),
        empty:               r#"[{""‸:1}]"# => unknown("", None),
        with_a_space:        r#"[{"ID "‸:"a"}]"# => unknown("ID ", None),
        a_plural_id:         r#"[{"IDs"‸:["a"]}]"# => unknown("IDs", None),
        after_others:        "[{\"ID\":\"a\",\n \"Id\"‸:\"b\"}]" => unknown("Id", "ID"),
        with_an_escape:      r#"[{"\u0049d"‸:"a"}]"# => unknown("Id", "ID"),
        a_singular_root:     r#"{"CORSRule"‸:[]}"# => unknown("CORSRule", "CORSRules"),
        a_mixed_case_root:   r#"{"CorsRules"‸:[]}"# => unknown("CorsRules", "CORSRules"),
        of_the_xml_root:     r#"{"CORSConfiguration"‸:{"CORSRules":[]}}"# => unknown("CORSConfiguration", None),
        a_rule_misspelt:     r#"{"AllowedOrgins"‸:["*"]}"# => unknown("AllowedOrgins", "AllowedOrigins"),
        beside_the_rules:    r#"{"CORSRules":[],"ResponseVery"‸:true}"# => unknown("ResponseVery", "ResponseVary"),
        the_rules_in_a_rule: r#"[{"CORSRules"‸:[]}]"# => unknown("CORSRules", None),
    }

    // 1.5.2: a rule or a root, never a bit of both.
    mixtures {
        a_rule_in_the_root:  r#"{"CORSRules":[],"AllowedOrigin"‸:"*"}"# => unknown("AllowedOrigin", None),
        the_root_in_a_rule:  r#"{"AllowedOrigin":"*","CORSRules"‸:[]}"# => unknown("CORSRules", None),
        an_id_and_the_rules: r#"{"ID":"a","CORSRules"‸:[]}"# => unknown("CORSRules", None),
        vary_then_a_rule:    r#"{"ResponseVary":true,"AllowedOrigin"‸:"*"}"# => unknown("AllowedOrigin", None),
        a_rule_then_vary:    r#"{"AllowedOrigin":"*","ResponseVary"‸:true}"# => unknown("ResponseVary", None),
        vary_in_a_rule:      r#"{"CORSRules":[{"ResponseVary"‸:true}]}"# => unknown("ResponseVary", None),
    }

    // 1.5.7
    both_spellings {
        of_origins:          r#"[{"AllowedOrigin":"a","AllowedOrigins"‸:["a"]}]"# => both("AllowedOrigin", "AllowedOrigins"),
        of_origins_reversed: r#"[{"AllowedOrigins":["a"],"AllowedOrigin"‸:"a"}]"# => both("AllowedOrigins", "AllowedOrigin"),
        of_methods:          r#"{"AllowedMethods":[],"ID":"a","AllowedMethod"‸:[]}"# => both("AllowedMethods", "AllowedMethod"),
        of_headers:          r#"{"CORSRules":{"AllowedHeader":[],"AllowedHeaders"‸:[]}}"# => both("AllowedHeader", "AllowedHeaders"),
        of_exposed_headers:  r#"{"CORSRules":[{},{"ExposeHeaders":[],"ExposeHeader"‸:""}]}"# => both("ExposeHeaders", "ExposeHeader"),
    }

    // 1.5.7
    repeated_keys {
        id:                  r#"[{"ID":"a","ID"‸:"a"}]"# => twice("ID"),
        id_escaped:          r#"[{"ID":"a","\u0049D"‸:"a"}]"# => twice("ID"),
        max_age:             r#"[{"MaxAgeSeconds":5,"ID":"a","MaxAgeSeconds"‸:5}]"# => twice("MaxAgeSeconds"),
        a_plural:            r#"{"AllowedOrigins":["a"],"AllowedOrigins"‸:["b"]}"# => twice("AllowedOrigins"),
        a_singular:          r#"{"CORSRules":{"ExposeHeader":"a","ExposeHeader"‸:"b"}}"# => twice("ExposeHeader"),
        the_rules:           r#"{"CORSRules":[],"CORSRules"‸:[]}"# => twice("CORSRules"),
        the_rules_later:     r#"{"CORSRules":{},"ResponseVary":true,"CORSRules"‸:{}}"# => twice("CORSRules"),
        vary:                "{\"ResponseVary\":true,\n\"ResponseVary\"‸:true}" => twice("ResponseVary"),
    }

    // 1.5.6, 1.6.16
    strings_under_plurals {
        origins:             r#"{"AllowedOrigins":"*"‸}"# => string_under("AllowedOrigins", "AllowedOrigin"),
        methods:             r#"[{"AllowedMethods":"GET"‸}]"# => string_under("AllowedMethods", "AllowedMethod"),
        headers:             r#"{"CORSRules":[{"AllowedHeaders":""‸}]}"# => string_under("AllowedHeaders", "AllowedHeader"),
        exposed_headers:     r#"{"CORSRules":{"ExposeHeaders":"ETag"‸}}"# => string_under("ExposeHeaders", "ExposeHeader"),
    }

    // 1.6.11
    numbers {
        with_a_fraction:     r#"[{"MaxAgeSeconds":1.0‸,"ID":"a"}]"# => no_number("1.0"),
        of_64_bits:          "{\"ID\":\"a\",\n\"MaxAgeSeconds\":9223372036854775808‸,\"AllowedOrigin\":\"*\"}" => large_number("9223372036854775808"),
        in_a_string:         r#"[{"MaxAgeSeconds":"0x10"‸,"ID":"a"}]"# => no_number("0x10"),
        an_empty_string:     r#"[{"MaxAgeSeconds":" "‸,"ID":"a"}]"# => no_number(""),
    }

    // 1.6.12
    booleans {
        upper_case:          r#"{"ResponseVary":"TRUE"‸,"CORSRules":[]}"# => no_boolean("TRUE"),
        a_digit:             r#"{"ResponseVary":"1"‸,"CORSRules":[]}"# => no_boolean("1"),
        empty:               r#"{"ResponseVary":" "‸,"CORSRules":[]}"# => no_boolean(""),
        quoted_twice:        r#"{"ResponseVary":"\"true\""‸,"CORSRules":[]}"# => no_boolean("\"true\""),
    }

    // 1.6.2
    nothing {
        at_all:              "‸" => Empty,
        but_a_mark:          "\u{FEFF}‸" => Empty,
    }
}

#[test]
fn nothing_but_white_space_is_nothing() {
    let error = read(" \t\r\n ").unwrap_err();
    assert_eq!(error.kind(), &Empty);
    assert_eq!(place(&error), Some((2, 2)));
}

/// A value that is refused is looked for in its own line, not in that of the brace after it.
#[test]
fn the_line_is_that_of_the_value() {
    refused("{\n  \"MaxAgeSeconds\": \"a\"‸\n}\n", &no_number("a"));
    refused("{\n  \"ResponseVary\": \"yes\"‸\n}\n", &no_boolean("yes"));
}

#[test]
fn numbers() {
    let max_age = |text: &str| {
        let document = format!("{{\"MaxAgeSeconds\":{text}}}");
        match read(document) {
            Ok(configuration) => Ok(configuration.rules[0].max_age_seconds.unwrap()),
            Err(error) => Err(error.kind().clone()),
        }
    };
    let zeros = format!("\"{}\"", "0".repeat(1_000));
    for (text, number) in [
        ("0", 0),
        ("5", 5),
        ("-1", -1),
        ("2147483648", 2_147_483_648),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        (r#""5""#, 5),
        (r#"" +5 ""#, 5),
        (r#""\t-1\r\n""#, -1),
        (r#""-0""#, 0),
        (r#""007""#, 7),
        (r#""\u0035""#, 5),
        (r#""9223372036854775807""#, i64::MAX),
        (r#""-9223372036854775808""#, i64::MIN),
        (&zeros, 0),
    ] {
        assert_eq!(max_age(text), Ok(number), "{text}");
    }
    for text in [
        "", "1e3", "0x10", "5.0", "5 5", "+", "-", "--5", "+-5", "٣", "null", "true",
    ] {
        assert_eq!(
            max_age(&format!("\"{text}\"")),
            Err(no_number(text)),
            "{text:?}"
        );
    }
    for text in [
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
    ] {
        assert_eq!(
            max_age(&format!("\"{text}\"")),
            Err(large_number(text)),
            "{text:?}"
        );
    }
    // `serde_json` gives integers up to 2^64 - 1 as such, and all others as floating point numbers.
    for text in ["9223372036854775808", "18446744073709551615"] {
        assert_eq!(max_age(text), Err(large_number(text)), "{text}");
    }
    let huge = "9".repeat(300);
    for text in [
        "1e3",
        "1.0",
        "0.5",
        "-0",
        "-0.0",
        "5E0",
        "18446744073709551616",
        "-9223372036854775809",
        &huge,
    ] {
        let kind = max_age(text).unwrap_err();
        assert!(
            matches!(kind, ParseErrorKind::InvalidNumber { .. }),
            "{text}: {kind:?}"
        );
    }
}

/// 1.5.5: every type but the right one, at every place.
#[test]
fn values_have_a_type() {
    const VALUES: [&str; 7] = ["null", "true", "5", "1.5", r#""a""#, "[]", "{}"];
    for (document, right, element) in [
        ("?", "[] {}", Element::Configuration),
        (r#"{"CORSRules":?}"#, "[] {}", Element::Rule),
        (r#"{"CORSRules":[?]}"#, "{}", Element::Rule),
        (r#"{"CORSRules":[{},?]}"#, "{}", Element::Rule),
        ("[?]", "{}", Element::Rule),
        (r#"{"ResponseVary":?}"#, "true", Element::ResponseVary),
        (
            r#"{"CORSRules":[],"ResponseVary":?}"#,
            "true",
            Element::ResponseVary,
        ),
        (r#"[{"ID":?}]"#, r#""a""#, Element::Id),
        (r#"{"ID":?}"#, r#""a""#, Element::Id),
        (r#"[{"AllowedOrigins":?}]"#, "[]", Element::AllowedOrigin),
        (r#"[{"AllowedMethods":?}]"#, "[]", Element::AllowedMethod),
        (r#"[{"AllowedHeaders":?}]"#, "[]", Element::AllowedHeader),
        (r#"[{"ExposeHeaders":?}]"#, "[]", Element::ExposeHeader),
        (
            r#"{"AllowedOrigin":?}"#,
            r#"[] "a""#,
            Element::AllowedOrigin,
        ),
        (
            r#"{"AllowedMethod":?}"#,
            r#"[] "a""#,
            Element::AllowedMethod,
        ),
        (
            r#"{"AllowedHeader":?}"#,
            r#"[] "a""#,
            Element::AllowedHeader,
        ),
        (r#"{"ExposeHeader":?}"#, r#"[] "a""#, Element::ExposeHeader),
        (
            r#"{"AllowedOrigins":[?]}"#,
            r#""a""#,
            Element::AllowedOrigin,
        ),
        (
            r#"{"AllowedMethods":["GET",?]}"#,
            r#""a""#,
            Element::AllowedMethod,
        ),
        (r#"{"AllowedHeader":[?]}"#, r#""a""#, Element::AllowedHeader),
        (
            r#"{"ExposeHeader":["a",?]}"#,
            r#""a""#,
            Element::ExposeHeader,
        ),
        (r#"[{"MaxAgeSeconds":?}]"#, "5", Element::MaxAgeSeconds),
    ] {
        for value in VALUES {
            let text = document.replace('?', value);
            let read = read(&text).map_err(|error| error.kind().clone());
            if right.split(' ').any(|right| right == value) {
                assert!(read.is_ok(), "{text}: {read:?}");
                continue;
            }
            let as_should_be = match read.as_ref().unwrap_err() {
                ParseErrorKind::WrongType { element: found, .. } => *found == element,
                // Strings, and numbers, have kinds of their own at some places.
                ParseErrorKind::StringUnderPlural { .. } => {
                    value == r#""a""# && document.contains("s\":?")
                }
                ParseErrorKind::InvalidBoolean { .. } => {
                    value == r#""a""# && element == Element::ResponseVary
                }
                ParseErrorKind::InvalidNumber { .. } => {
                    [r#""a""#, "1.5"].contains(&value) && element == Element::MaxAgeSeconds
                }
                _ => false,
            };
            assert!(as_should_be, "{text}: {read:?}");
        }
    }
}

macro_rules! wrong_type {
    ($($name:ident: $text:literal => $element:ident,)*) => {
        mod wrong_type {
            use super::*;
            $(#[test]
            fn $name() {
                let (document, at) = unmark($text);
                let error = read(&document).unwrap_err();
                let kind = error.kind();
                let found = matches!(kind, ParseErrorKind::WrongType { element: Element::$element, .. });
                assert!(found, "{kind:?}");
                assert_eq!(place(&error), Some(at), "{error}");
                assert_eq!(error.offset(), offset($text), "{error}");
            })*
        }
    };
}

// 1.5.5
wrong_type! {
    a_string:            "\"a\"‸"                                     => Configuration,
    null_for_the_rules:  "{\"CORSRules\":null‸}"                      => Rule,
    a_list_in_the_list:  "[{},\n[‸]]"                                 => Rule,
    a_number_as_an_id:   "[{\"ID\":5‸}]"                              => Id,
    null_as_an_origin:   "[{\"AllowedOrigins\":[\"a\",\n  null‸]}]"   => AllowedOrigin,
    null_as_a_number:    "[{\"MaxAgeSeconds\":null‸,\"ID\":\"a\"}]"   => MaxAgeSeconds,
    a_number_as_vary:    "{\"ResponseVary\":1‸,\"CORSRules\":[]}"     => ResponseVary,
}

// ---- What is not JSON ----

/// Not well-formed, at the place that `serde_json` gives when it is asked for any JSON at all.
#[track_caller]
fn ill_formed(document: &str) {
    let error = read(document).expect_err(document);
    let kind = error.kind();
    assert!(
        matches!(kind, ParseErrorKind::NotWellFormed { .. }),
        "{kind:?} in {document}"
    );
    let any = serde_json::from_str::<serde_json::Value>(document).unwrap_err();
    let at = (any.line(), any.column().max(1));
    assert_eq!(place(&error), Some(at), "{error} in {document}");
}

macro_rules! ill_formed {
    ($($name:ident: $text:expr,)*) => {
        mod not_well_formed {
            use super::*;
            $(#[test]
            fn $name() {
                ill_formed($text);
            })*
        }
    };
}

ill_formed! {
    a_comma_in_a_list:       "[{},]",
    a_comma_in_a_rule:       r#"[{"ID":"a",}]"#,
    a_comma_in_the_root:     "{\"CORSRules\":[],\n}",
    a_comma_among_strings:   r#"{"AllowedOrigin":["a",]}"#,
    no_comma:                "[{} {}]",
    no_comma_in_a_rule:      r#"[{"ID":"a" "MaxAgeSeconds":5}]"#,
    no_colon:                r#"[{"ID" "a"}]"#,
    single_quotes:           "[{'ID':\"a\"}]",
    no_quotes:               "[{ID:\"a\"}]",
    no_quotes_on_a_value:    "[{\"ID\":a}]",
    a_number_as_a_key:       r#"[{5:"a"}]"#,
    a_comment:               "/* a */ []",
    a_line_comment:          "[] // a",
    an_octal_number:         r#"[{"MaxAgeSeconds":05}]"#,
    a_hex_number:            r#"[{"MaxAgeSeconds":0x10}]"#,
    a_signed_number:         r#"[{"MaxAgeSeconds":+5}]"#,
    half_a_fraction:         r#"[{"MaxAgeSeconds":5.}]"#,
    the_other_half:          r#"[{"MaxAgeSeconds":.5}]"#,
    half_an_exponent:        r#"[{"MaxAgeSeconds":1e}]"#,
    only_a_sign:             r#"[{"MaxAgeSeconds":-}]"#,
    not_a_number:            r#"[{"MaxAgeSeconds":NaN}]"#,
    an_upper_case_word:      r#"{"ResponseVary":TRUE}"#,
    half_a_word:             r#"{"ResponseVary":tru}"#,
    garbage_behind:          "{} x",
    garbage_on_a_line:       "{\"CORSRules\":[]}\n\nx",
    a_second_document:       "{}{}",
    a_second_end:            "[]]",
    nul_behind:              "[]\0",
    a_line_in_a_string:      "[{\"ID\":\"a\nb\"}]",
    nul_in_a_string:         "[{\"ID\":\"\0\"}]",
    a_control_character:     "[{\"ID\":\"\u{1F}\"}]",
    an_unknown_escape:       r#"[{"ID":"\x41"}]"#,
    half_an_escape:          r#"[{"ID":"\u12"}]"#,
    no_hex_escape:           r#"[{"ID":"\u12G4"}]"#,
    a_lone_surrogate:        r#"[{"ID":"\ud800"}]"#,
    a_lone_trail:            r#"[{"ID":"\udc00"}]"#,
    two_leads:               r#"[{"ID":"\ud83d\ud83d"}]"#,
    a_lead_and_a_letter:     r#"[{"ID":"\ud83d\u0041"}]"#,
    a_surrogate_in_a_key:    r#"[{"\ud800":"a"}]"#,
    foreign_white_space:     "\u{A0}[]",
    a_space_in_a_list:       "[\u{A0}]",
    a_vertical_tab:          "\u{B}[]",
    xml:                     "<CORSConfiguration/>",
    a_word:                  "cors",
}

/// One byte order mark is permitted, and only in front.
#[test]
fn a_second_mark_is_not_json() {
    for text in ["\u{FEFF}\u{FEFF}[]", "[]\u{FEFF}", " \u{FEFF}[]"] {
        let error = read(text).unwrap_err();
        let kind = error.kind();
        assert!(
            matches!(kind, ParseErrorKind::NotWellFormed { .. }),
            "{kind:?}"
        );
    }
}

/// 1.2.2: the place is that of the first bad byte.
#[test]
fn what_is_not_utf_8_is_refused() {
    for (text, at) in [
        (&b"\xFF\xFE[\0]\0"[..], (1, 1)),
        (b"\xEF\xBB\xBF\xFF[]", (1, 1)),
        (b"[{\"ID\":\"\xC3\xA9\xE9\"}]", (1, 10)),
        (b"[{\n\"ID\":\"\xED\xA0\x80\"}]", (2, 7)),
        (b"[]\r\n\xC3", (2, 1)),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.kind(), &NotUtf8, "{}", text.escape_ascii());
        assert_eq!(place(&error), Some(at), "{}", text.escape_ascii());
    }
    // Without a mark, and in Latin letters, UTF-16 is UTF-8 full of NULs.
    for text in [b"[\0]\0", b"\0[\0]"] {
        assert!(read(text).is_err(), "{}", text.escape_ascii());
    }
}

/// 1.2.1, and before all else: whatever the bytes are.
#[test]
fn documents_have_a_largest_size() {
    const LIMIT: usize = 65_536;
    let padded = |bytes: usize| format!("[{{}}]{}", "\n".repeat(bytes - 4));
    assert_eq!(only(&padded(LIMIT)), Rule::default());
    assert_eq!(
        only(&format!("\u{FEFF}{}", padded(LIMIT - 3))),
        Rule::default()
    );

    let (too_large, no_text) = (padded(LIMIT + 1), vec![0xFF; LIMIT + 1]);
    let marked = format!("\u{FEFF}{}", padded(LIMIT - 2));
    let nested = "[".repeat(100_000);
    for text in [
        too_large.as_bytes(),
        &no_text,
        marked.as_bytes(),
        nested.as_bytes(),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.kind(), &ParseErrorKind::TooLarge { limit: LIMIT });
        assert_eq!((error.position(), error.offset()), (None, None));
    }
}

/// As deep, or as wide, as the size lets a text go.
#[test]
fn nothing_is_too_deep() {
    let most = |piece: &str| piece.repeat(65_000 / piece.len());
    for start in [
        "",
        r#"{"CORSRules":"#,
        r#"{"ResponseVary":"#,
        r#"{"ID":"#,
        r#"{"AllowedOrigins":"#,
        r#"{"AllowedMethod":"#,
        r#"{"MaxAgeSeconds":"#,
        r#"{"unknown":"#,
    ] {
        for piece in [
            "[",
            "[[],",
            r#"{"a":"#,
            r#"{"CORSRules":"#,
            r#"[{"CORSRules":"#,
            "-",
            "\"\\",
        ] {
            let text = format!("{start}{}", most(piece));
            assert!(read(&text).is_err(), "{start} {piece}");
        }
    }
    assert_eq!(rules(&format!("[{}{{}}]", most("{},"))).len(), 21_667);
    assert_eq!(id_of(&most(r"\n")), "\n".repeat(32_500));
}

/// A document with everything in it that a document may have.
const EVERYTHING: &str = "\u{FEFF} {\"ResponseVary\" : \"true\",\r
  \"CORSRules\": [{
    \"ID\": \" é\\u00e9\\ud83d\\ude00\\\"\\\\ \",
    \"AllowedOrigins\": [\"https://*.example.com\", \"\"],
    \"AllowedMethod\": \" GET\",
    \"AllowedHeader\": [\"x-*\"],
    \"ExposeHeaders\": [\"ETag\"],
    \"MaxAgeSeconds\": \"+600\"
  }, {}]
}";

#[test]
fn a_cut_document_is_refused_wherever_it_is_cut() {
    let first = Rule::new(["https://*.example.com", ""], ["GET"])
        .with_id(" éé😀\"\\ ")
        .with_allowed_headers(["x-*"])
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(600);
    assert_eq!(rules(EVERYTHING), [first, Rule::default()]);
    for end in 0..EVERYTHING.len() {
        let cut = &EVERYTHING.as_bytes()[..end];
        assert!(read(cut).is_err(), "{}", cut.escape_ascii());
    }
}

// ---- What is written ----

fn full() -> Configuration {
    let first = Rule::new(["https://*.example.com", "null"], ["GET", "PUT"])
        .with_id("a<b>&\"c\"")
        .with_allowed_headers(["x-amz-*", "content-md5"])
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(600);
    let mut configuration =
        Configuration::from_iter([first, Rule::new([""], ["HEAD"]).with_id("")]);
    configuration.response_vary = Some(true);
    configuration
}

/// 1.7.2
#[test]
fn one_form_is_written() {
    assert_eq!(
        full().to_json(),
        concat!(
            r#"{"CORSRules":[{"ID":"a<b>&\"c\"","AllowedOrigins":["https://*.example.com","null"],"#,
            r#""AllowedMethods":["GET","PUT"],"AllowedHeaders":["x-amz-*","content-md5"],"#,
            r#""ExposeHeaders":["ETag"],"MaxAgeSeconds":600},"#,
            r#"{"ID":"","AllowedOrigins":[""],"AllowedMethods":["HEAD"]}],"ResponseVary":true}"#,
        )
    );
    assert_eq!(Configuration::default().to_json(), r#"{"CORSRules":[]}"#);
}

/// 1.7.3: each of these compiles, so each reads back equal.
#[test]
fn what_is_written_reads_back_equal() {
    let plain = || Rule::new(["*"], ["GET"]);
    let mut rules = full().rules;
    rules.extend(
        [
            "",
            " ",
            " a ",
            "\ta\t",
            "\r",
            "a\r\nb\rc\n",
            "\"\\/",
            r"\u0041",
            "é😀\u{85}\u{2028}\u{FEFF}\u{FFFD}\u{7F}",
        ]
        .map(|id| plain().with_id(id)),
    );
    rules.push(Rule::new(["\"", "\\", "\u{A0}é\u{2003}"], ["GET"]));
    rules.push(
        plain()
            .with_allowed_headers(["`'*"])
            .with_expose_headers(["`'"]),
    );
    rules.extend([0, 2_147_483_647].map(|seconds| plain().with_max_age_seconds(seconds)));

    for vary in [None, Some(true), Some(false)] {
        let mut written = Configuration::from_iter(rules.clone());
        written.response_vary = vary;
        RuleSet::compile(&written, Profile::COS).unwrap();
        let text = written.to_json();
        assert_eq!(read(&text).as_ref(), Ok(&written));
        assert_eq!(derived(&text).as_ref(), Some(&written));
    }
}

// ---- serde's own form ----

fn derived(text: &str) -> Option<Configuration> {
    serde_json::from_str(text).ok()
}

#[test]
fn the_derive_trims_nothing() {
    let text = r#"{"CORSRules":[{"AllowedOrigins":[" a "],"AllowedMethods":[]}]}"#;
    let want = Rule::new([" a "], [""; 0]);
    assert_eq!(derived(text).unwrap().rules, [want]);
}

#[test]
fn the_derive_takes_no_other_spelling() {
    let canonical = r#"{"CORSRules":[{"ID":"a","AllowedOrigins":["a"],"MaxAgeSeconds":5}],"ResponseVary":true}"#;
    assert!(derived(canonical).is_some());
    for (part, other) in [
        (r#""AllowedOrigins":["a"]"#, r#""AllowedOrigin":["a"]"#),
        (r#""AllowedOrigins":["a"]"#, r#""AllowedOrigins":"a""#),
        (r#""AllowedOrigins":["a"]"#, r#""AllowedOrigins":null"#),
        (
            r#""AllowedOrigins":["a"]"#,
            r#""AllowedOrigins":["a"],"AllowedOrigins":["a"]"#,
        ),
        (r#""ID":"a""#, r#""Id":"a""#),
        (r#""ID":"a""#, r#""ID":5"#),
        (r#""MaxAgeSeconds":5"#, r#""MaxAgeSeconds":"5""#),
        (r#""MaxAgeSeconds":5"#, r#""MaxAgeSeconds":5.0"#),
        (r#""ResponseVary":true"#, r#""ResponseVary":"true""#),
        (r#""ResponseVary":true"#, r#""Unknown":true"#),
        ("\"CORSRules\":[", "\"CORSRule\":["),
    ] {
        let text = canonical.replace(part, other);
        assert_ne!(text, canonical);
        assert_eq!(derived(&text), None, "{text}");
    }
    for text in [
        r#"[{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}]"#,
        r#"{"CORSRules":{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}}"#,
        r#"{"AllowedOrigins":["a"],"AllowedMethods":["GET"]}"#,
    ] {
        assert_eq!(derived(text), None, "{text}");
    }
}

#[test]
fn the_derive_takes_no_null() {
    for text in [
        r#"{"CORSRules":[],"ResponseVary":null}"#,
        r#"{"CORSRules":[{"ID":null}]}"#,
        r#"{"CORSRules":[{"MaxAgeSeconds":null}]}"#,
    ] {
        assert_eq!(derived(text), None, "{text}");
    }
}

/// `serde_json` calls it malformed, or no integer if it is built to keep numbers as written.
#[test]
fn an_exponent_beyond_all_floats_is_refused() {
    assert!(read(r#"{"MaxAgeSeconds":1e999}"#).is_err());
}
