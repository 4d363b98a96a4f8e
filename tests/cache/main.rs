//! Semantics 6.7: behind a shared cache, `Vary` keeps each browser's verdict its own.

#[path = "../common/mod.rs"]
mod common;
mod model;

use std::cell::Cell;

use bucket_cors::{Credentials, Profile, Rule, RuleSet, Vary};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ETAG, HeaderMap, IF_NONE_MATCH, ORIGIN};
use http::{Request, Response, StatusCode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

use common::{actual, cases, compiled, request};
use model::Cache;

const A: &str = "https://a.test";
const B: &str = "https://b.test";

/// What the upstream serves under a URL, before CORS.
#[derive(Clone, Debug)]
struct Object {
    status: u16,
    fields: Vec<(&'static str, &'static str)>,
}

impl Object {
    fn plain() -> Self {
        Self {
            status: 200,
            fields: Vec::new(),
        }
    }

    /// A server that honours validators and writes the decision to every answer.
    fn answer(&self, rules: &RuleSet, sent: &Request<()>) -> Response<()> {
        let mut answer = Response::new(());
        *answer.status_mut() = StatusCode::from_u16(self.status).unwrap();
        *answer.headers_mut() = common::headers(&self.fields);
        let (asked, tag) = (
            sent.headers().get(IF_NONE_MATCH),
            answer.headers().get(ETAG),
        );
        if self.status == 200 && asked.is_some() && asked == tag {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        }
        rules.evaluate(sent).write_to(answer.headers_mut());
        answer
    }
}

/// Fetch, CORS check, without credentials. A request without `Origin` is not checked.
fn may_read(sent: &Request<()>, answer: &Response<()>) -> bool {
    let Some(origin) = sent.headers().get(ORIGIN) else {
        return true;
    };
    let mut lines = answer.headers().get_all(ACCESS_CONTROL_ALLOW_ORIGIN).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line == "*" || line == origin,
        _ => false,
    }
}

/// A request, and the seconds that pass before it.
type Step = (u64, Request<()>);

/// The objects by path, `/0` and so on.
fn answer(rules: &RuleSet, objects: &[Object], sent: &Request<()>) -> Response<()> {
    let index: usize = sent.uri().path()[1..].parse().unwrap_or(0);
    objects[index].answer(rules, sent)
}

/// The first request whose sender is told something else than without the cache.
fn misled(rules: &RuleSet, objects: &[Object], steps: &[Step]) -> Option<usize> {
    let mut cache = Cache::default();
    steps.iter().position(|(seconds, sent)| {
        cache.now += seconds;
        let upstream = |sent: &Request<()>| answer(rules, objects, sent);
        let cached = cache.answer(sent, &upstream);
        may_read(sent, &cached) != may_read(sent, &upstream(sent))
    })
}

/// The requests at once, for one plain object.
fn misled_at(rules: &RuleSet, requests: &[Request<()>]) -> Option<usize> {
    let steps: Vec<Step> = requests.iter().map(|sent| (0, sent.clone())).collect();
    misled(rules, &[Object::plain()], &steps)
}

// Where the cases come from.

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    const ORIGINS: &[&str] = &["*", "null", A, B, "https://*", "*b.test", "http*"];
    let rule = (
        subsequence(ORIGINS, 1..=2),
        subsequence(&["GET", "HEAD", "PUT"][..], 1..=3),
        option::of(Just("x-a")),
    );
    let rule = rule.prop_map(|(origins, methods, name)| {
        Rule::new(origins, methods).with_allowed_headers(name)
    });
    vec(rule, 1..=3)
}

fn profile() -> impl Strategy<Value = Profile> {
    let profile = select(&[Profile::COS, Profile::S3][..]);
    let credentials = select(&[Credentials::AsProvider, Credentials::Never][..]);
    (profile, credentials).prop_map(|(profile, credentials)| profile.with_credentials(credentials))
}

fn objects() -> impl Strategy<Value = Vec<Object>> {
    const VARY: &[&[&str]] = &[
        &[],
        &["Accept-Encoding"],
        &["Accept-Encoding"],
        &["accept-encoding, origin"],
        &["Accept-Encoding", "x"],
        &["*"],
    ];
    #[rustfmt::skip]
    const CACHE_CONTROL: &[&str] = &[
        "no-cache", "no-cache", "max-age=2", "max-age=2", "private",
    ];
    let object = (
        select(&[200, 200, 403, 404][..]),
        select(VARY),
        option::of(select(CACHE_CONTROL)),
        option::weighted(0.8, Just("\"1\"")),
    );
    let object = object.prop_map(|(status, vary, cache_control, tag)| {
        let mut fields: Vec<_> = vary.iter().map(|line| ("vary", *line)).collect();
        fields.extend(cache_control.map(|value| ("cache-control", value)));
        fields.extend(tag.map(|value| ("etag", value)));
        Object { status, fields }
    });
    vec(object, 2)
}

/// Not all are a browser's: a browser lets no page send what belongs to a preflight.
fn steps(method: &'static str) -> impl Strategy<Value = Vec<Step>> {
    const ORIGINS: &[&str] = &[A, A, A, B, B, "http://a.test", "null"];
    const EXTRAS: &[&[(&str, &str)]] = &[
        &[],
        &[],
        &[],
        &[],
        &[],
        &[],
        &[("access-control-request-method", "PUT")],
        &[("access-control-request-headers", "x-b")],
    ];
    let sent = (
        select(&["/0", "/0", "/0", "/1"][..]),
        option::weighted(0.8, select(ORIGINS)),
        option::weighted(0.2, Just("gzip")),
        select(EXTRAS),
    );
    let sent = sent.prop_map(move |(path, origin, encoding, extras)| {
        let mut fields = extras.to_vec();
        fields.extend(origin.map(|origin| ("origin", origin)));
        fields.extend(encoding.map(|encoding| ("accept-encoding", encoding)));
        let mut sent = request(method, &fields);
        *sent.uri_mut() = path.parse().unwrap();
        sent
    });
    vec((0..3_u64, sent), 2..=10)
}

fn cors_fields(headers: &HeaderMap) -> Vec<String> {
    let fields = headers.iter();
    let fields = fields.filter(|(name, _)| name.as_str().starts_with("access-control-"));
    let mut lines: Vec<String> = fields.map(|field| format!("{field:?}")).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn each_get_is_judged_as_without_the_cache(
        rules in rules(),
        profile in profile(),
        objects in objects(),
        steps in steps("GET"),
    ) {
        let rules = compiled(rules, profile.with_vary(Vary::Safe));
        prop_assert_eq!(misled(&rules, &objects, &steps), None);
    }

    #[test]
    fn each_head_is_judged_as_without_the_cache(
        rules in rules(),
        profile in profile(),
        objects in objects(),
        steps in steps("HEAD"),
    ) {
        let rules = compiled(rules, profile.with_vary(Vary::Safe));
        prop_assert_eq!(misled(&rules, &objects, &steps), None);
    }

    // More than the law asks for: what is exposed, and whether with credentials, is the same too.
    #[test]
    fn each_answer_has_the_fields_that_it_has_without_the_cache(
        rules in rules(),
        profile in profile(),
        objects in objects(),
        steps in prop_oneof![steps("GET"), steps("HEAD")],
    ) {
        let rules = compiled(rules, profile.with_vary(Vary::Safe));
        let upstream = |sent: &Request<()>| answer(&rules, &objects, sent);
        let mut cache = Cache::default();
        for (seconds, sent) in steps {
            cache.now += seconds;
            let cached = cache.answer(&sent, &upstream);
            let fields = cors_fields(upstream(&sent).headers());
            prop_assert_eq!(cors_fields(cached.headers()), fields);
        }
    }
}

/// Else the laws would hold of little.
#[test]
fn the_cache_answers_and_validates_often_enough() {
    let mut runner = TestRunner::deterministic();
    let case = (rules(), profile(), objects(), steps("GET"));
    let (mut reused, mut validated, mut readable, mut denied) = (0, 0, 0, 0);
    for _ in 0..2000 {
        let (rules, profile, objects, steps) = case.new_tree(&mut runner).unwrap().current();
        let rules = compiled(rules, profile);
        let mut cache = Cache::default();
        for (seconds, sent) in steps {
            let (asked, told) = (Cell::new(false), Cell::new(false));
            cache.now += seconds;
            let cached = cache.answer(&sent, &|sent| {
                let answer = answer(&rules, &objects, sent);
                asked.set(true);
                told.set(answer.status() == StatusCode::NOT_MODIFIED);
                answer
            });
            reused += u32::from(!asked.get());
            validated += u32::from(told.get());
            if sent.headers().contains_key(ORIGIN) && (!asked.get() || told.get()) {
                readable += u32::from(may_read(&sent, &cached));
                denied += u32::from(!may_read(&sent, &cached));
            }
        }
    }
    let counts = [reused, validated, readable, denied];
    assert!(counts.iter().all(|&count| count > 200), "{counts:?}");
}

// What does not hold.

/// The method is no field, so no `Vary` tells the two apart.
#[test]
fn a_head_answered_from_a_stored_get_may_be_judged_as_the_get() {
    for profile in [Profile::COS, Profile::S3] {
        for (listed, other) in [("GET", "HEAD"), ("HEAD", "GET")] {
            let rules = compiled([Rule::new([A], [listed])], profile);
            let (get, head) = (actual("GET", A), actual("HEAD", A));
            assert_eq!(misled_at(&rules, &[get.clone(), head.clone()]), Some(1));
            assert_eq!(misled_at(&rules, &[head, get]), None);

            let both = compiled([Rule::new([A], [listed, other])], profile);
            assert_eq!(
                misled_at(&both, &[actual("GET", A), actual("HEAD", A)]),
                None
            );
        }
    }
}

/// It goes the other way as well: a validation by HEAD updates the stored GET.
#[test]
fn a_get_validated_by_a_head_may_be_judged_as_the_head() {
    let object = Object {
        status: 200,
        fields: vec![("etag", "\"1\""), ("cache-control", "max-age=2")],
    };
    for profile in [Profile::COS, Profile::S3] {
        let rules = compiled([Rule::new([A], ["HEAD"])], profile);
        let [get, head, again] = ["GET", "HEAD", "GET"].map(|method| actual(method, A));
        let steps = [(0, get), (2, head), (1, again)];
        assert_eq!(
            misled(&rules, std::slice::from_ref(&object), &steps),
            Some(2)
        );
    }
}

#[test]
fn as_cos_answers_the_first_site_poisons_the_cache_for_the_second() {
    let rules = [Rule::new([A, B], ["GET"])];
    let requests = [actual("GET", A), actual("GET", B)];
    let as_provider = Profile::COS.with_vary(Vary::AsProvider);
    assert_eq!(
        misled_at(&compiled(rules.clone(), as_provider), &requests),
        Some(1)
    );
    assert_eq!(misled_at(&compiled(rules, Profile::COS), &requests), None);
}

/// The search that finds nothing under `Vary::Safe` finds it: in whatever comes, and where all
/// requests have an origin.
#[test]
fn the_laws_find_a_vary_that_is_missing() {
    for profile in [Profile::COS, Profile::S3] {
        let profile = profile.with_vary(Vary::AsProvider);
        for method in ["GET", "HEAD"] {
            let sites = steps(method).prop_map(|mut steps| {
                steps.retain(|(_, sent)| sent.headers().contains_key(ORIGIN));
                steps
            });
            finds(profile, steps(method));
            finds(profile, sites);
        }
    }
}

#[track_caller]
fn finds(profile: Profile, steps: impl Strategy<Value = Vec<Step>>) {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    };
    let seed = TestRunner::deterministic().rng().clone();
    let mut runner = TestRunner::new_with_rng(config, seed);
    let case = (rules(), objects(), steps);
    let found = runner.run(&case, |(rules, objects, steps)| {
        let rules = compiled(rules, profile);
        prop_assert_eq!(misled(&rules, &objects, &steps), None);
        Ok(())
    });
    let Err(TestError::Fail(_, (rules, objects, steps))) = found else {
        panic!("{profile:?}: {found:?}");
    };
    // Shrunk, to where the last request is the one that is misled.
    let rules = compiled(rules, profile);
    assert_eq!(misled(&rules, &objects, &steps), steps.len().checked_sub(1));
}

/// An image without `crossorigin`, say, and then a script that wants its pixels.
#[test]
fn as_providers_answer_a_request_without_origin_poisons_the_cache() {
    let rules = [Rule::new([A], ["GET"])];
    let requests = [request("GET", &[]), actual("GET", A)];
    for profile in [Profile::COS, Profile::S3] {
        let as_provider = profile.with_vary(Vary::AsProvider);
        assert_eq!(
            misled_at(&compiled(rules.clone(), as_provider), &requests),
            Some(1)
        );
        assert_eq!(
            misled_at(&compiled(rules.clone(), profile), &requests),
            None
        );
    }
}
