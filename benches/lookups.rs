//! What one look-up costs by the number of origins, exact and with a `*`, found and not: the curves
//! should be flat.

mod support;

use std::hint::black_box;
use std::time::Duration;

use bucket_cors::{Configuration, Profile, Rule};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use support::{get, rules};

fn lookups(criterion: &mut Criterion) {
    let exact = |n: usize| format!("https://tenant{n:04}.example.com");
    let pattern = |n: usize| format!("https://*.tenant{n:04}.example.com");
    let shapes = |n: usize| {
        format!(
            "https://{}*.{}example.com",
            "a".repeat(n % 24),
            "b".repeat(n / 24)
        )
    };
    curve(criterion, "exact", &[1, 10, 100, 1_000], exact, exact);
    curve(criterion, "patterns", &[1, 10, 100, 1_000], pattern, |n| {
        format!("https://www.tenant{n:04}.example.com")
    });
    curve(
        criterion,
        "patterns-of-many-shapes",
        &[1, 10, 100, 480],
        shapes,
        |n| {
            format!(
                "https://{}www.{}example.com",
                "a".repeat(n % 24),
                "b".repeat(n / 24)
            )
        },
    );
}

fn curve(
    criterion: &mut Criterion,
    name: &str,
    sizes: &[usize],
    origin: impl Fn(usize) -> String,
    asked: impl Fn(usize) -> String,
) {
    let mut group = criterion.benchmark_group(format!("lookup/{name}"));
    for &size in sizes {
        let rule = Rule::new((0..size).map(&origin), ["GET"]);
        let rules = rules(&Configuration::from_iter([rule]), Profile::COS);
        for (what, request) in [
            ("hit", get(&asked(size - 1))),
            ("miss", get("https://www.elsewhere.test")),
        ] {
            assert_eq!(rules.evaluate(&request).rule().is_some(), what == "hit");
            group.bench_function(BenchmarkId::new(what, size), |b| {
                b.iter(|| rules.evaluate(black_box(&request)).outcome());
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(30)
        .without_plots();
    targets = lookups
}
criterion_main!(benches);
