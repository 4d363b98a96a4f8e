//! The compiled form: what it holds, not how it is made or asked.

use std::fmt;

use crate::matcher::Matcher;
use crate::profile::Profile;
use crate::value::Text;

/// A bucket's CORS configuration, checked and ready to be asked.
///
/// It is immutable, `Send` and `Sync`: servers share one a bucket in an [`Arc`](std::sync::Arc) and
/// make it anew when the configuration changes. [`compile`](Self::compile) makes one,
/// [`not_configured`](Self::not_configured) stands for a bucket without a CORS document,
/// [`evaluate`](Self::evaluate) asks.
#[derive(Clone)]
pub struct RuleSet {
    pub(crate) profile: Profile,
    /// None in a bucket without a CORS document.
    pub(crate) policy: Option<Policy>,
}

/// What a configured bucket's rules come to.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) matcher: Matcher,
    /// What each rule answers, in document order: one for every rule that `matcher` knows.
    pub(crate) answers: Box<[Answer]>,
    pub(crate) response_vary: bool,
}

/// What a rule answers, in its final form wherever the request has no part in it (semantics 4.1).
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) id: Option<Box<str>>,
    /// The rule lists `*`: it answers `*`, to every origin.
    pub(crate) any_origin: bool,
    pub(crate) methods: Text,
    /// The rule's own list, in lower case. None where the requested names are answered.
    pub(crate) headers: Option<Box<str>>,
    pub(crate) expose_headers: Option<Box<str>>,
    pub(crate) max_age: Option<Text>,
}

impl RuleSet {
    /// A bucket without a CORS document: nothing is allowed, and no answer says `Vary`, since none
    /// depends on the request.
    #[must_use]
    pub const fn not_configured(profile: Profile) -> Self {
        Self {
            profile,
            policy: None,
        }
    }

    /// The profile that the rules were compiled for.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }
}

/// The number of rules and the profile, not the rules.
impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.policy.as_ref().map(|policy| policy.answers.len());
        f.debug_struct("RuleSet")
            .field("profile", &self.profile)
            .field("rules", &rules)
            .finish()
    }
}
