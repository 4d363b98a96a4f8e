//! The middleware that waits for its rules, as the docs have it, run: preflights never reach the bucket, every other answer is written to.

mod common;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bucket_cors::{Configuration, Profile, Rule, RuleSet};
use common::block_on;
use http_body_util::BodyExt;
use tower::ServiceExt;

async fn cors(State(rules): State<Arc<RuleSet>>, request: Request, next: Next) -> Response {
    let decision = rules.evaluate(&request).into_owned();
    let mut response = match (decision.preflight_status(), decision.preflight_error()) {
        (None, _) => next.run(request).await,
        (Some(status), None) => status.into_response(),
        (Some(status), Some(error)) => {
            let xml = [("content-type", "application/xml")];
            (status, xml, error.to_xml(&[])).into_response()
        }
    };
    decision.write_to(response.headers_mut());
    response
}

/// The status, the fields and the body of an answer to `method` from `origin`.
fn ask(method: Method, origin: &str) -> (StatusCode, http::HeaderMap, String) {
    let rule = Rule::new(["https://a.test"], ["GET", "PUT"]);
    let rules = RuleSet::compile(&Configuration::from_iter([rule]), Profile::S3).unwrap();
    let bucket = axum::Router::new()
        .fallback(any(|| async { (StatusCode::NOT_FOUND, "no such key") }))
        .layer(from_fn_with_state(Arc::new(rules), cors));
    let request = http::Request::builder()
        .method(method)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "PUT")
        .body(Body::empty())
        .unwrap();
    let (parts, body) = block_on(bucket.oneshot(request)).unwrap().into_parts();
    let body = block_on(body.collect()).unwrap().to_bytes();
    (
        parts.status,
        parts.headers,
        String::from_utf8(body.into()).unwrap(),
    )
}

#[test]
fn an_allowed_preflight_is_answered() {
    let (status, headers, body) = ask(Method::OPTIONS, "https://a.test");
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    assert_eq!(headers["access-control-allow-methods"], "GET, PUT");
}

#[test]
fn a_refused_preflight_says_why() {
    let (status, headers, body) = ask(Method::OPTIONS, "https://b.test");
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(headers["content-type"], "application/xml");
    assert!(!headers.contains_key("access-control-allow-origin"));
    assert!(body.contains("<Code>AccessForbidden</Code>"), "{body}");
}

#[test]
fn an_error_of_the_bucket_is_written_to() {
    let (status, headers, body) = ask(Method::GET, "https://a.test");
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::NOT_FOUND, "no such key")
    );
    assert_eq!(headers["access-control-allow-origin"], "https://a.test");
}

#[test]
fn a_denied_request_is_served() {
    let (status, headers, body) = ask(Method::GET, "https://b.test");
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::NOT_FOUND, "no such key")
    );
    assert!(!headers.contains_key("access-control-allow-origin"));
    assert!(headers["vary"].to_str().unwrap().starts_with("Origin"));
}
