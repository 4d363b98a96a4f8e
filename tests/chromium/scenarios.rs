//! What is seen in the browser. Each scenario has a bucket of its own.

use bucket_cors::{Configuration, Rule, Vary};
use http::header::COOKIE;

use crate::bucket::Page::{self, A, B, Elsewhere, Sandboxed};
use crate::bucket::{Bucket, fetch, get};
use crate::server::Provider;

pub struct Scenario {
    pub name: &'static str,
    pub run: fn(&Bucket<'_>),
}

macro_rules! scenarios {
    ($($run:ident,)*) => {
        pub const SCENARIOS: &[Scenario] = &[$(Scenario { name: stringify!($run), run: $run }),*];
    };
}

scenarios! {
    walkthrough,
    patterns_of_origins,
    errors_are_read_like_answers,
    names_that_are_not_listed_fail,
    methods_that_are_not_listed_fail,
    ranges,
    an_upload_that_is_listened_to,
    credentials_with_an_echoed_origin,
    credentials_with_a_star,
    exposed_and_hidden_fields,
    the_etag_of_a_part,
    max_age,
    max_age_of_zero,
    max_age_and_another_name,
    a_sandboxed_frame,
    a_redirect_to_the_same_origin,
    a_redirect_to_another_origin,
    one_object_from_two_origins,
    one_object_from_two_origins_with_response_vary,
    one_object_from_two_origins_under_a_star,
    one_object_from_two_sites,
    an_answer_that_is_refused_is_not_kept,
    an_image_and_then_a_fetch,
    an_image_and_then_a_fetch_under_a_star,
    an_image_and_then_a_fetch_with_response_vary,
    an_image_with_crossorigin_and_then_a_fetch,
}

/// Everything from everywhere.
fn least_restrictive() -> Rule {
    Rule::new(["*"], ["GET", "PUT", "POST", "DELETE", "HEAD"])
        .with_allowed_headers(["*"])
        .with_expose_headers(["ETag"])
}

fn of(origin: String, methods: &[&str]) -> Rule {
    Rule::new([origin], methods.iter().copied())
}

fn walkthrough(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    bucket.fails(A, &get("test.txt"));

    bucket.configure([least_restrictive()]);
    for page in [A, B, Elsewhere, Sandboxed] {
        assert_eq!(bucket.reads(page, &get("test.txt")).text, "hello");
    }
    bucket.reads(A, &fetch("HEAD", "test.txt"));

    bucket.configure([of(bucket.origin(A), &["GET"])]);
    assert_eq!(bucket.reads(A, &get("test.txt")).text, "hello");
    for page in [B, Elsewhere, Sandboxed] {
        bucket.fails(page, &get("test.txt"));
    }
    bucket.fails(A, &fetch("HEAD", "test.txt"));

    bucket.send("DELETE", "?cors", &[], "");
    bucket.fails(A, &get("test.txt"));
}

fn patterns_of_origins(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    bucket.configure([Rule::new(["http://127.0.0.1:*"], ["GET"])]);
    bucket.reads(A, &get("test.txt"));
    bucket.reads(B, &get("test.txt"));
    bucket.fails(Elsewhere, &get("test.txt"));
    bucket.fails(Sandboxed, &get("test.txt"));
}

fn errors_are_read_like_answers(bucket: &Bucket<'_>) {
    bucket.configure([of(bucket.origin(A), &["GET"])]);
    let answer = bucket.reads(A, &get("nothing.txt"));
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("NoSuchKey"), "{}", answer.text);
    bucket.fails(B, &get("nothing-for-b.txt"));
}

fn names_that_are_not_listed_fail(bucket: &Bucket<'_>) {
    bucket.configure([
        of(bucket.origin(A), &["PUT"]).with_allowed_headers(["Content-Type", "x-amz-meta-*"])
    ]);
    let put = fetch("PUT", "a.json").with("Content-Type", "application/json");
    bucket.reads(
        A,
        &put.clone()
            .with("X-Amz-Meta-B", "1")
            .with("x-amz-meta-a", "2"),
    );
    assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);

    // The request itself never comes.
    bucket.fails(A, &put.clone().with("x-other", "1"));
    assert_eq!(bucket.methods(), ["OPTIONS"]);
    bucket.fails(B, &put);
    assert_eq!(bucket.methods(), ["OPTIONS"]);
}

fn methods_that_are_not_listed_fail(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    bucket.configure([of(bucket.origin(A), &["GET", "PUT"])]);
    for method in ["DELETE", "PATCH", "patch"] {
        bucket.fails(A, &fetch(method, "test.txt"));
        assert_eq!(bucket.methods(), ["OPTIONS"]);
    }
    // It needs no preflight, so that it is made, and its answer is not read.
    bucket.fails(A, &fetch("POST", "test.txt?uploads"));
    assert_eq!(bucket.methods(), ["POST"]);

    bucket.configure([of(bucket.origin(A), &["DELETE"])]);
    assert_eq!(bucket.reads(A, &fetch("DELETE", "test.txt")).status, 204);
}

fn ranges(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    let rule = of(bucket.origin(A), &["GET"]).with_expose_headers(["Content-Range"]);
    bucket.configure([rule.clone()]);
    let answer = bucket.reads(A, &get("test.txt").with("Range", "bytes=1-2"));
    assert_eq!((answer.status, &*answer.text), (206, "el"));
    assert_eq!(answer.headers["content-range"], "bytes 1-2/5");
    assert_eq!(bucket.methods(), ["GET"]);

    // Of all ranges, only what begins somewhere needs no preflight.
    let suffix = get("test.txt").with("Range", "bytes=-2");
    bucket.fails(A, &suffix);
    bucket.configure([rule.with_allowed_headers(["range"])]);
    assert_eq!(bucket.reads(A, &suffix).text, "lo");
    assert_eq!(bucket.methods(), ["OPTIONS", "GET"]);
}

fn an_upload_that_is_listened_to(bucket: &Bucket<'_>) {
    let upload = fetch("POST", "a.bin?uploads").with("Content-Type", "text/plain");
    bucket.configure([of(bucket.origin(A), &["POST"])]);
    bucket.reads(A, &upload);
    assert_eq!(bucket.methods(), ["POST"]);
    bucket.reads(A, &upload.clone().listened_to());
    assert_eq!(bucket.methods(), ["OPTIONS", "POST"]);
    bucket.fails(B, &upload.listened_to());
    assert_eq!(bucket.methods(), ["OPTIONS"]);
}

fn credentials_with_an_echoed_origin(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    bucket.configure([of(bucket.origin(A), &["GET", "PUT"])]);
    bucket.set_cookie();

    let has_cookie = || {
        let sent = bucket.sent().into_iter();
        let has_cookie = sent.map(|request| request.headers().contains_key(COOKIE));
        has_cookie.collect::<Vec<_>>()
    };
    bucket.reads(A, &get("test.txt"));
    assert_eq!(has_cookie(), [false]);
    bucket.reads(A, &get("test.txt").with_credentials());
    assert_eq!(has_cookie(), [true]);
    bucket.reads(A, &fetch("PUT", "test.txt").with_credentials());
    assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);
    assert_eq!(has_cookie(), [false, true]);
    bucket.fails(B, &get("test.txt").with_credentials());
}

fn credentials_with_a_star(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    // The rule's `*` counts, also for an origin that is listed beside it.
    bucket.configure([Rule::new(
        [bucket.origin(A), "*".to_owned()],
        ["GET", "PUT"],
    )]);
    bucket.reads(A, &get("test.txt"));
    bucket.fails(A, &get("test.txt").with_credentials());
    bucket.fails(A, &fetch("PUT", "test.txt").with_credentials());
    assert_eq!(bucket.methods(), ["OPTIONS"]);
    bucket.reads(A, &fetch("PUT", "test.txt"));
}

fn exposed_and_hidden_fields(bucket: &Bucket<'_>) {
    let fields = [
        ("cache-control", "no-store"),
        ("x-amz-meta-a", "1"),
        ("x-amz-meta-b", "2"),
    ];
    bucket.put_with("test.txt", &fields, "hello");
    let names = |answer: crate::bucket::Answer| answer.headers.into_keys().collect::<Vec<_>>();

    bucket.configure([of(bucket.origin(A), &["GET"])]);
    let always = [
        "cache-control",
        "content-length",
        "content-type",
        "last-modified",
    ];
    assert_eq!(names(bucket.reads(A, &get("test.txt"))), always);

    bucket
        .configure([of(bucket.origin(A), &["GET"]).with_expose_headers(["ETag", "X-Amz-Meta-B"])]);
    for get in [get("test.txt"), get("test.txt").with_credentials()] {
        let mut exposed = [&always[..], &["etag", "x-amz-meta-b"]].concat();
        exposed.sort_unstable();
        assert_eq!(names(bucket.reads(A, &get)), exposed);
    }
}

fn the_etag_of_a_part(bucket: &Bucket<'_>) {
    // The part is sent twice. With an age, how much time passes in between makes no difference.
    let rule = of(bucket.origin(A), &["POST", "PUT"]).with_max_age_seconds(600);
    bucket.configure([rule.clone()]);
    let begun = bucket.reads(A, &fetch("POST", "big.bin?uploads")).text;
    let id = begun
        .split("UploadId>")
        .nth(1)
        .unwrap()
        .trim_end_matches("</");
    let part = fetch("PUT", format!("big.bin?partNumber=1&uploadId={id}"));

    // Stored, but the page can't name the part that it has sent.
    assert_eq!(bucket.reads(A, &part).headers.get("etag"), None);

    bucket.configure([rule.with_expose_headers(["ETag"])]);
    let etag = &bucket.reads(A, &part).headers["etag"];
    let list = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    bucket.send("POST", &format!("/big.bin?uploadId={id}"), &[], &list);
}

fn max_age(bucket: &Bucket<'_>) {
    bucket.configure([
        Rule::new([bucket.origin(A), bucket.origin(B)], ["PUT"]).with_max_age_seconds(600)
    ]);
    let put = fetch("PUT", "test.txt");
    bucket.reads(A, &put);
    assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);
    // For the first five seconds it would be so without the field: that the browser reads it is what
    // the next scenario shows.
    bucket.reads(A, &put);
    assert_eq!(bucket.methods(), ["PUT"]);
    // Of one page, for one URL.
    bucket.reads(B, &put);
    assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);
    bucket.reads(A, &fetch("PUT", "other.txt"));
    assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);
}

fn max_age_of_zero(bucket: &Bucket<'_>) {
    bucket.configure([of(bucket.origin(A), &["PUT"]).with_max_age_seconds(0)]);
    for _ in 0..2 {
        bucket.reads(A, &fetch("PUT", "test.txt"));
        assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);
    }
}

fn max_age_and_another_name(bucket: &Bucket<'_>) {
    bucket.configure([of(bucket.origin(A), &["GET"])
        .with_allowed_headers(["x-a", "x-b"])
        .with_max_age_seconds(600)]);
    bucket.put("test.txt", "hello");
    bucket.reads(A, &get("test.txt").with("x-a", "1"));
    assert_eq!(bucket.methods(), ["OPTIONS", "GET"]);
    bucket.reads(A, &get("test.txt").with("x-b", "1"));
    // COS has answered the rule's whole list, S3 the name that was asked for.
    match bucket.server.provider {
        Provider::Cos => assert_eq!(bucket.methods(), ["GET"]),
        Provider::S3 => assert_eq!(bucket.methods(), ["OPTIONS", "GET"]),
    }
}

fn a_sandboxed_frame(bucket: &Bucket<'_>) {
    bucket.put("test.txt", "hello");
    bucket.configure([of(bucket.origin(A), &["GET", "PUT"])]);
    bucket.fails(Sandboxed, &get("test.txt"));
    for pattern in ["n*", "*l"] {
        bucket.configure([of(pattern.to_owned(), &["GET", "PUT"])]);
        bucket.fails(Sandboxed, &get("test.txt"));
    }
    for origin in ["null", "*"] {
        bucket.configure([of(origin.to_owned(), &["GET", "PUT"])]);
        bucket.reads(Sandboxed, &get("test.txt"));
        bucket.reads(Sandboxed, &fetch("PUT", "test.txt"));
        assert_eq!(bucket.methods(), ["OPTIONS", "PUT"]);
    }
}

fn redirects(bucket: &Bucket<'_>, to: &str) {
    bucket.put("target.txt", "hello");
    let fields = [
        ("cache-control", "no-store"),
        ("x-amz-website-redirect-location", to),
    ];
    bucket.put_with("moved.txt", &fields, "");
}

fn a_redirect_to_the_same_origin(bucket: &Bucket<'_>) {
    redirects(bucket, &bucket.url("target.txt"));
    bucket.configure([of(bucket.origin(A), &["GET"]).with_allowed_headers(["x-a"])]);
    for get in [get("moved.txt"), get("moved.txt").with("x-a", "1")] {
        assert_eq!(bucket.reads(A, &get).text, "hello");
        // Without leave for the redirect itself, nobody goes on to the target.
        bucket.fails(B, &get);
        assert_eq!(bucket.sent().len(), 1);
    }
}

fn a_redirect_to_another_origin(bucket: &Bucket<'_>) {
    redirects(bucket, &bucket.url_at(1, "target.txt"));
    bucket.configure([of(bucket.origin(A), &["GET"])]);
    // The second request says `Origin: null`, which the rule is not for.
    bucket.fails(A, &get("moved.txt"));
    assert_eq!(bucket.sent()[1].headers()["origin"], "null");

    bucket.configure([Rule::new([bucket.origin(A), "null".to_owned()], ["GET"])]);
    assert_eq!(bucket.reads(A, &get("moved.txt")).text, "hello");
    bucket.configure([least_restrictive()]);
    assert_eq!(bucket.reads(A, &get("moved.txt")).text, "hello");
}

// From here on an object may be cached: semantics 4.2. Chromium partitions its cache by site, so that
// two ports of 127.0.0.1 share what it keeps.

const KEPT: [(&str, &str); 1] = [("cache-control", "max-age=600")];

/// In the trap, the page gets the answer that was for somebody else, and gets it for as long as it is
/// kept: the server hears nothing.
#[track_caller]
fn asks_again(bucket: &Bucket<'_>, page: Page, key: &str, trap: bool) {
    bucket.reads_if(!trap, page, &get(key));
    assert_eq!(bucket.sent().is_empty(), trap);
    bucket.reads_if(!trap, page, &get(key));
    assert_eq!(bucket.methods(), [""; 0]);
}

fn both(bucket: &Bucket<'_>) -> Configuration {
    let origins = [bucket.origin(A), bucket.origin(B)];
    Configuration::from_iter([Rule::new(origins, ["GET"])])
}

fn one_object_from_two_origins(bucket: &Bucket<'_>) {
    bucket.put_with("test.txt", &KEPT, "hello");
    bucket.configure_all(&both(bucket));
    bucket.reads(A, &get("test.txt"));
    bucket.reads(A, &get("test.txt"));
    assert_eq!(bucket.methods(), [""; 0], "it is kept");
    // S3 says `Vary` on what it allows. COS doesn't unless the document asks for it.
    let trap = (bucket.server.provider, bucket.server.vary) == (Provider::Cos, Vary::AsProvider);
    asks_again(bucket, B, "test.txt", trap);
}

fn one_object_from_two_origins_with_response_vary(bucket: &Bucket<'_>) {
    bucket.put_with("test.txt", &KEPT, "hello");
    let mut configuration = both(bucket);
    configuration.response_vary = Some(true);
    bucket.configure_all(&configuration);
    bucket.reads(A, &get("test.txt"));
    bucket.reads(B, &get("test.txt"));
    assert_eq!(bucket.methods(), ["GET"]);
}

fn one_object_from_two_origins_under_a_star(bucket: &Bucket<'_>) {
    bucket.put_with("test.txt", &KEPT, "hello");
    bucket.configure([least_restrictive()]);
    bucket.reads(A, &get("test.txt"));
    bucket.reads(B, &get("test.txt"));
}

fn one_object_from_two_sites(bucket: &Bucket<'_>) {
    bucket.put_with("test.txt", &KEPT, "hello");
    bucket.configure([Rule::new(
        [bucket.origin(A), bucket.origin(Elsewhere)],
        ["GET"],
    )]);
    bucket.reads(A, &get("test.txt"));
    bucket.reads(Elsewhere, &get("test.txt"));
    assert_eq!(
        bucket.methods(),
        ["GET"],
        "each site has a cache of its own"
    );
}

fn an_answer_that_is_refused_is_not_kept(bucket: &Bucket<'_>) {
    bucket.put_with("test.txt", &KEPT, "hello");
    bucket.configure([of(bucket.origin(A), &["GET"])]);
    // Even where the answer has no `Vary`, so that a shared cache would give it to A.
    bucket.fails(B, &get("test.txt"));
    bucket.reads(A, &get("test.txt"));
    assert_eq!(bucket.methods(), ["GET"]);
}

const IMAGE: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>";

fn put_image(bucket: &Bucket<'_>) {
    let fields = [KEPT[0], ("content-type", "image/svg+xml")];
    bucket.put_with("image.svg", &fields, IMAGE);
}

fn shows_and_fetches(bucket: &Bucket<'_>) {
    bucket.shows(A, "image.svg");
    assert_eq!(bucket.methods(), ["GET"]);
    // The answer to an image has no CORS fields, and providers leave `Vary` out of such.
    let trap = bucket.server.vary == Vary::AsProvider;
    asks_again(bucket, A, "image.svg", trap);
}

fn an_image_and_then_a_fetch(bucket: &Bucket<'_>) {
    put_image(bucket);
    bucket.configure_all(&both(bucket));
    shows_and_fetches(bucket);
}

fn an_image_and_then_a_fetch_under_a_star(bucket: &Bucket<'_>) {
    put_image(bucket);
    bucket.configure([least_restrictive()]);
    shows_and_fetches(bucket);
}

fn an_image_and_then_a_fetch_with_response_vary(bucket: &Bucket<'_>) {
    put_image(bucket);
    let mut configuration = both(bucket);
    configuration.response_vary = Some(true);
    bucket.configure_all(&configuration);
    // It is for what is allowed, which an image's answer is not.
    shows_and_fetches(bucket);
}

fn an_image_with_crossorigin_and_then_a_fetch(bucket: &Bucket<'_>) {
    put_image(bucket);
    bucket.configure_all(&both(bucket));
    bucket.shows_across_origins(A, "image.svg");
    bucket.reads(A, &get("image.svg"));
    assert_eq!(bucket.methods(), [""; 0], "it is kept");
}
