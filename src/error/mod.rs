//! What can be wrong, each as a type of its own: with a text ([`ParseError`]), with what it says
//! ([`CompileError`], one [`Fault`] a finding), and what a provider tells a client whose preflight
//! it refuses ([`ProviderError`]).

mod compile;
mod parse;
mod provider;

use std::fmt;

pub use compile::{CompileError, Fault, FaultKind};
pub use parse::{ParseError, ParseErrorKind, Position};
pub use provider::ProviderError;

/// `MalformedXML`: the code and the text with which a provider refuses what its schema does not
/// allow [O].
const MALFORMED_XML: &str = "MalformedXML";
const NOT_WELL_FORMED: &str =
    "The XML you provided was not well-formed or did not validate against our published schema";

/// A hint, or nothing: what stands before the name that was probably meant, the name, and what stands
/// behind it.
struct DidYouMean(&'static str, Option<&'static str>, &'static str);

impl fmt::Display for DidYouMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(before, Some(hint), after) => write!(f, "; did you mean {before}{hint}{after}?"),
            Self(_, None, _) => Ok(()),
        }
    }
}

/// Why a document gives no rule set: it can't be read, or what it says is refused.
///
/// Exhaustive on purpose: these are the two steps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a CORS document.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The document says something that the provider refuses.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

impl Error {
    /// The provider's error code, such as `MalformedXML`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parse(error) => error.code(),
            Self::Compile(error) => error.code(),
        }
    }

    /// The provider's message: plain text, printable ASCII.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Parse(error) => error.message(),
            Self::Compile(error) => error.message(),
        }
    }
}
