//! What rules do to each other: which never decide, which of their origins never matter, and which
//! come too late for credentials.
//!
//! All of it is exact, since inclusion is: **a value takes all that others take together only if one
//! of them takes the value's own text.** The text of a pattern, its `*` read as a plain byte, is one
//! of the texts that it takes; and as no value has a second `*`, whatever takes that text has its
//! ends within the pattern's, and so takes all of it. (Origins and header names may have a `*`, if
//! not from a browser. Origins longer than a request's may be are not thought of.)

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::{Edit, Finding, Fix, Lint, lies_between, quote};
use crate::configuration::{Configuration, Rule};
use crate::element::Element;
use crate::place::Place;

pub(super) fn lint(configuration: &Configuration, found: &mut Vec<Finding>) {
    let work = Work::default();
    let rules: Vec<Read<'_>> = configuration.rules.iter().map(Read::of).collect();
    let mut ids = HashMap::new();
    for (n, rule) in rules.iter().enumerate() {
        found.extend(duplicate_id(rule.rule, n, &mut ids));
    }
    for (n, rule) in rules.iter().enumerate() {
        let before = Before {
            rule,
            n,
            earlier: rules.get(..n).unwrap_or_default(),
            work: &work,
        };
        let mut of_rule = before.behind_star();
        if let Some(finding) = before.never_decides() {
            of_rule.push(finding);
        } else {
            of_rule.extend(before.dead_origins());
            of_rule.extend(before.mergeable());
        }
        if work.is_too_much() {
            return;
        }
        found.append(&mut of_rule);
    }
}

/// How many comparisons are made at the most. Documents of providers' sizes need a few thousand,
/// unless somebody made them for this.
const MOST_WORK: usize = 10_000_000;

#[derive(Default)]
struct Work(Cell<usize>);

impl Work {
    fn add(&self, comparisons: usize) {
        self.0.set(self.0.get().saturating_add(comparisons));
    }

    /// Then what is answered means nothing.
    fn is_too_much(&self) -> bool {
        self.0.get() > MOST_WORK
    }
}

/// A rule, its values made ready to be looked up.
struct Read<'r> {
    rule: &'r Rule,
    methods: Vec<&'r str>,
    origins: Values,
    headers: Values,
    is_for_all: bool,
}

impl<'r> Read<'r> {
    fn of(rule: &'r Rule) -> Self {
        let mut methods: Vec<&str> = Vec::new();
        for method in &rule.allowed_methods {
            if !methods.contains(&method.as_str()) {
                methods.push(method);
            }
        }
        let origins = rule.allowed_origins.iter();
        let headers = rule.allowed_headers.iter();
        Self {
            rule,
            methods,
            origins: Values::of(origins.cloned()),
            headers: Values::of(headers.map(|name| name.to_ascii_lowercase())),
            is_for_all: rule.allowed_origins.iter().any(|origin| origin == "*"),
        }
    }

    fn lists(&self, method: &str) -> bool {
        self.methods.contains(&method)
    }

    /// Whether one of the rule's origins takes all that this one does. Semantics 3.5: a value with
    /// text beside its `*` never takes `null`.
    fn takes(&self, origin: &str, work: &Work) -> bool {
        if origin == "null" {
            return self.is_for_all || self.origins.literals.contains(origin);
        }
        self.origins.take(origin, work)
    }

    /// Whether the rule allows every name that another does.
    fn allows_all(&self, other: &Self, work: &Work) -> bool {
        let mut names = other.headers.each();
        names.all(|name| self.headers.take(&name, work))
    }

    /// Whether the rule answers no more than this one, which answers in its place.
    fn adds_nothing_to(&self, other: &Self) -> bool {
        let exposes = |name: &String| {
            let mut names = other.rule.expose_headers.iter();
            names.any(|other| other.eq_ignore_ascii_case(name))
        };
        self.is_for_all == other.is_for_all
            && self.rule.expose_headers.iter().all(exposes)
            && self.rule.max_age_seconds == other.rule.max_age_seconds
    }
}

/// Origins, or header names in lower case.
struct Values {
    literals: HashSet<String>,
    /// What stands before the `*`, and behind it.
    patterns: Vec<(String, String)>,
}

impl Values {
    fn of(values: impl Iterator<Item = String>) -> Self {
        let mut read = Self {
            literals: HashSet::new(),
            patterns: Vec::new(),
        };
        for value in values {
            match value.split_once('*') {
                Some((start, end)) => read.patterns.push((start.to_owned(), end.to_owned())),
                None => {
                    read.literals.insert(value);
                }
            }
        }
        read
    }

    /// Each value's text.
    fn each(&self) -> impl Iterator<Item = String> {
        let patterns = self.patterns.iter();
        let patterns = patterns.map(|(start, end)| format!("{start}*{end}"));
        self.literals.iter().cloned().chain(patterns)
    }

    fn take(&self, text: &str, work: &Work) -> bool {
        work.add(1);
        if self.literals.contains(text) {
            return true;
        }
        let mut tried = 0;
        let taken = self.patterns.iter().any(|(start, end)| {
            tried += 1;
            lies_between(start, end, text)
        });
        work.add(tried);
        taken
    }

    /// Texts that both take, such that whatever takes all of these takes all that both do: of two
    /// patterns the one with the longer ends, and the few texts in which these overlap.
    fn common(&self, other: &Self, work: &Work) -> Vec<String> {
        let mut common: Vec<String> = Vec::new();
        let literals = |one: &Self, other: &Self| {
            let literals = one.literals.iter();
            let literals = literals.filter(|text| other.take(text, work));
            literals.cloned().collect::<Vec<_>>()
        };
        common.extend(literals(self, other));
        common.extend(literals(other, self));
        for (start, end) in &self.patterns {
            work.add(other.patterns.len());
            if work.is_too_much() {
                break;
            }
            for (other_start, other_end) in &other.patterns {
                let longer =
                    |a: &'_ str, b: &'_ str| if a.len() < b.len() { b } else { a }.to_owned();
                let (start, end) = (longer(start, other_start), longer(end, other_end));
                let overlaps = (1..=start.len().min(end.len())).filter_map(|length| {
                    let (overlap, rest) = end.split_at_checked(length)?;
                    start.ends_with(overlap).then(|| format!("{start}{rest}"))
                });
                let texts = overlaps.chain([format!("{start}*{end}")]);
                let both = |text: &String| self.take(text, work) && other.take(text, work);
                common.extend(texts.filter(both));
            }
        }
        common
    }
}

/// R05.
fn duplicate_id<'r>(
    rule: &'r Rule,
    n: usize,
    ids: &mut HashMap<&'r str, usize>,
) -> Option<Finding> {
    let id = rule.id.as_deref()?;
    let first = *ids.entry(id).or_insert(n);
    let message = format!("{} is the ID of rule {} too", quote(id), first + 1);
    let place = Place::element(n, Element::Id);
    (first < n).then(|| Finding::new(Lint::DuplicateId, place, message))
}

/// A rule, and those that are asked before it.
struct Before<'a> {
    rule: &'a Read<'a>,
    n: usize,
    earlier: &'a [Read<'a>],
    work: &'a Work,
}

impl Before<'_> {
    /// Which earlier rules decide all requests of the rule's own for this origin, one for each of
    /// its methods. None if that is not so for one of them.
    ///
    /// A request is decided before it comes to the rule if an earlier one is for its origin and its
    /// method and allows every name that the rule does. One must allow all of them: where each
    /// leaves one out, a request can ask for all that were left out.
    fn deciding(&self, origin: &str, covering: &[usize]) -> Option<Vec<usize>> {
        let taking: Vec<usize> = covering
            .iter()
            .copied()
            .filter(|earlier| {
                let earlier = self.earlier.get(*earlier);
                earlier.is_some_and(|earlier| earlier.takes(origin, self.work))
            })
            .collect();
        let first = |method: &&str| {
            let lists = |n: &usize| self.earlier.get(*n).is_some_and(|it| it.lists(method));
            taking.iter().copied().find(lists)
        };
        let firsts: Option<Vec<usize>> = self.rule.methods.iter().map(first).collect();
        firsts.filter(|firsts| !firsts.is_empty()) // without a method it is a fault
    }

    /// The earlier rules that allow every name that the rule does.
    fn covering(&self) -> Vec<usize> {
        let rules = self.earlier.iter().enumerate();
        let covering = rules.filter(|(_, earlier)| {
            let mut methods = self.rule.methods.iter();
            methods.any(|method| earlier.lists(method)) && earlier.allows_all(self.rule, self.work)
        });
        covering.map(|(n, _)| n).collect()
    }

    /// Nothing is lost with what these rules answer in its place.
    fn adds_nothing_to(&self, deciding: &[usize]) -> bool {
        deciding.iter().all(|n| {
            let other = self.earlier.get(*n);
            other.is_some_and(|other| self.rule.adds_nothing_to(other))
        })
    }

    /// R01.
    fn never_decides(&self) -> Option<Finding> {
        let covering = self.covering();
        let mut deciding = Vec::new();
        for origin in &self.rule.rule.allowed_origins {
            if self.work.is_too_much() {
                return None;
            }
            deciding.extend(self.deciding(origin, &covering)?);
        }
        deciding.sort_unstable();
        deciding.dedup();
        let first = deciding.first()? + 1;
        let takes = if deciding.len() == 1 {
            format!("rule {first} takes")
        } else {
            format!("rules {} take", list(&deciding))
        };
        let place = Place::rule(self.n);
        let remove = Edit::remove(place);
        let (more, fix) = if self.adds_nothing_to(&deciding) {
            (String::new(), Fix::safe(remove))
        } else {
            // Then it is more likely that the order is wrong.
            (format!("; put it before rule {first}"), Fix::guess(remove))
        };
        let message = format!("never decides: {takes} all its requests{more}");
        Some(Finding::new(Lint::NeverDecides, place, message).with_fix(fix))
    }

    /// O22 and R13, for origins that are neither beside a `*` nor empty: these have lints of their
    /// own.
    fn dead_origins(&self) -> Vec<Finding> {
        if self.rule.is_for_all {
            return Vec::new();
        }
        let covering = self.covering();
        let mut seen = HashMap::new();
        let origins = self.rule.rule.allowed_origins.iter().enumerate();
        let dead = origins.filter_map(|(value, origin)| {
            if origin.is_empty() || self.work.is_too_much() {
                return None;
            }
            let first = *seen.entry(origin.as_str()).or_insert(value);
            let place = Place::value(self.n, Element::AllowedOrigin, value);
            let remove = Edit::remove(place);
            let (lint, by, fix) = if first < value {
                let by = format!("it is listed already, as number {}", first + 1);
                (Lint::IdleOrigin, by, Fix::safe(remove))
            } else if let Some(other) = self.beside(origin) {
                let by = format!("{} takes it", quote(&other));
                (Lint::IdleOrigin, by, Fix::safe(remove))
            } else {
                let deciding = self.deciding(origin, &covering)?;
                let fix = if self.adds_nothing_to(&deciding) {
                    Fix::safe(remove)
                } else {
                    Fix::guess(remove)
                };
                let by = format!("rule {} takes it", deciding.first()? + 1);
                (Lint::DeadOrigin, by, fix)
            };
            let message = format!("{} never matters: {by}", quote(origin));
            Some(Finding::new(lint, place, message).with_fix(fix))
        });
        dead.collect()
    }

    /// Another origin of the same rule that takes this one.
    fn beside(&self, origin: &str) -> Option<String> {
        if origin == "null" {
            return None; // nothing but itself does
        }
        let patterns = &self.rule.origins.patterns;
        self.work.add(patterns.len());
        let own = origin.split_once('*');
        let other = patterns
            .iter()
            .find(|(start, end)| lies_between(start, end, origin) && own != Some((start, end)));
        other.map(|(start, end)| format!("{start}*{end}"))
    }

    /// R02. A rule for `*` takes a request of the rule's own unless a named rule before it does:
    /// there must be none that takes the origin, or each of those must leave out a name that both
    /// the rule and the one for `*` allow. A request that asks for all of these names comes through.
    fn behind_star(&self) -> Vec<Finding> {
        if self.rule.is_for_all {
            return Vec::new();
        }
        let mut late: Vec<(usize, &String, usize, Vec<&str>)> = Vec::new();
        let stars: Vec<usize> = (0..self.n).filter(|n| self.is_star(*n)).collect();
        for (value, origin) in self.rule.rule.allowed_origins.iter().enumerate() {
            if self.work.is_too_much() {
                return Vec::new();
            }
            let methods = self.rule.methods.iter().filter_map(|method| {
                let star = stars
                    .iter()
                    .find(|star| self.is_lost(origin, method, **star))?;
                Some((*star, *method))
            });
            let methods: Vec<(usize, &str)> = methods.collect();
            if let Some((star, _)) = methods.first() {
                let methods = methods.iter().map(|(_, method)| *method).collect();
                late.push((value, origin, *star, methods));
            }
        }
        let same = |(_, _, star, methods): &(usize, &String, usize, Vec<&str>)| {
            let first = late.first();
            first.is_some_and(|(_, _, first, of_first)| first == star && of_first == methods)
        };
        let all = late.len() == self.rule.rule.allowed_origins.len() && late.iter().all(same);
        let findings = late.iter().map(|(value, origin, star, methods)| {
            let (place, whose) = if all {
                let place = Place::element(self.n, Element::AllowedOrigin);
                (place, format!("the origins of rule {} get", self.n + 1))
            } else {
                let place = Place::value(self.n, Element::AllowedOrigin, *value);
                (place, format!("{} gets", quote(origin)))
            };
            let (star, methods) = (star + 1, methods.join(", "));
            let message = format!(
                "rule {star} is for `*` and answers {methods} first: {whose} no credentials; put rule {star} last"
            );
            Finding::new(Lint::StarComesFirst, place, message)
        });
        findings.take(if all { 1 } else { late.len() }).collect()
    }

    fn is_star(&self, n: usize) -> bool {
        self.earlier.get(n).is_some_and(|rule| rule.is_for_all)
    }

    fn is_lost(&self, origin: &str, method: &str, star: usize) -> bool {
        let Some(rule) = self.earlier.get(star).filter(|it| it.lists(method)) else {
            return false;
        };
        let named = self.earlier.iter().take(star);
        let mut keeping = named
            .filter(|it| !it.is_for_all && it.lists(method) && it.takes(origin, self.work))
            .peekable();
        if keeping.peek().is_none() {
            return true;
        }
        let common = self.rule.headers.common(&rule.headers, self.work);
        keeping.all(|it| common.iter().any(|name| !it.headers.take(name, self.work)))
    }

    /// R11. Two rules for named origins that differ in these alone.
    fn mergeable(&self) -> Option<Finding> {
        let rule = self.rule.rule;
        let mut earlier = self.earlier.iter();
        let other = earlier.position(|it| {
            self.work.add(1);
            is_same_but_for_origins(it, self.rule)
        })?;
        let place = Place::rule(self.n);
        let message = format!(
            "differs from rule {} in its origins alone: one rule can list them all",
            other + 1
        );
        let finding = Finding::new(Lint::Mergeable, place, message);
        // What stands between may take some of its requests.
        if other + 1 < self.n {
            return Some(finding);
        }
        let add = |origin: &String| Edit::add(other, Element::AllowedOrigin, origin);
        let fix = rule.allowed_origins.iter().map(add);
        let fix = fix.fold(Fix::guess(Edit::remove(place)), Fix::and);
        Some(finding.with_fix(fix))
    }
}

fn is_same_but_for_origins(a: &Read<'_>, b: &Read<'_>) -> bool {
    let lower = |names: &[String]| -> HashSet<String> {
        names.iter().map(|name| name.to_ascii_lowercase()).collect()
    };
    let (one, other) = (a.rule, b.rule);
    !a.is_for_all
        && !b.is_for_all
        && one.max_age_seconds == other.max_age_seconds
        && a.methods.len() == b.methods.len()
        && a.methods.iter().all(|method| b.lists(method))
        && lower(&one.allowed_headers) == lower(&other.allowed_headers)
        && lower(&one.expose_headers) == lower(&other.expose_headers)
}

/// The numbers of several rules, from 1, as in a sentence.
fn list(rules: &[usize]) -> String {
    const MOST: usize = 4;
    let numbers: Vec<String> = rules
        .iter()
        .take(MOST)
        .map(|n| (n + 1).to_string())
        .collect();
    match numbers.split_last() {
        _ if rules.len() > MOST => format!("{} and others", numbers.join(", ")),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
