//! Why a request was decided so: the first line for the most common mistakes, whole texts, and what
//! programs get. That nothing is said but what was decided is a law: `tests/laws/explained.rs`.

mod common;

use bucket_cors::explain::{Block, Blocked, Cause, Check, Difference, Explanation, PreflightNeed};
use bucket_cors::{
    Configuration, Credentials, Denial, Outcome, Profile, RequestFields, RequestKind, Rule,
    RuleSet, Vary,
};
use common::{actual, compiled, preflight, request};
use http::Request;

fn explained(rules: impl IntoIterator<Item = Rule>, request: &Request<()>) -> Explanation {
    compiled(rules, Profile::COS).explain(request)
}

fn get(origin: &str) -> Request<()> {
    actual("GET", origin)
}

// The first line.

macro_rules! origins {
    ($($name:ident: $value:literal for $origin:literal => $words:literal,)*) => {$(
        #[test]
        fn $name() {
            let explanation = explained([Rule::new([$value], ["GET"])], &get($origin));
            let expected = format!(
                "denied: no rule is for the origin {:?}; rule 1 has {:?}: {}",
                $origin, $value, $words,
            );
            assert_eq!(explanation.summary(), expected);
            assert_eq!(explanation.outcome(), Outcome::Denied(Denial::Origin));
            assert_eq!(explanation.closest(), Some(0));
        }
    )*};
}

origins! {
    slash:           "https://example.com/"     for "https://example.com"     => r#"it ends in "/", which no browser sends; write "https://example.com""#,
    path:            "https://example.com/app"  for "https://example.com"     => r#"it has a path, which no browser sends; write "https://example.com""#,
    no_scheme:       "example.com"              for "https://example.com"     => r#"it lacks the scheme; write "https://example.com""#,
    no_scheme_port:  "localhost:3000"           for "http://localhost:3000"   => r#"it lacks the scheme; write "http://localhost:3000""#,
    http_for_https:  "https://example.com"      for "http://example.com"      => r#"they differ in the scheme; load the page over https, or add "http://example.com""#,
    of_a_pattern:    "https://*.example.com"    for "http://a.example.com"    => r#"they differ in the scheme; load the page over https, or add "http://a.example.com""#,
    of_an_insecure_page: "http://example.com"   for "https://example.com"     => r#"they differ in the scheme; add "https://example.com""#,
    of_this_machine: "https://localhost:3000"   for "http://localhost:3000"   => r#"they differ in the scheme; add "http://localhost:3000""#,
    of_its_subdomain: "https://a.localhost"     for "http://a.localhost"      => r#"they differ in the scheme; add "http://a.localhost""#,
    no_port:         "http://localhost"         for "http://localhost:3000"   => r#"they differ in the port; add "http://localhost:3000""#,
    another_port:    "http://localhost:8080"    for "http://localhost:3000"   => r#"they differ in the port; add "http://localhost:3000""#,
    any_port:        "http://localhost:*"       for "http://localhost"        => r#"they differ in the port; add "http://localhost""#,
    default_port:    "https://example.com:443"  for "https://example.com"     => r#"browsers leave out the default port; write "https://example.com""#,
    not_its_default: "http://example.com:443"   for "http://example.com"      => r#"they differ in the port; add "http://example.com""#,
    case:            "https://Example.com"      for "https://example.com"     => r#"case counts, and browsers send lower case; write "https://example.com""#,
    no_www:          "https://example.com"      for "https://www.example.com" => r#"they differ in "www."; add "https://www.example.com""#,
    www:             "https://www.example.com"  for "https://example.com"     => r#"they differ in "www."; add "https://example.com""#,
    apex:            "https://*.example.com"    for "https://example.com"     => r#"it wants a subdomain; add "https://example.com""#,
    of_everyone:     "https://*/"               for "https://evil.test"       => r#"they differ in a trailing slash; if the page is yours, add "https://evil.test""#,
    of_strangers:    "https://*.github.io/"     for "https://evil.github.io"  => r#"they differ in a trailing slash; if the page is yours, add "https://evil.github.io""#,
    subdomain:       "https://example.com"      for "https://a.example.com"   => r#"it does not cover subdomains; add "https://a.example.com", or "https://*.example.com" for all of them"#,
    loopback:        "http://localhost:3000"    for "http://127.0.0.1:3000"   => r#"they differ in the name of this machine; add "http://127.0.0.1:3000""#,
    loopback_for_another: "http://localhost"   for "http://b.test"            => r#"if the page is yours, add "http://b.test""#,
    another_for_loopback: "http://b.test"      for "http://localhost"         => r#"if the page is yours, add "http://localhost""#,
    www_twice:       "https://www.www.a.test"   for "https://a.test"           => r#"if the page is yours, add "https://a.test""#,
    loopback_ipv6:   "http://localhost"         for "http://[::1]"            => r#"they differ in the name of this machine; add "http://[::1]""#,
    ipv6_port:       "http://[::1]:80"          for "http://[::1]"            => r#"browsers leave out the default port; write "http://[::1]""#,
    two_mistakes:    "example.com/"             for "https://example.com"     => r#"they differ in a trailing slash and a missing scheme; write "https://example.com""#,
    and_a_scheme:    "https://example.com/"     for "http://example.com"      => r#"they differ in a trailing slash and the scheme; write "https://example.com" and load the page over https, or add "http://example.com""#,
    www_in_any_case:    "https://WWW.example.com"  for "https://example.com"     => r#"they differ in "www."; add "https://example.com""#,
    two_wider:       "http://example.com"       for "https://a.example.com"   => r#"they differ in the scheme and the subdomain; add "https://a.example.com", or "https://*.example.com" for all of them"#,
    quotes:          "'https://example.com'"    for "https://example.com"     => r#"it is not written as browsers send it; write "https://example.com""#,
    user:            "https://me@example.com"   for "https://example.com"     => r#"it is not written as browsers send it; write "https://example.com""#,
    misspelled:      "htps://example.com"       for "https://example.com"     => r#"it is not written as browsers send it; write "https://example.com""#,
    three_slips:     "HTTPS://Example.com:443/" for "https://example.com"     => r#"it is not written as browsers send it; write "https://example.com""#,
    quotes_and_apex: "'https://*.example.com'"  for "https://a.example.com"   => r#"it is not written as browsers send it; write "https://*.example.com""#,
    apps_of_strangers: "chrome-extension://*/"  for "chrome-extension://evil" => r#"they differ in a trailing slash; if the page is yours, add "chrome-extension://evil""#,
    under_an_unlisted: "https://*.co.at/"       for "https://evil.co.at"      => r#"they differ in a trailing slash; if the page is yours, add "https://evil.co.at""#,
    pattern_without_scheme: "*.example.com/"    for "https://a.example.com"   => r#"it ends in "/", which no browser sends; write "https://*.example.com""#,
    pattern_of_several: "https://b.test,*.example.com" for "https://a.example.com" => r#"it is several in one, and each needs a value of its own; write "https://*.example.com""#,
    subdomain_without_scheme: "example.com"     for "https://a.example.com"   => r#"it does not cover subdomains; add "https://a.example.com", or "https://*.example.com" for all of them"#,
    quotes_and_scheme: "'http://a.test'"        for "https://a.test"           => r#"they differ in how they are written and the scheme; add "https://a.test""#,
    misspelled_and_http: "htps://example.com"   for "http://example.com"      => r#"they differ in the scheme; write "https://example.com" and load the page over https, or add "http://example.com""#,
    quotes_of_everyone: "'https://*'"           for "https://evil.test"       => r#"they differ in how they are written; if the page is yours, add "https://evil.test""#,
    several_in_quotes: "'https://a.test';b.test" for "https://a.test"         => r#"it is several in one, and each needs a value of its own; write "https://a.test""#,
    several_with_slashes: "https://b.test/,https://*.a.test/" for "https://x.a.test" => r#"it is several in one, and each needs a value of its own; write "https://*.a.test""#,
    several_and_another: "https://b.test,https://c.test" for "https://a.test"  => r#"if the page is yours, add "https://a.test""#,
    several_and_everyone: "*,https://c.test"    for "https://a.test"          => r#"if the page is yours, add "https://a.test""#,
    asked_without:   "https://example.com"      for "example.com"             => "they differ in a missing scheme; no browser sends the request's",
    asked_slash:     "https://example.com"      for "https://example.com/"    => "they differ in a trailing slash; no browser sends the request's",
    asked_case:      "https://example.com"      for "https://EXAMPLE.com"     => "they differ in upper and lower case; no browser sends the request's",
    relative:        "//example.com"            for "https://example.com"     => r#"it lacks the scheme; write "https://example.com""#,
    no_colon:        "https//example.com"       for "https://example.com"     => r#""://" is to stand behind the scheme; write "https://example.com""#,
    one_slash:       "http:/localhost:3000"     for "http://localhost:3000"   => r#""://" is to stand behind the scheme; write "http://localhost:3000""#,
    no_slash:        "https:example.com:8443"   for "https://example.com:8443" => r#""://" is to stand behind the scheme; write "https://example.com:8443""#,
    no_scheme_but_its_end: "://example.com"     for "https://example.com"     => r#"it lacks the scheme; write "https://example.com""#,
    no_colon_http:   "http//example.com"        for "https://example.com"     => r#"they differ in the "://" and the scheme; add "https://example.com""#,
    dot:             "https://example.com."     for "https://example.com"     => r#"they differ in a trailing dot; add "https://example.com""#,
    dot_and_port:    "https://example.com.:80"  for "https://example.com:80"  => r#"they differ in a trailing dot; add "https://example.com:80""#,
    comma:           "https://example.com,https://b.test" for "https://example.com" => r#"it is several in one, and each needs a value of its own; write "https://example.com""#,
    commas:          "a,https://*.example.com,https://b.test" for "https://a.example.com" => r#"it is several in one, and each needs a value of its own; write "https://*.example.com""#,
    semicolon:       "https://a.test;https://example.com;" for "https://example.com" => r#"it is several in one, and each needs a value of its own; write "https://example.com""#,
    not_of_several:  "https://a.test,*"         for "https://example.com"     => r#"if the page is yours, add "https://example.com""#,
    pattern_slash:   "https://*.example.com/"   for "https://a.example.com"   => r#"it ends in "/", which no browser sends; write "https://*.example.com""#,
    asked_no_colon:  "https://example.com"      for "https//example.com"      => r#"they differ in the "://"; no browser sends the request's"#,
    asked_port:      "https://example.com"      for "https://example.com:443" => "they differ in the default port; no browser sends the request's",
    asked_http_port: "http://example.com"       for "http://example.com:80"   => "they differ in the default port; no browser sends the request's",
    asked_no_port:   "https://example.com"      for "https://example.com:"    => "they differ in the port; no browser sends the request's",
    asked_big_port:  "https://example.com"      for "https://example.com:65536" => "they differ in the port; no browser sends the request's",
    asked_apps_port: "https://example.com"      for "app://example.org:443"   => r#"if the page is yours, add "app://example.org:443""#,
    asked_of_a_file: "https://example.com"      for "file://"                 => r#"if the page is yours, add "file://""#,
    under_a_shared:  "https://github.io"        for "https://a.github.io"     => r#"it does not cover subdomains; if the page is yours, add "https://a.github.io""#,
    under_a_public:  "https://co.uk"            for "https://a.co.uk"         => r#"it does not cover subdomains; if the page is yours, add "https://a.co.uk""#,
    nothing_alike:   "https://example.com"      for "https://example.org"     => r#"if the page is yours, add "https://example.org""#,
    three_mistakes:  "http://www.Example.com/"  for "https://example.com"     => r#"if the page is yours, add "https://example.com""#,
    a_longer_name:   "https://example.com"      for "https://anexample.com"   => r#"if the page is yours, add "https://anexample.com""#,
}

macro_rules! first_lines {
    ($($name:ident: [$($rule:expr),*] $request:expr => $line:literal,)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(explained([$($rule),*], &$request).summary(), $line);
        }
    )*};
}

fn site() -> Rule {
    Rule::new(["https://a.test"], ["GET", "HEAD"])
}

fn any() -> Rule {
    Rule::new(["*"], ["GET"])
}

const A: &str = "https://a.test";

first_lines! {
    matched: [site()] get(A) =>
        "allowed: rule 1 is the first that matches",
    star_and_credentials: [any()] get(A) =>
        r#"allowed: rule 1 has the origin "*": a page that sends credentials can't read the answer; for such pages list their origins in place of "*""#,
    behind_a_star: [any(), Rule::new(["https://b.test"], ["GET"]), site()] get(A) =>
        r#"allowed: rule 1 has the origin "*" and comes before rule 3, which has "https://a.test": a page that sends credentials can't read the answer; put rule 3 first"#,
    behind_a_star_in_vain: [any(), Rule::new(["https://a.test"], ["PUT"])] get(A) =>
        r#"allowed: rule 1 has the origin "*": a page that sends credentials can't read the answer; for such pages list their origins in place of "*""#,
    overtaken_by_a_star: [any(), Rule::new(["https://b.test"], ["GET"]), site().with_allowed_headers(["*"]).with_expose_headers(["ETag"])] preflight(A, "GET", "authorization") =>
        r#"allowed: rule 3 decides the preflight, but rule 1 the request that follows, which names no headers: a page that sends credentials can't read the answer, and none can read "ETag" in it; put rule 3 first"#,
    overtaken_by_a_star_alone: [any(), site().with_allowed_headers(["*"])] preflight(A, "GET", "x-a") =>
        "allowed: rule 2 decides the preflight, but rule 1 the request that follows, which names no headers: a page that sends credentials can't read the answer; put rule 2 first",
    overtaken_by_one_that_exposes_less: [site().with_expose_headers(["x-id"]), site().with_allowed_headers(["*"]).with_expose_headers(["ETag", "X-Id", "Set-Cookie", "Expires"])] preflight(A, "GET", "x-a") =>
        r#"allowed: rule 2 decides the preflight, but rule 1 the request that follows, which names no headers: no page can read "ETag" in the answer; expose it in rule 1 too"#,
    overtaken_by_one_as_good: [site().with_expose_headers(["etag"]), site().with_allowed_headers(["*"]).with_expose_headers(["ETag"])] preflight(A, "GET", "x-a") =>
        "allowed: rule 2 is the first that matches",
    before_one_that_exposes_more: [site(), site().with_expose_headers(["etag", "x-a", "Expires"])] get(A) =>
        r#"allowed: rule 1 is the first that matches, and its pages can't read "etag" and "x-a", which rule 2 exposes; expose them in rule 1 too"#,
    before_one_that_exposes_no_more: [site().with_expose_headers(["ETag"]), site().with_expose_headers(["etag"])] get(A) =>
        "allowed: rule 1 is the first that matches",
    before_one_that_does_not_match: [site(), Rule::new([A], ["PUT"]).with_expose_headers(["etag"])] get(A) =>
        "allowed: rule 1 is the first that matches",
    preflight_before_one_that_exposes_more: [site(), site().with_expose_headers(["etag"])] preflight(A, "GET", "") =>
        "allowed: rule 1 is the first that matches",
    before_a_star: [site(), any()] get(A) =>
        "allowed: rule 1 is the first that matches",
    no_origin: [site()] request("GET", &[]) =>
        "not CORS: the request has no Origin; a browser sends one with every request that CORS is about",
    null: [site(), Rule::new(["n*"], ["GET"])] get("null") =>
        r#"denied: no rule is for the origin "null", which browsers send for sandboxed frames, for files, and after a redirect between other origins; only "*" and "null" match it, and any page can send it"#,
    method: [site()] actual("PUT", A) =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET" and "HEAD": add "PUT""#,
    method_of_no_rule: [site()] actual("PATCH", A) =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PATCH"; no rule can"#,
    method_of_no_near_rule: [any(), Rule::new(["https://a.test/"], ["HEAD"])] actual("PUT", A) =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET", for strangers' sites too: if the page is yours, make a rule of its own for it"#,
    method_of_a_near_rule: [any(), Rule::new(["https://a.test/"], ["PUT"])] actual("PUT", A) =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 2 has "https://a.test/": it ends in "/", which no browser sends; write "https://a.test""#,
    method_for_strangers: [Rule::new(["https://*.test"], ["GET"]), Rule::new(["https://*.com"], ["GET"])] actual("PUT", "https://a.com") =>
        r#"denied: no rule for the origin "https://a.com" lists the method "PUT"; rule 2 lists "GET", for strangers' sites too: if the page is yours, make a rule of its own for it"#,
    method_beside_strangers: [Rule::new([A, "https://*"], ["GET"])] actual("PUT", A) =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET", for strangers' sites too: if the page is yours, make a rule of its own for it"#,
    origin_and_method_beside_strangers: [Rule::new([A, "https://*.vercel.app"], ["GET"])] actual("PUT", "https://b.a.test") =>
        r#"denied: no rule is for the origin "https://b.a.test"; rule 1 has "https://a.test": it does not cover subdomains; add "https://b.a.test", or "https://*.a.test" for all of them; it lists "GET", for strangers' sites too: if the page is yours, make a rule of its own for it"#,
    method_and_a_header_that_no_page_sets: [site()] preflight(A, "PUT", "cookie") =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET" and "HEAD": add "PUT""#,
    method_for_one_owner: [Rule::new(["https://*.a.com"], ["GET"])] actual("PUT", "https://b.a.com") =>
        r#"denied: no rule for the origin "https://b.a.com" lists the method "PUT"; rule 1 lists "GET": add "PUT""#,
    null_by_a_star: [any()] get("null") =>
        r#"allowed: rule 1 has the origin "*": a page that sends credentials can't read the answer, and "null" is not to be listed, since any page can send it"#,
    asks_for_options: [site()] preflight(A, "OPTIONS", "") =>
        r#"denied: Access-Control-Request-Method is "OPTIONS", which no rule can list; it is to be the method of the request that follows, one of GET, PUT, POST, DELETE, HEAD"#,
    asks_in_lower_case: [site()] preflight(A, "put", "") =>
        r#"denied: Access-Control-Request-Method is "put"; case counts: send "PUT""#,
    asks_for_put: [site()] preflight(A, "PUT", "x-a") =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET" and "HEAD": add "PUT"; it lacks the header "x-a" too"#,
    method_and_headers: [site().with_allowed_headers(["x-b"]), site()] preflight(A, "PUT", "x-a,x-b,x-c") =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET" and "HEAD": add "PUT"; it lacks the headers "x-a" and "x-c" too"#,
    method_of_the_rule_that_lacks_fewest_headers: [site(), site().with_allowed_headers(["x-*"])] preflight(A, "PUT", "x-a") =>
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 2 lists "GET" and "HEAD": add "PUT""#,
    origin_and_a_method_of_no_rule: [site()] actual("PATCH", "http://a.test") =>
        r#"denied: no rule is for the origin "http://a.test"; rule 1 has "https://a.test": they differ in the scheme; load the page over https, or add "http://a.test"; and no rule can list the method "PATCH""#,
    nothing_near_and_a_header: [site()] preflight("https://b.test", "PUT", "x-a") =>
        r#"denied: no rule is for the origin "https://b.test"; rule 1 has "https://a.test": if the page is yours, add "https://b.test"; it lacks the method "PUT" and the header "x-a" too"#,
    nothing_near_in_the_rule_that_has_the_rest: [site(), Rule::new(["https://c.test"], ["PUT"])] preflight("https://b.test", "PUT", "") =>
        r#"denied: no rule is for the origin "https://b.test"; none of the 2 rules has one like it: if the page is yours, add "https://b.test" to rule 2"#,
    nothing_near_and_none_has_the_rest: [site(), site()] preflight("https://b.test", "PUT", "x-a") =>
        r#"denied: no rule is for the origin "https://b.test"; none of the 2 rules has one like it: if the page is yours, add "https://b.test" to one, with what it lacks of the method "PUT" and the header "x-a""#,
    nothing_near_and_a_method_of_no_rule: [site(), site()] actual("PATCH", "https://b.test") =>
        r#"denied: no rule is for the origin "https://b.test"; none of the 2 rules has one like it: if the page is yours, add "https://b.test" to one; and no rule can list the method "PATCH""#,
    method_near_what_no_browser_sends: [Rule::new(["*.test:443"], ["GET"]), Rule::new(["https://a.test"], ["PUT"])] actual("PUT", "https://a.test:443") =>
        r#"denied: no rule for the origin "https://a.test:443" lists the method "PUT"; rule 1 lists "GET": add "PUT""#,
    header: [site().with_allowed_headers(["Content-Type"])] preflight(A, "GET", "content-type, X-Foo") =>
        r#"denied: no rule for this origin and method allows the header "x-foo"; rule 1 has "content-type": add "x-foo""#,
    headers: [site()] preflight(A, "GET", "x-a,x-b,x-a") =>
        r#"denied: no rule for this origin and method allows the headers "x-a" and "x-b"; rule 1 has no AllowedHeader: add "x-a" and "x-b""#,
    header_that_the_closest_rule_lacks: [site(), site().with_allowed_headers(["x-a"])] preflight(A, "GET", "x-a,x-b") =>
        r#"denied: no rule for this origin and method allows the header "x-b"; rule 2 has "x-a": add "x-b""#,
    origin_that_no_browser_sends_and_a_method: [site()] actual("PUT", "https://a.test/") =>
        r#"denied: no rule is for the origin "https://a.test/"; rule 1 has "https://a.test": they differ in a trailing slash; no browser sends the request's"#,
    header_that_no_page_sets: [site()] preflight(A, "GET", "cookie,Sec-A") =>
        r#"denied: no rule for this origin and method allows the headers "cookie" and "sec-a"; no page can set such headers, and no browser asks for them"#,
    header_beside_one_that_no_page_sets: [site()] preflight(A, "GET", "cookie,x-a,secure") =>
        r#"denied: no rule for this origin and method allows the headers "cookie", "x-a" and "secure"; rule 1 has no AllowedHeader: add "x-a" and "secure""#,
    header_of_a_near_rule: [site(), Rule::new(["a.test"], ["GET"]).with_allowed_headers(["*"])] preflight(A, "GET", "x-a") =>
        r#"denied: no rule for this origin and method allows the header "x-a"; rule 2 has "a.test": it lacks the scheme; write "https://a.test""#,
    origin_and_the_rest: [site()] preflight("http://a.test", "PUT", "x-a,x-b") =>
        r#"denied: no rule is for the origin "http://a.test"; rule 1 has "https://a.test": they differ in the scheme; load the page over https, or add "http://a.test"; it lacks the method "PUT" and the headers "x-a" and "x-b" too"#,
    nearest_of_two: [Rule::new(["http://b.a.test"], ["GET"]), Rule::new(["http://c.test", "https://a.test/"], ["GET"])] get(A) =>
        r#"denied: no rule is for the origin "https://a.test"; rule 2 has "https://a.test/": it ends in "/", which no browser sends; write "https://a.test""#,
    equally_near_but_with_the_method: [Rule::new(["https://a.test/"], ["PUT"]), Rule::new(["https://a.test/"], ["GET"])] get(A) =>
        r#"denied: no rule is for the origin "https://a.test"; rule 2 has "https://a.test/": it ends in "/", which no browser sends; write "https://a.test""#,
    nothing_near: [site(), site()] get("https://b.test") =>
        r#"denied: no rule is for the origin "https://b.test"; none of the 2 rules has one like it: if the page is yours, add "https://b.test" to one"#,
    sent_by_none: [site()] get("https://b.test:443") =>
        r#"denied: no rule is for the origin "https://b.test:443"; no browser sends such an origin"#,
    sent_by_none_with_a_user: [site()] get("https://user@b.test") =>
        r#"denied: no rule is for the origin "https://user@b.test"; no browser sends such an origin"#,
    of_several_but_sent_by_none: [site(), site()] get("https://b.test:443") =>
        r#"denied: no rule is for the origin "https://b.test:443"; no browser sends such an origin"#,
    options_without_origin: [site()] request("OPTIONS", &[]) =>
        "denied: the OPTIONS request has no Origin; a preflight has one",
    options_without_method: [site()] request("OPTIONS", &[("origin", A)]) =>
        "denied: the OPTIONS request has no Access-Control-Request-Method; a preflight names the method that is to follow",
    two_methods: [site()] request("OPTIONS", &[("origin", A), ("access-control-request-method", "GET"), ("access-control-request-method", "GET")]) =>
        "denied: there is more than one Access-Control-Request-Method line",
    two_origins: [site()] request("GET", &[("origin", A), ("origin", A)]) =>
        "denied: there is more than one Origin line",
    long_origin: [site()] get(&"a".repeat(2049)) =>
        "denied: the Origin has more than 2048 bytes",
    odd_origin: [site()] get("https://\u{e9}.test \"\\") =>
        r#"denied: the Origin "https://\xc3\xa9.test \"\\" has a space, a control character or one that is not ASCII"#,
    no_header_name: [site()] preflight(A, "GET", "x-a, \"b\u{e9}") =>
        r#"denied: Access-Control-Request-Headers has "\"b\xc3\xa9", which is no header name"#,
    too_many_headers: [site()] preflight(A, "GET", &"x,".repeat(129)) =>
        "denied: Access-Control-Request-Headers has more than 8 lines, 8192 bytes or 128 names",
}

#[test]
fn a_bucket_without_a_document_is_told_so() {
    let rules = RuleSet::not_configured(Profile::S3);
    let explanation = rules.explain(&preflight(A, "PUT", "x-a"));
    assert_eq!(
        explanation.summary(),
        "denied: the bucket has no CORS document; give it one with a rule for the origin \
         \"https://a.test\" and the method \"PUT\""
    );
    assert_eq!(explanation.cause(), &Cause::NotConfigured);
    assert_eq!(
        rules.explain(&get("https://a.test:443")).summary(),
        "denied: the bucket has no CORS document; no browser sends the origin \
         \"https://a.test:443\""
    );
    assert_eq!(explanation.rules(), []);
    assert_eq!(explanation.closest(), None);
}

#[test]
fn where_credentials_are_never_sent_a_star_is_no_loss() {
    let profile = Profile::COS.with_credentials(Credentials::Never);
    let explanation = compiled([any(), site()], profile).explain(&get(A));
    assert_eq!(explanation.cause(), &Cause::Matched);
}

#[test]
fn an_answer_without_vary_is_told_of() {
    let profile = Profile::COS.with_vary(Vary::AsProvider);
    let line = "allowed: rule 1 is the first that matches, but the answer names the origin and has \
                no Vary: a cache may give it to pages of other origins; set ResponseVary to true";
    let rules = compiled([site()], profile);
    let head = Request::head("/").header("Origin", A);
    for request in [get(A), head.body(()).unwrap()] {
        let explanation = rules.explain(&request);
        assert_eq!(explanation.summary(), line);
        assert_eq!(explanation.cause(), &Cause::NoVary);
        assert!(explanation.lacks_vary());
        let text = explanation.to_string();
        let of_the_answer = "\n    no Vary: a cache may give this to pages of other origins; set \
                             ResponseVary to true\n  browser\n";
        assert!(text.contains(of_the_answer), "{text}");
    }
    let mut mended = Configuration::from_iter([site()]);
    mended.response_vary = Some(true);
    let mended = RuleSet::compile(&mended, profile).unwrap();
    for explanation in [
        mended.explain(&get(A)),
        compiled([site()], Profile::COS).explain(&get(A)),
        compiled([site()], Profile::S3.with_vary(Vary::AsProvider)).explain(&get(A)),
    ] {
        assert_eq!(explanation.cause(), &Cause::Matched);
        assert!(!explanation.lacks_vary());
    }
    // What no cache keeps, what names nobody, and what is denied.
    let writing = compiled([Rule::new([A], ["GET", "PUT"])], profile);
    let put = Request::put("/").header("Origin", A).body(()).unwrap();
    for request in [preflight(A, "GET", ""), put] {
        let explanation = writing.explain(&request);
        assert_eq!(explanation.cause(), &Cause::Matched);
        assert!(!explanation.lacks_vary());
    }
    let any = any().with_expose_headers(["ETag"]);
    assert!(!compiled([any], profile).explain(&get(A)).lacks_vary());
    let denied = rules.explain(&get("https://b.test"));
    assert!(!denied.lacks_vary());
    assert!(!denied.to_string().contains("Vary"), "{denied}");
}

// The whole text.

#[test]
fn of_two_rules_that_match_the_first_decides() {
    let text = explained([site(), site(), site()], &get(A)).to_string();
    let lines = text.lines().filter(|line| line.starts_with("    rule "));
    let ends = lines.map(|line| line.rsplit_once("method listed").unwrap().1);
    assert!(ends.eq([
        "; it decides",
        "; it would decide, but rule 1 is first",
        "; it would decide, but rule 1 is first",
    ]));
}

#[test]
fn a_refused_preflight_in_full() {
    let rules = [
        Rule::new(["https://*.a.test"], ["GET"]).with_id("sub\n"),
        Rule::new(["https://b.test"], ["GET", "PUT"]).with_allowed_headers(["x-*", "content-type"]),
        Rule::new(["https://c.test"], ["PUT"]).with_allowed_headers(["x-*", "content-type"]),
    ];
    let rules = compiled(rules, Profile::S3);
    let request = preflight("http://b.test", "PUT", "content-type,x-a,x-b");
    assert_eq!(
        rules.explain(&request).to_string(),
        r#"denied: no rule is for the origin "http://b.test"; rule 2 has "https://b.test": they differ in the scheme; load the page over https, or add "http://b.test"
  request: preflight, origin "http://b.test", method "PUT", headers "content-type", "x-a" and "x-b"
  steps
    3.3.1 origin_present: ok
    3.3.2 origin_sound: ok
    3.3.3 method_known: ok
    3.3.4 configured: ok
    3.3.5 method_present: ok
    3.3.6 headers_readable: ok
    3.3.7 rules: fails, origin
  rules
    rule 1 "sub\x0a": origin not in "https://*.a.test"; method not in "GET"; headers without "content-type", "x-a" and "x-b"
    rule 2: origin not in "https://b.test"; method listed; headers by "content-type" and "x-*"
    rule 3: origin not in "https://c.test"; method listed; headers by "content-type" and "x-*"
  answer
    status 403
    no Access-Control field
    Vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method
  browser
    sends a preflight first: the method is not GET, HEAD or POST
    refuses the preflight, with credentials or not: Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource."#
    );
}

#[test]
fn an_allowed_preflight_in_full() {
    let rules = [
        any(),
        site()
            .with_allowed_headers(["X-A"])
            .with_expose_headers(["ETag", "X-Id", "Set-Cookie"])
            .with_max_age_seconds(600),
    ];
    assert_eq!(
        explained(rules, &preflight(A, "GET", "x-a")).to_string(),
        r#"allowed: rule 2 decides the preflight, but rule 1 the request that follows, which names no headers: a page that sends credentials can't read the answer, and none can read "ETag" and "X-Id" in it; put rule 2 first
  request: preflight, origin "https://a.test", method "GET", headers "x-a"
  steps
    3.3.1 origin_present: ok
    3.3.2 origin_sound: ok
    3.3.3 method_known: ok
    3.3.4 configured: ok
    3.3.5 method_present: ok
    3.3.6 headers_readable: ok
    3.3.7 rules: ok
  rules
    rule 1: origin by "*"; method listed; headers without "x-a"
    rule 2: origin by "https://a.test"; method listed; headers by "x-a"; it decides
  answer
    status 200
    Access-Control-Allow-Origin: https://a.test
    Access-Control-Allow-Credentials: true
    Access-Control-Allow-Methods: GET,HEAD
    Access-Control-Allow-Headers: x-a
    Access-Control-Expose-Headers: ETag,X-Id,Set-Cookie
    Access-Control-Max-Age: 600
    Vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method
  browser
    sends a preflight first: there are headers that are not safelisted
    accepts the preflight, with credentials too
    keeps its answer for 600 seconds
    accepts the request that follows without credentials
    refuses the request that follows with credentials: The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.
    lets the page read Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified, Pragma; not ETag or any other"#
    );
}

#[test]
fn a_denied_request_in_full() {
    let rules = [
        Rule::new(["https://a.test/", "a.test"], ["GET"]),
        Rule::new(["https://*.a.test"], ["GET"]),
    ];
    assert_eq!(
        explained(rules, &get(A)).to_string(),
        r#"denied: no rule is for the origin "https://a.test"; rule 1 has "https://a.test/": it ends in "/", which no browser sends; write "https://a.test"
  request: actual, origin "https://a.test", method "GET"
  steps
    3.3.2 origin_sound: ok
    3.3.4 configured: ok
    3.3.7 rules: fails, origin
  rules
    rule 1: origin not in "https://a.test/" and "a.test"; method listed
    rule 2: origin not in "https://*.a.test"; method listed
  near
    rule 2 has "https://*.a.test": it wants a subdomain; add "https://a.test"
  answer
    the request is served all the same
    no Access-Control field
    Vary: Origin
  browser
    sends a preflight first only if the page adds a header that is not safelisted
    refuses the answer, with credentials or not: No 'Access-Control-Allow-Origin' header is present on the requested resource."#
    );
}

#[test]
fn a_request_that_is_not_cors_in_full() {
    assert_eq!(
        explained([site()], &request("GET", &[])).to_string(),
        "not CORS: the request has no Origin; a browser sends one with every request that CORS is \
         about\n  request: not_cors, method \"GET\"\n  answer\n    the request is served\n    \
         no Access-Control field\n    Vary: Origin"
    );
}

#[test]
fn many_rules_and_names_are_cut() {
    let rules = (0..100).map(|n| Rule::new([format!("https://{n}.test")], ["GET"]));
    let names: Vec<String> = (0..100).map(|n| format!("x-{n}")).collect();
    let text = explained(
        rules,
        &preflight("https://99.test/", "GET", &names.join(",")),
    )
    .to_string();
    assert!(
        text.contains("    rule 20: origin not in \"https://19.test\""),
        "{text}"
    );
    assert!(!text.contains("    rule 21:"), "{text}");
    let last = "\n    rule 100: origin not in \"https://99.test\"; method listed; headers without \
                \"x-0\", \"x-1\", \"x-2\", \"x-3\" and 96 more\n    and 79 more\n";
    assert!(text.contains(last), "{text}");
    assert!(text.len() < 8_000, "{}", text.len());
}

#[test]
fn long_text_is_cut_everywhere() {
    let long = "x".repeat(1_000);
    let rules = [Rule::new([long.clone() + "y"], ["GET"])
        .with_id("i".repeat(255))
        .with_allowed_headers([long.clone()])];
    let explanation = explained(rules, &preflight(&long, "GET", &long));
    let cut = "x".repeat(128) + "...";
    assert_eq!(explanation.origin(), Some(&*cut));
    assert_eq!(explanation.headers(), [&*cut]);
    let rule = &explanation.rules()[0];
    assert_eq!(rule.id(), Some(&*("i".repeat(128) + "...")));
    assert_eq!(rule.allowed_origins(), [&*cut]);
    assert_eq!(rule.headers().collect::<Vec<_>>(), [Some(&*cut)]);
    assert!(!explanation.to_string().contains(&"x".repeat(129)));
}

#[test]
fn answers_are_cut_where_they_are_very_long() {
    let rule = site().with_allowed_headers(["*"]);
    let name = "x".repeat(2_000);
    let explanation = explained([rule], &preflight(A, "GET", &name));
    let field = explanation
        .fields()
        .find(|(name, _)| name.ends_with("Allow-Headers"));
    assert_eq!(field.unwrap().1, "x".repeat(1_024) + "...");
    // The verdict is that of the whole answer.
    let preflight = explanation.browser().unwrap().preflight().unwrap();
    assert_eq!(preflight.with_credentials(), Ok(()));
}

// The browser's side.

#[test]
fn what_is_not_exposed_can_not_be_read() {
    let explanation = explained([site()], &get(A));
    let browser = explanation.browser().unwrap();
    assert!(browser.can_read("last-modified"));
    assert!(!browser.can_read("ETag"));
    assert!(explanation.to_string().ends_with(
        "\n    lets the page read Cache-Control, Content-Language, Content-Length, Content-Type, \
         Expires, Last-Modified, Pragma; not ETag or any other"
    ));
    let exposing = site().with_expose_headers(["x-id", "etag", "Set-Cookie", "Expires"]);
    let explanation = explained([exposing], &get(A));
    let browser = explanation.browser().unwrap();
    assert!(browser.can_read("ETag"));
    assert!(!browser.can_read("set-cookie"));
    assert_eq!(browser.readable()[7..], ["x-id", "etag"]);
    assert!(
        explanation
            .to_string()
            .ends_with("Last-Modified, Pragma, x-id, etag")
    );
}

#[track_caller]
fn blocked(verdict: Result<(), &Blocked>) -> &Block {
    verdict.unwrap_err().block()
}

#[test]
fn a_star_is_no_answer_to_credentials() {
    let explanation = explained([any()], &get(A));
    let verdicts = explanation.browser().unwrap().request().unwrap();
    assert_eq!(verdicts.without_credentials(), Ok(()));
    assert_eq!(
        blocked(verdicts.with_credentials()),
        &Block::AnyOriginWithCredentials
    );
    let block = blocked(verdicts.with_credentials());
    assert_eq!(block.as_str(), "any_origin_with_credentials");
}

#[test]
fn silence_is_no_answer_to_credentials() {
    let profile = Profile::S3.with_credentials(Credentials::Never);
    let explanation = compiled([site()], profile).explain(&get(A));
    let verdicts = explanation.browser().unwrap().request().unwrap();
    assert_eq!(verdicts.without_credentials(), Ok(()));
    assert_eq!(
        blocked(verdicts.with_credentials()),
        &Block::NoAllowCredentials
    );
}

#[test]
fn a_preflight_goes_first_or_not() {
    use PreflightNeed::{DependsOnHeaders, Headers, Method, NotNeeded};
    for (request, need) in [
        (preflight(A, "PUT", "x-a"), Method),
        (preflight(A, "POST", "x-a"), Headers),
        (preflight(A, "POST", ""), NotNeeded),
        (preflight(A, "patch", ""), Method),
        (actual("HEAD", A), DependsOnHeaders),
        (actual("DELETE", A), Method),
    ] {
        let explanation = explained([site()], &request);
        assert_eq!(
            explanation.browser().unwrap().preflight_need(),
            need,
            "{request:?}"
        );
    }
    let labels = [Method, Headers, NotNeeded, DependsOnHeaders].map(|need| need.to_string());
    assert_eq!(
        labels,
        ["method", "headers", "not_needed", "depends_on_headers"]
    );
}

#[test]
fn a_preflight_is_kept_for_a_while() {
    for (max_age_seconds, kept) in [
        (
            None,
            "keeps its answer for 5 seconds, for want of MaxAgeSeconds",
        ),
        (Some(0), "does not keep its answer"),
        (Some(600), "keeps its answer for 600 seconds"),
        (
            Some(601),
            "keeps its answer for 601 seconds; Safari for 600",
        ),
        (
            Some(86_401),
            "keeps its answer for 86401 seconds; Firefox for 86400, Chromium for 7200, Safari for \
             600",
        ),
    ] {
        let mut rule = site();
        rule.max_age_seconds = max_age_seconds;
        let explanation = explained([rule], &preflight(A, "GET", ""));
        let browser = explanation.browser().unwrap();
        let seconds = max_age_seconds.unwrap_or(5).unsigned_abs();
        assert_eq!(browser.preflight_kept_seconds(), Some(seconds));
        let text = explanation.to_string();
        let line = format!("with credentials too\n    {kept}\n");
        assert!(text.contains(&line), "{text}");
    }
    let kept = |request: &Request<()>| {
        let explanation = explained([site()], request);
        explanation.browser().unwrap().preflight_kept_seconds()
    };
    assert_eq!(kept(&preflight(A, "PUT", "")), None);
    assert_eq!(kept(&get(A)), None);
}

#[test]
fn no_browser_sends_such_requests() {
    for request in [
        request("GET", &[]),
        request("OPTIONS", &[("origin", A)]),
        request("OPTIONS", &[("access-control-request-method", "GET")]),
        request("GET", &[("origin", A), ("origin", A)]),
        get("a b"),
    ] {
        assert_eq!(explained([site()], &request).browser(), None, "{request:?}");
    }
}

// For programs.

#[test]
fn remedies_can_be_asked_for() {
    let near = |value: &str, origin: &str| {
        let explanation = explained([Rule::new([value], ["GET"])], &get(origin));
        let [near] = explanation.near_origins() else {
            panic!("{explanation}");
        };
        let is_for_strangers = value.contains("*/");
        assert_eq!(near.is_for_strangers(), is_for_strangers, "{near}");
        let remedies = [near.write(), near.add(), near.pattern(), near.over_https()];
        remedies.map(|remedy| remedy.map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(near("https://a.test/", A), [some(A), None, None, None]);
    let http = "http://a.test";
    assert_eq!(near(A, http), [None, some(http), None, some(A)]);
    let sub = "https://b.a.test";
    let pattern = some("https://*.a.test");
    assert_eq!(near(A, sub), [None, some(sub), pattern, None]);
    assert_eq!(near("https://*/", A), [None, some(A), None, None]);
}

#[test]
fn what_was_decided_can_be_asked() {
    let rules = compiled([site().with_id("a\n")], Profile::COS);
    let explanation = rules.explain(&preflight(A, "GET", ""));
    assert_eq!(explanation.rule_id(), Some("a\\x0a"));
    assert_eq!(explanation.status(), Some(http::StatusCode::OK));
    assert_eq!(
        explanation.vary(),
        rules.evaluate(&preflight(A, "GET", "")).vary()
    );
    assert!(explanation.vary().contains(&"Origin"));
    let refused = rules.explain(&preflight(A, "PUT", ""));
    assert_eq!(refused.rule_id(), None);
    assert_eq!(refused.status(), Some(http::StatusCode::FORBIDDEN));
    assert_eq!(rules.explain(&get(A)).status(), None);
    // Of a preflight it is the requested one.
    assert_eq!(refused.method(), Some("PUT"));
    assert_eq!(
        rules
            .explain(&request("OPTIONS", &[("origin", A)]))
            .method(),
        None
    );
    assert_eq!(rules.explain(&get(A)).method(), Some("GET"));
}

#[test]
fn reasons_are_typed() {
    let rules = [Rule::new(["http://a.test/"], ["GET"]).with_id("one")];
    let explanation = explained(rules, &get(A));
    let Cause::Origin {
        near: Some(near), ..
    } = explanation.cause()
    else {
        panic!("{:?}", explanation.cause());
    };
    assert_eq!(
        near.differences(),
        [Difference::TrailingSlash, Difference::Scheme]
    );
    assert_eq!((near.rule(), near.value()), (0, "http://a.test/"));
    assert_eq!((near.write(), near.add()), (None, Some(A)));
    let labels = near.differences().iter().map(ToString::to_string);
    assert!(labels.eq(["trailing_slash", "scheme"]));
    assert_eq!((near.pattern(), near.over_https()), (None, None));
    assert_eq!(explanation.near_origins(), std::slice::from_ref(near));
    let last = explanation.steps().last().unwrap();
    assert_eq!((last.check(), last.clause()), (Check::Rules, "3.3.7"));
    assert_eq!(last.failed(), Some(Denial::Origin));
    assert_eq!(explanation.rules()[0].misses(), Some(Denial::Origin));
}

#[test]
fn steps_end_where_one_fails() {
    let steps = |request: &Request<()>| {
        let explanation = compiled([site()], Profile::S3).explain(request);
        let steps = explanation.steps().iter();
        let steps = steps.map(|step| match step.failed() {
            None => step.clause().to_owned(),
            Some(denial) => format!("{} {denial}", step.clause()),
        });
        steps.collect::<Vec<_>>().join(", ")
    };
    let no_origin = [("access-control-request-method", "x")];
    assert_eq!(
        steps(&request("OPTIONS", &no_origin)),
        "3.3.1 missing_origin"
    );
    let unknown = "3.3.1, 3.3.2, 3.3.3 invalid_request_method";
    assert_eq!(steps(&preflight(A, "PATCH", "")), unknown);
    let unreadable = "3.3.1, 3.3.2, 3.3.3, 3.3.4, 3.3.5, 3.3.6 malformed_request_headers";
    assert_eq!(steps(&preflight(A, "PUT", "x y")), unreadable);
    let asks = [("origin", A), ("access-control-request-method", "PATCH")];
    let unknown = "3.3.2, 3.3.4, 3.4.2 invalid_request_method";
    assert_eq!(steps(&request("GET", &asks)), unknown);
    assert_eq!(steps(&request("GET", &[])), "");
}

#[test]
fn values_come_in_their_order() {
    let rule = Rule::new(
        ["https://b*", "https://b", "*", "https://a", "https://a*"],
        ["HEAD", "GET"],
    )
    .with_allowed_headers(["X-B", "x-*", "X-a"]);
    let explanation = explained([rule], &preflight(A, "GET", "x-a,x-c"));
    let rule = &explanation.rules()[0];
    let origins = ["*", "https://b", "https://a", "https://a*", "https://b*"];
    assert_eq!(rule.allowed_origins(), origins);
    assert_eq!(rule.allowed_methods(), ["GET", "HEAD"]);
    assert_eq!(rule.allowed_headers(), ["x-b", "x-a", "x-*"]);
    assert_eq!(
        rule.headers().collect::<Vec<_>>(),
        [Some("x-a"), Some("x-*")]
    );
}

#[test]
fn values_match_as_they_do_in_a_decision() {
    let by = |values: &[&str], origin: &str| {
        let rule = Rule::new(values.to_vec(), ["GET"]);
        let explanation = explained([rule], &get(origin));
        let by = explanation.rules()[0].origin().map(str::to_owned);
        assert_eq!(by.is_some(), explanation.rule().is_some());
        by
    };
    assert_eq!(by(&["n*", "*l", "null*"], "null"), None);
    assert_eq!(by(&["n*", "null"], "null").as_deref(), Some("null"));
    assert_eq!(by(&["n*", "*"], "null").as_deref(), Some("*"));
    assert_eq!(by(&["a*a"], "a"), None);
    assert_eq!(by(&["a*a"], "aa").as_deref(), Some("a*a"));
    assert_eq!(by(&["A*"], "a"), None);
    assert_eq!(by(&[""], "a"), None);
}

#[cfg(feature = "json")]
#[test]
fn it_serializes() {
    let rule = Rule::new([A], ["PUT"])
        .with_id("up")
        .with_allowed_headers(["X-*"]);
    let rules = compiled([rule], Profile::S3.with_credentials(Credentials::Never));
    let explanation = rules.explain(&preflight(A, "PUT", "x-a"));
    let seven = [
        "Cache-Control",
        "Content-Language",
        "Content-Length",
        "Content-Type",
        "Expires",
        "Last-Modified",
        "Pragma",
    ];
    assert_eq!(
        serde_json::to_value(&explanation).unwrap(),
        serde_json::json!({
            "summary": "allowed: rule 1 is the first that matches",
            "kind": "preflight",
            "outcome": "allowed",
            "rule": 0,
            "denial": null,
            "rule_id": "up",
            "cause": { "kind": "matched" },
            "closest": 0,
            "origin": A,
            "method": "PUT",
            "headers": ["x-a"],
            "status": 200,
            "fields": {
                "Access-Control-Allow-Origin": A,
                "Access-Control-Allow-Methods": "PUT",
                "Access-Control-Allow-Headers": "x-a",
            },
            "vary": ["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"],
            "lacks_vary": false,
            "steps": [
                { "check": "origin_present", "clause": "3.3.1", "failed": null },
                { "check": "origin_sound", "clause": "3.3.2", "failed": null },
                { "check": "method_known", "clause": "3.3.3", "failed": null },
                { "check": "configured", "clause": "3.3.4", "failed": null },
                { "check": "method_present", "clause": "3.3.5", "failed": null },
                { "check": "headers_readable", "clause": "3.3.6", "failed": null },
                { "check": "rules", "clause": "3.3.7", "failed": null },
            ],
            "rules": [{
                "rule": 0,
                "id": "up",
                "origin": A,
                "method": true,
                "headers": ["x-*"],
                "misses": null,
                "allowed_origins": [A],
                "allowed_methods": ["PUT"],
                "allowed_headers": ["x-*"],
            }],
            "near_origins": [],
            "browser": {
                "need": "method",
                "preflight": {
                    "without_credentials": null,
                    "with_credentials": {
                        "code": "no_allow_credentials",
                        "console": "Response to preflight request doesn't pass access control check: The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.",
                    },
                },
                "preflight_kept_seconds": 5,
                "request": {
                    "without_credentials": null,
                    "with_credentials": {
                        "code": "no_allow_credentials",
                        "console": "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.",
                    },
                },
                "readable": seven,
            },
        })
    );
    let denied = serde_json::to_value(rules.explain(&get("http://a.test"))).unwrap();
    assert_eq!(denied["outcome"], "denied");
    assert_eq!(denied["denial"], "origin");
    assert_eq!(denied["steps"][5]["failed"], "origin");
    assert_eq!(
        denied["cause"],
        serde_json::json!({
            "kind": "origin",
            "known": true,
            "near": {
                "rule": 0,
                "value": A,
                "differences": ["scheme"],
                "write": null,
                "add": "http://a.test",
                "over_https": A,
                "is_for_strangers": false,
                "pattern": null,
            },
        })
    );
}

#[test]
fn bytes_that_no_header_holds_are_explained_too() {
    let fields = [
        ("Origin", &b"a\0\xFF"[..]),
        ("access-control-request-method", b"\n"),
    ];
    let rules = compiled([site()], Profile::S3);
    let explanation = rules.explain(&RequestFields::new(b"OPTIONS", fields));
    assert_eq!(explanation.kind(), RequestKind::Preflight);
    assert_eq!(explanation.origin(), Some(r"a\x00\xff"));
    assert_eq!(explanation.method(), Some(r"\x0a"));
    assert_eq!(
        explanation.summary(),
        r#"denied: the Origin "a\x00\xff" has a space, a control character or one that is not ASCII"#
    );
}

/// Nobody is told to let the whole web write.
#[test]
fn a_method_that_writes_is_not_added_for_every_site() {
    let rules = [Rule::new(["*"], ["GET", "HEAD"])];
    let explanation = explained(rules, &preflight("https://a.test", "PUT", ""));
    assert_eq!(
        explanation.summary(),
        r#"denied: no rule for the origin "https://a.test" lists the method "PUT"; rule 1 lists "GET" and "HEAD", for strangers' sites too: if the page is yours, make a rule of its own for it"#
    );
    let explanation = explained(
        [Rule::new(["*"], ["GET"])],
        &preflight("https://a.test", "HEAD", ""),
    );
    assert!(explanation.summary().ends_with("add \"HEAD\""));
}
