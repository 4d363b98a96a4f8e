//! A bucket's rules on axum.
//!
//! ```sh
//! cargo run --features tower --example axum
//! curl -i -H 'Origin: https://app.example.com' http://127.0.0.1:8080/a.txt
//! ```

use std::error::Error;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use bucket_cors::layer::CorsLayer;
use bucket_cors::{Profile, RuleSet};

/// The layer comes last. What is given after it, routes, or layers that answer such as a timeout,
/// stands outside, and is answered for without the fields.
fn bucket(rules: RuleSet) -> Router {
    Router::new()
        .route("/{key}", get(get_object))
        .layer(CorsLayer::new(rules, Body::from))
}

async fn get_object(Path(key): Path<String>) -> Result<&'static str, (StatusCode, &'static str)> {
    match key.as_str() {
        "a.txt" => Ok("hello"),
        _ => Err((StatusCode::NOT_FOUND, "no such key")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let rules = RuleSet::parse(include_bytes!("../cors.xml"), Profile::COS)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, bucket(rules)).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
