//! What `Debug` shows ends up in logs: the CORS fields, escaped, and no secret.

mod common;

use bucket_cors::{Profile, Request, RequestFields, Rule, RuleSet};
use common::{compiled, request};

const FIELDS: [(&str, &str); 7] = [
    ("authorization", "Bearer s3cr3t"),
    ("cookie", "session=s3cr3t"),
    ("proxy-authorization", "s3cr3t"),
    ("x-amz-security-token", "s3cr3t"),
    ("origin", "https://a.test"),
    ("access-control-request-method", "P\"\u{e9}T"),
    ("access-control-request-headers", "x-1"),
];

fn rules() -> RuleSet {
    compiled(
        [Rule::new(["https://*.test", "https://s3cr3t.test"], ["GET"]).with_id("r\n1")],
        Profile::COS,
    )
}

#[test]
fn a_request_shows_its_cors_fields_only() {
    let request = request("OPTIONS", &FIELDS);
    let shown = r#" { kind: Preflight, origin: "https://a.test", access_control_request_method: "P\"\xc3\xa9T", access_control_request_headers: ["x-1"] }"#;
    assert_eq!(
        format!("{:?}", Request::from(&request)),
        format!("Request{shown}")
    );
    let lines = FIELDS.map(|(name, value)| (name, value.as_bytes()));
    let fields = RequestFields::new(b"OPTIONS", lines);
    assert_eq!(format!("{fields:?}"), format!("RequestFields{shown}"));
}

#[test]
fn a_decision_shows_no_rules_and_no_secrets() {
    let rules = rules();
    let request = request("GET", &FIELDS);
    let decision = rules.evaluate(&request);
    assert_eq!(
        format!("{decision:?}"),
        r#"Decision { kind: Actual, outcome: Allowed { rule: 0 }, rule_id: Some("r\n1"), origin: "https://a.test", access_control_request_method: "P\"\xc3\xa9T", access_control_request_headers: ["x-1"] }"#
    );
    assert_eq!(
        format!("{:?}", decision.into_owned()),
        r#"Decision { kind: Actual, outcome: Allowed { rule: 0 }, rule_id: Some("r\n1") }"#
    );
    assert!(!format!("{rules:?}").contains("test"));
}

#[test]
fn several_lines_and_none() {
    let fields = [
        ("origin", "a"),
        ("origin", "b"),
        ("access-control-request-headers", "x"),
        ("access-control-request-headers", "y"),
    ];
    assert_eq!(
        format!("{:?}", Request::from(&request("GET", &fields))),
        r#"Request { kind: Actual, origin: several lines, access_control_request_method: absent, access_control_request_headers: ["x", "y"] }"#
    );
}

/// One more than a request may have is enough to see that there are too many.
#[test]
fn nine_lines_are_shown() {
    let shown = |lines: usize| {
        let lines = vec![("access-control-request-headers", "x"); lines];
        let shown = format!("{:?}", Request::from(&request("GET", &lines)));
        shown.matches("\"x\"").count()
    };
    assert_eq!([8, 9, 10, 20].map(shown), [8, 9, 9, 9]);
}

#[test]
fn long_fields_are_cut() {
    let long = "x".repeat(1 << 20);
    let mut lines = vec![("origin", long.as_str())];
    lines.extend(vec![("access-control-request-headers", long.as_str()); 100]);
    let request = request("GET", &lines);
    let shown = format!("{:?}", Request::from(&request));
    assert!(shown.len() < 2_000, "{}", shown.len());
    assert!(shown.contains(&format!("origin: \"{}\"…", "x".repeat(128))));
}

#[test]
fn an_absent_field_is_told_from_an_empty_one() {
    let shown = |fields: &[_]| format!("{:?}", Request::from(&request("GET", fields)));
    assert!(shown(&[]).ends_with("access_control_request_headers: [] }"));
    let empty = [("access-control-request-headers", "")];
    assert!(shown(&empty).ends_with("access_control_request_headers: [\"\"] }"));
    let read = RequestFields::new(b"GET", []);
    assert!(format!("{read:?}").ends_with("access_control_request_headers: [] }"));
}
