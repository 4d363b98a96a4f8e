//! The look-ups that no index makes cheap.

use bucket_cors::{Configuration, Outcome, Profile, Rule, RuleSet};

use super::decide;
use crate::support::{TWENTY, get, preflight, rule, rules};

pub fn ratios() -> [(&'static str, f64); 3] {
    let patterns = patterns();
    let worst = |origins: Vec<String>, hit: bool| {
        let ratios = origins.iter().map(|origin| {
            let request = get(origin);
            let outcome = patterns.evaluate(&request).outcome();
            assert_eq!(matches!(outcome, Outcome::Allowed { .. }), hit, "{origin}");
            decide(&patterns, &request)
        });
        ratios.fold(0.0, f64::max)
    };
    [
        (
            "480 patterns of many shapes, the worst hit",
            worst(hits(), true),
        ),
        (
            "480 patterns of many shapes, the worst miss",
            worst(misses(), false),
        ),
        ("12 unsorted, mixed-case names among 22", names()),
    ]
}

/// 24 prefixes by 20 suffixes, each of a length of its own.
fn patterns() -> RuleSet {
    let pattern = |n: usize| around("*.", n % 24, n / 24);
    let rule = Rule::new((0..480).map(pattern), ["GET"]);
    rules(&Configuration::from_iter([rule]), Profile::S3)
}

fn around(middle: &str, before: usize, after: usize) -> String {
    let [before, after] = [("a", before), ("b", after)].map(|(text, times)| text.repeat(times));
    format!("https://{before}{middle}{after}example.com")
}

/// Of short, middling and long ends.
fn hits() -> Vec<String> {
    let ends = [0, 10, 19];
    let of = |before| ends.map(|after| around("www.", before, after));
    ends.into_iter().flat_map(of).collect()
}

/// Far from every pattern, and off in one byte of either end.
fn misses() -> Vec<String> {
    let off_in_suffix = [0, 10, 19].map(|after| format!("{}m", around("www.", 23, after)));
    let off_in_prefix = [0, 10, 23].map(|before| around("www.", before, 19).replace("s:", "S:"));
    let far = ["https://www.elsewhere.test".to_owned()];
    far.into_iter()
        .chain(off_in_suffix)
        .chain(off_in_prefix)
        .collect()
}

fn names() -> f64 {
    let listed = TWENTY.into_iter().chain(["x-amz-acl-extra", "if-match"]);
    let rule: Rule = rule(["https://www.example.com"]).with_allowed_headers(listed);
    let rules = rules(&Configuration::from_iter([rule]), Profile::S3);
    let names = "X-Requested-With,Content-Type,X-Amz-Date,Authorization,X-Amz-Acl,Range,If-Match,\
        X-Amz-Tagging,Content-MD5,X-Amz-Meta-Title,Cache-Control,X-Amz-User-Agent";
    let request = preflight("https://www.example.com", names);
    let outcome = rules.evaluate(&request).outcome();
    assert_eq!(outcome, Outcome::Allowed { rule: 0 });
    decide(&rules, &request)
}
