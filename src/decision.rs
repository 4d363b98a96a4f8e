//! What the server must answer.

use std::borrow::Cow;
use std::fmt;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName,
    HeaderValue,
};
use smallvec::SmallVec;

use crate::error::ProviderError;
use crate::names::RequestedNames;
use crate::outcome::Outcome;
use crate::profile::{ActualFields, Profile, VaryOn};
use crate::request::{Asked, Field, RequestKind};
use crate::ruleset::{Answer, RuleSet};
use crate::value::{OwnedValue, Value};

/// What CORS has to say to one request: the outcome, the rule, and the response fields.
///
/// It authorises nothing. A denied preflight is refused, but a denied *actual* request is served
/// all the same, only without CORS fields: the browser then keeps the answer from the page. That is
/// why there is no `is_allowed`.
///
/// A server
///
/// 1. answers with [`preflight_status`](Self::preflight_status) if there is one, and serves the
///    request if not;
/// 2. calls [`write_to`](Self::write_to) on **every** response: allowed, denied, not CORS, 304,
///    403, 404, redirects.
#[must_use = "a decision does nothing until its fields are written"]
#[derive(Clone)]
pub struct Decision<'a> {
    kind: RequestKind,
    outcome: Outcome,
    pub(crate) source: Source<'a>,
}

/// What the answer is made of.
#[derive(Clone)]
pub(crate) enum Source<'a> {
    Borrowed(&'a RuleSet, Asked<'a>),
    Owned {
        vary: VaryOn,
        /// Of an allowed request.
        answer: Option<Box<OwnedAnswer>>,
        /// Of a refused preflight.
        error: Option<Box<ProviderError<'static>>>,
    },
}

/// An allowed answer that borrows nothing.
#[derive(Clone)]
pub(crate) struct OwnedAnswer {
    rule_id: Option<Box<str>>,
    fields: Vec<(AnswerField, OwnedValue)>,
}

/// The fields of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerField {
    AllowOrigin,
    AllowCredentials,
    AllowMethods,
    AllowHeaders,
    ExposeHeaders,
    MaxAge,
}

impl AnswerField {
    const fn name(self) -> &'static str {
        match self {
            Self::AllowOrigin => "Access-Control-Allow-Origin",
            Self::AllowCredentials => "Access-Control-Allow-Credentials",
            Self::AllowMethods => "Access-Control-Allow-Methods",
            Self::AllowHeaders => "Access-Control-Allow-Headers",
            Self::ExposeHeaders => "Access-Control-Expose-Headers",
            Self::MaxAge => "Access-Control-Max-Age",
        }
    }

    /// A static one, which costs less to insert than one made for it.
    #[inline]
    pub(crate) fn header_name(self) -> &'static HeaderName {
        static ALLOW_ORIGIN: HeaderName = ACCESS_CONTROL_ALLOW_ORIGIN;
        static ALLOW_CREDENTIALS: HeaderName = ACCESS_CONTROL_ALLOW_CREDENTIALS;
        static ALLOW_METHODS: HeaderName = ACCESS_CONTROL_ALLOW_METHODS;
        static ALLOW_HEADERS: HeaderName = ACCESS_CONTROL_ALLOW_HEADERS;
        static EXPOSE_HEADERS: HeaderName = ACCESS_CONTROL_EXPOSE_HEADERS;
        static MAX_AGE: HeaderName = ACCESS_CONTROL_MAX_AGE;
        match self {
            Self::AllowOrigin => &ALLOW_ORIGIN,
            Self::AllowCredentials => &ALLOW_CREDENTIALS,
            Self::AllowMethods => &ALLOW_METHODS,
            Self::AllowHeaders => &ALLOW_HEADERS,
            Self::ExposeHeaders => &EXPOSE_HEADERS,
            Self::MaxAge => &MAX_AGE,
        }
    }
}

static ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
static TRUE: HeaderValue = HeaderValue::from_static("true");

/// How many fields an answer has at the most.
const MOST_FIELDS: usize = 6;

/// What a response must not keep from elsewhere: two values of `Access-Control-Allow-Origin` make
/// browsers refuse, and what an upstream wrote must not outlive a denial.
pub(crate) const REPLACES: &[&str] = &[
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Allow-Private-Network",
];

impl<'a> Decision<'a> {
    #[inline]
    pub(crate) fn new(
        rules: &'a RuleSet,
        asked: Asked<'a>,
        kind: RequestKind,
        outcome: Outcome,
    ) -> Self {
        Self {
            kind,
            outcome,
            source: Source::Borrowed(rules, asked),
        }
    }

    /// What the request is to CORS.
    #[must_use]
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    /// How the decision came out.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The index of the deciding rule in [`Configuration::rules`](crate::Configuration::rules),
    /// from 0. None if no rule decided.
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        match self.outcome {
            Outcome::Allowed { rule } => Some(rule),
            Outcome::NotCors | Outcome::Denied(_) => None,
        }
    }

    /// The deciding rule's `ID`, if it has one. For logs: unlike the index it stays true when the
    /// configuration is replaced.
    #[must_use]
    pub fn rule_id(&self) -> Option<&str> {
        match &self.source {
            Source::Borrowed(rules, _) => self.answer_of(rules)?.id(),
            Source::Owned { answer, .. } => answer.as_ref()?.rule_id.as_deref(),
        }
    }

    /// The `Access-Control-*` fields to set, each once. None unless allowed.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let mut fields = SmallVec::<[_; MOST_FIELDS]>::new();
        let names = self.names();
        self.each_field(names, |field, value| {
            fields.push((field.name(), value.into_text()));
        });
        fields.into_iter()
    }

    /// The names to add to the response's `Vary`, unless they are members of it or `*` is.
    #[must_use]
    pub fn vary(&self) -> &'static [&'static str] {
        self.vary_on().names()
    }

    /// The fields to remove from the response before [`fields`](Self::fields) are set, whatever the
    /// outcome: always the same seven.
    #[must_use]
    pub fn replaces(&self) -> &'static [&'static str] {
        REPLACES
    }

    /// The same decision, borrowing nothing: to return it, or to hold it across an `.await`.
    ///
    /// It allocates if there is something to keep, and shares nothing with the rule set. It answers
    /// all that this one does; its `Debug` leaves out the request.
    pub fn into_owned(self) -> Decision<'static> {
        let vary = self.vary_on();
        let source = match self.source {
            Source::Borrowed(rules, _) => Source::Owned {
                vary,
                answer: self.answer_of(rules).map(|answer| {
                    let mut fields = Vec::with_capacity(MOST_FIELDS);
                    self.each_field(self.names(), |field, value| {
                        fields.push((field, value.into_owned()));
                    });
                    let rule_id = answer.id().map(Into::into);
                    Box::new(OwnedAnswer { rule_id, fields })
                }),
                error: self
                    .preflight_error()
                    .map(|error| Box::new(error.into_owned())),
            },
            Source::Owned {
                vary,
                answer,
                error,
            } => Source::Owned {
                vary,
                answer,
                error,
            },
        };
        Decision {
            kind: self.kind,
            outcome: self.outcome,
            source,
        }
    }

    /// What the deciding rule answers.
    fn answer_of<'r>(&self, rules: &'r RuleSet) -> Option<&'r Answer> {
        rules.policy.as_ref()?.answers.get(self.rule()?)
    }

    pub(crate) fn vary_on(&self) -> VaryOn {
        match &self.source {
            Source::Borrowed(rules, _) => match &rules.policy {
                Some(policy) => {
                    let allowed = self.rule().is_some();
                    let profile = rules.profile;
                    profile.vary_of(self.kind, allowed, policy.response_vary)
                }
                // Without a configuration no answer depends on the request.
                None => VaryOn::Nothing,
            },
            Source::Owned { vary, .. } => *vary,
        }
    }

    /// The requested names that the answer depends on, if there are any.
    #[inline]
    pub(crate) fn names(&self) -> Option<RequestedNames<'_>> {
        match (&self.source, self.outcome) {
            (Source::Borrowed(_, asked), Outcome::Allowed { .. }) => {
                RequestedNames::of(asked).filter(|names| !names.is_empty())
            }
            _ => None,
        }
    }

    /// Gives every field of the answer, each once; `names` are [`names`](Self::names).
    #[inline]
    pub(crate) fn each_field<'d>(
        &'d self,
        names: Option<RequestedNames<'d>>,
        mut give: impl FnMut(AnswerField, Value<'d>),
    ) {
        match &self.source {
            Source::Borrowed(rules, asked) => {
                if let Some(answer) = self.answer_of(rules) {
                    self.each_field_of(answer, rules.profile, asked.origin, names, give);
                }
            }
            Source::Owned { answer, .. } => {
                for (field, value) in answer.iter().flat_map(|answer| &answer.fields) {
                    give(*field, value.borrowed());
                }
            }
        }
    }

    /// Semantics 4.1.
    #[inline]
    fn each_field_of<'d>(
        &self,
        answer: &'d Answer,
        profile: Profile,
        origin: Field<'d>,
        names: Option<RequestedNames<'d>>,
        mut give: impl FnMut(AnswerField, Value<'d>),
    ) {
        let provider = profile.provider();
        let every_field =
            self.kind != RequestKind::Actual || provider.actual_fields == ActualFields::AsPreflight;

        // Never text from the configuration, and no credentials beside `*`.
        if answer.any_origin {
            give(AnswerField::AllowOrigin, Value::Static(&ANY_ORIGIN));
        } else if let Field::Line(origin) = origin {
            give(AnswerField::AllowOrigin, Value::Line(origin));
            if profile.sends_credentials() {
                give(AnswerField::AllowCredentials, Value::Static(&TRUE));
            }
        }
        if every_field {
            give(AnswerField::AllowMethods, answer.methods());
            if let Some(names) = names {
                let value = match answer.headers() {
                    Some(list) => Value::Text(list),
                    None => Value::Names(names, provider.separator),
                };
                give(AnswerField::AllowHeaders, value);
            }
        }
        if let Some(list) = answer.expose_headers() {
            give(AnswerField::ExposeHeaders, Value::Text(list));
        }
        if every_field && let Some(seconds) = answer.max_age() {
            give(AnswerField::MaxAge, seconds);
        }
    }
}

/// The kind, the outcome, the rule's `ID` and the request's CORS fields, escaped; nothing else of
/// the request, and not the rules.
impl fmt::Debug for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Decision");
        debug
            .field("kind", &self.kind)
            .field("outcome", &self.outcome())
            .field("rule_id", &self.rule_id());
        if let Source::Borrowed(_, asked) = &self.source {
            asked.request.debug_fields(&mut debug);
        }
        debug.finish()
    }
}
