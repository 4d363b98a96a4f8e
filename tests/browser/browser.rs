//! The browser: what it sends, in which order, and when it gives up.

use http::Response;
use http::header::LOCATION;

use crate::answer::{AuthorizationWildcard, Failure, cors_check, preflight_verdict};
use crate::cache::PreflightCache;
use crate::request::{Request, is_safelisted_method};
use crate::url::Url;

/// Everything that can be asked, each origin for itself.
pub type World<'w> = &'w dyn Fn(&Url, &http::Request<()>) -> Response<()>;

#[derive(Debug)]
pub struct Browser {
    pub wildcard: AuthorizationWildcard,
    /// In seconds.
    pub now: u64,
    /// How many preflights it has sent.
    pub preflights: usize,
    cache: PreflightCache,
}

impl Browser {
    pub fn new(wildcard: AuthorizationWildcard) -> Self {
        Self {
            wildcard,
            now: 0,
            preflights: 0,
            cache: PreflightCache::default(),
        }
    }

    /// Fetch, main fetch: the answer, if the page may have it.
    pub fn fetch(&mut self, mut request: Request, world: World) -> Result<Response<()>, Failure> {
        const MOST_REDIRECTS: usize = 20;

        // The response tainting: it never goes back to `basic`.
        let mut across_origins = false;
        loop {
            across_origins |= !request.origin.is_that_of(request.url());
            let answer = if across_origins {
                self.fetch_across_origins(&request, world)?
            } else {
                world(request.url(), &request.actual())
            };
            if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            if request.urls.len() > MOST_REDIRECTS {
                return Err(Failure::Redirect);
            }
            let status = answer.status().as_u16();
            let location = answer.headers().get(LOCATION);
            let url = location.and_then(|url| Url::parse(url.to_str().ok()?));
            redirect(&mut request, status, url, across_origins)?;
        }
    }

    /// Fetch, HTTP fetch, where the response tainting is `cors`.
    fn fetch_across_origins(
        &mut self,
        request: &Request,
        world: World,
    ) -> Result<Response<()>, Failure> {
        let with_preflight = request.needs_preflight();
        let answer = if with_preflight {
            self.send_preflight(request, world)
        } else {
            Ok(())
        };
        let answer = answer.and_then(|()| {
            let answer = world(request.url(), &request.actual());
            // Of a redirect, too.
            cors_check(request, answer.headers())?;
            Ok(answer)
        });
        if with_preflight && answer.is_err() {
            self.cache.clear(request);
        }
        answer
    }

    /// Fetch, CORS-preflight fetch, unless the cache knows the method and each name.
    fn send_preflight(&mut self, request: &Request, world: World) -> Result<(), Failure> {
        let safelisted = is_safelisted_method(&request.method) && !request.use_preflight;
        let method = safelisted || self.cache.has_method(request, self.now);
        let mut names = request.unsafe_names().into_iter();
        if method && names.all(|name| self.cache.has_name(request, &name, self.now)) {
            return Ok(());
        }
        self.preflights += 1;
        let answer = world(request.url(), &request.preflight());
        let permission = preflight_verdict(request, &answer, self.wildcard)?;
        self.cache.remember(request, &permission, self.now);
        Ok(())
    }
}

/// Fetch, HTTP-redirect fetch.
fn redirect(
    request: &mut Request,
    status: u16,
    url: Option<Url>,
    across_origins: bool,
) -> Result<(), Failure> {
    const OF_A_BODY: &[&str] = &[
        "content-encoding",
        "content-language",
        "content-location",
        "content-type",
    ];

    let url = url.ok_or(Failure::Redirect)?;
    let leaves_home = !request.origin.is_that_of(&url);
    if url.includes_credentials && (across_origins || leaves_home) {
        return Err(Failure::Redirect);
    }
    let becomes_get = match status {
        301 | 302 => request.method == "POST",
        303 => !matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => false,
    };
    if becomes_get {
        "GET".clone_into(&mut request.method);
        request
            .headers
            .retain(|(name, _)| !OF_A_BODY.contains(&name.to_ascii_lowercase().as_str()));
    }
    if url.origin != request.url().origin {
        request
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    }
    request.urls.push(url);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common;
    use crate::url::Origin;
    use AuthorizationWildcard::AsWritten;

    const A: &str = "https://a.test";
    const BUCKET: &str = "https://bucket.test/";

    #[track_caller]
    fn request(url: &str, method: &str, headers: &[(&str, &str)]) -> Request {
        Request::new(Origin::of(A), url, method, headers).unwrap()
    }

    /// `/` sends everybody to `to`; whatever else there is says yes to anything but a tainted
    /// origin, and echoes the method.
    fn world(status: u16, to: &'static str) -> impl Fn(&Url, &http::Request<()>) -> Response<()> {
        move |url, sent| {
            let answer = Response::builder()
                .header("access-control-allow-origin", A)
                .header("access-control-allow-methods", "PUT")
                .header("access-control-allow-headers", "authorization,x")
                .header("sent-method", sent.method().as_str())
                .header("sent-names", names(sent));
            let answer = match url.path.as_str() {
                "/" if sent.method() != "OPTIONS" => answer.status(status).header("location", to),
                _ => answer,
            };
            answer.body(()).unwrap()
        }
    }

    fn names(sent: &http::Request<()>) -> String {
        let names: Vec<&str> = sent
            .headers()
            .keys()
            .map(http::HeaderName::as_str)
            .collect();
        names.join(" ")
    }

    macro_rules! redirects {
        ($($name:ident: $method:literal $url:literal $status:literal $to:literal => $sent:expr,)*) => {$(
            #[test]
            fn $name() {
                let request = request($url, $method, &[("Content-Type", "text/plain")]);
                let answer = Browser::new(AsWritten).fetch(request, &world($status, $to));
                let sent = answer.map(|answer| {
                    ["sent-method", "sent-names"]
                        .map(|name| answer.headers()[name].to_str().unwrap().to_owned())
                        .join(" ")
                });
                assert_eq!(sent, $sent.map(str::to_owned));
            }
        )*};
    }

    const NO_ORIGIN: Result<&str, Failure> = Err(Failure::AllowOrigin);
    const NO_REDIRECT: Result<&str, Failure> = Err(Failure::Redirect);

    // Fetch, HTTP-redirect fetch.
    redirects! {
        a_301_keeps_put:        "PUT"  "https://bucket.test/" 301 "https://bucket.test/1" => Ok("PUT origin content-type"),
        a_302_makes_post_a_get: "POST" "https://bucket.test/" 302 "https://bucket.test/1" => Ok("GET origin"),
        a_303_makes_put_a_get:  "PUT"  "https://bucket.test/" 303 "https://bucket.test/1" => Ok("GET origin"),
        a_303_keeps_head:       "HEAD" "https://bucket.test/" 303 "https://bucket.test/1" => Ok("HEAD origin content-type"),
        a_307_keeps_post:       "POST" "https://bucket.test/" 307 "https://bucket.test/1" => Ok("POST origin content-type"),
        from_home_to_a_bucket:  "PUT"  "https://a.test/"      307 "https://bucket.test/1" => Ok("PUT origin content-type"),
        to_another_bucket:      "GET"  "https://bucket.test/" 307 "https://other.test/1"  => NO_ORIGIN,
        nowhere:                "GET"  "https://bucket.test/" 307 "ftp://bucket.test/"    => NO_REDIRECT,
        with_a_password:        "GET"  "https://bucket.test/" 307 "https://u:p@bucket.test/1" => NO_REDIRECT,
        for_ever:               "GET"  "https://bucket.test/" 307 "https://bucket.test/"  => NO_REDIRECT,
    }

    #[test]
    fn authorization_does_not_go_to_another_origin() {
        let request = request("https://a.test/", "GET", &[("Authorization", "secret")]);
        let mut browser = Browser::new(AsWritten);
        let answer = browser.fetch(request, &world(307, "https://bucket.test/1"));
        assert_eq!(answer.unwrap().headers()["sent-names"], "origin");
        assert_eq!(browser.preflights, 0);
    }

    #[test]
    fn a_redirect_passes_the_check_itself() {
        let world = |_: &Url, _: &http::Request<()>| {
            let answer = Response::builder()
                .status(307)
                .header("location", "https://bucket.test/1");
            answer.body(()).unwrap()
        };
        let answer = Browser::new(AsWritten).fetch(request(BUCKET, "GET", &[]), &world);
        assert_eq!(answer.err(), Some(Failure::AllowOrigin));
    }

    #[test]
    fn a_page_needs_no_leave_at_home() {
        let world = |_: &Url, _: &http::Request<()>| Response::new(());
        let mut browser = Browser::new(AsWritten);
        let own = request("https://a.test/1", "PUT", &[("x", "1")]);
        assert!(browser.fetch(own, &world).is_ok());
        assert_eq!(browser.preflights, 0);
    }

    #[test]
    fn one_preflight_serves_until_its_age() {
        let world = |_: &Url, _: &http::Request<()>| {
            let mut answer = Response::new(());
            *answer.headers_mut() = common::headers(&[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-headers", "x"),
                ("access-control-max-age", "10"),
            ]);
            answer
        };
        let mut browser = Browser::new(AsWritten);
        for (now, preflights) in [(0, 1), (9, 1), (10, 2)] {
            browser.now = now;
            let get = request(BUCKET, "GET", &[("x", "1")]);
            browser.fetch(get, &world).unwrap();
            assert_eq!(browser.preflights, preflights);
        }
    }
}
