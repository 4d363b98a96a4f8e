//! The buckets' rules around a store on s3s, which reads and writes the documents itself.
//!
//! ```sh
//! cargo run
//! curl -i -X OPTIONS -H 'Origin: https://a.test' -H 'Access-Control-Request-Method: PUT' http://127.0.0.1:8080/photos/a
//! ```

mod store;

use std::sync::Arc;
use std::time::Duration;

use bucket_cors::layer::CorsLayer;
use bucket_cors::{Profile, RuleSet};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use s3s::service::S3ServiceBuilder;
use s3s::{Body, HttpError, HttpResponse};
use store::Store;
use tower::{Layer, Service};

/// The layer is around all of s3s: an answer to a signature that s3s refuses has the fields too, and
/// a preflight, which is never signed, does not get so far.
fn server<B>(
    store: Store,
) -> impl Service<http::Request<B>, Response = HttpResponse, Error = HttpError, Future: Send> + Clone
where
    B: http_body::Body<Data = bytes::Bytes, Error: std::error::Error + Send + Sync>
        + Send
        + 'static,
{
    let unconfigured = Arc::new(RuleSet::not_configured(Profile::S3));
    let documents = Arc::clone(&store.0);
    let rules = move |request: &http::request::Parts| {
        let path = s3s::path::parse_path_style(request.uri.path()).ok()?;
        let documents = documents.load();
        let document = documents.get(path.get_bucket_name()?);
        Some(Arc::clone(
            document.map_or(&unconfigured, |(_, rules)| rules),
        ))
    };
    // s3s has no OPTIONS: what is no preflight it would answer 501.
    let layer = CorsLayer::by_request(rules, Body::from).with_options_as_provider();
    layer.layer(S3ServiceBuilder::new(store).build())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let server = TowerToHyperService::new(server(Store::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many are open, or this one is gone: neither ends the others.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // The timer: whoever sends no whole head is not waited for.
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), server.clone());
        tokio::spawn(connection);
    }
}

#[cfg(test)]
mod tests;
