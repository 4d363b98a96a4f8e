//! More ratios, without the peers: threads, cold memory, growth, and the hard look-ups.

mod cold;
mod growth;
mod lookups;
mod threads;

use bucket_cors::RuleSet;
use http::Request;

use crate::support::Floor;
use crate::table::ratio;
use crate::timing::{self, REQUESTS, batch};

pub fn print() {
    println!("two threads on one rule set / on two of their own, full:");
    for workload in ["w2", "w3", "w5"] {
        println!("- {workload}: {}", ratio(threads::ratio(workload)));
    }
    println!("100,000 small rule sets, each asked once, decide / floor-decide:");
    for request in [cold::Asked::Get, cold::Asked::Preflight] {
        println!("- {request}: {}", ratio(cold::ratio(request)));
    }
    println!("decide, 100 rules of 10 exact origins / 1 rule of 1:");
    println!("- {}", ratio(growth::ratio()));
    println!("hard look-ups, decide / floor-decide:");
    for (name, value) in lookups::ratios() {
        println!("- {name}: {}", ratio(value));
    }
}

/// decide / floor-decide.
fn decide(rules: &RuleSet, request: &Request<()>) -> f64 {
    let floor = Floor::new(rules, request);
    let requests = vec![request.clone(); REQUESTS];
    timing::ratio(
        &mut || batch(&requests, |request| rules.evaluate(request).outcome()),
        &mut || batch(&requests, |request| floor.decide(request)),
    )
}
