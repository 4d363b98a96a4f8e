//! What a browser makes of the answer, by the Fetch standard: "CORS check", "CORS-preflight fetch",
//! "CORS-safelisted response-header name".

use std::fmt;

use http::StatusCode;
#[cfg(feature = "serde")]
use serde::ser::SerializeStruct;

use crate::decision::Decision;
use crate::explain::Question;
use crate::lint::{READABLE, UNREADABLE};
use crate::outcome::{Denial, Outcome};
use crate::request::{RequestFields, RequestKind};
use crate::shown::shown;
use crate::syntax::list_elements;

/// What a browser makes of the answer.
///
/// Only what the request shows is known. That a page listens to the progress of its upload, which
/// takes a preflight too, is not seen; nor are values of headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Browser {
    need: PreflightNeed,
    preflight: Option<Verdicts>,
    preflight_kept_seconds: Option<u64>,
    request: Option<Verdicts>,
    readable: Vec<String>,
}

impl Browser {
    /// Whether it sends a preflight before such a request.
    #[must_use]
    pub fn preflight_need(&self) -> PreflightNeed {
        self.need
    }

    /// What becomes of the preflight. None if the explained request is none.
    #[must_use]
    pub fn preflight(&self) -> Option<&Verdicts> {
        self.preflight.as_ref()
    }

    /// For how long it sends no further preflight for such a request, by the standard: as the answer
    /// says, or 5 seconds. Safari keeps it for 600 at most, Chromium for 7,200, Firefox for 86,400.
    /// None if it does not accept it.
    #[must_use]
    pub fn preflight_kept_seconds(&self) -> Option<u64> {
        self.preflight_kept_seconds
    }

    /// What becomes of the request itself. Of an explained preflight, that is the request that
    /// follows; None if it is not sent.
    #[must_use]
    pub fn request(&self) -> Option<&Verdicts> {
        self.request.as_ref()
    }

    /// The response headers that the page can read where they are there: the seven that it always
    /// can, then those that are exposed, spelt as the answer spells them. Never `Set-Cookie`. None
    /// where it can't read the answer.
    #[must_use]
    pub fn readable(&self) -> &[String] {
        &self.readable
    }

    /// Whether the page can read a response header, in any case.
    #[must_use]
    pub fn can_read(&self, name: &str) -> bool {
        let mut readable = self.readable.iter();
        readable.any(|readable| readable.eq_ignore_ascii_case(name))
    }
}

/// Whether a browser sends a preflight before a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PreflightNeed {
    /// It does: the method is not `GET`, `HEAD` or `POST`.
    Method,
    /// It does: there are headers that are not safelisted.
    Headers,
    /// It does not.
    NotNeeded,
    /// It does if the page adds a header that is not safelisted, which an actual request does not
    /// tell.
    DependsOnHeaders,
}

impl PreflightNeed {
    /// A stable label: the variant in snake case, such as `not_needed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Headers => "headers",
            Self::NotNeeded => "not_needed",
            Self::DependsOnHeaders => "depends_on_headers",
        }
    }
}

impl fmt::Display for PreflightNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of an answer without credentials, and with them (`credentials: "include"`,
/// `withCredentials`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Verdicts {
    without_credentials: Option<Blocked>,
    with_credentials: Option<Blocked>,
}

impl Verdicts {
    /// # Errors
    ///
    /// Why the page does not get the answer if it sends no credentials.
    pub fn without_credentials(&self) -> Result<(), &Blocked> {
        self.without_credentials.as_ref().map_or(Ok(()), Err)
    }

    /// # Errors
    ///
    /// Why the page does not get the answer if it sends credentials.
    pub fn with_credentials(&self) -> Result<(), &Blocked> {
        self.with_credentials.as_ref().map_or(Ok(()), Err)
    }
}

/// Why a browser keeps an answer from the page.
///
/// `Display` is what Chromium's console says behind `has been blocked by CORS policy: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    block: Block,
    of_a_preflight: bool,
}

impl Blocked {
    /// What the browser found.
    #[must_use]
    pub fn block(&self) -> &Block {
        &self.block
    }
}

/// What a browser finds wrong with an answer, in the order in which it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// No `Access-Control-Allow-Origin`.
    NoAllowOrigin,
    /// `Access-Control-Allow-Origin: *` on a request with credentials.
    AnyOriginWithCredentials,
    /// An `Access-Control-Allow-Origin` other than the request's origin, with its value.
    OtherAllowOrigin(String),
    /// No `Access-Control-Allow-Credentials: true` on a request with credentials.
    NoAllowCredentials,
    /// A preflight's status that is not 200 to 299.
    NotOk,
    /// A method that `Access-Control-Allow-Methods` lacks.
    Method(String),
    /// A header that `Access-Control-Allow-Headers` lacks.
    Header(String),
}

impl Block {
    /// A stable code: the variant in snake case, such as `no_allow_origin`. Consoles differ in their
    /// words and change them.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoAllowOrigin => "no_allow_origin",
            Self::AnyOriginWithCredentials => "any_origin_with_credentials",
            Self::OtherAllowOrigin(_) => "other_allow_origin",
            Self::NoAllowCredentials => "no_allow_credentials",
            Self::NotOk => "not_ok",
            Self::Method(_) => "method",
            Self::Header(_) => "header",
        }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.block {
            Block::Method(method) => {
                return write!(
                    f,
                    "Method {method} is not allowed by Access-Control-Allow-Methods in preflight \
                     response."
                );
            }
            Block::Header(name) => {
                return write!(
                    f,
                    "Request header field {name} is not allowed by Access-Control-Allow-Headers \
                     in preflight response."
                );
            }
            _ => {}
        }
        if self.of_a_preflight {
            f.write_str("Response to preflight request doesn't pass access control check: ")?;
        }
        f.write_str(match &self.block {
            Block::NoAllowOrigin => {
                "No 'Access-Control-Allow-Origin' header is present on the requested resource."
            }
            Block::AnyOriginWithCredentials => {
                "The value of the 'Access-Control-Allow-Origin' header in the response must not \
                 be the wildcard '*' when the request's credentials mode is 'include'."
            }
            Block::OtherAllowOrigin(origin) => {
                return write!(
                    f,
                    "The 'Access-Control-Allow-Origin' header has a value '{origin}' that is not \
                     equal to the supplied origin."
                );
            }
            Block::NoAllowCredentials => {
                "The value of the 'Access-Control-Allow-Credentials' header in the response is '' \
                 which must be 'true' when the request's credentials mode is 'include'."
            }
            Block::NotOk => "It does not have HTTP ok status.",
            Block::Method(_) | Block::Header(_) => "",
        })
    }
}

/// The code, and what the console says.
#[cfg(feature = "serde")]
impl serde::Serialize for Blocked {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = to.serialize_struct("Blocked", 2)?;
        fields.serialize_field("code", self.block.as_str())?;
        fields.serialize_field("console", &self.to_string())?;
        fields.end()
    }
}

/// For how long a preflight's answer without `Access-Control-Max-Age` is kept.
const DEFAULT_SECONDS: u64 = 5;

/// What of an answer the browser looks at.
struct Answer {
    allow_origin: Option<String>,
    allow_credentials: Option<String>,
    allow_methods: Option<String>,
    allow_headers: Option<String>,
    expose_headers: Option<String>,
    max_age: Option<String>,
    status: Option<StatusCode>,
}

impl Answer {
    fn of(decision: &Decision<'_>) -> Self {
        let field = |wanted: &str| {
            let mut fields = decision.fields();
            let (_, value) = fields.find(|(name, _)| *name == wanted)?;
            Some(value.into_owned())
        };
        Self {
            allow_origin: field("Access-Control-Allow-Origin"),
            allow_credentials: field("Access-Control-Allow-Credentials"),
            allow_methods: field("Access-Control-Allow-Methods"),
            allow_headers: field("Access-Control-Allow-Headers"),
            expose_headers: field("Access-Control-Expose-Headers"),
            max_age: field("Access-Control-Max-Age"),
            status: decision.preflight_status(),
        }
    }

    /// Fetch, CORS check.
    fn cors_check(&self, origin: &[u8], include: bool) -> Result<(), Block> {
        match self.allow_origin.as_deref() {
            None => return Err(Block::NoAllowOrigin),
            Some("*") if include => return Err(Block::AnyOriginWithCredentials),
            Some("*") => return Ok(()),
            Some(other) if other.as_bytes() != origin => {
                return Err(Block::OtherAllowOrigin(shown(other.as_bytes())));
            }
            Some(_) => {}
        }
        if include && self.allow_credentials.as_deref() != Some("true") {
            return Err(Block::NoAllowCredentials);
        }
        Ok(())
    }

    /// Fetch, CORS-preflight fetch, from step 7 on. A `*` in the two lists is not looked for: no
    /// answer of this crate has one.
    fn preflight_check(&self, asked: &Page<'_>, include: bool) -> Result<(), Block> {
        self.cors_check(asked.origin, include)?;
        if !self.status.is_none_or(|status| status.is_success()) {
            return Err(Block::NotOk);
        }
        let methods = self.allow_methods.as_deref().unwrap_or_default();
        let mut methods = list_elements(methods.as_bytes());
        if !is_safelisted(asked.method) && !methods.any(|method| method == asked.method) {
            return Err(Block::Method(shown(asked.method)));
        }
        let allowed = self.allow_headers.as_deref().unwrap_or_default().as_bytes();
        for name in asked.names {
            if !list_elements(allowed).any(|allowed| allowed.eq_ignore_ascii_case(name)) {
                return Err(Block::Header(shown(name)));
            }
        }
        Ok(())
    }

    fn of_a_preflight(&self, asked: &Page<'_>) -> Verdicts {
        let verdict = |include| {
            let verdict = self.preflight_check(asked, include);
            verdict.err().map(|block| Blocked {
                block,
                of_a_preflight: true,
            })
        };
        Verdicts {
            without_credentials: verdict(false),
            with_credentials: verdict(true),
        }
    }

    fn of_a_request(&self, asked: &Page<'_>) -> Verdicts {
        let verdict = |include| {
            let verdict = self.cors_check(asked.origin, include);
            verdict.err().map(|block| Blocked {
                block,
                of_a_preflight: false,
            })
        };
        Verdicts {
            without_credentials: verdict(false),
            with_credentials: verdict(true),
        }
    }

    /// Fetch, CORS-preflight fetch: what it does with `Access-Control-Max-Age`.
    fn kept_seconds(&self) -> u64 {
        let max_age = self.max_age.as_deref().map(str::parse);
        max_age.and_then(Result::ok).unwrap_or(DEFAULT_SECONDS)
    }

    fn readable(&self) -> Vec<String> {
        readable_of(self.expose_headers.as_deref())
    }
}

/// Fetch, CORS-safelisted response-header name, less the forbidden ones: of an answer that exposes
/// this list.
fn readable_of(exposed: Option<&str>) -> Vec<String> {
    let is_one_of = |few: &[&str], name: &[u8]| {
        let mut few = few.iter();
        few.any(|one| one.as_bytes().eq_ignore_ascii_case(name))
    };
    let exposed = list_elements(exposed.unwrap_or_default().as_bytes())
        .filter(|name| !is_one_of(&UNREADABLE, name) && !is_one_of(&READABLE, name));
    let always = READABLE.iter().map(|name| (*name).to_owned());
    always.chain(exposed.map(shown)).collect()
}

/// What the page asks for.
struct Page<'a> {
    origin: &'a [u8],
    method: &'a [u8],
    names: &'a [Vec<u8>],
}

/// Fetch, CORS-safelisted method.
fn is_safelisted(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// The request that follows a preflight, as far as the preflight tells: it asks for no names, so
/// that another rule may decide it.
pub(super) fn following<'q>(
    decision: &Decision<'_>,
    question: &Question<'q>,
) -> Option<RequestFields<'q>> {
    let is_sent = decision.kind() == RequestKind::Preflight && decision.rule().is_some();
    let fields = RequestFields::new(question.method?, [("origin", question.origin?)]);
    is_sent.then_some(fields)
}

/// What a page can read of an answer that exposes the one list, and not of one with the other.
pub(super) fn hidden(exposed: Option<&str>, from: Option<&str>) -> Vec<String> {
    let by_the_other = readable_of(from);
    let is_hidden = |name: &String| {
        let mut readable = by_the_other.iter();
        !readable.any(|readable| readable.eq_ignore_ascii_case(name))
    };
    let readable = readable_of(exposed).into_iter();
    readable.filter(is_hidden).collect()
}

/// None for what no browser sends.
pub(super) fn of(
    decision: &Decision<'_>,
    follows: Option<&Decision<'_>>,
    question: &Question<'_>,
) -> Option<Browser> {
    let kind = decision.kind();
    let is_preflight = match kind {
        RequestKind::Preflight => true,
        RequestKind::Actual => false,
        RequestKind::Options | RequestKind::NotCors => return None,
    };
    if decision.outcome() == Outcome::Denied(Denial::MalformedOrigin) {
        return None;
    }
    let page = Page {
        origin: question.origin?,
        method: if is_preflight {
            question.method?
        } else {
            question.own_method
        },
        names: &question.names,
    };
    let need = if !is_safelisted(page.method) {
        PreflightNeed::Method
    } else if !is_preflight {
        PreflightNeed::DependsOnHeaders
    } else if page.names.is_empty() {
        PreflightNeed::NotNeeded
    } else {
        PreflightNeed::Headers
    };

    let answer = Answer::of(decision);
    if !is_preflight {
        let request = answer.of_a_request(&page);
        return Some(Browser {
            need,
            preflight: None,
            preflight_kept_seconds: None,
            readable: readable(&request, &answer),
            request: Some(request),
        });
    }
    let preflight = answer.of_a_preflight(&page);
    let is_accepted = preflight.without_credentials().is_ok();
    let mut browser = Browser {
        need,
        request: None,
        readable: Vec::new(),
        preflight_kept_seconds: is_accepted.then(|| answer.kept_seconds()),
        preflight: Some(preflight),
    };
    if let Some(follows) = follows {
        let answer = Answer::of(follows);
        let request = answer.of_a_request(&page);
        browser.readable = readable(&request, &answer);
        browser.request = Some(request);
    }
    Some(browser)
}

fn readable(request: &Verdicts, answer: &Answer) -> Vec<String> {
    match request.without_credentials() {
        Ok(()) => answer.readable(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::{Answer, Block, Blocked, Page};

    const ORIGIN: &str = "https://a.test";

    fn answer() -> Answer {
        Answer {
            allow_origin: Some(ORIGIN.to_owned()),
            allow_credentials: Some("true".to_owned()),
            allow_methods: Some("GET, PUT".to_owned()),
            allow_headers: Some("x-a, X-B".to_owned()),
            expose_headers: Some("ETag, set-cookie, content-type".to_owned()),
            max_age: None,
            status: Some(StatusCode::OK),
        }
    }

    #[track_caller]
    fn verdicts(answer: &Answer, method: &str, names: &[&str]) -> [Option<Block>; 2] {
        let names: Vec<Vec<u8>> = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        let page = Page {
            origin: ORIGIN.as_bytes(),
            method: method.as_bytes(),
            names: &names,
        };
        let verdicts = answer.of_a_preflight(&page);
        let block = |verdict: Result<(), &Blocked>| verdict.err().map(|at| at.block().clone());
        [
            block(verdicts.without_credentials()),
            block(verdicts.with_credentials()),
        ]
    }

    /// Most of these no answer of this crate can earn.
    #[test]
    fn a_preflight_is_checked_in_the_order_of_the_standard() {
        let good = answer();
        assert_eq!(verdicts(&good, "PUT", &["x-a", "x-b"]), [None, None]);
        assert_eq!(verdicts(&good, "POST", &[]), [None, None]);
        let method = || Some(Block::Method("DELETE".to_owned()));
        assert_eq!(verdicts(&good, "DELETE", &["x-c"]), [method(), method()]);
        let header = || Some(Block::Header("x-c".to_owned()));
        assert_eq!(
            verdicts(&good, "PUT", &["x-a", "x-c"]),
            [header(), header()]
        );
        let refused = Answer {
            status: Some(StatusCode::FORBIDDEN),
            ..answer()
        };
        let status = || Some(Block::NotOk);
        assert_eq!(verdicts(&refused, "DELETE", &[]), [status(), status()]);
        let silent = Answer {
            allow_credentials: None,
            ..answer()
        };
        let silence = Some(Block::NoAllowCredentials);
        assert_eq!(verdicts(&silent, "PUT", &[]), [None, silence]);
        let star = Answer {
            allow_origin: Some("*".to_owned()),
            ..answer()
        };
        let any = Some(Block::AnyOriginWithCredentials);
        assert_eq!(verdicts(&star, "PUT", &[]), [None, any]);
        let other = Answer {
            allow_origin: Some("https://b.test".to_owned()),
            status: Some(StatusCode::FORBIDDEN),
            ..answer()
        };
        let theirs = || Some(Block::OtherAllowOrigin("https://b.test".to_owned()));
        assert_eq!(verdicts(&other, "PUT", &[]), [theirs(), theirs()]);
        let none = Answer {
            allow_origin: None,
            ..answer()
        };
        let nothing = || Some(Block::NoAllowOrigin);
        assert_eq!(verdicts(&none, "PUT", &[]), [nothing(), nothing()]);
    }

    #[test]
    fn cookies_stay_hidden_and_nothing_comes_twice() {
        let readable = answer().readable();
        assert_eq!(readable.len(), 8);
        assert_eq!(readable.last().map(String::as_str), Some("ETag"));
    }

    macro_rules! console {
        ($($block:expr, $of_a_preflight:literal => $says:literal,)*) => {
            #[test]
            fn the_console_says() {
                $(
                    let (block, of_a_preflight) = ($block, $of_a_preflight);
                    assert_eq!(Blocked { block, of_a_preflight }.to_string(), $says);
                )*
            }
        };
    }

    console! {
        Block::NoAllowOrigin, false => "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
        Block::NoAllowOrigin, true => "Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
        Block::AnyOriginWithCredentials, false => "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
        Block::OtherAllowOrigin("https://b.test".to_owned()), false => "The 'Access-Control-Allow-Origin' header has a value 'https://b.test' that is not equal to the supplied origin.",
        Block::NoAllowCredentials, false => "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.",
        Block::NotOk, true => "Response to preflight request doesn't pass access control check: It does not have HTTP ok status.",
        Block::Method("PUT".to_owned()), true => "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
        Block::Header("x-foo".to_owned()), true => "Request header field x-foo is not allowed by Access-Control-Allow-Headers in preflight response.",
    }
}
