//! The one thing that the first line has to say.

use crate::decision::Decision;
use crate::explain::Question;
use crate::explain::browser;
use crate::explain::near::NearOrigin;
use crate::explain::trial::Tried;
use crate::names::{MalformedNames, RequestedNames};
use crate::outcome::{Denial, Outcome};
use crate::request::{Asked, Field, RequestKind};
use crate::ruleset::{Answer, RuleSet};
use crate::shown::shown;

/// Why a request was decided as it was, and what is nearest to another outcome.
///
/// [`Explanation::summary`](super::Explanation::summary) puts it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Cause {
    /// Not CORS: the request has no `Origin`.
    NoOrigin,

    /// Allowed: a rule meets all conditions.
    Matched,
    /// Allowed by a rule that lists `*`: the answer is no good to a page that sends credentials.
    AnyOrigin,
    /// The same, and a later rule would have served such a page too.
    #[non_exhaustive]
    Shadowed {
        /// The index of the later rule.
        rule: usize,
        /// The later rule's `AllowedOrigin`.
        origin: String,
    },

    /// Allowed, but the request that follows the preflight names no headers, so that an earlier rule
    /// decides it, and that answers less.
    #[non_exhaustive]
    Overtaken {
        /// The index of the earlier rule.
        rule: usize,
        /// Whether that lists `*`: its answer is no good to a page that sends credentials.
        any_origin: bool,
        /// The response headers that the page could read by the rule that decides the preflight.
        hidden: Vec<String>,
    },
    /// Allowed, but the rule exposes less than a later one that matches too.
    #[non_exhaustive]
    Narrower {
        /// The index of the later rule.
        rule: usize,
        /// The response headers that the page could read by that one.
        hidden: Vec<String>,
    },
    /// A GET or HEAD, allowed, but the answer names the origin and has no `Vary`: a cache may give it
    /// to pages of other origins. `ResponseVary` helps.
    NoVary,

    /// [`Denial::MissingOrigin`].
    MissingOrigin,
    /// [`Denial::MalformedOrigin`]: more than one line.
    SeveralOrigins,
    /// [`Denial::MalformedOrigin`]: more than 2,048 bytes.
    LongOrigin,
    /// [`Denial::MalformedOrigin`]: a space, a control character or one that is not ASCII.
    UnprintableOrigin,
    /// [`Denial::NotConfigured`].
    NotConfigured,
    /// [`Denial::MissingRequestMethod`]: no line.
    MissingRequestMethod,
    /// [`Denial::MissingRequestMethod`]: more than one line.
    SeveralRequestMethods,
    /// [`Denial::InvalidRequestMethod`].
    #[non_exhaustive]
    UnknownRequestMethod {
        /// The method that differs in case alone, if there is one.
        hint: Option<&'static str>,
        /// Those that a rule can list.
        methods: &'static [&'static str],
    },
    /// [`Denial::MalformedRequestHeaders`]: more lines, bytes or names than the limits allow.
    TooManyRequestHeaders,
    /// [`Denial::MalformedRequestHeaders`]: an element that is no header name.
    #[non_exhaustive]
    InvalidRequestHeader {
        /// The first such element.
        name: String,
    },

    /// [`Denial::Origin`], of the origin `null`.
    NullOrigin,
    /// [`Denial::Origin`].
    #[non_exhaustive]
    Origin {
        /// The nearest value of all rules, if one is near.
        near: Option<NearOrigin>,
        /// Whether a rule can list the method at all.
        known: bool,
    },
    /// [`Denial::Method`].
    #[non_exhaustive]
    Method {
        /// The index of the closest rule.
        rule: usize,
        /// The methods that it lists.
        listed: Vec<&'static str>,
        /// The requested headers that it does not allow either.
        missing: Vec<String>,
        /// Whether a rule can list the method at all.
        known: bool,
        /// The nearest origin of the rules that lack only that, if one is near and can be mended.
        near: Option<NearOrigin>,
    },
    /// [`Denial::Headers`].
    #[non_exhaustive]
    Headers {
        /// The index of the closest rule.
        rule: usize,
        /// The headers that it lists.
        listed: Vec<String>,
        /// The requested names that it does not allow.
        missing: Vec<String>,
        /// The nearest origin of the rules that lack only that, if one is near and can be mended.
        near: Option<NearOrigin>,
    },
}

impl Cause {
    /// The `AllowedOrigin` that would make the difference, if one is near.
    #[must_use]
    pub fn near(&self) -> Option<&NearOrigin> {
        match self {
            Self::Origin { near, .. } | Self::Method { near, .. } | Self::Headers { near, .. } => {
                near.as_ref()
            }
            _ => None,
        }
    }
}

/// All that a cause is found in.
pub(super) struct Evidence<'e> {
    pub(super) rules: &'e RuleSet,
    pub(super) decision: &'e Decision<'e>,
    /// What is decided about the request that follows a preflight.
    pub(super) follows: Option<&'e Decision<'e>>,
    pub(super) asked: &'e Asked<'e>,
    pub(super) question: &'e Question<'e>,
    pub(super) closest: Option<usize>,
    pub(super) tried: &'e [Tried],
    pub(super) near: &'e [NearOrigin],
}

impl Evidence<'_> {
    pub(super) fn cause(&self) -> Cause {
        match self.decision.outcome() {
            Outcome::NotCors => Cause::NoOrigin,
            Outcome::Allowed { rule } => self.allowed(rule),
            Outcome::Denied(denial) => self.denied(denial),
        }
    }

    fn allowed(&self, rule: usize) -> Cause {
        if let Some(overtaken) = self.overtaken(rule) {
            return overtaken;
        }
        if self.names_anybody(rule) && self.rules.profile.sends_credentials() {
            return self.any_origin();
        }
        if let Some(narrower) = self.narrower(rule) {
            return narrower;
        }
        if lacks_vary(self.decision, self.question) {
            Cause::NoVary
        } else {
            Cause::Matched
        }
    }

    fn answer(&self, rule: usize) -> Option<&Answer> {
        self.rules.policy.as_ref()?.answers.get(rule)
    }

    fn names_anybody(&self, rule: usize) -> bool {
        self.answer(rule).is_some_and(|answer| answer.any_origin)
    }

    fn exposes(&self, rule: usize) -> Option<&str> {
        self.answer(rule)?.expose_headers()
    }

    /// The rules that match, the deciding one too.
    fn matching(&self) -> impl Iterator<Item = (usize, &Tried)> {
        let rules = self.tried.iter().enumerate();
        rules.filter(|(_, tried)| tried.misses().is_none())
    }

    /// Of a preflight that is no matter: nobody reads its answer.
    fn narrower(&self, rule: usize) -> Option<Cause> {
        if self.decision.kind() == RequestKind::Preflight {
            return None;
        }
        self.matching().find_map(|(later, _)| {
            let hidden = browser::hidden(self.exposes(later), self.exposes(rule));
            (!hidden.is_empty()).then_some(Cause::Narrower {
                rule: later,
                hidden,
            })
        })
    }

    fn overtaken(&self, rule: usize) -> Option<Cause> {
        let follows = self.follows?;
        let earlier = follows.rule().filter(|earlier| *earlier != rule)?;
        let any_origin = self.rules.profile.sends_credentials()
            && self.names_anybody(earlier)
            && !self.names_anybody(rule);
        let hidden = browser::hidden(self.exposes(rule), self.exposes(earlier));
        (any_origin || !hidden.is_empty()).then_some(Cause::Overtaken {
            rule: earlier,
            any_origin,
            hidden,
        })
    }

    /// A later rule counts only if it would be better.
    fn any_origin(&self) -> Cause {
        let mut better = self.matching().filter(|(n, _)| !self.names_anybody(*n));
        match better.next() {
            Some((rule, tried)) => {
                let origin = tried.origin.and_then(|at| tried.conditions.origins.get(at));
                Cause::Shadowed {
                    rule,
                    origin: origin.map(|origin| shown(origin)).unwrap_or_default(),
                }
            }
            None => Cause::AnyOrigin,
        }
    }

    fn denied(&self, denial: Denial) -> Cause {
        match denial {
            Denial::MissingOrigin => Cause::MissingOrigin,
            Denial::MalformedOrigin => self.malformed_origin(),
            Denial::NotConfigured => Cause::NotConfigured,
            Denial::MissingRequestMethod => match self.asked.method {
                Field::Several => Cause::SeveralRequestMethods,
                Field::Absent | Field::Line(_) => Cause::MissingRequestMethod,
            },
            Denial::InvalidRequestMethod => self.unknown_method(),
            Denial::MalformedRequestHeaders => {
                match RequestedNames::of(self.asked).and_then(RequestedNames::malformed) {
                    Some(MalformedNames::NotAToken(name)) => {
                        Cause::InvalidRequestHeader { name: shown(name) }
                    }
                    Some(MalformedNames::TooMany) | None => Cause::TooManyRequestHeaders,
                }
            }
            Denial::Origin => match self.question.origin {
                Some(b"null") => Cause::NullOrigin,
                _ => Cause::Origin {
                    near: self.near.first().cloned(),
                    known: self.is_known_method(),
                },
            },
            Denial::Method => self.unlisted_method(),
            Denial::Headers => self.missing_headers(),
        }
    }

    fn malformed_origin(&self) -> Cause {
        match self.question.origin {
            None => Cause::SeveralOrigins,
            Some(origin) if origin.iter().all(u8::is_ascii_graphic) => Cause::LongOrigin,
            Some(_) => Cause::UnprintableOrigin,
        }
    }

    fn unknown_method(&self) -> Cause {
        let methods = self.rules.profile.provider().methods;
        let asked = self.question.method.unwrap_or_default();
        let mut alike = methods.iter().copied();
        Cause::UnknownRequestMethod {
            hint: alike.find(|known| known.as_bytes().eq_ignore_ascii_case(asked)),
            methods,
        }
    }

    fn unlisted_method(&self) -> Cause {
        let provider = self.rules.profile.provider();
        let rule = self.closest_tried();
        Cause::Method {
            rule: self.closest.unwrap_or_default(),
            listed: rule.map(|rule| rule.methods(provider)).unwrap_or_default(),
            missing: self.missing(),
            known: self.is_known_method(),
            near: self.near_enough(),
        }
    }

    fn missing_headers(&self) -> Cause {
        let rule = self.closest_tried();
        let listed = rule.map(|rule| rule.conditions.headers.iter());
        Cause::Headers {
            rule: self.closest.unwrap_or_default(),
            listed: listed
                .into_iter()
                .flatten()
                .map(|name| shown(name))
                .collect(),
            missing: self.missing(),
            near: self.near_enough(),
        }
    }

    /// The names that the closest rule does not allow.
    fn missing(&self) -> Vec<String> {
        let rule = self.closest_tried();
        let names = rule.map(|rule| self.question.names.iter().zip(&rule.headers));
        let missing = names.into_iter().flatten().filter(|(_, by)| by.is_none());
        missing.map(|(name, _)| shown(name)).collect()
    }

    fn is_known_method(&self) -> bool {
        let method = self.question.method.unwrap_or_default();
        self.rules.profile.provider().method(method).is_some()
    }

    fn closest_tried(&self) -> Option<&Tried> {
        self.tried.get(self.closest?)
    }

    /// The nearest origin of a rule that would decide, were it for this one, if it can be.
    fn near_enough(&self) -> Option<NearOrigin> {
        let mut near = self.near.iter().filter(|near| near.has_remedy());
        let near = near.find(|near| {
            let rule = self.tried.get(near.rule());
            rule.is_some_and(Tried::meets_the_rest)
        });
        near.cloned()
    }
}

/// Whether an allowed answer names the origin and says nothing of it to the caches that keep it: those
/// to GET and HEAD.
pub(super) fn lacks_vary(decision: &Decision<'_>, question: &Question<'_>) -> bool {
    if !matches!(question.own_method, b"GET" | b"HEAD") {
        return false;
    }
    let mut fields = decision.fields();
    let names_it =
        fields.any(|(name, value)| name == "Access-Control-Allow-Origin" && value != "*");
    names_it && !decision.vary().contains(&"Origin")
}

/// The rule that decides, or the one that comes closest to it: of those that get furthest, for an
/// unknown origin the one with the nearest value, else the one that lacks fewest headers; then the
/// first.
pub(super) fn closest(outcome: Outcome, tried: &[Tried], near: &[NearOrigin]) -> Option<usize> {
    let missing = |wanted: Denial| {
        let rules = tried.iter().enumerate();
        rules.filter(move |(_, rule)| rule.misses() == Some(wanted))
    };
    match outcome {
        Outcome::Allowed { rule } => Some(rule),
        Outcome::Denied(Denial::Origin) => {
            let nearest = near.first().map(NearOrigin::rule);
            nearest.or_else(|| missing(Denial::Origin).next().map(|(n, _)| n))
        }
        Outcome::Denied(denial @ (Denial::Method | Denial::Headers)) => {
            let fewest = missing(denial).min_by_key(|(_, rule)| rule.missing_headers());
            fewest.map(|(n, _)| n)
        }
        Outcome::NotCors | Outcome::Denied(_) => None,
    }
}

/// Whether it came to looking at the rules.
pub(super) fn were_rules_asked(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Allowed { .. }
            | Outcome::Denied(Denial::Origin | Denial::Method | Denial::Headers)
    )
}
