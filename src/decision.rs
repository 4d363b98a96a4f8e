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
use crate::outcome::{Denial, Outcome};
use crate::profile::{ActualFields, Profile};
use crate::request::{Line, Request, RequestKind, RequestedNames};
use crate::ruleset::{Answer, RuleSet};
use crate::value::Value;

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
    pub(crate) profile: Profile,
    kind: RequestKind,
    vary: &'static [&'static str],
    pub(crate) verdict: Verdict<'a>,
    /// None once the decision is owned.
    pub(crate) request: Option<Request<'a>>,
}

/// How a decision came out, with what its answer is made of.
#[derive(Clone)]
pub(crate) enum Verdict<'a> {
    NotCors,
    Allowed(Allowed<'a>),
    Denied(Denial),
    AllowedOwned(usize, Box<OwnedAnswer>),
    DeniedOwned(Denial, Option<Box<ProviderError<'static>>>),
}

/// The deciding rule, and the parts of the request that its answer repeats.
#[derive(Clone, Copy)]
pub(crate) struct Allowed<'a> {
    pub(crate) rule: usize,
    pub(crate) answer: &'a Answer,
    pub(crate) origin: Line<'a>,
    /// Absent where the profile does not look at them.
    pub(crate) names: RequestedNames<'a>,
}

/// An allowed answer that borrows nothing.
#[derive(Clone)]
pub(crate) struct OwnedAnswer {
    rule_id: Option<Box<str>>,
    fields: Vec<(AnswerField, Box<str>)>,
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

    pub(crate) const fn header_name(self) -> HeaderName {
        match self {
            Self::AllowOrigin => ACCESS_CONTROL_ALLOW_ORIGIN,
            Self::AllowCredentials => ACCESS_CONTROL_ALLOW_CREDENTIALS,
            Self::AllowMethods => ACCESS_CONTROL_ALLOW_METHODS,
            Self::AllowHeaders => ACCESS_CONTROL_ALLOW_HEADERS,
            Self::ExposeHeaders => ACCESS_CONTROL_EXPOSE_HEADERS,
            Self::MaxAge => ACCESS_CONTROL_MAX_AGE,
        }
    }
}

static ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
static TRUE: HeaderValue = HeaderValue::from_static("true");

/// An answer's fields: six at the most, so they stand in place.
pub(crate) type Fields<'a> = SmallVec<[(AnswerField, Value<'a>); 6]>;

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
    pub(crate) fn new(
        rules: &RuleSet,
        request: Request<'a>,
        kind: RequestKind,
        verdict: Verdict<'a>,
    ) -> Self {
        let profile = rules.profile;
        let allowed = matches!(verdict, Verdict::Allowed(_));
        // Without a configuration no answer depends on the request.
        let vary = rules.policy.as_ref().map_or(&[][..], |policy| {
            profile.vary_of(kind, allowed, policy.response_vary)
        });
        Self {
            profile,
            kind,
            vary,
            verdict,
            request: Some(request),
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
        match &self.verdict {
            Verdict::NotCors => Outcome::NotCors,
            Verdict::Allowed(Allowed { rule, .. }) | Verdict::AllowedOwned(rule, _) => {
                Outcome::Allowed { rule: *rule }
            }
            Verdict::Denied(denial) | Verdict::DeniedOwned(denial, _) => Outcome::Denied(*denial),
        }
    }

    /// The index of the deciding rule in [`Configuration::rules`](crate::Configuration::rules),
    /// from 0. None if no rule decided.
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        match self.outcome() {
            Outcome::Allowed { rule } => Some(rule),
            Outcome::NotCors | Outcome::Denied(_) => None,
        }
    }

    /// The deciding rule's `ID`, if it has one. For logs: unlike the index it stays true when the
    /// configuration is replaced.
    #[must_use]
    pub fn rule_id(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Allowed(allowed) => allowed.answer.id.as_deref(),
            Verdict::AllowedOwned(_, answer) => answer.rule_id.as_deref(),
            Verdict::NotCors | Verdict::Denied(_) | Verdict::DeniedOwned(..) => None,
        }
    }

    /// The `Access-Control-*` fields to set, each once. None unless allowed.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let fields = self.answer_fields().into_iter();
        fields.map(|(field, value)| (field.name(), value.into_text()))
    }

    /// The names to add to the response's `Vary`, unless they are members of it or `*` is.
    #[must_use]
    pub fn vary(&self) -> &'static [&'static str] {
        self.vary
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
        let verdict = match &self.verdict {
            Verdict::NotCors => Verdict::NotCors,
            Verdict::Allowed(allowed) => {
                let fields = self.answer_fields().into_iter();
                let own =
                    |(field, value): (AnswerField, Value<'_>)| (field, value.into_text().into());
                let answer = OwnedAnswer {
                    rule_id: allowed.answer.id.clone(),
                    fields: fields.map(own).collect(),
                };
                Verdict::AllowedOwned(allowed.rule, Box::new(answer))
            }
            Verdict::Denied(denial) => {
                let error = self.preflight_error().map(ProviderError::into_owned);
                Verdict::DeniedOwned(*denial, error.map(Box::new))
            }
            Verdict::AllowedOwned(rule, answer) => Verdict::AllowedOwned(*rule, answer.clone()),
            Verdict::DeniedOwned(denial, error) => Verdict::DeniedOwned(*denial, error.clone()),
        };
        Decision {
            profile: self.profile,
            kind: self.kind,
            vary: self.vary,
            verdict,
            request: None,
        }
    }

    pub(crate) fn answer_fields(&self) -> Fields<'_> {
        match &self.verdict {
            Verdict::Allowed(allowed) => self.fields_of(allowed),
            Verdict::AllowedOwned(_, answer) => {
                let fields = answer.fields.iter();
                fields
                    .map(|(field, value)| (*field, Value::Text(value)))
                    .collect()
            }
            Verdict::NotCors | Verdict::Denied(_) | Verdict::DeniedOwned(..) => Fields::new(),
        }
    }

    /// Semantics 4.1.
    fn fields_of(&self, allowed: &Allowed<'a>) -> Fields<'a> {
        let provider = self.profile.provider();
        let answer = allowed.answer;
        let every_field =
            self.kind != RequestKind::Actual || provider.actual_fields == ActualFields::AsPreflight;

        let mut fields = Fields::new();
        // Never text from the configuration, and no credentials beside `*`.
        if answer.any_origin {
            fields.push((AnswerField::AllowOrigin, Value::Static(&ANY_ORIGIN)));
        } else {
            fields.push((AnswerField::AllowOrigin, Value::Line(allowed.origin)));
            if self.profile.sends_credentials() {
                fields.push((AnswerField::AllowCredentials, Value::Static(&TRUE)));
            }
        }
        if every_field {
            fields.push((AnswerField::AllowMethods, answer.methods.value()));
            if !allowed.names.is_empty() {
                let value = match &answer.headers {
                    Some(list) => Value::Text(list),
                    None => Value::of_names(allowed.names, provider.separator),
                };
                fields.push((AnswerField::AllowHeaders, value));
            }
        }
        if let Some(list) = &answer.expose_headers {
            fields.push((AnswerField::ExposeHeaders, Value::Text(list)));
        }
        if every_field && let Some(seconds) = &answer.max_age {
            fields.push((AnswerField::MaxAge, seconds.value()));
        }
        fields
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
        if let Some(request) = self.request {
            request.debug_fields(&mut debug);
        }
        debug.finish()
    }
}
