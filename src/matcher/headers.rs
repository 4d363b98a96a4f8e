//! Which rules allow a requested name.

use super::mask::RuleMask;
use super::patterns::Patterns;
use super::table::{Table, hash_ignoring_case};
use super::{by_value, take_patterns};
use crate::configuration::Rule;
use crate::syntax::is_token;

/// The `AllowedHeader`s of every rule. Names are compared with ASCII case ignored.
#[derive(Clone, Debug)]
pub(super) struct Headers<M> {
    /// Rules that list `*` alone.
    any: M,
    exact: Table<M>,
    /// Values with text and a `*`.
    patterns: Patterns<M>,
}

/// An element that is no header name.
pub(super) struct NotAToken;

impl<M: RuleMask> Headers<M> {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let lower: Vec<Rule> = rules.iter().map(lower_case_headers).collect();
        let mut exact = by_value(&lower, |rule| &rule.allowed_headers);
        let any = exact.remove(&b"*"[..]).unwrap_or_default();
        let patterns = take_patterns(&mut exact);
        Self {
            any,
            exact: Table::new(&exact, hash_ignoring_case),
            patterns: Patterns::new(&patterns, hash_ignoring_case, is_same_name),
        }
    }

    /// Those of the rules that allow the name. No look-up is made if it could not change which rule
    /// is the first: if none is left, or the first one allows every name.
    #[inline]
    pub(super) fn narrow(&self, rules: M, name: &[u8]) -> Result<M, NotAToken> {
        let decided = rules
            .first()
            .is_none_or(|first| !(M::only(first) & self.any).is_empty());
        if !decided {
            // A name that a rule lists is a token, and need not be looked at.
            let exact = self.exact.get(
                || hash_ignoring_case(name),
                |known| is_same_name(known, name),
            );
            if let Some(exact) = exact {
                return Ok(self.narrow_by_pattern(rules, self.any | exact, name));
            }
        }
        if !is_token(name) {
            return Err(NotAToken);
        }
        if decided {
            return Ok(rules);
        }
        Ok(self.narrow_by_pattern(rules, self.any, name))
    }

    /// Patterns are many look-ups, and needless if all the rules are known to allow the name.
    #[inline]
    fn narrow_by_pattern(&self, rules: M, allowing: M, name: &[u8]) -> M {
        if rules & allowing == rules {
            return rules;
        }
        rules & (allowing | self.patterns.rules_for(name))
    }
}

fn lower_case_headers(rule: &Rule) -> Rule {
    let lower = rule
        .allowed_headers
        .iter()
        .map(|name| name.to_ascii_lowercase());
    Rule::default().with_allowed_headers(lower)
}

/// Browsers send lower case, so the bytes are mostly the same.
#[inline]
fn is_same_name(known: &[u8], name: &[u8]) -> bool {
    known.len() == name.len() && (known == name || known.eq_ignore_ascii_case(name))
}
