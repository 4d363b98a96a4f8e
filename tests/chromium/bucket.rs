//! A bucket of one scenario's own, and the pages that ask for what is in it.
//!
//! Whatever a page asks is asked of the browser in miniature as well: it must send the same, end
//! the same, and let the page read the same header names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;

use bucket_cors::{Configuration, Rule};
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{Method, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{AuthorizationWildcard, readable_names};
use crate::browser::Browser;
use crate::model::Cache;
use crate::request::{self, CredentialsMode};
use crate::server::Server;
use crate::url::{Origin, Url};
use crate::webdriver::Chromium;
use crate::wire;

const SCRIPT: &str = include_str!("page.js");

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A port of 127.0.0.1.
    A,
    /// Another port of it: another origin, but the same site.
    B,
    /// `localhost`: another site.
    Elsewhere,
    /// In a sandboxed frame of `A`.
    Sandboxed,
}

/// The ports of the pages.
pub struct Pages {
    a: u16,
    b: u16,
}

impl Pages {
    pub fn serve() -> Self {
        let [a, b] = std::array::from_fn(|_| wire::serve_blank_pages().unwrap());
        Self { a, b }
    }

    fn origin(&self, page: Page) -> String {
        match page {
            Page::A => format!("http://127.0.0.1:{}", self.a),
            Page::B => format!("http://127.0.0.1:{}", self.b),
            Page::Elsewhere => format!("http://localhost:{}", self.a),
            Page::Sandboxed => "null".to_owned(),
        }
    }
}

/// What a page asks for.
#[derive(Clone, Debug)]
pub struct Fetch {
    method: &'static str,
    key: String,
    headers: Vec<(&'static str, &'static str)>,
    credentials: CredentialsMode,
    is_upload: bool,
}

pub fn fetch(method: &'static str, key: impl Into<String>) -> Fetch {
    Fetch {
        method,
        key: key.into(),
        headers: Vec::new(),
        credentials: CredentialsMode::SameOrigin,
        is_upload: false,
    }
}

pub fn get(key: impl Into<String>) -> Fetch {
    fetch("GET", key)
}

impl Fetch {
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn with_credentials(mut self) -> Self {
        self.credentials = CredentialsMode::Include;
        self
    }

    /// By `XMLHttpRequest`, listening to the upload's progress.
    pub fn listened_to(mut self) -> Self {
        self.is_upload = true;
        self
    }

    fn body(&self) -> Option<&'static str> {
        matches!(self.method, "POST" | "PUT" | "PATCH").then_some("sent")
    }
}

/// What a page got to see.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

/// What is compared. None: a `TypeError`, which is all that a script learns of a failure.
type Seen = Option<(u16, Vec<String>)>;

pub struct Bucket<'s> {
    pub server: &'s Server,
    chromium: &'s Chromium,
    pages: &'s Pages,
    name: String,
    miniature: RefCell<Browser>,
    /// The miniature's HTTP cache, by the site of the page.
    caches: RefCell<BTreeMap<&'static str, Cache>>,
}

impl<'s> Bucket<'s> {
    pub fn new(chromium: &'s Chromium, pages: &'s Pages, server: &'s Server, name: &str) -> Self {
        let bucket = Self {
            server,
            chromium,
            pages,
            name: name.replace('_', "-"),
            miniature: RefCell::new(miniature()),
            caches: RefCell::default(),
        };
        bucket.send("PUT", "", &[], "");
        bucket
    }

    pub fn origin(&self, page: Page) -> String {
        self.pages.origin(page)
    }

    /// The bucket's document from now on.
    pub fn configure(&self, rules: impl IntoIterator<Item = Rule>) {
        self.configure_all(&Configuration::from_iter(rules));
    }

    pub fn configure_all(&self, configuration: &Configuration) {
        let document = configuration.to_xml(self.server.profile());
        self.send("PUT", "?cors", &[], &document);
    }

    /// An object that no cache keeps.
    pub fn put(&self, key: &str, text: &str) {
        self.put_with(key, &[("cache-control", "no-store")], text);
    }

    pub fn put_with(&self, key: &str, fields: &[(&'static str, &str)], text: &str) {
        let mut all = vec![("content-type", "text/plain")];
        all.extend(fields);
        self.send("PUT", &format!("/{key}"), &all, text);
    }

    /// Not through the browser.
    #[track_caller]
    pub fn send(&self, method: &str, rest: &str, fields: &[(&'static str, &str)], text: &str) {
        let mut request = Request::new(text.as_bytes().to_vec());
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = format!("/{}{rest}", self.name).parse().unwrap();
        for (name, value) in fields {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let answer = wire::send(self.server.address, &request).unwrap();
        let text = String::from_utf8_lossy(answer.body());
        assert!(answer.status().is_success(), "{method} {rest}: {text}");
    }

    pub fn url(&self, key: &str) -> String {
        self.url_at(0, key)
    }

    /// The same object at the server's other origin.
    pub fn url_at(&self, tap: usize, key: &str) -> String {
        format!("{}/{}/{key}", self.server.taps[tap].origin, self.name)
    }

    #[track_caller]
    pub fn reads(&self, page: Page, fetch: &Fetch) -> Answer {
        let answer = self.ask(page, fetch);
        answer.unwrap_or_else(|| {
            panic!("expected: {page:?} reads the answer to {fetch:?}\n     got: TypeError")
        })
    }

    #[track_caller]
    pub fn fails(&self, page: Page, fetch: &Fetch) {
        let answer = self.ask(page, fetch);
        assert!(
            answer.is_none(),
            "expected: TypeError for {page:?} and {fetch:?}\n     got: {answer:#?}"
        );
    }

    #[track_caller]
    pub fn reads_if(&self, expected: bool, page: Page, fetch: &Fetch) {
        if expected {
            self.reads(page, fetch);
        } else {
            self.fails(page, fetch);
        }
    }

    /// Shows the object in an `<img>` without `crossorigin`.
    #[track_caller]
    pub fn shows(&self, page: Page, key: &str) {
        self.shows_as(page, key, &Request::new(()), &Value::Null);
    }

    /// The same with `crossorigin`.
    #[track_caller]
    pub fn shows_across_origins(&self, page: Page, key: &str) {
        let mut request = Request::new(());
        let origin = self.origin(page).parse().unwrap();
        request.headers_mut().insert(ORIGIN, origin);
        self.shows_as(page, key, &request, &json!("anonymous"));
    }

    #[track_caller]
    fn shows_as(&self, page: Page, key: &str, request: &Request<()>, cross_origin: &Value) {
        let url = self.url(key);
        let argument = json!({ "url": url, "crossOrigin": cross_origin });
        let shown = self.in_page(page, "shown", &argument);
        assert_eq!(shown, true, "{page:?} shows {key}");
        // The miniature has no images; its cache does.
        let sent = RefCell::default();
        self.world(page, "", &sent)(&Url::parse(&url).unwrap(), request);
        let of_chromium: Vec<String> = self.sent().iter().map(line).collect();
        assert_eq!(of_chromium, sent.into_inner(), "{page:?} shows {key}");
    }

    /// A cookie for 127.0.0.1, whatever the port.
    pub fn set_cookie(&self) {
        self.in_page(Page::A, "setCookie", &Value::Null);
    }

    /// What came to the server since a page last asked.
    pub fn sent(&self) -> Vec<Request<()>> {
        self.server.seen.lock().unwrap().clone()
    }

    /// The methods of that, which shows whether there was a preflight.
    pub fn methods(&self) -> Vec<String> {
        let sent = self.sent().into_iter();
        sent.map(|request| request.method().to_string()).collect()
    }

    #[track_caller]
    fn ask(&self, page: Page, fetch: &Fetch) -> Option<Answer> {
        let url = self.url(&fetch.key);
        let function = match page {
            Page::Sandboxed => "fetchedInSandbox",
            _ if fetch.is_upload => "uploaded",
            _ => "fetched",
        };
        let credentials = match fetch.credentials {
            CredentialsMode::Include => "include",
            CredentialsMode::SameOrigin => "same-origin",
        };
        let argument = json!({
            "url": url,
            "method": fetch.method,
            "headers": fetch.headers.iter().copied().collect::<BTreeMap<_, _>>(),
            "body": fetch.body(),
            "credentials": credentials,
        });
        let seen = self.in_page(page, function, &argument);
        let answer: Option<Answer> = match seen.get("error") {
            Some(error) => {
                assert_eq!(error, "TypeError", "{page:?} {fetch:?}");
                None
            }
            None => Some(serde_json::from_value(seen).unwrap()),
        };

        let of_chromium: Seen = answer
            .as_ref()
            .map(|answer| (answer.status, answer.headers.keys().cloned().collect()));
        let sent: Vec<String> = self.sent().iter().map(line).collect();
        let (of_miniature, sent_by_miniature) = self.ask_miniature(page, fetch, &url);
        assert_eq!(
            (sent, of_chromium),
            (sent_by_miniature, of_miniature),
            "Chromium (left) and the browser in miniature: {page:?} {fetch:?}"
        );
        answer
    }

    /// Calls a function of `page.js`, in a page that has just been opened.
    fn in_page(&self, page: Page, function: &str, argument: &Value) -> Value {
        let page = match page {
            Page::Sandboxed => Page::A,
            page => page,
        };
        self.chromium.open(&self.origin(page));
        self.server.seen.lock().unwrap().clear();
        self.chromium.call(SCRIPT, function, argument)
    }

    fn ask_miniature(&self, page: Page, fetch: &Fetch, url: &str) -> (Seen, Vec<String>) {
        let origin = Origin::of(&self.origin(page));
        let request = request::Request::new(origin, url, fetch.method, &fetch.headers)
            .expect("nothing that a browser throws at")
            .with_credentials(fetch.credentials)
            .with_use_preflight(fetch.is_upload);
        let sent = RefCell::default();
        let world = self.world(page, fetch.body().unwrap_or_default(), &sent);
        let answer = match page {
            // Fetch, network partition keys: each opaque origin remembers preflights for itself.
            Page::Sandboxed => miniature().fetch(request.clone(), &world),
            _ => self.miniature.borrow_mut().fetch(request.clone(), &world),
        };
        let seen = answer.ok().map(|answer| {
            let names = readable_names(&request, answer.headers());
            (answer.status().as_u16(), names)
        });
        drop(world);
        let sent = sent.into_inner();
        if seen.is_none() && !sent.is_empty() {
            // Chromium stops reading an answer that the page may not have, and then keeps none of it.
            // RFC 9111 would let it, and a shared cache does.
            self.caches.borrow_mut().clear();
        }
        (seen, sent)
    }

    /// The server, behind the miniature's HTTP cache. Writes down what comes to it.
    fn world<'w>(
        &'w self,
        page: Page,
        body: &'static str,
        sent: &'w RefCell<Vec<String>>,
    ) -> impl Fn(&Url, &Request<()>) -> Response<()> + 'w {
        let ask_server = move |request: &Request<()>| {
            sent.borrow_mut().push(line(request));
            let is_preflight = request.method() == Method::OPTIONS;
            let body = if is_preflight { "" } else { body };
            let mut request = request.clone().map(|()| body.as_bytes().to_vec());
            let path = request.uri().path_and_query().unwrap().as_str();
            *request.uri_mut() = path.parse().unwrap();
            wire::send(self.server.address, &request)
                .unwrap()
                .map(|_| ())
        };
        // A frame with an opaque origin has a cache of its own, which goes with it.
        let site = match page {
            Page::A | Page::B => Some("127.0.0.1"),
            Page::Elsewhere => Some("localhost"),
            Page::Sandboxed => None,
        };
        move |url, request| {
            let mut request = request.clone();
            *request.uri_mut() = format!("{}{}", url.origin, url.path).parse().unwrap();
            match site {
                Some(site) => {
                    let mut caches = self.caches.borrow_mut();
                    caches
                        .entry(site)
                        .or_default()
                        .answer(&request, &ask_server)
                }
                None => ask_server(&request),
            }
        }
    }
}

fn miniature() -> Browser {
    Browser::new(AuthorizationWildcard::AsShipped)
}

/// A request in a line, as far as CORS goes.
fn line(request: &Request<()>) -> String {
    let mut line = format!("{} {}", request.method(), request.uri());
    let fields = [
        ORIGIN,
        ACCESS_CONTROL_REQUEST_METHOD,
        ACCESS_CONTROL_REQUEST_HEADERS,
    ];
    for name in fields {
        for value in request.headers().get_all(&name) {
            let _ = write!(line, ", {name}: {value:?}");
        }
    }
    line
}
