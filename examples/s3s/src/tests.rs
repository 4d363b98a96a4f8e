use http::{HeaderMap, Request, StatusCode, request};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;

use super::*;

const ALLOWED: &str = "https://app.example.com";
const DENIED: &str = "https://example.org";

async fn ask(
    store: &Store,
    request: request::Builder,
    body: &str,
) -> (StatusCode, HeaderMap, String) {
    let request = request.header("Content-Length", body.len());
    let request = request.body(Full::from(body.to_owned())).unwrap();
    let (parts, body) = server(store.clone())
        .oneshot(request)
        .await
        .unwrap()
        .into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (
        parts.status,
        parts.headers,
        String::from_utf8(body.into()).unwrap(),
    )
}

fn preflight(bucket: &str, origin: &str) -> request::Builder {
    Request::options(format!("/{bucket}/a.txt"))
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "PUT")
}

/// A store with the example's document, put as a client does.
async fn configured() -> Store {
    let store = Store::default();
    let document = include_str!("../../cors.xml");
    let (status, ..) = ask(&store, Request::put("/photos?cors"), document).await;
    assert_eq!(status, 200);
    store
}

#[tokio::test]
async fn the_document_comes_back() {
    let store = configured().await;
    let (status, _, body) = ask(&store, Request::get("/photos?cors"), "").await;
    assert_eq!(status, 200);
    for line in include_str!("../../cors.xml").lines() {
        let line = line.trim();
        assert!(
            line.contains("CORSConfiguration") || body.contains(line),
            "{line} in {body}"
        );
    }

    let (status, ..) = ask(&store, Request::delete("/photos?cors"), "").await;
    assert_eq!(status, 204);
    let (status, _, body) = ask(&store, Request::get("/photos?cors"), "").await;
    assert_eq!(status, 404);
    assert!(
        body.contains("<Code>NoSuchCORSConfiguration</Code>"),
        "{body}"
    );
}

#[tokio::test]
async fn a_refused_document_changes_nothing() {
    let store = configured().await;
    let wrong = include_str!("../../cors.xml").replace("PUT", "PATCH");
    let (status, _, body) = ask(&store, Request::put("/photos?cors"), &wrong).await;
    assert_eq!(status, 400);
    assert!(body.contains("<Code>InvalidRequest</Code>"), "{body}");
    assert!(body.contains("Unsupported method is PATCH"), "{body}");
    assert_eq!(ask(&store, preflight("photos", ALLOWED), "").await.0, 200);
}

#[tokio::test]
async fn preflights_are_answered() {
    let store = configured().await;
    let (status, headers, body) = ask(&store, preflight("photos", ALLOWED), "").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    assert_eq!(headers["access-control-allow-origin"], ALLOWED);

    for (bucket, origin, reason) in [
        ("photos", DENIED, "This CORS request is not allowed."),
        ("others", ALLOWED, "CORS is not enabled for this bucket."),
    ] {
        let (status, headers, body) = ask(&store, preflight(bucket, origin), "").await;
        assert_eq!(status, 403);
        assert!(!headers.contains_key("access-control-allow-origin"));
        assert!(body.contains(reason), "{body}");
    }
    let (status, ..) = ask(&store, Request::options("/photos/a.txt"), "").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn every_other_answer_has_the_fields() {
    let store = configured().await;
    let get = |origin| Request::get("/photos/a.txt").header("Origin", origin);

    // The operation is not implemented, and the store has nobody to check a signature.
    for request in [get(ALLOWED), get(ALLOWED).header("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/a/s3/aws4_request, SignedHeaders=host, Signature=0")] {
        let (status, headers, body) = ask(&store, request, "").await;
        assert!(status.as_u16() >= 400, "{status}");
        assert!(body.contains("<Error>"), "{body}");
        assert_eq!(headers["access-control-allow-origin"], ALLOWED);
    }
    let (_, headers, _) = ask(&store, get(DENIED), "").await;
    assert!(!headers.contains_key("access-control-allow-origin"));
    assert!(headers["vary"].to_str().unwrap().starts_with("Origin"));

    // No bucket, no rules.
    let (_, headers, _) = ask(&store, Request::get("/").header("Origin", ALLOWED), "").await;
    assert!(!headers.contains_key("vary"));
}
