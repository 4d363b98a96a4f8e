//! The definition, slow and obvious: sections 3 and 4 of `docs/semantics.md`,
//! read line by line over a [`Configuration`].
//!
//! It shares no code with the crate's engine and takes nothing from its
//! profiles, so that a mistake has to be made twice to go unseen.

use std::fmt;

use bucket_cors::{
    Configuration, Credentials, Denial, Outcome, Profile, RequestFields, RequestKind, Rule, Vary,
};
use http::header::{HeaderName, HeaderValue};

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

const MOST_ORIGIN_BYTES: usize = 2048;
const MOST_HEADER_LINES: usize = 8;
const MOST_HEADER_BYTES: usize = 8192;
const MOST_HEADER_NAMES: usize = 128;

/// What CORS reads of a request: the method, and three fields by their lines.
#[derive(Clone, Default)]
pub struct Asked {
    pub method: Vec<u8>,
    pub origin: Vec<Vec<u8>>,
    pub request_method: Vec<Vec<u8>>,
    pub request_headers: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Cos,
    S3,
}

/// A provider, and the choices that are the caller's.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub provider: Provider,
    pub vary: Vary,
    pub credentials: Credentials,
}

/// All that a decision says, in an order and a spelling that compare.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub kind: RequestKind,
    pub outcome: Outcome,
    /// The deciding rule's.
    pub id: Option<String>,
    /// The `Access-Control-*` fields, names in lower case, sorted.
    pub fields: Vec<(String, String)>,
    /// In lower case, sorted.
    pub vary: Vec<String>,
    /// Of an `OPTIONS` answer; other requests are served.
    pub status: Option<u16>,
}

/// The answer to a request; no configuration is a bucket without a document.
pub fn answer(configuration: Option<&Configuration>, asked: &Asked, terms: Terms) -> Answer {
    let kind = kind(asked);
    let verdict = match kind {
        RequestKind::NotCors => None,
        RequestKind::Preflight | RequestKind::Options => Some(options(configuration, asked)),
        RequestKind::Actual => Some(actual(configuration, asked, terms.provider)),
    };
    let outcome = match verdict {
        None => Outcome::NotCors,
        Some(Ok(rule)) => Outcome::Allowed { rule },
        Some(Err(denial)) => Outcome::Denied(denial),
    };
    let rule = match (outcome, configuration) {
        (Outcome::Allowed { rule }, Some(configuration)) => Some(&configuration.rules[rule]),
        _ => None,
    };
    Answer {
        kind,
        outcome,
        id: rule.and_then(|rule| rule.id.clone()),
        fields: rule.map_or_else(Vec::new, |rule| fields(rule, asked, kind, terms)),
        vary: vary(configuration, kind, outcome, terms),
        status: status(kind, outcome),
    }
}

// 3.2: one line of the request method makes a preflight, whatever it says.
fn kind(asked: &Asked) -> RequestKind {
    let options = asked.method == b"OPTIONS";
    let origin = !asked.has_no_origin();
    let request_method = !asked.request_method.is_empty();
    match (options, origin) {
        (true, true) if request_method => RequestKind::Preflight,
        (true, _) => RequestKind::Options,
        (false, true) => RequestKind::Actual,
        (false, false) => RequestKind::NotCors,
    }
}

// 3.3: the order of the lines is the order of the clauses.
fn options(configuration: Option<&Configuration>, asked: &Asked) -> Result<usize, Denial> {
    if asked.has_no_origin() {
        return Err(Denial::MissingOrigin);
    }
    let origin = well_formed_origin(asked)?;
    no_unknown_request_method(asked)?;
    let configuration = configuration.ok_or(Denial::NotConfigured)?;
    let method = only_request_method(asked)?;
    let names = requested_names(asked)?;
    deciding_rule(configuration, origin, method, &names)
}

// 3.4
fn actual(
    configuration: Option<&Configuration>,
    asked: &Asked,
    provider: Provider,
) -> Result<usize, Denial> {
    let origin = well_formed_origin(asked)?;
    let configuration = configuration.ok_or(Denial::NotConfigured)?;
    let mut method = asked.method.as_slice();
    let mut names = Vec::new();
    // 3.4.2: no other profile looks at these two fields here.
    if provider == Provider::S3 {
        if !asked.request_method.is_empty() {
            no_unknown_request_method(asked)?;
            method = only_request_method(asked)?;
        }
        names = requested_names(asked)?;
    }
    deciding_rule(configuration, origin, method, &names)
}

// 3.3.2
fn well_formed_origin(asked: &Asked) -> Result<&[u8], Denial> {
    match asked.origin.as_slice() {
        [origin]
            if origin.len() <= MOST_ORIGIN_BYTES
                && origin.iter().all(|byte| (0x21..=0x7E).contains(byte)) =>
        {
            Ok(origin)
        }
        _ => Err(Denial::MalformedOrigin),
    }
}

// 3.3.3: of several lines nothing is said here.
fn no_unknown_request_method(asked: &Asked) -> Result<(), Denial> {
    match asked.request_method.as_slice() {
        [line] if !METHODS.iter().any(|method| method.as_bytes() == line) => {
            Err(Denial::InvalidRequestMethod)
        }
        _ => Ok(()),
    }
}

// 3.3.5
fn only_request_method(asked: &Asked) -> Result<&[u8], Denial> {
    match asked.request_method.as_slice() {
        [line] => Ok(line),
        _ => Err(Denial::MissingRequestMethod),
    }
}

// 3.3.6
pub fn requested_names(asked: &Asked) -> Result<Vec<&[u8]>, Denial> {
    let lines = &asked.request_headers;
    let names: Vec<&[u8]> = lines.iter().flat_map(|line| elements(line)).collect();
    let too_much = lines.len() > MOST_HEADER_LINES
        || lines.iter().map(Vec::len).sum::<usize>() > MOST_HEADER_BYTES
        || names.len() > MOST_HEADER_NAMES;
    if too_much || !names.iter().all(|name| is_token(name)) {
        return Err(Denial::MalformedRequestHeaders);
    }
    Ok(names)
}

/// The members of a list field's line (RFC 9110, section 5.6.1.2).
pub fn elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&byte| byte == b',')
        .map(trimmed)
        .filter(|element| !element.is_empty())
}

fn trimmed(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}

/// `token` of RFC 9110, section 5.6.2.
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

// 3.3.7, or else 3.3.8: how far the closest rule got.
fn deciding_rule(
    configuration: &Configuration,
    origin: &[u8],
    method: &[u8],
    names: &[&[u8]],
) -> Result<usize, Denial> {
    let stops: Vec<Option<Denial>> = configuration
        .rules
        .iter()
        .map(|rule| stops_at(rule, origin, method, names))
        .collect();
    if let Some(rule) = stops.iter().position(Option::is_none) {
        return Ok(rule);
    }
    for far in [Denial::Headers, Denial::Method] {
        if stops.contains(&Some(far)) {
            return Err(far);
        }
    }
    Err(Denial::Origin)
}

/// The first of the three conditions that the rule does not meet.
fn stops_at(rule: &Rule, origin: &[u8], method: &[u8], names: &[&[u8]]) -> Option<Denial> {
    let origins = &rule.allowed_origins;
    let methods = &rule.allowed_methods;
    let headers = &rule.allowed_headers;
    let name_matches = |name: &&[u8]| headers.iter().any(|header| header_matches(header, name));

    if !origins.iter().any(|value| origin_matches(value, origin)) {
        Some(Denial::Origin)
    } else if !methods.iter().any(|value| value.as_bytes() == method) {
        Some(Denial::Method)
    } else if !names.iter().all(name_matches) {
        Some(Denial::Headers)
    } else {
        None
    }
}

// 3.5.3: `null` is no text that a pattern may match by accident.
fn origin_matches(value: &str, origin: &[u8]) -> bool {
    if origin == b"null" {
        value == "*" || value == "null"
    } else {
        pattern_matches(value.as_bytes(), origin)
    }
}

// 3.5.5: in ASCII, since `K` and the Kelvin sign are one letter to Unicode.
fn header_matches(value: &str, name: &[u8]) -> bool {
    pattern_matches(
        &value.as_bytes().to_ascii_lowercase(),
        &name.to_ascii_lowercase(),
    )
}

// 3.5.1: every way to cut the text in three is tried. The middle is the star's.
fn pattern_matches(pattern: &[u8], text: &[u8]) -> bool {
    let Some(star) = pattern.iter().position(|&byte| byte == b'*') else {
        return pattern == text;
    };
    let (before, after) = (&pattern[..star], &pattern[star + 1..]);
    let ends = |start: usize| (start..=text.len()).any(|end| &text[end..] == after);
    (0..=text.len()).any(|start| &text[..start] == before && ends(start))
}

// 4.1
fn fields(rule: &Rule, asked: &Asked, kind: RequestKind, terms: Terms) -> Vec<(String, String)> {
    let separator = match terms.provider {
        Provider::Cos => ",",
        Provider::S3 => ", ",
    };
    let mut fields = Vec::new();
    let mut set = |name: &str, value: String| {
        fields.push((format!("access-control-{name}"), value));
    };

    if rule.allowed_origins.iter().any(|origin| origin == "*") {
        set("allow-origin", "*".to_owned());
    } else {
        set("allow-origin", text(&asked.origin[0]));
        if matches!(terms.credentials, Credentials::AsProvider) {
            set("allow-credentials", "true".to_owned());
        }
    }
    if !rule.expose_headers.is_empty() {
        set(
            "expose-headers",
            once_each(&rule.expose_headers).join(separator),
        );
    }
    // 5.1.3: S3 answers an actual request as it answers a preflight.
    if kind == RequestKind::Preflight || terms.provider == Provider::S3 {
        set(
            "allow-methods",
            once_each(&rule.allowed_methods).join(separator),
        );
        let names = requested_names(asked).unwrap_or_default();
        if !names.is_empty() {
            let allowed = allow_headers(rule, &names, terms.provider);
            set("allow-headers", allowed.join(separator));
        }
        if let Some(seconds) = rule.max_age_seconds {
            set("max-age", seconds.to_string());
        }
    }
    fields.sort();
    fields
}

/// 4.1.9: the names asked for, or the rule's own where it has no star to hide.
fn allow_headers(rule: &Rule, names: &[&[u8]], provider: Provider) -> Vec<String> {
    let starred = rule.allowed_headers.iter().any(|name| name.contains('*'));
    let allowed = match provider {
        Provider::Cos if !starred => once_each(&rule.allowed_headers),
        Provider::Cos | Provider::S3 => names.iter().map(|name| text(name)).collect(),
    };
    allowed
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// 2.5: each value at its first place, in its first spelling.
fn once_each(values: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for value in values {
        if kept
            .iter()
            .all(|earlier| !earlier.eq_ignore_ascii_case(value))
        {
            kept.push(value.clone());
        }
    }
    kept
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

// 4.2, 5.1.5
fn vary(
    configuration: Option<&Configuration>,
    kind: RequestKind,
    outcome: Outcome,
    terms: Terms,
) -> Vec<String> {
    const ORIGIN: &[&str] = &["origin"];
    const ALL: &[&str] = &[
        "access-control-request-headers",
        "access-control-request-method",
        "origin",
    ];
    let Some(configuration) = configuration else {
        return Vec::new();
    };
    let options = matches!(kind, RequestKind::Preflight | RequestKind::Options);
    let allowed = matches!(outcome, Outcome::Allowed { .. });
    let asked_for = configuration.response_vary == Some(true);
    let names = match (terms.vary, terms.provider) {
        (Vary::Safe, Provider::Cos) if !options => ORIGIN,
        (Vary::Safe, _) => ALL,
        (_, Provider::Cos) if allowed && asked_for => ORIGIN,
        (_, Provider::S3) if allowed => ALL,
        _ => &[],
    };
    names.iter().map(|&name| name.to_owned()).collect()
}

// 4.3
fn status(kind: RequestKind, outcome: Outcome) -> Option<u16> {
    match (kind, outcome) {
        (RequestKind::NotCors | RequestKind::Actual, _) => None,
        (_, Outcome::Allowed { .. }) => Some(200),
        (
            _,
            Outcome::Denied(
                Denial::MissingOrigin
                | Denial::MissingRequestMethod
                | Denial::InvalidRequestMethod
                | Denial::MalformedRequestHeaders,
            ),
        ) => Some(400),
        _ => Some(403),
    }
}

/// The rules, by index, that have anything in them that the provider would
/// refuse (2.3).
pub fn faulty_rules(configuration: &Configuration) -> Vec<usize> {
    let rules = configuration.rules.iter().enumerate();
    rules
        .filter(|(_, rule)| is_faulty(rule))
        .map(|(index, _)| index)
        .collect()
}

fn is_faulty(rule: &Rule) -> bool {
    let all = |values: &[String], good: fn(&str) -> bool| values.iter().all(|value| good(value));
    let good = is_good_id(rule.id.as_deref().unwrap_or_default())
        && !rule.allowed_origins.is_empty()
        && all(&rule.allowed_origins, is_good_origin)
        && !rule.allowed_methods.is_empty()
        && all(&rule.allowed_methods, |method| METHODS.contains(&method))
        && all(&rule.allowed_headers, |name| {
            is_name(name) && stars(name) <= 1
        })
        && all(&rule.expose_headers, |name| {
            is_name(name) && stars(name) == 0
        })
        && (0..=2_147_483_647).contains(&rule.max_age_seconds.unwrap_or(0));
    !good
}

fn is_good_id(id: &str) -> bool {
    id.chars().count() <= 255 && id.chars().all(is_xml_char)
}

fn is_good_origin(origin: &str) -> bool {
    let no_space = origin.bytes().all(|byte| byte > 0x20 && byte != 0x7F);
    no_space && origin.chars().all(is_xml_char) && stars(origin) < 2
}

fn is_name(text: &str) -> bool {
    is_token(text.as_bytes())
}

fn stars(text: &str) -> usize {
    text.matches('*').count()
}

/// `Char` of XML 1.0, section 2.2.
pub fn is_xml_char(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    }
}

impl Asked {
    // 3.1.2: one empty line is no origin. Two are two, and malformed.
    fn has_no_origin(&self) -> bool {
        match self.origin.as_slice() {
            [] => true,
            [line] => line.is_empty(),
            _ => false,
        }
    }

    /// The request in the types of `http`, if they can hold it.
    pub fn to_http(&self) -> Option<http::Request<()>> {
        let mut request = http::Request::new(());
        *request.method_mut() = http::Method::from_bytes(&self.method).ok()?;
        for (name, line) in self.lines() {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let value = HeaderValue::from_bytes(line).ok()?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }

    /// The request as a server with types of its own would hand it over.
    pub fn to_fields(&self) -> RequestFields<'_> {
        RequestFields::new(&self.method, self.lines())
    }

    /// All lines in some order and some case, with fields that don't matter.
    fn lines(&self) -> Vec<(&'static str, &[u8])> {
        let mut lines: Vec<(&'static str, &[u8])> = vec![
            ("Host", b"a"),
            ("X-Origin", b"a"),
            ("Access-Control-Request", b"GET"),
        ];
        let fields = [
            ("access-control-request-headers", &self.request_headers),
            ("ORIGIN", &self.origin),
            ("Access-Control-Request-METHOD", &self.request_method),
        ];
        for (name, values) in fields {
            lines.extend(values.iter().map(|line| (name, line.as_slice())));
        }
        lines
    }
}

/// As it would go over the wire, one field a line, bytes escaped.
impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.method.escape_ascii().to_string())?;
        for (name, line) in self.lines().into_iter().skip(3) {
            write!(f, " {name}: {:?}", line.escape_ascii().to_string())?;
        }
        Ok(())
    }
}

impl Terms {
    /// Every provider under every choice.
    pub fn all() -> Vec<Terms> {
        let mut all = Vec::new();
        for provider in [Provider::Cos, Provider::S3] {
            for vary in [Vary::Safe, Vary::AsProvider] {
                for credentials in [Credentials::AsProvider, Credentials::Never] {
                    all.push(Terms {
                        provider,
                        vary,
                        credentials,
                    });
                }
            }
        }
        all
    }

    /// The crate's profile on these terms, with room for many rules.
    pub fn profile(self) -> Profile {
        let profile = match self.provider {
            Provider::Cos => Profile::COS,
            Provider::S3 => Profile::S3,
        };
        profile
            .with_vary(self.vary)
            .with_credentials(self.credentials)
            .with_max_rules(1000)
    }
}
