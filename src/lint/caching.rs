//! Lints of how long answers are kept, and for whom: `MaxAgeSeconds`, `ResponseVary`, credentials.

use std::collections::BTreeSet;

use super::methods::allows;
use super::spelling::is_ever_sent;
use super::{Edit, Finding, Fix, Lint};
use crate::configuration::{Configuration, Rule};
use crate::element::Element;
use crate::place::Place;
use crate::profile::{Profile, VaryOn};

/// Chromium's limit on a kept preflight, since version 76.
const CHROMIUM_SECONDS: i64 = 7_200;

/// Firefox's, which is the longest of all browsers.
const LONGEST_SECONDS: i64 = 86_400;

/// What is put where a rule has nothing useful: Safari's limit, so every browser keeps it whole.
const USUAL_SECONDS: &str = "600";

/// The document's `ResponseVary`, there or not.
const RESPONSE_VARY: Place = Place {
    rule: None,
    element: Element::ResponseVary,
    value: None,
};

pub(super) fn lint(configuration: &Configuration, profile: Profile, found: &mut Vec<Finding>) {
    for (n, rule) in configuration.rules.iter().enumerate() {
        lint_max_age(rule, n, found);
        lint_star(rule, n, found);
    }
    let vary = profile.provider().vary;
    if vary.only_if_response_vary {
        lint_response_vary(configuration, found);
        return;
    }
    if configuration.response_vary.is_some() {
        let message = format!("{} does not know ResponseVary", profile.provider().name);
        let finding = Finding::new(Lint::UnknownToProvider, RESPONSE_VARY, message);
        // Whether it says true or false, nothing comes of it.
        found.push(finding.with_fix(Fix::safe(Edit::remove(RESPONSE_VARY))));
    }
    if vary.on != VaryOn::Nothing && names(configuration) != Names::None {
        let message = "answers to requests without an Origin carry no Vary: where a cache keeps \
            one, put `crossorigin` on every <img> that is fetched as well";
        let place = Place::CONFIGURATION;
        found.push(Finding::new(Lint::VaryNotWithoutOrigin, place, message));
    }
}

fn lint_max_age(rule: &Rule, n: usize, found: &mut Vec<Finding>) {
    if !is_for_preflights(rule) {
        return; // nothing is kept
    }
    let place = Place::element(n, Element::MaxAgeSeconds);
    let usual = || Fix::guess(Edit::replace(place, USUAL_SECONDS));
    match rule.max_age_seconds {
        None => {
            let message = "has no MaxAgeSeconds: browsers ask again after 5 seconds";
            let finding = Finding::new(Lint::NoMaxAge, place, message);
            found.push(finding.with_fix(usual()));
        }
        Some(0) => {
            let message = "MaxAgeSeconds of 0 has browsers ask before every request";
            let finding = Finding::new(Lint::MaxAgeZero, place, message);
            found.push(finding.with_fix(usual()));
        }
        Some(seconds) if seconds > LONGEST_SECONDS => {
            let message = format!(
                "MaxAgeSeconds of {seconds} is more than the {LONGEST_SECONDS} that any browser \
                 keeps, and Chromium keeps {CHROMIUM_SECONDS}"
            );
            // What browsers agree on most: a greater one would be found again.
            let most = Edit::replace(place, CHROMIUM_SECONDS.to_string());
            let finding = Finding::new(Lint::MaxAgeCapped, place, message);
            found.push(finding.with_fix(Fix::guess(most)));
        }
        Some(seconds) if seconds > CHROMIUM_SECONDS => {
            let message = format!(
                "MaxAgeSeconds of {seconds} is more than the {CHROMIUM_SECONDS} that Chromium \
                 keeps"
            );
            found.push(Finding::new(Lint::MaxAgeCapped, place, message));
        }
        Some(_) => {}
    }
}

/// Whether a browser that the rule lets in may ask first. GET, HEAD and POST with no header that
/// has to be allowed are sent at once.
fn is_for_preflights(rule: &Rule) -> bool {
    !rule.allowed_headers.is_empty() || allows(rule, "PUT") || allows(rule, "DELETE")
}

fn lint_star(rule: &Rule, n: usize, found: &mut Vec<Finding>) {
    // With others beside it, the finding about those says it.
    if !rule.allowed_origins.iter().all(|origin| origin == "*") || rule.allowed_origins.is_empty() {
        return;
    }
    let place = Place::value(n, Element::AllowedOrigin, 0);
    let message = "browsers refuse the answer `*` where a page sends credentials";
    found.push(Finding::new(Lint::StarWithoutCredentials, place, message));
}

/// Where the provider sends `Vary` if the document says so.
fn lint_response_vary(configuration: &Configuration, found: &mut Vec<Finding>) {
    if configuration.response_vary == Some(true) {
        let rules = &configuration.rules;
        let kept = kept_by_caches(configuration);
        let does_nothing = |(rule, is_kept): (&Rule, bool)| {
            let is_read = |method: &String| matches!(method.as_str(), "GET" | "HEAD");
            !is_kept && rule.allowed_methods.iter().all(is_read)
        };
        let mut rules_kept = rules.iter().zip(kept);
        if !rules.is_empty() && rules_kept.all(|rule| is_for_all(rule.0) || does_nothing(rule)) {
            let message = "ResponseVary is true, and every origin is answered `*`";
            let finding = Finding::new(Lint::VaryForNothing, RESPONSE_VARY, message);
            found.push(finding.with_fix(Fix::guess(Edit::remove(RESPONSE_VARY))));
        }
        return;
    }
    let (lint, rest) = match names(configuration) {
        Names::None => return,
        Names::One => (
            Lint::NoVary,
            "a cache may keep an answer without the origin that the page needs",
        ),
        Names::Several => (
            Lint::NoVaryBetweenOrigins,
            "a cache may give the answer for one origin to another",
        ),
    };
    let message = format!("ResponseVary is not true: {rest}");
    let finding = Finding::new(lint, RESPONSE_VARY, message);
    found.push(finding.with_fix(Fix::guess(Edit::replace(RESPONSE_VARY, "true"))));
}

/// How many origins the answers that caches keep are made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// They are the same for all.
    None,
    One,
    Several,
}

fn names(configuration: &Configuration) -> Names {
    let (mut named, mut for_all) = (BTreeSet::new(), false);
    let kept = kept_by_caches(configuration);
    let rules = configuration.rules.iter().zip(kept);
    for (rule, _) in rules.filter(|(_, is_kept)| *is_kept) {
        if is_for_all(rule) {
            for_all = true;
        } else {
            let origins = rule.allowed_origins.iter();
            named.extend(origins.filter(|origin| is_ever_sent(origin)));
        }
    }
    match named.len() {
        0 => Names::None,
        1 if !for_all && !named.iter().any(|origin| origin.contains('*')) => Names::One,
        _ => Names::Several,
    }
}

/// For each rule, whether caches may keep an answer of it: those to GET and HEAD.
///
/// These ask for no names, and so are any rule's that lists the method: behind one for `*`, none
/// is asked.
fn kept_by_caches(configuration: &Configuration) -> Vec<bool> {
    let mut open = vec!["GET", "HEAD"];
    let rules = configuration.rules.iter().map(|rule| {
        let is_kept = open.iter().any(|method| allows(rule, method));
        if is_for_all(rule) {
            open.retain(|method| !allows(rule, method));
        }
        is_kept
    });
    rules.collect()
}

fn is_for_all(rule: &Rule) -> bool {
    rule.allowed_origins.iter().any(|origin| origin == "*")
}
