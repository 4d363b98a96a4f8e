//! Request bodies, read no further than a limit.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;

use crate::fault::Fault;
use crate::store::{Budget, Held};

/// Reads a body of at most `limit` bytes, and pays for every byte as it comes. One that says that it
/// is longer is refused before it is read; so is one that the client breaks off.
pub async fn read(
    headers: &HeaderMap,
    mut body: Body,
    limit: usize,
    budget: &Budget,
) -> Result<(Bytes, Held), Fault> {
    let said = headers.get(header::CONTENT_LENGTH);
    let said = said.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > limit as u64) {
        return Err(Fault::EntityTooLarge);
    }
    let mut held = budget.hold(0)?;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::IncompleteBody)?;
        let Ok(data) = frame.into_data() else {
            continue; // trailers
        };
        if data.len() > limit - bytes.len() {
            return Err(Fault::EntityTooLarge);
        }
        held.more(data.len())?;
        bytes.extend_from_slice(&data);
    }
    // No more than was paid for.
    Ok((bytes.into_boxed_slice().into(), held))
}

/// As [`read`], with the SDKs' `aws-chunked` undone.
pub async fn read_object(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    budget: &Budget,
) -> Result<(Bytes, Held), Fault> {
    if !is_aws_chunked(headers) {
        return read(headers, body, limit, budget).await;
    }
    // Signatures and trailers come on top; the smallest chunk that SDKs send has 8 KiB.
    let (encoded, _held) = read(headers, body, limit + limit / 16 + 4096, budget).await?;
    // Both are there for a moment, so both are paid for.
    let held = budget.hold(encoded.len())?;
    let decoded = decode(&encoded).ok_or(Fault::IncompleteBody)?;
    let said = headers.get("x-amz-decoded-content-length");
    let said = said.map(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length != Some(decoded.len())) {
        return Err(Fault::IncompleteBody);
    }
    if decoded.len() > limit {
        return Err(Fault::EntityTooLarge);
    }
    Ok((decoded.into_boxed_slice().into(), held))
}

fn is_aws_chunked(headers: &HeaderMap) -> bool {
    let streams = headers
        .get("x-amz-content-sha256")
        .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    streams || codings(headers).any(|coding| coding == "aws-chunked")
}

/// What of `Content-Encoding` is the object's own.
pub fn content_encoding(headers: &HeaderMap) -> Option<String> {
    let own: Vec<&str> = codings(headers)
        .filter(|coding| *coding != "aws-chunked")
        .collect();
    (!own.is_empty()).then(|| own.join(", "))
}

fn codings(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::CONTENT_ENCODING).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(',').map(str::trim))
        .filter(|coding| !coding.is_empty())
}

/// `SIZE[;chunk-signature=…] CRLF DATA CRLF`, until a size of 0; then trailers, which are left alone.
fn decode(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(rest.len());
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let (line, after) = (rest.get(..end)?, rest.get(end + 2..)?);
        let size = line.split(|&byte| byte == b';').next()?;
        let size = usize::from_str_radix(std::str::from_utf8(size).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(decoded);
        }
        decoded.extend_from_slice(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix(b"\r\n")?;
    }
}
