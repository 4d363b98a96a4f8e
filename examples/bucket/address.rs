//! Which bucket and key a request is for.

use std::collections::HashMap;

use axum::http::request::Parts;
use axum::http::{Uri, header};
use percent_encoding::percent_decode_str;

/// `/bucket/key`, or `/key` where the host is `bucket.DOMAIN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub bucket: String,
    /// None for the bucket itself.
    pub key: Option<String>,
}

impl Address {
    /// None if the request is for no bucket: the path is `/`, or its escapes are not UTF-8.
    pub fn of(request: &Parts, domain: &str) -> Option<Self> {
        let path = request.uri.path().strip_prefix('/')?;
        let (bucket, key) = if let Some(bucket) = bucket_of_host(request, domain) {
            (bucket.to_owned(), path)
        } else {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            (decoded(bucket)?, key)
        };
        let key = decoded(key)?;
        (!bucket.is_empty()).then_some(Self {
            bucket,
            key: (!key.is_empty()).then_some(key),
        })
    }
}

fn bucket_of_host<'a>(request: &'a Parts, domain: &str) -> Option<&'a str> {
    let host = match request.uri.host() {
        Some(host) => host,
        None => request.headers.get(header::HOST)?.to_str().ok()?,
    };
    let host = host.split_once(':').map_or(host, |(host, _port)| host);
    let bucket = host.strip_suffix(domain)?.strip_suffix('.')?;
    (!bucket.is_empty()).then_some(bucket)
}

fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// The query's names and values. Those of presigned URLs are among them, and nobody asks for them.
pub fn query(uri: &Uri) -> HashMap<String, String> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let pairs = pairs.filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        (decoded(name), decoded(value))
    });
    pairs.collect()
}
