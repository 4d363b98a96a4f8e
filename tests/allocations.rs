//! `evaluate` allocates nothing, whatever the rules and the request.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use bucket_cors::{Profile, RequestFields, Rule, RuleSet};
use common::{actual, compiled, preflight, request};

struct Counting;

thread_local! {
    /// Of this thread, since tests run beside each other.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations<T>(run: impl FnOnce() -> T) -> usize {
    let before = ALLOCATIONS.get();
    let result = run();
    let after = ALLOCATIONS.get();
    drop(black_box(result));
    after - before
}

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
