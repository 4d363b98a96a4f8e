//! Counts, not times: what is allocated to decide (nothing), to write an answer, and to keep a rule
//! set.

mod common;
mod counting;

use std::hint::black_box;

use bucket_cors::{Profile, RequestFields, Rule, RuleSet};
use common::{actual, compiled, preflight, request};
use counting::allocations;

/// From one rule to many more than a provider takes.
fn rule_sets(profile: Profile) -> Vec<RuleSet> {
    let rule = |n: usize| {
        Rule::new(
            [
                format!("https://{n}.test"),
                format!("https://*.{n}.test"),
                "null".into(),
            ],
            ["GET", "PUT"],
        )
        .with_allowed_headers([format!("x-{n}"), "a".into(), "x-*".into()])
    };
    let sets = [1, 2, 100, 128, 129, 1000]
        .map(|rules| compiled((0..rules).map(rule), profile.with_max_rules(1000)));
    let mut sets = Vec::from(sets);
    sets.push(RuleSet::not_configured(profile));
    sets
}

fn requests() -> Vec<http::Request<()>> {
    let many = "a,".repeat(4000);
    let mut lines = request(
        "OPTIONS",
        &[("origin", "null"), ("access-control-request-method", "PUT")],
    );
    for _ in 0..1024 {
        lines
            .headers_mut()
            .append("access-control-request-headers", "a".parse().unwrap());
    }
    vec![
        request("GET", &[]),
        actual("GET", "https://0.test"),
        actual("GET", "https://a.99.test"),
        actual("PATCH", &"x".repeat(65_536)),
        actual("GET", "null"),
        request("OPTIONS", &[]),
        preflight("https://0.test", "PUT", "x-0,A, x-1"),
        preflight("https://999.test", "PUT", "x-999"),
        preflight("https://none.test", "PUT", "x-0"),
        preflight("https://0.test", "DELETE", "x-0"),
        preflight("https://0.test", "PUT", "z"),
        preflight("https://0.test", "PUT", "a b"),
        preflight("null", "PUT", &format!("{}zz", "a,".repeat(127))),
        preflight("null", "PUT", &many),
        preflight("null", "PUT", &",".repeat(16_384)),
        preflight("null", "PUT", &"x".repeat(1 << 20)),
        preflight("null", "PUT", &" \t".repeat(1 << 19)),
        lines,
    ]
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| 1 + 1), 0);
    assert_eq!(allocations(|| vec![1]), 1);
}

#[test]
fn evaluate_allocates_nothing() {
    for profile in [Profile::COS, Profile::S3] {
        for rules in rule_sets(profile) {
            for request in requests() {
                let count = allocations(|| rules.evaluate(&request));
                assert_eq!(count, 0, "{:?}", rules.evaluate(&request));
            }
        }
    }
}

#[test]
fn nor_does_reading_the_fields_of_another_server() {
    let rules = &rule_sets(Profile::S3)[2];
    for request in requests() {
        let method = request.method().as_str().as_bytes();
        let count = allocations(|| {
            let lines = request.headers().iter();
            let lines = lines.map(|(name, value)| (name.as_str(), value.as_bytes()));
            let fields = RequestFields::new(method, lines);
            black_box(rules.evaluate(&fields).outcome())
        });
        assert_eq!(count, 0);
    }
}

#[test]
fn what_an_answer_does_not_depend_on_is_borrowed() {
    let rule = Rule::new(["https://a.test"], ["GET"])
        .with_allowed_headers(["x-1"])
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(1);
    let rules = compiled([rule], Profile::COS);
    let request = preflight("https://a.test", "GET", "X-1");
    let decision = rules.evaluate(&request);
    assert_eq!(allocations(|| decision.fields().count()), 0);
}

/// Into a fresh map: its own two, one for each value that is neither static nor the request's own,
/// and one for the first copy of a request's value.
#[test]
fn write_to_allocates_for_what_must_be_copied() {
    const MAP: usize = 2;
    let any = || Rule::new(["*"], ["GET", "PUT"]).with_allowed_headers(["*"]);
    let site =
        || Rule::new(["https://a.test"], ["GET", "PUT"]).with_allowed_headers(["x-1", "x-2"]);
    let from_a_site = || preflight("https://a.test", "PUT", "x-1,x-2");
    for (name, profile, rule, request, count) in [
        (
            "all static",
            Profile::S3,
            any().with_max_age_seconds(600),
            preflight("null", "PUT", ""),
            0,
        ),
        (
            "an odd age",
            Profile::S3,
            any().with_max_age_seconds(601),
            preflight("null", "PUT", ""),
            1,
        ),
        (
            "methods in an odd order",
            Profile::S3,
            Rule::new(["*"], ["PUT", "GET"]),
            actual("GET", "null"),
            1,
        ),
        (
            "exposed names",
            Profile::S3,
            any().with_expose_headers(["ETag"]),
            actual("GET", "null"),
            1,
        ),
        (
            "an origin",
            Profile::S3,
            site(),
            actual("GET", "https://a.test"),
            1,
        ),
        (
            "requested names, joined anew",
            Profile::S3,
            site(),
            from_a_site(),
            1 + 1,
        ),
        (
            "more of them, which are copied at once",
            Profile::S3,
            any(),
            preflight(
                "null",
                "PUT",
                "content-type,x-amz-acl,x-amz-date,x-amz-meta-a",
            ),
            1,
        ),
        (
            "a rule's own names",
            Profile::COS,
            site(),
            from_a_site(),
            1 + 1,
        ),
        (
            "requested names as they are",
            Profile::COS,
            any(),
            from_a_site(),
            1,
        ),
    ] {
        let rules = compiled([rule], profile);
        let decision = rules.evaluate(&request);
        assert!(decision.rule().is_some(), "{name}");
        let allocated = allocations(|| {
            let mut response = http::HeaderMap::new();
            decision.write_to(&mut response);
            response
        });
        assert_eq!(allocated, MAP + count, "{name}");
    }
}

#[test]
fn an_error_borrows_what_it_repeats() {
    let rules = compiled([Rule::new(["https://a.test"], ["GET"])], Profile::S3);
    let request = preflight("https://b.test", "GET", "");
    let decision = rules.evaluate(&request);
    let method = |error: bucket_cors::ProviderError<'_>| error.method().map(str::len);
    let count = allocations(|| decision.preflight_error().and_then(method));
    assert_eq!(count, 0);
}

/// What a server holds across an `.await` for each of its requests; on machines of 64 bits.
#[cfg(target_pointer_width = "64")]
#[test]
fn an_owned_decision_is_small() {
    assert_eq!(size_of::<bucket_cors::Decision<'static>>(), 96);
    let rules = compiled([Rule::new(["https://a.test", "*"], ["GET"])], Profile::S3);
    for (request, count) in [
        (request("GET", &[]), 0),                    // not CORS
        (preflight("https://a.test", "PUT", ""), 3), // the error, its message and its method
        (actual("GET", "https://a.test"), 2),        // the answer, and its fields, all static
    ] {
        let owning = allocations(|| rules.evaluate(&request).into_owned());
        assert_eq!(owning, count);
    }
}

#[test]
fn a_denial_allocates_nothing_into_a_map_with_room() {
    let rules = compiled([Rule::new(["https://a.test"], ["GET"])], Profile::S3);
    let request = actual("GET", "https://b.test");
    let mut response = http::HeaderMap::with_capacity(4);
    assert_eq!(
        allocations(|| rules.evaluate(&request).write_to(&mut response)),
        0
    );
    assert_eq!(response.len(), 1);
}

/// Everything that a rule set keeps, itself included.
#[cfg(target_pointer_width = "64")]
fn kept(rules: impl IntoIterator<Item = Rule>) -> usize {
    let configuration = bucket_cors::Configuration::from_iter(rules);
    let compile = || RuleSet::compile(&configuration, Profile::S3).unwrap();
    drop(compile()); // what all rule sets share is made now
    counting::kept(compile) + size_of::<RuleSet>()
}

/// To the byte, so that a change is seen; on machines of 64 bits.
#[cfg(target_pointer_width = "64")]
#[test]
fn a_rule_set_is_small() {
    let methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];
    let names = |count: usize| {
        (0..count)
            .map(|n| format!("x-amz-meta-{n}"))
            .collect::<Vec<_>>()
    };
    let common = || {
        Rule::new(["https://example.com", "https://example.net"], methods)
            .with_allowed_headers(["*"])
    };
    let exposing = common()
        .with_expose_headers(["ETag"])
        .with_max_age_seconds(600);
    let tenant = |r: usize| {
        Rule::new(
            (0..10).map(|o| format!("https://tenant{r:02}-{o}.example.com")),
            methods,
        )
        .with_allowed_headers(names(5))
    };
    let subdomains = |r: usize| {
        Rule::new(
            (0..10).map(|o| format!("https://*.tenant{r:02}-{o}.example.com")),
            methods,
        )
        .with_allowed_headers(names(5))
    };
    for (document, bytes, kept) in [
        (
            "anyone may read",
            144,
            kept([Rule::new(["*"], ["GET", "HEAD"])]),
        ),
        ("two sites may do all", 238, kept([common()])),
        ("the same, and it exposes a name", 242, kept([exposing])),
        (
            "twenty names",
            1_608,
            kept([common().with_allowed_headers(names(20))]),
        ),
        (
            "100 rules of 10 origins",
            102_212,
            kept((0..100).map(tenant)),
        ),
        (
            "100 rules of 10 patterns",
            68_322,
            kept((0..100).map(subdomains)),
        ),
    ] {
        assert_eq!(kept, bytes, "{document}");
    }
}
