//! The page, on an origin of its own.

use std::net::SocketAddr;

use axum::Router;

use crate::api::Api;

pub fn router(_api: &Api, _buckets: SocketAddr) -> Router {
    Router::new()
}
