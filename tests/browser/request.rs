//! What a page asks for, and what of it goes over the wire.

use std::collections::BTreeSet;

use http::Method;

use crate::url::{Origin, Url};

/// Fetch's credentials mode. Across origins, `omit` is no different from `same-origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsMode {
    SameOrigin,
    Include,
}

/// A request of mode `cors`, as `fetch()` and `XMLHttpRequest` make it: its
/// unsafe-request flag is set.
#[derive(Clone, Debug)]
pub struct Request {
    /// The page's.
    pub origin: Origin,
    /// The URL list: the first, then one for each redirect.
    pub urls: Vec<Url>,
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub credentials: CredentialsMode,
    /// The use-CORS-preflight flag: somebody listens to the upload's progress.
    pub use_preflight: bool,
}

impl Request {
    /// As a script would make it. None where a browser throws.
    pub fn new(page: Origin, url: &str, method: &str, headers: &[(&str, &str)]) -> Option<Self> {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, value.trim_matches(is_http_whitespace)))
            .filter(|(name, value)| !is_forbidden_header(name, value))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Some(Self {
            origin: page,
            urls: vec![Url::parse(url)?],
            method: normalised_method(method)?,
            headers,
            credentials: CredentialsMode::SameOrigin,
            use_preflight: false,
        })
    }

    pub fn with_credentials(mut self, credentials: CredentialsMode) -> Self {
        self.credentials = credentials;
        self
    }

    pub fn with_use_preflight(mut self, use_preflight: bool) -> Self {
        self.use_preflight = use_preflight;
        self
    }

    pub fn includes_credentials(&self) -> bool {
        self.credentials == CredentialsMode::Include
    }

    pub fn url(&self) -> &Url {
        self.urls.last().unwrap()
    }

    pub fn has_header(&self, wanted: &str) -> bool {
        self.headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    }

    /// Fetch, serialising a request origin: `null` once a redirect went from one foreign origin
    /// to another (its redirect-taint is not `same-origin`).
    pub fn serialised_origin(&self) -> &str {
        let tainted = self.urls.windows(2).any(|hop| {
            let [last, url] = hop else { return false };
            url.origin != last.origin && !self.origin.is_that_of(last)
        });
        if tainted {
            "null"
        } else {
            self.origin.serialised()
        }
    }

    /// Fetch, CORS-unsafe request-header names: lower case, sorted, once each.
    pub fn unsafe_names(&self) -> Vec<String> {
        const MOST_SAFELISTED_BYTES: usize = 1024;

        let (safelisted, others): (Vec<_>, Vec<_>) = self
            .headers
            .iter()
            .partition(|(name, value)| is_safelisted_header(name, value));
        let safelisted_bytes: usize = safelisted.iter().map(|(_, value)| value.len()).sum();
        let mut unsafe_headers = others;
        if safelisted_bytes > MOST_SAFELISTED_BYTES {
            unsafe_headers.extend(safelisted);
        }
        let names = unsafe_headers
            .into_iter()
            .map(|(name, _)| name.to_ascii_lowercase());
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Fetch, main fetch: whether a preflight has to go first, unless one is remembered.
    pub fn needs_preflight(&self) -> bool {
        self.use_preflight || !is_safelisted_method(&self.method) || !self.unsafe_names().is_empty()
    }

    /// Fetch, CORS-preflight fetch, steps 1 to 6.
    pub fn preflight(&self) -> http::Request<()> {
        let mut preflight = http::Request::builder()
            .method(Method::OPTIONS)
            .uri(&self.url().path)
            .header("accept", "*/*")
            .header("origin", self.serialised_origin())
            .header("access-control-request-method", &self.method);
        let names = self.unsafe_names();
        if !names.is_empty() {
            // Not combined with a space: "we do not use combine", says the step.
            preflight = preflight.header("access-control-request-headers", names.join(","));
        }
        preflight.body(()).unwrap()
    }

    /// The request itself. (At home a browser leaves `Origin` out of GET and HEAD.)
    pub fn actual(&self) -> http::Request<()> {
        let mut actual = http::Request::builder()
            .method(self.method.as_str())
            .uri(&self.url().path)
            .header("origin", self.serialised_origin());
        for (name, value) in &self.headers {
            actual = actual.header(name, value);
        }
        actual.body(()).unwrap()
    }
}

/// Fetch, methods. PATCH is not among those that are normalised.
fn normalised_method(method: &str) -> Option<String> {
    const NORMALISED: &[&str] = &["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

    let upper = method.to_ascii_uppercase();
    if !is_token(method.as_bytes()) || is_forbidden_method(&upper) {
        None
    } else if NORMALISED.contains(&upper.as_str()) {
        Some(upper)
    } else {
        Some(method.to_owned())
    }
}

fn is_forbidden_method(upper: &str) -> bool {
    matches!(upper, "CONNECT" | "TRACE" | "TRACK")
}

/// Fetch, forbidden request-header: dropped without a word.
fn is_forbidden_header(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "accept-charset"
        | "accept-encoding"
        | "access-control-request-headers"
        | "access-control-request-method"
        | "connection"
        | "content-length"
        | "cookie"
        | "cookie2"
        | "date"
        | "dnt"
        | "expect"
        | "host"
        | "keep-alive"
        | "origin"
        | "referer"
        | "set-cookie"
        | "te"
        | "trailer"
        | "transfer-encoding"
        | "upgrade"
        | "via" => true,
        "x-http-method" | "x-http-method-override" | "x-method-override" => value
            .split(',')
            .any(|method| is_forbidden_method(&method.trim().to_ascii_uppercase())),
        _ => name.starts_with("proxy-") || name.starts_with("sec-"),
    }
}

pub fn is_safelisted_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

/// Fetch, CORS-safelisted request-header.
fn is_safelisted_header(name: &str, value: &str) -> bool {
    const MOST_BYTES: usize = 128;

    value.len() <= MOST_BYTES
        && match name.to_ascii_lowercase().as_str() {
            "accept" => !value.bytes().any(is_unsafe_byte),
            "accept-language" | "content-language" => value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte)),
            "content-type" => !value.bytes().any(is_unsafe_byte) && is_form(value),
            "range" => is_single_range(value),
            _ => false,
        }
}

/// Fetch, CORS-unsafe request-header byte.
fn is_unsafe_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || b"\"():<>?@[\\]{}\x7F".contains(&byte)
}

/// What an HTML form could have sent.
fn is_form(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    matches!(
        essence
            .trim_matches(is_http_whitespace)
            .to_ascii_lowercase()
            .as_str(),
        "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain"
    )
}

/// Fetch, parse a single range header value, without whitespace. It has to have a start.
fn is_single_range(value: &str) -> bool {
    let Some((start, end)) = value
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| text.parse::<u128>().unwrap_or(u128::MAX);
    is_number(start) && (end.is_empty() || (is_number(end) && number(start) <= number(end)))
}

fn is_http_whitespace(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' ')
}

/// `token` of RFC 9110, section 5.6.2.
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "https://bucket.test/key";

    #[track_caller]
    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        Request::new(Origin::of("https://a.test"), BUCKET, method, headers).unwrap()
    }

    macro_rules! methods {
        ($($name:ident: $method:literal => $sent:expr,)*) => {$(
            #[test]
            fn $name() {
                assert_eq!(normalised_method($method).as_deref(), $sent);
            }
        )*};
    }

    // Fetch, methods.
    methods! {
        put_is_normalised:       "put"     => Some("PUT"),
        delete_is_normalised:    "Delete"  => Some("DELETE"),
        patch_is_not_normalised: "patch"   => Some("patch"),
        trace_is_forbidden:      "trace"   => None,
        connect_is_forbidden:    "CONNECT" => None,
        a_method_is_a_token:     "GET PUT" => None,
    }

    macro_rules! unsafe_names {
        ($($name:ident: $headers:expr => $names:expr,)*) => {$(
            #[test]
            fn $name() {
                let names = request("GET", &$headers).unsafe_names();
                assert_eq!(names, &$names as &[&str]);
            }
        )*};
    }

    // Fetch, CORS-safelisted request-header, CORS-unsafe request-header names.
    unsafe_names! {
        sorted_lower_case_and_once:   [("X-B", ""), ("x-a", ""), ("x-b", "1")] => ["x-a", "x-b"],
        authorization_is_unsafe:      [("Authorization", "a")]                 => ["authorization"],
        if_match_is_unsafe:           [("If-Match", "*")]                      => ["if-match"],
        accept_is_safe:               [("Accept", "text/html, */*;q=0.8")]     => [],
        a_high_byte_is_safe:          [("Accept", "é")]                        => [],
        a_colon_in_accept_is_not:     [("Accept", "a:b")]                      => ["accept"],
        a_tab_in_accept_is_safe:      [("Accept", "a\tb")]                     => [],
        a_language_is_safe:           [("Content-Language", "de-DE, en;q=.5")] => [],
        an_underscore_in_it_is_not:   [("Accept-Language", "de_DE")]           => ["accept-language"],
        a_form_is_safe:               [("Content-Type", "Text/Plain; charset=utf-8")] => [],
        json_is_not:                  [("Content-Type", "application/json")]   => ["content-type"],
        text_with_a_suffix_is_not:    [("Content-Type", "text/plainer")]       => ["content-type"],
        a_range_is_safe:              [("Range", "bytes=0-")]                  => [],
        a_closed_range_is_safe:       [("Range", "bytes=5-5")]                 => [],
        a_suffix_range_is_not:        [("Range", "bytes=-500")]                => ["range"],
        a_backward_range_is_not:      [("Range", "bytes=6-5")]                 => ["range"],
        two_ranges_are_not:           [("Range", "bytes=0-1,3-4")]             => ["range"],
        a_range_with_a_space_is_not:  [("Range", "bytes= 0-")]                 => ["range"],
        cookies_are_dropped:          [("Cookie", "a=b"), ("Set-Cookie", "a")] => [],
        sec_and_proxy_are_dropped:    [("Sec-X", ""), ("Proxy-X", "")]         => [],
        cors_fields_are_dropped:      [("Origin", "x"), ("Access-Control-Request-Method", "x")] => [],
        forbidden_override_is_dropped: [("X-HTTP-Method-Override", "GET, trace")] => [],
        another_override_is_unsafe:   [("X-HTTP-Method-Override", "GET")] => ["x-http-method-override"],
    }

    #[test]
    fn a_safe_value_has_at_most_128_bytes() {
        for (length, names) in [(128, vec![]), (129, vec!["accept"])] {
            let value = "a".repeat(length);
            assert_eq!(request("GET", &[("Accept", &value)]).unsafe_names(), names);
        }
    }

    #[test]
    fn safe_values_have_at_most_1024_bytes_together() {
        let value = "a".repeat(128);
        let mut headers = vec![("Accept", value.as_str()); 8];
        assert!(request("GET", &headers).unsafe_names().is_empty());
        headers.push(("Accept-Language", "a"));
        assert_eq!(
            request("GET", &headers).unsafe_names(),
            ["accept", "accept-language"]
        );
    }

    macro_rules! preflights {
        ($($name:ident: $method:literal $headers:expr => $needed:literal,)*) => {$(
            #[test]
            fn $name() {
                assert_eq!(request($method, &$headers).needs_preflight(), $needed);
            }
        )*};
    }

    // Fetch, main fetch; CORS-safelisted method.
    preflights! {
        get_needs_none:              "get"    []                                     => false,
        head_needs_none:             "HEAD"   []                                     => false,
        post_of_a_form_needs_none:   "POST"   [("Content-Type", "text/plain")]       => false,
        post_of_json_needs_one:      "POST"   [("Content-Type", "application/json")] => true,
        put_needs_one:               "PUT"    []                                     => true,
        lower_case_patch_needs_one:  "patch"  []                                     => true,
        a_header_needs_one:          "GET"    [("x-a", "")]                          => true,
    }

    #[test]
    fn listening_to_an_upload_needs_one() {
        assert!(
            request("POST", &[])
                .with_use_preflight(true)
                .needs_preflight()
        );
    }

    // Fetch, CORS-preflight fetch, steps 1 to 6.
    #[test]
    fn a_preflight_names_the_method_and_the_headers() {
        let headers = [
            ("X-B", "1"),
            ("Content-Type", "text/plain"),
            ("Authorization", "secret"),
        ];
        let preflight = request("put", &headers).preflight();
        let expected = crate::common::headers(&[
            ("accept", "*/*"),
            ("origin", "https://a.test"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "authorization,x-b"),
        ]);
        assert_eq!(preflight.method(), Method::OPTIONS);
        assert_eq!(preflight.uri(), "/key");
        assert_eq!(*preflight.headers(), expected);
    }

    #[test]
    fn a_preflight_without_names_has_no_such_field() {
        let preflight = request("PUT", &[]).preflight();
        assert!(
            !preflight
                .headers()
                .contains_key("access-control-request-headers")
        );
    }

    macro_rules! origins {
        ($($name:ident: $page:literal $urls:expr => $origin:literal,)*) => {$(
            #[test]
            fn $name() {
                let mut request = request("GET", &[]);
                request.origin = Origin::of($page);
                request.urls = $urls.iter().map(|url| Url::parse(url).unwrap()).collect();
                assert_eq!(request.serialised_origin(), $origin);
            }
        )*};
    }

    // Fetch, redirect-taint.
    origins! {
        no_redirect:         "https://a.test" ["https://b.test"]                     => "https://a.test",
        from_home_abroad:    "https://a.test" ["https://a.test", "https://b.test"]   => "https://a.test",
        within_the_bucket:   "https://a.test" ["https://b.test/", "https://b.test/x"] => "https://a.test",
        abroad_to_abroad:    "https://a.test" ["https://b.test", "https://c.test"]   => "null",
        abroad_and_home:     "https://a.test" ["https://b.test", "https://a.test"]   => "null",
        to_another_port:     "https://a.test" ["https://b.test", "https://b.test:8"] => "null",
        taint_stays:         "https://a.test" ["https://b.test", "https://c.test", "https://c.test/x"] => "null",
        an_opaque_page:      "null"           ["https://b.test"]                     => "null",
    }
}
