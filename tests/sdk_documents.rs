//! What the SDKs send for `PUT ?cors`, as tests/sdk has recorded it: read, compiled, written back.
#![cfg(feature = "xml")]

use bucket_cors::{Configuration, Profile, Rule, RuleSet};

/// The document says this, under both profiles.
#[track_caller]
fn says(document: &[u8], expected: Configuration) {
    for profile in [Profile::COS, Profile::S3] {
        let configuration = Configuration::from_xml(document, profile).unwrap();
        assert_eq!(configuration, expected);
        RuleSet::compile(&configuration, profile).unwrap();
        let written = configuration.to_xml(profile);
        let again = Configuration::from_xml(written.as_bytes(), profile).unwrap();
        assert_eq!(again, expected);
    }
}

macro_rules! recorded {
    ($($name:ident: $file:literal => $expected:expr;)*) => {$(
        #[test]
        fn $name() {
            says(include_bytes!(concat!("data/sdk/", $file)), $expected);
        }
    )*};
}

fn rules<const N: usize>(rules: [Rule; N]) -> Configuration {
    Configuration::from_iter(rules)
}

fn with_vary(mut configuration: Configuration) -> Configuration {
    configuration.response_vary = Some(true);
    configuration
}

recorded! {
    boto3_one_rule: "boto3-one-rule.xml" => rules([Rule::new(["*"], ["GET"])]);

    boto3_every_element: "boto3-every-element.xml" => rules([Rule::new(
        ["https://www.example.com", "http://*.example.net:8080"],
        ["PUT", "POST", "DELETE"],
    )
    .with_id("uploads & <reads>")
    .with_allowed_headers(["*"])
    .with_expose_headers(["ETag", "x-amz-request-id"])
    .with_max_age_seconds(3000)]);

    boto3_several_rules: "boto3-several-rules.xml" => rules([
        Rule::new(["*"], ["GET", "HEAD"]).with_id("").with_max_age_seconds(0),
        Rule::new(["https://a.example.com"], ["PUT"])
            .with_id("größe")
            .with_allowed_headers(["content-*", "X-Amz-Date"]),
    ]);

    cos_one_rule: "cos-one-rule.xml" => rules([Rule::new(["*"], ["GET"])]);

    cos_every_element: "cos-every-element.xml" => rules([Rule::new(
        ["http://www.qq.com", "https://*.example.com"],
        ["GET", "PUT"],
    )
    .with_id("1234")
    .with_allowed_headers(["x-cos-meta-test", "content-*"])
    .with_expose_headers(["x-cos-meta-test1", "ETag"])
    .with_max_age_seconds(500)]);

    cos_response_vary: "cos-response-vary.xml" => with_vary(rules([
        Rule::new(["*"], ["GET", "HEAD"]).with_id("读"),
        Rule::new(["https://a.example.com"], ["PUT"])
            .with_allowed_headers(["*"])
            .with_max_age_seconds(0),
    ]));
}
