//! Lints of the headers that a page may send and read.

use std::collections::HashSet;

use super::methods::{allows, writes};
use super::{Edit, Finding, Fix, Lint, quote, takes};
use crate::configuration::Rule;
use crate::element::Element;
use crate::place::Place;
use crate::profile::{Profile, Provider};

/// What every page may read (Fetch, "CORS-safelisted response-header name").
pub(crate) const READABLE: [&str; 7] = [
    "Cache-Control",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "Expires",
    "Last-Modified",
    "Pragma",
];

/// What no page may read (Fetch, "forbidden response-header name").
pub(crate) const UNREADABLE: [&str; 2] = ["Set-Cookie", "Set-Cookie2"];

/// What a page may send without asking, but for values that are long or odd (Fetch,
/// "CORS-safelisted request-header"). Not among them are content-type and range: the values that
/// uploads and players need are mostly not safelisted.
const SENT_ANYWAY: [&str; 3] = ["accept", "accept-language", "content-language"];

/// What no page may set (Fetch, "forbidden request-header"), and names that begin with `proxy-` or
/// `sec-`.
const NEVER_SET: [&str; 19] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Those of [`NEVER_SET`] that no answer has. Others, such as date, stand on both sides.
const NEVER_SET_NOR_ANSWERED: [&str; 9] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "cookie",
    "expect",
    "host",
    "origin",
    "referer",
];

/// What servers send and browsers don't; the provider's request ID is another.
const OF_RESPONSES: [&str; 11] = [
    "accept-ranges",
    "age",
    "allow",
    "etag",
    "last-modified",
    "location",
    "retry-after",
    "server",
    "set-cookie",
    "vary",
    "www-authenticate",
];

/// What an answer says to the browser itself.
const CORS_ANSWERS: [&str; 6] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// What pages send and servers don't.
const OF_REQUESTS: [&str; 10] = [
    "accept",
    "accept-language",
    "authorization",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "range",
    "user-agent",
    "x-requested-with",
];

const RANGES: [&str; 2] = ["Content-Range", "Accept-Ranges"];

pub(super) fn lint(rule: &Rule, n: usize, profile: Profile, found: &mut Vec<Finding>) {
    let provider = profile.provider();
    let sent = Listed::of(&rule.allowed_headers);
    let read = Listed::of(&rule.expose_headers);
    lint_what_uploads_send(rule, n, &sent, provider, found);
    let before = found.len();
    for (at, name) in rule.allowed_headers.iter().enumerate() {
        let place = Place::value(n, Element::AllowedHeader, at);
        found.extend(allowed(&read, n, name, place, provider));
    }
    let said = said_of(found, before);
    let takes_all = sent.patterns.contains("*");
    let element = Element::AllowedHeader;
    found.extend(idle(&rule.allowed_headers, n, element, takes_all, &said));
    lint_what_pages_read(rule, n, &read, provider, found);
    let before = found.len();
    for (at, name) in rule.expose_headers.iter().enumerate() {
        let place = Place::value(n, Element::ExposeHeader, at);
        found.extend(exposed(&sent, n, name, place));
    }
    let said = said_of(found, before);
    // There a `*` is all that a page may read only where it sends no credentials.
    let element = Element::ExposeHeader;
    found.extend(idle(&rule.expose_headers, n, element, false, &said));
}

/// Which values the findings from `before` on are about.
fn said_of(found: &[Finding], before: usize) -> HashSet<usize> {
    let new = found.iter().skip(before);
    new.filter_map(|finding| finding.place.value).collect()
}

/// Names that add nothing to their list. Of those of which something was `said`, no more is: what
/// that finding changes, this one would remove.
fn idle(
    list: &[String],
    n: usize,
    element: Element,
    takes_all: bool,
    said: &HashSet<usize>,
) -> Option<Finding> {
    let mut seen = HashSet::new();
    let mut idle = list.iter().enumerate().filter(|(at, name)| {
        let is_repeated = !seen.insert(name.to_ascii_lowercase());
        let is_fault = name.matches('*').count() > 1;
        let is_idle = is_repeated || takes_all && *name != "*";
        is_idle && !is_fault && !said.contains(at)
    });
    let place = |at| Place::value(n, element, at);
    let (first, name) = idle.next()?;
    let message = if takes_all && name != "*" {
        format!("{} does nothing beside `*`", quote(name))
    } else {
        format!("{} is listed already", quote(name))
    };
    let fix = Fix::safe(Edit::remove(place(first)));
    let fix = idle.fold(fix, |fix, (at, _)| fix.and(Edit::remove(place(at))));
    Some(Finding::new(Lint::IdleHeader, place(first), message).with_fix(fix))
}

fn lint_what_uploads_send(
    rule: &Rule,
    n: usize,
    sent: &Listed,
    provider: &Provider,
    found: &mut Vec<Finding>,
) {
    let place = Place::element(n, Element::AllowedHeader);
    let any = || Edit::add(n, Element::AllowedHeader, "*");
    if rule.allowed_headers.is_empty() {
        let writes = writes(rule);
        // A DELETE has nothing to say of its content.
        if allows(rule, "PUT") || allows(rule, "POST") {
            let message = format!(
                "allows {} and no AllowedHeader: a request with a Content-Type, such as an \
                 image's, is refused",
                writes.join(", ")
            );
            let finding = Finding::new(Lint::NoHeaders, place, message);
            found.push(finding.with_fix(Fix::guess(any())));
        }
        return;
    }
    if !allows(rule, "PUT") && !allows(rule, "POST") {
        return;
    }
    let prefix = provider.header_prefix;
    let own = format!("{prefix}*");
    let has_own = sent.has(&own)
        || rule
            .allowed_headers
            .iter()
            .any(|known| begins_with(known, prefix));
    let mut missing = vec!["content-type", "authorization"];
    missing.retain(|name| !sent.has(name));
    let fix = if has_own || provider.confirms_partial_header_wildcards {
        let own = (!has_own).then_some(own.as_str());
        let names = missing.iter().copied().chain(own);
        Fix::guesses(names.map(|name| Edit::add(n, Element::AllowedHeader, name)))
    } else {
        Some(Fix::guess(any()))
    };
    let any_of_them = format!("{prefix}...");
    if !has_own {
        missing.push(&any_of_them);
    }
    if missing.is_empty() {
        return;
    }
    let message = format!(
        "does not allow {}: uploads send such headers",
        missing.join(", ")
    );
    found.push(Finding::new(Lint::MissingHeader, place, message).with_any_fix(fix));
}

fn allowed(
    read: &Listed,
    n: usize,
    name: &str,
    place: Place,
    provider: &Provider,
) -> Option<Finding> {
    let named = quote(name);
    if name.contains('*') {
        // With more than one it is a fault.
        let is_partial = name != "*" && name.matches('*').count() == 1;
        if !is_partial || provider.confirms_partial_header_wildcards {
            return None;
        }
        let message = format!(
            "{named} leaves a part of a name open: {} documents `*` alone",
            provider.name
        );
        let finding = Finding::new(Lint::UnconfirmedWildcard, place, message);
        return Some(finding.with_fix(Fix::guess(Edit::replace(place, "*"))));
    }
    let remove = Fix::guess(Edit::remove(place));
    if is_one_of(name, &CORS_ANSWERS) {
        let message = format!("{named} is what the answer says to the browser: no page sends it");
        return Some(Finding::new(Lint::WrongSide, place, message).with_fix(remove));
    }
    if is_one_of(name, &OF_RESPONSES) || name.eq_ignore_ascii_case(provider.request_id) {
        let readable = is_one_of(name, &READABLE) || is_one_of(name, &UNREADABLE);
        let message = format!("{named} is a response header: no page sends it");
        let finding = Finding::new(Lint::WrongSide, place, message);
        return Some(finding.with_fix(if readable || read.has(name) {
            remove
        } else {
            remove.and(Edit::add(n, Element::ExposeHeader, name))
        }));
    }
    let message = if is_one_of(name, &SENT_ANYWAY) {
        format!("{named} may be sent anyway: browsers don't ask for it")
    } else if is_never_set(name) {
        format!("{named} can't be set by a page: browsers don't ask for it")
    } else {
        return None;
    };
    // A guess: old versions of Safari did ask for some of them.
    Some(Finding::new(Lint::NeverRequested, place, message).with_fix(remove))
}

/// Whether no page can set a request header (Fetch, "forbidden request-header", but for values).
pub(crate) fn is_never_set(name: &str) -> bool {
    is_one_of(name, &NEVER_SET) || begins_with(name, "proxy-") || begins_with(name, "sec-")
}

fn lint_what_pages_read(
    rule: &Rule,
    n: usize,
    read: &Listed,
    provider: &Provider,
    found: &mut Vec<Finding>,
) {
    let place = Place::element(n, Element::ExposeHeader);
    let is_hidden = |name: &str| !read.has(name);
    let add = |name: &str| Edit::add(n, Element::ExposeHeader, name);

    if allows(rule, "PUT") && is_hidden("ETag") {
        let message = "allows PUT and does not expose ETag: a multipart upload can't be completed";
        let finding = Finding::new(Lint::EtagHidden, place, message);
        found.push(finding.with_fix(Fix::safe(add("ETag"))));
    }

    // By name: whoever allows `*` need not have thought of ranges.
    let range = |name: &String| name.eq_ignore_ascii_case("range");
    if allows(rule, "GET") && rule.allowed_headers.iter().any(range) {
        let missing: Vec<&str> = RANGES.into_iter().filter(|name| is_hidden(name)).collect();
        if !missing.is_empty() {
            let message = format!("allows Range and does not expose {}", missing.join(", "));
            let fix = Fix::guesses(missing.iter().map(|name| add(name)));
            found.push(Finding::new(Lint::RangeHidden, place, message).with_any_fix(fix));
        }
    }

    // What goes wrong and has to be asked about is mostly an upload.
    if !writes(rule).is_empty() && is_hidden(provider.request_id) {
        let message = format!(
            "does not expose {}, by which {} finds a request that failed",
            provider.request_id, provider.name
        );
        let finding = Finding::new(Lint::RequestIdHidden, place, message);
        found.push(finding.with_fix(Fix::guess(add(provider.request_id))));
    }
}

fn exposed(sent: &Listed, n: usize, name: &str, place: Place) -> Option<Finding> {
    let named = quote(name);
    let remove = Edit::remove(place);
    if is_one_of(name, &READABLE) {
        let message = format!("{named} need not be exposed: every page may read it");
        let finding = Finding::new(Lint::ReadableAnyway, place, message);
        return Some(finding.with_fix(Fix::safe(remove)));
    }
    if is_one_of(name, &UNREADABLE) {
        let message = format!("{named} can't be exposed: no page may read it");
        let finding = Finding::new(Lint::NeverReadable, place, message);
        return Some(finding.with_fix(Fix::safe(remove)));
    }
    if is_one_of(name, &CORS_ANSWERS) {
        let message = format!("{named} is for the browser: no page needs it");
        let finding = Finding::new(Lint::WrongSide, place, message);
        return Some(finding.with_fix(Fix::guess(remove)));
    }
    let is_set_by_pages = is_one_of(name, &OF_REQUESTS);
    if !is_set_by_pages && !is_one_of(name, &NEVER_SET_NOR_ANSWERED) {
        return None;
    }
    let message = format!("{named} is a request header: no answer has it");
    let finding = Finding::new(Lint::WrongSide, place, message);
    let has_to_be_allowed = is_set_by_pages && !is_one_of(name, &SENT_ANYWAY) && !sent.has(name);
    Some(finding.with_fix(if has_to_be_allowed {
        Fix::guess(remove).and(Edit::add(n, Element::AllowedHeader, name))
    } else {
        Fix::guess(remove)
    }))
}

fn is_one_of(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn begins_with(name: &str, start: &str) -> bool {
    let beginning = name.get(..start.len());
    beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
}

/// Names of a list in lower case, made ready to be asked of each of another.
struct Listed {
    names: HashSet<String>,
    patterns: HashSet<String>,
}

impl Listed {
    fn of(list: &[String]) -> Self {
        let lower = list.iter().map(|name| name.to_ascii_lowercase());
        let (patterns, names) = lower.partition(|name| name.contains('*'));
        Self { names, patterns }
    }

    /// Whether one of them is this name, or takes it.
    fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let mut patterns = self.patterns.iter();
        self.names.contains(&name) || patterns.any(|pattern| takes(pattern, &name))
    }
}
