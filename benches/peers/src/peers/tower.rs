//! tower-http's `CorsLayer`.

use std::convert::Infallible;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Response};
use tower::{Layer, Service, service_fn};
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer};

use super::{Framework, Peer, ready};
use crate::check::Limit;
use crate::policy::{Origins, Policy, any_matches};

pub fn peer(policy: &Policy) -> Peer {
    let empty = service_fn(async |_: Request<()>| Ok(Response::new(())));
    Peer {
        name: "tower-http",
        limits: &[Limit::MethodUnchecked, Limit::NamesUnchecked],
        cors: Box::new(Tower(layer(policy).layer(empty))),
        bare: Box::new(Tower(empty)),
    }
}

fn layer(policy: &Policy) -> CorsLayer {
    let cors = CorsLayer::new()
        .allow_credentials(policy.credentials())
        .allow_methods(policy.methods.clone())
        .expose_headers(policy.expose_headers.clone())
        .max_age(Duration::from_secs(policy.max_age_seconds.into()))
        .vary(policy.vary.clone());
    let cors = match &policy.headers {
        None => cors.allow_headers(AllowHeaders::mirror_request()),
        Some(headers) => cors.allow_headers(headers.clone()),
    };
    match &policy.origins {
        Origins::Any => cors.allow_origin(Any),
        Origins::Exact(origins) => {
            let origins = origins.iter().map(|o| HeaderValue::from_str(o).unwrap());
            cors.allow_origin(AllowOrigin::list(origins))
        }
        Origins::Patterns(patterns) => {
            let matches = any_matches(patterns);
            let predicate = move |origin: &HeaderValue, _: &_| matches(origin.as_bytes());
            cors.allow_origin(AllowOrigin::predicate(predicate))
        }
    }
}

struct Tower<S>(S);

impl<S> Framework for Tower<S>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    type Request = Request<()>;
    type Response = Response<()>;

    fn requests(request: &Request<()>, count: usize) -> Vec<Request<()>> {
        vec![request.clone(); count]
    }

    fn call(&mut self, request: Request<()>) -> Response<()> {
        match ready(self.0.call(request)) {
            Ok(response) => response,
        }
    }

    fn fields(response: Response<()>) -> HeaderMap {
        response.into_parts().0.headers
    }
}
