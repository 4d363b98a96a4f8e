use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorForbidden;
use actix_web::http::Method;
use actix_web::http::header::VARY;
use actix_web::middleware::Next;
use actix_web::test::{TestRequest, call_service, init_service, read_body, try_call_service};
use bucket_cors::{Configuration, Rule};

use super::*;

const ALLOWED: &str = "https://app.example.com";
const DENIED: &str = "https://example.org";

fn rules() -> web::Data<RuleSet> {
    let rule = Rule::new([ALLOWED], ["GET", "PUT"]).with_expose_headers(["ETag"]);
    web::Data::new(RuleSet::compile(&Configuration::from_iter([rule]), Profile::COS).unwrap())
}

fn request(method: Method, path: &str, origin: &'static str) -> TestRequest {
    TestRequest::with_uri(path)
        .method(method)
        .insert_header(("Origin", origin))
}

fn preflight(origin: &'static str) -> TestRequest {
    request(Method::OPTIONS, "/a.txt", origin)
        .insert_header(("Access-Control-Request-Method", "PUT"))
}

/// The bucket answers a request with this status, to this origin if any, and a text that has this.
macro_rules! answers {
    ($request:expr, $status:expr, $origin:expr, $text:expr) => {{
        let app = App::new().app_data(rules());
        let app = app.service(web::resource("/{key}").get(get_object));
        let app = init_service(app.wrap(from_fn(cors))).await;
        let response = call_service(&app, $request.to_request()).await;
        assert_eq!(response.status(), $status);
        let headers = response.headers();
        let origin = headers.get("Access-Control-Allow-Origin");
        assert_eq!(origin.map(|origin| origin.to_str().unwrap()), $origin);
        assert_eq!(headers.get("Vary").unwrap(), "Origin");
        let text = String::from_utf8(read_body(response).await.into()).unwrap();
        assert!(text.contains($text), "{text}");
    }};
}

#[actix_web::test]
async fn a_preflight_is_answered() {
    answers!(preflight(ALLOWED), 200, Some(ALLOWED), "");
    answers!(preflight(DENIED), 403, None, "<Code>AccessForbidden</Code>");
}

#[actix_web::test]
async fn every_other_request_is_served() {
    let get = |path, origin| request(Method::GET, path, origin);
    answers!(get("/a.txt", ALLOWED), 200, Some(ALLOWED), "hello");
    answers!(get("/a.txt", DENIED), 200, None, "hello");
    answers!(get("/b.txt", ALLOWED), 404, Some(ALLOWED), "no such key");
    answers!(get("/b/c", ALLOWED), 404, Some(ALLOWED), "");
    // No preflight; and none that a rule can allow.
    answers!(request(Method::OPTIONS, "/a.txt", ALLOWED), 405, None, "");
}

#[actix_web::test]
async fn vary_has_each_name_once() {
    for (there, expected) in [
        ("Accept-Encoding", vec!["Accept-Encoding", "Origin"]),
        ("accept, origin", vec!["accept, origin"]),
        ("*", vec!["*"]),
    ] {
        let serve = move || async move { HttpResponse::Ok().insert_header((VARY, there)).finish() };
        let app = App::new()
            .app_data(rules())
            .route("/", web::get().to(serve));
        let app = init_service(app.wrap(from_fn(cors))).await;
        let request = request(Method::GET, "/", ALLOWED).to_request();
        let response = call_service(&app, request).await;
        let lines: Vec<_> = response.headers().get_all(VARY).collect();
        assert_eq!(lines, expected);
    }
}

#[actix_web::test]
async fn an_error_of_a_middleware_has_the_fields() {
    async fn fail(_: ServiceRequest, _: Next<impl MessageBody>) -> Result<ServiceResponse, Error> {
        Err(ErrorForbidden("who are you?"))
    }
    let app = App::new()
        .app_data(rules())
        .service(web::resource("/{key}").get(get_object));
    let app = init_service(app.wrap(from_fn(fail)).wrap(from_fn(cors))).await;
    let request = request(Method::GET, "/a.txt", ALLOWED).to_request();
    let error = try_call_service(&app, request).await.unwrap_err();
    assert_eq!(error.to_string(), "who are you?");
    let response = error.error_response();
    assert_eq!(response.status(), 403);
    assert_eq!(
        response
            .headers()
            .get("Access-Control-Allow-Origin")
            .unwrap(),
        ALLOWED
    );
    assert_eq!(
        response
            .headers()
            .get("Access-Control-Expose-Headers")
            .unwrap(),
        "ETag"
    );
}
