//! Fetch, CORS-preflight cache. `Vary` plays no part in it.

use crate::answer::Permission;
use crate::request::Request;
use crate::url::Url;

#[derive(Debug, Default)]
pub struct PreflightCache {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    origin: String,
    url: Url,
    includes_credentials: bool,
    /// The second from which it is no longer there.
    until: u64,
    of: Cached,
}

#[derive(Debug, PartialEq, Eq)]
enum Cached {
    Method(String),
    /// In lower case.
    Name(String),
}

impl PreflightCache {
    /// Fetch, create a new cache entry: one for each method and each name.
    pub fn remember(&mut self, request: &Request, permission: &Permission, now: u64) {
        let methods = permission.methods.iter().cloned().map(Cached::Method);
        let names = permission.names.iter();
        let names = names.map(|name| Cached::Name(name.to_ascii_lowercase()));
        for of in methods.chain(names) {
            self.entries
                .retain(|entry| !(entry.matches(request) && entry.of == of));
            self.entries.push(Entry {
                origin: request.serialised_origin().to_owned(),
                url: request.url().clone(),
                includes_credentials: request.includes_credentials(),
                until: now + permission.max_age_seconds,
                of,
            });
        }
    }

    /// Fetch, method cache entry match.
    pub fn has_method(&self, request: &Request, now: u64) -> bool {
        self.matching(request, now).any(
            |of| matches!(of, Cached::Method(method) if *method == request.method || method == "*"),
        )
    }

    /// Fetch, header-name cache entry match. `name` is in lower case.
    pub fn has_name(&self, request: &Request, name: &str, now: u64) -> bool {
        let star = name != "authorization";
        self.matching(request, now)
            .any(|of| matches!(of, Cached::Name(other) if other == name || (star && other == "*")))
    }

    /// Fetch, clear cache entries.
    pub fn clear(&mut self, request: &Request) {
        self.entries.retain(|entry| !entry.is_at(request));
    }

    fn matching(&self, request: &Request, now: u64) -> impl Iterator<Item = &Cached> {
        self.entries
            .iter()
            .filter(move |entry| now < entry.until && entry.matches(request))
            .map(|entry| &entry.of)
    }
}

impl Entry {
    fn is_at(&self, request: &Request) -> bool {
        self.origin == request.serialised_origin() && self.url == *request.url()
    }

    /// Fetch, cache entry match: what is allowed with credentials is allowed without.
    fn matches(&self, request: &Request) -> bool {
        self.is_at(request) && (self.includes_credentials || !request.includes_credentials())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::CredentialsMode::{self, Include, SameOrigin};
    use crate::url::Origin;

    const PUT: (&str, &str, &str) = ("https://a.test", "https://b.test/1", "PUT");

    fn request((page, url, method): (&str, &str, &str), mode: CredentialsMode) -> Request {
        Request::new(Origin::of(page), url, method, &[])
            .unwrap()
            .with_credentials(mode)
    }

    fn cache(method: &str, name: &str, mode: CredentialsMode) -> PreflightCache {
        let permission = Permission {
            methods: vec![method.to_owned()],
            names: vec![name.to_owned()],
            max_age_seconds: 10,
        };
        let mut cache = PreflightCache::default();
        cache.remember(&request(PUT, mode), &permission, 0);
        cache
    }

    macro_rules! remembered {
        ($($name:ident: $stored:ident, $page:literal $url:literal $method:literal $asked:ident at $now:literal => $hit:literal,)*) => {$(
            #[test]
            fn $name() {
                let request = request(($page, $url, $method), $asked);
                assert_eq!(cache("PUT", "X", $stored).has_method(&request, $now), $hit);
            }
        )*};
    }

    remembered! {
        the_same:            SameOrigin, "https://a.test" "https://b.test/1" "PUT" SameOrigin at 9  => true,
        until_its_age:       SameOrigin, "https://a.test" "https://b.test/1" "PUT" SameOrigin at 10 => false,
        of_another_page:     SameOrigin, "https://c.test" "https://b.test/1" "PUT" SameOrigin at 0  => false,
        of_another_url:      SameOrigin, "https://a.test" "https://b.test/2" "PUT" SameOrigin at 0  => false,
        of_another_method:   SameOrigin, "https://a.test" "https://b.test/1" "POST" SameOrigin at 0 => false,
        with_serves_without: Include,    "https://a.test" "https://b.test/1" "PUT" SameOrigin at 0  => true,
        without_serves_not:  SameOrigin, "https://a.test" "https://b.test/1" "PUT" Include at 0     => false,
    }

    #[test]
    fn names_are_remembered_in_any_case() {
        let cache = cache("PUT", "X-A", SameOrigin);
        let request = request(PUT, SameOrigin);
        assert!(cache.has_name(&request, "x-a", 0));
        assert!(!cache.has_name(&request, "x-b", 0));
    }

    #[test]
    fn a_star_is_every_name_but_authorization() {
        let cache = cache("*", "*", SameOrigin);
        let request = request(PUT, SameOrigin);
        assert!(cache.has_method(&request, 0));
        assert!(cache.has_name(&request, "x-a", 0));
        assert!(!cache.has_name(&request, "authorization", 0));
    }

    #[test]
    fn a_failure_clears_what_was_remembered() {
        let mut cache = cache("PUT", "x", SameOrigin);
        cache.clear(&request(PUT, SameOrigin));
        assert!(!cache.has_method(&request(PUT, SameOrigin), 0));
    }
}
