//! What is nearly right: an `AllowedOrigin` that would match, were it not for one thing or two.
//!
//! Nothing is guessed. A difference is named only where the value, made like the request's origin in
//! that respect, does match it.

use std::fmt;

use crate::explain::trial::{Tried, covers_origin};
use crate::lint::{is_of_one_owner, what_was_meant};
use crate::shown::shown;

/// An `AllowedOrigin` that differs from the request's origin in one thing or two.
///
/// `Display` is half a sentence: the rule (counted from 1), the value, what is wrong, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NearOrigin {
    rule: usize,
    value: String,
    differences: Vec<Difference>,
    write: Option<String>,
    add: Option<String>,
    pattern: Option<String>,
    over_https: Option<String>,
    is_for_strangers: bool,
}

impl NearOrigin {
    /// The index of the rule that lists it, from 0.
    #[must_use]
    pub fn rule(&self) -> usize {
        self.rule
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// In what the two differ: one thing or two, the one that is rather a mistake first.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// What to write in its place, where no browser sends an origin that it matches. Beside
    /// [`over_https`](Self::over_https), it is for the page that is loaded so.
    #[must_use]
    pub fn write(&self) -> Option<&str> {
        self.write.as_deref()
    }

    /// What to add beside it, where both can be meant.
    #[must_use]
    pub fn add(&self) -> Option<&str> {
        self.add.as_deref()
    }

    /// Whether the value is for strangers' pages too, as it stands or as it would be
    /// [mended](Self::write): then only who knows the page can say whether it is to be
    /// [added](Self::add).
    #[must_use]
    pub fn is_for_strangers(&self) -> bool {
        self.is_for_strangers
    }

    pub(super) fn has_remedy(&self) -> bool {
        self.write.is_some() || self.add.is_some()
    }

    /// A pattern that could be added in place of [`add`](Self::add), for all subdomains. None where
    /// they are not one owner's, as under `github.io`.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// The origin that the page has if it is loaded over https, where the value matches that, as it
    /// stands or once it is [mended](Self::write): better than to [`add`](Self::add) what comes over
    /// plain http.
    #[must_use]
    pub fn over_https(&self) -> Option<&str> {
        self.over_https.as_deref()
    }
}

impl fmt::Display for NearOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {} has \"{}\": ", self.rule + 1, self.value)?;
        match (&self.differences[..], &self.write, &self.add) {
            ([slip], Some(_), None) => f.write_str(slip.fault())?,
            ([one @ (Difference::Apex | Difference::Subdomain)], ..) => f.write_str(one.fault())?,
            (differences, ..) => {
                f.write_str("they differ in ")?;
                for (n, difference) in differences.iter().enumerate() {
                    f.write_str(if n > 0 { " and " } else { "" })?;
                    f.write_str(difference.noun())?;
                }
            }
        }
        f.write_str(";")?;
        if let Some(value) = &self.write {
            write!(f, " write \"{value}\"")?;
        }
        if self.over_https.is_some() {
            let and = if self.write.is_some() { " and" } else { "" };
            write!(f, "{and} load the page over https, or")?;
        }
        if let Some(value) = &self.add {
            if self.is_for_strangers {
                f.write_str(" if the page is yours,")?;
            }
            write!(f, " add \"{value}\"")?;
        }
        if let Some(pattern) = &self.pattern {
            write!(f, ", or \"{pattern}\" for all of them")?;
        }
        if self.has_remedy() {
            return Ok(());
        }
        f.write_str(" no browser sends the request's")
    }
}

/// In what an `AllowedOrigin` and an origin can differ and look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Difference {
    /// The value is several origins, apart by `,`, `;` or `|`. Each needs a value of its own.
    Several,
    /// One ends in `/`. No browser sends that.
    TrailingSlash,
    /// One has a path. No browser sends that.
    Path,
    /// One has no scheme. No browser sends that.
    MissingScheme,
    /// One has something else than `://` behind its scheme, such as `https//` or `https:/`.
    Separator,
    /// The value's host ends in a dot, and the origin's does not.
    TrailingDot,
    /// Upper and lower case. Browsers send lower case.
    Case,
    /// One has `:80` with `http`, or `:443` with `https`. Browsers leave these out.
    DefaultPort,
    /// The value is not written as browsers write an origin, in another way than these or in several:
    /// in quotes, with a misspelled scheme, with user information.
    Spelling,
    /// `http` and `https`, mostly.
    Scheme,
    /// The ports; one may have none.
    Port,
    /// `localhost`, `127.0.0.1` and `[::1]`: one machine, and three origins.
    Loopback,
    /// One has a `www.` before its host.
    Www,
    /// `*.` stands before a domain, and the origin is that domain itself.
    Apex,
    /// The origin is a subdomain of the value's domain.
    Subdomain,
}

impl Difference {
    /// Also the order in which they are looked for.
    const ALL: [Self; 15] = [
        Self::Several,
        Self::TrailingSlash,
        Self::Path,
        Self::MissingScheme,
        Self::Separator,
        Self::TrailingDot,
        Self::Case,
        Self::DefaultPort,
        Self::Spelling,
        Self::Scheme,
        Self::Port,
        Self::Loopback,
        Self::Www,
        Self::Apex,
        Self::Subdomain,
    ];

    /// A stable label: the variant in snake case, such as `trailing_slash`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Several => "several",
            Self::TrailingSlash => "trailing_slash",
            Self::Path => "path",
            Self::MissingScheme => "missing_scheme",
            Self::Separator => "separator",
            Self::TrailingDot => "trailing_dot",
            Self::Case => "case",
            Self::DefaultPort => "default_port",
            Self::Spelling => "spelling",
            Self::Scheme => "scheme",
            Self::Port => "port",
            Self::Loopback => "loopback",
            Self::Www => "www",
            Self::Apex => "apex",
            Self::Subdomain => "subdomain",
        }
    }

    /// Whether a value that has it can't have been meant so.
    const fn is_of_the_document(self) -> bool {
        matches!(
            self,
            Self::Several
                | Self::TrailingSlash
                | Self::Path
                | Self::MissingScheme
                | Self::Separator
                | Self::Case
                | Self::DefaultPort
                | Self::Spelling
        )
    }

    /// Of the value, where it is the only one.
    const fn fault(self) -> &'static str {
        match self {
            Self::Several => "it is several in one, and each needs a value of its own",
            Self::TrailingSlash => "it ends in \"/\", which no browser sends",
            Self::Path => "it has a path, which no browser sends",
            Self::MissingScheme => "it lacks the scheme",
            Self::Separator => "\"://\" is to stand behind the scheme",
            Self::Case => "case counts, and browsers send lower case",
            Self::DefaultPort => "browsers leave out the default port",
            Self::Spelling => "it is not written as browsers send it",
            Self::Apex => "it wants a subdomain",
            Self::Subdomain => "it does not cover subdomains",
            other => other.noun(),
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Several => "their number",
            Self::TrailingSlash => "a trailing slash",
            Self::Path => "the path",
            Self::MissingScheme => "a missing scheme",
            Self::Separator => "the \"://\"",
            Self::TrailingDot => "a trailing dot",
            Self::Case => "upper and lower case",
            Self::DefaultPort => "the default port",
            Self::Spelling => "how they are written",
            Self::Scheme => "the scheme",
            Self::Port => "the port",
            Self::Loopback => "the name of this machine",
            Self::Www => "\"www.\"",
            Self::Apex | Self::Subdomain => "the subdomain",
        }
    }

    /// The value, made like the origin in this respect. None if they don't differ in it.
    fn mend<'t>(self, value: Parts<'t>, origin: Parts<'t>) -> Option<Parts<'t>> {
        let only_slashes = |tail: &str| tail.bytes().all(|byte| byte == b'/');
        let slashes = only_slashes(value.tail) && only_slashes(origin.tail);
        match self {
            Self::Several | Self::Spelling => None, // they are compared as a whole
            Self::TrailingSlash | Self::Path => {
                let is_this = slashes == (self == Self::TrailingSlash);
                (is_this && value.tail != origin.tail).then_some(Parts {
                    tail: origin.tail,
                    ..value
                })
            }
            Self::MissingScheme | Self::Scheme => {
                let one_has_none = value.scheme.is_none() != origin.scheme.is_none();
                let is_this = one_has_none == (self == Self::MissingScheme);
                let separator = match self {
                    Self::MissingScheme => origin.separator,
                    _ => value.separator,
                };
                (is_this && value.scheme != origin.scheme).then_some(Parts {
                    scheme: origin.scheme,
                    separator,
                    ..value
                })
            }
            Self::Separator => (value.separator != origin.separator).then_some(Parts {
                separator: origin.separator,
                ..value
            }),
            Self::TrailingDot => {
                let host = value.host.strip_suffix('.')?;
                (!origin.host.ends_with('.')).then_some(Parts { host, ..value })
            }
            Self::Case => Some(value), // compared without case, once all else is mended
            Self::DefaultPort | Self::Port => {
                let is_default = value.has_default_port() && origin.port.is_none()
                    || origin.has_default_port() && value.port.is_none();
                let is_this = is_default == (self == Self::DefaultPort);
                (is_this && value.port != origin.port).then_some(Parts {
                    port: origin.port,
                    ..value
                })
            }
            Self::Loopback => {
                let both = is_loopback(value.host) && is_loopback(origin.host);
                (both && value.host != origin.host).then_some(Parts {
                    host: origin.host,
                    ..value
                })
            }
            Self::Www => {
                let www = value.host.split_at_checked("www.".len());
                Some(match www {
                    Some((www, host)) if www.eq_ignore_ascii_case("www.") => {
                        Parts { host, ..value }
                    }
                    _ => Parts {
                        before: "www.",
                        ..value
                    },
                })
            }
            Self::Apex => {
                let host = value.host.strip_prefix("*.")?;
                Some(Parts { host, ..value })
            }
            Self::Subdomain => (!value.host.contains('*')).then_some(Parts {
                before: "*.",
                ..value
            }),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether a browser sends such an origin: one as it serializes them, in lower case, without the
/// scheme's own port and with nothing behind.
pub(super) fn is_sent(origin: &str) -> bool {
    let parts = Parts::of(origin);
    let is_of_a_scheme = |byte: u8| byte.is_ascii_lowercase() || b"0123456789+-.".contains(&byte);
    let Some(scheme) = parts.scheme else {
        return origin == "null";
    };
    let is_port = match parts.port {
        None => true,
        Some(port) => {
            !parts.has_default_port() && !port.starts_with('0') && port.parse::<u16>().is_ok()
        }
    };
    // An app's own scheme, or a file's, may have no host.
    let has_host = !parts.host.is_empty() || !matches!(scheme, "http" | "https");
    let is_odd = |c: char| c.is_ascii_uppercase() || "*@,;|\\\"<>^`{} ".contains(c);
    parts.separator == "://"
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(is_of_a_scheme)
        && is_port
        && has_host
        && parts.tail.is_empty()
        && !origin.contains(is_odd)
}

/// The origin of the same page over https, if it came over plain http from another machine.
fn over_https(origin: &str) -> Option<String> {
    let Parts { host, .. } = Parts::of(origin);
    let is_of_this_machine = is_loopback(host) || host.ends_with(".localhost");
    let rest = origin.strip_prefix("http://")?;
    (!is_of_this_machine).then(|| format!("https://{rest}"))
}

/// What the parts of an origin would be, for whatever stands there.
#[derive(Clone, Copy)]
struct Parts<'t> {
    scheme: Option<&'t str>,
    /// Between scheme and host: `://`, or what stands there by mistake.
    separator: &'t str,
    /// What was put before the host.
    before: &'static str,
    host: &'t str,
    port: Option<&'t str>,
    /// From the first of `/`, `?` and `#` on.
    tail: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Self {
        let (scheme, separator, rest) = match text.split_once("://") {
            Some(("", rest)) => (None, "://", rest),
            Some((scheme, rest)) => (Some(scheme), "://", rest),
            None => misspelled_scheme(text),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit() || b == b'*');
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if is_port(port) => (host, Some(port)),
            _ => (authority, None),
        };
        Self {
            scheme,
            separator,
            before: "",
            host,
            port,
            tail,
        }
    }

    fn has_default_port(self) -> bool {
        matches!(
            (self.scheme, self.port),
            (Some("http"), Some("80")) | (Some("https"), Some("443"))
        )
    }

    fn join(self) -> String {
        let mut text = String::new();
        text.push_str(self.scheme.unwrap_or_default());
        text.extend([self.separator, self.before, self.host]);
        if let Some(port) = self.port {
            text.extend([":", port]);
        }
        text.push_str(self.tail);
        text
    }
}

/// The scheme, what stands in the place of its `://`, and the rest.
fn misspelled_scheme(text: &str) -> (Option<&str>, &str, &str) {
    let (scheme, after) = ["https", "http"]
        .iter()
        .find_map(|scheme| {
            text.split_at_checked(scheme.len())
                .filter(|(s, _)| s == scheme)
        })
        .filter(|(_, after)| after.starts_with([':', '/']))
        .unwrap_or(("", text));
    let rest = after.trim_start_matches([':', '/']);
    let separator = after.strip_suffix(rest).unwrap_or_default();
    ((!scheme.is_empty()).then_some(scheme), separator, rest)
}

/// The nearest of each rule that does not match, the nearest of all first.
pub(super) fn origins(origin: &[u8], rules: &[Tried]) -> Vec<NearOrigin> {
    let Ok(origin) = str::from_utf8(origin) else {
        return Vec::new();
    };
    let mut near = Vec::new();
    for (n, rule) in rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.origin.is_none())
    {
        let values = rule.conditions.origins.iter();
        let values = values.filter_map(|value| nearness(str::from_utf8(value).ok()?, origin));
        if let Some(nearest) = values.min_by_key(Nearness::rank) {
            near.push(((nearest.rank(), !rule.meets_the_rest(), n), nearest));
        }
    }
    near.sort_by_key(|(rank, _)| *rank);
    let near = near.into_iter();
    near.map(|((_, _, rule), nearest)| nearest.of_rule(rule, origin))
        .collect()
}

/// How near a value is.
struct Nearness<'t> {
    value: &'t str,
    first: Difference,
    second: Option<Difference>,
    mended: String,
}

impl Nearness<'_> {
    fn rank(&self) -> (Option<Difference>, Difference) {
        (self.second, self.first)
    }

    fn differences(&self) -> impl Iterator<Item = Difference> {
        [self.first].into_iter().chain(self.second)
    }

    /// Whether the value can't have been meant as it is.
    fn is_slip(&self) -> bool {
        self.differences().all(Difference::is_of_the_document)
    }

    fn of_rule(self, rule: usize, origin: &str) -> NearOrigin {
        let differences: Vec<_> = self.differences().collect();
        let is_slip = self.is_slip();
        let is_sent = is_sent(origin);
        let is_wider = differences.contains(&Difference::Subdomain);
        // With what else it lacks: a scheme, so that plain http is not let in.
        let whole = what_was_meant(&self.mended).filter(|whole| covers(whole, origin));
        let mended = whole.unwrap_or(self.mended);
        let is_pattern = mended.contains('*');
        let is_for_strangers = !is_of_one_owner(&mended);
        // A pattern is only for names of one owner, and not for what came over plain http.
        let https = over_https(origin).filter(|_| is_sent);
        let is_open = is_for_strangers || is_pattern && https.is_some();
        let one = is_wider || is_open;
        let remedy = if one { origin } else { &mended };
        let remedy = is_sent.then(|| shown(remedy.as_bytes()));
        let is_theirs = is_sent && is_wider && !is_open;
        let pattern = is_theirs.then(|| shown(mended.as_bytes()));
        let (mut write, add) = if is_slip && !is_open {
            (remedy, None)
        } else {
            (None, remedy)
        };
        let mut over_https = None;
        if let Some(https) = https.filter(|_| add.is_some()) {
            let meant = what_was_meant(self.value).filter(|meant| is_of_one_owner(meant));
            if covers(self.value, &https) {
                over_https = Some(shown(https.as_bytes()));
            } else if let Some(meant) = meant.filter(|meant| covers(meant, &https)) {
                over_https = Some(shown(https.as_bytes()));
                write = Some(shown(meant.as_bytes()));
            }
        }
        NearOrigin {
            rule,
            value: shown(self.value.as_bytes()),
            differences,
            write,
            add,
            pattern,
            over_https,
            is_for_strangers,
        }
    }
}

/// In one thing, or in two.
fn nearness<'t>(value: &'t str, origin: &str) -> Option<Nearness<'t>> {
    let (its, wanted) = (Parts::of(value), Parts::of(origin));
    let matches = |parts: Parts<'_>, differences: [Option<Difference>; 2]| {
        let mut text = parts.join();
        if differences.contains(&Some(Difference::Case)) {
            text.make_ascii_lowercase();
            let origin = origin.to_ascii_lowercase();
            return covers(&text, &origin).then_some(text);
        }
        covers(&text, origin).then_some(text)
    };
    // `null` is like nothing else.
    if origin == "null" {
        return None;
    }
    let near = |first, second, mended| Nearness {
        value,
        first,
        second,
        mended,
    };
    if let Some(one) = one_of_several(value, origin) {
        return Some(near(Difference::Several, None, one));
    }
    let all = Difference::ALL;
    let once = all.iter().filter_map(|first| {
        let parts = first.mend(its, wanted)?;
        Some((*first, parts))
    });
    let once: Vec<(Difference, Parts<'_>)> = once.collect();
    let single = once.iter().find_map(|&(first, parts)| {
        let mended = matches(parts, [Some(first), None])?;
        Some(near(first, None, mended))
    });
    if single.as_ref().is_some_and(Nearness::is_slip) {
        return single;
    }
    let mut pairs = once.into_iter().flat_map(|(first, parts)| {
        let seconds = all.iter().copied().filter(move |second| *second > first);
        seconds.filter_map(move |second| {
            let both = second.mend(parts, wanted)?;
            Some((first, second, both))
        })
    });
    let pair = pairs.find_map(|(first, second, parts)| {
        let mended = matches(parts, [Some(first), Some(second)])?;
        Some(near(first, Some(second), mended))
    });
    if pair.as_ref().is_some_and(Nearness::is_slip) {
        return pair;
    }
    let spelled = what_was_meant(value).and_then(|meant| {
        if covers(&meant, origin) {
            return Some(near(Difference::Spelling, None, meant));
        }
        let its = Parts::of(&meant);
        all.iter().find_map(|&second| {
            let mended = matches(second.mend(its, wanted)?, [None, Some(second)])?;
            Some(near(Difference::Spelling, Some(second), mended))
        })
    });
    let is_exact = spelled.as_ref().is_some_and(Nearness::is_slip);
    let (first, last) = if is_exact {
        (spelled, single.or(pair))
    } else {
        (single.or(pair), spelled)
    };
    first.or(last)
}

/// What of a list in one value is for the origin, as it stands or as it was meant.
fn one_of_several(value: &str, origin: &str) -> Option<String> {
    let separators = [',', ';', '|'];
    if !value.contains(separators) {
        return None;
    }
    let mut each = value.split(separators).filter(|one| *one != "*");
    each.find_map(|one| {
        let meant = what_was_meant(one).filter(|meant| covers(meant, origin));
        meant.or_else(|| covers(one, origin).then(|| one.to_owned()))
    })
}

fn covers(value: &str, origin: &str) -> bool {
    covers_origin(value.as_bytes(), origin.as_bytes())
}
