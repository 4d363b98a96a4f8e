//! A bucket's rules on hyper alone.
//!
//! ```sh
//! cargo run --features tower --example hyper
//! curl -i -H 'Origin: https://app.example.com' http://127.0.0.1:8080/a.txt
//! ```

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use bucket_cors::layer::CorsLayer;
use bucket_cors::{Profile, RuleSet};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

/// Never an `Err`: hyper would close the connection, and a page would see a network failure in
/// place of an error that it may read.
async fn bucket<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/a.txt") => (StatusCode::OK, "hello"),
        (&Method::GET | &Method::HEAD, _) => (StatusCode::NOT_FOUND, "no such key"),
        _ => (StatusCode::METHOD_NOT_ALLOWED, ""),
    };
    let mut response = Response::new(Full::from(text)); // hyper leaves it out of an answer to HEAD
    *response.status_mut() = status;
    Ok(response)
}

async fn serve(listener: TcpListener, rules: RuleSet) -> ! {
    let layer = CorsLayer::new(rules, |text: String| Full::from(text));
    let service = TowerToHyperService::new(layer.layer(service_fn(bucket)));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many are open, or this one is gone: neither ends the others.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // The timer: whoever sends no whole head is not waited for.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(connection);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let rules = RuleSet::parse(include_bytes!("../cors.xml"), Profile::COS)?;
    serve(TcpListener::bind("127.0.0.1:8080").await?, rules).await
}

#[cfg(test)]
mod tests;
