//! The layer: what it answers itself, what it writes to, and what it leaves alone.
#![cfg(feature = "tower")]

mod common;
mod counting;

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bucket_cors::layer::{Cors, CorsLayer, ResponseFuture};
use bucket_cors::{Profile, Rule, RuleSet};
use common::{actual, compiled, preflight, request};
use counting::allocations;
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

/// One site may read and write.
fn rules() -> RuleSet {
    let rule = Rule::new(["https://a.test"], ["GET", "PUT"]).with_expose_headers(["ETag"]);
    compiled([rule], Profile::S3)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The answer of a service that waits for nothing.
#[track_caller]
fn answer<S, B, T>(service: S, request: Request<B>) -> Response<T>
where
    S: Service<Request<B>, Response = Response<T>, Error = Infallible>,
{
    match poll(pin!(service.oneshot(request))) {
        Poll::Ready(Ok(response)) => response,
        Poll::Pending => panic!("it waits"),
    }
}

/// A bucket that answers with this status and these fields; its body says that it was asked.
fn bucket(
    status: StatusCode,
    fields: &'static [(&'static str, &'static str)],
) -> impl Service<Request<()>, Response = Response<String>, Error = Infallible, Future: Send> + Clone
{
    service_fn(move |_| {
        let mut response = Response::new("inner".to_owned());
        *response.status_mut() = status;
        *response.headers_mut() = common::headers(fields);
        ready(Ok(response))
    })
}

fn text(text: String) -> String {
    text
}

const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

#[test]
fn an_allowed_preflight_never_reaches_the_bucket() {
    let service = CorsLayer::new(rules(), text).layer(bucket(StatusCode::IM_A_TEAPOT, &[]));
    let response = answer(service, preflight("https://a.test", "PUT", ""));
    assert_eq!(
        (response.status(), response.body().as_str()),
        (StatusCode::OK, "")
    );
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], "https://a.test");
    assert_eq!(headers["access-control-allow-methods"], "GET, PUT");
    assert_eq!(headers["vary"], VARY);
    assert!(!headers.contains_key("content-type"));
}

#[test]
fn a_refused_preflight_has_the_providers_error() {
    let service = CorsLayer::new(rules(), text).layer(bucket(StatusCode::OK, &[]));
    let response = answer(service, preflight("https://b.test", "PUT", ""));
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()["content-type"], "application/xml");
    assert_eq!(response.headers()["vary"], VARY);
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
    let body = response.body();
    assert!(body.contains("<Code>AccessForbidden</Code>"), "{body}");
    assert!(body.contains("<Method>PUT</Method>"), "{body}");
}

#[test]
fn or_nothing_if_so_wished() {
    let layer = CorsLayer::new(rules(), text).with_empty_errors();
    let response = answer(
        layer.layer(bucket(StatusCode::OK, &[])),
        preflight("https://b.test", "PUT", ""),
    );
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.body(), "");
    assert!(!response.headers().contains_key("content-type"));
    assert_eq!(response.headers()["vary"], VARY);
}

#[test]
fn every_other_answer_is_written_to() {
    for status in [200, 204, 206, 304, 301, 307, 403, 404, 412, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let service = CorsLayer::new(rules(), text).layer(bucket(status, &[]));

        let allowed = answer(service.clone(), actual("GET", "https://a.test"));
        assert_eq!(allowed.status(), status);
        assert_eq!(allowed.body(), "inner");
        assert_eq!(
            allowed.headers()["access-control-allow-origin"],
            "https://a.test"
        );
        assert_eq!(allowed.headers()["access-control-expose-headers"], "ETag");
        assert_eq!(allowed.headers()["vary"], VARY);

        for request in [
            actual("GET", "https://b.test"),
            actual("DELETE", "https://a.test"),
            request("GET", &[]),
        ] {
            let denied = answer(service.clone(), request);
            assert_eq!(denied.status(), status);
            assert_eq!(denied.body(), "inner");
            assert!(!denied.headers().contains_key("access-control-allow-origin"));
            assert_eq!(denied.headers()["vary"], VARY);
        }
    }
}

const LEFT: &[(&str, &str)] = &[
    ("access-control-allow-origin", "https://other.test"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-private-network", "true"),
    ("etag", "\"1\""),
    ("vary", "accept-encoding, ORIGIN"),
];

#[test]
fn what_the_bucket_left_is_replaced() {
    let service = CorsLayer::new(rules(), text).layer(bucket(StatusCode::OK, LEFT));
    let allowed = answer(service.clone(), actual("GET", "https://a.test"));
    let values: Vec<_> = allowed
        .headers()
        .get_all("access-control-allow-origin")
        .iter()
        .collect();
    assert_eq!(values, ["https://a.test"]);
    assert!(
        !allowed
            .headers()
            .contains_key("access-control-allow-private-network")
    );
    assert_eq!(allowed.headers()["etag"], "\"1\"");
    assert_eq!(
        allowed.headers()["vary"],
        "accept-encoding, ORIGIN, Access-Control-Request-Headers, Access-Control-Request-Method"
    );

    let denied = answer(service, actual("GET", "https://b.test"));
    assert!(!denied.headers().contains_key("access-control-allow-origin"));
    assert!(
        !denied
            .headers()
            .contains_key("access-control-allow-credentials")
    );
}

#[test]
fn a_bucket_without_a_document_refuses_preflights_and_adds_nothing() {
    let layer = CorsLayer::new(RuleSet::not_configured(Profile::COS), text);
    let service = layer.layer(bucket(StatusCode::OK, LEFT));
    let refused = answer(service.clone(), preflight("https://a.test", "GET", ""));
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let served = answer(service, actual("GET", "https://a.test"));
    assert!(!served.headers().contains_key("access-control-allow-origin"));
    assert_eq!(served.headers()["vary"], "accept-encoding, ORIGIN");
}

/// It may have a meaning of its own: what the server can do, say.
#[test]
fn options_that_is_no_preflight_is_the_buckets() {
    let layer = CorsLayer::new(rules(), text);
    for fields in [&[][..], &[("origin", "https://a.test")]] {
        let options = || request("OPTIONS", fields);
        let service = layer.layer(bucket(StatusCode::OK, &[("allow", "GET")]));
        let served = answer(service, options());
        assert_eq!(
            (served.status(), served.body().as_str()),
            (StatusCode::OK, "inner")
        );
        assert_eq!(served.headers()["allow"], "GET");
        assert_eq!(served.headers()["vary"], VARY);

        let layer = layer.clone().with_options_as_provider();
        let refused = answer(layer.layer(bucket(StatusCode::OK, &[])), options());
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert!(refused.body().contains("<Code>BadRequest</Code>"));
    }
}

#[test]
fn each_request_may_have_rules_of_its_own() {
    let site = |origin: &str| Arc::new(compiled([Rule::new([origin], ["GET"])], Profile::S3));
    let (a, b) = (site("https://a.test"), site("https://b.test"));
    let layer = CorsLayer::by_request(
        move |request: &http::request::Parts| match request.uri.path() {
            "/a/key" => Some(Arc::clone(&a)),
            "/b/key" => Some(Arc::clone(&b)),
            _ => None,
        },
        text,
    );
    let service = layer.layer(bucket(StatusCode::OK, LEFT));
    let asked = |path: &str, mut request: Request<()>| {
        *request.uri_mut() = path.parse().unwrap();
        answer(service.clone(), request)
    };
    let origin_of = |response: &Response<String>| {
        let value = response.headers().get("access-control-allow-origin");
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let get = || actual("GET", "https://a.test");
    assert_eq!(
        origin_of(&asked("/a/key", get())).as_deref(),
        Some("https://a.test")
    );
    assert_eq!(origin_of(&asked("/b/key", get())), None);

    // No bucket: nothing is answered, added or taken away.
    for request in [
        get(),
        preflight("https://a.test", "GET", ""),
        request("OPTIONS", &[]),
    ] {
        let response = asked("/", request);
        assert_eq!(response.body(), "inner");
        assert_eq!(response.headers(), &common::headers(LEFT));
    }
}

#[test]
fn the_request_arrives_as_it_was() {
    let echo = service_fn(|request: Request<&'static str>| {
        let (parts, body) = request.into_parts();
        assert_eq!(parts.method, "PUT");
        assert_eq!(parts.uri, "/k?a");
        assert_eq!(parts.headers["x-a"], "1");
        assert_eq!(parts.extensions.get(), Some(&7_u8));
        ready(Ok::<_, Infallible>(Response::new(body.to_owned())))
    });
    let request = Request::put("/k?a")
        .header("x-a", "1")
        .extension(7_u8)
        .body("sent")
        .unwrap();
    let response = answer(CorsLayer::new(rules(), text).layer(echo), request);
    assert_eq!(response.body(), "sent");
}

#[test]
fn every_decision_is_shown_once() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let layer = CorsLayer::new(rules(), text).inspect({
        let seen = Arc::clone(&seen);
        move |request, decision| {
            let line = format!(
                "{} {} {:?}",
                request.method,
                decision.outcome(),
                decision.rule()
            );
            seen.lock().unwrap().push(line);
        }
    });
    let service = layer.layer(bucket(StatusCode::OK, &[]));
    for request in [
        preflight("https://a.test", "PUT", ""),
        actual("GET", "https://b.test"),
        request("GET", &[]),
    ] {
        answer(service.clone(), request);
    }
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "OPTIONS allowed Some(0)",
            "GET denied None",
            "GET not_cors None"
        ]
    );
}

#[test]
fn an_error_of_the_service_is_passed_on() {
    let failing = service_fn(|_: Request<()>| ready(Err::<Response<String>, _>("down")));
    let service = CorsLayer::new(rules(), text).layer(failing);
    let mut future = pin!(service.oneshot(actual("GET", "https://a.test")));
    assert!(matches!(poll(future.as_mut()), Poll::Ready(Err("down"))));
}

/// It has room when the inner service has: a layer that limits stands behind it.
#[test]
fn it_is_ready_when_the_bucket_is() {
    struct Busy;
    impl Service<Request<()>> for Busy {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = Ready<Result<Response<String>, Infallible>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Pending
        }
        fn call(&mut self, _: Request<()>) -> Self::Future {
            panic!("not ready")
        }
    }
    let mut service = CorsLayer::new(rules(), text).layer(Busy);
    let mut context = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut context).is_pending());
}

#[test]
fn a_future_waits_for_the_bucket_and_may_be_polled_too_often() {
    let never = service_fn(|_: Request<()>| pending::<Result<Response<String>, Infallible>>());
    let mut service = CorsLayer::new(rules(), text).layer(never);
    let mut waiting = pin!(service.call(actual("GET", "https://a.test")));
    assert!(poll(waiting.as_mut()).is_pending());

    let mut answered = pin!(service.call(preflight("https://a.test", "GET", "")));
    assert!(poll(answered.as_mut()).is_ready());
    assert!(poll(answered.as_mut()).is_pending());
}

/// The type says that nothing is boxed. Counted is what an answer with room takes: nothing for a
/// request that is not CORS or is denied; for an allowed one the list of its fields, one value that
/// is exposed, and the first copy of the origin.
#[test]
fn it_allocates_for_fields_only() {
    let inner = service_fn(|_: Request<()>| {
        let mut response = Response::new(());
        *response.headers_mut() = HeaderMap::with_capacity(8);
        ready(Ok::<_, Infallible>(response))
    });
    let mut service = CorsLayer::new(rules(), |_| ()).layer(inner);
    let alone = allocations(|| HeaderMap::<http::HeaderValue>::with_capacity(8));
    for (request, count) in [
        (request("GET", &[]), 0),
        (actual("GET", "https://b.test"), 0),
        (actual("GET", "https://a.test"), 3),
        (request("OPTIONS", &[]), 0),
    ] {
        let allocated = allocations(|| {
            let future: ResponseFuture<Ready<_>, ()> = service.call(request);
            poll(pin!(future))
        });
        assert_eq!(allocated, alone + count);
    }
}

#[test]
fn any_body_will_do() {
    fn served<T: 'static>(layer: impl Fn(String) -> T + Clone, inner: fn() -> T) -> T {
        let inner =
            service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(Response::new(inner()))));
        let service = CorsLayer::new(rules(), layer).layer(inner);
        answer(service, preflight("https://b.test", "GET", "")).into_body()
    }
    drop(served(axum::body::Body::from, axum::body::Body::empty));
    served(
        http_body_util::Full::<axum::body::Bytes>::from,
        Default::default,
    );
    assert!(!served(String::into_bytes, Vec::new).is_empty());
    served(|_| (), || ());
}

#[test]
fn it_stands_in_any_stack() {
    fn sendable<T: Send + Sync + Clone + 'static>(_: &T) {}
    let layer = CorsLayer::new(Arc::new(rules()), axum::body::Body::from);
    sendable(&layer);
    let service: Cors<_, _, _> = ServiceBuilder::new()
        .layer(CorsLayer::new(rules(), text))
        .service(bucket(StatusCode::OK, &[]));
    sendable(&service);
    let _: (&_, _) = (service.get_ref(), service.clone().into_inner());
    let router = axum::Router::<()>::new()
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such key") })
        .layer(layer);
    let request = Request::get("/").header("origin", "https://a.test");
    let response = answer(router, request.body(axum::body::Body::empty()).unwrap());
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "https://a.test"
    );
}

#[test]
fn debug_shows_no_function_and_no_key() {
    let layer = CorsLayer::by_request(|_| None, text);
    assert_eq!(
        format!("{layer:?}"),
        "CorsLayer { rules: ByRequest { .. }, options_as_provider: false, empty_errors: false, .. }"
    );
}

#[test]
fn debug_shows_the_parts() {
    let service = CorsLayer::new(rules(), text).layer(());
    let shown = format!("{service:?}");
    assert!(shown.starts_with("Cors { inner: (), layer: CorsLayer { rules: RuleSet {"));
    assert!(shown.contains("empty_errors: false"));
    let mut service = CorsLayer::new(rules(), text).layer(bucket(StatusCode::OK, &[]));
    let future = service.call(actual("GET", "https://a.test"));
    assert_eq!(format!("{future:?}"), "ResponseFuture { .. }");
}
