//! Two threads: do they get into each other's way on one shared rule set?

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use bucket_cors::{Profile, RuleSet};
use http::Request;

use crate::check::answer;
use crate::support::{Workload, rules, workloads};
use crate::timing::median;

const ROUNDS: usize = 80;
const CALLS: usize = 20_000; // milliseconds, so that both run at once nearly all the time

/// The time on one shared rule set / on two.
pub fn ratio(workload: &str) -> f64 {
    let shared = rules(&find(workload).configuration, Profile::S3);
    let barrier = Barrier::new(2);
    let thread = || {
        // Nothing else is shared, not even the request's reference counts.
        let Workload {
            configuration,
            request,
            ..
        } = find(workload);
        let own = rules(&configuration, Profile::S3);
        let round = |_| {
            [&shared, &own].map(|rules| {
                barrier.wait();
                time(rules, &request)
            })
        };
        (0..ROUNDS).map(round).collect::<Vec<_>>()
    };
    let times: Vec<[f64; 2]> = thread::scope(|scope| {
        let threads = [scope.spawn(thread), scope.spawn(thread)];
        let join = |thread: thread::ScopedJoinHandle<'_, Vec<_>>| thread.join().unwrap();
        threads.into_iter().flat_map(join).collect()
    });
    let [shared, own] = [0, 1].map(|which| median(times.iter().map(|round| round[which])));
    shared / own
}

fn find(name: &str) -> Workload {
    let mut workloads = workloads().into_iter();
    let found = workloads.find(|workload| workload.name == name);
    found.expect("a workload's name")
}

fn time(rules: &RuleSet, request: &Request<()>) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(answer(rules, black_box(request)));
    }
    start.elapsed().as_secs_f64()
}
