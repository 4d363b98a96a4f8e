//! Lints of a rule's methods.

use std::collections::HashSet;

use super::{Edit, Finding, Fix, Lint, quote};
use crate::configuration::Rule;
use crate::element::Element;
use crate::place::Place;

pub(super) fn lint(rule: &Rule, n: usize, found: &mut Vec<Finding>) {
    let whole = Place::element(n, Element::AllowedMethod);
    let add = |method: &str| Edit::add(n, Element::AllowedMethod, method);

    if allows(rule, "GET") && !allows(rule, "HEAD") {
        let message = "allows GET and not HEAD, with which players and download tools ask first";
        let finding = Finding::new(Lint::GetWithoutHead, whole, message);
        found.push(finding.with_fix(Fix::guess(add("HEAD"))));
    }

    if allows(rule, "PUT") {
        let message = match (allows(rule, "POST"), allows(rule, "DELETE")) {
            (true, true) => None,
            (true, false) => {
                Some("allows PUT and not DELETE, with which a multipart upload is given up")
            }
            (false, true) => {
                Some("allows PUT and not POST, with which a multipart upload begins and ends")
            }
            (false, false) => {
                Some("allows PUT and neither POST nor DELETE, which a multipart upload needs too")
            }
        };
        if let Some(message) = message {
            let missing = ["POST", "DELETE"].into_iter();
            let edits = missing.filter(|method| !allows(rule, method)).map(add);
            let finding = Finding::new(Lint::UploadIncomplete, whole, message);
            found.push(finding.with_any_fix(Fix::guesses(edits)));
        }
    }

    let mut seen = HashSet::new();
    let methods = rule.allowed_methods.iter().enumerate();
    let mut repeats = methods.filter(|(_, method)| !seen.insert(*method));
    let place = |at| Place::value(n, Element::AllowedMethod, at);
    if let Some((at, method)) = repeats.next() {
        let message = format!("{} is listed already", quote(method));
        let first = Fix::safe(Edit::remove(place(at)));
        let fix = repeats.fold(first, |fix, (at, _)| fix.and(Edit::remove(place(at))));
        found.push(Finding::new(Lint::DuplicateMethod, place(at), message).with_fix(fix));
    }
}

pub(super) fn allows(rule: &Rule, method: &str) -> bool {
    rule.allowed_methods.iter().any(|listed| listed == method)
}

/// Those of the rule's methods that write.
pub(super) fn writes(rule: &Rule) -> Vec<&'static str> {
    let writing = ["PUT", "POST", "DELETE"].into_iter();
    writing.filter(|method| allows(rule, method)).collect()
}
