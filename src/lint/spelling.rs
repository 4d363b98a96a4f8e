//! Lints of how an origin is spelled: what no browser sends.

use super::parts::{Parts, Scheme, has_placeholder, is_of_one_owner, loopback, nearest_scheme};
use super::{Edit, Finding, Fix, Lint, quote};
use crate::place::Place;

/// What keeps a value from ever being equal to what a browser sends, and `null`. `has_others` says
/// whether the rule lists another one.
pub(super) fn lint_spelling(value: &str, has_others: bool, place: Place, found: &mut Vec<Finding>) {
    let mut add = |lint, message: String, fix: Option<Fix>| {
        found.push(Finding::new(lint, place, message).with_any_fix(fix));
    };
    if value.is_empty() {
        let fix = has_others.then(|| Fix::safe(Edit::remove(place)));
        let message = "an empty origin matches nothing";
        add(Lint::EmptyOrigin, message.to_owned(), fix);
    } else if value == "null" {
        let fix = has_others.then(|| Fix::guess(Edit::remove(place)));
        let message = "`null` is what any sandboxed frame sends, whoever made it";
        add(Lint::NullOrigin, message.to_owned(), fix);
    } else if let Some(what) = what_it_is_instead(value) {
        let message = format!("{} {what}: no browser sends that", quote(value));
        add(Lint::NotAnOrigin, message, None);
    } else if let Some((what, inside)) = what_is_around(value) {
        let message = format!("{} {what}: no browser sends that", quote(value));
        let fix = meant(&inside).map(|(meant, _)| Fix::guess(Edit::replace(place, meant)));
        add(Lint::NotAnOrigin, message, fix);
    } else if is_several(value) {
        let message = format!(
            "{} is more than one origin: each needs a value of its own",
            quote(value)
        );
        add(Lint::SeveralInOne, message, split(value, place));
    } else {
        let fix = mended(value, place);
        for (lint, what) in faults(value) {
            let message = format!("{} {what}", quote(value));
            let fix = fix.clone();
            found.push(Finding::new(lint, place, message).with_any_fix(fix));
        }
    }
}

/// What is wrong with it, as in `"example.com" has no scheme`.
fn faults(value: &str) -> Vec<(Lint, String)> {
    let parts = Parts::of(value);
    if parts.scheme == Scheme::Missing {
        return vec![fault_without_scheme(value)];
    }
    if let Some((scheme, _)) = parts.misspelled_scheme() {
        let what = format!("begins with {}: browsers send https or http", quote(scheme));
        return vec![(Lint::NoScheme, what)];
    }
    let mut faults = Vec::new();
    let mut add = |lint, what: &str| faults.push((lint, what.to_owned()));
    if let Some((lint, what)) = what_is_no_part(&parts) {
        add(lint, &format!("{what}: no browser sends that"));
    }
    match parts.scheme {
        Scheme::Open if value.starts_with('*') => {
            add(
                Lint::NoScheme,
                "has no scheme, so that plain http is let in too",
            );
        }
        Scheme::Missing | Scheme::Open | Scheme::Named(_) => {}
    }
    if let Some(what) = parts.what_is_broken() {
        add(Lint::NotAnOrigin, &format!("{what}: no browser sends that"));
    } else if parts.is_default_port() {
        let what = match (parts.port, parts.scheme) {
            (Some(""), _) => "has a colon and no port".to_owned(),
            (_, Scheme::Named(scheme)) => format!("names the port that {scheme} has anyway"),
            _ => "names the scheme's own port".to_owned(),
        };
        add(Lint::DefaultPort, &format!("{what}: browsers leave it out"));
    }
    if parts.has_upper_case() {
        add(
            Lint::UpperCaseOrigin,
            "has upper case: browsers send lower case",
        );
    }
    if !parts.host.is_ascii() {
        let what = "has a host that is not ASCII: browsers send its `xn--` form";
        add(Lint::NotAsciiHost, what);
    }
    faults
}

/// The one fault that is worth naming: what the rest would be can't be told for sure, and is mended
/// with the scheme.
fn fault_without_scheme(value: &str) -> (Lint, String) {
    let (lint, what) = if value.eq_ignore_ascii_case("null") {
        let what = "has upper case: browsers send lower case";
        (Lint::UpperCaseOrigin, what)
    } else if without_slash(value).eq_ignore_ascii_case("null") {
        (Lint::TrailingSlash, "ends in `/`: no browser sends that")
    } else if half_a_scheme(value).is_some() {
        (Lint::NoScheme, "has no `://`: no browser sends that")
    } else {
        (Lint::NoScheme, "has no scheme: no browser sends that")
    };
    (lint, what.to_owned())
}

fn without_slash(value: &str) -> &str {
    value.strip_suffix('/').unwrap_or(value)
}

/// What was put where an origin should be, so that none can be guessed.
fn what_it_is_instead(value: &str) -> Option<&'static str> {
    let parts = Parts::of(value);
    if !parts.is_of_the_web() {
        return None; // what else is in an app's own scheme is its own affair
    }
    // A path may have all of that.
    let address = match (parts.scheme, parts.port) {
        (Scheme::Missing | Scheme::Open, _) => value,
        (Scheme::Named(_), None) => parts.host,
        (Scheme::Named(_), Some(port)) => &format!("{}:{port}", parts.host),
    };
    let is_expression = value.starts_with('^')
        || address.contains(['(', ')'])
        || ["\\.", "://.*"].iter().any(|part| value.contains(part));
    if is_expression {
        return Some("reads like a regular expression, where a `*` is all there is");
    }
    has_placeholder(address).then_some("has a placeholder that was not filled in")
}

/// What a value was copied with beside itself, and what it is without that.
fn what_is_around(value: &str) -> Option<(&'static str, String)> {
    if let Some(visible) = without_invisible(value)
        && !is_several(&visible)
    {
        return Some(("has an invisible character", visible));
    }
    if let Some(once) = behind_another_scheme(value) {
        return Some(("has two schemes", once.to_owned()));
    }
    if is_several(value) {
        return None; // each of them may be enclosed
    }
    let (first, last) = (value.chars().next()?, value.chars().next_back()?);
    let what = if (first, last) == ('<', '>') {
        "is in angle brackets"
    } else if is_mark(first) && is_mark(last) {
        "is in quotes"
    } else if is_mark(first) || is_mark(last) {
        "has a quotation mark or a bracket at an end"
    } else {
        return None;
    };
    Some((what, value.trim_matches(is_mark).to_owned()))
}

/// Of `https://https://example.com`, the last scheme and what is behind it.
fn behind_another_scheme(value: &str) -> Option<&str> {
    let behind_one = |value: &'_ str| -> Option<usize> {
        let at = value.find("://")?;
        let (scheme, rest) = (value.get(..at)?, value.get(at + 3..)?);
        nearest_scheme(scheme)?;
        let (_, behind) = half_a_scheme(rest)?;
        // A host may be called `https`, with a port or a path.
        let name = rest.find(is_of_a_scheme)?;
        let separators = rest.get(name..rest.len() - behind.len())?;
        let is_port = behind.starts_with(|c: char| c.is_ascii_digit() || c == '*');
        let is_again = separators.len() > 1 || separators == ":" && !is_port;
        is_again.then_some(at + 3)
    };
    let mut rest = value;
    while let Some(at) = behind_one(rest) {
        rest = rest.get(at..)?;
    }
    (rest.len() < value.len() && !is_several(rest)).then_some(rest)
}

/// The value without what shows as nothing, if it has such. A joiner between letters that are not
/// ASCII is a part of the name.
fn without_invisible(value: &str) -> Option<String> {
    let joiners = ['\u{200C}', '\u{200D}'];
    let visible = value.replace(is_invisible, "");
    let without_joiners = visible.replace(joiners, "");
    let visible = if without_joiners.is_ascii() {
        without_joiners
    } else {
        visible.trim_matches(joiners).to_owned()
    };
    (visible.len() < value.len()).then_some(visible)
}

/// What editors and web pages leave in copied text, and what shows as nothing or as a space.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{7F}'..='\u{A0}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}'
            | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2000}'..='\u{200B}'
            | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}'
            | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{E0000}'..='\u{E01EF}'
    )
}

/// What may stand around a text, and never in an origin.
fn is_mark(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '<' | '>' | '\u{2018}'..='\u{201F}')
}

/// What a value has that an origin has not, or lacks.
fn what_is_no_part(parts: &Parts<'_>) -> Option<(Lint, &'static str)> {
    let what = match parts.rest.chars().next() {
        _ if parts.has_user => "has user information",
        _ if parts.host.is_empty() && parts.is_of_the_web() => "has no host",
        None => return None,
        Some('/') if parts.rest == "/" => return Some((Lint::TrailingSlash, "ends in `/`")),
        Some('/') => "has a path",
        Some('?') => "has a query",
        Some('\\') => "has a backslash",
        Some(_) => "has a fragment",
    };
    Some((Lint::NotAnOrigin, what))
}

/// One fix for all that is wrong with it: of two, the one would bring back what the other mends.
///
/// Without a doubt, unless it leaves out more than nothing, or lets in more than one owner's pages:
/// the value let in none so far.
fn mended(value: &str, place: Place) -> Option<Fix> {
    let (mended, is_guess) = meant(value)?;
    if mended == value {
        return None;
    }
    let is_guess = is_guess || !is_of_one_owner(&mended);
    let edit = Edit::replace(place, mended);
    Some(if is_guess {
        Fix::guess(edit)
    } else {
        Fix::safe(edit)
    })
}

/// What a browser would send in place of a value, if that can be told.
pub(crate) fn what_was_meant(value: &str) -> Option<String> {
    if what_it_is_instead(value).is_some() {
        return None;
    }
    let (meant, _) = match what_is_around(value) {
        Some((_, inside)) => meant(&inside)?,
        None if is_several(value) => return None,
        None => meant(value)?,
    };
    Some(meant)
}

/// What a browser would send, and whether that is a guess. None if it can't be told.
fn meant(value: &str) -> Option<(String, bool)> {
    let bare = without_slash(value);
    if bare == "*" || bare.eq_ignore_ascii_case("null") {
        return Some((bare.to_ascii_lowercase(), true));
    }
    let parts = Parts::of(value);
    let with_scheme = match parts.scheme {
        Scheme::Missing => meant_with_scheme(value)?,
        Scheme::Open if value.starts_with('*') => format!("https://{value}"),
        Scheme::Open | Scheme::Named(_) => match parts.misspelled_scheme() {
            Some((_, known)) => format!("{known}://{}", value.strip_prefix(parts.before)?),
            None => value.to_owned(),
        },
    };
    let mut parts = Parts::of(&with_scheme);
    let leaves_out = parts.has_user || !matches!(parts.rest, "" | "/");
    if parts.host.is_empty() && (leaves_out || parts.is_of_the_web()) {
        return None;
    }
    let mut meant = parts.before.to_ascii_lowercase();
    let is_broken = parts.what_is_broken().is_some();
    if let Some(address) = parts.in_brackets().filter(|_| is_broken) {
        meant.push_str(&address);
        return Some((self::meant(&meant)?.0, true));
    }
    if parts.is_of_the_web() {
        let mut host = parts.host.to_ascii_lowercase();
        while host.contains("..") {
            host = host.replace("..", ".");
        }
        meant.push_str(&host);
        parts.port = parts.port.map(without_zeros);
    } else {
        meant.push_str(parts.host);
    }
    if let Some(port) = parts.port.filter(|_| !parts.is_default_port()) {
        meant.extend([":", port]);
    }
    let is_whole = Parts::of(&meant).what_is_broken().is_none();
    is_whole.then_some((meant, leaves_out || is_broken || with_scheme != value))
}

/// A port as a number is written.
fn without_zeros(port: &str) -> &str {
    match port.trim_start_matches('0') {
        "" => port,
        number => number,
    }
}

/// Whether a browser may send an origin that this is, or takes.
pub(super) fn is_ever_sent(value: &str) -> bool {
    value == "null" || !value.is_empty() && !is_several(value) && !is_misspelled(&Parts::of(value))
}

fn is_several(value: &str) -> bool {
    value.contains([',', ';']) || value.matches("://").count() > 1
}

/// Whether a value is of no use, though its `*` may stand for a scheme.
pub(super) fn is_misspelled(parts: &Parts<'_>) -> bool {
    parts.scheme == Scheme::Missing
        || parts.has_user
        || parts.host.is_empty()
        || !parts.rest.is_empty()
        || !parts.host.is_ascii()
        || parts.host.contains(is_mark)
        || parts.port.is_some_and(|port| port.contains(is_mark))
        || parts.what_is_broken().is_some()
        || parts.misspelled_scheme().is_some()
        || parts.has_upper_case()
        || parts.is_default_port()
}

/// A value for each of several origins. None if it can't be told where one ends.
fn split(value: &str, place: Place) -> Option<Fix> {
    let parts = value
        .split(|c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace())
        .map(|part| part.trim_matches(is_mark));
    let origins = parts.filter(|origin| !origin.is_empty());
    let mut origins =
        origins.map(|origin| what_was_meant(origin).unwrap_or_else(|| origin.to_owned()));
    let first = origins.next().filter(|first| *first != value)?;
    let end = Place {
        value: None,
        ..place
    };
    let fix = Fix::guess(Edit::replace(place, first));
    Some(origins.fold(fix, |fix, origin| fix.and(Edit::replace(end, origin))))
}

/// With the scheme that was probably left out, or misspelled.
fn meant_with_scheme(value: &str) -> Option<String> {
    let value = value.trim(); // white space is a fault
    if value.find("://").is_some_and(|at| at > 0) {
        return None; // of what is in front there can be any
    }
    let (scheme, host) = half_a_scheme(value).unwrap_or_else(|| {
        let host = value.trim_start_matches(is_of_a_scheme);
        let is_own = loopback(Parts::of(host).host).is_some();
        (if is_own { "http" } else { "https" }, host)
    });
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

/// `https:/example.com`, `http//example.com` and the like: the scheme, and what is behind it.
fn half_a_scheme(value: &str) -> Option<(&'static str, &str)> {
    let end = value.find(is_of_a_scheme)?;
    let (name, behind) = value.split_at_checked(end)?;
    let rest = behind.trim_start_matches(is_of_a_scheme);
    let (scheme, is_another) = nearest_scheme(name)?;
    // A host may be called that, with a port or a path.
    let is_host = is_another && behind.len() - rest.len() < 2;
    (!is_host).then_some((scheme, rest))
}

fn is_of_a_scheme(c: char) -> bool {
    matches!(c, ':' | '/' | '\\')
}
