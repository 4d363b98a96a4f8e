//! How each rule does: its conditions, looked at one value after the other (semantics 3.5).

use crate::explain::Question;
use crate::lint::is_of_one_owner;
use crate::matcher::Conditions;
use crate::outcome::Denial;
use crate::profile::Provider;
use crate::shown::shown;

/// How one rule does: which of its values match what the request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Trial {
    rule: usize,
    id: Option<String>,
    /// The value that matched.
    origin: Option<String>,
    /// Whether the method is listed.
    method: bool,
    /// For each requested name the value that matched.
    headers: Vec<Option<String>>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::some_label"))]
    misses: Option<Denial>,
    allowed_origins: Vec<String>,
    allowed_methods: Vec<&'static str>,
    allowed_headers: Vec<String>,
    #[cfg_attr(feature = "serde", serde(skip))]
    is_for_strangers: bool,
}

impl Trial {
    /// The rule's index, from 0.
    #[must_use]
    pub fn rule(&self) -> usize {
        self.rule
    }

    /// The rule's `ID`, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The first of [`allowed_origins`](Self::allowed_origins) that matches the request's.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Whether the rule lists the method.
    #[must_use]
    pub fn lists_method(&self) -> bool {
        self.method
    }

    /// For each of [`Explanation::headers`](super::Explanation::headers), in their order, the first
    /// of [`allowed_headers`](Self::allowed_headers) that matches it.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.headers.iter().map(Option::as_deref)
    }

    /// The first of its conditions that the request does not meet, in the order
    /// [`Origin`](Denial::Origin), [`Method`](Denial::Method), [`Headers`](Denial::Headers). None if
    /// it meets all: the first rule of which that holds decides.
    #[must_use]
    pub fn misses(&self) -> Option<Denial> {
        self.misses
    }

    /// The rule's `AllowedOrigin`s, each once: `*` first, then those without a `*` in the order in
    /// which the document first names them, then the patterns in byte order.
    #[must_use]
    pub fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins
    }

    /// The rule's `AllowedMethod`s, each once, in the order of the provider's list.
    #[must_use]
    pub fn allowed_methods(&self) -> &[&'static str] {
        &self.allowed_methods
    }

    /// The rule's `AllowedHeader`s in lower case, each once, ordered as its origins are.
    #[must_use]
    pub fn allowed_headers(&self) -> &[String] {
        &self.allowed_headers
    }

    /// Whether one of its origins takes pages of owners that nobody can know.
    pub(super) fn is_for_strangers(&self) -> bool {
        self.is_for_strangers
    }
}

/// How one rule does, before anything is cut.
pub(super) struct Tried {
    pub(super) conditions: Conditions,
    /// The place of the origin that matches.
    pub(super) origin: Option<usize>,
    pub(super) method: bool,
    /// Of the header that matches each name.
    pub(super) headers: Vec<Option<usize>>,
}

impl Tried {
    pub(super) fn new(
        conditions: Conditions,
        question: &Question<'_>,
        provider: &Provider,
    ) -> Self {
        let origin = question.origin.and_then(|origin| {
            let mut origins = conditions.origins.iter();
            origins.position(|value| covers_origin(value, origin))
        });
        let method = question.method.and_then(|method| provider.method(method));
        let header = |name: &Vec<u8>| {
            let mut headers = conditions.headers.iter();
            headers.position(|value| covers(value, name))
        };
        Self {
            origin,
            method: method.is_some_and(|method| conditions.methods.contains(&method)),
            headers: question.names.iter().map(header).collect(),
            conditions,
        }
    }

    /// The first condition that is not met.
    pub(super) fn misses(&self) -> Option<Denial> {
        if self.origin.is_none() {
            Some(Denial::Origin)
        } else if !self.method {
            Some(Denial::Method)
        } else if self.headers.contains(&None) {
            Some(Denial::Headers)
        } else {
            None
        }
    }

    /// Whether only the origin is in the way, if anything is.
    pub(super) fn meets_the_rest(&self) -> bool {
        self.method && !self.headers.contains(&None)
    }

    pub(super) fn missing_headers(&self) -> usize {
        self.headers
            .iter()
            .filter(|header| header.is_none())
            .count()
    }

    pub(super) fn methods(&self, provider: &Provider) -> Vec<&'static str> {
        let methods = self.conditions.methods.iter();
        methods
            .filter_map(|method| provider.methods.get(*method).copied())
            .collect()
    }

    pub(super) fn to_trial(&self, rule: usize, id: Option<&str>, provider: &Provider) -> Trial {
        let list = |values: &[Vec<u8>]| values.iter().map(|value| shown(value)).collect();
        let value = |values: &[Vec<u8>], at: usize| values.get(at).map(|value| shown(value));
        let Conditions {
            origins, headers, ..
        } = &self.conditions;
        let is_of_one_owner = |value: &Vec<u8>| str::from_utf8(value).is_ok_and(is_of_one_owner);
        let header = |at: &Option<usize>| at.and_then(|at| value(headers, at));
        Trial {
            rule,
            id: id.map(|id| shown(id.as_bytes())),
            origin: self.origin.and_then(|at| value(origins, at)),
            method: self.method,
            headers: self.headers.iter().map(header).collect(),
            misses: self.misses(),
            allowed_origins: list(origins),
            allowed_methods: self.methods(provider),
            allowed_headers: list(headers),
            is_for_strangers: !origins.iter().all(is_of_one_owner),
        }
    }
}

/// 3.5.1 to 3.5.4.
pub(super) fn covers_origin(value: &[u8], origin: &[u8]) -> bool {
    let is_pattern = value != b"*" && value.contains(&b'*');
    covers(value, origin) && !(origin == b"null" && is_pattern)
}

/// 3.5.1; names are in lower case on both sides.
fn covers(value: &[u8], text: &[u8]) -> bool {
    let mut ends = value.splitn(2, |&byte| byte == b'*');
    match (ends.next(), ends.next()) {
        (Some(prefix), Some(suffix)) => {
            text.len() >= prefix.len() + suffix.len()
                && text.starts_with(prefix)
                && text.ends_with(suffix)
        }
        _ => value == text,
    }
}
