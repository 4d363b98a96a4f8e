//! Lints of a rule's origins: what takes more than was meant, or less.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::methods::writes;
use super::parts::{Parts, Reach, Scheme, loopback, scheme_name};
use super::spelling::{is_misspelled, lint_spelling, what_was_meant};
use super::suffixes::{Under, is_sold, under};
use super::{Edit, Finding, Fix, Lint, quote, takes};
use crate::configuration::{Configuration, Rule};
use crate::element::Element;
use crate::place::Place;
use crate::profile::Profile;

/// What all rules take, made ready to be asked of every value.
pub(super) struct Taken<'a> {
    literals: HashSet<&'a str>,
    /// What stands before the `*`, by what stands behind it.
    patterns: HashMap<&'a str, HashSet<&'a str>>,
    /// How long that is: of few lengths, however many there are.
    ends: BTreeSet<usize>,
}

impl<'a> Taken<'a> {
    pub(super) fn by(configuration: &'a Configuration) -> Self {
        let mut literals = HashSet::new();
        let mut patterns = HashMap::<_, HashSet<_>>::new();
        let rules = configuration.rules.iter();
        for value in rules.flat_map(|rule| &rule.allowed_origins) {
            if let Some((start, end)) = value.split_once('*') {
                patterns.entry(end).or_default().insert(start);
            } else {
                literals.insert(value.as_str());
            }
        }
        let ends = patterns.keys().map(|end| end.len()).collect();
        Self {
            literals,
            patterns,
            ends,
        }
    }

    /// Whether one of them is this origin, or takes it.
    fn has(&self, origin: &str) -> bool {
        let mut ends = self.ends.iter();
        self.literals.contains(origin)
            || ends.any(|end| {
                let at = origin.len().checked_sub(*end);
                let halves = at.and_then(|at| origin.split_at_checked(at));
                halves.is_some_and(|(rest, end)| {
                    let mut starts = self.patterns.get(end).into_iter().flatten();
                    starts.any(|start| rest.starts_with(start))
                })
            })
    }
}

pub(super) fn lint(
    taken: &Taken<'_>,
    rule: &Rule,
    n: usize,
    profile: Profile,
    found: &mut Vec<Finding>,
) {
    lint_everyone_writes(rule, n, found);
    if rule.allowed_origins.iter().any(|origin| origin == "*") {
        // Of the others no more is to be said: they do nothing, however they are written.
        lint_beside_star(rule, n, found);
        return;
    }
    let first = rule.allowed_origins.first();
    let has_others = rule
        .allowed_origins
        .iter()
        .any(|other| Some(other) != first);
    let mut sent = Vec::new();
    for (at, value) in rule.allowed_origins.iter().enumerate() {
        let place = Place::value(n, Element::AllowedOrigin, at);
        if value.matches('*').count() > 1 {
            continue; // a fault
        }
        let before = found.len();
        lint_spelling(value, has_others, place, found);
        let parts = Parts::of(value);
        let is_spelled_well = found.len() == before;
        // One whose `*` stands for the scheme matches, though none is named.
        if is_spelled_well || matches!(parts.scheme, Scheme::Open) && !is_misspelled(&parts) {
            lint_reach(value, &parts, place, profile, found);
        }
        if is_spelled_well {
            sent.push((place, value.as_str(), parts));
        }
    }
    let is_taken = |origin: &str| taken.has(origin);
    for (place, value, parts) in &sent {
        found.extend(no_apex(*place, value, parts, n, is_taken));
    }
    let lonely = |(place, value, parts)| lonely_variant(place, value, &parts, n, is_taken);
    // One is enough to make the point.
    found.extend(sent.into_iter().find_map(lonely));
}

fn lint_reach(
    value: &str,
    parts: &Parts<'_>,
    place: Place,
    profile: Profile,
    found: &mut Vec<Finding>,
) {
    let named = quote(value);
    let mut add = |lint, message: String, fix: Option<Fix>| {
        found.push(Finding::new(lint, place, message).with_any_fix(fix));
    };
    let replace = |new: String| Some(Fix::guess(Edit::replace(place, new)));
    let reach = parts.reach();
    let also = || quote(&parts.stranger());
    match reach {
        Reach::OneOwner => {}
        Reach::Everyone | Reach::Public(_) if !profile.provider().credentials => {}
        Reach::Everyone => {
            let message = format!("{named} takes nearly every site, with credentials");
            add(Lint::BroadCredentials, message, None);
        }
        Reach::Public(suffix) => {
            let message = format!(
                "{named} takes every site under {}, with credentials",
                quote(suffix)
            );
            add(Lint::BroadCredentials, message, None);
        }
        Reach::Shared(suffix) => {
            let message = format!(
                "{named} takes {} too: anyone can get a name under {suffix}",
                also()
            );
            add(Lint::SharedSuffix, message, None);
        }
        Reach::OpenEnd => {
            let message = format!("{named} takes {} too", also());
            add(
                Lint::OpenEnd,
                message,
                closed(value, parts).and_then(replace),
            );
        }
        Reach::Glued => {
            let message = format!("{named} takes {} too", also());
            let (before, after) = parts.host.split_once('*').unwrap_or_default();
            let is_label = after.starts_with(|c: char| c.is_ascii_alphanumeric());
            let meant = || what_was_meant(value).unwrap_or(value.to_owned());
            let fix = (before.is_empty() && is_label).then(|| meant().replace('*', "*."));
            add(Lint::GluedWildcard, message, fix.and_then(replace));
        }
    }

    let lets_http_in = match parts.scheme {
        Scheme::Named(scheme) => scheme.contains('*') && takes(scheme_name(scheme), "http"),
        // Where it begins with the `*` it was said that there is no scheme.
        Scheme::Open => !value.starts_with('*'),
        Scheme::Missing => false,
    };
    if lets_http_in && reach != Reach::Everyone {
        let message = format!("{named} lets in pages that came over plain http");
        add(
            Lint::AnyScheme,
            message,
            replace(parts.with_scheme("https")),
        );
    }
}

/// The origin before an open end, or any port of it on the owner's own machine.
fn closed(value: &str, parts: &Parts<'_>) -> Option<String> {
    let (before, _) = parts.host.split_once('*')?;
    if parts.port.is_some() {
        return None;
    }
    if loopback(before).is_some() {
        return Some(value.replace('*', ":*"));
    }
    is_sold(before).then(|| value.replace('*', ""))
}

/// Methods that write, for every site there is.
fn lint_everyone_writes(rule: &Rule, n: usize, found: &mut Vec<Finding>) {
    let methods = writes(rule);
    let is_everyone = |value: &String| {
        let parts = Parts::of(value);
        let reach = parts.reach();
        value.matches('*').count() == 1 && reach == Reach::Everyone && !is_misspelled(&parts)
    };
    let first = rule.allowed_origins.iter().position(is_everyone);
    let Some((at, value)) = first.and_then(|at| Some((at, rule.allowed_origins.get(at)?))) else {
        return;
    };
    if methods.is_empty() {
        return;
    }
    let place = Place::value(n, Element::AllowedOrigin, at);
    let message = format!(
        "{} lets every site send {}",
        quote(value),
        methods.join(", ")
    );
    found.push(Finding::new(Lint::EveryoneWrites, place, message));
}

fn lint_beside_star(rule: &Rule, n: usize, found: &mut Vec<Finding>) {
    let origins = rule.allowed_origins.iter().enumerate();
    let others = origins.filter(|(_, origin)| *origin != "*");
    let mut edits = others.map(|(at, _)| Edit::remove(Place::value(n, Element::AllowedOrigin, at)));
    let Some(first) = edits.next() else {
        return;
    };
    // A guess: who needs credentials would leave out the `*`, or put these in front of it.
    let fix = edits.fold(Fix::guess(first), Fix::and);
    let place = Place::element(n, Element::AllowedOrigin);
    let message = "the origins beside `*` do nothing: leave them out, or put them in a rule before it if \
        they send credentials";
    found.push(Finding::new(Lint::DeadBesideStar, place, message).with_fix(fix));
}

fn no_apex(
    place: Place,
    value: &str,
    parts: &Parts<'_>,
    n: usize,
    is_taken: impl Fn(&str) -> bool,
) -> Option<Finding> {
    if !matches!(parts.scheme, Scheme::Named(_)) {
        return None;
    }
    let base = parts.host.strip_prefix("*.")?;
    // What somebody bought is a site as well; what is under it, such as `cdn.example.com`, may be
    // but a suffix.
    if !base.contains('.') || under(base) != Under::Glued {
        return None;
    }
    let apex = parts.with_host(base);
    let message = format!("{} does not take {}", quote(value), quote(&apex));
    let finding = Finding::new(Lint::NoApex, place, message);
    (!is_taken(&apex)).then(|| finding.with_fix(add_origin(n, apex)))
}

fn lonely_variant(
    place: Place,
    value: &str,
    parts: &Parts<'_>,
    n: usize,
    is_taken: impl Fn(&str) -> bool,
) -> Option<Finding> {
    let missing = variants(value, parts)
        .into_iter()
        .find(|other| !is_taken(other))?;
    let message = format!("{} is listed and {} is not", quote(value), quote(&missing));
    let finding = Finding::new(Lint::LonelyVariant, place, message);
    Some(finding.with_fix(add_origin(n, missing)))
}

/// Origins under which the same pages are usually found.
///
/// Few are: a site on https has no need of http, and most have no `www.` or lead to the one that is
/// listed.
fn variants(value: &str, parts: &Parts<'_>) -> Vec<String> {
    if value.contains('*') || !parts.is_of_the_web() {
        return Vec::new();
    }
    if let Some(other) = loopback(parts.host) {
        return vec![parts.with_host(other)];
    }
    let mut variants = Vec::new();
    // Browsers keep it, and nobody types it.
    if let Some(host) = parts.host.strip_suffix('.') {
        variants.push(parts.with_host(host));
    }
    if parts.scheme == Scheme::Named("http") && parts.port.is_none() && is_sold(parts.host) {
        variants.push(parts.with_scheme("https"));
    }
    if let Some(bare) = parts.host.strip_prefix("www.")
        && is_sold(bare)
    {
        variants.push(parts.with_host(bare));
    }
    variants
}

fn add_origin(rule: usize, origin: String) -> Fix {
    Fix::guess(Edit::add(rule, Element::AllowedOrigin, origin))
}
