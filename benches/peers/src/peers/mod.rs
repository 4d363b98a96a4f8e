//! The peers: each framework's service with its CORS middleware, and without, called in process.

mod actix;
mod poem;
mod salvo;
mod tower;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{HeaderMap, Request};

use crate::check::Limit;
use crate::contender::Contender;
use crate::policy::Policy;
use crate::timing::{REQUESTS, batch};

pub struct Peer {
    pub name: &'static str,
    /// What it is known not to do. Each must show in at least one workload, and no other.
    pub limits: &'static [Limit],
    pub cors: Box<dyn Contender>,
    /// The same service without the middleware: its time is taken off.
    pub bare: Box<dyn Contender>,
}

pub fn all(policy: &Policy) -> [Peer; 4] {
    [
        tower::peer(policy),
        actix::peer(policy),
        poem::peer(policy),
        salvo::peer(policy),
    ]
}

/// A service in its framework's types, which consumes the request.
trait Framework {
    type Request;
    type Response;

    /// Requests in the framework's type that share the bytes of their values, as those that a
    /// server has read from one buffer do.
    fn requests(request: &Request<()>, count: usize) -> Vec<Self::Request>;
    fn call(&mut self, request: Self::Request) -> Self::Response;
    fn fields(response: Self::Response) -> HeaderMap;
}

impl<F: Framework> Contender for F {
    fn answer(&mut self, request: &Request<()>) -> HeaderMap {
        let requests = F::requests(request, 1).into_iter();
        let mut answers = requests.map(|request| F::fields(self.call(request)));
        answers.next().expect("one request")
    }

    fn time(&mut self, request: &Request<()>) -> f64 {
        let mut requests = F::requests(request, REQUESTS).into_iter();
        batch(requests.by_ref(), |request| self.call(request))
    }
}

/// Polls once: nothing here waits.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}
