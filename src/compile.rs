//! From what a document says to what it means. All validation is here, and none of it stops at the
//! first fault (semantics 2).

use std::collections::HashSet;

use http::header::HeaderValue;
use unicase::Ascii;

use crate::configuration::{Configuration, Rule};
use crate::element::Element;
use crate::error::{CompileError, Fault, FaultKind};
use crate::matcher::Matcher;
use crate::place::Place;
use crate::profile::{AllowHeaders, Profile, Provider};
use crate::ruleset::{Answer, Policy, RuleSet, Texts};
use crate::syntax::{is_token, is_xml_char};
use crate::words::{AtRandom, is_printable};

/// The greatest `MaxAgeSeconds`: browsers and providers keep it in 31 bits.
const MAX_AGE_SECONDS: i64 = 0x7FFF_FFFF;

impl RuleSet {
    /// Compiles a configuration.
    ///
    /// ```
    /// use bucket_cors::{Configuration, FaultKind, Profile, Rule, RuleSet};
    ///
    /// let good = Configuration::from_iter([Rule::new(["https://example.com"], ["GET"])]);
    /// assert!(RuleSet::compile(&good, Profile::COS).is_ok());
    ///
    /// let bad = Configuration::from_iter([Rule::new(["https://example.com"], ["get"])]);
    /// let error = RuleSet::compile(&bad, Profile::COS).unwrap_err();
    /// let hint = Some("GET");
    /// assert_eq!(error.faults()[0].kind(), &FaultKind::UnsupportedMethod { hint });
    /// ```
    ///
    /// # Errors
    ///
    /// Every fault in every rule, in document order: what the profile's provider would refuse. What
    /// it accepts but can't work, such as an origin with a trailing `/`, is no fault.
    ///
    /// - no rule, or more than the profile takes;
    /// - an `ID` of more than 255 characters, or with one that XML does not allow;
    /// - a rule without an origin; an origin with two `*`, a space, a control character or one that
    ///   XML does not allow;
    /// - a rule without a method; a method other than `GET`, `PUT`, `POST`, `DELETE`, `HEAD`, in
    ///   upper case;
    /// - an `AllowedHeader` with two `*`, an `ExposeHeader` with any, and either if it is no RFC
    ///   9110 token;
    /// - a `MaxAgeSeconds` below 0 or above 2147483647.
    pub fn compile(configuration: &Configuration, profile: Profile) -> Result<Self, CompileError> {
        if let Some(error) = CompileError::new(faults(configuration, profile)) {
            return Err(error);
        }
        let rules = &configuration.rules;
        let answer = |rule| answer(rule, profile.provider());
        Ok(Self {
            profile,
            policy: Some(Policy {
                matcher: Matcher::new(rules, profile.provider().methods),
                answers: rules.iter().map(answer).collect(),
                response_vary: configuration.response_vary == Some(true),
            }),
        })
    }
}

fn faults(configuration: &Configuration, profile: Profile) -> Vec<Fault> {
    let mut found = Faults::default();
    if configuration.rules.is_empty() {
        found.add(Place::RULES, None, FaultKind::NoRule);
    }
    let limit = profile.max_rules();
    if configuration.rules.len() > limit {
        found.add(Place::RULES, None, FaultKind::TooManyRules { limit });
    }
    for (n, rule) in configuration.rules.iter().enumerate() {
        check_rule(&mut found, n, rule, profile.provider());
    }
    found.all
}

/// The faults so far.
#[derive(Default)]
struct Faults {
    all: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, place: Place, value: Option<&str>, kind: FaultKind) {
        self.all.push(Fault {
            place,
            value: value.map(Box::from),
            kind,
        });
    }

    fn add_if(&mut self, wrong: bool, place: Place, value: &str, kind: FaultKind) {
        if wrong {
            self.add(place, Some(value), kind);
        }
    }
}

/// Fields in the order of [`Rule`]; for one value, faults in the order of semantics 2.3.
fn check_rule(found: &mut Faults, n: usize, rule: &Rule, provider: &Provider) {
    if let Some(id) = &rule.id {
        check_id(found, n, id, provider.max_id_chars);
    }

    if rule.allowed_origins.is_empty() {
        let place = Place::element(n, Element::AllowedOrigin);
        found.add(place, None, FaultKind::Missing);
    }
    for (i, origin) in rule.allowed_origins.iter().enumerate() {
        let place = Place::value(n, Element::AllowedOrigin, i);
        found.add_if(stars(origin) > 1, place, origin, FaultKind::ManyWildcards);
        let bad = !is_printable(origin.as_bytes()) && origin.contains(is_bad_in_origin);
        found.add_if(bad, place, origin, FaultKind::InvalidCharacter);
    }

    if rule.allowed_methods.is_empty() {
        let place = Place::element(n, Element::AllowedMethod);
        found.add(place, None, FaultKind::Missing);
    }
    for (i, method) in rule.allowed_methods.iter().enumerate() {
        let place = Place::value(n, Element::AllowedMethod, i);
        let bad = !provider.methods.contains(&method.as_str());
        let mut known = provider.methods.iter().copied();
        let hint = known.find(|known| known.eq_ignore_ascii_case(method));
        let kind = FaultKind::UnsupportedMethod { hint };
        found.add_if(bad, place, method, kind);
    }

    for (i, name) in rule.allowed_headers.iter().enumerate() {
        let place = Place::value(n, Element::AllowedHeader, i);
        found.add_if(stars(name) > 1, place, name, FaultKind::ManyWildcards);
        let bad = !is_token(name.as_bytes());
        found.add_if(bad, place, name, FaultKind::InvalidHeaderName);
    }

    for (i, name) in rule.expose_headers.iter().enumerate() {
        let place = Place::value(n, Element::ExposeHeader, i);
        found.add_if(stars(name) > 0, place, name, FaultKind::Wildcard);
        let bad = !is_token(name.as_bytes());
        found.add_if(bad, place, name, FaultKind::InvalidHeaderName);
    }

    if let Some(seconds) = rule.max_age_seconds
        && !(0..=MAX_AGE_SECONDS).contains(&seconds)
    {
        let place = Place::element(n, Element::MaxAgeSeconds);
        let value = seconds.to_string();
        found.add(place, Some(&value), FaultKind::MaxAgeOutOfRange);
    }
}

/// One row of the table, so one fault at the most.
fn check_id(found: &mut Faults, n: usize, id: &str, limit: usize) {
    let place = Place::element(n, Element::Id);
    if id.chars().count() > limit {
        found.add(place, Some(id), FaultKind::TooLong { limit });
    } else if !id.chars().all(is_xml_char) {
        found.add(place, Some(id), FaultKind::InvalidCharacter);
    }
}

fn stars(text: &str) -> usize {
    text.bytes().filter(|&b| b == b'*').count()
}

fn is_bad_in_origin(c: char) -> bool {
    matches!(c, '\0'..=' ' | '\x7F') || !is_xml_char(c)
}

/// What a rule without faults answers (semantics 4.1).
fn answer(rule: &Rule, provider: &Provider) -> Answer {
    let separator = provider.separator;
    let wild = rule.allowed_headers.iter().any(|name| name.contains('*'));
    let headers = match provider.allow_headers {
        // A wildcard is never sent: a browser would take it for a header of that name.
        AllowHeaders::Rule if !wild => once_each(&rule.allowed_headers, separator),
        AllowHeaders::Rule | AllowHeaders::Requested => None,
    };
    let methods = once_each(&rule.allowed_methods, separator).unwrap_or_default();
    let headers = headers.map(|list| list.to_ascii_lowercase());
    let expose_headers = once_each(&rule.expose_headers, separator);
    let max_age = rule.max_age_seconds.map(|seconds| seconds.to_string());
    let any_origin = rule.allowed_origins.iter().any(|origin| origin == "*");
    let texts = Texts {
        id: rule.id.as_deref(),
        methods: &methods,
        headers: headers.as_deref(),
        expose_headers: expose_headers.as_deref(),
        max_age: max_age.as_deref(),
    };
    Answer::new(any_origin, texts, provider.method_lists(), &AGES)
}

/// The ages that most rules have.
static AGES: [HeaderValue; 10] = [
    HeaderValue::from_static("0"),
    HeaderValue::from_static("5"),
    HeaderValue::from_static("60"),
    HeaderValue::from_static("300"),
    HeaderValue::from_static("600"),
    HeaderValue::from_static("1800"),
    HeaderValue::from_static("3000"),
    HeaderValue::from_static("3600"),
    HeaderValue::from_static("7200"),
    HeaderValue::from_static("86400"),
];

/// The values in their order, each at its first place, ASCII case ignored. None for none.
fn once_each(values: &[String], separator: &str) -> Option<String> {
    let mut seen = HashSet::with_capacity_and_hasher(values.len(), AtRandom::new());
    let values = values.iter().map(String::as_str);
    let list: Vec<&str> = values
        .filter(|value| seen.insert(Ascii::new(*value)))
        .collect();
    (!list.is_empty()).then(|| list.join(separator))
}
