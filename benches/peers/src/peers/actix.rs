//! actix-cors.

use actix_cors::Cors;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, fn_service};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::{Error, HttpResponse};
use http::{HeaderMap, Request};

use super::{Framework, Peer, ready};
use crate::check::Limit;
use crate::policy::{Origins, Policy, any_matches};

pub fn peer(policy: &Policy) -> Peer {
    let cors = ready(cors(policy).new_transform(empty()));
    Peer {
        name: "actix-cors",
        limits: &[Limit::NoVary],
        cors: Box::new(Actix(cors.expect("a usable policy"))),
        bare: Box::new(Actix(empty())),
    }
}

fn empty() -> impl Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static {
    fn_service::<_, _, _, _, _, ()>(async |request: ServiceRequest| {
        Ok(request.into_response(HttpResponse::Ok().finish()))
    })
}

fn cors(policy: &Policy) -> Cors {
    let methods = policy.methods.iter().map(http::Method::as_str);
    let expose_headers = policy.expose_headers.iter().map(http::HeaderName::as_str);
    let mut cors = Cors::default()
        .allowed_methods(methods)
        .expose_headers(expose_headers)
        .max_age(policy.max_age_seconds as usize);
    if policy.credentials() {
        cors = cors.supports_credentials();
    }
    if policy.vary.is_empty() {
        cors = cors.disable_vary_header();
    }
    cors = match &policy.headers {
        None => cors.allow_any_header(),
        Some(headers) => cors.allowed_headers(headers.iter().map(http::HeaderName::as_str)),
    };
    match &policy.origins {
        Origins::Any => cors.allow_any_origin().send_wildcard(),
        Origins::Exact(origins) => origins.iter().fold(cors, |cors, o| cors.allowed_origin(o)),
        Origins::Patterns(patterns) => {
            let matches = any_matches(patterns);
            cors.allowed_origin_fn(move |origin, _| matches(origin.as_bytes()))
        }
    }
}

struct Actix<S>(S);

impl<S, B> Framework for Actix<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Request = ServiceRequest;
    type Response = ServiceResponse<B>;

    fn requests(request: &Request<()>, count: usize) -> Vec<ServiceRequest> {
        // Its types are those of an older `http`.
        let fields: Vec<(HeaderName, HeaderValue)> = request
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = HeaderValue::from_bytes(value.as_bytes());
                (name.as_str().parse().unwrap(), value.unwrap())
            })
            .collect();
        let method: actix_web::http::Method = request.method().as_str().parse().unwrap();
        let with_field = |test: TestRequest, field: &(HeaderName, HeaderValue)| {
            test.append_header(field.clone())
        };
        let build = |_| {
            let test = TestRequest::default().method(method.clone());
            fields.iter().fold(test, with_field).to_srv_request()
        };
        (0..count).map(build).collect()
    }

    fn call(&mut self, request: ServiceRequest) -> ServiceResponse<B> {
        ready(self.0.call(request)).expect("errors are responses")
    }

    fn fields(response: ServiceResponse<B>) -> HeaderMap {
        let field = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = http::HeaderValue::from_bytes(value.as_bytes());
            (name.as_str().parse().unwrap(), value.unwrap())
        };
        response.headers().iter().map(field).collect()
    }
}
