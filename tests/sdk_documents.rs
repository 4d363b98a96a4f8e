//! What the SDKs send, as tests/sdk has recorded it: documents for `PUT ?cors`, and the names that a
//! browser asks for before an upload and a download.
#![cfg(feature = "xml")]

mod common;

use bucket_cors::{Configuration, Denial, Outcome, Profile, Rule, RuleSet};
use common::{compiled, preflight};

/// The documents say this, under both profiles.
#[track_caller]
fn say<const N: usize>(documents: [&str; N], expected: &Configuration) {
    for (document, profile) in documents
        .iter()
        .flat_map(|document| [(document, Profile::COS), (document, Profile::S3)])
    {
        let configuration = Configuration::from_xml(document.as_bytes(), profile).unwrap();
        assert_eq!(configuration, *expected);
        RuleSet::compile(&configuration, profile).unwrap();
        let written = configuration.to_xml(profile);
        let again = Configuration::from_xml(written.as_bytes(), profile).unwrap();
        assert_eq!(again, *expected);
    }
}

#[test]
fn one_rule() {
    let rule = Rule::new(["*"], ["GET"]);
    let documents = [
        include_str!("data/sdk/boto3-one-rule.xml"),
        include_str!("data/sdk/js-one-rule.xml"),
        include_str!("data/sdk/cos-one-rule.xml"),
    ];
    say(documents, &Configuration::from_iter([rule]));
}

#[test]
fn every_element_of_s3() {
    let rule = Rule::new(
        ["https://www.example.com", "http://*.example.net:8080"],
        ["PUT", "POST", "DELETE"],
    )
    .with_id("uploads & <reads>")
    .with_allowed_headers(["*"])
    .with_expose_headers(["ETag", "x-amz-request-id"])
    .with_max_age_seconds(3000);
    let documents = [
        include_str!("data/sdk/boto3-every-element.xml"),
        include_str!("data/sdk/js-every-element.xml"),
    ];
    say(documents, &Configuration::from_iter([rule]));
}

#[test]
fn every_element_of_cos() {
    let rule = Rule::new(
        ["http://www.qq.com", "https://*.example.com"],
        ["GET", "PUT"],
    )
    .with_id("1234")
    .with_allowed_headers(["x-cos-meta-test", "content-*"])
    .with_expose_headers(["x-cos-meta-test1", "ETag"])
    .with_max_age_seconds(500);
    let document = include_str!("data/sdk/cos-every-element.xml");
    say([document], &Configuration::from_iter([rule]));
}

#[test]
fn several_rules_and_an_empty_id() {
    let rules = [
        Rule::new(["*"], ["GET", "HEAD"])
            .with_id("")
            .with_max_age_seconds(0),
        Rule::new(["https://a.example.com"], ["PUT"])
            .with_id("größe")
            .with_allowed_headers(["content-*", "X-Amz-Date"]),
    ];
    let documents = [
        include_str!("data/sdk/boto3-several-rules.xml"),
        include_str!("data/sdk/js-several-rules.xml"),
    ];
    say(documents, &Configuration::from_iter(rules));
}

#[test]
fn response_vary() {
    let mut expected = Configuration::from_iter([
        Rule::new(["*"], ["GET", "HEAD"]).with_id("读"),
        Rule::new(["https://a.example.com"], ["PUT"])
            .with_allowed_headers(["*"])
            .with_max_age_seconds(0),
    ]);
    expected.response_vary = Some(true);
    say([include_str!("data/sdk/cos-response-vary.xml")], &expected);
}

#[test]
fn a_signed_request_of_the_sdk_for_browsers() {
    let put = include_str!("data/sdk/js-put-names.txt").trim_end();
    let get = include_str!("data/sdk/js-get-names.txt").trim_end();
    let by_prefix = ["Content-Type", "x-amz-*", "amz-sdk-*", "Authorization"];
    for profile in [Profile::COS, Profile::S3] {
        for (method, names) in [("PUT", put), ("GET", get)] {
            let request = preflight("https://a.test", method, names);
            let outcome = |allowed: &[&str]| {
                let rule = Rule::new(["https://a.test"], ["GET", "PUT"]);
                let rule = rule.with_allowed_headers(allowed.iter().copied());
                compiled([rule], profile).evaluate(&request).outcome()
            };
            assert_eq!(outcome(&["*"]), Outcome::Allowed { rule: 0 });
            assert_eq!(outcome(&by_prefix), Outcome::Allowed { rule: 0 });
            let missing = Outcome::Denied(Denial::Headers);
            assert_eq!(outcome(&["content-type"]), missing);
            assert_eq!(outcome(&by_prefix[1..3]), missing);
        }
    }
}
