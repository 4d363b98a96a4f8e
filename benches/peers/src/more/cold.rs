//! Many buckets, each asked so seldom that nothing of it is in the caches.

use std::fmt;
use std::time::Duration;

use bucket_cors::{Configuration, Profile, Rule, RuleSet};
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderName, HeaderValue, Request};

use crate::support::{THREE_NAMES, get, preflight, rule, rules};
use crate::timing::{REQUESTS, batch, interleave, median};

const SETS: usize = 100_000;

/// Has no factor in common with [`SETS`]: steps of it come to every set once, none near the last.
const STEP: usize = 61_803;

#[derive(Clone, Copy)]
pub enum Asked {
    Get,
    Preflight,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Preflight => "preflight of three names",
        })
    }
}

/// decide / floor-decide. The floor's expected origins are as cold as the rule sets.
pub fn ratio(asked: Asked) -> f64 {
    let origin = |n: usize| format!("https://tenant{n}.example.com");
    let compile = |n: usize| {
        let rule: Rule = rule([origin(n), format!("https://localhost:{n}")]);
        let rule = rule.with_allowed_headers(["*"]);
        rules(&Configuration::from_iter([rule]), Profile::S3)
    };
    let sets: Vec<RuleSet> = (0..SETS).map(compile).collect();
    let expected: Vec<Box<str>> = (0..SETS).map(|n| origin(n).into()).collect();

    // The requests are warm: a server has just read them.
    let requests = |turn: usize| -> Vec<(usize, Request<()>)> {
        let request = |call| {
            let n = (turn * REQUESTS + call) * STEP % SETS;
            let request = match asked {
                Asked::Get => get(&origin(n)),
                Asked::Preflight => preflight(&origin(n), THREE_NAMES),
            };
            (n, request)
        };
        (0..REQUESTS).map(request).collect()
    };
    let [mut turn, mut floor_turn] = [0; 2];
    let times = interleave(
        &mut [
            &mut || {
                turn += 1;
                batch(&requests(turn), |(n, request)| {
                    sets[*n].evaluate(request).outcome()
                })
            },
            &mut || {
                floor_turn += 1;
                batch(&requests(floor_turn), |(n, request)| {
                    floor(&expected[*n], asked, request)
                })
            },
        ],
        Duration::from_secs(1),
    );
    let [ours, floor] = [0, 1].map(|which| median(times[which].iter().copied()));
    ours / floor
}

/// Looks the three fields up, and compares each once.
fn floor(origin: &str, asked: Asked, request: &Request<()>) -> bool {
    let (method, names) = match asked {
        Asked::Get => (None, None),
        Asked::Preflight => (Some("PUT"), Some(THREE_NAMES)),
    };
    let same = |name: HeaderName, expected: Option<&str>| {
        let found = request.headers().get(name);
        found.map(HeaderValue::as_bytes) == expected.map(str::as_bytes)
    };
    same(ORIGIN, Some(origin))
        & same(ACCESS_CONTROL_REQUEST_METHOD, method)
        & same(ACCESS_CONTROL_REQUEST_HEADERS, names)
}
