//! How types without a `Serialize` of their own are written.
#![expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's derive hands over references to fields"
)]

use std::fmt::Display;

use http::StatusCode;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::outcome::Outcome;

/// The stable label that `Display` gives.
pub(super) fn label<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

pub(super) fn some_label<T: Display, S: Serializer>(
    value: &Option<T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_none(),
    }
}

/// `outcome`, `rule` and `denial`, side by side.
pub(super) fn outcome<S: Serializer>(outcome: &Outcome, to: S) -> Result<S::Ok, S::Error> {
    let (rule, denial) = match outcome {
        Outcome::NotCors => (None, None),
        Outcome::Allowed { rule } => (Some(rule), None),
        Outcome::Denied(denial) => (None, Some(denial.as_str())),
    };
    let mut map = to.serialize_map(Some(3))?;
    map.serialize_entry("outcome", outcome.as_str())?;
    map.serialize_entry("rule", &rule)?;
    map.serialize_entry("denial", &denial)?;
    map.end()
}

pub(super) fn status<S: Serializer>(status: &Option<StatusCode>, to: S) -> Result<S::Ok, S::Error> {
    match status {
        Some(status) => to.serialize_some(&status.as_u16()),
        None => to.serialize_none(),
    }
}

/// A map, in the order of the answer.
pub(super) fn fields<S: Serializer>(
    fields: &[(&'static str, String)],
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_map(fields.iter().map(|(name, value)| (name, value)))
}
