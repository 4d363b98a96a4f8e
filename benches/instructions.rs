//! Runs each workload a thousand times, so that `instructions.sh` can count what one run takes. By
//! itself it measures nothing: `cargo bench` only sees that it runs.

mod support;

use std::env;
use std::hint::black_box;

use bucket_cors::{Decision, Profile, RuleSet};
use http::{HeaderMap, Request};
use support::{Floor, workloads};

const RUNS: usize = 1_000;

fn main() {
    let asked = env::args().nth(1).unwrap_or_default();
    for workload in workloads() {
        if asked == "names" {
            println!("{}", workload.name);
        }
        if asked != workload.name && !asked.starts_with('-') {
            continue;
        }
        let rules = support::rules(&workload.configuration, Profile::S3);
        let request = &workload.request;
        let floor = Floor::new(&rules, request);
        for _ in 0..RUNS {
            black_box(floor_decide(&floor, black_box(request)));
            let mut response = HeaderMap::new();
            floor_write(&floor, &mut response);
            black_box(response);

            let mut response = HeaderMap::new();
            write(&decide(&rules, black_box(request)), &mut response);
            black_box(response);
        }
    }
}

// What is counted, by these names.

#[inline(never)]
fn floor_decide(floor: &Floor, request: &Request<()>) -> bool {
    floor.decide(request)
}

#[inline(never)]
fn floor_write(floor: &Floor, response: &mut HeaderMap) {
    floor.write_to(response);
}

#[inline(never)]
fn decide<'a>(rules: &'a RuleSet, request: &'a Request<()>) -> Decision<'a> {
    rules.evaluate(request)
}

#[inline(never)]
fn write(decision: &Decision<'_>, response: &mut HeaderMap) {
    decision.write_to(response);
}
