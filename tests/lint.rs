//! What is found in a document that its provider takes, and what becomes of it when it is mended.
//!
//! Every lint has a case that shows it and one that nearly does. Exact messages are asserted in one
//! table, at the end.

mod common;

use std::collections::BTreeSet;

use bucket_cors::{Configuration, Element, Finding, Lint, Profile, Rule, RuleSet, Severity};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const COS: Profile = Profile::COS;
const S3: Profile = Profile::S3;

type Codes = &'static [&'static str];

/// One document, and every code that is found in it, in document order.
struct Case {
    profile: Profile,
    configuration: Configuration,
    codes: Codes,
}

#[track_caller]
fn hold(cases: impl IntoIterator<Item = Case>) {
    let mut wrong = Vec::new();
    for case in cases {
        let Case {
            profile,
            configuration,
            codes,
        } = case;
        RuleSet::compile(&configuration, profile).expect("what the provider takes");
        let found = configuration.lint(profile);
        if !found.iter().map(Finding::code).eq(codes.iter().copied()) {
            let found: Vec<_> = found.iter().map(Finding::to_string).collect();
            wrong.push(format!("{configuration:?}\nis {found:#?}\nnot {codes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn document(rules: impl IntoIterator<Item = Rule>, response_vary: Option<bool>) -> Configuration {
    let mut configuration = Configuration::from_iter(rules);
    configuration.response_vary = response_vary;
    configuration
}

/// What a bucket in use has: nothing is to be found in it.
fn sensible() -> Rule {
    sensible_for(&["https://app.example.com"], ALL)
}

const ALL: &[&str] = &["GET", "HEAD", "PUT", "POST", "DELETE"];

fn sensible_for(origins: &[&str], methods: &[&str]) -> Rule {
    Rule::new(origins.iter().copied(), methods.iter().copied())
        .with_allowed_headers(["*"])
        .with_expose_headers([
            "ETag",
            "x-cos-request-id",
            "x-amz-request-id",
            "Content-Range",
            "Accept-Ranges",
        ])
        .with_max_age_seconds(600)
}

fn with_origins(origins: &[&str]) -> Rule {
    Rule::new(origins.iter().copied(), ["GET", "HEAD"]).with_max_age_seconds(600)
}

fn with_methods(methods: &[&str]) -> Rule {
    sensible_for(&["https://app.example.com"], methods)
}

/// A document for COS that says `ResponseVary`, so that caches are no subject.
fn on_cos(rule: Rule, codes: Codes) -> Case {
    Case {
        profile: COS,
        configuration: document([rule], Some(true)),
        codes,
    }
}

// ---- What is found ----

#[test]
fn sensible_documents_are_left_alone() {
    let several = [
        "https://www.example.com",
        "https://example.com",
        "https://admin.example.org:8443",
        "capacitor://localhost",
    ];
    let several = sensible_for(&several, ALL).with_max_age_seconds(7200);
    let public = Rule::new(["https://example.com"], ["GET", "HEAD"]);
    for rule in [sensible(), several, public] {
        hold([on_cos(rule.clone(), &[])]);
        hold([Case {
            profile: S3,
            configuration: document([rule], None),
            codes: &["V02"],
        }]);
    }
}

/// One origin of a rule that has nothing else wrong.
const ORIGIN: &[(&str, Codes)] = &[
    ("https://example.com", &[]),
    ("https://example.com:8443", &[]),
    ("https://[2001:db8::1]:8443", &[]),
    ("app://pages", &[]),
    // Trailing slash, path and the rest.
    ("https://example.com/", &["O01"]),
    ("https://*.example.com/", &["O01"]),
    ("https://[::1]/", &["O01"]),
    ("https://example.com//", &["O02"]),
    ("https://example.com/x/", &["O02"]),
    ("https://example.com/*", &["O02"]),
    ("https://example.com?", &["O02"]),
    ("https://example.com#top", &["O02"]),
    ("https://me@example.com", &["O02"]),
    ("https://", &["O02"]),
    ("https:///", &["O02"]),
    // Scheme.
    ("example.com", &["O03"]),
    ("localhost:3000", &["O03"]),
    ("localhost:*", &["O03"]),
    ("//example.com", &["O03"]),
    ("https:example.com", &["O03"]),
    ("*.example.io", &["O03"]),
    ("example.com/", &["O03"]),
    ("example.com/x", &["O03"]),
    ("example.com/http://x", &["O03"]),
    ("Example.com", &["O03"]),
    ("b\u{fc}cher.example", &["O03"]),
    ("https//example.com", &["O03"]),
    ("https:/example.com", &["O03"]),
    ("https:\\\\example.com", &["O03"]),
    ("HTTPS:/example.com", &["O03"]),
    ("null/", &["O01"]),
    // Quotation marks.
    ("\"https://example.com\"", &["O02"]),
    ("'https://example.com'", &["O02"]),
    ("'https://Example.com:443/x'", &["O02"]),
    ("\u{201c}https://example.com\u{201d}", &["O02"]),
    ("<https://example.com>", &["O02"]),
    ("'*'", &["O02"]),
    ("''", &["O02"]),
    ("https://example.com'", &["O02"]),
    (
        "\"https://a.example.com\",\"https://b.example.com\"",
        &["O14"],
    ),
    ("*/example.com", &["O09"]),
    ("htps://example.com", &["O03"]),
    ("HTPS://Example.com/x", &["O03"]),
    ("hxxp://example.com", &["O03"]),
    ("ahttps://example.com", &["O03"]),
    ("httpss://example.com", &["O03"]),
    ("httpsss://example.com", &["O03"]),
    ("httpssss://example.com", &[]),
    ("htps:/example.com", &["O03"]),
    ("ws://example.com", &["O03"]),
    ("wss://example.com:8443", &["O03"]),
    ("wsx://example.com", &[]),
    // From a template.
    ("https://${HOST}", &["O02"]),
    ("https://{{host}}:8443", &["O02"]),
    ("{{domain}}", &["O02"]),
    ("${SCHEME}://example.com", &["O02"]),
    ("app://{id}", &[]),
    ("https://<host>", &["O02"]),
    ("<YOUR_DOMAIN>", &["O02"]),
    ("https://{a,b}.example.com", &["O02"]),
    ("https://__HOST__", &["O02"]),
    ("https://a__b__c.example.com", &[]),
    ("https://__b__.example.com", &[]),
    ("https://*.__B__.example.com", &["O02"]),
    ("https://example.com/(app)", &["O02"]),
    ("http://http:*", &[]),
    ("%DOMAIN%", &["O02"]),
    // A regular expression.
    ("^https://example.com$", &["O02"]),
    ("https://(www.)?example.com", &["O02"]),
    ("https://example\\.com", &["O02"]),
    ("https://.*.example.com", &["O02"]),
    // Two schemes, and what can't be seen.
    ("https://https://example.com", &["O02"]),
    ("http://https://example.com/x", &["O02"]),
    ("https://https://a.test,https://b.test", &["O14"]),
    ("https://https:8443", &[]),
    ("https://https/x", &["O02"]),
    ("https://HTTPS://example.com", &["O02"]),
    ("ws://https://example.com", &["O02"]),
    ("https://https:/example.com", &["O02"]),
    ("https://https//example.com", &["O02"]),
    ("https://https:example.com", &["O02"]),
    ("https://https://https://example.com", &["O02"]),
    ("https://https://", &["O02"]),
    ("app://https://example.com", &["O14"]),
    ("\u{200b}https://example.com", &["O02"]),
    ("https://example.com\u{a0}", &["O02"]),
    ("https://exam\u{ad}ple.com", &["O02"]),
    ("https://exam\u{2010}ple.com", &["O16"]),
    ("\u{202a}https://example.com\u{202c}", &["O02"]),
    ("https://example.com\u{2028}", &["O02"]),
    ("https://example\u{200c}.com", &["O02"]),
    // A joiner between such letters counts.
    (
        "https://\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.example",
        &["O16"],
    ),
    ("\u{200d}https://b\u{fc}cher.example", &["O02"]),
    ("ftp://example.com", &[]),
    ("tap://example.com", &[]),
    ("chrome-extension://abc", &[]),
    ("moz-extension://..:x", &[]),
    // Host.
    ("https://a..example.com", &["O02"]),
    ("https://.example.com", &["O02"]),
    ("https://*..example.com", &["O02"]),
    ("https://a.*.example.com", &[]),
    ("https://app.example.com.", &["O18"]),
    ("https://.", &["O02"]),
    ("https://example.com\\", &["O02"]),
    ("https://example.com\\x", &["O02"]),
    ("https://exam<ple.com", &["O02"]),
    ("https://exam'ple.com", &["O02"]),
    ("https://[::1", &["O02"]),
    ("http://::1", &["O02"]),
    ("http://::1:3000", &["O02"]),
    ("https://2001:db8::1", &["O02"]),
    // Port.
    ("https://example.com:0", &["O02"]),
    ("https://example.com:65535", &[]),
    ("https://example.com:65536", &["O02"]),
    ("https://example.com:+80", &["O02"]),
    ("https://example.com:080", &["O02"]),
    ("https://example.com:http", &["O02"]),
    ("https://example.com:80:443", &["O02"]),
    ("https://example.com:8*", &[]),
    ("https://example.com:x*", &["O02"]),
    ("https://example.com:443", &["O04"]),
    ("http://localhost:80", &["O04"]),
    ("https://[::1]:443", &["O04"]),
    ("https://example.com:", &["O04"]),
    ("https://example.com:443/", &["O01", "O04"]),
    ("https://example.com:80", &[]),
    ("https://example.com:4430", &[]),
    ("http*://example.com:443", &["O09"]),
    // Case.
    ("https://Example.com", &["O05"]),
    ("HTTPS://example.com", &["O05"]),
    ("https://example.com/Path", &["O02"]),
    ("NULL", &["O05"]),
    ("app://Pages", &[]),
    ("App://pages", &["O05"]),
    ("file://", &[]),
    ("HTTPS://*", &["O05"]),
    // What a `*` takes.
    ("https://example.com*", &["O07"]),
    ("https://example*", &["O07"]),
    ("https://www.*", &["O07"]),
    ("https://example*:8443", &["O07"]),
    ("http://localhost:*", &[]),
    ("https://example.com:*", &[]),
    ("https://*.app.example.com", &[]),
    ("https://api*.example.com", &[]),
    ("https://*-preview.example.com", &[]),
    ("https://*example.com", &["O08"]),
    ("https://*example.co.uk", &["O08"]),
    ("https://*-example.com", &["O08"]),
    ("https://*intranet", &["O08"]),
    ("https://*app.example.com", &[]),
    ("*example.com", &["O03", "O08"]),
    ("http*://app.example.com", &["O09"]),
    ("*://app.example.com", &["O09"]),
    ("http*.app.example.com", &["O09"]),
    ("https*://app.example.com", &[]),
    ("https://*.example.com", &["O19"]),
    ("https://*.example.co.uk:8443", &["O19"]),
    ("https://*.github.io", &["O21"]),
    ("https://*github.io", &["O21"]),
    ("https://mine-*.vercel.app", &["O21"]),
    ("https://*-mine.vercel.app", &["O21"]),
    ("https://*.cos.ap-guangzhou.myqcloud.com", &["O21"]),
    ("https://*.myqcloud.com", &["O21"]),
    ("https://*.s3.amazonaws.com", &["O21"]),
    ("https://*.s3.us-east-1.amazonaws.com", &["O21"]),
    ("https://*.nyc3.digitaloceanspaces.com", &["O21"]),
    ("https://*.uc.a.run.app", &["O21"]),
    ("https://*.mine.github.io", &[]),
    ("https://*.mine.s3.amazonaws.com", &[]),
    ("https://*-1250000000.cos.ap-guangzhou.myqcloud.com", &[]),
    ("https://*", &["C02"]),
    ("https://*.", &["C02"]),
    ("https://*.com.", &["C02"]),
    ("https://*.github.io.", &["O21"]),
    ("https://example*.", &["O07"]),
    ("http*", &["C02"]),
    ("https:*", &["C02"]),
    ("https://*:8443", &["C02"]),
    ("*:8443", &["O03", "C02"]),
    ("*.com/", &["O01", "O03"]),
    ("*.COM", &["O03", "O05"]),
    ("https://*.com", &["C02"]),
    ("https://*com", &["C02"]),
    ("https://*.co.uk", &["C02"]),
    ("https://www.*.com", &["C02"]),
    ("https://*.test", &[]),
    ("http://192.168.0.*", &["O07"]),
    ("chrome-extension://*", &[]),
    // Several, none, and `null`.
    ("https://a.example.com,https://b.example.com", &["O14"]),
    ("https://a.example.com;", &["O14"]),
    ("https://a.example.comhttps://b.example.com", &["O14"]),
    ("", &["O15"]),
    ("https://b\u{fc}cher.example", &["O16"]),
    ("https://xn--bcher-kva.example", &[]),
    ("null", &["O17"]),
    ("*", &["C01"]),
    // Variants.
    ("http://example.com", &["O18"]),
    ("http://printer.local", &[]),
    ("http://192.168.0.1", &[]),
    ("http://app.example.com:8080", &[]),
    ("https://www.example.com", &["O18"]),
    ("http://localhost:3000", &["O18"]),
    ("http://127.0.0.1:3000", &["O18"]),
];

/// Several.
const ORIGINS: &[(&[&str], Codes)] = &[
    (&["*", "https://example.com"], &["O12"]),
    (&["https://example.com/", "*", "null", ""], &["O12"]),
    (&["*", "*"], &["C01"]),
    (&["https://a.example.com", ""], &["O15"]),
    (&["http://example.com", "https://example.com"], &[]),
    (
        &["http://example.com", "http*://example.com"],
        &["O22", "O09"],
    ),
    (&["https://www.example.com", "https://example.com"], &[]),
    (&["http://localhost:3000", "http://127.0.0.1:3000"], &[]),
    (
        &["http://localhost:3000", "http://localhost:5173"],
        &["O18"],
    ),
    (&["https://*.example.com", "https://example.com"], &[]),
    (
        &["https://*.example.com", "http://example.com"],
        &["O19", "O18"],
    ),
];

fn origins() -> Vec<Case> {
    let one = ORIGIN.iter().map(|&(origin, codes)| (vec![origin], codes));
    let several = ORIGINS
        .iter()
        .map(|&(origins, codes)| (origins.to_vec(), codes));
    let case = |(origins, codes): (Vec<&str>, Codes)| {
        // With `ResponseVary`, those for `*` alone would have another finding.
        let vary = (!origins.contains(&"*")).then_some(true);
        Case {
            profile: COS,
            configuration: document([with_origins(&origins)], vary),
            codes,
        }
    };
    one.chain(several).map(case).collect()
}

#[test]
fn origins_that_do_not_do_what_was_meant() {
    hold(origins());
}

/// What one rule lists, another need not.
#[test]
fn variants_are_looked_for_in_every_rule() {
    let rules = [
        with_origins(&["http://example.com", "https://*.example.org"]),
        with_origins(&["https://example.com", "https://example.org"]),
    ];
    hold([Case {
        profile: COS,
        configuration: document(rules, Some(true)),
        codes: &["R11"],
    }]);
}

const WRITING: &[(&str, Codes)] = &[
    ("*", &["O10", "C01"]),
    ("https://*", &["O10", "C02"]),
    ("http*", &["O10", "C02"]),
    ("HTTPS://*", &["O05"]),
    ("https://*:443", &["O04"]),
    ("//*", &["O03"]),
    ("https://*.com", &["C02"]),
    ("https://*.app.example.com", &[]),
];

fn writing() -> Vec<Case> {
    let case = |&(origin, codes): &(&str, Codes)| {
        let rule = sensible_for(&[origin], ALL);
        let vary = (origin != "*").then_some(true);
        Case {
            profile: COS,
            configuration: document([rule], vary),
            codes,
        }
    };
    WRITING.iter().map(case).collect()
}

#[test]
fn origins_that_may_write() {
    hold(writing());
}

const METHODS: &[(&[&str], Codes)] = &[
    (&["GET", "HEAD"], &[]),
    (&["HEAD"], &[]),
    (&["GET"], &["M04"]),
    (&["PUT", "POST", "DELETE"], &[]),
    (&["PUT", "POST"], &["M05"]),
    (&["PUT", "DELETE"], &["M05"]),
    (&["PUT"], &["M05"]),
    (&["POST"], &[]),
    (&["DELETE"], &[]),
    (&["GET", "PUT"], &["M04", "M05"]),
    (&["HEAD", "HEAD", "POST", "HEAD", "POST"], &["M06"]),
];

fn methods() -> Vec<Case> {
    let case = |&(methods, codes): &(&[&str], Codes)| on_cos(with_methods(methods), codes);
    METHODS.iter().map(case).collect()
}

#[test]
fn methods_that_do_not_do_what_was_meant() {
    hold(methods());
}

/// What is allowed to be sent by a page that may do all else.
const ALLOWED: &[(Profile, &[&str], Codes)] = &[
    (COS, &[], &["H01"]),
    (COS, &["*"], &[]),
    (COS, &["Content-Type"], &["H02"]),
    (COS, &["Content-Type", "Authorization", "x-cos-acl"], &[]),
    (S3, &["content-type", "authorization", "x-amz-*"], &[]),
    (S3, &["content-*", "auth*", "x-*"], &[]),
    (
        S3,
        &["content-type", "authorization", "x-cos-acl"],
        &["H02"],
    ),
    (COS, &["Content-Type", "Authorization", "x-cos-*"], &["H04"]),
    (COS, &["*", "*-md5"], &["H04"]),
    (COS, &["*", "Origin"], &["H06"]),
    (COS, &["*", "accept"], &["H06"]),
    (COS, &["*", "Sec-Fetch-Mode"], &["H06"]),
    (COS, &["*", "Access-Control-Request-Method"], &["H06"]),
    (COS, &["*", "range", "User-Agent"], &["H16"]),
    (COS, &["*", "*"], &["H16"]),
    (COS, &["*", "Origin", "x-cos-acl"], &["H06", "H16"]),
    (S3, &["*", "x-amz-*"], &["H16"]),
    (
        COS,
        &["Content-Type", "authorization", "x-cos-acl", "content-type"],
        &["H16"],
    ),
    (COS, &["*", "etag"], &["H07"]),
    (COS, &["*", "Access-Control-Allow-Origin"], &["H07"]),
    (COS, &["*", "x-cos-request-id"], &["H07"]),
    (S3, &["*", "x-cos-request-id"], &["H16"]),
    (COS, &["*", "Last-Modified"], &["H07"]),
];

fn allowed() -> Vec<Case> {
    let case = |&(profile, headers, codes): &(Profile, &[&str], Codes)| Case {
        profile,
        // Caches keep no answers to them, so `Vary` is no subject.
        configuration: document(
            [with_methods(&["PUT", "POST", "DELETE"])
                .with_allowed_headers(headers.iter().copied())],
            None,
        ),
        codes,
    };
    ALLOWED.iter().map(case).collect()
}

/// What a page may read, and what else it may send.
const EXPOSED: &[(&[&str], &[&str], Codes)] = &[
    (&["GET", "HEAD"], &[], &[]),
    (&["POST"], &["ETag"], &["H11"]),
    (&["POST"], &["X-COS-Request-ID"], &[]),
    (&["PUT", "POST", "DELETE"], &["x-cos-request-id"], &["H09"]),
    (
        &["PUT", "POST", "DELETE"],
        &["x-cos-request-id", "etag"],
        &[],
    ),
    (
        &["HEAD"],
        &["x-cos-meta-a", "Date", "Content-Encoding"],
        &[],
    ),
    (&["HEAD"], &["ETag", "Date", "etag"], &["H16"]),
    (&["HEAD"], &["Expires", "expires"], &["H12", "H12"]),
    (&["HEAD"], &["Content-Type"], &["H12"]),
    (&["HEAD"], &["content-length", "Expires"], &["H12", "H12"]),
    (&["HEAD"], &["Set-Cookie"], &["H13"]),
    (&["HEAD"], &["set-cookie2"], &["H13"]),
    (&["HEAD"], &["Access-Control-Allow-Origin"], &["H07"]),
    (&["HEAD"], &["Authorization"], &["H07"]),
    (&["HEAD"], &["Cookie"], &["H07"]),
];

fn exposed() -> Vec<Case> {
    let case = |&(methods, headers, codes): &(&[&str], &[&str], Codes)| {
        on_cos(
            with_methods(methods).with_expose_headers(headers.iter().copied()),
            codes,
        )
    };
    EXPOSED.iter().map(case).collect()
}

/// Players ask for parts.
fn ranges() -> Vec<Case> {
    let rule = |range: &str, exposed: &[&str]| {
        with_methods(&["GET", "HEAD"])
            .with_allowed_headers([range])
            .with_expose_headers(exposed.iter().copied())
    };
    vec![
        on_cos(rule("Range", &[]), &["H10"]),
        on_cos(rule("range", &["content-range"]), &["H10"]),
        on_cos(rule("range", &["content-range", "accept-ranges"]), &[]),
        on_cos(rule("*", &[]), &[]),
        on_cos(rule("if-range", &[]), &[]),
    ]
}

/// One that is allowed or exposed anyway, or can't be, is only left out.
#[test]
fn a_header_is_put_on_the_other_side_only_if_that_helps() {
    let left = |rule: Rule| {
        let configuration = document([rule], Some(true));
        let findings = configuration.lint(COS);
        let finding = findings.iter().find(|finding| finding.code() == "H07");
        let fix = finding.and_then(Finding::fix).expect("a fix");
        fix.apply(&configuration).rules.remove(0)
    };
    for name in ["Last-Modified", "Set-Cookie", "ETag"] {
        let rule = sensible().with_allowed_headers(["a", name]);
        let expected = sensible().with_allowed_headers(["a"]);
        assert_eq!(left(rule), expected, "{name}");
    }
    for (allowed, name) in [("a", "Accept"), ("a", "Cookie"), ("Auth*", "Authorization")] {
        let rule = sensible().with_allowed_headers([allowed]);
        let exposing = rule.clone().with_expose_headers([name]);
        let without = rule.with_expose_headers([""; 0]);
        assert_eq!(left(exposing), without, "{name}");
    }
}

/// Browsers ask before each.
#[test]
fn methods_and_headers_that_need_preflights_need_an_age() {
    let rule = |method| {
        let mut rule = sensible_for(&["https://app.example.com"], &[method]);
        rule.max_age_seconds = None;
        rule.allowed_headers.clear();
        rule
    };
    let has_a02 = |rule: Rule| {
        let found = document([rule], Some(true)).lint(COS);
        found.iter().any(|finding| finding.code() == "A02")
    };
    for method in ["PUT", "DELETE"] {
        assert!(has_a02(rule(method)), "{method}");
    }
    for method in ["GET", "HEAD", "POST"] {
        assert!(!has_a02(rule(method)), "{method}");
        assert!(has_a02(rule(method).with_allowed_headers(["x-a"])));
    }
}

/// A form can be posted without PUT.
#[test]
fn headers_of_uploads_are_looked_for_with_each_of_their_methods() {
    for (method, codes) in [
        ("PUT", &["M05", "H02"][..]),
        ("POST", &["H02"]),
        ("DELETE", &[]),
    ] {
        let rule = with_methods(&[method]).with_allowed_headers(["Content-Type"]);
        hold([on_cos(rule, codes)]);
    }
}

/// A DELETE has no Content-Type.
#[test]
fn a_rule_for_delete_needs_no_headers() {
    for (methods, codes) in [(&["DELETE"], &[][..]), (&["POST"], &["H01"])] {
        let rule = with_methods(methods).with_allowed_headers([""; 0]);
        hold([on_cos(rule, codes)]);
    }
}

#[test]
fn headers_that_pages_will_miss() {
    hold(allowed());
    hold(exposed());
    hold(ranges());
}

const AGES: &[(Option<i64>, Codes)] = &[
    (None, &["A02"]),
    (Some(0), &["A03"]),
    (Some(1), &[]),
    (Some(600), &[]),
    (Some(7200), &[]),
    (Some(7201), &["A01"]),
    (Some(86_400), &["A01"]),
    (Some(86_401), &["A01"]),
];

fn ages() -> Vec<Case> {
    let case = |&(age, codes): &(Option<i64>, Codes)| {
        let mut rule = sensible();
        rule.max_age_seconds = age;
        on_cos(rule, codes)
    };
    AGES.iter().map(case).collect()
}

/// Where browsers never ask first, they keep nothing.
#[test]
fn without_preflights_no_age_matters() {
    for &(age, _) in AGES {
        let mut rule = with_origins(&["https://app.example.com"]);
        rule.max_age_seconds = age;
        hold([on_cos(rule, &[])]);
    }
}

/// The profile, the origins of each rule, all for GET, `ResponseVary`, and what is found.
type Kept = (
    Profile,
    &'static [&'static [&'static str]],
    Option<bool>,
    Codes,
);

const VARY: &[Kept] = &[
    (COS, &[&["https://a.example.com"]], None, &["V01"]),
    (COS, &[&["https://a.example.com"]], Some(false), &["V01"]),
    (COS, &[&["https://a.example.com"]], Some(true), &[]),
    (
        COS,
        &[&["https://a.example.com"], &["https://a.example.com"]],
        None,
        &["V01", "R01"],
    ),
    (
        COS,
        &[&["https://a.example.com", "https://b.example.com"]],
        None,
        &["V03"],
    ),
    (
        COS,
        &[&["https://a.example.com"], &["https://b.example.com"]],
        None,
        &["V03", "R11"],
    ),
    (COS, &[&["https://*.a.example.com"]], None, &["V03"]),
    (
        COS,
        &[&["https://a.example.com"], &["*"]],
        None,
        &["V03", "C01"],
    ),
    // No answer is made for what no browser sends.
    (COS, &[&["https://a.example.com/"]], None, &["O01"]),
    (
        COS,
        &[&["https://a.example.com", "a.example.com", ""]],
        None,
        &["V01", "O03", "O15"],
    ),
    (
        COS,
        &[&["null", "https://b.test,"]],
        None,
        &["V01", "O17", "O14"],
    ),
    (S3, &[&["https://A.example.com"]], None, &["O05"]),
    (S3, &[&["https://me@a.example.com"]], None, &["O02"]),
    (S3, &[&["https://"]], None, &["O02"]),
    (S3, &[&["https://b\u{fc}cher.example"]], None, &["O16"]),
    (S3, &[&["https://a.example.com:443"]], None, &["O04"]),
    (S3, &[&["*b\u{fc}cher.com"]], None, &["O03", "O16"]),
    (S3, &[&["app://pages'"]], None, &["O02"]),
    (S3, &[&["app://pages:1'"]], None, &["O02"]),
    (S3, &[&["app://b\u{fc}cher"]], None, &["O16"]),
    (S3, &[&["https://https://a.test"]], None, &["O02"]),
    (S3, &[&["https://a.test:1\u{200b}"]], None, &["O02"]),
    (COS, &[&["*"]], None, &["C01"]),
    (COS, &[&["*"]], Some(false), &["C01"]),
    (COS, &[&["*"]], Some(true), &["V04", "C01"]),
    (
        COS,
        &[&["*"], &["https://a.example.com"]],
        Some(true),
        &["V04", "C01", "R01", "R02"],
    ),
    (
        COS,
        &[&["*"], &["https://a.example.com", "https://b.example.com"]],
        None,
        &["C01", "R01", "R02"],
    ),
    (
        COS,
        &[
            &["https://a.example.com"],
            &["*"],
            &["https://b.example.com"],
        ],
        Some(true),
        &["C01", "R01", "R02"],
    ),
    (
        S3,
        &[&["*"], &["https://a.example.com"]],
        None,
        &["C01", "R01", "R02"],
    ),
    (S3, &[&["https://a.example.com"]], None, &["V02"]),
    (S3, &[&["*"]], None, &["C01"]),
    (
        S3,
        &[&["https://a.example.com"]],
        Some(true),
        &["V02", "R10"],
    ),
    (S3, &[&["*"]], Some(false), &["R10", "C01"]),
];

fn vary() -> Vec<Case> {
    let case = |&(profile, rules, vary, codes): &Kept| Case {
        profile,
        configuration: document(rules.iter().map(|origins| with_origins(origins)), vary),
        codes,
    };
    VARY.iter().map(case).collect()
}

#[test]
fn answers_that_are_kept_too_long_or_for_the_wrong_page() {
    hold(ages());
    hold(vary());
}

/// A GET is answered by the first rule that lists it, if that is for `*`; only what a preflight asks
/// for can pass it by.
#[test]
fn rules_behind_a_star_are_kept_from_caches() {
    let rule = |origins: &[&str], methods: &[&str]| {
        sensible_for(origins, methods).with_allowed_headers(["*"])
    };
    let star = |methods: &[&str]| rule(&["*"], methods).with_allowed_headers([""; 0]);
    let named = |methods: &[&str]| rule(&["https://a.test"], methods);
    for (rules, vary, code) in [
        (
            vec![star(&["GET", "HEAD"]), named(&["GET", "HEAD"])],
            None,
            None,
        ),
        (
            vec![star(&["GET"]), named(&["GET", "HEAD"])],
            None,
            Some("V03"),
        ),
        (
            vec![star(&["GET", "HEAD"]), named(&["GET", "HEAD"])],
            Some(true),
            Some("V04"),
        ),
        (
            vec![star(&["GET"]), named(&["GET", "HEAD"])],
            Some(true),
            None,
        ),
        // That one is answered by name.
        (
            vec![star(&["GET", "HEAD"]), named(&["GET", "PUT"])],
            Some(true),
            None,
        ),
        (vec![named(&["GET"]), star(&["GET"])], Some(true), None),
        (vec![star(&["PUT"]), named(&["GET"])], None, Some("V01")),
    ] {
        let configuration = document(rules, vary);
        let findings = configuration.lint(COS);
        let of_caches = findings
            .iter()
            .map(Finding::code)
            .find(|code| code.starts_with('V'));
        assert_eq!(of_caches, code, "{configuration:?}");
    }
}

/// A rule without preflights has no use for a `MaxAgeSeconds`, and caches keep no answer to PUT.
#[test]
fn what_has_no_effect_is_not_missed() {
    let download = Rule::new(["https://a.example.com"], ["GET", "HEAD"]);
    hold([on_cos(download, &[])]);
    let upload = with_methods(&["PUT", "POST", "DELETE"]);
    for profile in [COS, S3] {
        hold([Case {
            profile,
            configuration: document([upload.clone()], None),
            codes: &[],
        }]);
    }
}

/// Two `*` are a fault, and nothing else is said of them.
#[test]
fn faults_are_not_repeated() {
    for (origin, header) in [("*://*", "**"), ("https://*.*", "x-*-*")] {
        let rule = sensible_for(&[origin], ALL).with_allowed_headers(["*", header]);
        let configuration = document([rule], Some(true));
        assert!(RuleSet::compile(&configuration, COS).is_err());
        assert_eq!(configuration.lint(COS), []);
    }
}

// ---- The table of lints ----

/// Under what the rules do to each other; `tests/lint_rules.rs` holds that against the definition.
fn rules() -> Vec<Case> {
    let id = |origin: &str, id: &str| with_origins(&[origin]).with_id(id);
    let get = |origin: &str| Rule::new([origin], ["GET", "HEAD"]).with_max_age_seconds(60);
    let (a, b) = ("https://a.example.com", "https://b.example.com");
    let every = "https://*.a.example.com";
    let one = "https://x.a.example.com";
    let cases: [(Vec<Rule>, Codes); 9] = [
        (vec![id(a, "app"), id(b, "app")], &["R11", "R05"]),
        (vec![id(a, "app"), get(b).with_id("App")], &[]),
        (vec![with_origins(&[every, a]), get(one)], &["R01"]),
        (vec![get(one), with_origins(&[every, a])], &[]),
        (vec![with_origins(&[every, one, a])], &["O22"]),
        (vec![with_origins(&[a, a])], &["O22"]),
        (vec![get(a), with_origins(&[a, b])], &["R13"]),
        (vec![get(b), with_origins(&["*"])], &["C01"]),
        (
            vec![with_origins(&["*"]), get(b)],
            &["V04", "C01", "R01", "R02"],
        ),
    ];
    let case = |(rules, codes)| Case {
        profile: COS,
        configuration: document(rules, Some(true)),
        codes,
    };
    cases.into_iter().map(case).collect()
}

#[test]
fn rules_that_are_in_each_others_way() {
    hold(rules());
}

#[test]
fn every_lint_is_shown() {
    let tables = [
        origins(),
        writing(),
        methods(),
        allowed(),
        exposed(),
        ranges(),
        ages(),
        vary(),
        rules(),
    ];
    let cases = tables.iter().flatten();
    let shown: BTreeSet<&str> = cases.flat_map(|case| case.codes).copied().collect();
    for lint in Lint::ALL {
        let code = lint.code();
        assert!(shown.contains(code), "{code}");
    }
}

#[test]
fn codes_are_a_letter_and_two_digits_once_each() {
    let codes: BTreeSet<&str> = Lint::ALL.iter().map(|lint| lint.code()).collect();
    assert_eq!(codes.len(), Lint::ALL.len());
    for code in codes {
        let mut chars = code.chars();
        assert!(
            chars.next().is_some_and(|c| c.is_ascii_uppercase()),
            "{code}"
        );
        assert!(
            chars.as_str().len() == 2 && chars.all(|c| c.is_ascii_digit()),
            "{code}"
        );
    }
}

#[track_caller]
fn is_a_line(text: &str) {
    assert!(!text.is_empty());
    assert!(text.bytes().all(|b| matches!(b, 0x20..=0x7E)), "{text}");
}

#[test]
fn texts_are_sentences() {
    for lint in Lint::ALL {
        is_a_line(lint.why());
        assert!(lint.why().ends_with('.'), "{lint}");
        assert_eq!(lint.to_string(), lint.code());
    }
}

#[track_caller]
fn reads_well(finding: &Finding) {
    let message = finding.message();
    is_a_line(message);
    assert!(!message.ends_with('.'), "{message}");
    is_a_line(&finding.to_string());
}

#[test]
fn messages_are_one_line_of_printable_ascii() {
    let long = format!("https://{}\u{fc}/\u{7}\n", "a".repeat(200));
    let strange = [
        "https://\u{fc}.example/\"\\",
        "\u{1F980}*",
        "a\u{85}b",
        &long,
    ];
    for origin in strange {
        let findings = document([with_origins(&[origin])], None).lint(COS);
        assert_ne!(findings, [], "{origin}");
        findings.iter().for_each(reads_well);
        assert!(findings.iter().all(|finding| finding.message().len() < 700));
    }
}

#[test]
fn severities_are_ordered_by_how_sure_they_are() {
    assert!(Severity::Hint < Severity::Warning && Severity::Warning < Severity::Error);
    assert_eq!(Severity::Warning.to_string(), "warning");
}

// ---- Places ----

#[test]
fn findings_stand_in_document_order() {
    let rules = [
        with_origins(&["https://a.example.com", "https://b.example.com/"])
            .with_allowed_headers(["x-a"])
            .with_max_age_seconds(0),
        Rule::new(["https://c.example.com/"], ["GET", "GET"]),
    ];
    let found = document(rules, None).lint(COS);
    let places: Vec<_> = found
        .iter()
        .map(|finding| {
            let place = finding.place();
            (finding.code(), place.rule, place.element, place.value)
        })
        .collect();
    assert_eq!(
        places,
        [
            ("V01", None, Element::ResponseVary, None),
            ("O01", Some(0), Element::AllowedOrigin, Some(1)),
            ("A03", Some(0), Element::MaxAgeSeconds, None),
            ("O01", Some(1), Element::AllowedOrigin, Some(0)),
            ("M04", Some(1), Element::AllowedMethod, None),
            ("M06", Some(1), Element::AllowedMethod, Some(1)),
        ]
    );
}

// ---- Fixes ----

/// The origins of a rule after the safe fixes, and after the first fix that guesses at them.
#[track_caller]
fn mended(origins: &[&str], safely: &[&str], otherwise: Option<&[&str]>) {
    let configuration = document([with_origins(origins)], Some(true));
    let fixed = configuration.fixed(COS);
    assert_eq!(fixed.rules[0].allowed_origins, safely, "{origins:?}");
    let findings = fixed.lint(COS);
    let guesses = findings.iter().filter_map(Finding::fix);
    let mut after = guesses.map(|fix| fix.apply(&fixed).rules.remove(0).allowed_origins);
    let guess = after.find(|after| after != safely); // others are about something else
    let guess = guess.as_ref();
    assert_eq!(
        guess.map(|guess| guess.iter().map(String::as_str).collect()),
        otherwise.map(Vec::from),
        "{origins:?}"
    );
}

#[test]
fn origins_are_mended_without_asking_where_nothing_is_in_doubt() {
    mended(
        &["https://app.example.com/"],
        &["https://app.example.com"],
        None,
    );
    mended(
        &["HTTPS://App.example.com:443/"],
        &["https://app.example.com"],
        None,
    );
    mended(
        &["https://*.App.example.com"],
        &["https://*.app.example.com"],
        None,
    );
    mended(
        &["https://app.example.com:"],
        &["https://app.example.com"],
        None,
    );
    // The host of an app's own scheme keeps its case.
    mended(&["APP://Pages"], &["app://Pages"], None);
    mended(
        &["", "https://app.example.com", ""],
        &["https://app.example.com"],
        None,
    );
    let beside = ["*", "null", "", "https://a.example.com/"];
    mended(&beside, &beside, Some(&["*"]));
}

/// Of another configuration than was linted, no more is changed than it has.
#[test]
fn what_is_not_there_is_not_changed() {
    let slash = with_origins(&["https://a.example.com", "https://b.example.com/"]);
    let twice = document([slash.clone(), slash.clone()], Some(true));
    let findings = twice.lint(COS);
    let fixes = |code| {
        let findings = findings
            .iter()
            .filter(move |finding| finding.code() == code);
        findings.map(|finding| finding.fix().unwrap())
    };
    assert_eq!(findings.len(), 3, "{findings:?}");
    let one = document([slash], Some(true));
    let removed = fixes("R01").next().unwrap();
    assert_eq!(removed.apply(&twice), one);
    assert_eq!(removed.apply(&one), one);
    assert_eq!(
        removed.apply(&Configuration::default()),
        Configuration::default()
    );

    let shorter = document([with_origins(&["https://a.example.com"])], Some(true));
    for fix in fixes("O01") {
        assert_eq!(fix.apply(&shorter), shorter);
    }
    let beside = with_origins(&["https://a.example.com", "https://a.example.com"]);
    let findings = document([beside], Some(true)).lint(COS);
    assert_eq!(findings[0].fix().unwrap().apply(&shorter), shorter);
}

/// Whichever of a value's findings is mended, and in whatever order, nothing is left of them.
#[test]
fn findings_about_one_spelling_have_one_fix() {
    for (origin, mended, is_safe) in [
        (
            "https://app.example.com:443/",
            "https://app.example.com",
            true,
        ),
        (
            "HTTPS://App.example.com:443/",
            "https://app.example.com",
            true,
        ),
        ("http*://App.example.com/", "http*://app.example.com", true),
        ("*/app.Example.com/", "*/app.example.com", true),
        ("http*.app.Example.com", "http*.app.example.com", true),
        (
            "https://App.example.com:443/x",
            "https://app.example.com",
            false,
        ),
        (
            "https://me@App.example.com:443",
            "https://app.example.com",
            false,
        ),
        ("*.App.example.com/", "https://*.app.example.com", false),
        ("*:443", "https://*", false),
        ("HTTPS://*:443/", "https://*", false),
    ] {
        let configuration = document([with_origins(&[origin])], Some(true));
        let findings = configuration.lint(COS);
        let spelling = ["O01", "O02", "O03", "O04", "O05"];
        let findings = findings
            .iter()
            .filter(|finding| spelling.contains(&finding.code()));
        assert_ne!(findings.clone().count(), 0, "{origin}");
        for finding in findings {
            let fix = finding.fix().expect(origin);
            let after = fix.apply(&configuration).rules.remove(0).allowed_origins;
            assert_eq!(after, [mended], "{finding}");
            assert_eq!(fix.is_safe(), is_safe, "{finding}");
        }
    }
}

/// With the scheme that it lacks as well, which its other finding is about.
#[test]
fn a_label_that_is_glued_is_parted() {
    let configuration = document([with_origins(&["*example.com"])], Some(true));
    let findings = configuration.lint(COS);
    let parted = findings.iter().find(|finding| finding.code() == "O08");
    let after = parted.unwrap().fix().unwrap().apply(&configuration);
    assert_eq!(after.rules[0].allowed_origins, ["https://*.example.com"]);
}

/// A value that let nobody in may not let in everybody, or what nobody owns, without being asked.
#[test]
fn nothing_is_opened_without_asking() {
    for (origin, guess) in [
        ("https://*/", "https://*"),
        ("HTTPS://*", "https://*"),
        ("https://*:443", "https://*"),
        ("https://*.COM", "https://*.com"),
        ("https://*.co.at/", "https://*.co.at"),
        ("https://*.GOV.sg", "https://*.gov.sg"),
        ("chrome-extension://*/", "chrome-extension://*"),
        ("https://*.github.io/", "https://*.github.io"),
        ("https://*./", "https://*."),
        ("https://*.com./", "https://*.com."),
        ("https://*.github.io.:443", "https://*.github.io."),
        ("*/", "*"),
        ("NULL", "null"),
    ] {
        let configuration = document([with_origins(&[origin])], Some(true));
        assert_eq!(configuration.fixed(COS), configuration, "{origin}");
        let findings = configuration.lint(COS);
        let fixes = findings.iter().filter_map(Finding::fix);
        let mut results =
            fixes.map(|fix| fix.apply(&configuration).rules.remove(0).allowed_origins);
        assert!(results.any(|origins| origins == [guess]), "{origin}");
    }
    // What a placeholder stood for nobody knows, nor where a name ends that a `*` stands in.
    for origin in [
        "https://${HOST}",
        "{{domain}}",
        "https://<host>",
        "<YOUR_DOMAIN>",
        "^https://example\\.com$",
        "https://(www.)?example.com",
        "https://https://",
        "\u{200b}",
        "https://app*example.com",
        "https://*-example.com",
        "HTTPS://",
        "app:///x",
        "blob:https://a.example.com",
        "x/https://a.example.com",
    ] {
        mended(&[origin], &[origin], None);
    }
    mended(&["null/"], &["null/"], Some(&["null"]));
    mended(&["null"], &["null"], None);
    mended(
        &["null", "https://a.example.com"],
        &["null", "https://a.example.com"],
        Some(&["https://a.example.com"]),
    );
    mended(&[""], &[""], None);
    mended(&["", ""], &["", ""], None);
}

/// A value, and those that were probably meant.
const GUESSES: &[(&str, &[&str])] = &[
    ("example.com", &["https://example.com"]),
    ("localhost:3000", &["http://localhost:3000"]),
    ("https:example.com", &["https://example.com"]),
    ("http//example.com", &["http://example.com"]),
    ("*.example.io", &["https://*.example.io"]),
    ("https//b.example.com", &["https://b.example.com"]),
    ("https:/b.example.com", &["https://b.example.com"]),
    ("htps:/b.example.com", &["https://b.example.com"]),
    ("htpp:8080", &["https://htpp:8080"]),
    ("://b.example.com", &["https://b.example.com"]),
    ("https:\\\\b.example.com", &["https://b.example.com"]),
    ("HTTP:/B.example.com:80/", &["http://b.example.com"]),
    ("Example.com/x", &["https://example.com"]),
    ("htps://example.com:443", &["https://example.com"]),
    ("htp://localhost:3000/", &["http://localhost:3000"]),
    ("HTPS:/Example.com", &["https://example.com"]),
    ("https://a..example.com/", &["https://a.example.com"]),
    ("https://example.com\\x", &["https://example.com"]),
    ("http://::1:3000", &["http://[::1]:3000"]),
    ("https://2001:db8::1/", &["https://[2001:db8::1]"]),
    ("https://example.com:080", &["https://example.com:80"]),
    ("https://example.com:0443", &["https://example.com"]),
    (
        "https://app.example.com.",
        &["https://app.example.com.", "https://app.example.com"],
    ),
    ("wss://Example.com/socket", &["https://example.com"]),
    ("ws://localhost:3000", &["http://localhost:3000"]),
    ("https://https://example.com/", &["https://example.com"]),
    ("http://https://*.example.com", &["https://*.example.com"]),
    (
        "HTTPS://Https://https://Example.com",
        &["https://example.com"],
    ),
    ("https://https//example.com", &["https://example.com"]),
    ("https://http:localhost:3000", &["http://localhost:3000"]),
    (
        "\u{202a}https://example.com\u{202c}",
        &["https://example.com"],
    ),
    ("https://exam\u{200d}ple.com", &["https://example.com"]),
    ("https://example.com/(app)/%a%", &["https://example.com"]),
    (
        "https://a.example.com\u{a0}https://b.example.com",
        &["https://a.example.com", "https://b.example.com"],
    ),
    (
        "https://a.example.com\u{200b},https://b.example.com",
        &["https://a.example.com", "https://b.example.com"],
    ),
    (
        "https://a.example.com,https://b.testhttps://c.test",
        &["https://a.example.com", "https://b.testhttps://c.test"],
    ),
    (
        "'https://a.example.com/',https://https://b.example.com",
        &["https://a.example.com", "https://b.example.com"],
    ),
    ("\u{feff}example.com\u{200b}", &["https://example.com"]),
    ("https://exam\u{ad}ple.com", &["https://example.com"]),
    ("\"https://example.com\"", &["https://example.com"]),
    ("<'https://Example.com:443/x'>", &["https://example.com"]),
    ("'example.com'", &["https://example.com"]),
    (
        "\u{201c}https://example.com\u{201d}",
        &["https://example.com"],
    ),
    ("https://example.com\"", &["https://example.com"]),
    ("'*'", &["*"]),
    (
        "\"https://a.example.com\", \"https://b.example.com\"",
        &["https://a.example.com", "https://b.example.com"],
    ),
    (
        "https://me@example.com:8443/x?y",
        &["https://example.com:8443"],
    ),
    ("https://example.com/*", &["https://example.com"]),
    ("https://example.com*", &["https://example.com"]),
    ("http://localhost*", &["http://localhost:*"]),
    ("https://*example.com", &["https://*.example.com"]),
    (
        "http*://app.example.com:8443",
        &["https://app.example.com:8443"],
    ),
    (
        "https://*.example.com:8443",
        &["https://*.example.com:8443", "https://example.com:8443"],
    ),
    (
        "http://example.com",
        &["http://example.com", "https://example.com"],
    ),
    (
        "https://a.example.com, https://b.example.com;*",
        &["https://a.example.com", "https://b.example.com", "*"],
    ),
];

#[test]
fn guesses_are_what_was_probably_meant() {
    for (origin, guess) in GUESSES {
        mended(&[origin], &[origin], Some(guess));
    }
}

#[test]
fn the_rest_is_mended_where_nothing_is_in_doubt() {
    let rule = with_methods(&["HEAD", "PUT", "HEAD", "POST", "HEAD", "PUT", "DELETE"])
        .with_expose_headers(["Content-Type", "x-cos-request-id", "Set-Cookie"]);
    let expected = with_methods(&["HEAD", "PUT", "POST", "DELETE"])
        .with_expose_headers(["x-cos-request-id", "ETag"]);
    let fixed = document([rule], Some(true)).fixed(COS);
    assert_eq!(fixed, document([expected], Some(true)));

    let twice = sensible()
        .with_allowed_headers(["*", "x-a", "X-B"])
        .with_expose_headers(["x-cos-request-id", "ETag", "etag", "Etag"]);
    let once = sensible().with_expose_headers(["x-cos-request-id", "ETag"]);
    let fixed = document([twice], Some(true)).fixed(COS);
    assert_eq!(fixed, document([once], Some(true)));

    let named = document([with_origins(&["https://a.example.com"])], Some(false));
    assert_eq!(named.fixed(S3).response_vary, None);
    assert_eq!(named.fixed(COS), named);
}

#[test]
fn the_rest_is_guessed() {
    let guessed = |configuration: &Configuration, profile, code| {
        let findings = configuration.lint(profile);
        let finding = findings.iter().find(|finding| finding.code() == code);
        let fix = finding.and_then(Finding::fix).expect("a fix");
        assert!(!fix.is_safe());
        fix.apply(configuration)
    };
    let rule = |rule: Rule, profile, code| {
        let changed = guessed(&document([rule], Some(true)), profile, code);
        changed.rules.into_iter().next().unwrap()
    };
    let sent = |headers: &[&str]| sensible().with_allowed_headers(headers.iter().copied());
    let read = |headers: &[&str]| sensible().with_expose_headers(headers.iter().copied());

    assert_eq!(rule(sent(&[]), COS, "H01").allowed_headers, ["*"]);
    assert_eq!(
        rule(sent(&["content-type"]), S3, "H02").allowed_headers,
        ["content-type", "authorization", "x-amz-*"]
    );
    // What COS is not known to read is not put there.
    assert_eq!(
        rule(sent(&["content-type"]), COS, "H02").allowed_headers,
        ["content-type", "*"]
    );
    assert_eq!(rule(sent(&["x-cos-*"]), COS, "H04").allowed_headers, ["*"]);
    assert_eq!(
        rule(sent(&["*", "Host"]), COS, "H06").allowed_headers,
        ["*"]
    );
    let moved = rule(sent(&["*", "Location"]), COS, "H07");
    assert_eq!(moved.allowed_headers, ["*"]);
    assert_eq!(moved.expose_headers.last().unwrap(), "Location");
    let moved = rule(
        read(&["Authorization"]).with_allowed_headers(["a"]),
        COS,
        "H07",
    );
    assert_eq!(moved.allowed_headers, ["a", "Authorization"]);
    assert!(moved.expose_headers.is_empty());
    assert_eq!(
        rule(read(&["etag"]), COS, "H11").expose_headers,
        ["etag", "x-cos-request-id"]
    );
    assert_eq!(
        rule(with_methods(&["PUT"]), COS, "M05").allowed_methods,
        ["PUT", "POST", "DELETE"]
    );
    assert_eq!(
        rule(with_methods(&["GET"]), COS, "M04").allowed_methods,
        ["GET", "HEAD"]
    );
    assert_eq!(
        rule(sensible().with_max_age_seconds(0), COS, "A03").max_age_seconds,
        Some(600)
    );
    assert_eq!(
        rule(sensible().with_max_age_seconds(99_999), COS, "A01").max_age_seconds,
        Some(7_200)
    );

    // Firefox keeps it that long.
    let long = document([sensible().with_max_age_seconds(86_400)], Some(true));
    assert_eq!(long.lint(COS)[0].fix(), None);

    let silent = document([sensible()], None);
    assert_eq!(guessed(&silent, COS, "V01").response_vary, Some(true));
    let pointless = document([with_origins(&["*"])], Some(true));
    assert_eq!(guessed(&pointless, COS, "V04").response_vary, None);
}

// ---- Laws ----

/// Pieces that make origins of every kind of wrong.
fn nasty_origins() -> impl Strategy<Value = Vec<String>> {
    const PIECES: &[&str] = &[
        "*",
        "https",
        "http",
        "HTTPS",
        "://",
        "//",
        ":",
        "/",
        "example",
        ".com",
        ".co.uk",
        "null",
        "NULL",
        "www.",
        "localhost",
        "127.0.0.1",
        "[::1]",
        ":443",
        ":80",
        ":99999",
        ":080",
        "::1",
        "htps",
        "ftp",
        "@",
        ",",
        ";",
        "'",
        "<",
        ">",
        " ",
        "\\",
        "?",
        "#",
        "\u{fc}",
        "A",
        ".",
        "-",
        "github.io",
        "",
    ];
    let pieces = || vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat());
    let usual = select(&["*", "null", "", "https://a.example.com"][..]).prop_map(String::from);
    vec(prop_oneof![3 => pieces(), 1 => usual], 0..4)
}

fn nasty_headers() -> impl Strategy<Value = Vec<String>> {
    const NAMES: &[&str] = &[
        "*",
        "ETag",
        "etag",
        "Content-Type",
        "content-type",
        "Set-Cookie",
        "Origin",
        "Range",
        "x-cos-*",
        "x-amz-*",
        "authorization",
        "Access-Control-Allow-Origin",
        "x-cos-request-id",
        "a b",
        "",
    ];
    vec(select(NAMES).prop_map(String::from), 0..4)
}

fn nasty_rules() -> impl Strategy<Value = Rule> {
    const METHODS: &[&str] = &["GET", "HEAD", "PUT", "POST", "DELETE", "get"];
    let ages = prop_oneof![
        Just(None),
        select(&[-1, 0, 600, 7201, 86_401][..]).prop_map(Some)
    ];
    let methods = vec(select(METHODS), 0..4);
    (
        nasty_origins(),
        methods,
        nasty_headers(),
        nasty_headers(),
        ages,
    )
        .prop_map(|(origins, methods, sent, read, age)| {
            let mut rule = Rule::new(origins, methods)
                .with_allowed_headers(sent)
                .with_expose_headers(read);
            rule.max_age_seconds = age;
            rule
        })
}

fn nasty() -> impl Strategy<Value = (Configuration, Profile)> {
    let vary = select(&[None, Some(true), Some(false)][..]);
    let profiles = select(&[COS, S3][..]);
    let documents = (vec(nasty_rules(), 0..4), vary);
    let documents = documents.prop_map(|(rules, vary)| document(rules, vary));
    (documents, profiles)
}

proptest! {
    #![proptest_config(common::cases(2_000))]

    /// What was taken is still taken, and no safe fix is left.
    #[test]
    fn a_fixed_document_has_nothing_to_fix((before, profile) in nasty()) {
        let after = before.fixed(profile);
        let left = after.lint(profile);
        prop_assert!(left.iter().filter_map(Finding::fix).all(|fix| !fix.is_safe()), "{after:?}");
        if RuleSet::compile(&before, profile).is_ok() {
            prop_assert!(RuleSet::compile(&after, profile).is_ok(), "{after:?}");
        }
        prop_assert_eq!(after.fixed(profile), after);
    }

    /// Every fix changes something, and its finding is gone from there or has moved on.
    #[test]
    fn a_fix_changes_something((configuration, profile) in nasty()) {
        for finding in configuration.lint(profile) {
            reads_well(&finding);
            if let Some(fix) = finding.fix() {
                prop_assert_ne!(&fix.apply(&configuration), &configuration, "{}", finding);
            }
        }
    }

    /// An error is a value that never matches: without it nothing is answered otherwise.
    #[test]
    fn errors_match_nothing((configuration, profile) in nasty(), origin in nasty_origin()) {
        let Ok(rules) = RuleSet::compile(&configuration, profile) else {
            return Ok(());
        };
        for finding in configuration.lint(profile) {
            let place = finding.place();
            if finding.severity() != Severity::Error {
                continue;
            }
            prop_assert_eq!(place.element, Element::AllowedOrigin);
            let mut without = configuration.clone();
            let list = &mut without.rules[place.rule.unwrap()].allowed_origins;
            list[place.value.unwrap()] = "no-origin".to_owned();
            let without = RuleSet::compile(&without, profile).unwrap();
            let request = common::actual("GET", &origin);
            let answers = [&rules, &without].map(|rules| common::answer(&rules.evaluate(&request)));
            prop_assert_eq!(&answers[0], &answers[1], "{}", finding);
        }
    }
}

/// What browsers send.
fn nasty_origin() -> impl Strategy<Value = String> {
    const HOSTS: &[&str] = &[
        "example.com",
        "example.co.uk",
        "a.example.com",
        "www.example.com",
        "localhost",
        "a",
        "127.0.0.1",
        "[::1]",
        "example",
        "github.io",
    ];
    let ports = select(&["", ":8080", ":80", ":443"][..]);
    (select(&["http", "https"][..]), select(HOSTS), ports).prop_map(|(scheme, host, port)| {
        match (scheme, port) {
            ("http", ":80") | ("https", ":443") => format!("{scheme}://{host}"),
            _ => format!("{scheme}://{host}{port}"),
        }
    })
}

// ---- Messages ----

/// What is said of an origin, or of a rule, after `rule 1: `; the first line of that code.
#[track_caller]
fn says(rule: Rule, profile: Profile, line: &str) {
    let vary = (profile == COS).then_some(true);
    says_of(&document([rule], vary), profile, line);
}

#[track_caller]
fn says_of(configuration: &Configuration, profile: Profile, line: &str) {
    let found = configuration.lint(profile);
    let mut lines = found.iter().map(Finding::to_string);
    assert!(lines.any(|found| found == line), "{found:#?}");
}

const SPELLED: &[(&str, &str)] = &[
    (
        "https://https://example.com",
        r#"error[O02]: rule 1: "https://https://example.com" has two schemes: no browser sends that"#,
    ),
    (
        "https://example.com\u{200b}",
        r#"error[O02]: rule 1: "https://example.com\xe2\x80\x8b" has an invisible character: no browser sends that"#,
    ),
    (
        "https://${HOST}",
        r#"error[O02]: rule 1: "https://${HOST}" has a placeholder that was not filled in: no browser sends that"#,
    ),
    (
        "^https://example.com$",
        r#"error[O02]: rule 1: "^https://example.com$" reads like a regular expression, where a `*` is all there is: no browser sends that"#,
    ),
    (
        "wss://example.com",
        r#"warning[O03]: rule 1: "wss://example.com" begins with "wss": browsers send https or http"#,
    ),
    (
        "https://example.com/",
        r#"error[O01]: rule 1: "https://example.com/" ends in `/`: no browser sends that"#,
    ),
    (
        "https://example.com/x",
        r#"error[O02]: rule 1: "https://example.com/x" has a path: no browser sends that"#,
    ),
    (
        "https://example.com?x",
        r#"error[O02]: rule 1: "https://example.com?x" has a query: no browser sends that"#,
    ),
    (
        "https://example.com#x",
        r#"error[O02]: rule 1: "https://example.com#x" has a fragment: no browser sends that"#,
    ),
    (
        "https://me@example.com",
        r#"error[O02]: rule 1: "https://me@example.com" has user information: no browser sends that"#,
    ),
    (
        "https://:443",
        r#"error[O02]: rule 1: "https://:443" has no host: no browser sends that"#,
    ),
    (
        "'https://c.com'",
        r#"error[O02]: rule 1: "'https://c.com'" is in quotes: no browser sends that"#,
    ),
    (
        "\"https://c.com\"",
        r#"error[O02]: rule 1: "\"https://c.com\"" is in quotes: no browser sends that"#,
    ),
    (
        "<https://c.com>",
        r#"error[O02]: rule 1: "<https://c.com>" is in angle brackets: no browser sends that"#,
    ),
    (
        "https://c.com'",
        r#"error[O02]: rule 1: "https://c.com'" has a quotation mark or a bracket at an end: no browser sends that"#,
    ),
    (
        "https:\\\\c.com",
        r#"warning[O03]: rule 1: "https:\\\\c.com" has no `://`: no browser sends that"#,
    ),
    (
        "https:/c.com",
        r#"warning[O03]: rule 1: "https:/c.com" has no `://`: no browser sends that"#,
    ),
    (
        "example.com",
        r#"warning[O03]: rule 1: "example.com" has no scheme: no browser sends that"#,
    ),
    (
        "*.example.com",
        r#"warning[O03]: rule 1: "*.example.com" has no scheme, so that plain http is let in too"#,
    ),
    (
        "http://example.com:80",
        r#"error[O04]: rule 1: "http://example.com:80" names the port that http has anyway: browsers leave it out"#,
    ),
    (
        "http://example.com:",
        r#"error[O04]: rule 1: "http://example.com:" has a colon and no port: browsers leave it out"#,
    ),
    (
        "https://Example.com",
        r#"warning[O05]: rule 1: "https://Example.com" has upper case: browsers send lower case"#,
    ),
    (
        "https://a.test,https://b.test",
        r#"error[O14]: rule 1: "https://a.test,https://b.test" is more than one origin: each needs a value of its own"#,
    ),
    ("", "warning[O15]: rule 1: an empty origin matches nothing"),
    (
        "https://\u{fc}.test",
        r#"warning[O16]: rule 1: "https://\xc3\xbc.test" has a host that is not ASCII: browsers send its `xn--` form"#,
    ),
];

#[test]
fn messages_about_how_origins_are_spelled() {
    for (origin, line) in SPELLED {
        says(with_origins(&[*origin]), COS, line);
    }
}

#[test]
fn messages_about_schemes_hosts_and_ports() {
    for (origin, line) in [
        (
            "htps://c.com",
            r#"warning[O03]: rule 1: "htps://c.com" begins with "htps": browsers send https or http"#,
        ),
        (
            "https://c..com",
            r#"error[O02]: rule 1: "https://c..com" has an empty label in its host: no browser sends that"#,
        ),
        (
            "https://c<d.com",
            r#"error[O02]: rule 1: "https://c<d.com" has a character that no host has: no browser sends that"#,
        ),
        (
            "https://c.com\\",
            r#"error[O02]: rule 1: "https://c.com\\" has a backslash: no browser sends that"#,
        ),
        (
            "https://::1",
            r#"error[O02]: rule 1: "https://::1" has an IPv6 address without brackets: no browser sends that"#,
        ),
        (
            "https://c.com:1:2",
            r#"error[O02]: rule 1: "https://c.com:1:2" has more than one port: no browser sends that"#,
        ),
        (
            "https://c.com:99999",
            r#"error[O02]: rule 1: "https://c.com:99999" has a port that is no number from 1 to 65535: no browser sends that"#,
        ),
        (
            "https://c.com:080",
            r#"error[O02]: rule 1: "https://c.com:080" has a port that begins with 0: no browser sends that"#,
        ),
    ] {
        says(with_origins(&[origin]), COS, line);
    }
}

#[test]
fn messages_about_what_origins_let_in() {
    for (origin, line) in [
        (
            "https://example.com*",
            r#"warning[O07]: rule 1: "https://example.com*" takes "https://example.com.evil.example" too"#,
        ),
        (
            "https://www.*",
            r#"warning[O07]: rule 1: "https://www.*" takes "https://www.evil.example" too"#,
        ),
        (
            "https://*example.com",
            r#"warning[O08]: rule 1: "https://*example.com" takes "https://evilexample.com" too"#,
        ),
        (
            "https://app*example.com",
            r#"warning[O08]: rule 1: "https://app*example.com" takes "https://appevilexample.com" too"#,
        ),
        (
            "http*://example.com",
            r#"hint[O09]: rule 1: "http*://example.com" lets in pages that came over plain http"#,
        ),
        (
            "null",
            "warning[O17]: rule 1: `null` is what any sandboxed frame sends, whoever made it",
        ),
        (
            "http://example.com",
            r#"hint[O18]: rule 1: "http://example.com" is listed and "https://example.com" is not"#,
        ),
        (
            "https://*.example.com",
            r#"hint[O19]: rule 1: "https://*.example.com" does not take "https://example.com""#,
        ),
        (
            "https://a-*.pages.dev",
            r#"warning[O21]: rule 1: "https://a-*.pages.dev" takes "https://a-evil.pages.dev" too: anyone can get a name under pages.dev"#,
        ),
        (
            "https://*",
            r#"warning[C02]: rule 1: "https://*" takes nearly every site, with credentials"#,
        ),
        (
            "https://*.co.uk",
            r#"warning[C02]: rule 1: "https://*.co.uk" takes every site under "co.uk", with credentials"#,
        ),
        (
            "*",
            "hint[C01]: rule 1: browsers refuse the answer `*` where a page sends credentials",
        ),
        (
            "*",
            "hint[V04]: ResponseVary is true, and every origin is answered `*`",
        ),
    ] {
        says(with_origins(&[origin]), COS, line);
    }
    says(
        sensible_for(&["*"], ALL),
        COS,
        r#"warning[O10]: rule 1: "*" lets every site send PUT, POST, DELETE"#,
    );
    says(
        with_origins(&["*", "null"]),
        COS,
        "warning[O12]: rule 1: the origins beside `*` do nothing: leave them out, or put them in a rule before it if they send credentials",
    );
}

#[test]
fn messages_about_methods_and_headers() {
    for (methods, line) in [
        (
            &["GET"][..],
            "hint[M04]: rule 1: allows GET and not HEAD, with which players and download tools ask first",
        ),
        (
            &["PUT"],
            "hint[M05]: rule 1: allows PUT and neither POST nor DELETE, which a multipart upload needs too",
        ),
        (
            &["PUT", "POST"],
            "hint[M05]: rule 1: allows PUT and not DELETE, with which a multipart upload is given up",
        ),
        (
            &["PUT", "DELETE"],
            "hint[M05]: rule 1: allows PUT and not POST, with which a multipart upload begins and ends",
        ),
        (
            &["PUT", "PUT"],
            r#"hint[M06]: rule 1: "PUT" is listed already"#,
        ),
    ] {
        says(with_methods(methods), COS, line);
    }
    let sent = |headers: &[&str]| sensible().with_allowed_headers(headers.iter().copied());
    let read = |headers: &[&str]| sensible().with_expose_headers(headers.iter().copied());
    for (rule, profile, line) in [
        (
            sent(&[]),
            COS,
            "warning[H01]: rule 1: allows PUT, POST, DELETE and no AllowedHeader: a request with a Content-Type, such as an image's, is refused",
        ),
        (
            sent(&["a"]),
            S3,
            "hint[H02]: rule 1: does not allow content-type, authorization, x-amz-...: uploads send such headers",
        ),
        (
            sent(&["x-cos-*"]),
            COS,
            r#"warning[H04]: rule 1: "x-cos-*" leaves a part of a name open: COS documents `*` alone"#,
        ),
        (
            sent(&["accept"]),
            COS,
            r#"hint[H06]: rule 1: "accept" may be sent anyway: browsers don't ask for it"#,
        ),
        (
            sent(&["host"]),
            COS,
            r#"hint[H06]: rule 1: "host" can't be set by a page: browsers don't ask for it"#,
        ),
        (
            sent(&["etag"]),
            COS,
            r#"hint[H07]: rule 1: "etag" is a response header: no page sends it"#,
        ),
        (
            sent(&["access-control-max-age"]),
            COS,
            r#"hint[H07]: rule 1: "access-control-max-age" is what the answer says to the browser: no page sends it"#,
        ),
        (
            read(&["Origin"]),
            COS,
            r#"hint[H07]: rule 1: "Origin" is a request header: no answer has it"#,
        ),
        (
            read(&["access-control-max-age"]),
            COS,
            r#"hint[H07]: rule 1: "access-control-max-age" is for the browser: no page needs it"#,
        ),
        (
            read(&[]),
            COS,
            "warning[H09]: rule 1: allows PUT and does not expose ETag: a multipart upload can't be completed",
        ),
        (
            read(&[]).with_allowed_headers(["range"]),
            COS,
            "hint[H10]: rule 1: allows Range and does not expose Content-Range, Accept-Ranges",
        ),
        (
            read(&[]),
            S3,
            "hint[H11]: rule 1: does not expose x-amz-request-id, by which S3 finds a request that failed",
        ),
        (
            read(&["Expires"]),
            COS,
            r#"hint[H12]: rule 1: "Expires" need not be exposed: every page may read it"#,
        ),
        (
            read(&["Set-Cookie"]),
            COS,
            r#"warning[H13]: rule 1: "Set-Cookie" can't be exposed: no page may read it"#,
        ),
    ] {
        says(rule, profile, line);
    }
}

#[test]
fn messages_about_headers_that_add_nothing() {
    says(
        sensible().with_allowed_headers(["*", "x-a"]),
        COS,
        r#"hint[H16]: rule 1: "x-a" does nothing beside `*`"#,
    );
    says(
        sensible().with_expose_headers(["ETag", "etag"]),
        COS,
        r#"hint[H16]: rule 1: "etag" is listed already"#,
    );
}

#[test]
fn messages_about_caching() {
    let mut silent = sensible();
    silent.max_age_seconds = None;
    let aged = |seconds| sensible().with_max_age_seconds(seconds);
    for (rule, line) in [
        (
            silent,
            "hint[A02]: rule 1: has no MaxAgeSeconds: browsers ask again after 5 seconds",
        ),
        (
            aged(0),
            "hint[A03]: rule 1: MaxAgeSeconds of 0 has browsers ask before every request",
        ),
        (
            aged(7201),
            "hint[A01]: rule 1: MaxAgeSeconds of 7201 is more than the 7200 that Chromium keeps",
        ),
        (
            aged(86_401),
            "hint[A01]: rule 1: MaxAgeSeconds of 86401 is more than the 86400 that any browser keeps, and Chromium keeps 7200",
        ),
    ] {
        says(rule, COS, line);
    }
    let one = document([sensible()], Some(false));
    says_of(
        &one,
        COS,
        "warning[V01]: ResponseVary is not true: a cache may keep an answer without the origin that the page needs",
    );
    says_of(&one, S3, "warning[R10]: S3 does not know ResponseVary");
    says_of(
        &one,
        S3,
        "hint[V02]: answers to requests without an Origin carry no Vary: where a cache keeps one, put `crossorigin` on every <img> that is fetched as well",
    );
    let several = document([with_origins(&["https://*.example.com"])], None);
    says_of(
        &several,
        COS,
        "warning[V03]: ResponseVary is not true: a cache may give the answer for one origin to another",
    );
}

#[cfg(feature = "json")]
#[test]
fn programs_get_what_each_method_gives() {
    let configuration = document([with_origins(&["https://a.test/"])], Some(true));
    let finding = &configuration.lint(COS)[0];
    let value = serde_json::to_value(finding).unwrap();
    let edit = serde_json::json!({
        "place": {"rule": 0, "element": "AllowedOrigin", "value": 0},
        "value": "https://a.test",
    });
    let expected = serde_json::json!({
        "code": "O01",
        "severity": "error",
        "place": {"rule": 0, "element": "AllowedOrigin", "value": 0},
        "message": finding.message(),
        "why": Lint::TrailingSlash.why(),
        "fix": {"edits": [edit], "safe": true},
    });
    assert_eq!(value, expected);
}

// ---- The page ----

#[cfg(all(feature = "xml", feature = "json"))]
mod page {
    use std::collections::BTreeMap;

    use bucket_cors::{Configuration, Finding, Lint, Profile};

    const PAGE: &str = include_str!("../docs/lints.md");

    /// What stands under each code.
    fn sections() -> BTreeMap<&'static str, &'static str> {
        let sections = PAGE.split("\n### ").skip(1);
        sections
            .map(|section| section.split_once('\n').unwrap())
            .collect()
    }

    #[test]
    fn each_lint_has_a_section_that_says_what_it_says() {
        let sections = sections();
        assert_eq!(sections.len(), Lint::ALL.len());
        for lint in Lint::ALL {
            let section = sections[lint.code()];
            assert!(section.contains(&format!("**{}**", lint.severity())));
            assert!(section.contains(lint.why()), "{lint}: {}", lint.why());
            for part in ["\nFix: ", "\nSource: "] {
                assert!(section.contains(part), "{lint}");
            }
        }
    }

    #[test]
    fn each_example_shows_it() {
        let mut hidden = Vec::new();
        for (code, section) in sections() {
            let profile = if section.contains("** (S3): ") {
                Profile::S3
            } else {
                Profile::COS
            };
            let (_, example) = section.split_once("```json\n").unwrap();
            let (example, _) = example.split_once("```").unwrap();
            let configuration = Configuration::parse(example.as_bytes(), profile).unwrap();
            let findings = configuration.lint(profile);
            let codes: Vec<&str> = findings.iter().map(Finding::code).collect();
            if !codes.contains(&code) {
                hidden.push((code, codes));
            }
        }
        assert_eq!(hidden, []);
    }
}
