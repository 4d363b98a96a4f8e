//! The page, on an origin of its own, and what it asks for. Its requests to the buckets are real
//! ones; here it only learns what was decided, and reads and writes rules without needing CORS.

use std::future::ready;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use bucket_cors::{
    Configuration, Document, Error, Finding, ParseError, Place, Profile, RuleSet, Vary,
};
use serde_json::{Value, json};

use crate::address::{is_nobodys, query};
use crate::api::{Api, is_bucket_name};
use crate::body;
use crate::fault;
use crate::store::{Held, Trouble};

/// How many findings are shown, and mended, at once: each fix takes another look at the whole.
const FOUND: usize = 100;

const HTML: &str = include_str!("page/index.html");
const CSS: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

#[derive(Clone)]
struct Page {
    api: Api,
    /// The buckets' origin, as the page's script writes it.
    buckets: Arc<str>,
    policy: HeaderValue,
}

pub fn router(api: &Api, buckets: SocketAddr) -> Router {
    // No browser can ask for "any address".
    let ip = match buckets.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    // No policy can name an IPv6 address.
    let buckets = if ip == IpAddr::V6(Ipv6Addr::LOCALHOST) {
        format!("http://localhost:{}", buckets.port())
    } else {
        format!("http://{}", SocketAddr::new(ip, buckets.port()))
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {buckets}; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let page = Page {
        api: api.clone(),
        buckets: buckets.into(),
        policy: HeaderValue::try_from(policy)
            .unwrap_or(HeaderValue::from_static("default-src 'none'")),
    };
    Router::new()
        .route("/", get(|| ready(file("text/html; charset=utf-8", HTML))))
        .route("/page.css", get(|| ready(file("text/css", CSS))))
        .route("/page.js", get(|| ready(file("text/javascript", SCRIPT))))
        .route("/api/state", get(state))
        .route("/api/buckets/{bucket}", put(make))
        .route(
            "/api/buckets/{bucket}/cors",
            get(show).put(change).delete(remove),
        )
        .route("/api/fixed", post(fixed))
        .route("/api/decisions", get(decisions))
        .layer(from_fn_with_state(page.clone(), guard))
        .with_state(page)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Lets nobody else in. Another site's page could only send requests, since no answer here allows it
/// to read one; after DNS rebinding it could do both, but then the name in `Host` is its own.
async fn guard(State(page): State<Page>, request: Request, next: Next) -> Response {
    let mut response = if is_own(request.headers(), request.uri().path()) {
        next.run(request).await
    } else {
        let text = "The page answers to an IP address or to localhost, and to itself.\n";
        (StatusCode::FORBIDDEN, text).into_response()
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_SECURITY_POLICY, page.policy);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        fields.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn is_own(headers: &HeaderMap, path: &str) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = value("host") else {
        return false;
    };
    if !is_nobodys(host) {
        return false;
    }
    // A link from elsewhere to the page itself is none of these.
    let same_site =
        value("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    let same_origin = value("origin").is_none_or(|origin| origin == format!("http://{host}"));
    !path.starts_with("/api/") || (same_site && same_origin)
}

async fn state(State(page): State<Page>) -> Response {
    let store = &page.api.store;
    let names = store.names().into_iter().map(|(name, _)| name);
    let provider = if page.api.request_id == "x-cos-request-id" {
        "Tencent COS"
    } else {
        "Amazon S3"
    };
    answer(
        StatusCode::OK,
        &json!({
            "bucket": &*page.buckets,
            "provider": provider,
            "requestId": page.api.request_id.as_str(),
            "buckets": names.collect::<Vec<_>>(),
        }),
    )
}

/// Makes a bucket, with two objects to ask for. What has been put under their keys stays.
async fn make(State(page): State<Page>, Path(bucket): Path<String>) -> Response {
    if !is_bucket_name(&bucket) {
        let message = "A bucket's name has letters, digits, dots and hyphens, at most 63.";
        return answer(StatusCode::BAD_REQUEST, &json!({"error": message}));
    }
    let made = SAMPLES.iter().try_for_each(|&(key, fields, text)| {
        let store = &page.api.store;
        if matches!(store.get(&bucket, key), Ok(Some(_))) {
            return Ok(());
        }
        let fields = fields.iter();
        let fields = fields.map(|&(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let body = (Bytes::from_static(text.as_bytes()), store.budget.hold(0)?);
        let object = store.object(body, fields.collect())?;
        match store.put(&bucket, key.to_owned(), object, |present| present.is_none()) {
            Err(Trouble::NotAllowed) => Ok(()), // put meanwhile
            put => put,
        }
    });
    done(made)
}

type Sample = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const SAMPLES: [Sample; 2] = [
    (
        "hello.txt",
        &[("content-type", "text/plain; charset=utf-8")],
        "Hello from the bucket.\n",
    ),
    (
        "kept.txt",
        &[
            ("content-type", "text/plain; charset=utf-8"),
            ("cache-control", "max-age=300"),
        ],
        "Caches may keep this for five minutes.\n",
    ),
];

async fn show(State(page): State<Page>, Path(bucket): Path<String>) -> Response {
    let store = &page.api.store;
    let mut shown = match store.configuration(&bucket) {
        Ok(Some(configuration)) => both(&configuration, store.profile),
        Ok(None) => json!({"rules": null}),
        Err(trouble) => return done(Err(trouble)),
    };
    shown["vary"] = vary(store.rules(&bucket).profile()).into();
    answer(StatusCode::OK, &shown)
}

/// As the page's choice names it.
fn vary(profile: Profile) -> &'static str {
    if profile == profile.with_vary(Vary::AsProvider) {
        "as-provider"
    } else {
        "safe"
    }
}

/// Puts a document in force, XML or JSON; with `?check`, only says what it would come to.
async fn change(
    State(page): State<Page>,
    Path(bucket): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    text: Body,
) -> Result<Response, Response> {
    let store = &page.api.store;
    let query = query(&uri);
    let profile = match query.get("vary").map(String::as_str) {
        Some("safe") => store.profile.with_vary(Vary::Safe),
        Some("as-provider") => store.profile.with_vary(Vary::AsProvider),
        _ => store.profile,
    };
    let (text, _held) = read(&page, &headers, text).await?;
    let document = Document::read(&text, profile).map_err(not_read)?;
    let configuration = document.configuration();
    let compiled = if query.contains_key("check") {
        let compiled = RuleSet::compile(configuration, profile);
        Ok(compiled.map(drop).map_err(Error::from))
    } else {
        store.configure(&bucket, (configuration.clone(), text.len()), profile)
    };
    let (status, mut shown) = match compiled {
        Ok(Ok(())) => (StatusCode::OK, both(configuration, profile)),
        Ok(Err(error)) => {
            let refused = refused(&error, Some(&document));
            (StatusCode::UNPROCESSABLE_ENTITY, refused)
        }
        Err(trouble) => return Err(done(Err(trouble))),
    };
    let findings = configuration.lint(profile);
    let shown_findings = findings.iter().take(FOUND).map(|finding| {
        let about = json!({
            "severity": finding.severity(),
            "code": finding.code(),
            "text": finding.message(),
            "why": finding.why(),
            "fix": finding.fix(),
        });
        placed(&document, finding.place(), about)
    });
    shown["findings"] = shown_findings.collect();
    shown["found"] = findings.len().into();
    Ok(answer(status, &shown))
}

/// The text with the `?finding=` mended, or with every safe fix made: anew, in the form that it has.
async fn fixed(
    State(page): State<Page>,
    uri: Uri,
    headers: HeaderMap,
    text: Body,
) -> Result<Response, Response> {
    let profile = page.api.store.profile;
    let (text, _held) = read(&page, &headers, text).await?;
    let document = Document::read(&text, profile).map_err(not_read)?;
    let configuration = document.configuration();
    let findings = configuration.lint(profile);
    let fixed = match query(&uri).get("finding") {
        None if findings.len() > FOUND => {
            let error = json!({"error": "Too much was found to mend it at once."});
            return Err(answer(StatusCode::BAD_REQUEST, &error));
        }
        None => configuration.fixed(profile),
        Some(n) => {
            let finding = n.parse().ok().and_then(|n: usize| findings.get(n));
            let fix = finding.and_then(Finding::fix).ok_or_else(|| {
                let error = json!({"error": "There is no such fix."});
                answer(StatusCode::NOT_FOUND, &error)
            })?;
            fix.apply(configuration)
        }
    };
    let is_xml = document.text().trim_start().starts_with('<');
    let form = if is_xml { "xml" } else { "json" };
    let text = &both(&fixed, profile)[form];
    Ok(answer(StatusCode::OK, &json!({"text": text})))
}

async fn remove(State(page): State<Page>, Path(bucket): Path<String>) -> Response {
    done(page.api.store.unconfigure(&bucket))
}

async fn decisions(State(page): State<Page>, uri: Uri) -> Response {
    let query = query(&uri);
    let since = query.get("since").and_then(|since| since.parse().ok());
    let bucket = query.get("bucket").map_or("", String::as_str);
    let journal = &page.api.journal;
    let latest = journal.latest();
    let decisions = since.map(|since| journal.since(bucket, since));
    answer(
        StatusCode::OK,
        &json!({"latest": latest, "decisions": decisions.unwrap_or_default()}),
    )
}

/// A text that the page sent, and what it costs; or what to answer.
async fn read(page: &Page, headers: &HeaderMap, text: Body) -> Result<(Bytes, Held), Response> {
    let read = body::read(headers, text, 1024 * 1024, &page.api.store.budget).await;
    read.map_err(|fault| match fault {
        fault::Fault::Full => done(Err(Trouble::Full)),
        _ => answer(
            StatusCode::BAD_REQUEST,
            &json!({"error": "The text is too long."}),
        ),
    })
}

fn not_read(error: ParseError) -> Response {
    let refused = refused(&error.into(), None);
    answer(StatusCode::UNPROCESSABLE_ENTITY, &refused)
}

/// A configuration in both forms, and as a list for the page.
fn both(configuration: &Configuration, profile: Profile) -> Value {
    json!({
        "rules": configuration.rules,
        "xml": indented(&configuration.to_xml(profile)),
        "json": serde_json::to_string_pretty(configuration).unwrap_or_default(),
    })
}

/// Breaks the lines between elements. What `to_xml` writes has values on one line each, escaped.
fn indented(xml: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut rest = xml;
    while let Some((tag, after)) = rest.split_once('>') {
        let closes = tag.starts_with("</");
        depth -= usize::from(closes);
        out.push_str(&"  ".repeat(depth));
        out.push_str(tag);
        out.push('>');
        if tag.starts_with("<?") {
            rest = after.trim_start_matches('\n');
            out.push('\n');
            continue;
        }
        rest = after;
        if !closes {
            // An element of text: up to its end.
            let text = rest
                .split_once("</")
                .filter(|(text, _)| !text.contains('<'));
            match text.and_then(|(_, end)| end.split_once('>')) {
                Some((_, after)) => {
                    let end = rest.len() - after.len();
                    out.push_str(&rest[..end]);
                    rest = after;
                }
                None => depth += 1,
            }
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// Every fault, with its place as far as it is known, and what a provider would answer.
fn refused(error: &Error, document: Option<&Document<'_>>) -> Value {
    let faults: Vec<Value> = match (error, document) {
        (Error::Parse(error), _) => vec![unreadable(error)],
        (Error::Compile(error), Some(document)) => {
            let faults = error.faults().iter();
            let faults = faults.map(|fault| {
                let about = json!({"text": fault.to_string()});
                placed(document, fault.place(), about)
            });
            faults.collect()
        }
        (Error::Compile(_), None) => Vec::new(), // what does not compile has been read
    };
    let provider = json!({"code": error.code(), "message": error.message()});
    json!({"faults": faults, "provider": provider})
}

fn unreadable(error: &ParseError) -> Value {
    let place = error
        .position()
        .map(|position| (position.line(), position.column()));
    let (line, column) = place.unzip();
    json!({"line": line, "column": column, "text": error.kind().to_string()})
}

/// What stands at a place, with the place: for people, and as a text field counts, in UTF-16.
fn placed(document: &Document<'_>, place: Place, mut about: Value) -> Value {
    let position = document.position(place);
    about["line"] = position.line().into();
    about["column"] = position.column().into();
    let span = document.span(place);
    for (name, end) in [("from", span.start), ("to", span.end)] {
        about[name] = document.text()[..end].encode_utf16().count().into();
    }
    about
}

fn done(result: Result<(), Trouble>) -> Response {
    match result {
        Ok(()) => answer(StatusCode::OK, &json!({})),
        Err(Trouble::NoSuchBucket) => answer(
            StatusCode::NOT_FOUND,
            &json!({"error": "There is no such bucket."}),
        ),
        Err(_) => answer(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({"error": "The store is full."}),
        ),
    }
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, value.to_string()).into_response()
}
