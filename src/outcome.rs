//! How a decision came out, and why.

use std::fmt;

use http::StatusCode;

/// How a decision came out.
///
/// Exhaustive on purpose: a server that meets a new outcome should stop compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The request has no `Origin`: CORS has nothing to say.
    NotCors,
    /// A rule matched.
    Allowed {
        /// Its index in [`Configuration::rules`](crate::Configuration::rules), from 0.
        rule: usize,
    },
    /// No rule matched, or the request could not be asked about.
    Denied(Denial),
}

/// Why a request is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Denial {
    /// An `OPTIONS` request without `Origin`.
    MissingOrigin,
    /// Several `Origin` lines, more than 2,048 bytes, or a byte that is not printable ASCII.
    MalformedOrigin,
    /// The bucket has no CORS document.
    NotConfigured,
    /// No `Access-Control-Request-Method`, or several lines of it.
    MissingRequestMethod,
    /// An `Access-Control-Request-Method` that no rule can list.
    InvalidRequestMethod,
    /// `Access-Control-Request-Headers` with an element that is no header name, or more than 8
    /// lines, 8,192 bytes or 128 names.
    MalformedRequestHeaders,
    /// No rule is for the origin. This and the next two are ordered: the closest rule got this far.
    Origin,
    /// A rule is for the origin, none for the method too.
    Method,
    /// A rule is for origin and method, none allows every requested name too.
    Headers,
}

impl Outcome {
    /// A stable label for logs and metrics: `not_cors`, `allowed`, `denied`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCors => "not_cors",
            Self::Allowed { .. } => "allowed",
            Self::Denied(_) => "denied",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Denial {
    /// A stable label for logs and metrics: the variant in snake case, such as `missing_origin`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingOrigin => "missing_origin",
            Self::MalformedOrigin => "malformed_origin",
            Self::NotConfigured => "not_configured",
            Self::MissingRequestMethod => "missing_request_method",
            Self::InvalidRequestMethod => "invalid_request_method",
            Self::MalformedRequestHeaders => "malformed_request_headers",
            Self::Origin => "origin",
            Self::Method => "method",
            Self::Headers => "headers",
        }
    }

    /// Semantics 4.3.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::MissingOrigin
            | Self::MissingRequestMethod
            | Self::InvalidRequestMethod
            | Self::MalformedRequestHeaders => StatusCode::BAD_REQUEST,
            Self::MalformedOrigin
            | Self::NotConfigured
            | Self::Origin
            | Self::Method
            | Self::Headers => StatusCode::FORBIDDEN,
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
