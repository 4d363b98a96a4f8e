//! The look-ups that no index makes cheap.

use bucket_cors::{Outcome, Profile};

use super::decide;
use crate::support::{get, many_shapes, many_shapes_origin, rules, workloads};

pub fn ratios() -> [(&'static str, f64); 3] {
    let patterns = rules(&many_shapes(), Profile::S3);
    let worst = |origins: Vec<String>, hit: bool| {
        let ratios = origins.iter().map(|origin| {
            let request = get(origin);
            let outcome = patterns.evaluate(&request).outcome();
            assert_eq!(matches!(outcome, Outcome::Allowed { .. }), hit, "{origin}");
            decide(&patterns, &request)
        });
        ratios.fold(0.0, f64::max)
    };
    [
        (
            "480 patterns of many shapes, the worst hit",
            worst(hits(), true),
        ),
        (
            "480 patterns of many shapes, the worst miss",
            worst(misses(), false),
        ),
        ("12 unsorted, mixed-case names among 22", mixed_case()),
    ]
}

/// Of short, middling and long ends.
fn hits() -> Vec<String> {
    let ends = [0, 10, 19];
    let of = |before| ends.map(|after| many_shapes_origin("www.", before, after));
    ends.into_iter().flat_map(of).collect()
}

/// Far from every pattern, and off in one byte of either end.
fn misses() -> Vec<String> {
    let off_in_suffix =
        [0, 10, 19].map(|after| format!("{}m", many_shapes_origin("www.", 23, after)));
    let off_in_prefix =
        [0, 10, 23].map(|before| many_shapes_origin("www.", before, 19).replace("s:", "S:"));
    let far = ["https://www.elsewhere.test".to_owned()];
    far.into_iter()
        .chain(off_in_suffix)
        .chain(off_in_prefix)
        .collect()
}

fn mixed_case() -> f64 {
    let workload = workloads()
        .into_iter()
        .find(|workload| workload.name == "mixed-case");
    let workload = workload.expect("one of the workloads");
    decide(
        &rules(&workload.configuration, Profile::S3),
        &workload.request,
    )
}
