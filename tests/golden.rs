//! Answers of the real services, as documented or recorded: the same documents and requests must give them here.

mod common;

use bucket_cors::Outcome::Allowed;
use bucket_cors::{Denial, Outcome, Profile, Rule, RuleSet, Vary};
use common::{actual, answer, compiled, preflight, request};
use http::StatusCode;

const VARY: &str = "Vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/// Two rules of a COS bucket: anyone may read, two sites may do all.
fn cos() -> RuleSet {
    let exposed = ["Content-Length", "ETag", "x-cos-meta-author"];
    let anyone = Rule::new(["*"], ["GET", "HEAD"])
        .with_allowed_headers([
            "Range",
            "x-cos-server-side-encryption-customer-algorithm",
            "x-cos-server-side-encryption-customer-key",
            "x-cos-server-side-encryption-customer-key-MD5",
        ])
        .with_expose_headers(exposed)
        .with_max_age_seconds(600);
    let sites = Rule::new(
        ["https://example.com", "https://example.net"],
        ["PUT", "GET", "POST", "DELETE", "HEAD"],
    )
    .with_allowed_headers(["*"])
    .with_expose_headers(exposed)
    .with_max_age_seconds(600);
    compiled([anyone, sites], Profile::COS)
}

#[test]
fn cos_upload_is_the_second_rules() {
    let rules = cos();
    let request = preflight(
        "https://example.com",
        "PUT",
        "content-md5,content-type,x-cos-meta-author",
    );
    let decision = rules.evaluate(&request);
    assert_eq!(decision.outcome(), Allowed { rule: 1 });
    assert_eq!(decision.preflight_status(), Some(StatusCode::OK));
    assert!(decision.preflight_error().is_none());
    assert_eq!(
        answer(&decision),
        [
            "Allow-Origin: https://example.com",
            "Allow-Credentials: true",
            "Allow-Methods: PUT,GET,POST,DELETE,HEAD",
            "Allow-Headers: content-md5,content-type,x-cos-meta-author",
            "Expose-Headers: Content-Length,ETag,x-cos-meta-author",
            "Max-Age: 600",
            VARY,
        ]
    );
}

#[test]
fn cos_ranged_read_is_the_first_rules() {
    let rules = cos();
    let request = preflight("https://example.com", "GET", "range");
    let decision = rules.evaluate(&request);
    assert_eq!(decision.outcome(), Allowed { rule: 0 });
    assert_eq!(
        answer(&decision),
        [
            "Allow-Origin: *",
            "Allow-Methods: GET,HEAD",
            "Allow-Headers: range,x-cos-server-side-encryption-customer-algorithm,\
             x-cos-server-side-encryption-customer-key,x-cos-server-side-encryption-customer-key-md5",
            "Expose-Headers: Content-Length,ETag,x-cos-meta-author",
            "Max-Age: 600",
            VARY,
        ]
    );
}

#[test]
fn cos_refuses_in_its_own_words() {
    let rules = cos();
    let request = preflight("https://example.org", "PUT", "content-type");
    let decision = rules.evaluate(&request);
    assert_eq!(decision.outcome(), Outcome::Denied(Denial::Method));
    assert_eq!(decision.preflight_status(), Some(StatusCode::FORBIDDEN));
    assert_eq!(answer(&decision), [VARY]);
    let error = decision.preflight_error().unwrap();
    assert_eq!(error.code(), "AccessForbidden");
    assert_eq!(
        error.message(),
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
         Origin, request method / Access-Control-Request-Method or Access-Control-Requet-Headers \
         are not whitelisted by the resource's CORS spec"
    );
    assert_eq!((error.method(), error.resource_type()), (None, None));
}

/// Four rules of an S3 bucket that show how far a `*` reaches.
fn s3() -> RuleSet {
    let rules = [
        Rule::new(["*suffix"], ["GET"]),
        Rule::new(["start*end"], ["GET"]),
        Rule::new(["prefix*"], ["GET"]),
        Rule::new(["*.put"], ["PUT"]),
    ];
    compiled(rules, Profile::S3)
}

#[test]
fn s3_patterns_reach_as_far_as_the_star() {
    let rules = s3();
    for (origin, rule) in [
        ("foo.suffix", 0),
        ("startend", 1),
        ("start1end", 1),
        ("start12end", 1),
        ("prefix", 2),
        ("prefix.suffix", 0),
    ] {
        let request = actual("GET", origin);
        let decision = rules.evaluate(&request);
        assert_eq!(decision.outcome(), Allowed { rule }, "{origin}");
        assert_eq!(
            answer(&decision),
            [
                &format!("Allow-Origin: {origin}"),
                "Allow-Credentials: true",
                "Allow-Methods: GET",
                VARY,
            ],
        );
    }
    for origin in ["foo.bar", "foo.suffix.get", "0start12end", "bla.prefix"] {
        let request = actual("GET", origin);
        let decision = rules.evaluate(&request);
        assert_eq!(
            decision.outcome(),
            Outcome::Denied(Denial::Origin),
            "{origin}"
        );
        assert_eq!(answer(&decision), [VARY]);
    }
}

#[test]
fn s3_preflights_have_a_status_each() {
    let rules = s3();
    let status = |request| {
        rules
            .evaluate(&request)
            .preflight_status()
            .map(|s| s.as_u16())
    };
    assert_eq!(status(request("OPTIONS", &[])), Some(400));
    assert_eq!(
        status(request("OPTIONS", &[("origin", "foo.suffix")])),
        Some(400)
    );
    assert_eq!(status(preflight("foo.put", "GET", "")), Some(403));
    assert_eq!(status(preflight("foo.put", "PUT", "")), Some(200));
    assert_eq!(status(actual("GET", "foo.suffix")), None);
}

#[test]
fn s3_answers_a_developers_machine() {
    let rule = Rule::new(["https://localhost:4200"], ["GET", "PUT"])
        .with_allowed_headers(["*"])
        .with_max_age_seconds(3000);
    for vary in [Vary::Safe, Vary::AsProvider] {
        let rules = compiled([rule.clone()], Profile::S3.with_vary(vary));
        let request = preflight("https://localhost:4200", "PUT", "");
        let decision = rules.evaluate(&request);
        assert_eq!(decision.preflight_status(), Some(StatusCode::OK));
        assert_eq!(
            answer(&decision),
            [
                "Allow-Origin: https://localhost:4200",
                "Allow-Credentials: true",
                "Allow-Methods: GET, PUT",
                "Max-Age: 3000",
                VARY,
            ]
        );
    }
}
