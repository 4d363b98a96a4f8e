//! Where the cases come from: alphabets so small that pages, requests and rules meet.

use bucket_cors::{Credentials, Profile, Rule};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::answer::AuthorizationWildcard;
use crate::request::{CredentialsMode, Request};
use crate::url::Origin;

#[rustfmt::skip]
const ALLOWED_ORIGINS: &[&str] = &[
    "*", "null", "null", "https://a.b", "https://a", "https://*", "https://*.b", "http*", "http*",
    "*:8", "*l", "https://A.B", "https://a.b:443",
];
const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];
#[rustfmt::skip]
const ALLOWED_HEADERS: &[&str] = &[
    "*", "x", "X", "X-*", "x-a", "*-a", "Authorization", "auth*", "content-type", "range",
];
const EXPOSED: &[&str] = &["ETag", "etag", "X-a", "Set-Cookie", "y"];

pub const PAGES: &[&str] = &["https://a.b", "https://a", "http://a.b:8", "null"];
#[rustfmt::skip]
const ASKED_METHODS: &[&str] = &[
    "GET", "GET", "HEAD", "POST", "POST", "PUT", "PUT", "DELETE", "DELETE", "put", "patch",
    "OPTIONS",
];
#[rustfmt::skip]
const ASKED_HEADERS: &[(&str, &str)] = &[
    ("Authorization", "a"), ("x", "1"), ("X", "2"), ("X-A", "1"), ("x-b", "1"), ("*", "1"),
    ("Content-Type", "text/plain"), ("content-type", "application/json"), ("Range", "bytes=0-"),
    ("range", "bytes=-5"), ("Accept", "*/*"), ("Cookie", "a"),
];

pub const BUCKET: &str = "https://bucket.test/key";

pub fn rules() -> BoxedStrategy<Vec<Rule>> {
    vec(rule(), 1..=3).boxed()
}

fn rule() -> BoxedStrategy<Rule> {
    let list = |values, sizes| vec(select::<&str>(values), sizes);
    (
        list(ALLOWED_ORIGINS, 1..=3),
        list(METHODS, 1..=6),
        list(ALLOWED_HEADERS, 0..=3),
        list(EXPOSED, 0..=2),
        option::of(select(&[0, 7, 600, 2_147_483_647][..])),
    )
        .prop_map(|(origins, methods, headers, exposed, age)| {
            let mut rule = Rule::new(origins, methods)
                .with_allowed_headers(headers)
                .with_expose_headers(exposed);
            rule.max_age_seconds = age;
            rule
        })
        .boxed()
}

pub fn profile() -> BoxedStrategy<Profile> {
    let credentials = select(&[Credentials::AsProvider, Credentials::Never][..]);
    (select(&[Profile::COS, Profile::S3][..]), credentials)
        .prop_map(|(profile, credentials)| profile.with_credentials(credentials))
        .boxed()
}

pub fn wildcard() -> BoxedStrategy<AuthorizationWildcard> {
    use AuthorizationWildcard::{AsShipped, AsWritten};
    select(&[AsWritten, AsShipped][..]).boxed()
}

/// To the bucket, from a page that is none of its own.
pub fn request() -> BoxedStrategy<Request> {
    let credentials = [CredentialsMode::SameOrigin, CredentialsMode::Include];
    (
        select(PAGES),
        select(ASKED_METHODS),
        vec(select(ASKED_HEADERS), 0..=2),
        select(credentials.to_vec()),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(page, method, headers, credentials, use_preflight)| {
            Request::new(Origin::of(page), BUCKET, method, &headers)
                .unwrap()
                .with_credentials(credentials)
                .with_use_preflight(use_preflight)
        })
        .boxed()
}
