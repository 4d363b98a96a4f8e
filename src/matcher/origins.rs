//! Which rules are for an origin.

use super::mask::RuleMask;
use super::patterns::Patterns;
use super::table::{Table, hash};
use super::{by_value, take_patterns};
use crate::configuration::Rule;

/// The `AllowedOrigin`s of every rule (semantics 3.5).
#[derive(Clone, Debug)]
pub(super) struct Origins<M> {
    /// Rules that list `*` alone.
    any: M,
    exact: Table<M>,
    /// Values with text and a `*`.
    patterns: Patterns<M>,
}

impl<M: RuleMask> Origins<M> {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut exact = by_value(rules, |rule| &rule.allowed_origins);
        let any = exact.remove(&b"*"[..]).unwrap_or_default();
        exact.remove(&b""[..]); // no request has it
        let patterns = take_patterns(&mut exact);
        Self {
            any,
            exact: Table::new(&exact, hash),
            patterns: Patterns::new(&patterns, hash, <[u8] as PartialEq>::eq),
        }
    }

    #[inline]
    pub(super) fn rules_for(&self, origin: &[u8]) -> M {
        let named = self.exact.get(|| hash(origin), |known| known == origin);
        // Anyone can produce the origin `null`: only `*` and the word itself cover it.
        let by_pattern = match origin {
            b"null" => M::default(),
            _ => self.patterns.rules_for(origin),
        };
        self.any | named.unwrap_or_default() | by_pattern
    }
}
