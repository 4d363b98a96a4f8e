//! Does the cost grow with the rules?

use bucket_cors::Profile;

use crate::support::{THREE_NAMES, exact, preflight, rules};
use crate::timing::{self, REQUESTS, batch};

/// decide with 1,000 exact origins in 100 rules / with one.
pub fn ratio() -> f64 {
    let asked = |origin| vec![preflight(origin, THREE_NAMES); REQUESTS];
    let [many, one] = [exact(100, 10), exact(1, 1)].map(|rules_| rules(&rules_, Profile::S3));
    let [of_many, of_one] = [
        "https://tenant99-7.example.com",
        "https://tenant00-0.example.com",
    ]
    .map(asked);
    timing::ratio(
        &mut || batch(&of_many, |request| many.evaluate(request).outcome()),
        &mut || batch(&of_one, |request| one.evaluate(request).outcome()),
    )
}
