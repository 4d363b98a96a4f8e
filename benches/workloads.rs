//! Every workload, to decide and to answer, each beside its floor in one group: read the ratios.

mod support;

use std::hint::black_box;
use std::time::Duration;

use bucket_cors::Profile;
use criterion::{Criterion, criterion_group, criterion_main};
use http::HeaderMap;
use support::{Floor, Workload, workloads};

fn decide(criterion: &mut Criterion) {
    for (provider, profile) in profiles() {
        for Workload {
            name,
            configuration,
            request,
        } in &workloads()
        {
            let rules = support::rules(configuration, profile);
            let floor = Floor::new(&rules, request);
            let mut group = criterion.benchmark_group(format!("{provider}/{name}"));
            group.bench_function("decide", |b| {
                b.iter(|| rules.evaluate(black_box(request)).outcome());
            });
            group.bench_function("floor-decide", |b| {
                b.iter(|| floor.decide(black_box(request)));
            });
            group.bench_function("full", |b| {
                b.iter(|| {
                    let mut response = HeaderMap::new();
                    rules.evaluate(black_box(request)).write_to(&mut response);
                    response
                });
            });
            group.bench_function("floor", |b| {
                b.iter(|| {
                    let mut response = HeaderMap::new();
                    black_box(floor.decide(black_box(request)));
                    floor.write_to(&mut response);
                    response
                });
            });
            group.finish();
        }
    }
}

fn profiles() -> [(&'static str, Profile); 2] {
    [("s3", Profile::S3), ("cos", Profile::COS)]
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(30)
        .without_plots();
    targets = decide
}
criterion_main!(benches);
