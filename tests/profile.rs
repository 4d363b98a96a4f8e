//! A profile is a provider and three choices, and equal if they are.

mod common;

use std::collections::HashSet;

use bucket_cors::{Credentials, Profile, Rule, RuleSet, Vary};
use common::compiled;

fn all() -> Vec<Profile> {
    let providers = [Profile::COS, Profile::S3];
    let varies = [Vary::Safe, Vary::AsProvider];
    let credentials = [Credentials::AsProvider, Credentials::Never];
    let mut all = Vec::new();
    for provider in providers {
        for vary in varies {
            for credentials in credentials {
                for rules in [1, 100, 101, usize::MAX] {
                    let profile = provider.with_vary(vary).with_credentials(credentials);
                    all.push(profile.with_max_rules(rules));
                }
            }
        }
    }
    all
}

#[test]
fn two_are_equal_if_all_of_them_is() {
    let (all, again) = (all(), all());
    for (n, one) in all.iter().enumerate() {
        for (m, other) in again.iter().enumerate() {
            assert_eq!(one == other, n == m, "{one:?} {other:?}");
        }
    }
    assert_eq!(Profile::default(), Profile::COS);
    assert_eq!(Profile::S3.with_max_rules(100), Profile::S3);
}

#[test]
fn each_has_a_place_of_its_own_in_a_map() {
    let set: HashSet<Profile> = all().into_iter().chain(all()).collect();
    assert_eq!(set.len(), all().len());
    let hash = |profile: Profile| {
        let state = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::new();
        std::hash::BuildHasher::hash_one(&state, profile)
    };
    assert_ne!(hash(Profile::COS), hash(Profile::S3));
}

#[test]
fn debug_names_the_provider() {
    let shown = format!("{:?}", Profile::S3.with_vary(Vary::AsProvider));
    assert_eq!(
        shown,
        "Profile { provider: S3, vary: AsProvider, credentials: AsProvider, max_rules: 100 }"
    );
    assert!(format!("{:?}", Profile::COS).contains("provider: COS"));
}

#[test]
fn a_rule_set_keeps_its_profile() {
    for profile in all() {
        let rules = compiled([Rule::new(["*"], ["GET"])], profile);
        assert_eq!(rules.profile(), profile);
        assert_eq!(RuleSet::not_configured(profile).profile(), profile);
    }
    let rules = compiled([Rule::new(["*"], ["GET"])], Profile::S3);
    let shown = format!("RuleSet {{ profile: {:?}, rules: Some(1) }}", Profile::S3);
    assert_eq!(format!("{rules:?}"), shown);
}
