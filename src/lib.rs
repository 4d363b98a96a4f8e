//! Evaluates an object-storage bucket's CORS document for a request, and says what the server must
//! answer.
//!
//! Object stores let each bucket carry a CORS document: rules of origins with at most one `*`,
//! methods, headers, exposed headers and a max age. This crate reads the document of Tencent COS,
//! Amazon S3 and stores that speak like them, checks it as the provider would, and answers as the
//! provider does.
//!
//! ```text
//! document ---> Configuration ---> RuleSet ---> evaluate(&Request) ---> Decision ---> response
//! XML / JSON    what it says       what it      always answers,        outcome,      fields
//! error: where                     means        never allocates        rule, why
//!                                  error: every
//!                                  fault
//! ```
//!
#![cfg_attr(feature = "xml", doc = "```")]
#![cfg_attr(not(feature = "xml"), doc = "```ignore")]
//! use bucket_cors::{Configuration, Denial, Outcome, Profile, RuleSet};
//!
//! // Once, when the bucket's document changes.
//! let document = br#"
//!     <CORSConfiguration>
//!       <CORSRule>
//!         <AllowedOrigin>https://*.example.com</AllowedOrigin>
//!         <AllowedMethod>PUT</AllowedMethod>
//!         <AllowedHeader>*</AllowedHeader>
//!       </CORSRule>
//!     </CORSConfiguration>"#;
//! let configuration = Configuration::from_xml(document, Profile::COS)?;
//! let rules = RuleSet::compile(&configuration, Profile::COS)?;
//!
//! // For each request.
//! let upload = |origin: &str| {
//!     http::Request::options("/photo.jpg")
//!         .header("Origin", origin)
//!         .header("Access-Control-Request-Method", "PUT")
//!         .header("Access-Control-Request-Headers", "content-type")
//!         .body(())
//! };
//! let request = upload("https://www.example.com")?;
//! let decision = rules.evaluate(&request);
//! assert_eq!(decision.outcome(), Outcome::Allowed { rule: 0 });
//! let mut response = http::HeaderMap::new();
//! decision.write_to(&mut response);
//! assert_eq!(response["Access-Control-Allow-Origin"], "https://www.example.com");
//! assert_eq!(response["Access-Control-Allow-Headers"], "content-type");
//!
//! let request = upload("https://example.org")?;
//! let decision = rules.evaluate(&request);
//! assert_eq!(decision.outcome(), Outcome::Denied(Denial::Origin));
//! assert_eq!(decision.preflight_status(), Some(http::StatusCode::FORBIDDEN));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//!
//! **CORS authorises nothing.** A [`Decision`] says which headers to add; the browser enforces it.
//! A denied *actual* request is served all the same, without CORS headers, and a preflight must
//! need no credentials and have no effect. Cross-site writes that need no preflight, and attacks by
//! DNS rebinding, pass CORS by entirely.
//!
//! There is no authentication here, no bucket policy, routing, storage or CDN behaviour, no Private
//! Network Access (withdrawn by browsers), no regular expression, no configuration per path.
//!
//! # In a server
//!
//! 1. Keep a [`RuleSet`] for each bucket, [`RuleSet::not_configured`] for one without a document.
//! 2. [`evaluate`](RuleSet::evaluate) every request. It takes `&http::Request<B>`,
//!    `&http::request::Parts`, a [`Request`], or [`&RequestFields`](RequestFields) from servers
//!    with types of their own.
//! 3. If [`preflight_status`](Decision::preflight_status) is some, answer with it, and with the
//!    body of [`preflight_error`](Decision::preflight_error) if that is some. If not, serve the
//!    request.
//! 4. [`write_to`](Decision::write_to) **every** response: denied, not CORS, 304, 403, 404 and
//!    redirects too. Without `http` types: remove what it [`replaces`](Decision::replaces), set its
//!    [`fields`](Decision::fields), add its [`vary`](Decision::vary).
//!
//! The README has both as code.
//!
//! # Documents
//!
//! [`Configuration::from_xml`] and [`Configuration::from_json`] read what `PUT ?cors` and the
//! providers' tools send, and refuse with a [`ParseError`]: what, on which line.
//! [`RuleSet::compile`] refuses with a [`CompileError`] that holds **every** [`Fault`]. Each error
//! also knows the `code` and `message` that the provider would answer. What a provider accepts is
//! accepted, even where it can't work.
//!
//! For editors and command lines, a [`Document`] keeps where in the text each part stands, so that a
//! fault or a finding can be shown at its [`Place`].
//!
//! # Matching
//!
//! The first rule in document order decides for which all three hold: an origin matches, the method
//! is listed, and every requested header matches. In an `AllowedOrigin` or `AllowedHeader` one `*`
//! stands for zero or more bytes, anywhere, and its two ends do not overlap; everything else is
//! literal. Origins are compared byte for byte and never parsed; `null` is covered by `*` and by
//! itself only. Header names ignore ASCII case.
//!
//! # Why was it denied?
//!
//! [`Configuration::lint`] says before anything is denied what a provider takes and its owner hardly
//! means, each [`Finding`] with a code, its place, a reason and often a [`Fix`].
//!
//! [`RuleSet::explain`] answers for people: the first line of an [`Explanation`](explain::Explanation)
//! names the cause and what to change, such as an entry that differs from the origin in its scheme
//! or a trailing `/`. Behind it stand the steps, how each rule does, the answer, and what a browser
//! makes of it, with the error that its console shows.
//!
//! # Caches
//!
//! An answer that depends on `Origin` and does not say so is served by a cache to the next site. So
//! by default ([`Vary::Safe`]) every answer of a configured bucket carries `Vary`, the denied ones
//! and those without `Origin` too. One thing no `Vary` can cover: a cache may answer `HEAD` from a
//! stored `GET`, so rules that treat the two differently are confused by it.
//!
//! # Hostile input
//!
//! Nothing panics and nothing is unbounded. A document is at most 64 KiB, and to read and compile it
//! takes memory in proportion: beyond 4 KiB, usually four bytes for each of its own, and where all
//! its rules are empty, which is the worst, 260. A [`Document`] takes up to 50 more. A request's
//! `Origin` is at most 2,048 bytes; its `Access-Control-Request-Headers` 8 lines, 8,192 bytes, 128
//! names. Beyond a limit the request is denied before it is read.
//! [`evaluate`](RuleSet::evaluate) never allocates.
//!
//! # Features
//!
//! | feature | adds | on by default |
//! |---|---|---|
//! | `xml` | [`Configuration::from_xml`], [`Configuration::to_xml`], [`Document::from_xml`] | yes |
//! | `json` | [`Configuration::from_json`], [`Configuration::to_json`], [`Document::from_json`]; needs `serde` | yes |
//! | `serde` | `Serialize` and `Deserialize` for [`Configuration`] and [`Rule`], `Serialize` for findings and explanations | yes |
//! | `tower` | [`layer::CorsLayer`] for axum, hyper and every other `tower` stack | no |
//!
//! What tells the two forms apart needs both: [`Configuration::parse`], [`RuleSet::parse`] and
//! [`Document::read`]. With none, configurations are built from [`Rule`]s.
//!
//! Every rule stands, numbered and with its source, in `docs/semantics.md`.
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]
// Nothing that input can reach may panic; tests may.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod compile;
mod configuration;
mod decision;
#[cfg(any(feature = "xml", feature = "json"))]
mod document;
mod element;
mod error;
mod evaluate;
pub mod explain;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "tower")]
pub mod layer;
mod lint;
mod matcher;
mod names;
mod outcome;
#[cfg(all(feature = "xml", feature = "json"))]
mod parse;
mod place;
mod profile;
mod refusal;
mod request;
mod ruleset;
mod shown;
#[cfg(any(feature = "xml", feature = "json"))]
mod spans;
mod syntax;
#[cfg(any(feature = "xml", feature = "json"))]
mod text;
mod value;
mod words;
mod write;
#[cfg(feature = "xml")]
mod xml;

pub use configuration::{Configuration, Rule};
pub use decision::Decision;
#[cfg(any(feature = "xml", feature = "json"))]
pub use document::Document;
pub use element::Element;
pub use error::{
    CompileError, Error, Fault, FaultKind, ParseError, ParseErrorKind, Position, ProviderError,
};
pub use lint::{Edit, Finding, Fix, Lint, Severity};
pub use outcome::{Denial, Outcome};
pub use place::Place;
pub use profile::{Credentials, Profile, Vary};
pub use request::{Request, RequestFields, RequestKind};
pub use ruleset::RuleSet;

#[cfg(all(doctest, feature = "xml", feature = "json", feature = "tower"))]
#[doc = include_str!("../README.md")]
struct Readme;
