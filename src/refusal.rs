//! The answer to an `OPTIONS` request that is refused, as the provider words it.

use std::borrow::Cow;

use http::StatusCode;

use crate::decision::{Decision, Source};
use crate::error::ProviderError;
use crate::names::{MalformedNames, RequestedNames};
use crate::outcome::{Denial, Outcome};
use crate::profile::Profile;
use crate::request::{Asked, Field, RequestKind};
use crate::syntax::quoted;

impl Decision<'_> {
    /// The status to answer an `OPTIONS` request with: 200 if allowed, 400 or 403 if not. None for
    /// every other method: the request is to be served, denied or not.
    #[must_use]
    pub fn preflight_status(&self) -> Option<StatusCode> {
        if !self.is_options() {
            return None;
        }
        match self.outcome() {
            Outcome::NotCors | Outcome::Allowed { .. } => Some(StatusCode::OK),
            Outcome::Denied(denial) => Some(denial.status()),
        }
    }

    /// The error that the provider answers to a refused `OPTIONS` request. None if it is allowed,
    /// and for every other method.
    #[must_use]
    pub fn preflight_error(&self) -> Option<ProviderError<'_>> {
        match (&self.source, self.outcome()) {
            (Source::Borrowed(rules, asked), Outcome::Denied(denial)) if self.is_options() => {
                Some(refusal(rules.profile, denial, asked))
            }
            (Source::Owned { error, .. }, _) => error.as_deref().cloned(),
            (Source::Borrowed(..), _) => None,
        }
    }

    fn is_options(&self) -> bool {
        matches!(self.kind(), RequestKind::Preflight | RequestKind::Options)
    }
}

/// What the provider tells the client (semantics 5.2).
fn refusal<'a>(profile: Profile, denial: Denial, asked: &'a Asked<'a>) -> ProviderError<'a> {
    let texts = &profile.provider().refusals;
    let plain = |(code, text): (&'static str, &'static str)| (code, Cow::Borrowed(text));
    let requested_method = match asked.method {
        Field::Line(line) => Some(quoted(line.bytes())),
        Field::Absent | Field::Several => None,
    };

    let (code, message) = match denial {
        Denial::MissingOrigin => plain(texts.missing_origin),
        Denial::NotConfigured => plain(texts.not_configured),
        Denial::MissingRequestMethod | Denial::InvalidRequestMethod => {
            let (code, text) = texts.request_method;
            let method = requested_method.as_deref().unwrap_or("null");
            (code, Cow::Owned(format!("{text}{method}")))
        }
        Denial::MalformedRequestHeaders => {
            match RequestedNames::of(asked).and_then(RequestedNames::malformed) {
                Some(MalformedNames::NotAToken(element)) => {
                    let (code, [before, after]) = texts.request_headers;
                    (
                        code,
                        Cow::Owned(format!("{before}{}{after}", quoted(element))),
                    )
                }
                Some(MalformedNames::TooMany) | None => plain(texts.request_headers_too_long),
            }
        }
        Denial::MalformedOrigin | Denial::Origin | Denial::Method | Denial::Headers => {
            plain(texts.forbidden)
        }
    };

    let method = requested_method
        .filter(|method| !method.is_empty())
        .unwrap_or(Cow::Borrowed("OPTIONS"));
    let bucket = texts.names_the_request && denial == Denial::NotConfigured;
    ProviderError {
        code,
        message,
        method: texts.names_the_request.then_some(method),
        resource_type: bucket.then_some("BUCKET"),
    }
}
