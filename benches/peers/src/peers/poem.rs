//! poem's `Cors`. It has patterns of its own.

use http::{HeaderMap, Request};
use poem::endpoint::make_sync;
use poem::middleware::Cors;
use poem::{Endpoint, EndpointExt, Response};

use super::{Framework, Peer, ready};
use crate::check::Limit;
use crate::policy::{Origins, Policy};

pub fn peer(policy: &Policy) -> Peer {
    let empty = || make_sync(|_| Response::default());
    Peer {
        name: "poem",
        limits: &[Limit::StarEchoed, Limit::NamesUnchecked, Limit::NoVary],
        cors: Box::new(Poem(empty().with(cors(policy)))),
        bare: Box::new(Poem(empty())),
    }
}

fn cors(policy: &Policy) -> Cors {
    let cors = Cors::new()
        .allow_credentials(policy.credentials())
        .allow_methods(policy.methods.iter().cloned())
        .allow_headers(policy.headers.iter().flatten()) // none allows every name here too
        .expose_headers(policy.expose_headers.iter())
        .max_age(i32::try_from(policy.max_age_seconds).unwrap());
    match &policy.origins {
        Origins::Any => cors,
        Origins::Exact(origins) => cors.allow_origins(origins),
        Origins::Patterns(patterns) => patterns.iter().fold(cors, Cors::allow_origin_regex),
    }
}

struct Poem<E>(E);

impl<E: Endpoint> Framework for Poem<E> {
    type Request = poem::Request;
    type Response = Response;

    fn requests(request: &Request<()>, count: usize) -> Vec<poem::Request> {
        let build = |_| {
            let mut built = poem::Request::default();
            built.set_method(request.method().clone());
            built.headers_mut().clone_from(request.headers());
            built
        };
        (0..count).map(build).collect()
    }

    fn call(&mut self, request: poem::Request) -> Response {
        ready(self.0.get_response(request))
    }

    fn fields(response: Response) -> HeaderMap {
        response.into_parts().0.headers
    }
}
