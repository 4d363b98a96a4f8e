//! What takes part: asked once to see its answer, or in batches to see its time.

use http::{HeaderMap, Request};

use crate::timing::{REQUESTS, batch};

pub trait Contender {
    /// The fields of its answer.
    fn answer(&mut self, request: &Request<()>) -> HeaderMap;

    /// Nanoseconds an answer, over one batch. The requests are made before the clock starts.
    fn time(&mut self, request: &Request<()>) -> f64;
}

/// A function of the `http` crate's types, which borrows the request.
pub fn direct(answer: impl FnMut(&Request<()>) -> HeaderMap + 'static) -> Box<dyn Contender> {
    Box::new(Direct(answer))
}

struct Direct<F>(F);

impl<F: FnMut(&Request<()>) -> HeaderMap> Contender for Direct<F> {
    fn answer(&mut self, request: &Request<()>) -> HeaderMap {
        (self.0)(request)
    }

    fn time(&mut self, request: &Request<()>) -> f64 {
        let requests = vec![request.clone(); REQUESTS];
        batch(&requests, |request| (self.0)(request))
    }
}
