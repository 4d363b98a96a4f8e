//! A request as it goes over the wire, and what deciding it may cost.

use std::cell::Cell;
use std::fmt::Debug;
use std::sync::LazyLock;

use bucket_cors::{Configuration, Credentials, Decision, Request, RequestFields, Rule, RuleSet};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::counting::{allocations, peak};
use crate::is_printable;
use crate::law::{self, Case};
use crate::reference::{self, Asked, Terms, is_xml_char};

/// 3.3.2 and 3.3.6
const MOST_ORIGIN_BYTES: usize = 2048;
const MOST_NAME_BYTES: usize = 8192;
const MOST_NAMES: usize = 128;

/// What the rules below put into an answer, names of fields apart.
const MOST_BYTES_OF_A_RULE: usize = 1024;

/// Lines with any bytes in them but CR LF. They are told apart and nothing else: a field may have
/// any name that is text, and any value.
struct Wire<'a> {
    method: &'a [u8],
    lines: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Wire<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut lines = lines(bytes);
        Self {
            method: lines.next().unwrap_or_default(),
            lines: lines.filter_map(field).collect(),
        }
    }

    fn asked(&self) -> Asked {
        let named = |wanted: &str| {
            let lines = self.lines.iter();
            let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            lines.map(|(_, value)| value.to_vec()).collect()
        };
        Asked {
            method: self.method.to_vec(),
            origin: named("Origin"),
            request_method: named("Access-Control-Request-Method"),
            request_headers: named("Access-Control-Request-Headers"),
        }
    }

    /// Those lines that a header map can hold.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.lines {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                // A full map takes no more.
                let _ = headers.try_append(name, value);
            }
        }
        headers
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let all = rest?;
        let end = all.windows(2).position(|pair| pair == b"\r\n");
        rest = end.map(|end| &all[end + 2..]);
        Some(end.map_or(all, |end| &all[..end]))
    })
}

fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let value = &line[colon + 1..];
    let value = value.strip_prefix(b" ").unwrap_or(value);
    Some((str::from_utf8(&line[..colon]).ok()?, value))
}

/// From none to ten times as many rules as a provider takes.
fn configurations() -> Vec<Option<Configuration>> {
    let one = Rule::new(["https://example.com", "https://*.example.com"], ["GET"]);
    let anyone = Rule::new(["*"], ["GET", "HEAD"])
        .with_allowed_headers(["Range", "x-cos-*"])
        .with_expose_headers(["ETag", "x-cos-meta-author"])
        .with_max_age_seconds(600);
    let sites = Rule::new(["https://example.com", "null"], ["PUT", "GET", "DELETE"])
        .with_id("sites")
        .with_allowed_headers(["*"]);
    let tenant = |n: usize| {
        let origins = [
            format!("https://{n}.test"),
            format!("https://*.{n}.test"),
            format!("http*://a.{n}"),
        ];
        Rule::new(origins, [["GET", "PUT", "POST", "DELETE", "HEAD"][n % 5]])
            .with_allowed_headers([format!("x-{n}"), format!("x-*-{n}"), format!("{n}*")])
            .with_expose_headers([format!("x-{n}")])
    };
    let mut all = vec![None];
    all.extend(
        [
            vec![one],
            vec![anyone, sites],
            alike(),
            (0..129).map(tenant).collect(),
            (0..1000).map(tenant).collect(),
        ]
        .map(|rules| Some(Configuration::from_iter(rules))),
    );
    all
}

/// Every pattern that a few letters and a star can make, so that many of them match one text; the
/// longest first, for which the text may be too short.
fn alike() -> Vec<Rule> {
    let mut texts = vec![String::new()];
    for n in 0..15 {
        texts.extend(["a", "b"].map(|letter| texts[n].clone() + letter));
    }
    texts.push("null".to_owned());
    let patterns = |text: &String| -> Vec<String> {
        let star = |at| format!("{}*{}", &text[..at], &text[at..]);
        (0..=text.len()).map(star).collect()
    };
    let rule = |text: &String| {
        Rule::new(patterns(text), ["GET", "PUT"]).with_allowed_headers(patterns(text))
    };
    texts.iter().skip(1).rev().map(rule).collect()
}

struct Bucket {
    configuration: Option<Configuration>,
    terms: Terms,
    rules: RuleSet,
}

static BUCKETS: LazyLock<Vec<Bucket>> = LazyLock::new(|| {
    let mut buckets = Vec::new();
    for configuration in configurations() {
        // Credentials cost nothing: one choice is enough of them.
        let terms = Terms::all().into_iter();
        for terms in terms.filter(|terms| terms.credentials == Credentials::AsProvider) {
            let case = Case {
                configuration: configuration.clone(),
                asked: Asked::default(),
            };
            buckets.push(Bucket {
                configuration: case.configuration.clone(),
                terms,
                rules: law::rules(&case, terms),
            });
        }
    }
    buckets
});

/// Decides the request for every bucket, by both doors.
pub fn decide(bytes: &[u8]) {
    let wire = Wire::read(bytes);
    let asked = wire.asked();
    let headers = wire.headers();
    let request = asked.to_http();
    for bucket in BUCKETS.iter() {
        let fields = read_once(&wire);
        let fields = &fields;
        costs_nothing(&bucket.rules, fields);
        let decision = bucket.rules.evaluate(fields);
        answers_in_bounds(&decision, &asked, bytes.len());
        law::allow_origin_is_safe(&decision, &asked);
        law::every_field_parses(&decision);
        law::writes_in_three_steps(&decision, &headers);

        if let Some(request) = &request {
            costs_nothing(&bucket.rules, request);
            let same = bucket.rules.evaluate(request);
            assert_eq!(law::seen(&same), law::seen(&decision));
            answers_in_bounds(&same, &asked, bytes.len());
        }
        agrees_if_small(bucket, &asked);
    }
}

/// Steps: each line is asked for once, whatever stands in it. And nothing is allocated.
fn read_once<'a>(wire: &Wire<'a>) -> RequestFields<'a> {
    let steps = Cell::new(0);
    let mut fields = None;
    let count = allocations(|| {
        let lines = wire.lines.iter().copied();
        let lines = lines.inspect(|_| steps.set(steps.get() + 1));
        fields = Some(RequestFields::new(wire.method, lines));
    });
    assert_eq!(count, 0, "allocated to read the lines");
    assert_eq!(steps.get(), wire.lines.len());
    fields.expect("it was read")
}

/// 6.9
fn costs_nothing<'a>(rules: &'a RuleSet, request: impl Into<Request<'a>> + Copy + Debug) {
    let count = allocations(|| rules.evaluate(request));
    assert_eq!(count, 0, "allocated to evaluate {request:?}");
}

/// What an answer takes depends on what a request may have at the most, not on what it has.
fn answers_in_bounds(decision: &Decision<'_>, asked: &Asked, length: usize) {
    let limits = MOST_ORIGIN_BYTES + MOST_NAME_BYTES;
    let most = MOST_BYTES_OF_A_RULE + length.min(limits) + 2 * MOST_NAMES;

    let mut bytes = 0;
    for (name, value) in decision.fields() {
        assert!(is_printable(&value), "{name}: {value:?}");
        bytes += value.len();
    }
    assert!(bytes <= most, "{bytes} bytes for {length}");

    let mut response = HeaderMap::new();
    let count = allocations(|| decision.write_to(&mut response));
    assert!(count <= MOST_ALLOCATIONS, "{count} allocations");
    let (_, peak) = peak(|| {
        let mut response = HeaderMap::new();
        decision.write_to(&mut response);
        response
    });
    assert!(peak <= 1024 + 3 * most, "{peak} bytes for {length}");

    // What goes into a log.
    assert!(format!("{decision:?}").len() <= MOST_DEBUG_BYTES);
    if let Some(error) = decision.preflight_error() {
        assert!(is_printable(&error.message()), "{}", error.message());
        assert!(error.message().len() <= 1024, "{}", error.message());
        let resource = String::from_utf8_lossy(&asked.method);
        let body = error.to_xml(&[("Resource", &resource)]);
        assert!(body.chars().all(is_xml_char), "{body:?}");
        assert!(body.len() <= 4096 + 6 * resource.len(), "{body}");
    }
}

/// What `tests/allocations.rs` gives a reason for, and a list of names that doubles up to their
/// limit.
const MOST_ALLOCATIONS: usize = 18;

/// Eleven lines, each cut at 128 bytes of up to four characters, and the rest.
const MOST_DEBUG_BYTES: usize = 8192;

/// What takes its time over a thousand rules: the reference, and a copy of them.
fn agrees_if_small(bucket: &Bucket, asked: &Asked) {
    let rules = bucket.configuration.iter().flat_map(|all| &all.rules);
    if rules.count() > 40 {
        return;
    }
    let fields = asked.to_fields();
    let decision = bucket.rules.evaluate(&fields);
    let expected = reference::answer(bucket.configuration.as_ref(), asked, bucket.terms);
    assert_eq!(law::seen(&decision), expected);
    law::varies_within(&decision, bucket.terms.profile());
    law::owned_equals_borrowed(&bucket.rules, asked);
}
