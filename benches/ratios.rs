//! Every workload beside its floors, as ratios: all are run in turn, in one process, and the lowest
//! of many short times counts, so that another load on the machine touches all alike.

mod support;

use std::hint::black_box;
use std::time::Instant;

use bucket_cors::Profile;
use http::HeaderMap;
use support::{Floor, Workload, workloads};

/// How often each is timed, and how many runs a time is taken of.
const ROUNDS: usize = 400;
const RUNS: u32 = 250;

fn main() {
    println!(
        "| | S3: decide / floor-decide | full / floor | decide / decide of w1 | COS: decide / floor-decide | full / floor |"
    );
    println!("|---|---|---|---|---|---|");
    let workloads = workloads();
    for workload in &workloads {
        let s3 = Ratios::of(workload, workloads.first(), Profile::S3);
        let cos = Ratios::of(workload, None, Profile::COS);
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            workload.name, s3.decide, s3.full, s3.to_first, cos.decide, cos.full
        );
    }
}

struct Ratios {
    /// `decide / floor-decide`.
    decide: f64,
    /// `full / floor`.
    full: f64,
    /// `decide` of this workload and of another.
    to_first: f64,
}

impl Ratios {
    fn of(workload: &Workload, first: Option<&Workload>, profile: Profile) -> Self {
        let rules = support::rules(&workload.configuration, profile);
        let request = &workload.request;
        let floor = Floor::new(&rules, request);
        let first = first.unwrap_or(workload);
        let first_rules = support::rules(&first.configuration, profile);
        let [decide, floor_decide, full, full_floor, first] = lowest([
            &mut || {
                black_box(rules.evaluate(black_box(request)).outcome());
            },
            &mut || {
                black_box(floor.decide(black_box(request)));
            },
            &mut || {
                let mut response = HeaderMap::new();
                rules.evaluate(black_box(request)).write_to(&mut response);
                black_box(response);
            },
            &mut || {
                let mut response = HeaderMap::new();
                black_box(floor.decide(black_box(request)));
                floor.write_to(&mut response);
                black_box(response);
            },
            &mut || {
                black_box(first_rules.evaluate(black_box(&first.request)).outcome());
            },
        ]);
        Self {
            decide: decide / floor_decide,
            full: full / full_floor,
            to_first: decide / first,
        }
    }
}

/// The lowest time of each, run in turn.
fn lowest<const N: usize>(mut all: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut lowest = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (run, lowest) in all.iter_mut().zip(&mut lowest) {
            let start = Instant::now();
            for _ in 0..RUNS {
                run();
            }
            *lowest = lowest.min(start.elapsed().as_secs_f64());
        }
    }
    lowest
}
