//! A [`tower`](https://docs.rs/tower) layer: [`CorsLayer`].
//!
//! It stands outside of everything that answers for a bucket. Preflights it answers itself; every
//! other request is served, and the answer, a 404, a redirect or a 304 too, gets the decision's
//! fields and `Vary` in place of what the inner service left there.
//!
//! An `Err` of the inner service is passed on, since there is no answer to write to: what makes
//! answers of errors, axum's `HandleErrorLayer` say, belongs inside.
//!
//! ```
//! use axum::body::Body;
//! use bucket_cors::{Configuration, Profile, Rule, RuleSet, layer::CorsLayer};
//! use http::{Request, StatusCode};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rule = Rule::new(["https://example.com"], ["GET", "PUT"]);
//! let rules = RuleSet::compile(&Configuration::from_iter([rule]), Profile::S3)?;
//! let bucket = service_fn(|_: Request<Body>| async {
//!     Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("hello")))
//! });
//! let server = CorsLayer::new(rules, Body::from).layer(bucket);
//!
//! let request = Request::get("/a.txt").header("Origin", "https://example.com");
//! let response = server.clone().oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.headers()["Access-Control-Allow-Origin"], "https://example.com");
//!
//! let preflight = Request::options("/a.txt")
//!     .header("Origin", "https://example.org")
//!     .header("Access-Control-Request-Method", "PUT");
//! let response = server.oneshot(preflight.body(Body::empty())?).await?;
//! assert_eq!(response.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! Whole programs on axum, hyper, actix-web and s3s, and what to know on each, are in
//! `docs/recipes.md`.
//!
//! # Many buckets, and configurations that change
//!
//! [`CorsLayer::by_request`] asks a function for the rule set of each request. What it reads from
//! is its own affair; a map that is replaced whole, as `arc-swap` has it, is never waited for:
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::Arc;
//! use arc_swap::ArcSwap;
//! use axum::body::Body;
//! use bucket_cors::{Profile, RuleSet, layer::CorsLayer};
//!
//! // `PUT ?cors` compiles the document, and stores a map with the new rule set in it.
//! let buckets: Arc<ArcSwap<HashMap<String, Arc<RuleSet>>>> = Arc::default();
//! let unconfigured = Arc::new(RuleSet::not_configured(Profile::COS));
//!
//! let layer = CorsLayer::by_request(
//!     {
//!         let buckets = Arc::clone(&buckets);
//!         move |request: &http::request::Parts| {
//!             let bucket = request.uri.path().split('/').nth(1).filter(|name| !name.is_empty())?;
//!             let rules = buckets.load().get(bucket).cloned();
//!             Some(rules.unwrap_or_else(|| Arc::clone(&unconfigured)))
//!         }
//!     },
//!     Body::from,
//! );
//! let server: axum::Router = axum::Router::new().layer(layer);
//! # drop(server);
//! ```
//!
//! A look-up that waits, for a database say, is a middleware of a few lines around
//! [`Decision::into_owned`]; this is axum's form of it:
//!
//! ```
//! # use std::sync::Arc;
//! # use bucket_cors::{Profile, RuleSet};
//! use axum::{extract::Request, middleware::Next, response::{IntoResponse, Response}};
//!
//! # async fn rules_of(path: &str) -> Option<Arc<RuleSet>> { None }
//! async fn cors(request: Request, next: Next) -> Response {
//!     let Some(rules) = rules_of(request.uri().path()).await else {
//!         return next.run(request).await; // not a bucket
//!     };
//!     let decision = rules.evaluate(&request).into_owned();
//!     // An OPTIONS that is no preflight is refused too; serve it if its kind() is Options.
//!     let mut response = match (decision.preflight_status(), decision.preflight_error()) {
//!         (None, _) => next.run(request).await,
//!         (Some(status), None) => status.into_response(),
//!         (Some(status), Some(error)) => {
//!             let xml = [("content-type", "application/xml")];
//!             (status, xml, error.to_xml(&[])).into_response()
//!         }
//!     };
//!     decision.write_to(response.headers_mut());
//!     response
//! }
//! # let _: axum::Router = axum::Router::new().layer(axum::middleware::from_fn(cors));
//! ```

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::decision::Decision;
use crate::request::RequestKind;
use crate::ruleset::RuleSet;
use crate::write::Written;

/// Puts a bucket's CORS rules around a service; see the [module](self).
///
/// `R` is where the rule set of a request comes from, `B` the function that makes a body from text,
/// such as axum's `Body::from`. Bodies are made for the answers to `OPTIONS` that it gives itself: of a
/// refused one the provider's error as XML, of an allowed one the empty text.
#[derive(Clone)]
pub struct CorsLayer<R, B> {
    rules: R,
    body: B,
    options_as_provider: bool,
    empty_errors: bool,
    inspect: Option<Arc<Inspect>>,
}

type Inspect = dyn Fn(&Parts, &Decision<'_>) + Send + Sync;

impl<B> CorsLayer<Arc<RuleSet>, B> {
    /// One rule set for every request.
    pub fn new<T>(rules: impl Into<Arc<RuleSet>>, body: B) -> Self
    where
        B: Fn(String) -> T,
    {
        Self::of(rules.into(), body)
    }
}

impl<F, B> CorsLayer<ByRequest<F>, B> {
    /// The rule set that `look_up` finds for a request. None if the request is for no bucket: it
    /// and its answer are left alone.
    ///
    /// A bucket without a CORS document has [`RuleSet::not_configured`].
    pub fn by_request<T>(look_up: F, body: B) -> Self
    where
        F: Fn(&Parts) -> Option<Arc<RuleSet>>,
        B: Fn(String) -> T,
    {
        Self::of(ByRequest(look_up), body)
    }
}

impl<R, B> CorsLayer<R, B> {
    fn of(rules: R, body: B) -> Self {
        Self {
            rules,
            body,
            options_as_provider: false,
            empty_errors: false,
            inspect: None,
        }
    }

    /// Answers every `OPTIONS` request as the provider does, which refuses those that are no
    /// preflight ([`RequestKind::Options`]). Without this, the inner service serves them.
    #[must_use]
    pub fn with_options_as_provider(mut self) -> Self {
        self.options_as_provider = true;
        self
    }

    /// Refuses preflights with an empty body and no `Content-Type`. The function that makes bodies
    /// is given the empty text only, so `|_| B::default()` will do.
    #[must_use]
    pub fn with_empty_errors(mut self) -> Self {
        self.empty_errors = true;
        self
    }

    /// Shows every decision as it is made, for logs and metrics: of an `OPTIONS` request that is
    /// served it is a denial all the same, and [`kind`](Decision::kind) tells. Another function takes
    /// the place of the one before.
    #[must_use]
    pub fn inspect(
        mut self,
        inspect: impl Fn(&Parts, &Decision<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.inspect = Some(Arc::new(inspect));
        self
    }
}

impl<S, R: Clone, B: Clone> Layer<S> for CorsLayer<R, B> {
    type Service = Cors<S, R, B>;

    fn layer(&self, inner: S) -> Self::Service {
        Cors {
            inner,
            layer: Arc::new(self.clone()),
        }
    }
}

impl<R: fmt::Debug, B> fmt::Debug for CorsLayer<R, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsLayer")
            .field("rules", &self.rules)
            .field("options_as_provider", &self.options_as_provider)
            .field("empty_errors", &self.empty_errors)
            .finish_non_exhaustive()
    }
}

/// The function of [`CorsLayer::by_request`].
#[derive(Clone, Copy)]
pub struct ByRequest<F>(F);

impl<F> fmt::Debug for ByRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByRequest").finish_non_exhaustive()
    }
}

/// Where the rule set of a request comes from: one that all share, or the function of
/// [`CorsLayer::by_request`]. Nothing else implements it.
pub trait Rules: sealed::Ask {}

impl Rules for Arc<RuleSet> {}

impl<F: Fn(&Parts) -> Option<Arc<RuleSet>>> Rules for ByRequest<F> {}

mod sealed {
    use super::{Arc, ByRequest, Parts, RuleSet};

    pub trait Ask {
        /// What `ask` makes of the rule set of a request; a function, so that one that is shared by
        /// all requests needs no count of those who hold it.
        fn ask<T>(&self, request: &Parts, ask: impl FnOnce(&RuleSet) -> T) -> Option<T>;
    }

    impl Ask for Arc<RuleSet> {
        fn ask<T>(&self, _: &Parts, ask: impl FnOnce(&RuleSet) -> T) -> Option<T> {
            Some(ask(self))
        }
    }

    impl<F: Fn(&Parts) -> Option<Arc<RuleSet>>> Ask for ByRequest<F> {
        fn ask<T>(&self, request: &Parts, ask: impl FnOnce(&RuleSet) -> T) -> Option<T> {
            self.0(request).map(|rules| ask(&rules))
        }
    }
}

/// A service with a bucket's CORS rules around it; [`CorsLayer`] makes it.
///
/// It is ready when the inner service is. A preflight leaves that readiness unused, until the next
/// call or the drop; a limit that several services share belongs outside.
pub struct Cors<S, R, B> {
    inner: S,
    layer: Arc<CorsLayer<R, B>>,
}

impl<S, R, B> Cors<S, R, B> {
    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service inside, without the rules.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Clone, R, B> Clone for Cors<S, R, B> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            layer: Arc::clone(&self.layer),
        }
    }
}

impl<S: fmt::Debug, R: fmt::Debug, B> fmt::Debug for Cors<S, R, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cors")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}

impl<S, R, B, RequestBody, ResponseBody> Service<http::Request<RequestBody>> for Cors<S, R, B>
where
    S: Service<http::Request<RequestBody>, Response = http::Response<ResponseBody>>,
    R: Rules,
    B: Fn(String) -> ResponseBody,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResponseBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<RequestBody>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let state = match self.layer.decide(&parts) {
            Decided::Answered(response) => State::Answered {
                response: Some(response),
            },
            Decided::Serve(written) => State::Served {
                future: self.inner.call(http::Request::from_parts(parts, body)),
                written,
            },
        };
        ResponseFuture { state }
    }
}

/// What becomes of a request.
enum Decided<T> {
    Answered(http::Response<T>),
    /// What is to be written to the answer; nothing if the request is for no bucket.
    Serve(Option<Written>),
}

impl<R: Rules, B> CorsLayer<R, B> {
    fn decide<T>(&self, request: &Parts) -> Decided<T>
    where
        B: Fn(String) -> T,
    {
        let decided = self.rules.ask(request, |rules| {
            let decision = rules.evaluate(request);
            if let Some(inspect) = &self.inspect {
                inspect(request, &decision);
            }
            match self.answer(&decision) {
                Some(answer) => Decided::Answered(answer),
                None => Decided::Serve(Some(decision.to_written())),
            }
        });
        decided.unwrap_or(Decided::Serve(None))
    }

    /// The answer to a request that is not for the inner service.
    fn answer<T>(&self, decision: &Decision<'_>) -> Option<http::Response<T>>
    where
        B: Fn(String) -> T,
    {
        if decision.kind() == RequestKind::Options && !self.options_as_provider {
            return None;
        }
        let status = decision.preflight_status()?;
        let error = decision.preflight_error().filter(|_| !self.empty_errors);
        let text = error.as_ref().map(|error| error.to_xml(&[]));
        let mut response = http::Response::new((self.body)(text.unwrap_or_default()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if error.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
        decision.write_to(headers);
        Some(response)
    }
}

pin_project! {
    /// The answer to come: [`Cors`]'s own, or the inner service's with the decision written to it.
    /// After that it is not to be polled.
    pub struct ResponseFuture<F, T> {
        #[pin]
        state: State<F, T>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, T> {
        Answered {
            response: Option<http::Response<T>>,
        },
        Served {
            #[pin]
            future: F,
            written: Option<Written>,
        },
    }
}

impl<F, T, E> Future for ResponseFuture<F, T>
where
    F: Future<Output = Result<http::Response<T>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Answered { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => Poll::Pending, // it has been given already
            },
            StateProjection::Served { future, written } => {
                let mut response = ready!(future.poll(context))?;
                if let Some(written) = written.take() {
                    written.write_to(response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}

impl<F, T> fmt::Debug for ResponseFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
