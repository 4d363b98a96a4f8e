//! The compiled form: what it holds, not how it is made or asked.

use std::fmt;

use http::header::HeaderValue;

use crate::matcher::Matcher;
use crate::profile::Profile;
use crate::value::Value;

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
    /// The rule lists `*`: it answers `*`, to every origin.
    pub(crate) any_origin: bool,
    has_id: bool,
    /// Static if they are among the few that most rules have, else in the text.
    methods: Option<&'static HeaderValue>,
    /// Static or in the text, like the methods; in neither if the rule has none.
    max_age: Option<&'static HeaderValue>,
    /// The texts that are the rule's own, one behind the other: a rule has few, and one allocation
    /// for all. What is absent is empty, and no field's value is.
    text: Box<str>,
    /// Where each ends, in the order of [`Texts`].
    ends: [u32; 5],
}

/// The texts that an [`Answer`] is made of.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'t> {
    pub(crate) id: Option<&'t str>,
    pub(crate) methods: &'t str,
    /// The rule's own list, in lower case. None where the requested names are answered.
    pub(crate) headers: Option<&'t str>,
    pub(crate) expose_headers: Option<&'t str>,
    pub(crate) max_age: Option<&'t str>,
}

impl Answer {
    /// `methods` and `ages` are the static ones that there are.
    pub(crate) fn new(
        any_origin: bool,
        texts: Texts<'_>,
        methods: &'static [HeaderValue],
        ages: &'static [HeaderValue],
    ) -> Self {
        let one_of = |few: &'static [HeaderValue], text| few.iter().find(|one| *one == text);
        let methods = one_of(methods, texts.methods);
        let max_age = texts.max_age.and_then(|max_age| one_of(ages, max_age));
        let own = [
            texts.id.unwrap_or_default(),
            if methods.is_some() { "" } else { texts.methods },
            texts.headers.unwrap_or_default(),
            texts.expose_headers.unwrap_or_default(),
            texts
                .max_age
                .filter(|_| max_age.is_none())
                .unwrap_or_default(),
        ];
        let mut end = 0;
        let ends = own.map(|text| {
            end += text.len();
            // A text of 4 GiB is beyond any document and any memory that matters.
            u32::try_from(end).unwrap_or(u32::MAX)
        });
        Self {
            any_origin,
            has_id: texts.id.is_some(),
            methods,
            max_age,
            text: own.concat().into(),
            ends,
        }
    }

    pub(crate) fn id(&self) -> Option<&str> {
        let [end, ..] = self.ends;
        self.has_id.then(|| self.slice(0, end))
    }

    pub(crate) fn methods(&self) -> Value<'_> {
        let [start, end, ..] = self.ends;
        match self.methods {
            Some(methods) => Value::Static(methods),
            None => Value::Text(self.slice(start, end)),
        }
    }

    /// The rule's own list, in lower case. None where the requested names are answered.
    pub(crate) fn headers(&self) -> Option<&str> {
        let [_, start, end, ..] = self.ends;
        (start < end).then(|| self.slice(start, end))
    }

    pub(crate) fn expose_headers(&self) -> Option<&str> {
        let [.., start, end, _] = self.ends;
        (start < end).then(|| self.slice(start, end))
    }

    pub(crate) fn max_age(&self) -> Option<Value<'_>> {
        let [.., start, end] = self.ends;
        match self.max_age {
            Some(max_age) => Some(Value::Static(max_age)),
            None => (start < end).then(|| Value::Text(self.slice(start, end))),
        }
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        let slice = self.text.get(start as usize..end as usize);
        slice.unwrap_or_default()
    }
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
