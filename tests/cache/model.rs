//! A shared cache after RFC 9111, as far as it bears on header fields. Sections are that RFC's.
//!
//! It is eager: it keeps every final answer that it is not told to leave, errors included, and
//! holds it fresh for ever if no lifetime is given (4.2.2 lets it guess). Contents, ranges, `Age`,
//! the request's own conditions, directives and `Authorization` (3.5), the update by a HEAD's 200
//! (4.3.5) and the invalidation by unsafe methods (4.4) are left out.

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG, HeaderMap, IF_NONE_MATCH, VARY};
use http::{Method, Request, Response, StatusCode};

#[derive(Debug, Default)]
pub struct Cache {
    /// The oldest first.
    stored: Vec<Stored>,
    /// In seconds.
    pub now: u64,
}

#[derive(Debug)]
struct Stored {
    request: Request<()>,
    response: Response<()>,
    /// When it was received or last validated.
    since: u64,
}

impl Cache {
    /// Section 4: what is stored, if it may be reused; else what `upstream` says.
    pub fn answer(
        &mut self,
        request: &Request<()>,
        upstream: &dyn Fn(&Request<()>) -> Response<()>,
    ) -> Response<()> {
        let Some(chosen) = self.chosen(request) else {
            return self.forward(request, upstream);
        };
        let stored = &self.stored[chosen];
        if stored.is_fresh(self.now) {
            return stored.response.clone();
        }
        let Some(tag) = stored.response.headers().get(ETAG).cloned() else {
            return self.forward(request, upstream);
        };
        // 4.3.1: validated by the request that it is to satisfy.
        let mut conditional = request.clone();
        conditional.headers_mut().insert(IF_NONE_MATCH, tag.clone());
        let received = upstream(&conditional);
        if received.status() != StatusCode::NOT_MODIFIED {
            self.store(request, &received);
            return received;
        }
        if received.headers().get(ETAG) != Some(&tag) {
            // 4.3.4: it identifies no stored response, so nothing is updated.
            return self.forward(request, upstream);
        }
        self.freshen(request, received.headers());
        self.stored[chosen].response.clone()
    }

    fn forward(
        &mut self,
        request: &Request<()>,
        upstream: &dyn Fn(&Request<()>) -> Response<()>,
    ) -> Response<()> {
        let received = upstream(request);
        self.store(request, &received);
        received
    }

    /// 4.1: of those that match, the most recent; one that omits `Vary` only if there is no other.
    fn chosen(&self, request: &Request<()>) -> Option<usize> {
        let stored = self.stored.iter().enumerate();
        let matching = stored.filter(|(_, stored)| stored.matches(request));
        let best = matching.max_by_key(|(index, stored)| (stored.varies(), *index));
        best.map(|(index, _)| index)
    }

    /// Section 3. Some answers need a lifetime to be stored, 403 among them; here they are said
    /// to have one, since a server in front of a bucket is often told so.
    fn store(&mut self, request: &Request<()>, response: &Response<()>) {
        let is_partial = matches!(
            response.status(),
            StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED
        );
        let may_not = |name| directive(response.headers(), name).is_some();
        if matches!(*request.method(), Method::GET | Method::HEAD)
            && !is_partial
            && !may_not("no-store")
            && !may_not("private")
        {
            self.stored.push(Stored {
                request: request.clone(),
                response: response.clone(),
                since: self.now,
            });
        }
    }

    /// 4.3.4, and 3.2 for the fields: each one that has come replaces its namesake.
    fn freshen(&mut self, request: &Request<()>, received: &HeaderMap) {
        for stored in &mut self.stored {
            if !stored.matches(request) || stored.response.headers().get(ETAG) != received.get(ETAG)
            {
                continue;
            }
            stored.since = self.now;
            let fields = stored.response.headers_mut();
            for name in received.keys().filter(|name| *name != CONTENT_LENGTH) {
                fields.remove(name);
                for line in received.get_all(name) {
                    fields.append(name, line.clone());
                }
            }
        }
    }
}

impl Stored {
    /// The key of section 2, and that of 4.1.
    fn matches(&self, request: &Request<()>) -> bool {
        let (method, own) = (request.method(), self.request.method());
        // RFC 9110, 9.3.2: a GET knows what a HEAD asks for.
        let same_method = method == own || (method == Method::HEAD && own == Method::GET);
        let same_value = |name: &String| {
            name != "*" && value(self.request.headers(), name) == value(request.headers(), name)
        };
        same_method
            && self.request.uri() == request.uri()
            && members(self.response.headers(), VARY.as_str())
                .iter()
                .all(same_value)
    }

    fn varies(&self) -> bool {
        self.response.headers().contains_key(VARY)
    }

    /// 4.2. The lifetime for shared caches comes first (4.2.1).
    fn is_fresh(&self, now: u64) -> bool {
        let headers = self.response.headers();
        let lifetime = directive(headers, "s-maxage").or_else(|| directive(headers, "max-age"));
        // 4.2.1: what makes no sense is stale.
        let lifetime = lifetime.map(|seconds| seconds.parse().unwrap_or(0));
        directive(headers, "no-cache").is_none()
            && lifetime.is_none_or(|seconds: u64| now - self.since < seconds)
    }
}

/// RFC 9110, 5.3: the lines as one, each trimmed. None if there is no line.
fn value(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let lines = headers.get_all(name).iter();
    let lines: Vec<&[u8]> = lines.map(|line| line.as_bytes().trim_ascii()).collect();
    (!lines.is_empty()).then(|| lines.join(&b", "[..]))
}

/// RFC 9110, 5.6.1.2: empty members don't count.
fn members(headers: &HeaderMap, name: &str) -> Vec<String> {
    let line = value(headers, name).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let members = line.split(',').map(|member| member.trim().to_owned());
    members.filter(|member| !member.is_empty()).collect()
}

/// 5.2: a directive's argument, empty if it has none.
fn directive(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let members = members(headers, CACHE_CONTROL.as_str());
    members.iter().find_map(|member| {
        let (name, argument) = member.split_once('=').unwrap_or((member, ""));
        let argument = argument.trim_matches('"').to_owned();
        name.eq_ignore_ascii_case(wanted).then_some(argument)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::common;

    type Fields<'a> = &'a [(&'static str, &'a str)];

    #[track_caller]
    fn response(status: u16, fields: Fields<'_>) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        *response.headers_mut() = common::headers(fields);
        response
    }

    /// Whether the second request, ten seconds later, is answered without a word upstream.
    #[track_caller]
    fn reuses(answer: &Response<()>, first: &Request<()>, second: &Request<()>) -> bool {
        let asked = Cell::new(0);
        let upstream = |_: &Request<()>| {
            asked.set(asked.get() + 1);
            answer.clone()
        };
        let mut cache = Cache::default();
        cache.answer(first, &upstream);
        cache.now += 10;
        cache.answer(second, &upstream);
        asked.get() == 1
    }

    macro_rules! keys {
        ($($name:ident: $vary:expr, $first:expr, $second:expr => $reused:literal,)*) => {$(
            #[test]
            fn $name() {
                let lines: Vec<_> = ($vary as [&str; _]).map(|line| ("vary", line)).into();
                let (first, second) = (common::request("GET", &$first), common::request("GET", &$second));
                assert_eq!(reuses(&response(200, &lines), &first, &second), $reused);
            }
        )*};
    }

    // 4.1
    keys! {
        without_vary_all_are_one: [], [("a", "1")], [("a", "2")]                     => true,
        the_same_value:           ["a"], [("a", "1")], [("a", "1"), ("b", "1")]      => true,
        another_value:            ["a"], [("a", "1")], [("a", "2")]                  => false,
        values_have_case:         ["a"], [("a", "x")], [("a", "X")]                  => false,
        absent_from_both:         ["a"], [], [("b", "1")]                            => true,
        absent_from_the_first:    ["a"], [], [("a", "1")]                            => false,
        absent_from_the_second:   ["a"], [("a", "1")], []                            => false,
        empty_is_not_absent:      ["a"], [], [("a", "")]                             => false,
        names_have_no_case:       ["A"], [("a", "1")], [("a", "2")]                  => false,
        every_name_counts:        ["a, b"], [("a", "1"), ("b", "1")], [("a", "1")]   => false,
        every_line_counts:        ["a", "b"], [("a", "1"), ("b", "1")], [("a", "1")] => false,
        empty_members_do_not:     [",, a ,"], [("a", "1")], [("a", "1"), ("b", "1")] => true,
        a_star_never_matches:     ["*"], [], []                                      => false,
        a_star_among_names:       ["a", "b, *"], [("a", "1")], [("a", "1")]          => false,
        spaces_around_a_value:    ["a"], [("a", "1")], [("a", " 1\t")]               => true,
        lines_are_joined:         ["a"], [("a", "1"), ("a", "2")], [("a", "1, 2")]   => true,
        lines_have_an_order:      ["a"], [("a", "1"), ("a", "2")], [("a", "2, 1")]   => false,
    }

    macro_rules! methods {
        ($($name:ident: $first:literal $second:literal => $reused:literal,)*) => {$(
            #[test]
            fn $name() {
                let (first, second) = (common::request($first, &[]), common::request($second, &[]));
                assert_eq!(reuses(&response(200, &[]), &first, &second), $reused);
            }
        )*};
    }

    // Section 2; RFC 9110, 9.3.2 and 9.3.7
    methods! {
        get_answers_get:      "GET" "GET"         => true,
        get_answers_head:     "GET" "HEAD"        => true,
        head_answers_head:    "HEAD" "HEAD"       => true,
        head_answers_no_get:  "HEAD" "GET"        => false,
        put_is_not_stored:    "PUT" "PUT"         => false,
        options_is_no_method: "OPTIONS" "OPTIONS" => false,
    }

    macro_rules! lifetimes {
        ($($name:ident: $status:literal $control:literal => $reused:literal,)*) => {$(
            #[test]
            fn $name() {
                let get = common::request("GET", &[]);
                let answer = response($status, &[("cache-control", $control)]);
                assert_eq!(reuses(&answer, &get, &get), $reused);
            }
        )*};
    }

    // Section 3, 4.2.1, 5.2.2
    lifetimes! {
        no_lifetime_is_for_ever:  200 ""                        => true,
        not_yet_over:             200 "max-age=11"              => true,
        over:                     200 "public, Max-Age=10"      => false,
        quoted:                   200 "max-age=\"11\""          => true,
        no_number_is_stale:       200 "max-age=a"               => false,
        the_shared_one_is_longer: 200 "max-age=0, s-maxage=11"  => true,
        the_shared_one_is_over:   200 "s-maxage=1, max-age=11"  => false,
        never_without_asking:     200 "max-age=11, no-cache"    => false,
        not_stored:               200 "No-Store"                => false,
        not_shared:               200 "private"                 => false,
        forbidden_is_stored:      403 ""                        => true,
        not_found_is_stored:      404 ""                        => true,
        a_part_is_not:            206 ""                        => false,
    }

    // Section 2
    #[test]
    fn another_url_is_another_answer() {
        let (first, mut second) = (common::request("GET", &[]), common::request("GET", &[]));
        *second.uri_mut() = "/?other".parse().unwrap();
        assert!(!reuses(&response(200, &[]), &first, &second));
    }

    // 4.1: "the most recent", and "SHOULD choose the most recent stored response with a valid
    // Vary field value".
    #[test]
    fn an_answer_that_omits_vary_comes_last() {
        let mut cache = Cache::default();
        let (plain, other) = (
            common::request("GET", &[]),
            common::request("GET", &[("a", "1")]),
        );
        let (vary, silent) = (response(200, &[("vary", "a")]), response(404, &[]));
        cache.store(&other, &vary);
        cache.store(&other, &silent);
        let never = |_: &Request<()>| unreachable!();
        assert_eq!(cache.answer(&other, &never).status(), 200);
        assert_eq!(cache.answer(&plain, &never).status(), 404);
        cache.store(&other, &response(403, &[("vary", "a")]));
        assert_eq!(cache.answer(&other, &never).status(), 403);
    }

    // 3.2, 4.3.1, 4.3.4
    #[test]
    fn not_modified_replaces_fields_by_name() {
        let get = common::request("GET", &[("a", "1")]);
        let upstream = |request: &Request<()>| match request.headers().get("if-none-match") {
            None => response(
                200,
                &[
                    ("etag", "\"1\""),
                    ("cache-control", "max-age=10"),
                    ("content-length", "9"),
                    ("x", "old"),
                    ("x", "older"),
                    ("y", "old"),
                ],
            ),
            Some(tag) => {
                assert_eq!(
                    (tag, &request.headers()["a"]),
                    (&"\"1\"".parse().unwrap(), &"1".parse().unwrap())
                );
                response(
                    304,
                    &[("etag", "\"1\""), ("content-length", "0"), ("x", "new")],
                )
            }
        };
        let mut cache = Cache::default();
        cache.answer(&get, &upstream);
        cache.now += 10;
        let expected = response(
            200,
            &[
                ("etag", "\"1\""),
                ("cache-control", "max-age=10"),
                ("content-length", "9"),
                ("x", "new"),
                ("y", "old"),
            ],
        );
        let answer = cache.answer(&get, &upstream);
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers(), expected.headers());
        cache.now += 9;
        let fresh = cache.answer(&get, &|_| unreachable!());
        assert_eq!(fresh.headers(), expected.headers());
    }

    // 4.3.4: only "those that could have been chosen for that request".
    #[test]
    fn not_modified_leaves_the_answers_to_others() {
        let [one, two] = ["1", "2"].map(|value| common::request("GET", &[("a", value)]));
        let upstream = |request: &Request<()>| {
            let is_validation = request.headers().contains_key("if-none-match");
            let (status, x) = if is_validation {
                (304, "new")
            } else {
                (200, "old")
            };
            let cache_control = ("cache-control", "max-age=10");
            response(
                status,
                &[("etag", "\"1\""), ("vary", "a"), ("x", x), cache_control],
            )
        };
        let mut cache = Cache::default();
        cache.answer(&one, &upstream);
        cache.now += 5;
        cache.answer(&two, &upstream);
        cache.now += 5;
        assert_eq!(cache.answer(&one, &upstream).headers()["x"], "new");
        assert_eq!(cache.answer(&two, &upstream).headers()["x"], "old");
    }

    // 4.3.3
    #[test]
    fn any_other_answer_takes_the_place() {
        let get = common::request("GET", &[]);
        let first = response(200, &[("etag", "\"1\""), ("cache-control", "no-cache")]);
        let mut cache = Cache::default();
        cache.answer(&get, &|_| first.clone());
        assert_eq!(cache.answer(&get, &|_| response(404, &[])).status(), 404);
        assert_eq!(cache.answer(&get, &|_| unreachable!()).status(), 404);
    }
}
