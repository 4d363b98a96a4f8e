//! Which bucket and key a request is for.

use std::collections::HashMap;
use std::net::IpAddr;

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
        let (bucket, key) = split(request, domain)?;
        let key = decoded(key)?;
        Some(Self {
            bucket,
            key: (!key.is_empty()).then_some(key),
        })
    }

    /// The bucket alone: its rules are in force for a key, too, that none can have.
    pub fn bucket_of(request: &Parts, domain: &str) -> Option<String> {
        split(request, domain).map(|(bucket, _)| bucket)
    }
}

/// The bucket, and the key as it stands in the path.
fn split<'a>(request: &'a Parts, domain: &str) -> Option<(String, &'a str)> {
    let path = request.uri.path().strip_prefix('/')?;
    let (bucket, key) = if let Some(bucket) = bucket_of_host(request, domain) {
        (bucket.to_owned(), path)
    } else {
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        (decoded(bucket)?, key)
    };
    (!bucket.is_empty()).then_some((bucket, key))
}

fn bucket_of_host<'a>(request: &'a Parts, domain: &str) -> Option<&'a str> {
    let name = name_of(host(request)?);
    let bucket = name.strip_suffix(domain)?.strip_suffix('.')?;
    (!bucket.is_empty()).then_some(bucket)
}

fn host(request: &Parts) -> Option<&str> {
    match request.uri.host() {
        Some(host) => Some(host),
        None => request.headers.get(header::HOST)?.to_str().ok(),
    }
}

/// Without the port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a host is an IP address or `localhost`. Any other name its owner can lead here, and then
/// to a browser this server and the owner's pages are one origin: DNS rebinding.
pub fn is_nobodys(host: &str) -> bool {
    let name = name_of(host);
    let ip = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || ip.parse::<IpAddr>().is_ok()
}

/// Whether the buckets answer to the request's host: one that is nobody's, DOMAIN or a name in it.
/// Every browser names one.
pub fn is_ours(request: &Parts, domain: &str) -> bool {
    match host(request) {
        None => !request.headers.contains_key(header::HOST),
        Some(host) => {
            let before = name_of(host).strip_suffix(domain);
            is_nobodys(host)
                || before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        }
    }
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
