//! From a document to a rule set, beside the reading of its XML events: 1 rule, 3 rules, 100 rules
//! of 10 origins.

use std::hint::black_box;
use std::time::Duration;

use bucket_cors::{Configuration, Profile, Rule, RuleSet};
use criterion::{Criterion, criterion_group, criterion_main};
use quick_xml::Reader;
use quick_xml::events::Event;

fn compile(criterion: &mut Criterion) {
    for (name, rules, origins) in [("1-rule", 1, 1), ("3-rules", 3, 2), ("100-rules", 100, 10)] {
        let configuration = configuration(rules, origins);
        let text = configuration.to_xml(Profile::S3);
        let mut group = criterion.benchmark_group(format!("compile/{name}"));
        group.bench_function("events", |b| b.iter(|| events(black_box(&text))));
        group.bench_function("parse", |b| {
            b.iter(|| Configuration::from_xml(black_box(text.as_bytes()), Profile::S3).unwrap());
        });
        group.bench_function("compile", |b| {
            b.iter(|| RuleSet::compile(black_box(&configuration), Profile::S3).unwrap());
        });
        group.bench_function("parse-and-compile", |b| {
            b.iter(|| {
                let text = black_box(text.as_bytes());
                let configuration = Configuration::from_xml(text, Profile::S3).unwrap();
                RuleSet::compile(&configuration, Profile::S3).unwrap()
            });
        });
        group.finish();
    }
}

/// Short, so that 100 rules of 10 origins fit in a document.
fn configuration(rules: usize, origins: usize) -> Configuration {
    let rule = |r: usize| {
        Rule::new(
            (0..origins).map(|o| format!("https://{r}-{o}.test")),
            ["GET"],
        )
    };
    (0..rules).map(rule).collect()
}

fn events(text: &str) -> usize {
    let mut reader = Reader::from_str(text);
    let mut events = 0;
    while !matches!(reader.read_event().unwrap(), Event::Eof) {
        events += 1;
    }
    events
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
        .without_plots();
    targets = compile
}
criterion_main!(benches);
