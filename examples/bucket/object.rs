//! An object's download: conditions, ranges, redirects.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use crate::fault::Fault;
use crate::store::Object;

/// An object's bytes, which keep what it holds of the budget until the last of them is sent.
struct Whole(Arc<Object>);

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        &self.0.body
    }
}

/// Answers GET and HEAD, in the order of RFC 9110, 13.2.2: conditions, then the range.
pub fn download(request: &Parts, object: &Arc<Object>) -> Result<Response, Fault> {
    let headers = &request.headers;
    if let Some(response) = redirect(object) {
        return Ok(response);
    }
    let mut response = Response::new(Body::empty());
    let fields = response.headers_mut();
    for (name, value) in &object.fields {
        fields.append(name, value.clone());
    }
    let modified = httpdate::fmt_http_date(object.modified);
    set(fields, header::ETAG, &object.etag);
    set(fields, header::LAST_MODIFIED, &modified);
    set(fields, header::ACCEPT_RANGES, "bytes");

    match condition(headers, object) {
        Condition::Met => {}
        Condition::Failed => return Err(Fault::PreconditionFailed),
        Condition::NotModified => {
            fields.remove(header::CONTENT_TYPE);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
    }
    if !fields.contains_key(header::CONTENT_TYPE) {
        set(fields, header::CONTENT_TYPE, "application/octet-stream");
    }

    let length = object.body.len();
    let mut body = Bytes::from_owner(Whole(Arc::clone(object)));
    let mut status = StatusCode::OK;
    match range(headers, object) {
        Asked::Whole => {}
        Asked::Nothing => return Err(Fault::InvalidRange(length)),
        Asked::Part(part) => {
            let last = part.end - 1;
            let said = format!("bytes {}-{last}/{length}", part.start);
            set(fields, header::CONTENT_RANGE, &said);
            status = StatusCode::PARTIAL_CONTENT;
            body = body.slice(part);
        }
    }
    fields.insert(header::CONTENT_LENGTH, body.len().into());
    *response.status_mut() = status;
    if request.method == Method::GET {
        *response.body_mut() = body.into();
    }
    Ok(response)
}

fn set(fields: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        fields.insert(name, value);
    }
}

/// As a bucket's website does with an object that was stored with a redirect.
fn redirect(object: &Object) -> Option<Response> {
    let mut fields = object.fields.iter();
    let (_, location) =
        fields.find(|(name, _)| name.as_str().ends_with("-website-redirect-location"))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    response
        .headers_mut()
        .insert(header::LOCATION, location.clone());
    if let Some(kept) = object.fields.get(header::CACHE_CONTROL) {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, kept.clone());
    }
    Some(response)
}

enum Condition {
    Met,
    Failed,
    NotModified,
}

fn condition(headers: &HeaderMap, object: &Object) -> Condition {
    let date = |name| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    let unmodified = |since: SystemTime| object.modified <= since;
    let failed = match headers.get(header::IF_MATCH) {
        Some(tags) => !lists(tags, &object.etag),
        None => date(header::IF_UNMODIFIED_SINCE).is_some_and(|since| !unmodified(since)),
    };
    let not_modified = match headers.get(header::IF_NONE_MATCH) {
        Some(tags) => lists(tags, &object.etag),
        None => date(header::IF_MODIFIED_SINCE).is_some_and(unmodified),
    };
    match (failed, not_modified) {
        (true, _) => Condition::Failed,
        (false, true) => Condition::NotModified,
        (false, false) => Condition::Met,
    }
}

/// Our tags have no comma; clients may leave out the quotes.
fn lists(tags: &HeaderValue, etag: &str) -> bool {
    let plain = |tag: &str| tag.trim_start_matches("W/").trim_matches('"').to_owned();
    let mut tags = tags.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.any(|tag| tag == "*" || plain(tag) == plain(etag))
}

/// `If-None-Match: *` puts only what is not there, `If-Match` only over what it names.
pub fn put_allowed(headers: &HeaderMap, present: Option<&Object>) -> bool {
    let none = headers.get(header::IF_NONE_MATCH);
    let some = headers.get(header::IF_MATCH);
    let is = |tags| present.is_some_and(|object| lists(tags, &object.etag));
    !none.is_some_and(is) && some.is_none_or(is)
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<usize>),
    /// A range that the object has nothing of.
    Nothing,
}

/// One range of bytes; several, or what is none, are as if nothing was asked (RFC 9110, 14.2).
fn range(headers: &HeaderMap, object: &Object) -> Asked {
    let current = match headers.get(header::IF_RANGE) {
        None => true,
        Some(of) => *of == object.etag || *of == httpdate::fmt_http_date(object.modified),
    };
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    let asked = asked.and_then(|range| range.trim().strip_prefix("bytes="));
    let bounds = asked.and_then(|range| range.split_once('-'));
    let Some((first, last)) = bounds.filter(|_| current) else {
        return Asked::Whole;
    };

    let length = object.body.len();
    let (start, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(length)),
        (Some(first), None) if last.is_empty() => (first, length),
        (None, Some(suffix)) if first.is_empty() => (length - suffix.min(length), length),
        _ => return Asked::Whole,
    };
    if start < end {
        Asked::Part(start..end)
    } else {
        Asked::Nothing
    }
}

/// Digits alone: no sign. More than fit are as good as the most that do.
pub fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}
