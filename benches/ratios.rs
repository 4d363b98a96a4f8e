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
    println!("| | decide / floor-decide | full / floor | the same, COS | |");
    println!("|---|---|---|---|---|");
    let all = [Profile::S3, Profile::COS].map(|profile| {
        workloads()
            .iter()
            .map(|w| ratios(w, profile))
            .collect::<Vec<_>>()
    });
    for (n, workload) in workloads().iter().enumerate() {
        let [s3, cos] = [all[0][n], all[1][n]];
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} |",
            workload.name, s3[0], s3[1], cos[0], cos[1]
        );
    }
}

/// `decide / floor-decide` and `full / floor`.
fn ratios(workload: &Workload, profile: Profile) -> [f64; 2] {
    let rules = support::rules(&workload.configuration, profile);
    let request = &workload.request;
    let floor = Floor::new(&rules, request);
    let [decide, floor_decide, full, full_floor] = lowest([
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
    ]);
    [decide / floor_decide, full / full_floor]
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
