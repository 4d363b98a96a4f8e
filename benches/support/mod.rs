//! The workloads: a configuration, a request, and the two floors that no implementation on the
//! `http` crate's types can beat.

#![allow(dead_code, reason = "no bench uses all of it")]

use bucket_cors::{Configuration, Profile, Rule, RuleSet};
use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, VARY,
};
use http::{Method, Request};

pub struct Workload {
    pub name: &'static str,
    pub configuration: Configuration,
    pub request: Request<()>,
}

pub fn rules(configuration: &Configuration, profile: Profile) -> RuleSet {
    RuleSet::compile(configuration, profile).unwrap()
}

/// The rules that all workloads are made of, unless they say otherwise.
pub fn rule<O: Into<String>>(origins: impl IntoIterator<Item = O>) -> Rule {
    Rule::new(origins, ["GET", "PUT", "POST", "DELETE", "HEAD"])
        .with_expose_headers(["ETag", "x-amz-request-id"])
        .with_max_age_seconds(3000)
}

/// Five everyday fields, and those of CORS.
fn request(method: Method, fields: &[(HeaderName, &str)]) -> Request<()> {
    let everyday = [
        ("host", "bucket.s3.amazonaws.com"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        ),
        ("accept", "*/*"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("referer", "https://www.example.com/"),
    ];
    let mut request = Request::new(());
    *request.method_mut() = method;
    for (name, value) in everyday {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in fields {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

pub fn get(origin: &str) -> Request<()> {
    request(Method::GET, &[(ORIGIN, origin)])
}

pub fn preflight(origin: &str, names: &str) -> Request<()> {
    request(
        Method::OPTIONS,
        &[
            (ORIGIN, origin),
            (ACCESS_CONTROL_REQUEST_METHOD, "PUT"),
            (ACCESS_CONTROL_REQUEST_HEADERS, names),
        ],
    )
}

pub const THREE_NAMES: &str = "content-type,x-amz-acl,x-amz-date";

/// Twenty literal names, eight of which W4 asks for.
pub const TWENTY: [&str; 20] = [
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-md5",
    "content-type",
    "range",
    "x-amz-acl",
    "x-amz-checksum-crc32",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-meta-author",
    "x-amz-meta-title",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-user-agent",
    "x-requested-with",
];
const EIGHT: &str = "x-amz-acl,x-amz-content-sha256,x-amz-date,x-amz-meta-author,\
    x-amz-security-token,x-amz-storage-class,x-amz-tagging,x-amz-user-agent";

/// Unsorted, as no browser sends them.
const TWELVE_MIXED: &str = "X-Requested-With,Content-Type,X-Amz-Date,Authorization,X-Amz-Acl,Range,\
    If-Match,X-Amz-Tagging,Content-MD5,X-Amz-Meta-Title,Cache-Control,X-Amz-User-Agent";

/// Rules of exact origins that no other rule has.
pub fn exact(rules: usize, origins: usize) -> Configuration {
    let rule = |r: usize| {
        rule((0..origins).map(|o| format!("https://tenant{r:02}-{o}.example.com")))
            .with_allowed_headers(FIVE)
    };
    (0..rules).map(rule).collect()
}

pub fn patterns(rules: usize, origins: usize) -> Configuration {
    let rule = |r: usize| {
        rule((0..origins).map(|o| format!("https://*.tenant{r}-{o}.example.com")))
            .with_allowed_headers(FIVE)
    };
    (0..rules).map(rule).collect()
}

/// One rule of 480 patterns, no two of one shape: 24 prefixes by 20 suffixes, each longer than the
/// one before.
pub fn many_shapes() -> Configuration {
    let pattern = |n: usize| many_shapes_origin("*.", n % 24, n / 24);
    Configuration::from_iter([rule((0..480).map(pattern))])
}

/// An origin with `middle` between one of their prefixes and one of their suffixes.
pub fn many_shapes_origin(middle: &str, prefix: usize, suffix: usize) -> String {
    let (before, after) = ("a".repeat(prefix), "b".repeat(suffix));
    format!("https://{before}{middle}{after}example.com")
}

/// A rule of header patterns, no two of one shape, as many as a document has room for: all of them
/// start as `aaa` does, and none ends so.
fn nested_names() -> Rule {
    let pattern = |n: usize| format!("{}*{}z", "a".repeat(n % 38), "a".repeat(n / 38));
    rule(["*"]).with_allowed_headers((1..1_400).map(pattern))
}

const FIVE: [&str; 5] = [
    "content-type",
    "x-amz-acl",
    "x-amz-date",
    "x-amz-tagging",
    "authorization",
];

pub fn workloads() -> Vec<Workload> {
    let one = |rule: Rule| Configuration::from_iter([rule]);
    let w3 = one(rule(["https://*.example.com"]).with_allowed_headers(["*"]));
    let w4 = one(rule(["https://www.example.com"]).with_allowed_headers(TWENTY));
    let w9b = one(
        rule(["https://www.example.com"]).with_allowed_headers(TWENTY.into_iter().chain(["a"]))
    );
    let names = (0..19).map(|n| format!("a{n}")).chain(["a".to_owned()]);
    let fails_last = rule(["*"]).with_allowed_headers(names);
    let w9d: Configuration = vec![fails_last; 100].into_iter().collect();
    let work = |name, configuration: &Configuration, request| Workload {
        name,
        configuration: configuration.clone(),
        request,
    };
    vec![
        work("w1", &one(rule(["*"])), get("https://www.example.com")),
        work(
            "w2",
            &one(rule(["https://www.example.com"])),
            get("https://www.example.com"),
        ),
        work("w3", &w3, preflight("https://www.example.com", THREE_NAMES)),
        work("w4", &w4, preflight("https://www.example.com", EIGHT)),
        work(
            "w5",
            &exact(100, 10),
            preflight("https://tenant99-7.example.com", THREE_NAMES),
        ),
        work(
            "w6",
            &exact(100, 10),
            preflight("https://tenantXX-7.example.com", THREE_NAMES),
        ),
        work(
            "w7",
            &patterns(100, 10),
            preflight("https://www.tenant99-7.example.com", THREE_NAMES),
        ),
        work("w8", &exact(100, 10), request(Method::GET, &[])),
        work(
            "w9a",
            &w4,
            preflight("https://www.example.com", &",".repeat(16 * 1024)),
        ),
        work(
            "w9b",
            &w9b,
            preflight("https://www.example.com", &"a,".repeat(4000)),
        ),
        work("w9c", &patterns(100, 10), get(&"x".repeat(64 * 1024))),
        work(
            "w9d",
            &w9d,
            preflight(
                "https://www.example.com",
                &format!("{}zz", "a,".repeat(4000)),
            ),
        ),
        work(
            "w9d127",
            &w9d,
            preflight(
                "https://www.example.com",
                &format!("{}zz", "a,".repeat(127)),
            ),
        ),
        work(
            "w9e",
            &one(nested_names()),
            preflight(
                "https://www.example.com",
                &vec!["a".repeat(60); 128].join(","),
            ),
        ),
        work(
            "shapes",
            &many_shapes(),
            get(&many_shapes_origin("www.", 23, 19)),
        ),
        work(
            "shapes-miss",
            &many_shapes(),
            get("https://www.elsewhere.test"),
        ),
        work(
            "mixed-case",
            &one(rule(["https://www.example.com"])
                .with_allowed_headers(TWENTY.into_iter().chain(["x-amz-acl-extra", "if-match"]))),
            preflight("https://www.example.com", TWELVE_MIXED),
        ),
    ]
}

/// What the floors know of a request and its answer.
pub struct Floor {
    expected: [Option<Vec<u8>>; 3],
    answer: Vec<(HeaderName, HeaderValue)>,
}

const FIELDS: [HeaderName; 3] = [
    ORIGIN,
    ACCESS_CONTROL_REQUEST_METHOD,
    ACCESS_CONTROL_REQUEST_HEADERS,
];

impl Floor {
    pub fn new(rules: &RuleSet, request: &Request<()>) -> Self {
        let expected =
            FIELDS.map(|name| request.headers().get(name).map(|v| v.as_bytes().to_vec()));
        let decision = rules.evaluate(request);
        let mut answer: Vec<_> = decision
            .fields()
            .map(|(name, value)| {
                (
                    name.parse().unwrap(),
                    HeaderValue::from_str(&value).unwrap(),
                )
            })
            .collect();
        if !decision.vary().is_empty() {
            answer.push((VARY, decision.vary().join(", ").parse().unwrap()));
        }
        // Static wherever it can be: the floor shares no reference count.
        for (_, value) in &mut answer {
            *value = HeaderValue::from_static(String::leak(value.to_str().unwrap().to_owned()));
        }
        Self { expected, answer }
    }

    /// Looks the three fields up and compares each once.
    #[inline]
    pub fn decide(&self, request: &Request<()>) -> bool {
        let mut same = true;
        for (name, expected) in FIELDS.iter().zip(&self.expected) {
            let found = request.headers().get(name);
            same &= match (found, expected) {
                (Some(found), Some(expected)) => found.as_bytes() == expected.as_slice(),
                (None, None) => true,
                _ => false,
            };
        }
        same
    }

    /// Writes the answer, ready-made.
    #[inline]
    pub fn write_to(&self, response: &mut HeaderMap) {
        if self.answer.is_empty() {
            return;
        }
        response.reserve(self.answer.len());
        for (name, value) in &self.answer {
            response.insert(name.clone(), value.clone());
        }
    }
}
