//! An origin of a document taken apart, and whom its `*` lets in.
//!
//! The engine compares origins byte for byte and never parses one. What somebody meant by one can't
//! be told without taking it apart, so that is done here, by hand. (`explain::near` takes two apart to
//! compare them, and asks no more of them than in what they differ.)

use std::net::Ipv6Addr;

use super::suffixes::{Under, is_like_a_suffix, under};
use super::takes;

/// A value taken apart.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) scheme: Scheme<'a>,
    /// The scheme as it is written, with its `://`.
    pub(super) before: &'a str,
    pub(super) has_user: bool,
    /// A name or an address; IPv6 in its brackets.
    pub(super) host: &'a str,
    /// What stands behind the colon.
    pub(super) port: Option<&'a str>,
    /// From the first `/`, `?` or `#` on, or what browsers read as a `/`.
    pub(super) rest: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme<'a> {
    Missing,
    /// It may have a `*`.
    Named(&'a str),
    /// The host's `*` stands for it, or for the end of it.
    Open,
}

impl<'a> Parts<'a> {
    pub(super) fn of(value: &'a str) -> Self {
        let (scheme, after) = split_scheme(value);
        let end = after.find(['/', '?', '#', '\\']).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end).unwrap_or((after, ""));
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (address, None),
        };
        Self {
            scheme,
            before: value.strip_suffix(after).unwrap_or_default(),
            has_user: user.is_some(),
            host,
            port,
            rest,
        }
    }

    /// The same scheme and port with this host, as browsers would send it.
    pub(super) fn with_host(&self, host: &str) -> String {
        let scheme = match self.scheme {
            Scheme::Named(scheme) => scheme,
            Scheme::Open | Scheme::Missing => "https",
        };
        self.spelled(scheme, host)
    }

    /// Whether the port is the scheme's own, or nothing.
    pub(super) fn is_default_port(&self) -> bool {
        let is = |name: &str| matches!(self.scheme, Scheme::Named(scheme) if scheme.eq_ignore_ascii_case(name));
        match self.port {
            Some("") => true,
            Some("80") => is("http"),
            Some("443") => is("https"),
            _ => false,
        }
    }

    /// Not of an app's own scheme, whose host is a text like any other and may be missing.
    pub(super) fn is_of_the_web(&self) -> bool {
        let Scheme::Named(scheme) = self.scheme else {
            return true;
        };
        let scheme = scheme_name(scheme).to_ascii_lowercase();
        takes(&scheme, "http") || takes(&scheme, "https")
    }

    pub(super) fn has_upper_case(&self) -> bool {
        let is_upper = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
        let scheme = matches!(self.scheme, Scheme::Named(scheme) if is_upper(scheme));
        scheme || self.is_of_the_web() && is_upper(self.host)
    }

    /// What its host or its port has that those of a page never have.
    pub(super) fn what_is_broken(&self) -> Option<&'static str> {
        if !self.is_of_the_web() || self.host.is_empty() {
            return None;
        }
        if self.in_brackets().is_some() {
            return Some("has an IPv6 address without brackets");
        }
        self.what_is_broken_in_host()
            .or_else(|| what_is_broken_in_port(self.port?))
    }

    fn what_is_broken_in_host(&self) -> Option<&'static str> {
        let host = self.host;
        if host.starts_with('[') && host.ends_with(']') {
            return None;
        }
        // One dot at the end is sent as it is.
        let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
        Some(if host.contains(':') {
            "has more than one port"
        } else if host.contains(is_in_no_host) {
            "has a character that no host has"
        } else if labels.any(str::is_empty) {
            "has an empty label in its host"
        } else {
            return None;
        })
    }

    /// Its host and port, if that is an IPv6 address without its brackets. Of `::1`, what follows
    /// is a port.
    pub(super) fn in_brackets(&self) -> Option<String> {
        let (host, port) = (self.host, self.port?);
        let whole = format!("{host}:{port}");
        let is_address = |text: &str| text.parse::<Ipv6Addr>().is_ok();
        if is_address(&whole) && host != "::1" {
            return Some(format!("[{whole}]"));
        }
        is_address(host).then(|| format!("[{host}]:{port}"))
    }

    /// What was meant by its scheme, if no browser has that one.
    pub(super) fn misspelled_scheme(&self) -> Option<(&'a str, &'static str)> {
        let Scheme::Named(scheme) = self.scheme else {
            return None;
        };
        match nearest_scheme(scheme)? {
            (known, true) if !scheme.contains('*') => Some((scheme, known)),
            _ => None,
        }
    }

    pub(super) fn with_scheme(&self, scheme: &str) -> String {
        self.spelled(scheme, self.host)
    }

    fn spelled(&self, scheme: &str, host: &str) -> String {
        match self.port {
            None | Some("") => format!("{scheme}://{host}"),
            Some(port) => format!("{scheme}://{host}:{port}"),
        }
    }
}

/// Whether it is from a template or an example: `${HOST}`, `{{ host }}`, `<host>`, `%HOST%`,
/// `__HOST__`.
pub(super) fn has_placeholder(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_of_a_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        !name.is_empty() && name.bytes().all(is_of_a_name)
    };
    let between = |start: &str, end: &str| {
        let name = text
            .split_once(start)
            .and_then(|(_, rest)| rest.split_once(end));
        name.is_some_and(|(name, _)| is_name(name))
    };
    // A host may have two of them in a row.
    let is_underlined = |label: &str| {
        let name = label
            .strip_prefix("__")
            .and_then(|name| name.strip_suffix("__"));
        name.is_some_and(|name| is_name(name) && !name.contains(|c: char| c.is_ascii_lowercase()))
    };
    text.contains(['{', '}', '$'])
        || between("<", ">")
        || between("%", "%")
        || text.split(['.', ':', '/']).any(is_underlined)
}

/// What the URL standard forbids, quotation marks, and what is in no name but a template's.
fn is_in_no_host(c: char) -> bool {
    let is_forbidden = " \"$%'()<>[]^`{|}".contains(c);
    is_forbidden || c.is_ascii_control()
}

fn what_is_broken_in_port(port: &str) -> Option<&'static str> {
    let is_of_digits = port.bytes().all(|b| b.is_ascii_digit() || b == b'*');
    let is_number = port.parse::<u16>().is_ok();
    if port.is_empty() || is_of_digits && port.contains('*') {
        return None; // the empty one is the scheme's
    }
    if !is_of_digits || !is_number {
        return Some("has a port that is no number from 1 to 65535");
    }
    port.starts_with('0')
        .then_some("has a port that begins with 0")
}

/// The scheme of the web that was meant by this, and whether it is another.
///
/// A page that opens a socket has the origin that it was loaded from. The schemes of apps may be near
/// as well, if not as near: `tap`, `ftp`, `rtsp`.
pub(super) fn nearest_scheme(name: &str) -> Option<(&'static str, bool)> {
    const LONGEST: usize = 7;
    const SOCKETS: [(&str, &str); 2] = [("ws", "http"), ("wss", "https")];
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if let Some((_, known)) = SOCKETS.iter().find(|(socket, _)| *socket == name) {
        return Some((known, true));
    }
    let near = ["https", "http"].map(|known| (distance(&name, known), known));
    let (distance, known) = near.into_iter().min_by_key(|(distance, _)| *distance)?;
    let most = if name.starts_with('h') { 2 } else { 1 };
    (distance <= most).then_some((known, distance > 0))
}

/// How many bytes have to be put in, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (n, x) in a.bytes().enumerate() {
        let mut before = n + 1;
        let mut next = vec![before];
        for ((above, left_above), y) in row.iter().skip(1).zip(&row).zip(b.bytes()) {
            before = (before + 1)
                .min(above + 1)
                .min(left_above + usize::from(x != y));
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn split_scheme(value: &str) -> (Scheme<'_>, &str) {
    if let Some((scheme, rest)) = value.split_once("://")
        && !scheme.is_empty()
        && scheme.bytes().all(is_scheme_byte)
    {
        return (Scheme::Named(scheme), rest);
    }
    // `*` may stand for a part of `https://` as well: `http*`, `*.example.com`, `*//example.com`.
    if let Some((start, end)) = value.split_once('*')
        && ["https://", "http://"]
            .iter()
            .any(|scheme| scheme.starts_with(start))
    {
        let host = end.trim_start_matches('/');
        return if host.len() < end.len() && !host.is_empty() {
            let scheme = value.get(..=start.len()).unwrap_or_default();
            (Scheme::Named(scheme), host)
        } else {
            (Scheme::Open, value.get(start.len()..).unwrap_or_default())
        };
    }
    (Scheme::Missing, value.strip_prefix("//").unwrap_or(value))
}

fn is_scheme_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'*')
}

/// What a value's `*` takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach<'a> {
    /// Hosts of one owner, or those that the value lists.
    OneOwner,
    /// Every host.
    Everyone,
    /// Every host that begins with the same text, whoever owns it.
    OpenEnd,
    /// Hosts under another name, of which the value's is the end.
    Glued,
    /// Every name under a suffix that sells them.
    Public(&'a str),
    /// Every name under a suffix where services give them away.
    Shared(&'a str),
}

impl<'a> Parts<'a> {
    pub(super) fn reach(&self) -> Reach<'a> {
        let Some((before, after)) = self.host.split_once('*') else {
            return Reach::OneOwner;
        };
        if !self.is_of_the_web() {
            return Reach::OneOwner;
        }
        let is_open = matches!(after, "" | ".");
        match under(after) {
            _ if is_open && before.is_empty() => Reach::Everyone,
            _ if is_open => Reach::OpenEnd,
            Under::OneOwner => Reach::OneOwner,
            Under::Glued => Reach::Glued,
            Under::Public(suffix) => Reach::Public(suffix),
            Under::Shared(suffix) => Reach::Shared(suffix),
        }
    }

    /// An origin that nobody can have meant to let in.
    pub(super) fn stranger(&self) -> String {
        let (before, after) = self.host.split_once('*').unwrap_or_default();
        let strange = match after {
            "" if before.ends_with('.') => "evil.example",
            "" => ".evil.example",
            _ => "evil",
        };
        self.with_host(&format!("{before}{strange}{after}"))
    }
}

/// A scheme as it was split off, without what a `*` may stand in front of: `http:*`, `https:/*`.
pub(super) fn scheme_name(scheme: &str) -> &str {
    let end = scheme.find(':').unwrap_or(scheme.len());
    scheme.get(..end).unwrap_or(scheme)
}

/// The other name of the reader's own machine.
pub(super) fn loopback(host: &str) -> Option<&'static str> {
    match host {
        "localhost" => Some("127.0.0.1"),
        "127.0.0.1" => Some("localhost"),
        _ => None,
    }
}

/// Whether what a value's `*` takes is of one owner for sure, or of those that the value lists.
///
/// What lets somebody in depends on it, and no list of suffixes is complete: so `*.co.xy` is not, nor
/// is any pattern of an app's own scheme.
pub(crate) fn is_of_one_owner(value: &str) -> bool {
    let parts = Parts::of(value);
    let Some((_, end)) = parts.host.split_once('*') else {
        return true;
    };
    parts.is_of_the_web() && parts.reach() == Reach::OneOwner && !is_like_a_suffix(end)
}
