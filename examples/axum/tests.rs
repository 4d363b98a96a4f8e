use axum::http::{Method, Request, request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

const ALLOWED: &str = "https://app.example.com";
const DENIED: &str = "https://example.org";

fn request(method: Method, path: &str, origin: &str) -> request::Builder {
    let request = Request::builder().method(method).uri(path);
    request.header("Origin", origin)
}

/// The bucket answers with this status, to this origin if any, and a text that has this.
async fn answers(request: request::Builder, status: u16, origin: Option<&str>, text: &str) {
    let rules = RuleSet::parse(include_bytes!("../cors.xml"), Profile::COS).unwrap();
    let request = request.body(Body::empty()).unwrap();
    let response = bucket(rules).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    assert_eq!(parts.status, status);
    let allowed = parts.headers.get("access-control-allow-origin");
    assert_eq!(allowed.map(|allowed| allowed.to_str().unwrap()), origin);
    assert!(parts.headers["vary"].to_str().unwrap().contains("Origin"));
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.into()).unwrap();
    assert!(body.contains(text), "{body}");
}

#[tokio::test]
async fn a_preflight_is_answered() {
    let preflight = |origin| {
        let request = request(Method::OPTIONS, "/a.txt", origin);
        request.header("Access-Control-Request-Method", "PUT")
    };
    answers(preflight(ALLOWED), 200, Some(ALLOWED), "").await;
    let code = "<Code>AccessForbidden</Code>";
    answers(preflight(DENIED), 403, None, code).await;
}

#[tokio::test]
async fn every_other_request_is_served() {
    let get = |path, origin| request(Method::GET, path, origin);
    answers(get("/a.txt", ALLOWED), 200, Some(ALLOWED), "hello").await;
    answers(get("/a.txt", DENIED), 200, None, "hello").await;
    answers(get("/b.txt", ALLOWED), 404, Some(ALLOWED), "no such key").await;
    answers(get("/b/c", ALLOWED), 404, Some(ALLOWED), "").await;
    // No preflight; and none that a rule can allow.
    let options = request(Method::OPTIONS, "/a.txt", ALLOWED);
    answers(options, 405, None, "").await;
}
