//! How a browser reads an answer: whether the page may go on, and what it may see.

use http::{HeaderMap, HeaderValue};

use crate::request::{Request, is_safelisted_method, is_token};

/// Why a browser makes a network error of an answer, in the order in which it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    AllowOrigin,
    AllowCredentials,
    Status,
    /// A field that does not parse.
    Syntax,
    Method,
    Header(String),
    Redirect,
}

/// Whether `*` covers `Authorization`. The standard says that it does not; the browsers let it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationWildcard {
    AsWritten,
    AsShipped,
}

/// What a passed preflight leaves in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    pub methods: Vec<String>,
    pub names: Vec<String>,
    pub max_age_seconds: u64,
}

/// Fetch, header list, get: all values, joined.
fn get(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> = headers
        .get_all(name)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    (!values.is_empty()).then(|| values.join(&b", "[..]))
}

/// Fetch, extract header list values, of a `#token` list. None if there is no such field.
fn extract_list(headers: &HeaderMap, name: &str) -> Result<Option<Vec<String>>, Failure> {
    let mut list = Vec::new();
    for line in headers.get_all(name) {
        // RFC 9110, section 5.6.1.2: a recipient ignores empty elements.
        for element in line.as_bytes().split(|&byte| byte == b',') {
            match trimmed(element) {
                b"" => {}
                token if is_token(token) => {
                    list.push(String::from_utf8_lossy(token).into_owned());
                }
                _ => return Err(Failure::Syntax),
            }
        }
    }
    Ok(headers.contains_key(name).then_some(list))
}

fn trimmed(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}

/// Fetch, CORS-preflight fetch: `Access-Control-Max-Age`, or 5 where it is absent or fails.
fn max_age_seconds(headers: &HeaderMap) -> u64 {
    const DEFAULT_SECONDS: u64 = 5;
    /// The longest that any browser grants (Firefox).
    const MOST_SECONDS: u64 = 86_400;

    let mut lines = headers.get_all("access-control-max-age").iter();
    let seconds = match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok().filter(|text| is_delta_seconds(text)),
        _ => None,
    };
    match seconds {
        Some(digits) => digits.parse().unwrap_or(u64::MAX).min(MOST_SECONDS),
        None => DEFAULT_SECONDS,
    }
}

/// RFC 9111, section 1.2.2.
fn is_delta_seconds(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Fetch, CORS check.
pub fn cors_check(request: &Request, headers: &HeaderMap) -> Result<(), Failure> {
    let origin = get(headers, "access-control-allow-origin").ok_or(Failure::AllowOrigin)?;
    if !request.includes_credentials() && origin == b"*" {
        return Ok(());
    }
    if origin != request.serialised_origin().as_bytes() {
        return Err(Failure::AllowOrigin);
    }
    if !request.includes_credentials() {
        return Ok(());
    }
    match get(headers, "access-control-allow-credentials").as_deref() {
        Some(b"true") => Ok(()),
        _ => Err(Failure::AllowCredentials),
    }
}

/// Fetch, CORS-preflight fetch, step 7 on: whether the request may follow.
pub fn preflight_verdict(
    request: &Request,
    answer: &http::Response<()>,
    wildcard: AuthorizationWildcard,
) -> Result<Permission, Failure> {
    let headers = answer.headers();
    cors_check(request, headers)?;
    if !answer.status().is_success() {
        return Err(Failure::Status);
    }
    let methods = extract_list(headers, "access-control-allow-methods")?;
    let names = extract_list(headers, "access-control-allow-headers")?.unwrap_or_default();
    let methods = match methods {
        None if request.use_preflight => vec![request.method.clone()],
        methods => methods.unwrap_or_default(),
    };

    let star_covers = |list: &[String]| {
        !request.includes_credentials() && list.iter().any(|element| element == "*")
    };
    let names_it = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));

    if !methods.contains(&request.method)
        && !is_safelisted_method(&request.method)
        && !star_covers(&methods)
    {
        return Err(Failure::Method);
    }
    // CORS non-wildcard request-header name
    if wildcard == AuthorizationWildcard::AsWritten
        && request.has_header("authorization")
        && !names_it("authorization")
    {
        return Err(Failure::Header("authorization".to_owned()));
    }
    for name in request.unsafe_names() {
        if !names_it(&name) && !star_covers(&names) {
            return Err(Failure::Header(name));
        }
    }
    Ok(Permission {
        methods,
        names,
        max_age_seconds: max_age_seconds(headers),
    })
}

/// Fetch, CORS filtered response: the names that the page may read, sorted.
pub fn readable_names(request: &Request, headers: &HeaderMap) -> Vec<String> {
    const SAFELISTED: &[&str] = &[
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ];

    let exposed = match extract_list(headers, "access-control-expose-headers") {
        Ok(Some(names)) => names,
        Ok(None) | Err(_) => Vec::new(),
    };
    let all = !request.includes_credentials() && exposed.iter().any(|name| name == "*");
    let is_exposed = |name: &str| exposed.iter().any(|other| other.eq_ignore_ascii_case(name));
    let is_forbidden = |name: &str| matches!(name, "set-cookie" | "set-cookie2");
    let mut names: Vec<String> = headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .filter(|name| !is_forbidden(name))
        .filter(|name| all || SAFELISTED.contains(&name.as_str()) || is_exposed(name))
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common;
    use crate::request::CredentialsMode::{self, Include, SameOrigin};
    use crate::url::Origin;
    use AuthorizationWildcard::{AsShipped, AsWritten};

    const ORIGIN: &str = "access-control-allow-origin";
    const CREDENTIALS: &str = "access-control-allow-credentials";
    const METHODS: &str = "access-control-allow-methods";
    const NAMES: &str = "access-control-allow-headers";
    const EXPOSED: &str = "access-control-expose-headers";
    const AGE: &str = "access-control-max-age";
    const A: &str = "https://a.test";
    const STAR: (&str, &str) = (ORIGIN, "*");
    const TRUE: (&str, &str) = (CREDENTIALS, "true");

    #[track_caller]
    fn request(page: &str, method: &str, names: &[&str], mode: CredentialsMode) -> Request {
        let headers: Vec<(&str, &str)> = names.iter().map(|name| (*name, "1")).collect();
        Request::new(Origin::of(page), "https://bucket.test/", method, &headers)
            .unwrap()
            .with_credentials(mode)
    }

    macro_rules! cors_check {
        ($($name:ident: $page:literal $mode:ident $fields:expr => $result:expr,)*) => {$(
            #[test]
            fn $name() {
                let request = request($page, "GET", &[], $mode);
                assert_eq!(super::cors_check(&request, &common::headers(&$fields)), $result);
            }
        )*};
    }

    // Fetch, CORS check.
    cors_check! {
        none_is_no:               "https://a.test" SameOrigin []                       => Err(Failure::AllowOrigin),
        a_star_is_anybody:        "https://a.test" SameOrigin [STAR]                   => Ok(()),
        a_star_is_nobody_known:   "https://a.test" Include [STAR, TRUE]                => Err(Failure::AllowOrigin),
        itself_is_a_yes:          "https://a.test" SameOrigin [(ORIGIN, A)]            => Ok(()),
        case_counts:              "https://a.test" SameOrigin [(ORIGIN, "https://A.test")]  => Err(Failure::AllowOrigin),
        no_slash:                 "https://a.test" SameOrigin [(ORIGIN, "https://a.test/")] => Err(Failure::AllowOrigin),
        twice_is_no:              "https://a.test" SameOrigin [(ORIGIN, A), (ORIGIN, A)]    => Err(Failure::AllowOrigin),
        two_stars_are_no:         "https://a.test" SameOrigin [STAR, STAR]             => Err(Failure::AllowOrigin),
        a_pattern_is_no:          "https://a.test" SameOrigin [(ORIGIN, "https://*")]  => Err(Failure::AllowOrigin),
        true_is_a_yes:            "https://a.test" Include [(ORIGIN, A), TRUE]         => Ok(()),
        silence_is_no:            "https://a.test" Include [(ORIGIN, A)]               => Err(Failure::AllowCredentials),
        capitals_are_no:          "https://a.test" Include [(ORIGIN, A), (CREDENTIALS, "True")] => Err(Failure::AllowCredentials),
        true_twice_is_no:         "https://a.test" Include [(ORIGIN, A), TRUE, TRUE]   => Err(Failure::AllowCredentials),
        null_is_an_opaque_one:    "null"           Include [(ORIGIN, "null"), TRUE]    => Ok(()),
        null_is_no_other:         "https://a.test" SameOrigin [(ORIGIN, "null")]       => Err(Failure::AllowOrigin),
    }

    macro_rules! verdicts {
        ($($name:ident: $method:literal $names:expr, $mode:ident $wildcard:ident $status:literal $fields:expr => $failure:expr,)*) => {$(
            #[test]
            fn $name() {
                let request = request("https://a.test", $method, &$names, $mode);
                let mut answer = http::Response::builder().status($status).body(()).unwrap();
                *answer.headers_mut() = common::headers(&$fields);
                let verdict = preflight_verdict(&request, &answer, $wildcard);
                assert_eq!(verdict.err(), $failure);
            }
        )*};
    }

    fn header(name: &str) -> Failure {
        Failure::Header(name.to_owned())
    }

    // Fetch, CORS-preflight fetch, step 7.
    verdicts! {
        listed:                 "PUT" ["x"], SameOrigin AsWritten 200 [STAR, (METHODS, "GET,PUT"), (NAMES, "y, X")] => None,
        any_2xx_will_do:        "PUT" [], SameOrigin AsWritten 204 [STAR, (METHODS, "PUT")]             => None,
        a_redirect_will_not:    "PUT" [], SameOrigin AsWritten 307 [STAR, (METHODS, "PUT")]             => Some(Failure::Status),
        an_error_will_not:      "PUT" [], SameOrigin AsWritten 403 [STAR, (METHODS, "PUT")]             => Some(Failure::Status),
        the_check_comes_first:  "PUT" [], SameOrigin AsWritten 403 [(METHODS, "PUT")]                   => Some(Failure::AllowOrigin),
        syntax_before_method:   "PUT" [], SameOrigin AsWritten 200 [STAR, (METHODS, "GET PUT")]         => Some(Failure::Syntax),
        any_list_may_break:     "GET" [], SameOrigin AsWritten 200 [STAR, (NAMES, "x;y")]               => Some(Failure::Syntax),
        empty_elements:         "PUT" [], SameOrigin AsWritten 200 [STAR, (METHODS, ", PUT\t,,"), (NAMES, "")] => None,
        several_lines:          "PUT" [], SameOrigin AsWritten 200 [STAR, (METHODS, "GET"), (METHODS, "PUT")] => None,
        methods_have_case:      "PUT" [], SameOrigin AsWritten 200 [STAR, (METHODS, "put")]             => Some(Failure::Method),
        unlisted_method:        "PUT" [], SameOrigin AsWritten 200 [STAR]                               => Some(Failure::Method),
        safelisted_method:      "POST" [], SameOrigin AsWritten 200 [STAR]                              => None,
        star_of_methods:        "PUT" [], SameOrigin AsWritten 200 [STAR, (METHODS, "*")]               => None,
        star_and_credentials:   "PUT" [], Include AsWritten 200 [(ORIGIN, A), TRUE, (METHODS, "*")]     => Some(Failure::Method),
        unlisted_header:        "GET" ["x", "y"], SameOrigin AsWritten 200 [STAR, (NAMES, "x")]         => Some(header("y")),
        a_pattern_is_a_name:    "GET" ["x-a"], SameOrigin AsWritten 200 [STAR, (NAMES, "x-*")]          => Some(header("x-a")),
        star_of_names:          "GET" ["x"], SameOrigin AsWritten 200 [STAR, (NAMES, "*")]              => None,
        names_and_credentials:  "GET" ["x"], Include AsWritten 200 [(ORIGIN, A), TRUE, (NAMES, "*")]    => Some(header("x")),
        star_as_written:        "GET" ["Authorization"], SameOrigin AsWritten 200 [STAR, (NAMES, "*")]  => Some(header("authorization")),
        star_as_shipped:        "GET" ["Authorization"], SameOrigin AsShipped 200 [STAR, (NAMES, "*")]  => None,
        shipped_credentials:    "GET" ["Authorization"], Include AsShipped 200 [(ORIGIN, A), TRUE, (NAMES, "*")] => Some(header("authorization")),
        authorization_listed:   "GET" ["authorization"], SameOrigin AsWritten 200 [STAR, (NAMES, "Authorization")] => None,
    }

    // Fetch, CORS-preflight fetch: "if methods is null and the use-CORS-preflight flag is set".
    #[test]
    fn without_a_list_an_upload_may_use_its_own_method() {
        let answer = |fields| {
            let mut answer = http::Response::new(());
            *answer.headers_mut() = common::headers(fields);
            answer
        };
        let upload = request(A, "PUT", &[], SameOrigin).with_use_preflight(true);
        let verdict = preflight_verdict(&upload, &answer(&[STAR]), AsWritten);
        assert_eq!(verdict.unwrap().methods, ["PUT"]);
        let verdict = preflight_verdict(&upload, &answer(&[STAR, (METHODS, "")]), AsWritten);
        assert_eq!(verdict, Err(Failure::Method));
    }

    macro_rules! ages {
        ($($name:ident: $fields:expr => $seconds:literal,)*) => {$(
            #[test]
            fn $name() {
                assert_eq!(max_age_seconds(&common::headers(&$fields)), $seconds);
            }
        )*};
    }

    ages! {
        no_age_is_five:         []                        => 5,
        an_age:                 [(AGE, "600")]            => 600,
        zero_is_zero:           [(AGE, "0")]              => 0,
        minus_one_is_no_age:    [(AGE, "-1")]             => 5,
        empty_is_no_age:        [(AGE, "")]               => 5,
        two_ages_are_none:      [(AGE, "1"), (AGE, "1")]  => 5,
        capped:                 [(AGE, "2147483647")]     => 86_400,
        beyond_any_integer:     [(AGE, "99999999999999999999999")] => 86_400,
    }

    macro_rules! readable {
        ($($name:ident: $mode:ident $exposed:expr => $names:expr,)*) => {$(
            #[test]
            fn $name() {
                let mut fields = vec![("etag", "1"), ("content-type", "1"), ("set-cookie", "1"), ("date", "1")];
                fields.extend($exposed.iter().map(|line: &&'static str| (EXPOSED, *line)));
                let names = readable_names(&request(A, "GET", &[], $mode), &common::headers(&fields));
                assert_eq!(names, &$names as &[&str]);
            }
        )*};
    }

    // Fetch, CORS-safelisted response-header name; CORS filtered response.
    readable! {
        the_safelisted_alone:     SameOrigin ([] as [&'static str; 0]) => ["content-type"],
        the_exposed_too:          SameOrigin ["x, ETag"]     => ["content-type", "etag"],
        never_a_cookie:           SameOrigin ["set-cookie"]  => ["content-type"],
        a_star_exposes_all:       SameOrigin ["*"]           => ["access-control-expose-headers", "content-type", "date", "etag"],
        not_with_credentials:     Include ["*"]              => ["content-type"],
        a_broken_list_is_none:    SameOrigin ["etag", "a b"] => ["content-type"],
    }
}
