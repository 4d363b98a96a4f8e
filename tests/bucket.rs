//! The object store of examples/bucket: what browsers and SDKs rely on, and the rules around it.
#![cfg(all(feature = "xml", feature = "json", feature = "tower"))]

#[path = "../examples/bucket/address.rs"]
mod address;
#[path = "../examples/bucket/api.rs"]
mod api;
#[path = "../examples/bucket/body.rs"]
mod body;
mod built;
mod common;
#[path = "../examples/bucket/fault.rs"]
mod fault;
#[path = "../examples/bucket/journal.rs"]
mod journal;
#[path = "../examples/bucket/listing.rs"]
mod listing;
#[path = "../examples/bucket/object.rs"]
mod object;
#[path = "../examples/bucket/page.rs"]
mod page;
#[path = "../examples/bucket/store.rs"]
mod store;
#[path = "../examples/bucket/xml.rs"]
mod xml;

use std::iter;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, StatusCode};
use bucket_cors::Profile;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use api::Api;
use common::block_on;
use store::Store;

const LIMIT: usize = 1000;
const MEMORY: usize = 512 * 1024;

const ORIGIN: (&str, &str) = ("origin", "https://a.test");

/// One site may read and write.
const DOCUMENT: &str = "\
<CORSConfiguration><CORSRule><ID>app</ID><AllowedOrigin>https://a.test</AllowedOrigin>\
<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";

struct Server {
    buckets: Router,
    page: Router,
}

fn server() -> Server {
    let store = Store::new(Profile::COS, MEMORY);
    let request_id = HeaderName::from_static("x-cos-request-id");
    let api = Api::new(store, request_id, "localhost", LIMIT);
    let page = page::router(&api, "127.0.0.1:9000".parse().unwrap());
    Server {
        buckets: api.router(),
        page,
    }
}

/// A server with the bucket `b`, which has the document.
fn configured() -> Server {
    let server = server();
    server.ask("PUT /b").is(200);
    server.put("/b?cors", DOCUMENT).is(200);
    server
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    #[track_caller]
    fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The provider's error.
    #[track_caller]
    fn fails(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        let code = format!("<Code>{code}</Code>");
        assert!(answer.text.contains(&code), "{}", answer.text);
        answer
    }

    #[track_caller]
    fn has(self, text: &str) -> Self {
        assert!(self.text.contains(text), "{text} in {}", self.text);
        self
    }

    #[track_caller]
    fn says(self, name: &str, value: &str) -> Self {
        assert_eq!(self.field(name), Some(value), "{name}");
        self
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) = self.text.split_once(before).unwrap();
        rest.split_once(after).unwrap().0
    }
}

impl Server {
    /// `METHOD PATH`, with nothing else.
    fn ask(&self, line: &str) -> Answer {
        self.send(line, &[], "")
    }

    fn get(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(&format!("GET {path}"), fields, "")
    }

    fn put(&self, path: &str, text: &str) -> Answer {
        self.send(&format!("PUT {path}"), &[], text.to_owned())
    }

    fn send(&self, line: &str, fields: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        answer(&self.buckets, line, fields, body.into())
    }

    /// Asks the page's port, as a browser on this machine does.
    fn ask_page(&self, line: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        let host = ("host", "127.0.0.1:9001");
        let fields: Vec<_> = [host].iter().chain(fields).copied().collect();
        answer(&self.page, line, &fields, body.to_owned().into())
    }
}

fn answer(router: &Router, line: &str, fields: &[(&str, &str)], body: Body) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(body).unwrap();
    let response = block_on(router.clone().oneshot(request)).unwrap();
    let (parts, body) = response.into_parts();
    let body = block_on(body.collect()).unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(body.into()).unwrap(),
    }
}

// The CORS document of a bucket.

#[test]
fn a_document_is_put_given_back_and_deleted() {
    let server = server();
    server.put("/b?cors", DOCUMENT).fails(404, "NoSuchBucket");
    server.ask("PUT /b").is(200);
    let none = server
        .ask("GET /b?cors")
        .fails(404, "NoSuchCORSConfiguration");
    none.has("<Resource>/b</Resource><RequestId>");
    server.put("/b?cors", DOCUMENT).is(200);
    let given = server
        .ask("GET /b?cors")
        .is(200)
        .says("content-type", "application/xml");
    assert!(given.text.ends_with(DOCUMENT), "{}", given.text);
    server.ask("DELETE /b?cors").is(204);
    server.ask("DELETE /b?cors").is(204);
    server
        .ask("GET /b?cors")
        .fails(404, "NoSuchCORSConfiguration");
    server.ask("POST /b?cors").fails(405, "MethodNotAllowed");
}

#[test]
fn a_refused_document_changes_nothing() {
    let server = configured();
    server
        .put("/b?cors", "<CORSConfiguration>")
        .fails(400, "MalformedXML");
    server.put("/b?cors", "").fails(400, "MalformedXML");
    let two = DOCUMENT.replace("https://a.test", "http://*.*");
    let refused = server.put("/b?cors", &two).fails(400, "InvalidRequest");
    refused.has("AllowedOrigin &quot;http://*.*&quot; can not have more than one wildcard.");
    let long = format!("{DOCUMENT}{}", " ".repeat(65_536));
    server
        .put("/b?cors", &long)
        .fails(400, "MalformedXML")
        .has("64 KB");
    assert!(server.ask("GET /b?cors").text.ends_with(DOCUMENT));
    server
        .get("/b/a", &[ORIGIN])
        .says("access-control-allow-origin", ORIGIN.1);
}

#[test]
fn a_change_is_in_force_with_the_next_request() {
    let server = configured();
    let allowed = |server: &Server| {
        server
            .get("/b/a", &[ORIGIN])
            .field("access-control-allow-origin")
            .map(str::to_owned)
    };
    assert_eq!(allowed(&server).as_deref(), Some("https://a.test"));
    server
        .put("/b?cors", &DOCUMENT.replace("https://a.test", "*"))
        .is(200);
    assert_eq!(allowed(&server).as_deref(), Some("*"));
    server.ask("DELETE /b?cors").is(204);
    assert_eq!(allowed(&server), None);
}

#[test]
fn buckets_have_rules_of_their_own() {
    let server = configured();
    server.put("/other/a", "").is(200);
    let other = server.get("/other/a", &[ORIGIN]).is(200);
    assert_eq!(other.field("access-control-allow-origin"), None);
    assert_eq!(other.field("vary"), None);
}

// What the rules around the store write to.

#[test]
fn every_answer_is_written_to() {
    let server = configured();
    let etag = server
        .put("/b/a", "hello")
        .is(200)
        .field("etag")
        .unwrap()
        .to_owned();
    server
        .send(
            "PUT /b/moved",
            &[("x-amz-website-redirect-location", "/b/a")],
            "",
        )
        .is(200);
    for (line, field, status) in [
        ("GET /b/a", None, 200),
        ("GET /b/a", Some(("range", "bytes=1-2")), 206),
        ("GET /b/moved", None, 301),
        ("GET /b/a", Some(("if-none-match", &*etag)), 304),
        ("PUT /b?cors", None, 400),
        ("GET /b/none", None, 404),
        ("GET /b/a", Some(("if-match", "\"x\"")), 412),
        ("GET /b/a", Some(("range", "bytes=9-")), 416),
        ("GET /b?policy", None, 501),
    ] {
        let fields: Vec<_> = [ORIGIN].into_iter().chain(field).collect();
        let answer = server.send(line, &fields, "").is(status);
        let answer = answer.says("access-control-allow-origin", ORIGIN.1);
        answer
            .says("access-control-expose-headers", "ETag")
            .says("vary", "Origin");
    }
}

#[test]
fn a_denied_request_is_served() {
    let server = configured();
    let stranger = ("origin", "https://b.test");
    server.send("PUT /b/a", &[stranger], "hello").is(200);
    let read = server
        .get("/b/a", &[stranger])
        .is(200)
        .has("hello")
        .says("vary", "Origin");
    assert_eq!(read.field("access-control-allow-origin"), None);
}

#[test]
fn a_preflight_is_answered_for_keys_that_are_not_there() {
    let server = configured();
    let asks = |method| ("access-control-request-method", method);
    let allowed = server
        .send("OPTIONS /b/none", &[ORIGIN, asks("PUT")], "")
        .is(200);
    let allowed = allowed.says("access-control-allow-methods", "GET,PUT");
    assert!(allowed.headers.contains_key("x-cos-request-id"));
    server
        .send("OPTIONS /b/none", &[ORIGIN, asks("DELETE")], "")
        .fails(403, "AccessForbidden");
    server
        .send("OPTIONS /none/a", &[ORIGIN, asks("PUT")], "")
        .fails(403, "AccessForbidden");
    server.ask("OPTIONS /b/a").fails(400, "BadRequest");
}

// Objects.

#[test]
fn an_object_is_put_read_and_deleted() {
    let server = server();
    let fields = [
        ("content-type", "text/x"),
        ("cache-control", "max-age=9"),
        ("x-amz-meta-a", "1"),
        ("x-cos-meta-b", "2"),
        ("x-amz-acl", "private"),
        ("authorization", "AWS4-HMAC-SHA256 no one looks"),
    ];
    let put = server
        .send("PUT /b/a%20b/%E4%B8%AD?X-Amz-Signature=0", &fields, "hello")
        .is(200);
    put.says("etag", "\"5d41402abc4b2a76b9719d911017c592\"");

    for (method, text) in [("GET", "hello"), ("HEAD", "")] {
        let read = server.ask(&format!("{method} /b/a%20b/%E4%B8%AD")).is(200);
        assert_eq!(read.text, text);
        let read = read.says("etag", "\"5d41402abc4b2a76b9719d911017c592\"");
        let read = read
            .says("content-type", "text/x")
            .says("content-length", "5");
        let read = read
            .says("cache-control", "max-age=9")
            .says("accept-ranges", "bytes");
        let read = read.says("x-amz-meta-a", "1").says("x-cos-meta-b", "2");
        assert!(read.headers.contains_key("last-modified"));
        assert!(read.headers.contains_key("x-cos-request-id"));
        assert!(!read.headers.contains_key("x-amz-acl"));
    }
    server.put("/b/a%20b/%E4%B8%AD", "anew").is(200);
    server
        .get("/b/a%20b/%E4%B8%AD", &[])
        .has("anew")
        .says("content-type", "application/octet-stream");
    server.ask("DELETE /b/a%20b/%E4%B8%AD").is(204);
    server.ask("GET /b/a%20b/%E4%B8%AD").fails(404, "NoSuchKey");
    assert_eq!(server.ask("HEAD /b/a%20b/%E4%B8%AD").is(404).text, "");
    server.ask("DELETE /b/a").is(204);
}

#[test]
fn a_range_is_a_part() {
    let server = server();
    server.put("/b/a", "0123456789").is(200);
    for (range, text, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=7-99999999999999999999", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
    ] {
        let part = server.get("/b/a", &[("range", range)]).is(206);
        assert_eq!(part.text, text, "{range}");
        part.says("content-range", content_range)
            .says("content-length", &text.len().to_string());
    }
    for none in ["bytes=10-", "bytes=99-100", "bytes=-0"] {
        server
            .get("/b/a", &[("range", none)])
            .fails(416, "InvalidRange")
            .says("content-range", "bytes */10");
    }
    for whole in [
        "bytes=4-2",
        "bytes=0-1,3-4",
        "bytes=+1-2",
        "lines=0-1",
        "bytes=-",
        "bytes=a-",
    ] {
        server
            .get("/b/a", &[("range", whole)])
            .is(200)
            .has("0123456789");
    }
    let stale = [("range", "bytes=0-0"), ("if-range", "\"x\"")];
    server.get("/b/a", &stale).is(200);
    server.put("/b/empty", "").is(200);
    server
        .get("/b/empty", &[("range", "bytes=-1")])
        .fails(416, "InvalidRange");
}

#[test]
fn a_condition_decides() {
    let server = server();
    server.put("/b/a", "hello").is(200);
    let read = server.ask("GET /b/a");
    let etag = read.field("etag").unwrap();
    let modified = read.field("last-modified").unwrap();
    let long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (fields, status) in [
        (vec![("if-none-match", etag)], 304),
        (vec![("if-none-match", "\"x\", *")], 304),
        (vec![("if-none-match", "\"x\"")], 200),
        (vec![("if-modified-since", modified)], 304),
        (vec![("if-modified-since", long_ago)], 200),
        (
            vec![("if-none-match", "\"x\""), ("if-modified-since", modified)],
            200,
        ),
        (vec![("if-match", etag)], 200),
        (vec![("if-match", "\"x\"")], 412),
        (vec![("if-unmodified-since", modified)], 200),
        (vec![("if-unmodified-since", long_ago)], 412),
    ] {
        server.get("/b/a", &fields).is(status);
    }
    let unchanged = server
        .get("/b/a", &[("if-none-match", etag)])
        .says("etag", etag);
    assert_eq!(
        (&*unchanged.text, unchanged.field("content-type")),
        ("", None)
    );

    server
        .send("PUT /b/a", &[("if-none-match", "*")], "x")
        .fails(412, "PreconditionFailed");
    server
        .send("PUT /b/a", &[("if-match", "\"x\"")], "x")
        .fails(412, "PreconditionFailed");
    server
        .send("PUT /b/new", &[("if-none-match", "*")], "x")
        .is(200);
    server.send("PUT /b/a", &[("if-match", etag)], "x").is(200);
}

#[test]
fn a_condition_is_met_when_the_object_is_stored() {
    let server = server();
    let buckets = server.buckets.clone();
    // Another one is put while this one is on its way.
    let body = iter::once_with(move || {
        answer(&buckets, "PUT /b/a", &[], "first".into()).is(200);
        Ok::<_, std::convert::Infallible>("second")
    });
    let body = Body::from_stream(Pieces(body));
    server
        .send("PUT /b/a", &[("if-none-match", "*")], body)
        .fails(412, "PreconditionFailed");
    server.get("/b/a", &[]).has("first");
    let absent = [("if-match", "*")];
    server.send("PUT /none/a", &absent, "").is(412);
    server.ask("HEAD /none").is(404);
}

#[test]
fn a_stored_redirect_leads_on() {
    let server = server();
    let to = ("x-amz-website-redirect-location", "https://c.test/x");
    server
        .send("PUT /b/a", &[to, ("cache-control", "no-cache")], "")
        .is(200);
    let moved = server
        .ask("GET /b/a")
        .is(301)
        .says("location", "https://c.test/x");
    moved.says("cache-control", "no-cache");
}

// Multipart uploads.

impl Server {
    fn initiate(&self, key: &str) -> String {
        let begun = self
            .send(&format!("POST {key}?uploads"), &[("x-amz-meta-a", "1")], "")
            .is(200);
        begun.between("<UploadId>", "</UploadId>").to_owned()
    }

    fn put_part(&self, key: &str, number: u16, id: &str, text: &str) -> String {
        let part = self
            .put(&format!("{key}?partNumber={number}&uploadId={id}"), text)
            .is(200);
        part.field("etag").unwrap().to_owned()
    }

    fn complete(&self, key: &str, id: &str, parts: &[(u16, &str)]) -> Answer {
        let parts = parts.iter().map(|(number, etag)| {
            let etag = etag.replace('"', "&quot;");
            format!("<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>")
        });
        let parts: String = parts.collect();
        let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
        let list = format!(
            "<CompleteMultipartUpload xmlns=\"{namespace}\">{parts}</CompleteMultipartUpload>"
        );
        self.send(&format!("POST {key}?uploadId={id}"), &[], list)
    }
}

#[test]
fn parts_become_an_object() {
    let server = server();
    let id = server.initiate("/b/a");
    let second = server.put_part("/b/a", 2, &id, "world");
    server.put_part("/b/a", 1, &id, "replaced");
    let first = server.put_part("/b/a", 1, &id, "hello ");
    server.put_part("/b/a", 3, &id, "not listed");
    server.ask("GET /b/a").fails(404, "NoSuchKey");
    let parts = server.ask(&format!("GET /b/a?uploadId={id}")).is(200);
    assert_eq!(parts.text.matches("<Part>").count(), 3);
    let uploads = server.ask("GET /b?uploads&prefix=a").is(200);
    uploads.has(&format!("<Key>a</Key><UploadId>{id}</UploadId>"));

    let done = server
        .complete("/b/a", &id, &[(1, &first), (2, &second)])
        .is(200);
    // The MD5 of both MD5s, as both providers make it.
    done.has("<ETag>&quot;e09e4fd6265b36115fe3db32df945d84-2&quot;</ETag>");
    server
        .ask("GET /b/a")
        .is(200)
        .has("hello world")
        .says("x-amz-meta-a", "1");
    server
        .complete("/b/a", &id, &[(1, &first)])
        .fails(404, "NoSuchUpload");
}

#[test]
fn a_wrong_list_completes_nothing() {
    let server = server();
    let id = server.initiate("/b/a");
    let etag = server.put_part("/b/a", 1, &id, "hello");
    server.put_part("/b/a", 2, &id, "hello");
    let complete = |parts: &[(u16, &str)]| server.complete("/b/a", &id, parts);
    complete(&[(1, "\"x\"")]).fails(400, "InvalidPart");
    complete(&[(3, &etag)]).fails(400, "InvalidPart");
    complete(&[]).fails(400, "InvalidPart");
    complete(&[(2, &etag), (1, &etag)]).fails(400, "InvalidPartOrder");
    complete(&[(1, &etag), (1, &etag)]).fails(400, "InvalidPartOrder");
    let path = format!("/b/a?uploadId={id}");
    for text in [
        "",
        "<a>",
        "<!DOCTYPE a><a/>",
        "<a><Part><ETag>x</ETag></Part></a>",
        "<a>&x;</a>",
    ] {
        let text = text.to_owned();
        let answer = server.send(&format!("POST {path}"), &[], text.clone());
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{text}");
    }
    server
        .complete("/b/other", &id, &[(1, &etag)])
        .fails(404, "NoSuchUpload");
    complete(&[(1, &etag)]).is(200);
}

#[test]
fn an_aborted_upload_is_gone() {
    let server = server();
    let id = server.initiate("/b/a");
    server.put_part("/b/a", 1, &id, "hello");
    server.ask(&format!("DELETE /b/a?uploadId={id}")).is(204);
    for line in ["DELETE /b/a?", "GET /b/a?", "PUT /b/a?partNumber=1&"] {
        server
            .ask(&format!("{line}uploadId={id}"))
            .fails(404, "NoSuchUpload");
    }
    for number in ["0", "10001", "x", ""] {
        let line = format!("PUT /b/a?partNumber={number}&uploadId={id}");
        server.ask(&line).fails(400, "InvalidArgument");
    }
}

// Bodies as SDKs send them, and their limits.

const STREAMING: [(&str, &str); 3] = [
    ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ("content-encoding", "aws-chunked,gzip"),
    ("x-amz-decoded-content-length", "11"),
];

#[test]
fn aws_chunks_are_undone() {
    let server = server();
    for body in [
        "6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n",
        "b;chunk-signature=00\r\nhello world\r\n0;chunk-signature=00\r\n\r\n",
    ] {
        server.send("PUT /b/a", &STREAMING, body).is(200);
        let read = server.ask("GET /b/a").says("content-encoding", "gzip");
        assert_eq!(read.text, "hello world");
    }
    let [_, coding, _] = STREAMING;
    let streaming = [coding, ("x-amz-decoded-content-length", "104")];
    let document = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
    let chunks = format!("{:x}\r\n{document}\r\n0\r\n\r\n", document.len());
    let length = document.len().to_string();
    let streaming = [streaming[0], ("x-amz-decoded-content-length", &length)];
    server.send("PUT /b?cors", &streaming, chunks).is(200);
}

#[test]
fn broken_aws_chunks_are_refused() {
    let server = server();
    for body in [
        "",
        "hello world",
        "b\r\nhello world\r\n",
        "b\r\nhello",
        "b\r\nhello world!!0\r\n\r\n",
        "ffffffffffffffff\r\nhello world\r\n0\r\n\r\n",
        "-1\r\n\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n", // not the 11 that were announced
    ] {
        server
            .send("PUT /b/a", &STREAMING, body)
            .fails(400, "IncompleteBody");
    }
    server.ask("GET /b/a").is(404);
}

/// A body that comes in pieces, and says no length before.
fn pieces(count: usize) -> Body {
    let pieces = (0..count).map(|_| Ok::<_, std::convert::Infallible>("0123456789"));
    Body::from_stream(Pieces(pieces))
}

struct Pieces<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Pieces<I> {
    type Item = I::Item;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

#[test]
fn a_body_is_read_no_further_than_its_limit() {
    let server = server();
    server.send("PUT /b/a", &[], pieces(LIMIT / 10)).is(200);
    server
        .send("PUT /b/a", &[], pieces(LIMIT / 10 + 1))
        .fails(400, "EntityTooLarge");
    server
        .send("PUT /b/a", &[], pieces(usize::MAX))
        .fails(400, "EntityTooLarge");
    server
        .send("PUT /b?cors", &[], pieces(usize::MAX))
        .fails(400, "MalformedXML");
    // Refused for what it says, before a byte is read: this one never comes.
    let length = [("content-length", "1001")];
    server
        .send("PUT /b/a", &length, Body::from_stream(Never))
        .fails(400, "EntityTooLarge");
}

struct Never;

impl futures_core::Stream for Never {
    type Item = Result<&'static str, std::convert::Infallible>;

    fn poll_next(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        panic!("it is read")
    }
}

#[test]
fn a_full_store_takes_nothing_until_something_goes() {
    let server = server();
    let text = "x".repeat(LIMIT);
    let full = (0..1000).find(|n| server.put(&format!("/b/{n}"), &text).status != StatusCode::OK);
    let full = full.unwrap();
    assert!(full > 20, "{full}");
    server.put("/b/one-more", &text).fails(503, "SlowDown");
    server.ask("PUT /another").is(200);
    server.ask("DELETE /b/1").is(204);
    server.put("/b/one-more", &text).is(200);
    // Overwriting holds both for a moment, and one for good.
    server.ask("DELETE /b/2").is(204);
    for _ in 0..100 {
        server.put("/b/one-more", &text).is(200);
    }
    let refused = (0..100).find(|n| server.ask(&format!("PUT /b{n}")).status != StatusCode::OK);
    assert!(refused.is_some(), "buckets cost something, too");
}

#[test]
fn a_document_is_paid_for() {
    let server = configured();
    let full = (0..1000).find(|n| server.put(&format!("/b/{n}"), "").status != StatusCode::OK);
    assert!(full.is_some());
    // It can be read, but what it compiles to is more than that.
    let other = DOCUMENT.replace("app", "other");
    server.put("/b?cors", &other).fails(503, "SlowDown");
    server
        .ask_page("PUT /api/buckets/b/cors", &[], &other)
        .is(503);
    assert!(server.ask("GET /b?cors").text.ends_with(DOCUMENT));
    for n in 0..3 {
        server.ask(&format!("DELETE /b/{n}")).is(204);
    }
    // Overwriting holds both for a moment, and one for good.
    for _ in 0..100 {
        server.put("/b?cors", &other).is(200);
    }
}

#[test]
fn what_is_being_read_is_paid_for() {
    let server = server();
    let text = "x".repeat(LIMIT);
    let mut n = 0..1000;
    n.find(|n| server.put(&format!("/b/{n}"), &text).status != StatusCode::OK);
    let request = Request::get("/b/1").body(Body::empty()).unwrap();
    let slow = block_on(server.buckets.clone().oneshot(request)).unwrap();
    server.ask("DELETE /b/1").is(204);
    server.put("/b/one-more", &text).fails(503, "SlowDown");
    drop(slow);
    server.put("/b/one-more", &text).is(200);
}

#[test]
fn undoing_aws_chunks_is_paid_for() {
    let [_, coding, _] = STREAMING;
    let text = "b\r\nhello world\r\n0\r\n\r\n";
    let headers =
        HeaderMap::from_iter([(HeaderName::from_static(coding.0), coding.1.parse().unwrap())]);
    let read = |memory| {
        let budget = Store::new(Profile::S3, memory).budget;
        let read = body::read_object(&headers, Body::from(text), LIMIT, &budget);
        block_on(read).map(|(bytes, _held)| bytes)
    };
    assert_eq!(read(2 * text.len()).unwrap(), "hello world");
    assert_eq!(read(2 * text.len() - 1), Err(fault::Fault::Full));
}

// Names.

#[test]
fn a_bucket_is_in_the_path_or_in_the_host() {
    let server = configured();
    server.put("/b/a", "hello").is(200);
    for host in ["b.localhost", "b.localhost:9000"] {
        let read = server
            .get("/a", &[("host", host), ORIGIN])
            .is(200)
            .has("hello");
        read.says("access-control-allow-origin", ORIGIN.1);
        server.get("/?cors", &[("host", host)]).is(200);
    }
    server.get("/b/a", &[("host", "localhost:9000")]).is(200);
    server.get("/b/a", &[("host", "127.0.0.1:9000")]).is(200);
    server.get("/b/a", &[("host", "[::1]:9000")]).is(200);
}

#[test]
fn other_names_are_not_answered_to() {
    let server = configured();
    server.put("/b/a", "hello").is(200);
    // After DNS rebinding a name is the attacker's own, and so is its origin.
    for host in [
        "evil.test",
        "evil.test:9000",
        "localhost.evil.test",
        "evillocalhost",
        "127.0.0.1.evil.test",
        "",
    ] {
        for line in ["GET /b/a", "GET /b?cors", "PUT /b/new", "GET /"] {
            let fields = [("host", host)];
            server.send(line, &fields, "").fails(403, "AccessDenied");
        }
    }
    server.ask("GET /b/new").is(404);
    let store = Store::new(Profile::S3, MEMORY);
    let request_id = HeaderName::from_static("x-amz-request-id");
    let buckets = Api::new(store, request_id, "s3.test", LIMIT).router();
    for (host, status) in [
        ("s3.test", 200),
        ("b.s3.test:9000", 404),
        ("localhost", 200),
        ("b.localhost", 403),
    ] {
        answer(&buckets, "GET /", &[("host", host)], Body::empty()).is(status);
    }
}

#[test]
fn a_key_that_none_can_have_is_refused_to_be_read() {
    let server = configured();
    server
        .get("/b/%FF", &[ORIGIN])
        .fails(400, "InvalidURI")
        .says("access-control-allow-origin", ORIGIN.1);
}

#[test]
fn names_that_none_can_have_are_refused() {
    let server = server();
    server.ask("PUT /a%2Fb").fails(400, "InvalidBucketName");
    server
        .ask(&format!("PUT /{}", "b".repeat(64)))
        .fails(400, "InvalidBucketName");
    server.put("/b/%FF", "").fails(400, "InvalidURI");
    server
        .put(&format!("/b/{}", "k".repeat(1025)), "")
        .fails(400, "KeyTooLongError");
    server.put(&format!("/b/{}", "k".repeat(1024)), "").is(200);
    server.ask("DELETE /").fails(405, "MethodNotAllowed");
}

#[test]
fn a_query_that_is_not_known_is_refused() {
    let server = configured();
    server.put("/b/a", "hello").is(200);
    for line in [
        "DELETE /b?ownershipControls",
        "DELETE /b/a?tagging",
        "GET /b/a?attributes",
        "GET /b/a?versionId=1",
        "GET /b?versions",
        "GET /?max-buckets=1",
        "PUT /b/a?cors",
        "PUT /b/a?legal-hold",
        "PUT /b?object-lock",
    ] {
        server.ask(line).fails(501, "NotImplemented");
    }
    for query in [
        "x-id=GetObject",
        "response-content-type=text/x",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
        "AWSAccessKeyId=a&Signature=b&Expires=1",
        "q-sign-algorithm=sha1&q-signature=0&x-cos-security-token=a",
        "sign=a",
    ] {
        server.get(&format!("/b/a?{query}"), &[]).is(200);
    }
}

#[test]
fn a_page_of_a_list_has_a_size() {
    let server = server();
    server.put("/b/a", "").is(200);
    for most in ["-1", "%2B1", "x", "1.5"] {
        server
            .get(&format!("/b?max-keys={most}"), &[])
            .fails(400, "InvalidArgument");
    }
    let none = server.get("/b?max-keys=0", &[]).is(200);
    let none = none.has("<IsTruncated>false</IsTruncated>");
    assert!(!none.text.contains("<Key>"));
    for most in ["", "1", "1001", "99999999999999999999"] {
        let list = server.get(&format!("/b?max-keys={most}"), &[]).is(200);
        list.has("<Key>a</Key>");
    }
}

#[test]
fn a_bucket_is_made_and_removed() {
    let server = server();
    assert_eq!(server.ask("HEAD /b").is(404).text, "");
    server.ask("PUT /b").is(200).says("location", "/b");
    server.ask("HEAD /b").is(200);
    server.ask("GET /").is(200).has("<Name>b</Name>");
    server.put("/b/a", "").is(200);
    server.ask("DELETE /b").fails(409, "BucketNotEmpty");
    server.ask("DELETE /b/a").is(204);
    server.ask("DELETE /b").is(204);
    server.ask("GET /b").fails(404, "NoSuchBucket");
    server.ask("GET /b/a").fails(404, "NoSuchBucket");
}

#[test]
fn a_list_has_prefixes_folders_and_pages() {
    let server = server();
    for key in ["a%26b", "d/1", "d/2", "e/1", "z"] {
        server.put(&format!("/b/{key}"), "x").is(200);
    }
    let keys = |answer: &Answer| {
        let parts = answer.text.split("<Key>").skip(1);
        let keys: Vec<String> = parts
            .map(|part| part.split('<').next().unwrap().into())
            .collect();
        keys.join(" ")
    };
    assert_eq!(
        keys(&server.ask("GET /b?list-type=2")),
        "a&amp;b d/1 d/2 e/1 z"
    );
    assert_eq!(keys(&server.ask("GET /b?prefix=d%2F")), "d/1 d/2");
    assert_eq!(
        keys(&server.ask("GET /b?encoding-type=url&max-keys=1")),
        "a%26b"
    );
    let folders = server
        .ask("GET /b?list-type=2&delimiter=%2F")
        .has("<Prefix>d/</Prefix>");
    assert_eq!(keys(&folders), "a&amp;b z");

    // Two keys and two folders, whatever the size of a page.
    for most in 1..=5 {
        let mut sizes = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!("/b?list-type=2&max-keys={most}&delimiter=/");
            let path = format!("{path}&continuation-token={token}");
            let page = server.get(&path, &[]).is(200);
            let count = |what| page.text.matches(what).count();
            sizes.push(count("<Contents>") + count("<CommonPrefixes>"));
            let said = format!("<KeyCount>{}</KeyCount>", sizes.last().unwrap());
            let page = page.has(&said);
            assert!(sizes.len() < 10, "{path} has no end");
            if page.text.contains("<IsTruncated>false") {
                break;
            }
            token = page
                .between("<NextContinuationToken>", "</")
                .replace("&amp;", "%26");
        }
        let full = iter::repeat_n(most, 4 / most);
        let expected: Vec<usize> = full
            .chain([4 % most].into_iter().filter(|&n| n > 0))
            .collect();
        assert_eq!(sizes, expected, "{most}");
    }

    let delete =
        "<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>none</Key></Object></Delete>";
    server
        .send("POST /b?delete", &[], delete)
        .is(200)
        .has("<Deleted><Key>a&amp;b</Key></Deleted>");
    server.ask("GET /b/a%26b").is(404);
}

// The page's port.

#[test]
fn the_page_answers_nobody_else() {
    let server = server();
    server
        .ask_page("GET /", &[], "")
        .is(200)
        .has("<!doctype html>");
    for (host, status) in [
        ("localhost:9001", 200),
        ("[::1]:9001", 200),
        ("127.0.0.1", 200),
        ("evil.test:9001", 403), // DNS rebinding
        ("localhost.evil.test", 403),
    ] {
        for path in ["/", "/api/state"] {
            let line = format!("GET {path}");
            answer(&server.page, &line, &[("host", host)], Body::empty()).is(status);
        }
    }
    for field in [
        ("origin", "http://evil.test"),
        ("origin", "http://localhost:9001"), // another origin than the host's
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let refused = server.ask_page("PUT /api/buckets/b", &[field], "").is(403);
        assert!(!refused.headers.contains_key("access-control-allow-origin"));
    }
    server.ask("HEAD /b").is(404);
    let own = [
        ("origin", "http://127.0.0.1:9001"),
        ("sec-fetch-site", "same-origin"),
    ];
    let made = server.ask_page("PUT /api/buckets/b", &own, "").is(200);
    assert!(
        made.field("content-security-policy")
            .unwrap()
            .contains("connect-src 'self' http://127.0.0.1:9000;")
    );
    server.ask("GET /b/hello.txt").is(200);
}

#[test]
fn the_page_overwrites_nothing() {
    let server = server();
    server.put("/b/hello.txt", "mine").is(200);
    server.ask_page("PUT /api/buckets/b", &[], "").is(200);
    assert_eq!(server.ask("GET /b/hello.txt").text, "mine");
    server.ask("GET /b/kept.txt").is(200);
}

#[test]
fn the_page_may_ask_the_buckets_on_ipv6() {
    let store = Store::new(Profile::COS, MEMORY);
    let request_id = HeaderName::from_static("x-cos-request-id");
    let api = Api::new(store, request_id, "localhost", LIMIT);
    let page = page::router(&api, "[::1]:9000".parse().unwrap());
    let host = [("host", "localhost:9001")];
    let state = answer(&page, "GET /api/state", &host, Body::empty()).is(200);
    assert_eq!(state.json()["bucket"], "http://localhost:9000");
    let policy = state.field("content-security-policy").unwrap();
    assert!(
        policy.contains("connect-src 'self' http://localhost:9000;"),
        "{policy}"
    );
}

#[test]
fn the_page_reads_both_forms_and_gets_every_fault() {
    let server = configured();
    let path = "/api/buckets/b/cors";
    let shown = server
        .ask_page(&format!("GET {path}"), &[], "")
        .is(200)
        .json();
    let [xml, json] = ["xml", "json"].map(|form| shown[form].as_str().unwrap());
    assert!(xml.contains("\n    <ID>app</ID>\n"), "{xml}");
    for text in [xml, json] {
        let put = server
            .ask_page(&format!("PUT {path}"), &[], text)
            .is(200)
            .json();
        assert_eq!(put["rules"], shown["rules"]);
        assert_eq!((&put["xml"], &put["json"]), (&shown["xml"], &shown["json"]));
    }

    let lines = xml.replace("<ID>", "<Id>");
    let refused = server
        .ask_page(&format!("PUT {path}?check"), &[], &lines)
        .is(422)
        .json();
    assert_eq!(
        (
            &refused["faults"][0]["line"],
            &refused["faults"][0]["column"]
        ),
        (&4.into(), &5.into())
    );
    let values = xml.replace("https://a.test", "*.*").replace("ETag", "*");
    let refused = server
        .ask_page(&format!("PUT {path}"), &[], &values)
        .is(422)
        .json();
    let faults = refused["faults"].as_array().unwrap().iter();
    let faults: Vec<_> = faults
        .map(|fault| (&fault["line"], &fault["column"], marked(&values, fault)))
        .collect();
    assert_eq!(
        faults,
        [
            (&5.into(), &20.into(), "*.*".into()),
            (&8.into(), &19.into(), "*".into())
        ]
    );
    assert_eq!(refused["provider"]["code"], "InvalidRequest");
    let checked = xml.replace("https://a.test", "https://b.test");
    server
        .ask_page(&format!("PUT {path}?check"), &[], &checked)
        .is(200);
    assert!(
        server.ask("GET /b?cors").text.ends_with(DOCUMENT),
        "nothing has changed"
    );
    server
        .ask_page("PUT /api/buckets/none/cors", &[], xml)
        .is(404);
}

/// What the page marks, whose text field counts in UTF-16.
fn marked(text: &str, spot: &Value) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let end = |name: &str| usize::try_from(spot[name].as_u64().unwrap()).unwrap();
    String::from_utf16(&units[end("from")..end("to")]).unwrap()
}

/// It has an origin that no browser sends, which can be mended, behind letters of every length.
const FINDABLE: &str = "<CORSConfiguration><CORSRule><ID>\u{e9}\u{1f600}</ID>
  <AllowedOrigin>https://a.test/</AllowedOrigin><AllowedMethod>GET</AllowedMethod>
</CORSRule></CORSConfiguration>";

#[test]
fn the_page_learns_what_is_found_in_a_document() {
    let server = configured();
    let line = "PUT /api/buckets/b/cors?check";
    let checked = server.ask_page(line, &[], FINDABLE).is(200).json();
    let findings = checked["findings"].as_array().unwrap();
    assert_eq!(checked["found"], findings.len());
    let slash = findings.iter().find(|finding| finding["code"] == "O01");
    let slash = slash.unwrap();
    assert_eq!(
        (&slash["severity"], &slash["line"], &slash["column"]),
        (&"error".into(), &2.into(), &18.into())
    );
    assert_eq!(marked(FINDABLE, slash), "https://a.test/");
    assert_eq!(slash["fix"]["safe"], true);
    for (name, words) in [("text", "ends in `/`"), ("why", "browser")] {
        let text = slash[name].as_str().unwrap();
        assert!(text.contains(words), "{text}");
    }

    let refused = FINDABLE.replace("GET", "get");
    let refused = server.ask_page(line, &[], &refused).is(422).json();
    assert_eq!(refused["faults"].as_array().unwrap().len(), 1);
    let mut codes = refused["findings"].as_array().unwrap().iter();
    assert!(codes.any(|finding| finding["code"] == "O01"), "{refused}");
}

#[test]
fn the_page_shows_and_mends_so_many_findings() {
    let server = configured();
    let origin = "<AllowedOrigin>https://a.test/</AllowedOrigin>";
    let many = FINDABLE.replace(origin, &origin.repeat(150));
    let checked = server.ask_page("PUT /api/buckets/b/cors?check", &[], &many);
    let checked = checked.is(200).json();
    assert_eq!(checked["findings"].as_array().unwrap().len(), 100);
    assert!(checked["found"].as_u64().unwrap() >= 150);
    let all = server.ask_page("POST /api/fixed", &[], &many).is(400);
    all.has("Too much");
    let one = server.ask_page("POST /api/fixed?finding=0", &[], &many);
    one.is(200);
}

#[test]
fn the_page_mends_a_document_in_its_form() {
    let server = configured();
    let line = "PUT /api/buckets/b/cors?check";
    let checked = server.ask_page(line, &[], FINDABLE).is(200).json();
    let at = checked["findings"].as_array().unwrap().iter();
    let at = at.clone().position(|finding| finding["code"] == "O01");
    let one = format!("POST /api/fixed?finding={}", at.unwrap());
    let json = checked["json"].as_str().unwrap();
    for (line, text, start, origin) in [
        ("POST /api/fixed", FINDABLE, "<?xml", ">https://a.test<"),
        (&one, FINDABLE, "<?xml", ">https://a.test<"),
        ("POST /api/fixed", json, "{\n", "\"https://a.test\""),
        (&one, json, "{\n", "\"https://a.test\""),
    ] {
        let mended = server.ask_page(line, &[], text).is(200).json();
        let mended = mended["text"].as_str().unwrap();
        assert!(mended.starts_with(start), "{mended}");
        assert!(mended.contains(origin), "{mended}");
    }
    assert!(server.ask("GET /b?cors").text.ends_with(DOCUMENT));

    let ask = |line, text| server.ask_page(line, &[], text);
    ask("POST /api/fixed?finding=99", FINDABLE).is(404);
    ask("POST /api/fixed?finding=x", FINDABLE).is(404);
    let unreadable = ask("POST /api/fixed", "<CORSRule>").is(422).json();
    assert_eq!(unreadable["faults"].as_array().unwrap().len(), 1);
}

#[test]
fn the_page_learns_why() {
    let server = configured();
    server.get("/b/a", &[ORIGIN]);
    server.get("/b/a", &[("origin", "http://a.test")]);
    let shown = server.ask_page("GET /api/decisions?since=0&bucket=b", &[], "");
    let shown = shown.is(200).json();
    let decisions = shown["decisions"].as_array().unwrap().iter();
    let texts = decisions.map(|decision| decision["explanation"].as_str().unwrap());
    let texts: Vec<Vec<&str>> = texts.map(|text| text.lines().collect()).collect();
    let [.., [allowed, ..], [denied, ..]] = texts.iter().map(Vec::as_slice).collect::<Vec<_>>()[..]
    else {
        panic!("{texts:?}");
    };
    assert!(allowed.starts_with("allowed"), "{allowed}");
    assert_eq!(
        *denied,
        "denied: no rule is for the origin \"http://a.test\"; rule 1 has \"https://a.test\": \
         they differ in the scheme; load the page over https, or add \"http://a.test\""
    );
    assert!(texts.iter().all(|text| text.len() > 1));
}

#[test]
fn the_page_chooses_when_a_buckets_answers_vary() {
    let server = configured();
    let path = "/api/buckets/b/cors";
    for (vary, said) in [("as-provider", None), ("safe", Some("Origin"))] {
        let line = format!("PUT {path}?vary={vary}");
        server.ask_page(&line, &[], DOCUMENT).is(200);
        assert_eq!(server.ask("GET /b/a").field("vary"), said, "{vary}");
        let shown = server.ask_page(&format!("GET {path}"), &[], "").json();
        assert_eq!(shown["vary"], vary);
    }
}

#[test]
fn an_empty_value_keeps_its_line() {
    let server = server();
    server.ask("PUT /b").is(200);
    let document = DOCUMENT
        .replace("<ID>app</ID>", "<ID></ID>")
        .replace("ETag", "a&gt;b");
    let document = document.replace(
        "<ExposeHeader>a&gt;b</ExposeHeader>",
        "<AllowedOrigin>&lt;&gt;</AllowedOrigin>",
    );
    let put = server
        .ask_page("PUT /api/buckets/b/cors", &[], &document)
        .is(200)
        .json();
    let xml = put["xml"].as_str().unwrap();
    assert!(xml.contains("\n    <ID></ID>\n"), "{xml}");
    let again = server.ask_page("PUT /api/buckets/b/cors", &[], xml);
    assert_eq!(again.json()["xml"], xml);
}

#[test]
fn a_value_keeps_its_first_line_break() {
    let server = server();
    server.ask("PUT /b").is(200);
    let document = DOCUMENT.replace("<ID>app</ID>", "<ID>\napp</ID>");
    let put = server
        .ask_page("PUT /api/buckets/b/cors", &[], &document)
        .is(200)
        .json();
    let xml = put["xml"].as_str().unwrap();
    assert!(xml.contains("\n    <ID>\napp</ID>\n"), "{xml}");
}

#[test]
fn the_page_learns_what_was_decided_and_answered() {
    let server = configured();
    let latest = server.ask_page("GET /api/decisions", &[], "").json();
    assert_eq!(latest["decisions"], serde_json::json!([]));
    server.get("/b/none", &[ORIGIN]).is(404);
    server.get("/other/a", &[ORIGIN]).is(404);
    let asked = [
        ("origin", "https://\u{e9}.test"),
        ("access-control-request-method", "PUT"),
    ];
    server.send("OPTIONS /b/a", &asked, "").is(403);

    let line = format!("GET /api/decisions?bucket=b&since={}", latest["latest"]);
    let decisions = server.ask_page(&line, &[], "").is(200).json();
    let [allowed, denied] = decisions["decisions"].as_array().unwrap().as_slice() else {
        panic!("{decisions}");
    };
    assert_eq!(
        (&allowed["outcome"], &allowed["rule"], &allowed["rule_id"]),
        (&"allowed".into(), &0.into(), &"app".into())
    );
    assert_eq!(
        (&allowed["status"], &allowed["kind"]),
        (&404.into(), &"actual".into())
    );
    let answered = allowed["answered"].as_array().unwrap();
    assert!(answered.contains(&serde_json::json!([
        "access-control-allow-origin",
        "https://a.test"
    ])));
    assert_eq!(
        (&denied["denial"], &denied["status"]),
        (&"malformed_origin".into(), &403.into())
    );
    assert_eq!(denied["request"][0][1], "https://\\xc3\\xa9.test");
}

#[test]
fn an_explanation_is_cut() {
    let server = configured();
    let name = |n: usize| format!("<AllowedHeader>{n:02}{}</AllowedHeader>", "x".repeat(90));
    let names: String = (0..8).map(name).collect();
    let rule = format!(
        "<CORSRule><AllowedOrigin>https://a.test</AllowedOrigin>\
         <AllowedMethod>GET</AllowedMethod>{names}</CORSRule>"
    );
    let rules = rule.repeat(40);
    let document = format!("<CORSConfiguration>{rules}</CORSConfiguration>");
    server.put("/b?cors", &document).is(200);
    let asked: Vec<_> = (0..60)
        .map(|n| format!("y{n:02}{}", "y".repeat(97)))
        .collect();
    let asked = asked.join(",");
    let fields = [
        ORIGIN,
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", &*asked),
    ];
    server.send("OPTIONS /b/a", &fields, "").is(403);
    let shown = server.ask_page("GET /api/decisions?since=0&bucket=b", &[], "");
    let shown = shown.is(200).json();
    let last = shown["decisions"].as_array().unwrap().last().unwrap();
    let text = last["explanation"].as_str().unwrap();
    assert_eq!(text.len(), 8 * 1024 + "...".len());
    assert!(text.ends_with("..."));
}

#[test]
fn the_page_keeps_no_more_than_it_shows() {
    let server = configured();
    let long = "\u{e9}".repeat(4000);
    let mut fields = vec![ORIGIN, ("access-control-request-method", "GET")];
    fields.extend(iter::repeat_n(
        ("access-control-request-headers", &*long),
        90,
    ));
    server.send("OPTIONS /b/a", &fields, "").is(400);
    server.get(&format!("/{}/a", "b".repeat(60_000)), &[ORIGIN]);
    let long = "x".repeat(4000);
    let names: Vec<_> = (0..90).map(|n| format!("x-amz-meta-{n}")).collect();
    let meta: Vec<_> = names.iter().map(|name| (&**name, &*long)).collect();
    server.send("PUT /b/a", &meta, "").is(200);
    server.get("/b/a", &[ORIGIN]).is(200);
    for bucket in ["b".to_owned(), "b".repeat(2048)] {
        let line = format!("GET /api/decisions?since=0&bucket={bucket}");
        let shown = server.ask_page(&line, &[], "").is(200);
        let decisions = shown.json();
        let decisions = decisions["decisions"].as_array().unwrap();
        assert!(!decisions.is_empty());
        for decision in decisions {
            assert!(decision.to_string().len() < 50_000);
        }
    }
    let shown = server.ask_page("GET /api/decisions?since=0&bucket=b", &[], "");
    shown.has(r#"["access-control-allow-origin","https://a.test"]"#);
}

// The program.

#[cfg(unix)]
#[test]
fn it_says_where_it_listens_and_stops_when_told() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;
    use std::process::{Command, Stdio};

    let mut child = Command::new(built::example("bucket", "tower"))
        .args([
            "--listen",
            "127.0.0.1:0",
            "--page",
            "127.0.0.1:0",
            "--profile",
            "s3",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut address = |label: &str| {
        let line = out.next().unwrap().unwrap();
        let address = line.strip_prefix(label).unwrap();
        address.strip_prefix(": http://").unwrap().to_owned()
    };
    let (bucket, page) = (address("bucket"), address("page"));
    let ask = |address: &str, line: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://x\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(ask(&bucket, "GET /none/a").starts_with("HTTP/1.1 404 "));
    assert!(ask(&page, "GET /").starts_with("HTTP/1.1 200 "));
    assert!(out.next().unwrap().unwrap().contains("curl"));

    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let log = String::from_utf8(output.stderr).unwrap();
    let line = r#"decision method="GET" path="/none/a" origin="http://x" kind="actual" outcome="denied" reason="not_configured""#;
    assert!(log.contains(line), "{log}");
}
