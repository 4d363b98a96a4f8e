//! The steps of a decision, in their order (semantics 3.3 and 3.4).

use std::fmt;

use crate::outcome::{Denial, Outcome};
use crate::request::RequestKind;
use crate::ruleset::RuleSet;

/// One step of a decision, and whether the request passed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Step {
    check: Check,
    clause: &'static str,
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::some_label"))]
    failed: Option<Denial>,
}

impl Step {
    /// What was looked at.
    #[must_use]
    pub fn check(&self) -> Check {
        self.check
    }

    /// The clause of `docs/semantics.md`, such as `3.3.1`.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        self.clause
    }

    /// What the request is denied for, if it failed here. No step follows then.
    #[must_use]
    pub fn failed(&self) -> Option<Denial> {
        self.failed
    }
}

/// What a step looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Check {
    /// Whether the request has an `Origin`.
    OriginPresent,
    /// Whether it is one line, not too long, of printable ASCII.
    OriginSound,
    /// Whether `Access-Control-Request-Method` is a method that a rule can list, if it is one line.
    MethodKnown,
    /// Whether the bucket has a CORS document.
    Configured,
    /// Whether `Access-Control-Request-Method` is one line; on actual requests, not several.
    MethodPresent,
    /// Whether `Access-Control-Request-Headers` can be read.
    HeadersReadable,
    /// Whether a rule is for the origin and the method, and allows every requested header.
    Rules,
}

impl Check {
    /// A stable label: the variant in snake case, such as `origin_present`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OriginPresent => "origin_present",
            Self::OriginSound => "origin_sound",
            Self::MethodKnown => "method_known",
            Self::Configured => "configured",
            Self::MethodPresent => "method_present",
            Self::HeadersReadable => "headers_readable",
            Self::Rules => "rules",
        }
    }

    /// The step that denies so.
    const fn of(denial: Denial) -> Self {
        match denial {
            Denial::MissingOrigin => Self::OriginPresent,
            Denial::MalformedOrigin => Self::OriginSound,
            Denial::InvalidRequestMethod => Self::MethodKnown,
            Denial::NotConfigured => Self::Configured,
            Denial::MissingRequestMethod => Self::MethodPresent,
            Denial::MalformedRequestHeaders => Self::HeadersReadable,
            Denial::Origin | Denial::Method | Denial::Headers => Self::Rules,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const OPTIONS: &[(Check, &str)] = &[
    (Check::OriginPresent, "3.3.1"),
    (Check::OriginSound, "3.3.2"),
    (Check::MethodKnown, "3.3.3"),
    (Check::Configured, "3.3.4"),
    (Check::MethodPresent, "3.3.5"),
    (Check::HeadersReadable, "3.3.6"),
    (Check::Rules, "3.3.7"),
];

const ACTUAL: &[(Check, &str)] = &[
    (Check::OriginSound, "3.3.2"),
    (Check::Configured, "3.3.4"),
    (Check::Rules, "3.3.7"),
];

/// Where the preflight's fields count.
const ACTUAL_WITH_FIELDS: &[(Check, &str)] = &[
    (Check::OriginSound, "3.3.2"),
    (Check::Configured, "3.3.4"),
    (Check::MethodKnown, "3.4.2"),
    (Check::MethodPresent, "3.4.2"),
    (Check::HeadersReadable, "3.4.2"),
    (Check::Rules, "3.3.7"),
];

/// Up to the one that failed. The outcome tells which that is, so that the steps say what was
/// decided.
pub(super) fn of(rules: &RuleSet, kind: RequestKind, outcome: Outcome) -> Vec<Step> {
    let steps = match kind {
        RequestKind::NotCors => &[],
        RequestKind::Preflight | RequestKind::Options => OPTIONS,
        RequestKind::Actual if rules.profile.provider().preflight_fields_count_on_actual => {
            ACTUAL_WITH_FIELDS
        }
        RequestKind::Actual => ACTUAL,
    };
    let denial = match outcome {
        Outcome::Denied(denial) => Some(denial),
        Outcome::NotCors | Outcome::Allowed { .. } => None,
    };
    let mut taken = Vec::new();
    for &(check, clause) in steps {
        let failed = denial.filter(|denial| Check::of(*denial) == check);
        taken.push(Step {
            check,
            clause,
            failed,
        });
        if failed.is_some() {
            break;
        }
    }
    taken
}
