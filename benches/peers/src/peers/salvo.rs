//! salvo-cors, in a chain of handlers without a router.

use std::sync::Arc;

use http::{HeaderMap, Request};
use salvo_core::{Depot, FlowCtrl, Handler, Response, async_trait};
use salvo_cors::{AllowHeaders, AllowOrigin, Any, Cors};

use super::{Framework, Peer, ready};
use crate::check::Limit;
use crate::policy::{Origins, Policy, any_matches};

pub fn peer(policy: &Policy) -> Peer {
    let cors = cors(policy).into_handler();
    Peer {
        name: "salvo-cors",
        limits: &[Limit::MethodUnchecked, Limit::NamesUnchecked],
        cors: Box::new(Salvo(vec![Arc::new(cors), Arc::new(Empty)])),
        bare: Box::new(Salvo(vec![Arc::new(Empty)])),
    }
}

fn cors(policy: &Policy) -> Cors {
    let cors = Cors::new()
        .allow_credentials(policy.credentials())
        .allow_methods(policy.methods.clone())
        .expose_headers(policy.expose_headers.clone())
        .max_age(policy.max_age_seconds)
        .vary(policy.vary.clone());
    let cors = match &policy.headers {
        None => cors.allow_headers(AllowHeaders::mirror_request()),
        Some(headers) => cors.allow_headers(headers.clone()),
    };
    match &policy.origins {
        Origins::Any => cors.allow_origin(Any),
        Origins::Exact(origins) => cors.allow_origin(origins),
        Origins::Patterns(patterns) => {
            let matches = any_matches(patterns);
            cors.allow_origin(AllowOrigin::dynamic(move |origin, _, _| {
                origin.filter(|o| matches(o.as_bytes())).cloned()
            }))
        }
    }
}

struct Empty;

#[async_trait]
impl Handler for Empty {
    async fn handle(
        &self,
        _: &mut salvo_core::Request,
        _: &mut Depot,
        _: &mut Response,
        _: &mut FlowCtrl,
    ) {
    }
}

struct Salvo(Vec<Arc<dyn Handler>>);

impl Framework for Salvo {
    type Request = salvo_core::Request;
    type Response = Response;

    fn requests(request: &Request<()>, count: usize) -> Vec<salvo_core::Request> {
        let build = |_| {
            let mut built = salvo_core::Request::new();
            built.method_mut().clone_from(request.method());
            built.headers_mut().clone_from(request.headers());
            built
        };
        (0..count).map(build).collect()
    }

    fn call(&mut self, mut request: salvo_core::Request) -> Response {
        let mut depot = Depot::new();
        let mut response = Response::new();
        let mut chain = FlowCtrl::new(self.0.clone());
        ready(chain.call_next(&mut request, &mut depot, &mut response));
        response
    }

    fn fields(mut response: Response) -> HeaderMap {
        std::mem::take(response.headers_mut())
    }
}
